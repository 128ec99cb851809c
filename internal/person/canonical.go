package person

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// MaxValueBytes bounds the value of an attribute.
const MaxValueBytes = 1024

// ErrUnknownAttribute is in the error of Canonical for a name that the record
// does not have.
var ErrUnknownAttribute = errors.New("unknown attribute")

// Canonical checks a value against the attribute's type and returns its
// canonical form. The empty value is always allowed and means explicitly
// empty. Errors quote codes, dates and numbers, never text about a person.
func Canonical(name, raw string) (string, error) {
	definition, found := Lookup(name)
	if !found {
		return "", fmt.Errorf("canonicalise %q: %w", name, ErrUnknownAttribute)
	}
	return definition.Canonical(raw)
}

// Canonical is the function [Canonical] for a definition at hand.
func (d Definition) Canonical(raw string) (string, error) {
	if raw == "" {
		return "", nil
	}
	if len(raw) > MaxValueBytes {
		return "", fmt.Errorf("%s: value of %d bytes, at most %d are allowed", d.Name, len(raw), MaxValueBytes)
	}
	switch d.Type {
	case Day:
		return d.canonicalDay(raw)
	case Bool:
		return d.canonicalBool(raw)
	case Number:
		return d.canonicalNumber(raw)
	case Enum:
		return d.canonicalEnum(raw)
	case Text:
	}
	return d.canonicalText(raw)
}

func (d Definition) canonicalText(raw string) (string, error) {
	if problem := textProblem(raw); problem != "" {
		return "", fmt.Errorf("%s: %s", d.Name, problem)
	}
	text := norm.NFC.String(raw)
	if len(text) > MaxValueBytes {
		return "", fmt.Errorf("%s: value of %d bytes, at most %d are allowed", d.Name, len(text), MaxValueBytes)
	}
	switch d.Name {
	case TimeZoneAttribute, LocationTimeZone:
		if !isZoneName(text) {
			return "", fmt.Errorf("%s: %q is no IANA time zone such as Europe/Berlin", d.Name, text)
		}
	case LocationCountry, companyCountry:
		if !isCountry(text) {
			return "", fmt.Errorf("%s: %q is no country of ISO 3166, such as DE", d.Name, text)
		}
	case EmployeeIDAttribute:
		if strings.TrimSpace(text) != text {
			return "", fmt.Errorf("%s: value begins or ends with a blank", d.Name)
		}
	}
	return text, nil
}

// firstYear and lastYear bound dates: what lies outside is a placeholder of
// the HR system (1900-01-01, 9999-12-31) or a slip of the finger.
const (
	firstYear = 1901
	lastYear  = 2199
)

func (d Definition) canonicalDay(raw string) (string, error) {
	date, err := ParseDate(raw)
	if err != nil {
		return "", fmt.Errorf("%s: %q is no date YYYY-MM-DD", d.Name, raw)
	}
	if date.Year < firstYear || date.Year > lastYear {
		return "", fmt.Errorf("%s: %q lies outside %d to %d; list a placeholder under nulls", d.Name, raw, firstYear, lastYear)
	}
	return date.String(), nil
}

func (d Definition) canonicalBool(raw string) (string, error) {
	switch strings.ToLower(raw) {
	case "true":
		return "true", nil
	case "false":
		return "false", nil
	}
	return "", fmt.Errorf("%s: %q is neither true nor false", d.Name, raw)
}

func (d Definition) canonicalNumber(raw string) (string, error) {
	digits, negative := strings.CutPrefix(raw, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if !isDigits(whole) || point && !isDigits(fraction) {
		return "", fmt.Errorf("%s: %q is no decimal number such as 38.5", d.Name, raw)
	}
	whole = strings.TrimLeft(whole, "0")
	fraction = strings.TrimRight(fraction, "0")
	if whole == "" {
		whole = "0"
	}
	number := whole
	if fraction != "" {
		number += "." + fraction
	}
	if negative && number != "0" {
		number = "-" + number
	}
	return number, nil
}

func (d Definition) canonicalEnum(raw string) (string, error) {
	for _, value := range d.Values {
		if raw == value {
			return value, nil
		}
	}
	return "", fmt.Errorf("%s: unknown code %q; allowed are %s", d.Name, raw, strings.Join(d.Values, ", "))
}

// textProblem says what is wrong with a text, without quoting it.
func textProblem(text string) string {
	if !utf8.ValidString(text) {
		return "text is not valid UTF-8"
	}
	for _, r := range text {
		if isControl(r) {
			return fmt.Sprintf("control character %U", r)
		}
		if isInvisible(r) {
			return fmt.Sprintf("invisible character %U", r)
		}
		if r == utf8.RuneError {
			return "replacement character U+FFFD: the declared encoding is probably wrong"
		}
	}
	if isMisread(text) {
		return "the text was UTF-8 and has been read as windows-1252"
	}
	return ""
}

// isMisread is true of texts such as "JÃ¼rgen": their bytes in windows-1252 are
// valid UTF-8, which those of a text in that encoding hardly ever are.
func isMisread(text string) bool {
	bytes := make([]byte, 0, len(text))
	wide := false
	for _, r := range text {
		b, found := charmap.Windows1252.EncodeRune(r)
		if !found {
			return false
		}
		bytes, wide = append(bytes, b), wide || b >= utf8.RuneSelf
	}
	return wide && utf8.Valid(bytes)
}

// isControl is true of the control characters and of the separators of lines
// and paragraphs.
func isControl(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029
}

// isInvisible is true of characters that show nothing and mean nothing in a
// name: two texts that differ by them look the same. Those that join letters in
// some scripts and mark a direction are left out, since names may hold them.
func isInvisible(r rune) bool {
	return r == 0xad || r == 0x200b || r == 0x2060 || r == 0xfeff || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

// isZoneName checks the form only: whether the zone exists is for those who
// load it.
func isZoneName(text string) bool {
	if !strings.Contains(text, "/") && text != "UTC" {
		return false
	}
	for part := range strings.SplitSeq(text, "/") {
		if part == "" || strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-") != "" {
			return false
		}
	}
	return true
}
