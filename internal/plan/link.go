package plan

import (
	"slices"

	"tenure/internal/lifecycle"
)

// The codes with which a look for an account ends that only a human answers.
const (
	CodeUnmatched = "unmatched"
	CodeProposed  = "proposed"
	CodeAmbiguous = "ambiguous-account"
)

// matchAttention is the attention of a line that found no account it may take;
// "" for other codes.
func matchAttention(code string) string {
	switch code {
	case CodeUnmatched:
		return AttentionUnmatched
	case CodeProposed:
		return AttentionProposed
	case CodeAmbiguous:
		return AttentionAmbiguous
	default:
		return ""
	}
}

// AsksWhenParked reports whether a parked task asks a question, so that to try
// it again is no answer.
func AsksWhenParked(code string) bool { return matchAttention(code) != "" }

// staff reports whether somebody was here before the target was enforced: who
// may have an account that Tenure did not make (S1, S14).
func (p *planner) staff(target string, c *chapter) bool {
	since := p.enforcedSince(target)
	return c.existing || !since.IsZero() && !c.begins.IsZero() && c.begins.Before(since)
}

// linkOverride is what a human said last of the account in a target.
func (p *planner) linkOverride(target string) (LinkOverride, bool) {
	for _, o := range slices.Backward(p.facts.Overrides.Links) {
		if o.Target == target {
			return o, true
		}
	}
	return LinkOverride{}, false
}

// Match is how a person stands to the accounts that are in a target.
type Match struct {
	Target string
	// Staff may have an account that Tenure did not make; Outside is who is not
	// in the target's scope.
	Staff, Outside bool
}

func (p *planner) matches() []Match {
	c := p.current(p.now)
	if c == nil {
		return nil
	}
	if last := &p.chapters[len(p.chapters)-1]; c.left(p.now) && !last.undone {
		c = last // who comes back is asked about like a hire
	}
	var out []Match
	for i := range p.in.Policy.Targets {
		target := &p.in.Policy.Targets[i]
		view := p.viewNow(c)
		holds, err := target.Scope.Holds(lifecycle.Scope{Attributes: view.Get})
		out = append(out, Match{Target: target.Name, Staff: p.staff(target.Name, c), Outside: err == nil && !holds})
	}
	return out
}

// link makes the line that links an account which exists, or lets go of one.
// What a human ordered comes before everything else in the target.
func (a *accountPlan) link() {
	it, ordered := a.linkLine()
	if it == nil {
		return
	}
	a.decide(it)
	a.stalled = ordered && it.State != Skipped
	a.stuck = a.stalled && it.State != Due
}

func (a *accountPlan) linkLine() (it *item, ordered bool) {
	if o, found := a.p.linkOverride(a.target.Name); found {
		m := moment{at: o.At, known: o.At, zone: a.p.feedZone.String(), source: ZoneOfFeed, reason: "it was linked by hand"}
		verb := Link
		if o.ObjectID == "" {
			verb, m.reason = Unlink, "it was let go of by hand"
		}
		it = a.p.accountItem(a.target, verb, a.p.current(a.p.now), m, a.account.Operations, a.p.now)
		it.objectID = o.ObjectID
		return it, true
	}
	c := a.p.current(a.p.now)
	_, _, shut := a.p.shut()
	if a.account.Unlinked || a.looked() || c == nil || c.undone || shut || !a.p.staff(a.target.Name, c) {
		return nil, false
	}
	if leaves := a.schedules[c.index].disable; leaves.reached(a.p.now) && (a.p.beforeBaseline(c, leaves.at) || !a.stands(leaves)) {
		return nil, false // long gone, or cut without further ado
	}
	if a.noneAgreed(c) {
		return nil, false
	}
	z := a.p.zoneOn(c.stay, a.p.todayIn(c.stay))
	it = a.p.accountItem(a.target, Link, c, moment{
		at: a.p.now, zone: z.name(), source: z.source, reason: "existing staff may have an account already",
	}, a.account.Operations, a.p.now)
	inScope, err := a.inScope(c, a.p.now)
	switch {
	case err != nil:
		it.State, it.Code = ParkedState, AttentionCondition
	case !inScope:
		return nil, false
	}
	return it, false
}

// looked reports whether the journey knows of an account, or of one that was.
func (a *accountPlan) looked() bool {
	return a.account.ID != "" || a.account.State != AccountUnknown && a.account.State != AccountNone
}

// noneAgreed reports whether a human said, to a link that asks, that no account
// which is there is the person's.
func (a *accountPlan) noneAgreed(c *chapter) bool {
	return slices.ContainsFunc(a.p.facts.Parked, func(parked Parked) bool {
		key, err := ParseKey(parked.Key)
		asks := parked.Code == CodeUnmatched || parked.Code == CodeProposed
		return err == nil && asks && isAccountKey(key, a.target.Name, c.stay.ID, Link) &&
			slices.ContainsFunc(a.p.facts.Overrides.Approved, func(o KeyOverride) bool {
				return covers(o.Key, parked.Key) && !o.At.Before(parked.Tried)
			})
	})
}

// linkOf is the line that links an account in the target, if there is one.
func (p *planner) linkOf(target string) *item {
	for _, it := range p.items {
		if it.Target == target && it.Verb == Link && it.State != Finished {
			return it
		}
	}
	return nil
}
