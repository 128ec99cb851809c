package hr

import (
	"fmt"
	"strings"

	"tenure/internal/person"
)

// DateLayout is a declared form of civil dates.
type DateLayout struct{ parts []string }

// isoLayout is the form of dates where a feed declares none.
const isoLayout = "YYYY-MM-DD"

// ParseDateLayout reads a layout made of YYYY, MM or M, DD or D and separators,
// such as DD.MM.YYYY. M and D take one or two digits.
func ParseDateLayout(layout string) (DateLayout, error) {
	if layout == "" {
		layout = isoLayout
	}
	var parts []string
	counts := make(map[byte]int)
	for rest := layout; rest != ""; {
		part := rest[:1]
		for _, word := range []string{"YYYY", "MM", "DD", "M", "D"} {
			if strings.HasPrefix(rest, word) {
				part = word
				break
			}
		}
		switch part[0] {
		case 'Y', 'M', 'D':
			counts[part[0]]++
		case '-', '.', '/', ' ':
		default:
			return DateLayout{}, fmt.Errorf("parse date layout %.64q: unknown part %q", layout, part)
		}
		if part == "Y" {
			return DateLayout{}, fmt.Errorf("parse date layout %.64q: years have four digits, YYYY", layout)
		}
		parts, rest = append(parts, part), rest[len(part):]
	}
	if counts['Y'] != 1 || counts['M'] != 1 || counts['D'] != 1 {
		return DateLayout{}, fmt.Errorf("parse date layout %.64q: want each of YYYY, MM and DD once", layout)
	}
	return DateLayout{parts: parts}, nil
}

// Parse reads a date in the layout; the error quotes the text.
func (l DateLayout) Parse(text string) (person.Date, error) {
	fields := map[byte]string{}
	rest := text
	for i, part := range l.parts {
		width := len(part)
		if width == 1 && strings.Contains("MD", part) && len(rest) > 1 && isDigit(rest[1]) && !l.nextIsNumber(i) {
			width = 2
		}
		if len(rest) < width {
			return person.Date{}, l.problem(text)
		}
		token := rest[:width]
		rest = rest[width:]
		switch part[0] {
		case 'Y', 'M', 'D':
			for j := range len(token) {
				if !isDigit(token[j]) {
					return person.Date{}, l.problem(text)
				}
			}
			fields[part[0]] = token
		default:
			if token != part {
				return person.Date{}, l.problem(text)
			}
		}
	}
	if rest != "" {
		return person.Date{}, l.problem(text)
	}
	date, err := person.ParseDate(fields['Y'] + "-" + twoDigits(fields['M']) + "-" + twoDigits(fields['D']))
	if err != nil {
		return person.Date{}, l.problem(text)
	}
	return date, nil
}

// String is the layout as it was declared.
func (l DateLayout) String() string { return strings.Join(l.parts, "") }

// nextIsNumber keeps a one-digit part from eating the part that follows.
func (l DateLayout) nextIsNumber(i int) bool {
	return i+1 < len(l.parts) && strings.Contains("YMD", l.parts[i+1][:1])
}

func (l DateLayout) problem(text string) error {
	return fmt.Errorf("%.64q is no date %s", text, l)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func twoDigits(text string) string {
	if len(text) == 1 {
		return "0" + text
	}
	return text
}
