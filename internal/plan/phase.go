package plan

import (
	"slices"
	"time"

	"tenure/internal/person"
)

// knownStatuses are those a plan understands; "" is a feed without statuses.
func knownStatus(status string) bool {
	switch status {
	case "", person.StatusPreHire, person.StatusActive, person.StatusLeave, person.StatusSuspended, person.StatusTerminated:
		return true
	default:
		return person.IsUndone(status)
	}
}

// statusUnknown reports that HR says something that is not understood, or that
// nobody in the policy speaks for HR: nothing changes then (S2).
func (p *planner) statusUnknown() bool {
	c := p.current(p.now)
	return c != nil && (!knownStatus(c.stated.Status) || p.feed.Name == "")
}

// phase is that of the person now.
func (p *planner) phase() person.Phase {
	c := p.current(p.now)
	switch {
	case c == nil || p.statusUnknown():
		return person.PhaseUnknown
	case (c.undone || c.left(p.now)) && p.returns(c):
		return person.PhasePreHire
	case c.undone && !p.deleted():
		return person.PhaseRescinded
	case c.left(p.now) && p.deleted():
		return person.PhaseDeleted
	case c.left(p.now):
		return person.PhaseLeft
	case c.begins.After(p.now):
		return person.PhasePreHire
	case p.absence(c).covers(p.now):
		return person.PhaseLeave
	default:
		return person.PhaseActive
	}
}

// returns reports whether a later stay is to come.
func (p *planner) returns(c *chapter) bool {
	return slices.ContainsFunc(p.chapters, func(later chapter) bool { return later.index > c.index && !later.undone })
}

// deleted reports whether the person has had accounts and has none any more.
func (p *planner) deleted() bool {
	had := false
	for _, account := range p.facts.Accounts {
		switch account.State {
		case AccountDeleted:
			had = true
		case AccountEnabled, AccountDisabled:
			return false
		case AccountUnknown, AccountNone:
		}
	}
	return had
}

// absence is a leave of absence: from its start until the return; a zero
// until means until HR says otherwise.
type absence struct {
	from, until time.Time
	keepsAccess bool
	on          bool
}

// absence reads the leave of absence from the dates, and from the status where
// it gives no dates.
func (p *planner) absence(c *chapter) absence {
	view := p.viewNow(c)
	start, back := dateIn(view, person.LeaveStartAttribute), dateIn(view, person.LeaveReturnedAttribute)
	if back.IsZero() {
		back = dateIn(view, person.LeaveReturnAttribute)
	}
	stated := c.stated.Status == person.StatusLeave || c.stated.Status == person.StatusSuspended
	keeps, _ := view.Get(person.LeaveKeepsAccess)
	a := absence{on: stated || !start.IsZero() && !back.IsZero(), keepsAccess: keeps == "true"}
	if !start.IsZero() {
		a.from = start.At(person.TimeOfDay{}, p.zoneOn(c.stay, start).location)
	}
	if !back.IsZero() {
		a.until = back.At(person.TimeOfDay{}, p.zoneOn(c.stay, back).location)
	}
	return a
}

func (a absence) covers(t time.Time) bool {
	return a.on && !a.from.After(t) && (a.until.IsZero() || t.Before(a.until))
}

func dateIn(view person.Attributes, name string) person.Date {
	value, _ := view.Get(name)
	date, err := person.ParseDate(value)
	if err != nil {
		return person.Date{}
	}
	return date
}

// personAttention is what concerns the person and no line.
func (p *planner) personAttention() {
	if p.statusUnknown() {
		code := AttentionStatusUnknown
		if p.feed.Name == "" {
			code = AttentionFeedUnknown
		}
		p.attend(code, "")
		return
	}
	for i := range p.chapters {
		c := &p.chapters[i]
		if i < len(p.chapters)-1 {
			continue // a later stay has answered the questions of this one
		}
		for _, code := range c.attention {
			p.attend(code, "")
		}
		if c.stated.Closed && !c.left(p.now) {
			p.attend(AttentionEmploymentAbsent, "")
		}
		if p.facts.Overrides.Blocked != nil && c.ends.IsZero() {
			p.attend(AttentionBlockedNoDate, "")
		}
		for _, name := range p.zoneNames(c) {
			if _, ok := p.location(name); !ok {
				p.attend(AttentionZoneUnknown, "")
			}
		}
		p.wakeAtPhases(c)
	}
}

// zoneNames are the zones that the record states.
func (p *planner) zoneNames(c *chapter) []string {
	var out []string
	view := p.viewNow(c)
	for _, attribute := range []string{person.TimeZoneAttribute, person.LocationTimeZone} {
		if name, _ := view.Get(attribute); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// wakeAtPhases wakes the journey where the phase changes and where another
// assignment takes effect.
func (p *planner) wakeAtPhases(c *chapter) {
	if c.undone {
		return
	}
	p.wake(c.begins, "the first day of work")
	if c.left(p.now) {
		return
	}
	p.wake(c.ends, "the end of the last day")
	if a := p.absence(c); a.on {
		p.wake(a.from, "a leave of absence begins")
		p.wake(a.until, "a leave of absence ends")
	}
	for _, t := range p.boundaries(c) {
		p.wake(t, "another assignment takes effect")
	}
}

// boundaries are the instants ahead at which the view of the chapter may
// differ.
func (p *planner) boundaries(c *chapter) []time.Time {
	var out []time.Time
	for _, date := range person.Boundaries(p.facts.Person.Record) {
		t := date.At(person.TimeOfDay{}, p.zoneOn(c.stay, date).location)
		if t.After(p.now) && !t.Before(c.begins) && !c.left(t) {
			out = append(out, t)
		}
	}
	return out
}
