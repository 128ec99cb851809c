package netdate

import (
	"strconv"
	"strings"
	"time"
)

// Zone says what a source told of its zone.
type Zone uint8

// The zones of a source.
const (
	// Unstated: there was none; the moment is UTC.
	Unstated Zone = iota
	// UTC: it ended in Z.
	UTC
	// Offset: it had an offset, which was converted.
	Offset
)

// Moment is an instant in UTC together with what its source said of the zone.
type Moment struct {
	Time time.Time
	Zone Zone
}

// Format writes a moment.
func (l Layout) Format(m Moment) string {
	out := make([]byte, 0, 4*len(l.elements)+8) //nolint:mnd // room for most formats
	t := m.Time
	for _, e := range l.elements {
		switch e.letter {
		case 0:
			out = append(out, e.literal...)
		case 'd':
			out = appendDay(out, t, e.count)
		case 'M':
			out = appendMonth(out, t, e.count)
		case 'y':
			out = appendYear(out, t.Year(), e.count)
		case 'H':
			out = appendPadded(out, t.Hour(), min(e.count, 2))
		case 'h':
			out = appendPadded(out, (t.Hour()+11)%12+1, min(e.count, 2))
		case 'm':
			out = appendPadded(out, t.Minute(), min(e.count, 2))
		case 's':
			out = appendPadded(out, t.Second(), min(e.count, 2))
		case 'f', 'F':
			out = appendFraction(out, t, e)
		case 't':
			out = append(out, halfDay(t)[:min(e.count, 2)]...)
		case 'z':
			out = append(out, [3]string{"+0", "+00", "+00:00"}[min(e.count, 3)-1]...)
		case 'K':
			out = append(out, [3]string{"", "Z", "+00:00"}[m.Zone]...)
		default:
			out = append(out, e.letter)
		}
	}
	return string(out)
}

const (
	threeLetters = 3
	fourLetters  = 4
)

func appendDay(out []byte, t time.Time, count int) []byte {
	switch {
	case count >= fourLetters:
		return append(out, t.Weekday().String()...)
	case count == threeLetters:
		return append(out, t.Weekday().String()[:threeLetters]...)
	default:
		return appendPadded(out, t.Day(), count)
	}
}

func appendMonth(out []byte, t time.Time, count int) []byte {
	switch {
	case count >= fourLetters:
		return append(out, t.Month().String()...)
	case count == threeLetters:
		return append(out, t.Month().String()[:threeLetters]...)
	default:
		return appendPadded(out, int(t.Month()), count)
	}
}

func appendYear(out []byte, year, count int) []byte {
	if count <= 2 {
		year %= 100
	}
	return appendPadded(out, year, count)
}

func appendPadded(out []byte, value, digits int) []byte {
	text := strconv.Itoa(value)
	for range digits - len(text) {
		out = append(out, '0')
	}
	return append(out, text...)
}

// appendFraction cuts decimals off. F leaves trailing zeros out, and the point
// in front where nothing remains.
func appendFraction(out []byte, t time.Time, e element) []byte {
	const digits = 9
	text := strconv.Itoa(t.Nanosecond())
	text = (strings.Repeat("0", digits-len(text)) + text)[:e.count]
	if e.letter == 'f' {
		return append(out, text...)
	}
	text = strings.TrimRight(text, "0")
	if text == "" && len(out) > 0 && out[len(out)-1] == '.' {
		return out[:len(out)-1]
	}
	return append(out, text...)
}

func halfDay(t time.Time) string {
	const noon = 12
	if t.Hour() < noon {
		return "AM"
	}
	return "PM"
}
