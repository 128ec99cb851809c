package plan

import (
	"slices"
	"time"

	"tenure/internal/person"
)

// Check is a human's wish that the account in a target is looked at again: it
// makes the line due that looks and writes the difference.
type Check struct {
	By
	Target string `json:"target"`
	// Looked is when it was looked at; zero while that is to be done.
	Looked time.Time `json:"looked,omitzero"`
}

// checked finds the wish to look at the account in a target, done or not.
func (p *planner) checked(target string) (Check, bool) {
	for _, check := range p.facts.Overrides.Checks {
		if check.Target == target {
			return check, true
		}
	}
	return Check{}, false
}

// toCheck finds the wish that is still to be done.
func (p *planner) toCheck(target string) (Check, bool) {
	check, found := p.checked(target)
	return check, found && check.Looked.IsZero()
}

// WantedAccount is what the account of a person in a target should be at the
// instant of the input: what a directory is compared with.
type WantedAccount struct {
	// Stay is the chapter that counts, "" where there is none.
	Stay string
	// Exists is set where the person should have an account, Enabled where it
	// should let them in. Cut is set where there is a reason to keep them out.
	Exists, Enabled, Cut bool
	// Reason says why access is to be cut, in a sentence without personal data.
	Reason string
	// Written is set where the attributes that are wanted are those that were
	// written last: a difference is then somebody else's work.
	Written bool
	// Attributes are those the mappings ask for now; View is the record they are
	// made of.
	Attributes WantedAttributes
	View       person.Attributes
	// Zone is the person's.
	Zone *time.Location
	// Line is the account line that stands between now and what is wanted: due,
	// running, or waiting for somebody. nil where there is none.
	Line *Line
}

// AccountWanted computes what the account in a target should be, by the rules
// of the account lines. found is false where the policy has no such target.
func AccountWanted(in Input, target string) (out WantedAccount, found bool) {
	p := newPlanner(in)
	p.compute()
	for i := range p.in.Policy.Targets {
		if rules := &p.in.Policy.Targets[i]; rules.Name == target {
			return p.accountPlanOf(rules).wanted(), true
		}
	}
	return WantedAccount{}, false
}

func (a *accountPlan) wanted() WantedAccount {
	p := a.p
	out := WantedAccount{Line: a.openLine()}
	_, out.Enabled = a.wantsEnabled(p.now)
	out.Exists = out.Enabled || a.wantsDisabled()
	if c := p.current(p.now); c != nil && out.Exists {
		if holds, err := a.inScope(c, p.now); err == nil && !holds {
			out.Exists = false
		}
	}
	if s, found := a.own(p.now); found && !out.Enabled {
		m, _ := a.cutReason(s, p.now)
		out.Cut, out.Reason = m.reason != "", m.reason
		if !s.disable.reached(p.now) && s.enable.at.After(p.now) {
			out.Reason = "access begins later: " + s.enable.reason
		}
	}
	if _, why, shut := p.shut(); shut {
		out.Cut, out.Reason = true, why
	}
	if c := p.current(p.now); c != nil {
		a.wantedAttributes(c, &out)
	}
	return out
}

// wantsDisabled reports whether somebody who may not sign in now has or should
// have an account all the same: a hire to come, or a leave of absence.
func (a *accountPlan) wantsDisabled() bool {
	if _, _, shut := a.p.shut(); shut {
		return false
	}
	return slices.ContainsFunc(a.schedules, func(s schedule) bool {
		return !s.c.undone && s.create.reached(a.p.now) && !s.disable.reached(a.p.now) && !s.c.left(a.p.now) && !a.p.isTerminated(s.c, a.p.now)
	})
}

// wantedAttributes reads the stay as HR states it, as what writes does.
func (a *accountPlan) wantedAttributes(c *chapter, out *WantedAccount) {
	p := a.p
	out.Stay = c.stay.ID
	zone := p.zoneOn(c.stay, p.todayIn(c.stay)).location
	out.Zone = zone
	out.View = p.view(c.stated, person.DateOf(p.now.In(zone)))
	out.Attributes = AttributesWanted(a.target, MappingScope{View: out.View, Zone: zone, Now: p.now})
	out.Written = a.account.Written != "" && a.account.Written == MappedDigest(a.target, p.mappingScope(c, p.now))
}

// openLine is the first line of the account that is not decided.
func (a *accountPlan) openLine() *Line {
	for _, it := range a.p.items {
		if it.Target != a.target.Name || !IsAccountVerb(it.Verb) || it.Verb == WithdrawPass {
			continue
		}
		switch it.State {
		case Due, Running, Asks, ParkedState, Waiting, Held:
			line := it.Line
			return &line
		default:
		}
	}
	return nil
}
