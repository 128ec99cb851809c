package plan

import (
	"time"

	"tenure/internal/lifecycle"
)

// The order of lines due at one instant (S5).
const (
	orderAccountUp = iota
	orderJoiner
	orderMover
	orderLeaver
	orderAccountDown
)

// accountPlan is the account of one target as it is, and as it will be when
// its lines are done: the same rules make the present and the future lines.
type accountPlan struct {
	p         *planner
	target    *lifecycle.Target
	schedules []schedule
	account   Account
	at        time.Time
	// made counts lines, so that keys of future lines differ.
	made int
	// stalled is set once a line of the present is waited for.
	stalled bool
	// stuck is set where that is an order about a link which is not due: no cut
	// waits for it.
	stuck bool
	// sought is set once a line of this plan looks at the account.
	sought bool
	// cutFor are the stays that lines made so far cut.
	cutFor []string
}

// accountPlanOf is the account of a target as it is now.
func (p *planner) accountPlanOf(target *lifecycle.Target) *accountPlan {
	a := &accountPlan{p: p, target: target, account: p.account(target.Name), at: p.now}
	for i := range p.chapters {
		a.schedules = append(a.schedules, p.scheduleOf(target, &p.chapters[i]))
	}
	return a
}

// accountLines makes the account lines of every target: the difference between
// what is wanted and what is known (S4).
func (p *planner) accountLines() {
	for _, target := range p.sourcesFirst() {
		a := p.accountPlanOf(target)
		a.baselineLines()
		a.blockedWithoutStay()
		a.link()
		if a.account.Unlinked {
			p.attend(AttentionUnlinked, RunPrefix(AccountWorkflow+target.Name, "")+"link")
			continue
		}
		a.present()
		a.foretell()
	}
}

// present makes the lines of now. Only the first can be due: what follows
// depends on it.
func (a *accountPlan) present() {
	up := a.account
	for range maxForetold {
		it := a.step(a.p.now)
		if it == nil {
			break
		}
		a.decide(it)
		a.perform(it, a.p.now)
		a.stalled, a.stuck = true, false
	}
	a.upkeep(up)
}

// step is the one line by which the account comes nearer to what is wanted at
// t; nil where it is as wanted.
func (a *accountPlan) step(t time.Time) *item {
	on, enabled := a.wantsEnabled(t)
	switch a.account.State {
	case AccountEnabled:
		if !enabled {
			return a.cut(t)
		}
		if tried := a.lost(Cut); !tried.IsZero() {
			return a.lookAgain(on, tried)
		}
	case AccountDisabled:
		if s, wanted := a.wantsNew(t); wanted {
			return a.createLine(s, t)
		}
		if enabled && !a.lost(Delete).IsZero() {
			return a.createLine(on, t) // it may be gone: look, bring it back or make one
		}
		if enabled {
			return a.enableLine(on)
		}
		if a.cutAnyway(t) || !a.lost(Enable).IsZero() && !a.lost(Enable).Before(a.account.DisabledAt) {
			if it := a.cut(t); it != nil {
				return it
			}
		}
		if m, wanted := a.deletion(); wanted && m.reached(t) {
			return a.deleteLine(m)
		}
	case AccountUnknown, AccountNone, AccountDeleted:
		if s, wanted := a.wantsCreate(t); wanted {
			return a.createLine(s, t)
		}
		if a.cutAnyway(t) || a.account.State == AccountUnknown && !a.lost(Create).IsZero() {
			return a.cut(t)
		}
	}
	return nil
}

// own is the schedule of the stay that the account was last made or enabled
// for, or else of the one that counts at t.
func (a *accountPlan) own(t time.Time) (schedule, bool) {
	for _, s := range a.schedules {
		if a.account.Stay != "" && s.c.stay.ID == a.account.Stay {
			return s, true
		}
	}
	if c := a.p.current(t); c != nil {
		return a.schedules[c.index], true
	}
	return schedule{}, false
}

// perform is what a line leaves behind when it is done.
func (a *accountPlan) perform(it *item, t time.Time) {
	a.made++
	a.sought = true
	switch it.Verb {
	case Create:
		a.account.State, a.account.Stay = AccountDisabled, it.Stay
		a.account.DisabledAt, a.account.DisabledFor = time.Time{}, ""
		if it.enabled {
			a.account.State = AccountEnabled
		}
	case Enable:
		a.account.State, a.account.Stay, a.account.FoundDisabled = AccountEnabled, it.Stay, false
	case Cut:
		a.account.State, a.account.DisabledAt, a.account.DisabledFor = AccountDisabled, t, it.Stay
		a.cutFor = append(a.cutFor, it.Stay)
	case Delete:
		a.account.State = AccountDeleted
	default:
	}
}
