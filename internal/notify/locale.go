package notify

import (
	"slices"
	"strings"
)

// defaultLocale is the end of every fallback chain.
const defaultLocale = "en"

const maxLocaleBytes = 35

// canonicalLocale folds the ways in which sources write one language tag: de_AT, DE-at.
func canonicalLocale(s string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), "_", "-"))
}

// validLocale accepts the shape of a language tag; whether somebody speaks it is not asked.
func validLocale(s string) bool {
	if len(s) > maxLocaleBytes {
		return false
	}
	for i, part := range strings.Split(canonicalLocale(s), "-") {
		if part == "" || len(part) > 8 || (i == 0 && len(part) < 2) {
			return false
		}
		if strings.ContainsFunc(part, func(r rune) bool { return !isASCIIAlnum(r) }) {
			return false
		}
	}
	return true
}

// fallbackChain lists the locales to try, best first: zh-hant-tw, zh-hant, zh, en.
func fallbackChain(locale string) []string {
	var chain []string
	for tag := canonicalLocale(locale); tag != ""; {
		chain = append(chain, tag)
		cut := strings.LastIndexByte(tag, '-')
		if cut < 0 {
			break
		}
		tag = tag[:cut]
	}
	if !slices.Contains(chain, defaultLocale) {
		chain = append(chain, defaultLocale)
	}
	return chain
}

// language returns the first part of a language tag.
func language(locale string) string {
	lang, _, _ := strings.Cut(canonicalLocale(locale), "-")
	return lang
}
