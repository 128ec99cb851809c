package person

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// MaxKeyBytes bounds a person key in its encoded form.
const MaxKeyBytes = 128

// KeyProblem says why a text must not be a person key, and "" where it may.
// Keys become workflow IDs, which are never encrypted: mail addresses and
// names are refused. The key is not quoted.
func KeyProblem(key string) string {
	if key == "" {
		return "person key is empty"
	}
	if problem := textProblem(key); problem != "" {
		return "person key: " + problem
	}
	switch {
	case strings.TrimSpace(key) != key:
		return "person key begins or ends with a blank"
	case strings.Trim(key, ".") == "":
		return "person key holds nothing but dots"
	case strings.Contains(key, "@"):
		return "person key looks like a mail address; declare a key column without personal data, or key: {hmac: ...}"
	case looksLikeName(key):
		return "person key looks like a name; declare a key column without personal data, or key: {hmac: ...}"
	}
	if n := len(EncodeKey(key)); n > MaxKeyBytes {
		return fmt.Sprintf("person key has %d bytes when encoded, at most %d are allowed", n, MaxKeyBytes)
	}
	return ""
}

// EncodeKey brings a person key into the form used in IDs and paths: NFC, and
// percent-encoded outside [A-Za-z0-9._-]. The contract of the journeys encodes
// in the same way by itself: it is made for clients that have nothing but the
// standard library, and this package stands below it.
func EncodeKey(key string) string {
	const hex = "0123456789ABCDEF"
	text := norm.NFC.String(key)
	var out strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '-':
			out.WriteByte(c)
		default:
			out.WriteByte('%')
			out.WriteByte(hex[c>>4])
			out.WriteByte(hex[c&15])
		}
	}
	return out.String()
}

// looksLikeName: at least two words of letters, as in "Ana Lima" or "Lima, Ana".
func looksLikeName(key string) bool {
	blank := false
	for _, r := range key {
		switch {
		case unicode.IsSpace(r):
			blank = true
		case unicode.IsLetter(r), unicode.IsMark(r), strings.ContainsRune(",.'’-", r):
		default:
			return false
		}
	}
	return blank
}
