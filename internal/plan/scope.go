package plan

import (
	"slices"
	"time"

	"tenure/internal/lifecycle"
)

// LeftScope is a target whose scope a person left during a stay, where the policy
// disables for that or asks.
type LeftScope struct {
	Target string    `json:"target"`
	Stay   string    `json:"stay"`
	At     time.Time `json:"at"`
	// ByPolicy is set where a change of the policy may be the reason: a human is
	// asked then (S15).
	ByPolicy bool `json:"byPolicy,omitempty"`
	// Asks is set where the policy asks, Agreed once a human let the account be
	// disabled: until then it goes on as if nobody had left.
	Asks   bool `json:"asks,omitempty"`
	Agreed bool `json:"agreed,omitempty"`
}

// advanceScopes follows who is outside of targets that disable for it, or ask. A
// condition that cannot be evaluated changes nothing (S10).
func (p *planner) advanceScopes() {
	c := p.current(p.now)
	var out []LeftScope
	for i := range p.in.Policy.Targets {
		target := &p.in.Policy.Targets[i]
		if c == nil || target.OutOfScope == lifecycle.OutOfScopeKeep {
			continue
		}
		for _, t := range p.boundaries(c) {
			p.wake(t, "look at the scope of "+target.Name)
		}
		left, known := p.leftScopeOf(target.Name, c.stay.ID)
		over := c.undone || c.left(p.now)
		inScope, err := target.Scope.Holds(lifecycle.Scope{Attributes: p.viewNow(c).Get})
		switch {
		case known && (over || err != nil || !inScope):
			out = append(out, p.keptLeft(target, left))
		case over, err != nil, inScope:
		default:
			asks := target.OutOfScope == lifecycle.OutOfScopeAsk
			out = append(out, LeftScope{Target: target.Name, Stay: c.stay.ID, At: p.now, ByPolicy: !asks && p.formIsNew(), Asks: asks})
		}
	}
	p.memory.LeftScopes = out
}

// keptLeft is what becomes of somebody who stays outside. Where the policy asks no
// longer it asks once more whether to disable (S15); where it begins to, whoever is
// disabled stays so.
func (p *planner) keptLeft(target *lifecycle.Target, left LeftScope) LeftScope {
	asks := target.OutOfScope == lifecycle.OutOfScopeAsk
	switch {
	case left.Asks && !asks:
		left.Asks, left.At, left.ByPolicy = false, p.now, !left.Agreed
	case !left.Asks && asks:
		left.Asks, left.At, left.ByPolicy = true, p.now, false
		left.Agreed = p.account(target.Name).State == AccountDisabled
	case asks && !left.Agreed:
		left.Agreed = p.letsGo(left)
	}
	return left
}

// letsGo reports whether a human has agreed to the disable since the question
// exists.
func (p *planner) letsGo(left LeftScope) bool {
	for _, list := range [][]KeyOverride{p.facts.Overrides.Approved, p.facts.Overrides.RunNow} {
		if o, found := p.accountOverride(list, left.Target, left.Stay, Cut); found && !o.At.Before(left.At) {
			return true
		}
	}
	return false
}

// formIsNew reports whether this is the first plan with the form of the policy.
func (p *planner) formIsNew() bool {
	if len(p.in.Forms) < 2 {
		return false
	}
	version := p.in.Forms[len(p.in.Forms)-1].Version
	return slices.ContainsFunc(p.memory.Forms, func(seen FormSeen) bool { return seen.Version == version && seen.At.Equal(p.now) })
}

func (p *planner) leftScopeOf(target, stay string) (LeftScope, bool) {
	for _, left := range p.memory.LeftScopes {
		if left.Target == target && left.Stay == stay {
			return left, true
		}
	}
	return LeftScope{}, false
}

// isOutside reports whether the person left the target's scope and is disabled for
// it.
func (a *accountPlan) isOutside(c *chapter) bool {
	left, found := a.p.leftScopeOf(a.target.Name, c.stay.ID)
	return found && (!left.Asks || left.Agreed)
}

// leftScope asks, where the policy says so, about the account of somebody who left
// the target's scope: meanwhile, and where it is skipped, it goes on as ever (S10).
func (a *accountPlan) leftScope(account Account, c *chapter) {
	left, found := a.p.leftScopeOf(a.target.Name, c.stay.ID)
	exists := account.State == AccountEnabled || account.State == AccountDisabled
	if !exists || !found || !left.Asks || left.Agreed {
		return
	}
	z := a.p.zoneOn(c.stay, a.p.todayIn(c.stay))
	it := a.p.accountItem(a.target, Cut, c, moment{
		at: left.At, known: left.At, zone: z.name(), source: z.source, reason: leftScopeReason,
	}, account.Operations, a.p.now)
	a.p.items = append(a.p.items, it)
	a.made++ // a disable that is to come is another line
	switch {
	case !allows(a.target, Cut):
		it.observe(a.target)
	case a.p.accountSkipped(it):
		it.State = Skipped
	default:
		it.State, it.Code = Asks, AttentionOutOfScope
		a.p.attend(AttentionOutOfScope, it.Key)
	}
}

const leftScopeReason = "the person left the scope of this target"
