package plan

import (
	"slices"
	"time"

	"tenure/internal/lifecycle"
)

// LeftScope is a target whose scope a person left during a stay, where the policy
// disables for that.
type LeftScope struct {
	Target string    `json:"target"`
	Stay   string    `json:"stay"`
	At     time.Time `json:"at"`
	// ByPolicy is set where a change of the policy may be the reason: a human is
	// asked then (S15).
	ByPolicy bool `json:"byPolicy,omitempty"`
}

// advanceScopes follows who is outside of targets that disable for it. A condition
// that cannot be evaluated changes nothing (S10).
func (p *planner) advanceScopes() {
	c := p.current(p.now)
	var out []LeftScope
	for i := range p.in.Policy.Targets {
		target := &p.in.Policy.Targets[i]
		if c == nil || target.OutOfScope != lifecycle.OutOfScopeDisable {
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
			out = append(out, left)
		case over, err != nil, inScope:
		default:
			out = append(out, LeftScope{Target: target.Name, Stay: c.stay.ID, At: p.now, ByPolicy: p.formIsNew()})
		}
	}
	p.memory.LeftScopes = out
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
	_, left := a.p.leftScopeOf(a.target.Name, c.stay.ID)
	return left
}
