package mapping

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"tenure/internal/mapping/netdate"
	"tenure/internal/mapping/vbdate"
)

// dateFunction holds the functions over dates, which are texts.
func dateFunction(folded string) (function, bool) {
	switch folded {
	case "cdate":
		return function{name: "CDate", min: 1, max: 1, keys: "expression", eager: cDate}, true
	case "dateadd":
		return function{name: nameDateAdd, min: 3, max: 3, keys: "interval value dateTime", eager: dateAdd}, true
	case "datediff":
		return function{name: nameDateDiff, min: 3, max: 3, keys: "interval date1 date2", eager: dateDiff}, true
	case "datefromnum":
		return function{name: "DateFromNum", min: 1, max: 1, keys: "value", eager: dateFromNum}, true
	case "formatdatetime":
		return function{
			name: nameFormatDate, min: 3, max: 4, keys: "source dateTimeStyles inputFormat outputFormat", eager: formatDate,
		}, true
	case "now":
		return function{name: "Now", eager: now}, true
	case "numfromdate":
		return function{name: "NumFromDate", min: 1, max: 1, keys: "value", eager: numFromDate}, true
	default:
		return function{}, false
	}
}

// dateText is how date functions write a moment.
const dateText = "1/2/2006 3:04:05 PM"

func dateValue(t time.Time) Value { return TextValue(t.Format(dateText)) }

// Windows file times count 100 ns since 1601.
const (
	fileTimeUnits   = 10_000_000
	fileTimeToUnix  = 11_644_473_600
	latestFileTime  = 2_650_467_743_999_999_999
	nanosecondsUnit = 100
)

func now(c call, _ []Value) (Value, error) { return dateValue(c.env.Now.UTC()), nil }

// moment reads a date; found is false for null and "".
func (c call) moment(value Value) (t time.Time, found bool, err error) {
	if value.text == "" {
		return time.Time{}, false, nil
	}
	t, ok := readDate(value.text)
	if !ok {
		return time.Time{}, false, c.fail("the text is no date: want one such as 2026-03-18, 2026-03-18T08:05:09+01:00 or 3/18/2026 8:05:00 PM")
	}
	return t, true, nil
}

func cDate(c call, args []Value) (Value, error) {
	t, found, err := c.moment(args[0])
	if err != nil || !found {
		return Value{}, err
	}
	return dateValue(t), nil
}

func (c call) interval(value Value) (vbdate.Interval, error) {
	interval, ok := vbdate.Named(value.text)
	if !ok {
		return "", c.fail("the interval is none of yyyy, m, ww, d, h, n (minutes) and s")
	}
	return interval, nil
}

func dateAdd(c call, args []Value) (Value, error) {
	interval, err := c.interval(args[0])
	if err != nil {
		return Value{}, err
	}
	n, err := c.integer(args[1], "the number of intervals")
	if err != nil {
		return Value{}, err
	}
	t, found, err := c.moment(args[2])
	if err != nil || !found {
		return Value{}, err
	}
	t, err = vbdate.Add(interval, n, t)
	if err != nil {
		return Value{}, c.fail("%v", err)
	}
	return dateValue(t), nil
}

func dateDiff(c call, args []Value) (Value, error) {
	interval, err := c.interval(args[0])
	if err != nil {
		return Value{}, err
	}
	from, hasFrom, err := c.moment(args[1])
	if err != nil {
		return Value{}, err
	}
	to, hasTo, err := c.moment(args[2])
	if err != nil || !hasFrom || !hasTo {
		return Value{}, err
	}
	return integer(vbdate.Diff(interval, from, to)), nil
}

func dateFromNum(c call, args []Value) (Value, error) {
	if args[0].IsNull() {
		return Value{}, nil
	}
	n, err := c.integer(args[0], "the file time")
	if err != nil {
		return Value{}, err
	}
	if n < 0 || n > latestFileTime {
		return Value{}, c.fail("the file time lies outside the years 1601 to 9999")
	}
	return dateValue(time.Unix(n/fileTimeUnits-fileTimeToUnix, n%fileTimeUnits*nanosecondsUnit).UTC()), nil
}

func numFromDate(c call, args []Value) (Value, error) {
	t, found, err := c.moment(args[0])
	if err != nil || !found {
		return Value{}, err
	}
	seconds := t.Unix() + fileTimeToUnix
	if seconds < 0 {
		return Value{}, c.fail("the date lies before 1601, where file times begin")
	}
	return integer(seconds*fileTimeUnits + int64(t.Nanosecond())/nanosecondsUnit), nil
}

// dateFormatter is what a FormatDateTime with constant formats was prepared to.
type dateFormatter struct {
	input, output       netdate.Layout
	hasInput, hasOutput bool
}

func formatArguments(count int) (input, output int) { return count - 2, count - 1 }

// dateFormats prepares constant formats. What is wrong with one shows when it is
// evaluated.
func (c *checker) dateFormats(n *Node) {
	input, output := formatArguments(len(n.Args))
	var f dateFormatter
	if text, constant := n.constantText(input); constant {
		layout, err := netdate.NewLayout(text)
		f.input, f.hasInput = layout, err == nil
	}
	if text, constant := n.constantText(output); constant {
		layout, err := netdate.NewLayout(text)
		f.output, f.hasOutput = layout, err == nil
	}
	n.constant = f
}

