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
	it.Reason += a.undoes(s.c)
	it.fresh = a.noneAgreed(s.c)
	if _, err := a.inScope(s.c, t); err != nil {
		it.State, it.Code = ParkedState, AttentionCondition
	}
	if t.Equal(a.p.now) && it.State != ParkedState && hasExpressions(a.target) {
		a.checkMapped(it, s.c)
	}
	if it.State != ParkedState {
		a.checkSynced(it, s.c, t)
	}
	if a.account.State == AccountDeleted && a.returning(s.c) && a.target.Account.Rehire == lifecycle.RehireAsk {
		it.Code = AttentionRehire
	}
	return it
}

// checkMapped looks whether the account can be made of the record: what an
// expression cannot make now would never be written later.
func (a *accountPlan) checkMapped(it *item, c *chapter) {
	scope := a.p.mappingScope(c, a.p.now)
	scope.Creating, scope.Random = true, new(counting)
	wanted := AttributesWanted(a.target, scope)
	it.leftOut = wanted.LeftOut
	failed := wanted.Failed
	for _, rule := range a.target.Mapping {
		if _, err := NamesProposed(rule, a.target, scope); err != nil {
			failed = append(failed, FailedMapping{To: rule.To, Why: err.Error(), Needed: true})
		}
	}
	for _, one := range failed {
		if one.Needed {
			it.State, it.Code, it.failed = ParkedState, AttentionMapping, one.String()
			return
		}
	}
}

// counting stands in for chance where only it matters whether there is a value.
type counting uint64

// Uint64 spreads the numbers as chance does (splitmix64).
func (c *counting) Uint64() uint64 {
	*c += 0x9E3779B97F4A7C15
	z := uint64(*c)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}
