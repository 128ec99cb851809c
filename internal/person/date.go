package person

import (
	"fmt"
	"strings"
	"time"
)

// Date is a civil date: a day in a calendar, not an instant. The zero Date
// means "no date".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

const dateLayout = "2006-01-02"

// ParseDate reads YYYY-MM-DD and refuses days that do not exist.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(dateLayout, text)
	if err != nil {
		return Date{}, fmt.Errorf("parse date %q: want YYYY-MM-DD", text)
	}
	return DateOf(t), nil
}

// DateOf is the day on which t falls in t's own location.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{Year: year, Month: month, Day: day}
}

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String writes YYYY-MM-DD, and "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.utc().Format(dateLayout)
}

// AddDays moves the date by whole calendar days.
func (d Date) AddDays(days int) Date { return DateOf(d.utc().AddDate(0, 0, days)) }

// DaysUntil counts the days from d to other; negative where other is earlier.
func (d Date) DaysUntil(other Date) int {
	const day = 24 * 60 * 60 // seconds: a time.Duration ends at 292 years
	return int((other.utc().Unix() - d.utc().Unix()) / day)
}

// Compare is negative where d is earlier than other, positive where later.
func (d Date) Compare(other Date) int { return d.utc().Compare(other.utc()) }

// Before reports whether d is earlier than other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After reports whether d is later than other.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// At is the instant at which the clock on the wall shows this time of day on
// this date. A time of day that a change of clocks skips is moved forward by
// the length of the gap; one that occurs twice is the first of the two.
func (d Date) At(timeOfDay TimeOfDay, zone *time.Location) time.Time {
	// time.Date does not say which of the possible instants it takes, so the
	// offsets on both sides of a possible change of clocks are tried here. The
	// margin is more than the farthest offset from UTC.
	const margin = 15 * time.Hour
	wall := time.Date(d.Year, d.Month, d.Day, 0, timeOfDay.Minutes, 0, 0, time.UTC)
	before, after := offsetAt(wall.Add(-margin), zone), offsetAt(wall.Add(margin), zone)
	first, second := wall.Add(-before), wall.Add(-after)
	if second.Before(first) && offsetAt(second, zone) == after {
		return second.In(zone)
	}
	if offsetAt(first, zone) == before || offsetAt(second, zone) != after {
		return first.In(zone)
	}
	return second.In(zone)
}

func offsetAt(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD or "".
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// TimeOfDay counts minutes since midnight; 24*60 is the end of the day.
type TimeOfDay struct{ Minutes int }

// ParseTimeOfDay reads HH:MM from 00:00 to 24:00.
func ParseTimeOfDay(text string) (TimeOfDay, error) {
	whole, part, found := strings.Cut(text, ":")
	if !found || len(whole) != 2 || len(part) != 2 || !isDigits(whole) || !isDigits(part) {
		return TimeOfDay{}, fmt.Errorf("parse time of day %q: want HH:MM", text)
	}
	hours, minutes := twoDigits(whole), twoDigits(part)
	total := hours*60 + minutes
	if minutes > 59 || total > 24*60 {
		return TimeOfDay{}, fmt.Errorf("parse time of day %q: want 00:00 to 24:00", text)
	}
	return TimeOfDay{Minutes: total}, nil
}

func twoDigits(text string) int { return int(text[0]-'0')*10 + int(text[1]-'0') }

// String writes HH:MM.
func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", t.Minutes/60, t.Minutes%60) }

// MarshalText writes HH:MM.
func (t TimeOfDay) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads HH:MM.
func (t *TimeOfDay) UnmarshalText(text []byte) error {
	parsed, err := ParseTimeOfDay(string(text))
	if err != nil {
		return err
	}
	*t = parsed
	return nil
}
