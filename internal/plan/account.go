package plan

import (
	"slices"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// The order of lines due at one instant (S5).
const (
	orderAccountUp = iota
	orderJoiner
	orderMover
	orderLeaver
	orderAccountDown
)

// maxForetold bounds the account lines that are foretold for a target.
const maxForetold = 32

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

// accountLines makes the account lines of every target: the difference between
// what is wanted and what is known (S4).
func (p *planner) accountLines() {
	for i := range p.in.Policy.Targets {
		target := &p.in.Policy.Targets[i]
		a := &accountPlan{p: p, target: target, account: p.account(target.Name), at: p.now}
		for j := range p.chapters {
			a.schedules = append(a.schedules, p.scheduleOf(target, &p.chapters[j]))
		}
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

// lost is when a line was last tried that did not answer, unless one that looks
// at the account was done since: what it should have done may be so.
func (a *accountPlan) lost(verb Verb) time.Time {
	var tried time.Time
	for _, parked := range a.p.facts.Parked {
		key, err := ParseKey(parked.Key)
		if err == nil && key.Workflow == AccountWorkflow+a.target.Name && key.Task == string(verb) &&
			parked.Code != refusedUntried && parked.Attempts > 0 && parked.Tried.After(tried) {
			tried = parked.Tried
		}
	}
	for _, done := range a.p.decided {
		key, err := ParseKey(done.Key)
		looks := key.Task == string(Create) || key.Task == string(Enable) || key.Task == string(Cut)
		if err == nil && key.Workflow == AccountWorkflow+a.target.Name && looks && done.Outcome == OutcomeDone && !done.At.Before(tried) {
			return time.Time{}
		}
	}
	if a.sought {
		return time.Time{}
	}
	return tried
}

// lookAgain enables an account that is believed enabled: a disable was tried, did
// not answer, and is not wanted any more.
func (a *accountPlan) lookAgain(s schedule, tried time.Time) *item {
	m := s.enable
	m.at, m.known, m.ask = tried, tried, ""
	m.reason = "a disable that is not wanted any more did not answer"
	return a.line(Enable, s.c, m)
}

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
		if overridden && !override.Enabled || a.absent(s, t) {
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

// enableTried is when, since our last disable, an enable was first tried that
// did not answer: the account may be enabled.
func (a *accountPlan) enableTried() time.Time {
	tried := a.tried(Enable)
	if tried.After(a.account.DisabledAt) {
		return tried
	}
	return time.Time{}
}

// refusedUntried is the code of a create that was refused before the target was
// asked for anything.
const refusedUntried = "no-employee-id"

// tried is when a line that is parked was first tried; its answer may be lost.
// What a gate or a pause stopped was not tried.
func (a *accountPlan) tried(verb Verb) time.Time {
	for _, parked := range a.p.facts.Parked {
		key, err := ParseKey(parked.Key)
		if err == nil && key.Workflow == AccountWorkflow+a.target.Name && key.Task == string(verb) && parked.Code != refusedUntried && parked.Attempts > 0 {
			return parked.Since
		}
	}
	return time.Time{}
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
			isAccountKey(key, a.target.Name, s.c.stay.ID, Create) && s.enable.reached(done.At)
	})
}

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
