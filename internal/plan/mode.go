package plan

import (
	"slices"
	"time"

	"tenure/internal/lifecycle"
)

// TargetMode is the mode in which a target was last seen, and since when; kept
// for targets that were not enforced all the time (S14).
type TargetMode struct {
	Target string    `json:"target"`
	Mode   string    `json:"mode"`
	Since  time.Time `json:"since"`
}

// advanceModes follows the modes of the targets. One that was enforced from the
// first plan on needs no memory.
func (p *planner) advanceModes() {
	for i := range p.in.Policy.Targets {
		target := &p.in.Policy.Targets[i]
		at := slices.IndexFunc(p.memory.Modes, func(m TargetMode) bool { return m.Target == target.Name })
		switch {
		case at < 0 && !target.Enforced():
			p.memory.Modes = append(p.memory.Modes, TargetMode{Target: target.Name, Mode: target.Mode, Since: p.now})
		case at >= 0 && p.memory.Modes[at].Mode != target.Mode:
			p.memory.Modes[at].Mode, p.memory.Modes[at].Since = target.Mode, p.now
		}
	}
}

// enforcedSince is when the target began to be enforced after it was not; zero
// where it always was. While it is not enforced that is now: nothing of the past
// is to be done by itself.
func (p *planner) enforcedSince(target string) time.Time {
	for _, mode := range p.memory.Modes {
		switch {
		case mode.Target != target:
		case mode.Mode == lifecycle.ModeEnforce:
			return mode.Since
		default:
			return p.now
		}
	}
	return time.Time{}
}

// mayLink reports whether the policy lets accounts be linked.
func mayLink(target *lifecycle.Target) bool { return target.Mode != lifecycle.ModeObserve }

// allows reports whether the policy lets the verb of an account line be done in
// the target. To let go of an account writes nothing there.
func allows(target *lifecycle.Target, verb Verb) bool {
	switch verb {
	case Unlink:
		return true
	case Link:
		return mayLink(target)
	default:
		return target.Enforced()
	}
}

// observe marks a line that is not done for the mode of a target.
func (it *item) observe(target *lifecycle.Target) {
	it.State, it.Code = Observed, ""
	it.Reason += "; would run: target " + target.Name + " is in mode " + target.Mode
}

// targetsOf are those whose mode decides over a line of a run: its own, or for
// mails and extensions all those in whose scope the person is. Where that
// cannot be told the person counts as in scope.
func (p *planner) targetsOf(r *run, it *item) []*lifecycle.Target {
	var out []*lifecycle.Target
	for i := range p.in.Policy.Targets {
		target := &p.in.Policy.Targets[i]
		if it.Target != "" && it.Target != target.Name {
			continue
		}
		view := p.viewAt(r.c, it.Due)
		holds, err := target.Scope.Holds(lifecycle.Scope{Attributes: view.Get})
		if it.Target == target.Name || err != nil || holds {
			out = append(out, target)
		}
	}
	return out
}

// ruleObserved: nothing is written in a target that is not enforced, and nobody
// is told of it (S14). What a condition leaves out is shown as such.
func (p *planner) ruleObserved(r *run, task *lifecycle.Task, it *item, _ *runProgress) bool {
	for _, target := range p.targetsOf(r, it) {
		if target.Enforced() {
			continue
		}
		if holds, err := p.taskHolds(r, task, it); err == nil && !holds {
			it.State, it.Code = OutOfScope, codeScope
			return true
		}
		it.observe(target)
		return true
	}
	return false
}

// ruleBeforeEnforce: what fell due while a target was observed is a thing of
// the past once it is enforced (S14). A leave that became known later is not, nor
// is access that was to be taken away before and is parked.
func (p *planner) ruleBeforeEnforce(r *run, task *lifecycle.Task, it *item, _ *runProgress) bool {
	for _, target := range p.targetsOf(r, it) {
		since := p.enforcedSince(target.Name)
		_, parked := p.parkedFor(it)
		late := r.workflow.Category == lifecycle.Leaver && (!r.known.Before(since) || parked && it.class == lifecycle.ClassAccess)
		if since.IsZero() || !it.Due.Before(since) || late || p.ranNow(it, since) {
			continue
		}
		p.decideAs(r, task, it, BeforeEnforce, OutcomeBeforeEnforce, "")
		return true
	}
	return false
}

// stands reports whether the account's present state stays until a human
// confirms another: what asks for it was due, and known, before the account was
// linked or the target enforced (S14).
func (a *accountPlan) stands(m moment) bool {
	since := a.stoodSince()
	return m.at.Before(since) && m.known.Before(since)
}

// stoodSince is when the account's state was last found as it is, not made so.
func (a *accountPlan) stoodSince() time.Time {
	since := a.p.enforcedSince(a.target.Name)
	if a.account.AdoptedAt.After(since) {
		since = a.account.AdoptedAt
	}
	return since
}
