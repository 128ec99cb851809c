package cli

import (
	"strconv"
	"strings"
	"time"
)

const (
	day = 24 * time.Hour
	// longest keeps a slip of the finger from skipping a life.
	longest = 20 * 366 * day
)

// parseDuration reads a whole number of weeks, days, hours or minutes, or what
// Go writes, such as 1h30m.
func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	for suffix, unit := range map[string]time.Duration{"d": day, "w": 7 * day} {
		digits, found := strings.CutSuffix(text, suffix)
		if !found {
			continue
		}
		var number int
		number, err = strconv.Atoi(digits)
		// A number that would overflow is too long in any case.
		d = time.Duration(min(max(number, -1), int(longest/day)+1)) * unit
	}
	if err != nil || d <= 0 || d > longest {
		return 0, usage("the duration is %q: want more than nothing and at most 20 years, such as 30d, 2w or 12h", text)
	}
	return d, nil
}

// showDuration writes a duration in its largest whole unit.
func showDuration(d time.Duration) string {
	switch {
	case d >= 2*day:
		return strconv.Itoa(int(d/day)) + " d"
	case d >= 2*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	case d >= 2*time.Minute:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	default:
		return strconv.Itoa(int(d/time.Second)) + " s"
	}
}
