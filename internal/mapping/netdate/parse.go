package netdate

import (
	"errors"
	"strings"
	"time"
	"unicode"
)

// The reasons why a source is not read. None holds any of it.
var (
	ErrNoYear   = errors.New("the format has no year, so that the date would depend on today")
	ErrMismatch = errors.New("the text does not fit the format")
	ErrRange    = errors.New("the date does not exist, or lies outside the years 1 to 9999")
)

// Parse reads a source that must fit the format as a whole. An offset is
// converted to UTC.
func (l Layout) Parse(source string, styles Styles) (Moment, error) {
	if !l.hasYear {
		return Moment{}, ErrNoYear
	}
	elements := l.elements
	if styles.Leading {
		source = strings.TrimLeftFunc(source, unicode.IsSpace)
		for len(elements) > 0 && isBlank(elements[0]) {
			elements = elements[1:]
		}
	}
	if styles.Trailing {
		source = strings.TrimRightFunc(source, unicode.IsSpace)
		for len(elements) > 0 && isBlank(elements[len(elements)-1]) {
			elements = elements[:len(elements)-1]
		}
	}
	s := scanner{rest: source, inner: styles.Inner, fields: unset()}
	for i := 0; i < len(elements); i++ {
		s.skipInner()
		skip, ok := s.element(elements, i)
		if !ok {
			return Moment{}, ErrMismatch
		}
		i += skip
	}
	s.skipInner()
	if s.rest != "" {
		return Moment{}, ErrMismatch
	}
	return s.fields.moment()
}

// fields are the parts of a date; -1 for one that was not told.
type fields struct {
	year, month, day, hour, minute, second, nanosecond int
	twelve                                             bool // hour is one of the half day
	half                                               int  // 0 for AM, 1 for PM
	weekday                                            int
	zone                                               Zone
	offset                                             time.Duration
}

func unset() fields {
	return fields{year: -1, month: -1, day: -1, hour: -1, minute: -1, second: -1, nanosecond: -1, half: -1, weekday: -1}
}

// set keeps a part; one that was told before must be the same.
func set(part *int, value int) bool {
	if *part >= 0 && *part != value {
		return false
	}
	*part = value
	return true
}

type scanner struct {
	rest   string
	inner  bool
	fields fields
}

func (s *scanner) skipInner() {
	if s.inner {
		s.rest = strings.TrimLeftFunc(s.rest, unicode.IsSpace)
	}
}

// element reads one element; skip is how many more it used up.
func (s *scanner) element(elements []element, i int) (skip int, ok bool) {
	e := elements[i]
	switch e.letter {
	case 0:
		return s.literal(elements, i)
	case 'd':
		return 0, s.day(e.count)
	case 'M':
		return 0, s.month(e.count)
	case 'y':
		return 0, s.year(e.count)
	case 'H', 'h':
		return 0, s.hour(e)
	case 'm':
		return 0, s.number(&s.fields.minute, e.count)
	case 's':
		return 0, s.number(&s.fields.second, e.count)
	case 'f', 'F':
		return 0, s.fraction(e)
	case 't':
		return 0, s.halfDay(e.count)
	case 'z':
		return 0, s.offset(e.count)
	case 'K':
		return 0, s.anyZone()
	case 'Z':
		if !s.take("Z") {
			return 0, false
		}
		return 0, s.zone(UTC, 0)
	default:
		return 0, s.take(string(e.letter))
	}
}

func (s *scanner) take(text string) bool {
	rest, found := strings.CutPrefix(s.rest, text)
	s.rest = rest
	return found
}

// literal must match. A point in front of optional decimals may be missing with
// them, and blanks are nothing where inner ones are allowed.
func (s *scanner) literal(elements []element, i int) (skip int, ok bool) {
	e := elements[i]
	if s.inner && isBlank(e) {
		return 0, true
	}
	if s.take(e.literal) {
		return 0, true
	}
	if e.literal == "." && i+1 < len(elements) && elements[i+1].letter == 'F' {
		return 1, true
	}
	return 0, false
}

// digits reads at least and at most so many digits.
func (s *scanner) digits(least, most int) (value, count int, ok bool) {
	for count < most && count < len(s.rest) && s.rest[count] >= '0' && s.rest[count] <= '9' {
		value = 10*value + int(s.rest[count]-'0')
		count++
	}
	if count < least {
		return 0, 0, false
	}
	s.rest = s.rest[count:]
	return value, count, true
}

// number reads one or two digits for a single letter, else exactly two.
func (s *scanner) number(part *int, count int) bool {
	value, _, ok := s.digits(min(count, 2), 2)
	return ok && set(part, value)
}

func (s *scanner) day(count int) bool {
	if count <= 2 {
		return s.number(&s.fields.day, count)
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		if s.name(day.String(), count) {
			return set(&s.fields.weekday, int(day))
		}
	}
	return false
}

