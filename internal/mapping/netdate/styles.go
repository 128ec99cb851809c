package netdate

import (
	"errors"
	"strings"
)

// Styles say where blanks are allowed in a source.
type Styles struct {
	Leading, Trailing, Inner bool
}

// DefaultStyles allow blanks at both ends.
func DefaultStyles() Styles { return Styles{Leading: true, Trailing: true} }

// ParseStyles reads names of .NET's DateTimeStyles, separated by commas, with or
// without the prefix of the type. The styles about zones change nothing, as the
// zone is UTC.
func ParseStyles(text string) (Styles, error) {
	var s Styles
	for part := range strings.SplitSeq(text, ",") {
		name := strings.TrimSpace(part)
		name = strings.TrimPrefix(name, "DateTimeStyles.")
		switch strings.ToLower(name) {
		case "allowleadingwhite":
			s.Leading = true
		case "allowtrailingwhite":
			s.Trailing = true
		case "allowinnerwhite":
			s.Inner = true
		case "allowwhitespaces":
			s = Styles{Leading: true, Trailing: true, Inner: true}
		case "none", "adjusttouniversal", "assumelocal", "assumeuniversal", "nocurrentdatedefault", "roundtripkind":
		default:
			return Styles{}, errors.New("read date styles: an unknown one; .NET's are None, AllowLeadingWhite, AllowTrailingWhite, " +
				"AllowInnerWhite, AllowWhiteSpaces, AssumeUniversal, AssumeLocal, AdjustToUniversal, NoCurrentDateDefault and RoundtripKind")
		}
	}
	return s, nil
}
