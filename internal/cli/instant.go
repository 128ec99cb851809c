package cli

import (
	"strings"
	"time"
)

const (
	minuteLayout = "2006-01-02 15:04"
	localLayout  = minuteLayout + " MST"
	none         = "-"
)

// showUTC writes an instant in UTC.
func showUTC(t time.Time) string { return t.UTC().Format(minuteLayout) + "Z" }

// showShortUTC leaves out the year, where the local time beside it shows one.
func showShortUTC(t time.Time) string { return t.UTC().Format("01-02 15:04Z") }

// showLocal writes an instant in a zone, or "" where the zone is not known.
func showLocal(t time.Time, zone string) string {
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "" {
		return ""
	}
	return t.In(location).Format(localLayout)
}

// showBoth writes an instant in a zone and in UTC.
func showBoth(t time.Time, zone string) string {
	if local := showLocal(t, zone); local != "" {
		return local + " (" + showUTC(t) + ")"
	}
	return showUTC(t)
}

// showSpan writes a span of whole seconds.
func showSpan(seconds int64) string { return showDuration(time.Duration(seconds) * time.Second) }

// showMaybe writes an instant that may not be.
func showMaybe(t *time.Time) string {
	if t == nil {
		return none
	}
	return showUTC(*t)
}

// parseInstant reads an instant. A time of day without a zone is refused: it
// would be another instant for each reader.
func parseInstant(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02 15:04Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	at := strings.LastIndexByte(text, ' ')
	if at < 0 {
		return time.Time{}, instantUsage(text)
	}
	civil, zone := strings.Replace(strings.TrimSpace(text[:at]), "T", " ", 1), text[at+1:]
	location, err := time.LoadLocation(zone)
	if err != nil || !strings.Contains(zone, "/") && zone != "UTC" {
		return time.Time{}, instantUsage(text)
	}
	t, err := time.ParseInLocation(minuteLayout, civil, location)
	if err != nil {
		return time.Time{}, instantUsage(text)
	}
	if t.Format(minuteLayout) != civil {
		return time.Time{}, usage("%s does not exist in %s: clocks are put forward then", civil, zone)
	}
	return t.UTC(), nil
}

func instantUsage(text string) error {
	return usage("the time is %q: want an instant with its zone, such as 2026-12-01T09:00:00Z or '2026-12-01 09:00 Europe/Berlin'", text)
}
