package plan

import (
	"slices"
	"time"

	"tenure/internal/lifecycle"
)

// cut makes the disable line, but only for a reason that can be named: an
// account is never disabled for want of one.
func (a *accountPlan) cut(t time.Time) *item {
	s, found := a.own(t)
	if !found {
		return nil
	}
	m, wanted := a.cutReason(s, t)
	if !wanted {
		return nil
	}
	_, _, shut := a.p.shut()
	_, asked := a.p.toCheck(a.target.Name)
	if !shut && !asked && (m.ask == "" || m.ask == AttentionStartMoved) && a.stands(m) {
		m.ask = AttentionAdoptedState
	}
	it := a.line(Cut, s.c, m)
	it.urgent = true
	it.leaves = a.target.Kind == lifecycle.KindAD && (shut || s.disable.reached(t))
	return it
}

func (a *accountPlan) cutReason(s schedule, t time.Time) (moment, bool) {
	base := moment{zone: a.p.zoneOn(s.c.stay, a.p.todayIn(s.c.stay)).name(), source: ZoneOfPolicy}
	since, why, shut := a.p.shut()
	override, overridden := a.p.enabledOverride(a.target.Name, s.c.stay.ID)
	switch {
	case shut:
		base.at, base.known, base.reason = since, since, why
		return base, true
	case s.disable.reached(t):
		_, asked := a.p.toCheck(a.target.Name)
		return s.disable, asked || !a.p.beforeBaseline(s.c, s.disable.at)
	case overridden && !override.Enabled:
		base.at, base.reason = a.p.orderedAt(override, t), "disabled out of turn"
		return base, true
	case a.absent(s, t):
		base.at, base.reason = s.absence.from, "a leave of absence without access began"
		if base.at.IsZero() {
			base.at = s.c.stated.StatusAsOf
		}
		base.known = base.at
		return base, true
	case a.isOutside(s.c):
		left, _ := a.p.leftScopeOf(a.target.Name, s.c.stay.ID)
		base.at, base.known, base.reason = left.At, left.At, leftScopeReason
		if left.ByPolicy {
			base.ask = AttentionPolicyChange
		}
		return base, true
	case s.enable.at.After(t):
		base.at, base.reason = t, "the start moved: "+s.enable.reason
		if anchor, found := a.p.anchor(s.c.stay.ID, AnchorStart); found {
			base.at = anchor.Since
		}
		base.known = base.at
		if a.lost(Enable).IsZero() && a.lost(Create).IsZero() && !a.p.enabledLately(a.target.Name, s.c.stay.ID) {
			base.ask = AttentionStartMoved
		}
		return base, true
	default:
		return moment{}, false
	}
}

// enabledLately reports whether we enabled the account for the stay not long
// ago. Of somebody who has worked for longer a start that lies ahead is rather
// a slip or a conversion than a reason to disable.
func (p *planner) enabledLately(target, stay string) bool {
	for _, done := range p.facts.Done {
		key, err := ParseKey(done.Key)
		enabled := err == nil && (isAccountKey(key, target, stay, Enable) || isAccountKey(key, target, stay, Create))
		if enabled && done.Outcome == OutcomeDone && p.now.Sub(done.At) < defaultLateDays*24*time.Hour {
			return true
		}
	}
	return false
}

// cutAnyway reports whether the unit of disable, passes and sessions is still
// to be done for this leave though the account is not known to be enabled: it
// may exist (existing staff), or have been disabled by somebody else (S5).
func (a *accountPlan) cutAnyway(t time.Time) bool {
	s, found := a.own(t)
	if !found || slices.Contains(a.cutFor, s.c.stay.ID) {
		return false
	}
	shutAt, _, shut := a.p.shut()
	if !shut && !s.disable.reached(t) {
		return false
	}
	if check, asked := a.p.toCheck(a.target.Name); asked {
		// A human who asks saw more than is known here, and means this account.
		return !a.p.cutDone(a.target.Name, s.c.stay.ID, check.At)
	}
	if a.account.State == AccountDeleted || !shut && (a.p.beforeBaseline(s.c, s.disable.at) || a.stands(s.disable)) {
		return false
	}
	switch a.account.State {
	case AccountDisabled:
		// A human who cuts access wants it looked at, whatever is known.
		sure := !shut && a.enableTried().IsZero()
		if sure && a.account.DisabledFor == s.c.stay.ID && !a.account.DisabledAt.IsZero() {
			return false
		}
	case AccountUnknown:
		// A create whose answer was lost may have made an account all the same.
		never := s.c.undone || !s.c.existing && s.c.begins.After(t)
		if never && a.tried(Create).IsZero() {
			return false
		}
	default:
		if !s.c.existing {
			return false
		}
	}
	since := s.disable.known
	if tried := a.enableTried(); tried.After(since) {
		since = tried
	}
	if shut {
		since = shutAt
	}
	return !a.p.cutSince(a.target.Name, s.c.stay.ID, since)
}

// cutDone reports whether a cut of the stay is remembered since an instant.
func (p *planner) cutDone(target, stay string, since time.Time) bool {
	for _, done := range p.decided {
		key, err := ParseKey(done.Key)
		if err == nil && isAccountKey(key, target, stay, Cut) && done.Outcome == OutcomeDone && !done.At.Before(since) {
			return true
		}
	}
	return false
}

// cutSince reports whether a cut of the stay was done since an instant. Of a
// stay that is closed nothing is remembered but that it was.
func (p *planner) cutSince(target, stay string, since time.Time) bool {
	return p.cutDone(target, stay, since) || slices.ContainsFunc(p.facts.Through, func(through Through) bool {
		return through.Workflow == AccountWorkflow+target && through.Stay == stay
	})
}
