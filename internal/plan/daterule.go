package plan

import (
	"fmt"
	"strings"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// The anchors that every stay has. Others are names of date attributes.
const (
	AnchorStart       = "startDate"
	AnchorLastDay     = "lastDayOfWork"
	AnchorTermination = "terminationDate"
	AnchorContractEnd = "contractEndDate"
)

const endOfDay = 24 * 60

// isLast reports whether the anchor is a last day, which is over at 24:00.
func isLast(on string) bool {
	return on == AnchorLastDay || on == AnchorTermination || on == AnchorContractEnd
}

// isLeave reports whether the anchor is the end of the stay.
func isLeave(on string) bool { return on == AnchorLastDay || on == AnchorTermination }

func defaultTime(on string) person.TimeOfDay {
	if isLast(on) {
		return person.TimeOfDay{Minutes: endOfDay}
	}
	return person.TimeOfDay{}
}

// moment is an instant with its reason.
type moment struct {
	at     time.Time
	known  time.Time
	zone   string
	source string
	reason string
	// planned is when it would have been, had nobody postponed it.
	planned time.Time
	// ask is the attention of a line that only a human may let run.
	ask string
}

func (m moment) isZero() bool { return m.at.IsZero() }

// reached reports whether the moment is there and not after t.
func (m moment) reached(t time.Time) bool { return !m.at.IsZero() && !m.at.After(t) }

// momentOf makes the instant of a date rule in a chapter; the zero moment
// where the anchor has no date. Days move the civil date, hours the instant.
func (p *planner) momentOf(c *chapter, rule *lifecycle.DateRule) moment {
	if rule == nil {
		return moment{}
	}
	date := p.anchorDate(c, rule.On)
	if date.IsZero() {
		return moment{}
	}
	z := p.ruleZone(c, rule, date)
	if isLeave(rule.On) && c.undone {
		return moment{
			at: move(c.undoneAt.In(z.location), rule.Offset), known: c.undoneAt,
			zone: z.name(), source: z.source,
			reason: "the hire was taken back on " + date.String() + offsetWords(rule.Offset),
		}
	}
	at := defaultTime(rule.On)
	if rule.At != nil {
		at = *rule.At
	}
	name := c.statedName(rule.On)
	m := moment{
		at:     date.AddDays(rule.Offset.Days).At(at, z.location).Add(rule.Offset.Instant),
		zone:   z.name(),
		source: z.source,
		reason: fmt.Sprintf("%s %s%s at %s %s (zone of the %s)", name, date, offsetWords(rule.Offset), at, z.name(), z.source),
	}
	if rule.Offset.Instant != 0 {
		m.reason = fmt.Sprintf("%s %s %s %s%s (zone of the %s)", name, date, at, z.name(), offsetWords(rule.Offset), z.source)
	}
	if isLeave(rule.On) {
		m.known = c.detectedAt
		if c.asks {
			m.ask = AttentionTerminatedNoDate
		}
		if c.leaveReason != "" {
			m.reason = strings.Replace(m.reason, name+" "+date.String(), c.leaveReason+" "+date.String(), 1)
		}
	}
	return m
}

// statedName is the anchor whose date counts: a last day stands in for a
// termination that HR does not state, and the other way round.
func (c *chapter) statedName(on string) string {
	switch {
	case on == AnchorTermination && c.date(on) != c.stay.Termination:
		return AnchorLastDay
	case on == AnchorLastDay && c.stay.LastDay.IsZero():
		return AnchorTermination
	default:
		return on
	}
}

// fromDetection moves an instant that follows a leave, so that a delay counts
// from the detection of the leave at the earliest (S2).
func (p *planner) fromDetection(c *chapter, rule *lifecycle.DateRule, m moment) moment {
	later := rule.Offset.Days > 0 || rule.Offset.Instant > 0
	if m.isZero() || !isLeave(rule.On) || !later || c.detectedAt.IsZero() || c.undone {
		return m
	}
	if earliest := move(c.detectedAt.In(p.locationOf(m)), rule.Offset); earliest.After(m.at) {
		m.at = earliest
		m.reason += ", counted from its detection on " + person.DateOf(c.detectedAt.In(p.locationOf(m))).String()
	}
	return m
}

func (p *planner) locationOf(m moment) *time.Location {
	if location, ok := p.location(m.zone); ok {
		return location
	}
	return time.UTC
}

// move adds a policy duration to an instant: days on the calendar of the
// instant's location.
func move(t time.Time, d lifecycle.Duration) time.Time {
	return t.AddDate(0, 0, d.Days).Add(d.Instant)
}

// offsetWords is " minus 7d", " plus 2h30m", or "".
func offsetWords(d lifecycle.Duration) string {
	sign := " plus "
	if d.Days < 0 || d.Instant < 0 {
		sign = " minus "
		d.Days, d.Instant = -d.Days, -d.Instant
	}
	switch {
	case d.IsZero():
		return ""
	case d.Days != 0:
		return fmt.Sprintf("%s%dd", sign, d.Days)
	default:
		return sign + shortDuration(d.Instant)
	}
}

// shortDuration drops the units that are zero at the end: 2h, not 2h0m0s.
func shortDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