func (s *scanner) month(count int) bool {
	if count <= 2 {
		return s.number(&s.fields.month, count)
	}
	for month := time.January; month <= time.December; month++ {
		if s.name(month.String(), count) {
			return set(&s.fields.month, int(month))
		}
	}
	return false
}

// name reads a name in any case, or its first three letters.
func (s *scanner) name(name string, count int) bool {
	if count == threeLetters {
		name = name[:threeLetters]
	}
	if len(s.rest) < len(name) || !strings.EqualFold(s.rest[:len(name)], name) {
		return false
	}
	s.rest = s.rest[len(name):]
	return true
}

func (s *scanner) year(count int) bool {
	if count <= 2 {
		const century, pivot = 100, 50
		value, _, ok := s.digits(count, 2)
		if value < pivot {
			value += century
		}
		return ok && set(&s.fields.year, 1900+value)
	}
	value, _, ok := s.digits(count, count)
	return ok && set(&s.fields.year, value)
}

func (s *scanner) hour(e element) bool {
	value, _, ok := s.digits(min(e.count, 2), 2)
	if e.letter == 'h' {
		s.fields.twelve = true
		ok = ok && value >= 1 && value <= 12
	}
	return ok && set(&s.fields.hour, value)
}

// fraction reads decimals of a second: exactly so many, or up to so many.
func (s *scanner) fraction(e element) bool {
	least := e.count
	if e.letter == 'F' {
		least = 0
	}
	value, count, ok := s.digits(least, e.count)
	const digits = 9
	for range digits - count {
		value *= 10
	}
	return ok && set(&s.fields.nanosecond, value)
}

func (s *scanner) halfDay(count int) bool {
	for half, name := range []string{"AM", "PM"} {
		name = name[:min(count, 2)]
		if len(s.rest) >= len(name) && strings.EqualFold(s.rest[:len(name)], name) {
			s.rest = s.rest[len(name):]
			return set(&s.fields.half, half)
		}
	}
	return false
}

// offset reads +1, +01 or +01:00; the last form may lack its colon.
func (s *scanner) offset(count int) bool {
	west := false
	switch {
	case s.take("+"):
	case s.take("-"):
		west = true
	default:
		return false
	}
	hours, _, ok := s.digits(min(count, 2), 2)
	if !ok {
		return false
	}
	minutes := 0
	if count >= threeLetters {
		s.take(":")
		if minutes, _, ok = s.digits(2, 2); !ok {
			return false
		}
	}
	const mostHours, mostMinutes = 14, 59
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if offset > mostHours*time.Hour || minutes > mostMinutes {
		return false
	}
	if west {
		offset = -offset
	}
	return s.zone(Offset, offset)
}

func (s *scanner) anyZone() bool {
	switch {
	case s.take("Z"):
		return s.zone(UTC, 0)
	case strings.HasPrefix(s.rest, "+"), strings.HasPrefix(s.rest, "-"):
		return s.offset(threeLetters)
	default:
		return true
	}
}

func (s *scanner) zone(zone Zone, offset time.Duration) bool {
	if s.fields.zone != Unstated && (s.fields.zone != zone || s.fields.offset != offset) {
		return false
	}
	s.fields.zone, s.fields.offset = zone, offset
	return true
}

// moment checks the parts and puts them together. Month and day that were not
// told are 1, the time is 0.
func (f fields) moment() (Moment, error) {
	hour, ok := f.hourOfDay()
	if !ok {
		return Moment{}, ErrMismatch
	}
	year, month, day := f.year, orElse(f.month, 1), orElse(f.day, 1)
	minute, second, nanosecond := orElse(f.minute, 0), orElse(f.second, 0), orElse(f.nanosecond, 0)
	t := time.Date(year, time.Month(month), day, hour, minute, second, nanosecond, time.UTC)
	if year < 1 || t.Year() != year || int(t.Month()) != month || t.Day() != day ||
		t.Hour() != hour || t.Minute() != minute || t.Second() != second {
		return Moment{}, ErrRange
	}
	if f.weekday >= 0 && int(t.Weekday()) != f.weekday {
		return Moment{}, ErrMismatch
	}
	t = t.Add(-f.offset)
	if t.Year() < 1 || t.Year() > 9999 {
		return Moment{}, ErrRange
	}
	return Moment{Time: t, Zone: f.zone}, nil
}

// hourOfDay brings the half day in.
func (f fields) hourOfDay() (int, bool) {
	const half = 12
	hour := orElse(f.hour, 0)
	switch {
	case f.half < 0:
		return hour, true
	case !f.twelve:
		return hour, f.hour < 0 || (hour >= half) == (f.half == 1)
	default:
		return hour%half + half*f.half, true
	}
}

func orElse(value, otherwise int) int {
	if value < 0 {
		return otherwise
	}
	return value
}
