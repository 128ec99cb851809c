package vbdate

import (
	"errors"
	"strings"
	"time"
)

// Interval is a unit of time in Visual Basic's letters.
type Interval string

// The intervals.
const (
	Years   Interval = "yyyy"
	Months  Interval = "m"
	Days    Interval = "d"
	Weeks   Interval = "ww"
	Hours   Interval = "h"
	Minutes Interval = "n"
	Seconds Interval = "s"
)

// ErrRange is the answer where a moment would lie outside the years 1 to 9999.
var ErrRange = errors.New("the date would lie outside the years 1 to 9999")

// Named finds an interval by its letters in any case.
func Named(text string) (Interval, bool) {
	switch interval := Interval(strings.ToLower(text)); interval {
	case Years, Months, Days, Weeks, Hours, Minutes, Seconds:
		return interval, true
	default:
		return "", false
	}
}

// Add moves a moment by a number of intervals. Years and months keep the day of
// the month where it exists, and else end at the last day. [ErrRange] outside
// the calendar.
func Add(interval Interval, value int64, moment time.Time) (time.Time, error) {
	if most := bound(interval); value > most || value < -most {
		return time.Time{}, ErrRange
	}
	var moved time.Time
	switch n := int(value); interval {
	case Years:
		moved = addMonths(moment, monthsOfYear*n)
	case Months:
		moved = addMonths(moment, n)
	case Days:
		moved = moment.AddDate(0, 0, n)
	case Weeks:
		moved = moment.AddDate(0, 0, daysOfWeek*n)
	default:
		moved = time.Unix(moment.Unix()+value*seconds(interval), int64(moment.Nanosecond())).UTC()
	}
	if moved.Year() < 1 || moved.Year() > 9999 {
		return time.Time{}, ErrRange
	}
	return moved, nil
}

const (
	monthsOfYear  = 12
	daysOfWeek    = 7
	secondsOfDay  = 24 * 60 * 60
	secondsOfHour = 60 * 60
	// longestYear times ten thousand is more than the calendar holds.
	longestYear = 366
)

// bound is a number of intervals that no two moments of the calendar are apart.
func bound(interval Interval) int64 {
	const years = 10_000
	switch interval {
	case Years:
		return years
	case Months:
		return years * monthsOfYear
	default:
		return years * longestYear * secondsOfDay / seconds(interval)
	}
}

// seconds is the length of an interval that always has the same.
func seconds(interval Interval) int64 {
	switch interval {
	case Weeks:
		return daysOfWeek * secondsOfDay
	case Days:
		return secondsOfDay
	case Hours:
		return secondsOfHour
	case Minutes:
		return 60
	default:
		return 1
	}
}

// addMonths clamps to the end of the month.
func addMonths(moment time.Time, months int) time.Time {
	first := time.Date(moment.Year(), moment.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return time.Date(first.Year(), first.Month(), min(moment.Day(), last),
		moment.Hour(), moment.Minute(), moment.Second(), moment.Nanosecond(), time.UTC)
}

// Diff counts the intervals from one moment to another; it is negative where to
// lies before from. Days, hours, minutes and seconds are cut toward zero; months
// and years are differences of the calendar's fields; weeks are those between
// the Sundays of both weeks, with the time of day of each.
func Diff(interval Interval, from, to time.Time) int64 {
	switch interval {
	case Years:
		return int64(to.Year() - from.Year())
	case Months:
		return int64(monthsOfYear*(to.Year()-from.Year()) + int(to.Month()) - int(from.Month()))
	case Weeks:
		return whole(sunday(from), sunday(to)) / seconds(Days) / daysOfWeek
	default:
		return whole(from, to) / seconds(interval)
	}
}

func sunday(moment time.Time) time.Time { return moment.AddDate(0, 0, -int(moment.Weekday())) }

// whole counts seconds, cut toward zero: a Duration cannot hold ten thousand
// years.
func whole(from, to time.Time) int64 {
	n, fraction := to.Unix()-from.Unix(), to.Nanosecond()-from.Nanosecond()
	switch {
	case n > 0 && fraction < 0:
		return n - 1
	case n < 0 && fraction > 0:
		return n + 1
	default:
		return n
	}
}
