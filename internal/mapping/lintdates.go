package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tenure/internal/mapping/vbdate"
)

// ownFormat is the format in which date functions write.
const ownFormat = "M/d/yyyy h:mm:ss tt"

// dates looks at a call of a date function.
func (l *linter) dates(n *Node, outer []*Node) {
	if n.Name == nameFormatDate {
		l.dateFormat(n)
	}
	if slices.Contains([]string{"CDate", nameDateAdd, nameDateDiff, nameFormatDate, "NumFromDate"}, n.Name) {
		l.absentDate(n, outer)
		l.endOfTime(n)
	}
}

func (l *linter) dateFormat(n *Node) {
	input, _ := formatArguments(len(n.Args))
	format, constant := n.constantText(input)
	if !constant {
		return
	}
	source := n.arg(0)
	if source != nil && (source.is("CDate") || source.is(nameDateAdd) || source.is("DateFromNum") || source.is("Now")) && format != ownFormat {
		l.find(n.Args[input], "L05", Mistake, source.Name+" writes "+ownFormat+": this input format can never match")
	}
	if strings.Contains(format, "hh") && strings.Contains(format, "M/d/yyyy") {
		l.find(n.Args[input], "L06", Warning, "hh needs two digits and fails from 1 to 9 o'clock: write h")
	}
	if strings.Contains(format, "zzz") {
		l.find(n.Args[input], "L07", Info, "values without an offset fail: zzz must be there")
	}
}

// fileTimes shows what constants beside NumFromDate stand for.
func (l *linter) fileTimes() {
	if !l.expression.root.holds("NumFromDate") {
		return
	}
	l.expression.root.Walk(func(part *Node) {
		const shortest, longest = 17, 18
		if part.Type != ConstantNode || !isDigits(part.Name) || len(part.Name) < shortest || len(part.Name) > longest {
			return
		}
		number, _ := readDecimal(part.Name)
		if units, ok := number.integer(); ok && units <= latestFileTime {
			at := time.Unix(units/fileTimeUnits-fileTimeToUnix, 0).UTC()
			l.find(part, "L34", Info, "this file time is "+at.Format(time.RFC3339))
		}
	})
}

// absentDate tells of attributes that nothing guards.
func (l *linter) absentDate(n *Node, outer []*Node) {
	guarded := slices.ContainsFunc(outer, func(o *Node) bool {
		return o.is(nameIIF) || o.is(nameSwitch) || o.is(nameCoalesce) || o.is(nameIgnoreIfEmpty)
	})
	if guarded {
		return
	}
	for _, arg := range n.Args {
		if arg != nil && arg.Type == AttributeNode {
			l.find(arg, "L29", Info, "where this attribute is absent there is no value, and a condition over it is false: guard it with IIF or Coalesce")
		}
	}
}

// endOfTime tells of dates that an offset moves past the year 9999.
func (l *linter) endOfTime(n *Node) {
	var last, attribute, westOfUTC *Node
	n.Walk(func(part *Node) {
		switch {
		case part.Type == AttributeNode:
			attribute = part
		case part.Type == ConstantNode && part.form == formText:
			if strings.Contains(part.Name, "9999") {
				last = part
			}
			if hasNegativeOffset(part.Name) {
				westOfUTC = part
			}
		}
	})
	if westOfUTC != nil && (last != nil || attribute != nil && n.is("NumFromDate")) {
		l.find(n, "L08", Warning, "a date in the year 9999 with this offset passes the end of the calendar: use 9223372036854775807, or a nearer year")
	}
}

func hasNegativeOffset(text string) bool {
	const length = len("-08:00")
	if len(text) < length {
		return false
	}
	end := text[len(text)-length:]
	return end[0] == '-' && isDigits(end[1:3]) && end[3] == ':' && isDigits(end[4:])
}

// dateRule looks at a comparison of a distance from now with a number.
func (l *linter) dateRule(n *Node) {
	diff, bound, operator := n.Args[0], n.Args[1], n.Name
	if !diff.is(nameDateDiff) {
		diff, bound, operator = bound, diff, mirrored(operator)
	}
	if !diff.is(nameDateDiff) || !diff.holds("Now") {
		return
	}
	if operator == "=" || operator == "<>" {
		l.find(n, "L02", Warning, "the distance from now changes within the day, so that equality holds for a day or a moment depending on the hour: use a range")
	}
	number, ok := readDecimal(bound.Name)
	interval, known := intervalOf(diff)
	if bound.Type != ConstantNode || !ok || !known {
		return
	}
	if interval == vbdate.Days && number.isZero() {
		l.find(n, "L03", Info, "days are cut toward zero: both the day before and the day after give 0; cut Now() to the day first")
	}
	l.sense(n, diff, operator, interval, number)
}

func mirrored(operator string) string {
	switch operator {
	case "<":
		return ">"
	case "<=":
		return ">="
	case ">":
		return "<"
	case ">=":
		return "<="
	default:
		return operator
	}
}

func intervalOf(diff *Node) (vbdate.Interval, bool) {
	text, constant := diff.constantText(0)
	if !constant {
		return "", false
	}
	return vbdate.Named(text)
}

// sense puts a rule in words, and shows what it gives around the date.
func (l *linter) sense(n, diff *Node, operator string, interval vbdate.Interval, bound decimal) {
	fromNow := diff.arg(1).is("Now")
	if fromNow == diff.arg(2).is("Now") || operator == "=" || operator == "<>" {
		return
	}
	other := diff.arg(1)
	if fromNow {
		other = diff.arg(2)
	}
	early := (operator == ">" || operator == ">=") == fromNow
	when := "from about then on"
	if early {
		when = "until about then"
	}
	now := time.Date(2026, 1, 14, 12, 0, 0, 0, time.UTC)
	var shown []string
	for _, day := range []struct {
		name   string
		offset time.Duration
	}{{"a day before", 24 * time.Hour}, {"at the date", 0}, {"a day after", -24 * time.Hour}} {
		from, to := now, now.Add(day.offset)
		if !fromNow {
			from, to = to, from
		}
		distance, _ := readDecimal(strconv.FormatInt(vbdate.Diff(interval, from, to), 10))
		shown = append(shown, fmt.Sprintf("%s %t", day.name, holdsFor(distance.compare(bound), operator)))
	}
	l.find(n, "L01", Warning, fmt.Sprintf("this is true %s, where the date is %s: %s; many published rules mean the reverse",
		when, other.withoutSecrets(false), strings.Join(shown, ", ")))
}

func holdsFor(order int, operator string) bool {
	switch operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	default:
		return order >= 0
	}
}
