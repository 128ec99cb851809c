package plan

import (
	"fmt"
	"slices"
	"time"

	"tenure/internal/lifecycle"
)

// line makes an account line without a state.
func (a *accountPlan) line(verb Verb, c *chapter, m moment) *item {
	it := a.p.accountItem(a.target, verb, c, m, a.account.Operations+a.made, a.at)
	if verb == Create {
		_, it.enabled = a.wantsEnabled(a.at)
	}
	return it
}

func (p *planner) accountItem(target *lifecycle.Target, verb Verb, c *chapter, m moment, generation int, at time.Time) *item {
	stay := ""
	if c != nil {
		stay = c.stay.ID
	}
	it := &item{
		Line: Line{
			Workflow: AccountWorkflow + target.Name, Stay: stay, Generation: generation, Task: string(verb),
			Verb: verb, Target: target.Name, Activity: activityOf(verb), Due: m.at, Zone: m.zone, ZoneSource: m.source,
			Reason: "because " + m.reason, Order: orderOf(verb),
		},
		known: m.known,
		class: lifecycle.ClassAccount,
	}
	it.Key = TaskKey(it.Workflow, it.Stay, it.Generation, it.Task)
	it.Code = m.ask
	it.staff = c != nil && p.staff(target.Name, c)
	if c != nil && (verb == Create || verb == Update) {
		it.digest = MappedDigest(target, p.mappingScope(c, at))
	}
	return it
}

func activityOf(verb Verb) Activity {
	switch verb {
	case Cut:
		return ActivityCut
	case Delete:
		return ActivityDelete
	case WithdrawPass:
		return ActivityPass
	default:
		return ActivityAccount
	}
}

// orderOf puts what gives before joiners and what takes after leavers. A pass
// that is withdrawn goes before one that is issued.
func orderOf(verb Verb) int {
	if verb == Cut || verb == Delete {
		return orderAccountDown
	}
	return orderAccountUp
}

// decide gives a line of the present its state and adds it.
func (a *accountPlan) decide(it *item) {
	p := a.p
	p.items = append(p.items, it)
	_, _, shut := p.shut()
	byHand := shut && it.Verb == Cut
	verb := it.Verb
	if verb == Create && a.account.State == AccountDeleted {
		verb = Restore // it comes back with what it had
	}
	if it.unsyncs {
		verb = Delete // which it brings about in the cloud
	}
	kind, kept := p.keptBy(verb)
	switch {
	case p.running(it.Key):
		it.State = Running
		p.attendRunning(it)
	case !allows(a.target, it.Verb):
		it.observe(a.target)
		if byHand {
			p.attend(AttentionObservedCut, it.Key)
		}
	case a.stalled && (!a.stuck || it.Verb != Cut):
		it.State, it.Reason = Waiting, it.Reason+"; waits for the line before it"
	case p.statusUnknown() && !byHand:
		it.State, it.Code = Waiting, AttentionStatusUnknown
	case p.accountSkipped(it) && !byHand:
		it.State = Skipped
		if it.Verb == Cut {
			p.attend(AttentionDisableSkipped, it.Key)
		}
	case kept && !byHand:
		it.State, it.Reason = Held, it.Reason+keptWords(kind)
		if it.Verb == Cut {
			p.attend(AttentionHeldDisable, it.Key)
		}
	case it.State == ParkedState:
		p.attendWith(it.Code, it.Key, it.failed)
	case it.leftOut != "":
		it.State, it.Reason = Waiting, it.Reason+"; the mapping of "+it.leftOut+" leaves this person out"
	case it.Code == AttentionOutsideSync && !p.accountAgreed(it, it.known):
		it.State = Asks
		p.attend(it.Code, it.Key)
	case p.awaitsSource(a.target, it):
		it.State, it.Reason = Waiting, it.Reason+"; waits for the account in "+a.target.SyncedFrom
	case it.Code != "" && !byHand && !p.accountAgreed(it, it.known):
		it.State = Asks
		p.attend(it.Code, it.Key)
	case !byHand && p.asksForm(it) && !p.accountAgreed(it, it.asked):
		it.State, it.Code = Asks, AttentionPolicyChange
		it.Reason += fmt.Sprintf("; due only since version %d of the policy", p.in.Forms[len(p.in.Forms)-1].Version)
		p.attend(it.Code, it.Key)
	default:
		p.decideParked(it)
	}
	if it.State == Held || it.State == Due || it.State == Running || it.State == Waiting && it.Code == AttentionOutsideSync {
		it.Code = ""
	}
}

