package mapping

import (
	"strings"
	"unicode"
	"unicode/utf16"
)

// textFunction holds the functions that cut, join and look into texts.
func textFunction(folded string) (function, bool) {
	switch folded {
	case "append":
		return function{name: "Append", min: 2, max: 2, keys: "source suffix", eager: appendText}, true
	case "prepend":
		return function{name: "Prepend", min: 2, max: 2, keys: "prefix source", eager: appendText}, true
	case "cref":
		return function{name: "CRef", min: 1, max: 1, keys: "source", eager: itself, lists: true}, true
	case "cstr":
		return function{name: "CStr", min: 1, max: 1, keys: "value", eager: cStr}, true
	case "dncomponent":
		return function{name: "DNComponent", min: 2, max: 2, keys: "dn index", eager: dnComponent}, true
	case "instr":
		return function{name: "InStr", min: 2, max: 4, keys: "value1 value2 start compareType", eager: inStr}, true
	case "join":
		return function{name: "Join", min: 2, max: many, keys: "separator source", eager: join, lists: true}, true
	case "left":
		return function{name: "Left", min: 2, max: 2, keys: "string numChars", eager: left}, true
	case "len":
		return function{name: "Len", min: 1, max: 1, keys: "source", eager: length}, true
	case "mid":
		return function{name: "Mid", min: 2, max: 3, keys: "source start length", eager: mid}, true
	case "split":
		return function{name: "Split", min: 2, max: 2, keys: "source delimiter", eager: split}, true
	case "stripspaces":
		return function{name: "StripSpaces", min: 1, max: 1, keys: "source", eager: stripSpaces, lists: true}, true
	case "trim":
		return function{name: "Trim", min: 1, max: 1, keys: "source", eager: trim, lists: true}, true
	case "word":
		return function{name: "Word", min: 3, max: 3, keys: "string wordNumber delimiters", eager: word}, true
	default:
		return function{}, false
	}
}

func itself(_ call, args []Value) (Value, error) { return args[0], nil }

func appendText(_ call, args []Value) (Value, error) {
	return TextValue(args[0].text + args[1].text), nil
}

func cStr(_ call, args []Value) (Value, error) {
	if args[0].IsNull() {
		return Value{}, nil
	}
	return TextValue(args[0].text), nil
}

// mapTexts applies a change to a text or to every text of a list; null stays.
func mapTexts(value Value, change func(string) string) Value {
	switch value.kind {
	case Null:
		return value
	case List:
		out := make([]string, len(value.list))
		for i, text := range value.list {
			out[i] = change(text)
		}
		return ListValue(out)
	default:
		return TextValue(change(value.text))
	}
}

func trim(_ call, args []Value) (Value, error) {
	return mapTexts(args[0], strings.TrimSpace), nil
}

func stripSpaces(_ call, args []Value) (Value, error) {
	return mapTexts(args[0], func(text string) string { return strings.ReplaceAll(text, " ", "") }), nil
}

// join leaves null and "" out together with their separator.
func join(c call, args []Value) (Value, error) {
	separator, err := c.one(c.node, args[0])
	if err != nil {
		return Value{}, err
	}
	size, parts := 0, 0
	for _, arg := range args[1:] {
		eachText(arg, func(text string) { size += len(text) + len(separator.text) })
	}
	const longest = 4 * MaxText // bytes of the longest text, a separator more or less
	if size > longest+len(separator.text) {
		return Value{}, c.fail("the text is longer than 100,000 characters")
	}
	var out strings.Builder
	out.Grow(size)
	for _, arg := range args[1:] {
		eachText(arg, func(text string) {
			if parts++; parts > 1 {
				out.WriteString(separator.text)
			}
			out.WriteString(text)
		})
	}
	return TextValue(out.String()), nil
}

// eachText tells the texts of a value that are not empty.
func eachText(value Value, tell func(string)) {
	if value.kind != List {
		if value.text != "" {
			tell(value.text)
		}
		return
	}
	for _, text := range value.list {
		if text != "" {
			tell(text)
		}
	}
}

// left with less than no characters is the whole text.
func left(c call, args []Value) (Value, error) {
	n, err := c.integer(args[1], "the number of characters")
	if err != nil {
		return Value{}, err
	}
	text := args[0].text
	if n < 0 || n >= int64(len(text)) {
		return TextValue(text), nil
	}
	return TextValue(slice(text, 0, int(n))), nil
}

// slice cuts units out of a text.
func slice(text string, from, to int) string {
	if !isASCII(text) {
		return cut(text, from, to)
	}
	return text[min(from, len(text)):min(to, len(text))]
}

func length(_ call, args []Value) (Value, error) {
	return integer(int64(units(args[0].text))), nil
}

func mid(c call, args []Value) (Value, error) {
	start, err := c.integer(args[1], "the start")
	if err != nil {
		return Value{}, err
	}
	text := args[0].text
	count := int64(len(text))
	if len(args) > 2 && c.node.Args[2] != nil {
		if count, err = c.integer(args[2], "the length"); err != nil {
			return Value{}, err
		}
	}
	switch {
	case start < 1:
		return Value{}, c.fail("the start is %d: characters are counted from 1", start)
	case count < 0:
		return Value{}, c.fail("the length is %d: it cannot be below 0", count)
	case start > int64(len(text)):
		return TextValue(""), nil
	}
	from := int(start) - 1
	to := len(text)
	if count < int64(to-from) {
		to = from + int(count)
	}
	return TextValue(slice(text, from, to)), nil
}

