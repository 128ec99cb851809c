package mapping

import (
	"unicode/utf8"
)

// Lengths and positions count UTF-16 code units, as .NET does.

// unitsOf is how many UTF-16 units a rune has.
func unitsOf(r rune) int {
	const lastOfOneUnit = 0xFFFF
	if r > lastOfOneUnit {
		return 2
	}
	return 1
}

// units is the length of a text.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += unitsOf(r)
	}
	return n
}

// cut returns the units from a position (0-based) up to another. A pair that
// would be halved is left out whole.
func cut(text string, from, to int) string {
	start, end, at := -1, len(text), 0
	for i, r := range text {
		if start < 0 && at >= from {
			start = i
		}
		if at += unitsOf(r); at > to {
			end = i
			break
		}
	}
	if start < 0 || start > end {
		return ""
	}
	return text[start:end]
}

// isASCII reports whether every byte is one character and one unit.
func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
