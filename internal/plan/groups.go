package plan

import (
	"strings"

	"tenure/internal/lifecycle"
)

// codeNoGroup is the reason of a task whose value maps stand for no group at all.
const codeNoGroup = "no-group"

// ruleValues: what HR says reaches a group through a value map alone (S18). A
// value without an entry is told; neither the rest of the run nor anybody's access
// waits for it. While the line is young an entry in the policy or a corrected record
// mends it; of a change, whose value may be history by then, a human has to run it.
func (p *planner) ruleValues(r *run, task *lifecycle.Task, it *item, _ *runProgress) bool {
	target, found := p.in.Policy.Target(task.Target)
	if !found || len(task.Groups) == 0 {
		return false
	}
	resolved := target.Resolve(*task, p.scopeOf(r, it))
	switch {
	case !resolved.Mapped:
		return false
	case len(resolved.Unmapped) > 0:
		it.Reason += "; no group stands for the value that " + strings.Join(resolved.Unmapped, ", ") + " reads"
		p.attend(AttentionValueUnmapped, it.Key)
		p.unmapped(r, task, it)
		return true
	case len(resolved.Labels) == 0:
		p.decideAs(r, task, it, OutOfScope, OutcomeOutOfScope, codeNoGroup)
		return true
	}
	it.groups = resolved.Labels
	it.Reason += "; by what HR says: " + strings.Join(resolved.Labels, ", ")
	return false
}

func (p *planner) unmapped(r *run, task *lifecycle.Task, it *item) {
	since := it.Due
	if r.known.After(since) {
		since = r.known
	}
	until := since.Add(shownFor)
	if r.change != nil || !until.After(p.now) {
		p.decideAs(r, task, it, FailedState, OutcomeFailed, AttentionValueUnmapped)
		return
	}
	it.State, it.Code, it.aside = ParkedState, AttentionValueUnmapped, true
	p.wake(until, "give up on "+it.Task)
}
