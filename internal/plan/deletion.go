package plan

import (
	"slices"

	"tenure/internal/person"
)

// deletion is when the account is to be deleted: after every stay's delete,
// never while a stay goes on or is to come, and not before the minimum since
// our own disable (S7).
func (a *accountPlan) deletion() (moment, bool) {
	var out moment
	var of *chapter
	for _, s := range a.schedules {
		if s.delete.isZero() || a.p.beforeBaseline(s.c, s.disable.at) && s.c.index == len(a.schedules)-1 {
			return moment{}, false
		}
		if of == nil || s.delete.at.After(out.at) {
			out, of = s.delete, s.c
		}
	}
	if of == nil || a.account.State != AccountDisabled {
		return moment{}, false
	}
	if !a.account.DisabledAt.IsZero() {
		_, forced := a.p.accountOverride(a.p.facts.Overrides.RunNow, a.target.Name, of.stay.ID, Delete)
		least := move(a.account.DisabledAt.In(a.p.locationOf(out)), a.target.Account.Minimum)
		if least.After(out.at) && !forced {
			out.at = least
			out.reason += ", not before the minimum after the disable"
		}
	}
	return out, true
}

func (a *accountPlan) deleteLine(m moment) *item {
	s := a.schedules[len(a.schedules)-1]
	it := a.line(Delete, s.c, m)
	if a.account.DisabledAt.IsZero() || !a.p.knownStay(a.account.DisabledFor) || a.stands(m) {
		it.Code = AttentionDelete
	}
	return it
}

// knownStay reports whether the account was disabled for a stay that is known;
// an account whose disable names none was disabled by us before stays were.
func (p *planner) knownStay(stay string) bool {
	return stay == "" || slices.ContainsFunc(p.memory.Stays, func(s person.Stay) bool { return s.ID == stay })
}