// accountSkipped reports whether a human skipped this account line. A skip
// speaks of the reason it was known for, not of a later one.
func (p *planner) accountSkipped(it *item) bool {
	o, found := p.accountOverride(p.facts.Overrides.Skips, it.Target, it.Stay, it.Verb)
	return found && !o.At.Before(it.known) && (it.Verb != Cut || p.skipsCut(it, o.At))
}

// skipsCut reports whether a skip speaks of this disable: the first one that
// was due under it uses it up.
func (p *planner) skipsCut(it *item, at time.Time) bool {
	for _, used := range p.memory.Skipped {
		if used.Target == it.Target && used.Stay == it.Stay && used.At.Equal(at) {
			return used.Known.Equal(it.known)
		}
	}
	p.memory.Skipped = append(p.memory.Skipped, SkippedCut{Target: it.Target, Stay: it.Stay, At: at, Known: it.known})
	return true
}

// accountAgreed reports whether a human answered yes since the question exists.
func (p *planner) accountAgreed(it *item, since time.Time) bool {
	for _, list := range [][]KeyOverride{p.facts.Overrides.Approved, p.facts.Overrides.RunNow} {
		if o, found := p.accountOverride(list, it.Target, it.Stay, it.Verb); found && !o.At.Before(since) {
			return true
		}
		for _, o := range list {
			if covers(o.Key, it.Key) && !o.At.Before(since) {
				return true
			}
		}
	}
	return false
}

// decideParked makes a line due, unless it waits for its retry or a human.
func (p *planner) decideParked(it *item) {
	it.State = Due
	parked, found := p.parkedFor(it)
	if !found {
		return
	}
	it.attempt = parked.Attempts
	it.At, it.Retry = parked.Since, parked.Retry
	foreign := p.attendForeign(it, parked)
	byHand := !parked.Tried.IsZero() && p.ranNow(it, parked.Tried.Add(time.Nanosecond))
	if byHand || p.isReleased(it, parked.Code) || !parked.Retry.IsZero() && !parked.Retry.After(p.now) {
		return
	}
	if it.objectID != "" && AsksWhenParked(parked.Code) {
		return // a human has answered
	}
	it.State, it.Code = ParkedState, parked.Code
	if code := matchAttention(parked.Code); code != "" && (it.Verb == Link || it.Verb == Create) {
		p.askMatch(it, parked, code)
		return
	}
	p.wake(parked.Retry, "try again: "+it.Task)
	switch {
	case foreign:
	case isGated(parked.Code), parked.Code == AttentionPaused:
		p.attendWith(parked.Code, it.Key, parked.Detail)
	case parked.Retry.IsZero(), parked.Attempts >= attentionAttempts, parked.Retry.Sub(parked.Tried) >= attentionWait:
		p.attend(AttentionParked, it.Key)
	}
}

// askMatch asks about an account that may be the person's, or goes on where a
// human said that it is not.
func (p *planner) askMatch(it *item, parked Parked, code string) {
	asks := attentionOf(code, it.Key).Asks
	agreed := slices.ContainsFunc(p.facts.Overrides.Approved, func(o KeyOverride) bool {
		return covers(o.Key, it.Key) && !o.At.Before(parked.Tried)
	})
	if asks && agreed {
		it.State, it.Code = Due, ""
		return
	}
	if asks {
		it.State = Asks
	}
	p.attend(code, it.Key)
	p.wake(parked.Retry, "look again: "+it.Task)
}

// attentionAttempts is how often something is tried, and attentionWait how far
// away the next attempt is, before a human is told.
const (
	attentionAttempts = 3
	attentionWait     = time.Hour
)

