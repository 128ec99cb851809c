package plan

import (
	"slices"
	"strings"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// schedule is when an account is made, enabled, disabled and deleted for a
// chapter. A zero moment never comes.
type schedule struct {
	c                               *chapter
	create, enable, disable, delete moment
	absence                         absence
}

// scheduleOf makes the schedule of a chapter in a target. Where the policy
// does not say when to enable or disable, the stay does: access never stays
// open for want of a line.
func (p *planner) scheduleOf(target *lifecycle.Target, c *chapter) schedule {
	rules := target.Account
	if rules.Enable == nil {
		rules.Enable = &lifecycle.DateRule{On: AnchorStart}
	}
	if rules.Disable == nil {
		rules.Disable = &lifecycle.DateRule{On: AnchorLastDay}
	}
	s := schedule{c: c, absence: p.absence(c)}
	if !c.undone {
		s.create = p.accountMoment(target, c, Create, p.momentOf(c, rules.Create))
		s.enable = p.accountMoment(target, c, Enable, p.momentOf(c, rules.Enable))
	}
	s.disable = p.disableMoment(target, c, rules.Disable)
	s.delete = p.orderedDelete(target, c, p.deleteMoment(target, c, rules.Delete))
	return s
}

// disableMoment is the policy's. Where its anchor has no date though the stay
// ends, the end of the stay disables.
func (p *planner) disableMoment(target *lifecycle.Target, c *chapter, rule *lifecycle.DateRule) moment {
	m := p.fromDetection(c, rule, p.momentOf(c, rule))
	if m.isZero() && !c.ends.IsZero() || c.undone {
		m = p.momentOf(c, &lifecycle.DateRule{On: AnchorLastDay})
	}
	return p.accountMoment(target, c, Cut, m)
}

// deleteMoment counts from the later of the termination and the last day, and
// from the detection of the leave at the earliest (S2, S7).
func (p *planner) deleteMoment(target *lifecycle.Target, c *chapter, rule *lifecycle.DateRule) moment {
	if rule == nil {
		return moment{}
	}
	own := *rule
	if own.On == AnchorLastDay {
		own.On = AnchorTermination
	}
	m := p.momentOf(c, &own)
	if m.isZero() {
		return m
	}
	if !c.detectedAt.IsZero() {
		if earliest := move(c.detectedAt.In(p.locationOf(m)), rule.Offset); earliest.After(m.at) {
			m.at = earliest
			m.reason += ", counted from its detection on " + person.DateOf(c.detectedAt.In(p.locationOf(m))).String()
		}
	}
	m = p.accountMoment(target, c, Delete, m)
	if o, found := p.accountOverride(p.facts.Overrides.RunNow, target.Name, c.stay.ID, Delete); found && c.left(p.now) && !o.At.Before(m.known) {
		m.at, m.reason = o.At, "run by hand before "+m.reason
	}
	return m
}

// MostPostponed is how long a disable may be postponed, from when it was due and
// known: access never stays open for want of a line (S5).
const MostPostponed = 14 * 24 * time.Hour

// accountMoment applies what humans said of an account line: postponed, or a
// create to be run now.
func (p *planner) accountMoment(target *lifecycle.Target, c *chapter, verb Verb, m moment) moment {
	for _, postponed := range p.facts.Overrides.Postponed {
		key, err := ParseKey(postponed.Key)
		if err == nil && isAccountKey(key, target.Name, c.stay.ID, verb) && !m.isZero() && !postponed.At.Before(m.known) {
			if m.planned.IsZero() {
				m.planned = m.at
			}
			to, due := postponed.To, m.planned
			if m.known.After(due) {
				due = m.known
			}
			if latest := due.Add(MostPostponed); verb == Cut && to.After(latest) {
				to = latest
			}
			m.at, m.reason = to, "postponed by hand from "+m.reason
		}
	}
	if verb != Create {
		return m
	}
	if o, found := p.accountOverride(p.facts.Overrides.RunNow, target.Name, c.stay.ID, Create); found {
		m = moment{at: o.At, known: o.At, zone: p.feedZone.String(), source: ZoneOfFeed, reason: "it was run by hand"}
	}
	return m
}

// accountOverride finds an override on an account line whatever its
// generation: that counts operations and moves on while the line stays.
func (p *planner) accountOverride(list []KeyOverride, target, stay string, verb Verb) (KeyOverride, bool) {
	var out KeyOverride
	found := false
	for _, o := range list {
		if key, err := ParseKey(o.Key); err == nil && isAccountKey(key, target, stay, verb) {
			out, found = o, true
		}
	}
	return out, found
}

// IsAccountCut reports whether a key names the disable of an account.
func IsAccountCut(key Key) bool {
	return strings.HasPrefix(key.Workflow, AccountWorkflow) && key.Task == string(Cut)
}

func isAccountKey(key Key, target, stay string, verb Verb) bool {
	return key.Workflow == AccountWorkflow+target && key.Stay == stay && key.Task == string(verb)
}

// advanceRunNow turns a disable or enable that a human runs early into an
// override of enabled, which outlives the line (S4).
func (p *planner) advanceRunNow() {
	for _, o := range p.facts.Overrides.RunNow {
		key, err := ParseKey(o.Key)
		if err != nil || key.Task != string(Cut) && key.Task != string(Enable) {
			continue
		}
		for _, target := range p.in.Policy.Targets {
			c := p.chapterOf(key.Stay)
			if key.Workflow != AccountWorkflow+target.Name || c == nil || o.At.Before(c.detectedAt) {
				continue
			}
			if key.Task == string(Cut) && c.ends.IsZero() {
				continue // the leave was taken back
			}
			if o.At.Before(p.enforcedSince(target.Name)) {
				continue // nothing was done for it then, nor is it now (S14)
			}
			p.setEnabled(EnabledOverride{Target: target.Name, Stay: key.Stay, Enabled: key.Task == string(Enable), TaskKey: o.Key})
		}
	}
}

func (p *planner) setEnabled(o EnabledOverride) {
	if slices.Contains(p.memory.Enabled, o) {
		return
	}
	p.memory.Enabled = append(p.memory.Enabled, o)
}

// enabledOverride is the newest of a target and a stay.
func (p *planner) enabledOverride(target, stay string) (EnabledOverride, bool) {
	var out EnabledOverride
	found := false
	for _, list := range [][]EnabledOverride{p.facts.Overrides.Enabled, p.memory.Enabled} {
		for _, o := range list {
			if o.Target == target && o.Stay == stay {
				out, found = o, true
			}
		}
	}
	return out, found
}

// beforeBaseline reports whether a line of existing staff is of the past that
// Tenure does not repeat (S1).
func (p *planner) beforeBaseline(c *chapter, at time.Time) bool {
	return c.existing && !p.baseline.IsZero() && at.Before(p.baseline)
}