// split gives the parts between the delimiters, each trimmed.
func split(c call, args []Value) (Value, error) {
	text, delimiter := args[0].text, args[1].text
	if delimiter == "" {
		return Value{}, c.fail("the delimiter is empty: write the text between the values")
	}
	if text == "" {
		return Value{}, nil
	}
	parts := strings.Split(text, delimiter)
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return ListValue(parts), nil
}

// word is the nth run of characters that are none of the delimiters.
func word(c call, args []Value) (Value, error) {
	delimiters := args[2].text
	isDelimiter := func(r rune) bool { return strings.ContainsRune(delimiters, r) }
	if delimiters == "" {
		isDelimiter = unicode.IsSpace
	}
	if args[1].IsNull() {
		return TextValue(""), nil
	}
	number, err := c.integer(args[1], "the number of the word")
	if err != nil {
		return Value{}, err
	}
	if number < 1 {
		return TextValue(""), nil
	}
	for run := range strings.FieldsFuncSeq(args[0].text, isDelimiter) {
		if number--; number == 0 {
			return TextValue(run), nil
		}
	}
	return TextValue(""), nil
}

// inStr is the position of a text in another, counted from 1; 0 where it is not
// there.
func inStr(c call, args []Value) (Value, error) {
	start := int64(1)
	var err error
	if len(args) > 2 && c.node.Args[2] != nil {
		if start, err = c.integer(args[2], "the start"); err != nil {
			return Value{}, err
		}
	}
	if start < 1 {
		return Value{}, c.fail("the start is %d: characters are counted from 1", start)
	}
	fold := false
	if len(args) > 3 && args[3].text != "" {
		switch {
		case equalFoldASCII(args[3].text, wordTextCompare):
			fold = true
		case !equalFoldASCII(args[3].text, wordBinaryCompare):
			return Value{}, c.fail("the comparison is neither vbTextCompare nor vbBinaryCompare")
		}
	}
	return integer(int64(indexUnits(args[0].text, args[1].text, start, fold))), nil
}

// indexUnits finds a text from a start on, both counted from 1 in units.
func indexUnits(text, wanted string, start int64, fold bool) int {
	if fold {
		text, wanted = strings.Map(upperRune, text), strings.Map(upperRune, wanted)
	}
	if !isASCII(text) || !isASCII(wanted) {
		return indexUTF16(utf16.Encode([]rune(text)), utf16.Encode([]rune(wanted)), start)
	}
	if start > int64(len(text)) {
		return 0
	}
	from := int(start) - 1
	if at := strings.Index(text[from:], wanted); at >= 0 {
		return from + at + 1
	}
	return 0
}

func indexUTF16(text, wanted []uint16, start int64) int {
	if start > int64(len(text)) {
		return 0
	}
	for i := int(start) - 1; i+len(wanted) <= len(text); i++ {
		if equalUnits(text[i:i+len(wanted)], wanted) {
			return i + 1
		}
	}
	return 0
}

func equalUnits(a, b []uint16) bool {
	for i := range b {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// dnComponent is the value of the nth part of a distinguished name.
func dnComponent(c call, args []Value) (Value, error) {
	if args[0].IsNull() {
		return Value{}, nil
	}
	index, err := c.integer(args[1], "the index")
	if err != nil {
		return Value{}, err
	}
	for part := range dnParts(args[0].text) {
		if index--; index == 0 {
			return TextValue(dnValue(part)), nil
		}
	}
	return TextValue(""), nil
}

// dnParts splits at commas without a backslash in front.
func dnParts(dn string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start := 0
		for i := 0; i < len(dn); i++ {
			switch dn[i] {
			case '\\':
				i++
			case ',':
				if !yield(dn[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(dn[start:])
	}
}

// dnValue is what stands behind the equals sign, with its escapes undone.
func dnValue(part string) string {
	_, value, found := strings.Cut(part, "=")
	if !found {
		value = part
	}
	value = trimUnescaped(value)
	var out strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] != '\\' || i+1 >= len(value) {
			out.WriteByte(value[i])
			continue
		}
		if high := hexDigit(value[i+1]); i+2 < len(value) && high <= 0xF {
			if low := hexDigit(value[i+2]); low <= 0xF {
				out.WriteByte(high<<4 | low)
				i += 2
				continue
			}
		}
		i++
		out.WriteByte(value[i])
	}
	return strings.ToValidUTF8(out.String(), "\uFFFD")
}

// trimUnescaped cuts blanks at both ends; one behind a backslash stays.
func trimUnescaped(value string) string {
	value = strings.TrimLeftFunc(value, unicode.IsSpace)
	trimmed := strings.TrimRightFunc(value, unicode.IsSpace)
	if strings.HasSuffix(trimmed, `\`) && len(trimmed) < len(value) {
		return value[:len(trimmed)+1]
	}
	return trimmed
}

func hexDigit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	default:
		return 0xFF
	}
}
