package plan

import (
	"slices"
	"time"

	"tenure/internal/lifecycle"
)

// wantsEnabled is the one owner of enabled (S4): a function of the half-open
// intervals of the stays and of overrides.
func (a *accountPlan) wantsEnabled(t time.Time) (schedule, bool) {
	if _, _, shut := a.p.shut(); shut {
		return schedule{}, false
	}
	for _, s := range slices.Backward(a.schedules) {
		override, overridden := a.p.enabledOverride(a.target.Name, s.c.stay.ID)
		from := s.enable.reached(t)
		if overridden && override.Enabled {
			from = true
		}
		if s.c.undone || !from || s.disable.reached(t) || s.c.left(t) && s.disable.isZero() {
			continue
		}
		if overridden && !override.Enabled || a.absent(s, t) || a.isOutside(s.c) {
			continue
		}
		if !s.disable.planned.IsZero() && s.c.left(t) && a.account.State == AccountDisabled {
			continue // to postpone a disable keeps access, and gives none
		}
		return s, true
	}
	return schedule{}, false
}

// orderedAt is when an account line was ordered out of turn: it stays the same
// from plan to plan, so that what was agreed to is known again.
func (p *planner) orderedAt(o EnabledOverride, otherwise time.Time) time.Time {
	if !o.At.IsZero() {
		return o.At
	}
	for _, done := range p.facts.Done {
		if done.Key == o.TaskKey {
			return done.At
		}
	}
	for _, byHand := range p.facts.Overrides.RunNow {
		if byHand.Key == o.TaskKey {
			return byHand.At
		}
	}
	return otherwise
}

// absent reports whether a leave of absence takes access away.
func (a *accountPlan) absent(s schedule, t time.Time) bool {
	return a.target.Account.Leave == lifecycle.LeaveDisable && !s.absence.keepsAccess && s.absence.covers(t)
}

// enableLine is nil for an account that existing staff has, that was not
// disabled by us (S1) and that nobody linked or asked to look at; one that was
// there before stays as it is until a human confirms (S14).
func (a *accountPlan) enableLine(s schedule) *item {
	override, overridden := a.p.enabledOverride(a.target.Name, s.c.stay.ID)
	ordered := overridden && override.Enabled
	_, asked := a.p.checked(a.target.Name)
	untouched := s.c.existing && a.account.DisabledAt.IsZero()
	if untouched && a.account.AdoptedAt.IsZero() && !ordered && !asked {
		return nil
	}
	m := s.enable
	if m.at.After(a.at) || m.isZero() {
		m.at, m.reason = a.p.orderedAt(override, a.at), "enabled out of turn"
	}
	if until := s.absence.until; !until.IsZero() && !until.After(a.at) && until.After(m.at) {
		m.at, m.known, m.reason = until, until, "the leave of absence ended"
	}
	it := a.line(Enable, s.c, m)
	it.Reason += a.undoes(s.c)
	switch {
	case ordered:
	case a.stands(m) && a.account.DisabledAt.Before(a.stoodSince()):
		it.Code = AttentionAdoptedState
	case a.disabledElsewhere(s), untouched:
		it.Code = AttentionDisabledElsewhere
	}
	if a.returning(s.c) && a.target.Account.Rehire == lifecycle.RehireAsk {
		it.Code = AttentionRehire
	}
	return it
}

// undoes says what is taken back with the access of another stay: what the tasks of
// a leave wrote to the account, if anything (S18).
func (a *accountPlan) undoes(c *chapter) string {
	former := slices.ContainsFunc(a.account.Removed, func(r Removed) bool { return r.Wrote != "" && r.Stay != c.stay.ID })
	if !former || a.account.State == AccountDeleted && a.target.Account.Rehire == lifecycle.RehireNew {
		return ""
	}
	return "; takes back what the tasks of the former leave wrote"
}

// disabledElsewhere reports whether we had enabled the account for the stay and
// it is disabled now though we did not cut it: somebody had a reason.
func (a *accountPlan) disabledElsewhere(s schedule) bool {
	if a.account.DisabledFor != "" {
		return a.account.FoundDisabled && a.account.DisabledFor == s.c.stay.ID
	}
	if !a.lost(Cut).IsZero() {
		return false
	}
	return slices.ContainsFunc(a.p.facts.Done, func(done Done) bool {
		key, err := ParseKey(done.Key)
		if err != nil || done.Outcome != OutcomeDone {
			return false
		}
		return isAccountKey(key, a.target.Name, s.c.stay.ID, Enable) ||
			isAccountKey(key, a.target.Name, s.c.stay.ID, Create) && !done.Shut && s.enable.reached(done.At)
	})
}
