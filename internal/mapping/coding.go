package mapping

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// codingFunction holds the functions over bits and bytes.
func codingFunction(folded string) (function, bool) {
	switch folded {
	case "bitand":
		return function{name: "BitAnd", min: 2, max: 2, keys: "value1 value2", eager: bitAnd}, true
	case "convertfrombase64":
		return function{name: "ConvertFromBase64", min: 1, max: 2, keys: "source encoding", eager: fromBase64}, true
	case "converttobase64":
		return function{name: "ConvertToBase64", min: 1, max: 1, keys: "source", eager: toBase64}, true
	case "converttoutf8hex":
		return function{name: "ConvertToUTF8Hex", min: 1, max: 1, keys: "source", eager: toHex}, true
	default:
		return function{}, false
	}
}

func bitAnd(c call, args []Value) (Value, error) {
	left, err := c.integer(args[0], "the first value")
	if err != nil {
		return Value{}, err
	}
	right, err := c.integer(args[1], "the second value")
	if err != nil {
		return Value{}, err
	}
	return integer(left & right), nil
}

// toBase64 encodes the UTF-16LE bytes.
func toBase64(_ call, args []Value) (Value, error) {
	encoded := utf16.Encode([]rune(args[0].text))
	bytes := make([]byte, 0, 2*len(encoded))
	for _, unit := range encoded {
		bytes = binary.LittleEndian.AppendUint16(bytes, unit)
	}
	return TextValue(base64.StdEncoding.EncodeToString(bytes)), nil
}

func toHex(_ call, args []Value) (Value, error) {
	return TextValue(strings.ToUpper(hex.EncodeToString([]byte(args[0].text)))), nil
}

func fromBase64(c call, args []Value) (Value, error) {
	if args[0].IsNull() {
		return Value{}, nil
	}
	decode := fromUTF16
	if len(args) > 1 {
		switch encoding := args[1].text; {
		case encoding == "", equalFoldASCII(encoding, wordUnicode):
		case equalFoldASCII(encoding, wordUTF8):
			decode = fromUTF8
		case equalFoldASCII(encoding, wordASCII):
			decode = fromASCII
		default:
			return Value{}, c.fail("the encoding is none of UTF8, Unicode and ASCII")
		}
	}
	packed := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, args[0].text)
	bytes, err := base64.StdEncoding.DecodeString(packed)
	if err != nil {
		return Value{}, c.fail("the text is no base64")
	}
	return TextValue(decode(bytes)), nil
}

func fromUTF16(bytes []byte) string {
	encoded := make([]uint16, 0, len(bytes)/2+1)
	for i := 0; i+1 < len(bytes); i += 2 {
		encoded = append(encoded, binary.LittleEndian.Uint16(bytes[i:]))
	}
	if len(bytes)%2 != 0 {
		encoded = append(encoded, utf8.RuneError)
	}
	return string(utf16.Decode(encoded))
}

func fromUTF8(bytes []byte) string { return strings.ToValidUTF8(string(bytes), string(utf8.RuneError)) }

func fromASCII(bytes []byte) string {
	for i, b := range bytes {
		if b >= utf8.RuneSelf {
			bytes[i] = '?'
		}
	}
	return string(bytes)
}
