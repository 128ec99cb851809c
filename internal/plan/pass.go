package plan

import (
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// passLines withdraw passes whose reason is gone: the stay ended or never came
// to be, the start or the manager moved (S6). Where access is cut in the same
// plan the cut deletes them.
func (p *planner) passLines() {
	for i := range p.in.Policy.Targets {
		target := &p.in.Policy.Targets[i]
		account := p.account(target.Name)
		for _, pass := range account.Passes {
			m, stale := p.passStale(pass)
			if !stale {
				m, stale = p.passEnds(target, pass)
			}
			if !stale || p.cutting(target.Name) {
				continue
			}
			key, _ := ParseKey(pass.TaskKey)
			p.withdraw(target, account, p.accountItem(target, WithdrawPass, p.chapterOf(key.Stay), m, account.Operations, p.now))
			break // one line withdraws all that are stale
		}
	}
}

// withdraw decides over the line that deletes passes.
func (p *planner) withdraw(target *lifecycle.Target, account Account, it *item) {
	_, _, shut := p.shut()
	switch {
	case it.Due.After(p.now):
		it.State = Future
		p.items = append(p.items, it)
		p.wake(it.Due, "the end of an initial password")
	case shut && target.Enforced():
		p.items = append(p.items, it)
		p.decideParked(it)
	default:
		(&accountPlan{p: p, target: target, account: account, at: p.now}).decide(it)
	}
}

// passEnds is when an initial password is over that nobody has used. A temporary
// access pass ends by itself.
func (p *planner) passEnds(target *lifecycle.Target, pass Pass) (moment, bool) {
	z := zone{p.feedZone, ZoneOfFeed}
	return moment{
		at: pass.Expires, known: pass.Expires, zone: z.name(), source: z.source,
		reason: "an initial password ends unless it was replaced at a first logon",
	}, target.Kind == lifecycle.KindAD
}

// passStale reports whether a pass that may still be used is for a reason that
// no longer holds.
func (p *planner) passStale(pass Pass) (moment, bool) {
	key, err := ParseKey(pass.TaskKey)
	c := p.chapterOf(key.Stay)
	z := zone{p.feedZone, ZoneOfFeed}
	m := moment{at: p.now, zone: z.name(), source: z.source}
	since, why, shut := p.shut()
	switch {
	case !pass.Expires.After(p.now):
		return moment{}, false
	case shut:
		m.at, m.reason = since, why+": a pass must not outlive it"
	case err != nil || c == nil:
		m.reason = "the stay that the pass was for is gone"
	case c.undone:
		m.at, m.reason = c.undoneAt, "the hire was taken back"
	case c.left(p.now):
		m.at, m.reason = c.ends, "the person has left"
	case p.passMoved(key.Stay, pass):
		m.reason = "the pass was for another start or another manager"
		for _, r := range p.memory.Reissues {
			if r.Workflow == key.Workflow && r.Stay == key.Stay && r.Task == key.Task {
				m.at = r.At
			}
		}
	default:
		return moment{}, false
	}
	m.known = m.at
	return m, true
}

// cutting reports whether this plan cuts access in the target.
func (p *planner) cutting(target string) bool {
	for _, it := range p.items {
		if it.Target == target && it.Verb == Cut && (it.State == Due || it.State == Running) {
			return true
		}
	}
	return false
}

// passTerms are the validity of a pass and what it is issued for. Validity
// starts relative to the anchor, not at issue (S6).
func (p *planner) passTerms(c *chapter, task *lifecycle.Task) *PassTerms {
	rule := lifecycle.PassRule{Start: lifecycle.DateRule{On: AnchorStart}}
	if task.Pass != nil {
		rule = *task.Pass
	}
	m := p.momentOf(c, &rule.Start)
	if m.isZero() {
		return nil
	}
	terms := &PassTerms{Start: m.at.UTC(), Expires: m.at.Add(rule.Lifetime).UTC(), StartDate: c.stay.Start}
	if task.To.Kind == lifecycle.ToManager {
		terms.Manager = ManagerRef(p.viewNow(c))
	}
	return terms
}

// startNow lets a pass that a human issues late begin now.
func (t *PassTerms) startNow(now time.Time) {
	if t != nil && !t.Expires.After(now) {
		t.Start, t.Expires = now.UTC(), now.Add(t.Expires.Sub(t.Start)).UTC()
	}
}

// late reports whether the pass would have expired before it is issued.
func (t *PassTerms) late(now time.Time) bool { return t != nil && !t.Expires.After(now) }

// reissueOf is the reissue of a pass task of a run, if any.
func (p *planner) reissueOf(r *run, task *lifecycle.Task) (Reissue, bool) {
	if !task.Kind.IsPass() {
		return Reissue{}, false
	}
	for _, reissue := range p.memory.Reissues {
		if reissue.Workflow == r.workflow.Name && reissue.Stay == r.c.stay.ID && reissue.Task == task.Name && reissue.Generation > r.key.Generation {
			return reissue, true
		}
	}
	return Reissue{}, false
}

// kindText says the kind of employment, which is no personal data.
func kindText(view person.Attributes) string {
	if kind, _ := view.Get(person.KindAttribute); kind != "" {
		return person.KindAttribute + " = " + kind + " and "
	}
	return ""
}
