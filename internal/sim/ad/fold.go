package ad

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// fold is the form in which texts are compared. A domain controller ignores case, the width of letters and all marks
// that take no space (MS-ADTS 3.1.1.2.2.4.13), so that Zoe and Zoë are one name.
func fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	var out strings.Builder
	for _, r := range norm.NFD.String(width.Fold.String(s)) {
		if !unicode.Is(unicode.Mn, r) {
			out.WriteRune(unicode.ToLower(r))
		}
	}
	return out.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
