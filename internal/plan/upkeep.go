package plan

import (
	"slices"
)

// maxRemoved is how many memberships and licences a journey remembers (S13).
const maxRemoved = 200

// upkeep makes the lines that change an existing account without making,
// enabling or ending it: attributes, and what a rescinded leave gives back.
func (a *accountPlan) upkeep(account Account) {
	p := a.p
	c := p.current(p.now)
	if c == nil || c.undone || c.left(p.now) || p.facts.Overrides.Blocked != nil {
		return
	}
	if a.creating() {
		return
	}
	stalled := a.stalled
	a.stalled = false
	if m, wanted := a.wantsUpdate(account, c); wanted {
		it := a.p.accountItem(a.target, Update, c, m, account.Operations, p.now)
		a.leavesSync(it, c)
		a.decideUpkeep(it)
	}
	if m, asks, wanted := a.wantsRestore(account, c); wanted {
		it := a.p.accountItem(a.target, Restore, c, m, account.Operations, p.now)
		if asks {
			it.Code = AttentionRestore
		}
		a.decideUpkeep(it)
	}
	a.stalled = stalled
	a.leftScope(account, c)
	a.attendMapped(account, c)
}

// attendMapped tells which attributes cannot be made: they stay as they are (S10).
func (a *accountPlan) attendMapped(account Account, c *chapter) {
	exists := account.State == AccountEnabled || account.State == AccountDisabled
	if !exists || !hasExpressions(a.target) {
		return
	}
	for _, failed := range AttributesWanted(a.target, a.p.mappingScope(c, a.p.now)).Failed {
		a.p.attendWith(AttentionMapping, RunPrefix(AccountWorkflow+a.target.Name, c.stay.ID)+string(Update), failed.String())
	}
}

func (a *accountPlan) decideUpkeep(it *item) {
	if it.Due.After(a.p.now) {
		it.State = Future
		a.p.items = append(a.p.items, it)
		a.p.wake(it.Due, "look for the manager again")
		return
	}
	a.decide(it)
}

// creating reports whether this plan makes the account, or takes access away:
// then there is nothing to keep up.
func (a *accountPlan) creating() bool {
	return slices.ContainsFunc(a.p.items, func(it *item) bool {
		return it.Target == a.target.Name && (it.Verb == Create || it.Verb == Cut || it.Verb == Delete) &&
			it.State != Future && it.State != BeforeBaseline
	})
}

// wantsUpdate reports whether attributes differ, or a manager is waited for.
// An account that nobody has looked at is linked first (S14).
func (a *accountPlan) wantsUpdate(account Account, c *chapter) (moment, bool) {
	if account.State != AccountEnabled && account.State != AccountDisabled {
		return moment{}, false
	}
	if account.State == AccountDisabled && (a.returning(c) || a.isOutside(c)) {
		return moment{}, false // the former account of a returning person, or of one who is elsewhere
	}
	z := a.p.zoneOn(c.stay, a.p.todayIn(c.stay))
	m := moment{zone: z.name(), source: z.source}
	if drift, differs := a.p.drift(account, c.stay.ID); differs {
		m.at, m.known, m.reason = drift.Since, drift.Since, "what HR or the policy says of the account's attributes changed"
		return m, true
	}
	if until := waitsUntil(account); !until.IsZero() {
		m.at, m.known, m.reason = until, until, "the manager had no account yet"
		return m, true
	}
	if check, asked := a.p.toCheck(a.target.Name); asked {
		m.at, m.known, m.reason = check.At, check.At, "somebody asked to look at the account again"
		return m, true
	}
	return moment{}, false
}

// wantsRestore reports whether a rescinded leave gives back what it took. A leave
// that lies ahead and may have taken something already is none.
func (a *accountPlan) wantsRestore(account Account, c *chapter) (m moment, asks, wanted bool) {
	exists := account.State == AccountEnabled || account.State == AccountDisabled
	anchor, found := a.p.anchor(c.stay.ID, AnchorLastDay)
	if !exists || !found {
		return moment{}, false, false
	}
	count := 0
	for _, removed := range account.Removed {
		takenBack := anchor.Withdrawn || anchor.Generation > removed.Leave
		if removed.Stay == c.stay.ID && takenBack {
			count++
		}
	}
	if count == 0 {
		return moment{}, false, false
	}
	z := a.p.zoneOn(c.stay, a.p.todayIn(c.stay))
	return moment{
		at: anchor.Since, known: anchor.Since, zone: z.name(), source: z.source,
		reason: "the leave that took groups and licences away was taken back",
	}, count >= maxRemoved, true
}