func formatDate(c call, args []Value) (Value, error) {
	input, output := formatArguments(len(args))
	prepared, _ := c.node.constant.(dateFormatter)
	styles := netdate.DefaultStyles()
	if input == 2 && args[1].text != "" {
		var err error
		if styles, err = netdate.ParseStyles(args[1].text); err != nil {
			return Value{}, c.fail("%v", err)
		}
	}
	if args[0].IsNull() {
		return Value{}, nil
	}
	read, err := c.layout(prepared.input, prepared.hasInput, args[input], "input")
	if err != nil {
		return Value{}, err
	}
	write, err := c.layout(prepared.output, prepared.hasOutput, args[output], "output")
	if err != nil {
		return Value{}, err
	}
	moment, err := read.Parse(args[0].text, styles)
	if err != nil {
		return Value{}, c.fail("the source cannot be read: %v", err)
	}
	return TextValue(write.Format(moment)), nil
}

func (c call) layout(prepared netdate.Layout, ready bool, format Value, what string) (netdate.Layout, error) {
	if ready {
		return prepared, nil
	}
	layout, err := netdate.NewLayout(format.text)
	if err != nil {
		return layout, c.fail("the %s %v", what, err)
	}
	return layout, nil
}

// ReadDate reads a date as CDate does: what a date function gave, and the other
// forms that the language takes. Without a zone it is UTC.
func ReadDate(text string) (time.Time, bool) { return readDate(text) }

// readDate reads the forms of dates that the date functions take.
func readDate(text string) (time.Time, bool) {
	d := dateReader{rest: strings.TrimFunc(text, unicode.IsSpace), ok: true}
	if strings.Contains(d.rest[:min(len(d.rest), 3)], "/") {
		return d.american()
	}
	return d.iso()
}

// dateReader reads a date from left to right; ok turns false at what does not
// fit.
type dateReader struct {
	rest string
	ok   bool
}

func (d *dateReader) number(least, most int) int {
	n := countDigits(d.rest)
	if n < least || n > most {
		d.ok = false
		return 0
	}
	value, _ := strconv.Atoi(d.rest[:n])
	d.rest = d.rest[n:]
	return value
}

func (d *dateReader) expect(sign string) {
	if !d.take(sign) {
		d.ok = false
	}
}

func (d *dateReader) take(sign string) bool {
	rest, found := strings.CutPrefix(d.rest, sign)
	d.rest = rest
	return found
}

func (d *dateReader) iso() (time.Time, bool) {
	year := d.number(4, 4) //nolint:mnd // the digits of a year
	d.expect("-")
	month := d.number(2, 2)
	d.expect("-")
	day := d.number(2, 2)
	var clock clock
	if d.take("T") || len(d.rest) > 1 && d.rest[0] == ' ' && isDigits(d.rest[1:2]) {
		d.take(" ")
		clock = d.clock(2)
	}
	d.take(" ")
	offset := d.zone()
	return d.finish(year, month, day, clock, offset)
}

// american reads M/d/yyyy with a time of either clock.
func (d *dateReader) american() (time.Time, bool) {
	month := d.number(1, 2)
	d.expect("/")
	day := d.number(1, 2)
	d.expect("/")
	year := d.number(4, 4) //nolint:mnd // the digits of a year
	var c clock
	if d.rest != "" {
		d.expect(" ")
		c = d.clock(1)
		if c.fraction != 0 {
			d.ok = false
		}
		c.hour = d.halfDay(c.hour)
	}
	return d.finish(year, month, day, c, 0)
}

// halfDay brings AM or PM in, where it stands.
func (d *dateReader) halfDay(hour int) int {
	const half = 12
	d.rest = strings.TrimLeftFunc(d.rest, unicode.IsSpace)
	afternoon := equalFoldASCII(d.rest, "PM")
	if !afternoon && !equalFoldASCII(d.rest, "AM") {
		return hour
	}
	d.rest = ""
	if hour < 1 || hour > half {
		d.ok = false
	}
	hour %= half
	if afternoon {
		hour += half
	}
	return hour
}

type clock struct {
	hour, minute, second, fraction int
}

func (d *dateReader) clock(leastHour int) clock {
	var c clock
	c.hour = d.number(leastHour, 2)
	d.expect(":")
	c.minute = d.number(2, 2)
	if !d.take(":") {
		return c
	}
	c.second = d.number(2, 2)
	if leastHour == 1 || !d.take(".") {
		return c
	}
	const most, digits = 7, 9
	n := countDigits(d.rest)
	c.fraction = d.number(1, most)
	for range digits - n {
		c.fraction *= 10
	}
	return c
}

// zone reads Z or an offset up to 14 hours.
func (d *dateReader) zone() time.Duration {
	west := false
	switch {
	case d.rest == "":
		return 0
	case d.take("Z"):
		return 0
	case d.take("+"):
	case d.take("-"):
		west = true
	default:
		d.ok = false
		return 0
	}
	hours := d.number(2, 2)
	d.expect(":")
	minutes := d.number(2, 2)
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	const most, mostMinutes = 14 * time.Hour, 59
	if offset > most || minutes > mostMinutes {
		d.ok = false
	}
	if west {
		return -offset
	}
	return offset
}

// finish makes the moment of parts that all exist.
func (d *dateReader) finish(year, month, day int, c clock, offset time.Duration) (time.Time, bool) {
	if !d.ok || d.rest != "" || year < 1 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, c.hour, c.minute, c.second, c.fraction, time.UTC)
	const mostHour, mostMinute = 23, 59
	if t.Day() != day || int(t.Month()) != month || c.hour > mostHour || c.minute > mostMinute || c.second > mostMinute {
		return time.Time{}, false
	}
	t = t.Add(-offset)
	return t, t.Year() >= 1 && t.Year() <= 9999
}
