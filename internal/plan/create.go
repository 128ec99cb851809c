package plan

import (
	"slices"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// wantsCreate is the schedule for which an account is to be made: existing
// staff gets none (S1), nor does who has left already or is terminated
// whatever the date (S2), nor who is out of the target's scope (S10).
func (a *accountPlan) wantsCreate(t time.Time) (schedule, bool) {
	if a.p.facts.Overrides.Blocked != nil {
		return schedule{}, false
	}
	for _, s := range slices.Backward(a.schedules) {
		if !s.create.reached(t) || s.disable.reached(t) || s.c.left(t) {
			continue
		}
		_, byHand := a.p.accountOverride(a.p.facts.Overrides.RunNow, a.target.Name, s.c.stay.ID, Create)
		if a.p.isTerminated(s.c, t) && !byHand {
			continue
		}
		if a.p.staff(a.target.Name, s.c) && a.account.State != AccountDeleted && !byHand && !a.noneAgreed(s.c) {
			return schedule{}, false
		}
		inScope, err := a.inScope(s.c, t)
		if err == nil && !inScope && !byHand {
			return schedule{}, false
		}
		return s, true
	}
	return schedule{}, false
}

// isTerminated reports whether HR says that somebody who has begun is gone. Of
// a hire to come it says nothing yet (S2).
func (p *planner) isTerminated(c *chapter, t time.Time) bool {
	return c.stated.Status == person.StatusTerminated && !c.begins.After(t) && !p.terminationRescinded(c.stated)
}

// wantsNew is the schedule of a returning person who gets a new account.
func (a *accountPlan) wantsNew(t time.Time) (schedule, bool) {
	if a.target.Account.Rehire != lifecycle.RehireNew {
		return schedule{}, false
	}
	s, wanted := a.wantsCreate(t)
	return s, wanted && a.returning(s.c)
}

// returning reports whether the account is of an earlier stay than c.
func (a *accountPlan) returning(c *chapter) bool {
	return c.index > 0 && a.account.Stay != c.stay.ID
}

func (a *accountPlan) inScope(c *chapter, t time.Time) (bool, error) {
	view := a.p.viewAt(c, t)
	return a.target.Scope.Holds(lifecycle.Scope{Attributes: view.Get})
}

func (a *accountPlan) createLine(s schedule, t time.Time) *item {
	it := a.line(Create, s.c, s.create)
	it.fresh = a.noneAgreed(s.c)
	if _, err := a.inScope(s.c, t); err != nil {
		it.State, it.Code = ParkedState, AttentionCondition
	}
	if a.account.State == AccountDeleted && a.returning(s.c) && a.target.Account.Rehire == lifecycle.RehireAsk {
		it.Code = AttentionRehire
	}
	return it
}
