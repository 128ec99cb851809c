package person

import (
	"fmt"
	"regexp"
	"time"
)

// instantForm is RFC 3339 as it is written. time.Parse takes more: an hour of one
// digit, a comma before fractions and offsets of a whole day.
var instantForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// ParseInstant reads an instant such as 2026-11-22T08:00:00Z, and refuses years
// that no record can mean.
func ParseInstant(text string) (time.Time, error) {
	const longest = 64
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || len(text) > longest || !instantForm.MatchString(text) {
		return time.Time{}, fmt.Errorf("%.64q is no instant such as 2026-11-22T08:00:00Z", text)
	}
	return t.UTC(), CheckInstant(t)
}

// CheckInstant refuses years that no record can mean, the zero time among them.
func CheckInstant(t time.Time) error {
	if year := t.UTC().Year(); year < firstYear || year > lastYear {
		return fmt.Errorf("%s lies outside %d to %d", t.UTC().Format(time.RFC3339), firstYear, lastYear)
	}
	return nil
}
