package cli

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// clean makes a text harmless for a terminal: whatever is not printable, or
// changes the direction or hides text, is written as an escape. The result is
// one line.
func clean(text string) string {
	if isClean(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case isHarmless(r):
			b.WriteRune(r)
		default:
			b.WriteString(escaped(r))
		}
		i += size
	}
	return b.String()
}

func escaped(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\t':
		return `\t`
	case r == '\r':
		return `\r`
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	default:
		return fmt.Sprintf(`\U%08x`, r)
	}
}

func isClean(text string) bool {
	return utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return !isHarmless(r) }) < 0
}

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// isHarmless allows what is printed, spaces, and the two joiners that Persian
// and Indian names need.
func isHarmless(r rune) bool {
	switch {
	case r == ' ', r == zeroWidthNonJoiner, r == zeroWidthJoiner:
		return true
	case unicode.Is(unicode.Co, r):
		return false
	default:
		return unicode.IsPrint(r)
	}
}

// columns counts the cells that a clean text takes in a terminal.
func columns(text string) int {
	total := 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case isWide(r):
			total += 2
		default:
			total++
		}
	}
	return total
}

// shorten cuts a text to what fits into so many columns.
func shorten(text string, most int) string {
	text = clean(text)
	if columns(text) <= most {
		return text
	}
	cut := 0
	for i := range text {
		if columns(text[:i]) > most-1 {
			break
		}
		cut = i
	}
	return text[:cut] + "…"
}

func isWide(r rune) bool {
	kind := width.LookupRune(r).Kind()
	return kind == width.EastAsianWide || kind == width.EastAsianFullwidth
}
