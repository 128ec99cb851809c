package plan

import (
	"slices"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// deletion is when the account is to be deleted: after every stay's delete,
// never while a stay goes on or is to come, and not before the minimum since
// our own disable (S7).
func (a *accountPlan) deletion() (moment, bool) {
	var out moment
	var of *chapter
	for _, s := range a.schedules {
		if s.delete.isZero() && s.c.left(a.p.now) && a.deleteOrdered() {
			continue // a former stay, whose account the task names
		}
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
		least := move(a.account.DisabledAt.In(a.p.locationOf(out)), a.minimum(of))
		if least.After(out.at) && !forced {
			out.at = least
			out.reason += ", not before the minimum after the disable"
		}
	}
	return out, true
}

// DeleteOrder is what a delete task asked of the account lines for a stay.
type DeleteOrder struct {
	Target  string    `json:"target"`
	Stay    string    `json:"stay"`
	TaskKey string    `json:"task"`
	At      time.Time `json:"at"`
	// Minimum is the least time between our own disable and the delete.
	Minimum lifecycle.Duration `json:"minimum"`
}

// orderDelete keeps one order of a stay, the latest.
func (p *planner) orderDelete(o DeleteOrder) {
	p.memory.Deletes = append(slices.DeleteFunc(p.memory.Deletes, func(old DeleteOrder) bool {
		return old.Target == o.Target && old.Stay == o.Stay
	}), o)
}

func (p *planner) deleteOrder(target, stay string) (DeleteOrder, bool) {
	for _, o := range p.memory.Deletes {
		if o.Target == target && o.Stay == stay {
			return o, true
		}
	}
	return DeleteOrder{}, false
}

// orderedDelete is the earlier of the delete line and of what a task ordered, once
// the person has left.
func (p *planner) orderedDelete(target *lifecycle.Target, c *chapter, m moment) moment {
	o, found := p.deleteOrder(target.Name, c.stay.ID)
	if !found || !c.undone && !c.left(p.now) || !m.isZero() && m.at.Before(o.At) {
		return m
	}
	z := p.zoneOn(c.stay, person.DateOf(o.At.In(p.feedZone)))
	return p.accountMoment(target, c, Delete, moment{at: o.At, known: o.At, zone: z.name(), source: z.source, reason: "a task ordered it"})
}

// deleteOrdered reports whether a task ordered the delete for the last stay.
func (a *accountPlan) deleteOrdered() bool {
	last := len(a.schedules) - 1
	_, found := a.p.deleteOrder(a.target.Name, a.schedules[last].c.stay.ID)
	return found
}

// minimum is the longest of what the delete line and the task state.
func (a *accountPlan) minimum(c *chapter) lifecycle.Duration {
	least := a.target.Account.Minimum
	if o, found := a.p.deleteOrder(a.target.Name, c.stay.ID); found && o.Minimum.Days > least.Days {
		least = o.Minimum
	}
	return least
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
