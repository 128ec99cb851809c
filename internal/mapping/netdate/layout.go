package netdate

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Layout is a format string that was read.
type Layout struct {
	elements []element
	hasYear  bool
}

// element is one token of a format: a letter with its count, or a literal.
type element struct {
	letter  byte // 0 for a literal
	count   int
	literal string
}

// ErrFormat is what every error about a format string wraps.
var ErrFormat = errors.New("date format")

func formatError(text string) error { return fmt.Errorf("%w: %s", ErrFormat, text) }

// standard is the custom format that a format of one letter stands for.
func standard(letter byte) (string, bool) {
	switch letter {
	case 'd':
		return "MM/dd/yyyy", true
	case 'D':
		return "dddd, dd MMMM yyyy", true
	case 't':
		return "HH:mm", true
	case 'T':
		return "HH:mm:ss", true
	case 'g':
		return "MM/dd/yyyy HH:mm", true
	case 'G':
		return "MM/dd/yyyy HH:mm:ss", true
	case 'f':
		return "dddd, dd MMMM yyyy HH:mm", true
	case 'F':
		return "dddd, dd MMMM yyyy HH:mm:ss", true
	case 'M', 'm':
		return "MMMM dd", true
	case 'Y', 'y':
		return "yyyy MMMM", true
	case 's':
		return "yyyy'-'MM'-'dd'T'HH':'mm':'ss", true
	case 'u':
		return "yyyy'-'MM'-'dd HH':'mm':'ss'Z'", true
	case 'o', 'O':
		return "yyyy'-'MM'-'dd'T'HH':'mm':'ss.fffffffK", true
	case 'R', 'r':
		return "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'", true
	default:
		return "", false
	}
}

// NewLayout reads a format string: one letter is a standard format, everything
// else a custom one. It wraps [ErrFormat].
func NewLayout(format string) (Layout, error) {
	if format == "" {
		return Layout{}, formatError("it is empty")
	}
	if utf8.RuneCountInString(format) == 1 {
		custom, found := standard(format[0])
		if !found {
			return Layout{}, formatError("there is no standard format of this one letter; for a single part write % in front of it")
		}
		format = custom
	}
	r := reader{rest: format}
	for r.rest != "" {
		if err := r.next(); err != nil {
			return Layout{}, err
		}
	}
	return Layout{elements: r.elements, hasYear: r.hasYear}, nil
}

type reader struct {
	rest     string
	elements []element
	hasYear  bool
}

// mostFractions is how often f and F may be repeated. More of another letter
// means the same as its longest form.
const mostFractions = 7

func (r *reader) next() error {
	switch c := r.rest[0]; c {
	case 'd', 'M', 'y', 'H', 'h', 'm', 's', 'f', 'F', 't', 'z':
		n := len(r.rest) - len(strings.TrimLeft(r.rest, string(c)))
		if (c == 'f' || c == 'F') && n > mostFractions {
			return formatError("it has more than seven decimals of a second")
		}
		r.hasYear = r.hasYear || c == 'y'
		r.elements = append(r.elements, element{letter: c, count: n})
		r.rest = r.rest[n:]
	case 'K', 'Z', ':', '/':
		r.elements = append(r.elements, element{letter: c, count: 1})
		r.rest = r.rest[1:]
	case 'g':
		return formatError("the era (g) is not supported")
	case '\'', '"':
		return r.quoted(c)
	case '%':
		r.rest = r.rest[1:]
		if r.rest == "" || r.rest[0] == '%' {
			return formatError("% stands alone: write a letter behind it")
		}
		return r.single()
	case '\\':
		if len(r.rest) == 1 {
			return formatError("it ends with a backslash: write the character that it stands for")
		}
		_, size := utf8.DecodeRuneInString(r.rest[1:])
		r.literal(r.rest[1 : 1+size])
		r.rest = r.rest[1+size:]
	default:
		_, size := utf8.DecodeRuneInString(r.rest)
		r.literal(r.rest[:size])
		r.rest = r.rest[size:]
	}
	return nil
}

// single reads one letter as a token of its own.
func (r *reader) single() error {
	_, size := utf8.DecodeRuneInString(r.rest)
	one := reader{rest: r.rest[:size]}
	if r.rest[0] == '\\' || r.rest[0] == '\'' || r.rest[0] == '"' {
		return r.next()
	}
	if err := one.next(); err != nil {
		return err
	}
	r.elements = append(r.elements, one.elements...)
	r.hasYear = r.hasYear || one.hasYear
	r.rest = r.rest[size:]
	return nil
}

func (r *reader) quoted(quote byte) error {
	var out strings.Builder
	for i := 1; i < len(r.rest); i++ {
		switch c := r.rest[i]; {
		case c == quote:
			r.literal(out.String())
			r.rest = r.rest[i+1:]
			return nil
		case c == '\\' && i+1 < len(r.rest):
			i++
			out.WriteByte(r.rest[i])
		case c == '\\':
			return formatError("it ends with a backslash: write the character that it stands for")
		default:
			out.WriteByte(c)
		}
	}
	return formatError("a quoted part is never closed")
}

// literal keeps each literal by itself: reading must see blanks and points.
func (r *reader) literal(text string) {
	r.elements = append(r.elements, element{literal: text})
}

func isBlank(e element) bool {
	return e.letter == 0 && e.literal != "" && strings.TrimFunc(e.literal, unicode.IsSpace) == ""
}
