package notify

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxValueRunes bounds one substituted value: the longest name or title that HR systems hold, and no essay.
const maxValueRunes = 256

const ellipsis = "…"

// unsafeInLine reports characters that end a line, steer a terminal or turn the reading direction: with them a
// value could forge a header, a paragraph or somebody else's name.
func unsafeInLine(r rune) bool {
	switch {
	case unicode.IsControl(r):
		return true
	case r == '\u2028' || r == '\u2029':
		return true
	case r == '\u200e' || r == '\u200f' || r == '\u061c':
		return true
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return true
	}
	return false
}

// cleanLine makes one safe line of a value: unsafe characters become a space, runs of spaces one, and the length
// is bounded in characters.
func cleanLine(s string, maxRunes int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if unsafeInLine(r) {
			return ' '
		}
		return r
	}, s)
	return truncate(strings.Join(strings.Fields(s), " "), maxRunes)
}

// encodedWord begins what a reader of mail decodes in a header (RFC 2047).
const encodedWord = "=?"

// headerLine makes one safe line for a header: encoded words are broken, with which a value could bring back all that
// is taken out of it. Texts are left alone: a pass must stay as it is.
func headerLine(s string, maxRunes int) string {
	return truncate(strings.ReplaceAll(cleanLine(s, maxRunes), encodedWord, "= ?"), maxRunes)
}

func truncate(s string, maxRunes int) string {
	if utf8.RuneCountInString(s) <= maxRunes {
		return s
	}
	runes := []rune(s)
	return strings.TrimSpace(string(runes[:maxRunes-1])) + ellipsis
}
