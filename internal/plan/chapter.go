package plan

import (
	"slices"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// chapter is a stay with its dates as they count: HR's, the status table's
// (S2) and a human's (S4).
type chapter struct {
	index int
	// stay has the dates that count; stated is HR's.
	stay   person.Stay
	stated person.Stay
	// existing staff began before the feed's baseline (S1).
	existing bool
	// undone hires were rescinded, by HR or by hand, at undoneAt.
	undone   bool
	undoneAt time.Time
	// detectedAt is when the leave date that counts was first seen.
	detectedAt time.Time
	// asks is set where HR gives no leave date for existing staff (S2).
	asks bool
	// leaveReason replaces the anchor's name where the date is not HR's.
	leaveReason string
	// begins and ends are the instants of the first day's begin and the last
	// day's end; ends is zero for an open stay.
	begins, ends time.Time
	attention    []string
}

// advanceStays computes the stays and keeps them.
func (p *planner) advanceStays() {
	known := p.memory.Stays
	p.memory.Stays = person.Stays(p.facts.Person.Record, slices.Clone(known), person.StayRules{
		Bridge: p.feed.Bridge,
		Today:  person.DateOf(p.now.In(p.feedZone)),
	})
	if p.memory.FirstSeen.IsZero() && len(p.facts.Person.Feeds) > 0 {
		p.memory.FirstSeen = p.now
	}
	first := func(id string) bool {
		return !slices.ContainsFunc(known, func(s person.Stay) bool { return s.ID == id })
	}
	var detected []Detected
	for _, stay := range p.memory.Stays {
		detected = append(detected, p.detect(stay, first(stay.ID))...)
	}
	p.memory.Detected = detected
}

// detect notes when the leave date of a stay, and that a hire was taken back,
// were first seen.
func (p *planner) detect(stay person.Stay, first bool) []Detected {
	var out []Detected
	note := func(d Detected) {
		for _, old := range p.memory.Detected {
			if old.Stay == d.Stay && old.Date == d.Date && old.Undone == d.Undone {
				d = old
			}
		}
		out = append(out, d)
	}
	if person.IsUndone(stay.Status) {
		note(Detected{Stay: stay.ID, At: p.now, First: first, Undone: true})
	}
	if date := statedLeave(stay, p.feedZone); !date.IsZero() {
		note(Detected{Stay: stay.ID, Date: date, At: p.now, First: first})
	}
	return out
}

// statedLeave is the leave date that HR states, or that its status implies:
// terminated without a date left on the day HR first said so (S2).
func statedLeave(stay person.Stay, zone *time.Location) person.Date {
	if date := leaveDate(stay); !date.IsZero() {
		return date
	}
	if stay.Status == person.StatusTerminated && !stay.StatusAsOf.IsZero() {
		return person.DateOf(stay.StatusAsOf.In(zone))
	}
	return person.Date{}
}

// leaveDate is the last day of work, else the day of termination.
func leaveDate(stay person.Stay) person.Date {
	if !stay.LastDay.IsZero() {
		return stay.LastDay
	}
	return stay.Termination
}

func (p *planner) detected(stay string, undone bool) (Detected, bool) {
	for _, d := range p.memory.Detected {
		if d.Stay == stay && d.Undone == undone {
			return d, true
		}
	}
	return Detected{}, false
}

func (p *planner) makeChapters() {
	for i, stay := range p.memory.Stays {
		if p.takenBack(i) {
			continue
		}
		c := chapter{index: len(p.chapters), stay: stay, stated: stay}
		p.decideStart(&c)
		p.decideLeave(&c)
		p.decideUndone(&c)
		p.bound(&c)
		p.chapters = append(p.chapters, c)
	}
}

// takenBack reports whether a feed without employment IDs states an earlier
// stay again, or another one instead of one without an end: then this one never
// was. An employment with an ID that is no
// longer stated is something else: absence is no leave by itself (S11).
func (p *planner) takenBack(i int) bool {
	stay := p.memory.Stays[i]
	flat := !slices.ContainsFunc(stay.Spans, func(s person.Span) bool { return s.Employment != "" })
	stated := func(s person.Stay) bool { return !s.Closed }
	if !stay.Closed || !flat {
		return false
	}
	return slices.ContainsFunc(p.memory.Stays[:i], stated) ||
		leaveDate(stay).IsZero() && slices.ContainsFunc(p.memory.Stays[i:], stated)
}

// decideStart applies a start set by hand (S4) and the baseline (S1). A stay
// without a start is treated as existing staff: nothing is made for it.
func (p *planner) decideStart(c *chapter) {
	if override, found := p.dateOverride(c.stay.ID, AnchorStart); found {
		if c.stated.Start != override.HR && c.stated.Start != override.Date {
			c.attention = append(c.attention, AttentionDateDiffers)
		}
		c.stay.Start = override.Date
	}
	if c.stay.Start.IsZero() {
		c.existing = true
		c.attention = append(c.attention, AttentionNoStartDate)
		return
	}
	c.existing = !p.feed.Baseline.IsZero() && c.stay.Start.Before(p.feed.Baseline)
	if !c.existing && p.wasExisting(c.stay.ID) {
		c.existing = true
		c.attention = append(c.attention, AttentionStartMoved)
	}
}

// wasExisting reports whether an earlier plan took the stay for one of existing
// staff: a start that is corrected later does not make it a hire.
func (p *planner) wasExisting(stay string) bool {
	return slices.ContainsFunc(p.in.Policy.Targets, func(target lifecycle.Target) bool {
		done, found := p.decided[TaskKey(AccountWorkflow+target.Name, stay, 0, string(Create))]
		return found && done.Outcome == OutcomeBeforeBaseline
	})
}

func (p *planner) dateOverride(stay, on string) (DateOverride, bool) {
	for _, o := range slices.Backward(p.facts.Overrides.Dates) {
		if o.Stay == stay && o.On == on {
			return o, true
		}
	}
	return DateOverride{}, false
}

// decideLeave is the table of S2, then what humans set.
func (p *planner) decideLeave(c *chapter) {
	date := leaveDate(c.stated)
	if detected, found := p.detected(c.stay.ID, false); found {
		c.detectedAt = detected.At
	}
	switch {
	case p.terminationRescinded(c.stated):
		p.clearLeave(c)
	case c.stated.Status == person.StatusTerminated:
		p.decideTerminated(c, date)
	case !date.IsZero():
		p.decideActiveLeave(c, date)
	}
	p.applyLastDay(c)
}

// decideTerminated handles the rows of S2 whose status is terminated.
func (p *planner) decideTerminated(c *chapter, date person.Date) {
	today := p.todayIn(c.stay)
	switch {
	case c.stay.Start.After(today):
		c.attention = append(c.attention, AttentionTerminatedPreHire)
		if date.IsZero() || date.Before(c.stay.Start) {
			p.clearLeave(c)
		}
	case date.IsZero():
		z := p.zoneOn(c.stated, today)
		c.stay.LastDay = person.DateOf(c.stated.StatusAsOf.In(z.location))
		c.leaveReason = "terminated without a date, so the day HR said so,"
		if c.existing {
			c.asks = true
			c.attention = append(c.attention, AttentionTerminatedNoDate)
		}
	case !date.Before(today):
		c.attention = append(c.attention, AttentionTerminatedAhead)
	}
}

// decideActiveLeave handles the rows of S2 whose status is not terminated
// though there is a leave date. A date from before the baseline that came with
// the first record says nothing of the present. Any other past date counts,
// newly set or not: what was disabled stays so.
func (p *planner) decideActiveLeave(c *chapter, date person.Date) {
	z := p.zoneOn(c.stated, date)
	over := date.At(person.TimeOfDay{Minutes: endOfDay}, z.location)
	if over.After(p.now) {
		return
	}
	detected, _ := p.detected(c.stay.ID, false)
	if detected.First && over.Before(p.baseline) {
		p.clearLeave(c)
		c.attention = append(c.attention, AttentionActiveAfterLeave)
		return
	}
	if c.stated.Status == "" || person.IsUndone(c.stated.Status) {
		return // no word of activity
	}
	since := over
	if detected.At.After(since) {
		since = detected.At
	}
	if asks := since.Add(24 * time.Hour); asks.After(p.now) {
		p.wake(asks, "look again: HR says active after the leave date")
	} else {
		c.attention = append(c.attention, AttentionActiveAfterLeave)
	}
}

func (p *planner) clearLeave(c *chapter) {
	c.stay.LastDay, c.stay.Termination = person.Date{}, person.Date{}
	c.detectedAt = time.Time{}
}

// terminationRescinded reports whether a human took back the termination that
// HR states. Another date stated later counts.
func (p *planner) terminationRescinded(stay person.Stay) bool {
	detected, _ := p.detected(stay.ID, false)
	return slices.ContainsFunc(p.facts.Overrides.Rescinded, func(r Rescind) bool {
		return r.Stay == stay.ID && r.What == RescindTermination && r.Date == leaveDate(stay) && !detected.At.After(r.At)
	})
}

// applyLastDay lets a last day set by hand hold until HR states the same. An
// HR date other than the one it replaced raises attention, and wins where it
// cuts access earlier (S4).
func (p *planner) applyLastDay(c *chapter) {
	override, found := p.dateOverride(c.stay.ID, AnchorLastDay)
	if !found || override.Date == c.stated.LastDay {
		return
	}
	if c.stated.Status == person.StatusTerminated && override.Date.After(p.todayIn(c.stay)) {
		c.attention = append(c.attention, AttentionDateDiffers)
	}
	detected, _ := p.detected(c.stay.ID, false)
	restated := !leaveDate(c.stated).IsZero() && detected.At.After(override.At)
	if c.stated.LastDay != override.HR || restated {
		c.attention = append(c.attention, AttentionDateDiffers)
		if hr := leaveDate(c.stay); !hr.IsZero() && hr.Before(override.Date) {
			return
		}
	}
	c.stay.LastDay = override.Date
	if !c.stay.Termination.IsZero() && c.stay.Termination.Before(override.Date) {
		c.stay.Termination = override.Date
	}
	c.detectedAt, c.asks = override.At, false
	c.leaveReason = "the last day set by hand"
	c.attention = slices.DeleteFunc(c.attention, func(code string) bool {
		return code == AttentionTerminatedNoDate || code == AttentionActiveAfterLeave
	})
}

// decideUndone handles hires that HR or a human took back: what was granted is
// cut at once and nobody is told goodbye.
func (p *planner) decideUndone(c *chapter) {
	for _, r := range p.facts.Overrides.Rescinded {
		if r.Stay == c.stay.ID && r.What == RescindHire {
			c.undone, c.undoneAt = true, r.At
			if !r.Date.IsZero() && r.Date != c.stated.Start {
				c.attention = append(c.attention, AttentionHireRestated)
			}
		}
	}
	if detected, found := p.detected(c.stay.ID, true); found && !c.undone {
		c.undone, c.undoneAt = true, detected.At
	}
	if !c.undone {
		return
	}
	// What HR says of a leave is no question about somebody who never came.
	c.attention = slices.DeleteFunc(c.attention, func(code string) bool {
		switch code {
		case AttentionActiveAfterLeave, AttentionTerminatedAhead, AttentionTerminatedPreHire, AttentionTerminatedNoDate, AttentionDateDiffers:
			return true
		default:
			return false
		}
	})
	z := p.zoneOn(c.stated, c.stated.Start)
	day := person.DateOf(c.undoneAt.In(z.location))
	c.stay.LastDay, c.stay.Termination = day, day
	c.detectedAt, c.asks, c.leaveReason = c.undoneAt, false, ""
}

// bound makes the instants of the first and the last day.
func (p *planner) bound(c *chapter) {
	if !c.stay.Start.IsZero() {
		c.begins = c.stay.Start.At(person.TimeOfDay{}, p.zoneFor(c, AnchorStart, c.stay.Start).location)
	}
	if c.undone {
		c.ends = c.undoneAt
		return
	}
	if date := leaveDate(c.stay); !date.IsZero() {
		on := AnchorLastDay
		c.ends = date.At(defaultTime(on), p.zoneFor(c, on, date).location)
	}
}

func (p *planner) todayIn(stay person.Stay) person.Date {
	day := person.DateOf(p.now.In(p.feedZone))
	return person.DateOf(p.now.In(p.zoneOn(stay, day).location))
}

// left reports whether the stay is over at t.
func (c *chapter) left(t time.Time) bool { return !c.ends.IsZero() && !c.ends.After(t) }

// date is the chapter's date of an anchor that every stay has.
func (c *chapter) date(on string) person.Date {
	switch on {
	case AnchorStart:
		return c.stay.Start
	case AnchorLastDay:
		return leaveDate(c.stay)
	case AnchorTermination:
		if c.stay.Termination.After(c.stay.LastDay) {
			return c.stay.Termination
		}
		return leaveDate(c.stay)
	case AnchorContractEnd:
		return c.stay.ContractEnd
	default:
		return person.Date{}
	}
}

// anchorDate is the date of any anchor: a stay's, or that of an attribute.
func (p *planner) anchorDate(c *chapter, on string) person.Date {
	switch on {
	case AnchorStart, AnchorLastDay, AnchorTermination, AnchorContractEnd:
		return c.date(on)
	}
	value, _ := p.viewNow(c).Get(on)
	date, err := person.ParseDate(value)
	if err != nil {
		return person.Date{}
	}
	return date
}

// viewKey identifies a view within a plan: the record is the same throughout.
type viewKey struct {
	stay                               string
	start, last, termination, contract person.Date
	day                                person.Date
}

func keyOfView(stay person.Stay, day person.Date) viewKey {
	return viewKey{stay.ID, stay.Start, stay.LastDay, stay.Termination, stay.ContractEnd, day}
}

// view is person.View, made once: nearly every rule reads it.
func (p *planner) view(stay person.Stay, day person.Date) person.Attributes {
	key := keyOfView(stay, day)
	view, found := p.views[key]
	if !found {
		view = person.View(p.facts.Person.Record, stay, day)
		p.views[key] = view
	}
	return view
}

// viewAt is what scopes and mappings see of the chapter at an instant.
func (p *planner) viewAt(c *chapter, t time.Time) person.Attributes {
	day := person.DateOf(t.In(p.feedZone))
	day = person.DateOf(t.In(p.zoneOn(c.stay, day).location))
	return p.view(c.stay, day)
}

func (p *planner) viewNow(c *chapter) person.Attributes { return p.viewAt(c, p.now) }

// chapterOf finds a chapter by its stay.
func (p *planner) chapterOf(stay string) *chapter {
	for i := range p.chapters {
		if p.chapters[i].stay.ID == stay {
			return &p.chapters[i]
		}
	}
	return nil
}

// current is the chapter that counts at t: the last one that has begun and goes
// on, else the last that has begun, else the first; nil without stays. A later
// one that is over or was taken back ends none that goes on.
func (p *planner) current(t time.Time) *chapter {
	var out *chapter
	for i := range p.chapters {
		c := &p.chapters[i]
		over := c.undone || c.left(t)
		if out == nil || !c.begins.After(t) && (!over || out.left(t)) {
			out = c
		}
	}
	return out
}
