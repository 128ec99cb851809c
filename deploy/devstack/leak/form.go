package leak

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// form is a word in one of the ways in which it may stand somewhere.
type form struct {
	kind, name string
	text       []byte
	alone      bool
}

// leastEncoded is the least length of an encoded form: a shorter one is found by
// chance.
const leastEncoded = 7

// forms are all ways to look for a word.
func forms(w Word) []form {
	out := []form{{kind: w.Kind, name: "as it is", text: []byte(w.Text), alone: w.Name}}
	add := func(name, text string, folded bool) {
		if len(text) >= leastEncoded && text != w.Text {
			out = append(out, form{kind: w.Kind, name: name, text: []byte(text), alone: folded && w.Name})
		}
	}
	for _, escaped := range []string{url.QueryEscape(w.Text), url.PathEscape(w.Text), everyByte(w.Text)} {
		add("percent-encoded", escaped, true)
		add("percent-encoded", lowerEscapes(escaped), true)
	}
	for _, quoted := range []string{inJSON(w.Text, true), inJSON(w.Text, false), unquoted(strconv.QuoteToASCII(w.Text)), unquoted(strconv.Quote(w.Text))} {
		add("escaped", quoted, true)
		// A text within a text, as when a log line quotes a body.
		add("escaped twice", unquoted(strconv.Quote(quoted)), true)
	}
	add("in hex", hex.EncodeToString([]byte(w.Text)), false)
	add("in hex", strings.ToUpper(hex.EncodeToString([]byte(w.Text))), false)
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for shift := range 3 {
			add("in base64", inBase64(encoding, w.Text, shift), false)
		}
	}
	return out
}

// inBase64 is what stays the same of a word's base64 whatever stands before and
// behind, when so many bytes of a group of three stand before.
func inBase64(encoding *base64.Encoding, text string, shift int) string {
	const group, char = 8, 6
	padded := append(make([]byte, shift), text...)
	encoded := encoding.EncodeToString(padded)
	first := (shift*group + char - 1) / char
	last := len(padded) * group / char
	if first >= last {
		return ""
	}
	return encoded[first:last]
}

func inJSON(text string, html bool) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(html)
	if err := encoder.Encode(text); err != nil {
		return ""
	}
	return unquoted(strings.TrimSpace(out.String()))
}

func unquoted(text string) string { return strings.TrimSuffix(strings.TrimPrefix(text, `"`), `"`) }

// everyByte is the percent-encoding of a careful program.
func everyByte(text string) string {
	var out strings.Builder
	for i := range len(text) {
		if c := text[i]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			out.WriteByte(c)
		} else {
			out.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
		}
	}
	return out.String()
}

// lowerEscapes writes the digits of percent-encoding in lower case.
func lowerEscapes(text string) string {
	out := []byte(text)
	for i := 0; i+2 < len(out); i++ {
		if out[i] == '%' {
			copy(out[i+1:], bytes.ToLower(out[i+1:i+3]))
		}
	}
	return string(out)
}