// parkedFor finds the parking of a line; that of an account line counts for
// its verb, but not where it was tried for an older reason alone.
func (p *planner) parkedFor(it *item) (Parked, bool) {
	for _, parked := range p.facts.Parked {
		if parked.Key == it.Key {
			return parked, !IsAccountVerb(it.Verb) || parked.isOf(it)
		}
	}
	if !IsAccountVerb(it.Verb) {
		return Parked{}, false
	}
	for _, parked := range p.facts.Parked {
		key, err := ParseKey(parked.Key)
		if err == nil && isAccountKey(key, it.Target, it.Stay, it.Verb) && parked.isOf(it) && !p.doneAfter(it, parked.Since) {
			return parked, true
		}
	}
	return Parked{}, false
}

// isOf reports whether the parking is of the line's present reason: one that was
// parked for an older reason is, once it was tried again for the newer one.
func (p Parked) isOf(it *item) bool {
	return !p.Since.Before(it.known) || !p.Tried.Before(it.known)
}

// doneAfter reports whether the account line's verb was done for the stay since
// it was parked under the number of another operation.
func (p *planner) doneAfter(it *item, since time.Time) bool {
	return slices.ContainsFunc(p.facts.Done, func(done Done) bool {
		key, err := ParseKey(done.Key)
		return err == nil && isAccountKey(key, it.Target, it.Stay, it.Verb) && done.Outcome == OutcomeDone && !done.At.Before(since)
	})
}

// ranNow reports whether a human asked to run the line since an instant.
func (p *planner) ranNow(it *item, since time.Time) bool {
	for _, o := range p.facts.Overrides.RunNow {
		key, err := ParseKey(o.Key)
		same := covers(o.Key, it.Key) || err == nil && IsAccountVerb(it.Verb) && isAccountKey(key, it.Target, it.Stay, it.Verb)
		if same && !o.At.Before(since) {
			return true
		}
	}
	return false
}

// ranTaskNow reports whether a human asked to run this very task, not the run
// that it is part of.
func (p *planner) ranTaskNow(it *item, since time.Time) bool {
	return slices.ContainsFunc(p.facts.Overrides.RunNow, func(o KeyOverride) bool {
		return o.Key == it.Key && !o.At.Before(since)
	})
}

// baselineLines records what existing staff had before the baseline (S1).
func (a *accountPlan) baselineLines() {
	for _, s := range a.schedules {
		for _, line := range []struct {
			verb Verb
			m    moment
		}{{Create, s.create}, {Enable, s.enable}, {Cut, s.disable}, {Delete, s.delete}} {
			if line.m.isZero() || !a.p.beforeBaseline(s.c, line.m.at) || a.account.Stay == s.c.stay.ID {
				continue
			}
			it := a.p.accountItem(a.target, line.verb, s.c, line.m, 0, a.p.now)
			key := Key{Workflow: it.Workflow, Stay: it.Stay, Task: it.Task}
			done, found := a.p.doneOf(key)
			if found && done.Outcome != OutcomeBeforeBaseline {
				continue
			}
			if !found {
				a.p.settle(key, OutcomeBeforeBaseline, "")
				done = a.p.decided[it.Key]
			}
			it.State, it.At, it.Code = BeforeBaseline, done.At, ""
			a.p.items = append(a.p.items, it)
		}
	}
}

// blockedWithoutStay cuts access of a person who was terminated or held for
// security before HR stated any stay.
func (a *accountPlan) blockedWithoutStay() {
	since, why, shut := a.p.shut()
	exists := a.account.State == AccountEnabled || a.account.State == AccountUnknown
	if !shut || len(a.schedules) > 0 || !exists || a.p.cutSince(a.target.Name, "", since) {
		return
	}
	it := a.p.accountItem(a.target, Cut, nil, moment{
		at: since, known: since, zone: a.p.feedZone.String(), source: ZoneOfFeed, reason: why,
	}, a.account.Operations, a.p.now)
	it.urgent, it.leaves = true, a.target.Kind == lifecycle.KindAD
	a.decide(it)
}
