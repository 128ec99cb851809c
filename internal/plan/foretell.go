package plan

import (
	"slices"
	"time"
)

// maxForetold bounds the account lines that are foretold for a target.
const maxForetold = 32

// foretell makes the lines of the future, one boundary after the other.
func (a *accountPlan) foretell() {
	for range maxForetold {
		t, found := a.nextBoundary()
		if !found {
			return
		}
		a.at = t
		for range 2 {
			it := a.step(t)
			if it == nil {
				break
			}
			it.State = Future
			if !allows(a.target, it.Verb) {
				it.Reason += "; target " + a.target.Name + " is in mode " + a.target.Mode
			}
			if it.Due.Before(t) {
				it.Due = t
			}
			a.p.items = append(a.p.items, it)
			a.p.wake(it.Due, string(it.Verb)+" the account in "+a.target.Name)
			if it.Verb == Cut && allows(a.target, Cut) {
				a.postponedCut(it)
			}
			a.perform(it, t)
		}
	}
}

// postponedCut tells of a disable that should have been done by now: access that
// should end is never left open silently.
func (a *accountPlan) postponedCut(it *item) {
	s, found := a.own(it.Due)
	switch planned := s.disable.planned; {
	case !found || planned.IsZero():
	case planned.After(a.p.now):
		a.p.wake(planned, "a postponed disable in "+a.target.Name)
	default:
		a.p.attend(AttentionDisablePostponed, it.Key)
	}
}

// nextBoundary is the next instant after a.at at which what is wanted may
// differ.
func (a *accountPlan) nextBoundary() (time.Time, bool) {
	var all []time.Time
	for _, s := range a.schedules {
		all = append(all, s.create.at, s.enable.at, s.disable.at)
		if s.absence.on {
			all = append(all, s.absence.from, s.absence.until)
		}
	}
	if m, wanted := a.deletion(); wanted {
		all = append(all, m.at)
	}
	all = slices.DeleteFunc(all, func(t time.Time) bool { return t.IsZero() || !t.After(a.at) })
	if len(all) == 0 {
		return time.Time{}, false
	}
	return slices.MinFunc(all, time.Time.Compare), true
}
