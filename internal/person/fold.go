package person

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// FoldName turns a name into the letters a user name may have: lower case, no
// accents, the letters that have no accent but are not ASCII either by custom.
func FoldName(name string) string {
	special := strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i")
	var out strings.Builder
	for _, r := range norm.NFKD.String(special.Replace(strings.ToLower(name))) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			out.WriteRune(r)
		case unicode.IsSpace(r):
			out.WriteByte('-')
		}
	}
	return strings.Trim(out.String(), "-")
}

// NameWords are the words of names without case and accents, initials left out.
func NameWords(names ...string) []string {
	var out []string
	for _, name := range names {
		for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",.-_()", r) }) {
			if folded := FoldName(word); len(folded) > 1 && !slices.Contains(out, folded) {
				out = append(out, folded)
			}
		}
	}
	return out
}

// NamesAgree reports whether two sets of words may be of one person: they share
// one, or one of them says nothing.
func NamesAgree(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	return slices.ContainsFunc(a, func(word string) bool { return slices.Contains(b, word) })
}
