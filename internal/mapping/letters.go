package mapping

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letterFunction holds the functions that change letters.
func letterFunction(folded string) (function, bool) {
	switch folded {
	case "normalizediacritics":
		return function{name: "NormalizeDiacritics", min: 1, max: 1, keys: "source", eager: normalizeDiacritics, lists: true}, true
	case "pcase":
		return function{name: "PCase", min: 1, max: 2, keys: "source wordSeparators", eager: pCase}, true
	case "tolower":
		return function{name: "ToLower", min: 1, max: 2, keys: "source culture", eager: toLower, lists: true}, true
	case "toupper":
		return function{name: "ToUpper", min: 1, max: 2, keys: "source culture", eager: toUpper, lists: true}, true
	default:
		return function{}, false
	}
}

// The letters of which .NET's invariant culture and Go think differently.
const (
	dottedCapitalI = 'İ'
	dotlessSmallI  = 'ı'
)

func lowerRune(r rune) rune {
	if r == dottedCapitalI {
		return r
	}
	return unicode.ToLower(r)
}

// upperRune is also the form in which letters are compared ignoring case.
func upperRune(r rune) rune {
	if r == dotlessSmallI {
		return r
	}
	return unicode.ToUpper(r)
}

func toLower(c call, args []Value) (Value, error) {
	return c.recase(args, lowerRune, unicode.TurkishCase.ToLower)
}

func toUpper(c call, args []Value) (Value, error) {
	return c.recase(args, upperRune, unicode.TurkishCase.ToUpper)
}

func (c call) recase(args []Value, invariant, turkish func(rune) rune) (Value, error) {
	change := invariant
	if len(args) > 1 {
		culture, err := c.one(c.node, args[1])
		if err != nil {
			return Value{}, err
		}
		language, wellFormed := languageOf(culture.text)
		if !wellFormed {
			return Value{}, c.fail("the culture is no name such as en-US")
		}
		if language == "tr" || language == "az" {
			change = turkish
		}
	}
	return mapTexts(args[0], func(text string) string { return strings.Map(change, text) }), nil
}

// languageOf is the language of a culture name; "" is the invariant one.
func languageOf(culture string) (language string, wellFormed bool) {
	if culture == "" {
		return "", true
	}
	const longestPart = 8
	for i, part := range strings.FieldsFunc(culture+"-", func(r rune) bool { return r == '-' || r == '_' }) {
		shortest := 1
		if i == 0 {
			language, shortest = strings.ToLower(part), 2
		}
		if len(part) < shortest || len(part) > longestPart {
			return "", false
		}
	}
	if language == "" || strings.ContainsFunc(culture, func(r rune) bool {
		return r != '-' && r != '_' && (r > unicode.MaxASCII || !isWordRune(r))
	}) || strings.ContainsAny(culture[:1]+culture[len(culture)-1:], "-_") || strings.ContainsAny(language, "0123456789") {
		return "", false
	}
	return language, true
}

// pCase puts the first letter of every word in upper case and the rest in lower.
func pCase(c call, args []Value) (Value, error) {
	lower := strings.Map(lowerRune, args[0].text)
	if len(args) > 1 && !args[1].IsNull() {
		return TextValue(capitalsAfter(lower, args[1].text)), nil
	}
	return TextValue(titleCase(lower)), nil
}

// titleCase is .NET's: a word starts at a letter and goes on through letters,
// marks, numbers and apostrophes.
func titleCase(text string) string {
	inside := false
	return strings.Map(func(r rune) rune {
		switch {
		case inside && (r == '\'' || unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r)):
			return r
		case unicode.IsLetter(r):
			inside = true
			return titleRune(r)
		default:
			inside = false
			return r
		}
	}, text)
}

func titleRune(r rune) rune {
	if r == dotlessSmallI {
		return r
	}
	return unicode.ToTitle(r)
}

func capitalsAfter(text, separators string) string {
	first := true
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(separators, r) {
			first = true
			return r
		}
		if first {
			first = false
			return upperRune(r)
		}
		return r
	}, text)
}

func normalizeDiacritics(_ call, args []Value) (Value, error) {
	return mapTexts(args[0], withoutDiacritics), nil
}

// withoutDiacritics takes the marks off Latin letters and writes the letters
// that are no letter with a mark by custom; every other script stays.
func withoutDiacritics(text string) string {
	if isASCII(text) {
		return text
	}
	var out strings.Builder
	out.Grow(len(text))
	latin := false
	for _, r := range norm.NFD.String(text) {
		if unicode.Is(unicode.Mn, r) {
			if !latin {
				out.WriteRune(r)
			}
			continue
		}
		latin = unicode.Is(unicode.Latin, r)
		if letters, found := withoutStroke(r); found {
			out.WriteString(letters)
		} else {
			out.WriteRune(r)
		}
	}
	return norm.NFC.String(out.String())
}

// withoutStroke writes a letter that is none with a mark as others do by custom.
func withoutStroke(r rune) (letters string, found bool) {
	switch r {
	case 'æ':
		return "ae", true
	case 'Æ':
		return "AE", true
	case 'ø':
		return "oe", true
	case 'Ø':
		return "OE", true
	case 'œ':
		return "oe", true
	case 'Œ':
		return "OE", true
	case 'ß':
		return "ss", true
	case 'ł':
		return "l", true
	case 'Ł':
		return "L", true
	case dotlessSmallI:
		return "i", true
	default:
		return "", false
	}
}

// equalFoldASCII compares names of the language.
func equalFoldASCII(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }
