package plan

import (
	"reflect"
	"slices"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// Lines explains everything: past, now and future, by instant and then in the
// order of S5, with the memory to keep and the attention a human must give.
func Lines(in Input) ([]Line, Memory, []Attention) {
	p := newPlanner(in)
	p.compute()
	lines := make([]Line, len(p.items))
	for i, it := range p.items {
		lines[i] = it.Line
		lines[i].Due = it.Due.UTC()
		lines[i].Reason += scopeWords(in.Policy, it.Workflow)
	}
	return lines, p.memory, p.attention
}

func scopeWords(policy *lifecycle.Policy, workflow string) string {
	for _, w := range policy.Workflows {
		if w.Name == workflow && !w.Scope.IsZero() {
			return ", scope " + w.Scope.Source
		}
	}
	return ""
}

// Build is the small projection of the lines that a journey acts upon.
func Build(in Input) Result {
	result, _ := BuildWithBudget(in)
	return result
}

// BuildWithBudget is [Build] with the lines that use up a budget.
func BuildWithBudget(in Input) (Result, []BudgetLine) {
	p := newPlanner(in)
	p.compute()
	result := Result{
		PolicyVersion: in.Version,
		Phase:         p.phase(),
		Due:           p.batches(),
		Waits:         p.waits,
		Attention:     p.attention,
		Settled:       p.settled,
		Close:         append(p.closed(), p.oldChanges()...),
	}
	if c := p.current(p.now); c != nil {
		result.Zone = p.zoneOn(c.stay, p.todayIn(c.stay)).name()
	}
	result.Matches = p.matches()
	result.Next, result.NextWhat = p.next()
	if !reflect.DeepEqual(p.memory, in.Facts.Memory) {
		memory := p.memory
		result.Memory = &memory
	}
	return result, p.budgetLines()
}

// BuildSettled is [BuildWithBudget] of the facts as they are once everything is
// settled that a plan decides without an effect: what was behind it may be due at
// once.
func BuildSettled(in Input) (Result, []BudgetLine) {
	var settled []Done
	var memory *Memory
	for {
		result, budget := BuildWithBudget(in)
		if result.Memory != nil {
			memory, in.Facts.Memory = result.Memory, *result.Memory
		}
		if len(result.Settled) == 0 {
			result.Settled, result.Memory = settled, memory
			return result, budget
		}
		settled = append(settled, result.Settled...)
		for _, done := range result.Settled {
			in.Facts.Settle(done)
		}
	}
}

// next is the earliest instant at which something may change.
func (p *planner) next() (time.Time, string) {
	var first wake
	for _, w := range p.wakes {
		if first.at.IsZero() || w.at.Before(first.at) {
			first = w
		}
	}
	if first.at.IsZero() {
		return time.Time{}, ""
	}
	return first.at.UTC(), first.what
}

// batches groups the due lines: adjacent account and access lines of one run
// on one target are one activity; everything else stands alone.
func (p *planner) batches() []Batch {
	var out []Batch
	open := map[string]*openBatch{}
	for _, it := range p.dueItems() {
		if b := open[it.Target]; b != nil && b.takes(it) {
			b.add(it)
			out[b.at].Tasks = append(out[b.at].Tasks, taskOf(it))
			out[b.at].Change = out[b.at].Change || it.change > 0
			continue
		}
		out = append(out, Batch{
			Activity: it.Activity, Target: it.Target, Tasks: []Task{taskOf(it)}, Urgent: it.urgent, Change: it.change > 0,
			Source: p.sourceName(it.Target), Counterpart: p.mayLose(it.Target),
		})
		if it.Target != "" {
			b := &openBatch{at: len(out) - 1, activity: it.Activity}
			b.add(it)
			open[it.Target] = b
		}
	}
	return out
}

// dueItems are the due lines in order; a line that joins the batch which makes
// its account directly follows that line.
func (p *planner) dueItems() []*item {
	var out, joining []*item
	for _, it := range p.items {
		switch {
		case it.State != Due:
		case it.joins:
			joining = append(joining, it)
		default:
			out = append(out, it)
		}
	}
	for _, it := range slices.Backward(joining) {
		at := slices.IndexFunc(out, func(other *item) bool { return other.Target == it.Target && other.Verb == Create })
		out = slices.Insert(out, at+1, it)
	}
	return out
}

// openBatch is the last batch on a target.
type openBatch struct {
	at       int
	activity Activity
	run      string
}

func (b *openBatch) takes(it *item) bool {
	if b.activity != ActivityAccount || it.Activity != ActivityAccount {
		return false
	}
	if it.run == "" {
		return b.run == ""
	}
	return b.run == it.run || b.run == "" && it.change == 0
}

func (b *openBatch) add(it *item) {
	if it.run != "" {
		b.run = it.run
	}
}

func taskOf(it *item) Task {
	return Task{
		Key: it.Key, Workflow: it.Workflow, Stay: it.Stay, Generation: it.Generation, Task: it.Task, Verb: it.Verb,
		Due: it.Due.UTC(), Enabled: it.enabled, Continue: it.Continue, Attempt: it.attempt, Digest: it.digest, Pass: it.pass, Change: it.change,
		Staff: it.staff, New: it.fresh, ObjectID: it.objectID, Groups: it.groups, Leave: it.leave, Leaves: it.leaves, Unsyncs: it.unsyncs, Loses: it.loses,
	}
}

// closed lists what of stays that are over can be compacted: nothing of them
// is open, and no account is left to be deleted or a later stay has begun.
func (p *planner) closed() []Through {
	var out []Through
	for i := range p.chapters {
		c := &p.chapters[i]
		if !c.left(p.now) || p.openIn(c) || p.phase() != person.PhaseDeleted && !p.succeeded(c) {
			continue
		}
		for _, done := range p.facts.Done {
			key, err := ParseKey(done.Key)
			if err != nil || key.Stay != c.stay.ID || key.Demand != "" || p.undecidedIn(key) {
				continue
			}
			at := slices.IndexFunc(out, func(t Through) bool { return t.Workflow == key.Workflow && t.Stay == key.Stay })
			if at < 0 {
				out = append(out, Through{Workflow: key.Workflow, Stay: key.Stay, Generation: key.Generation})
				continue
			}
			out[at].Generation = max(out[at].Generation, key.Generation)
		}
	}
	return out
}

// keptChanges is how many changes of an open stay are remembered task by task:
// the timeline shows them, the ledger has the others.
const keptChanges = 20

// oldChanges lists what of changes long decided can be compacted while their
// stay goes on. A change that is pending is never covered.
func (p *planner) oldChanges() []Through {
	var out []Through
	through := p.memory.NextChange - keptChanges
	for _, change := range p.memory.Changes {
		through = min(through, change.Number-1)
	}
	for i := range p.in.Policy.Workflows {
		workflow := &p.in.Policy.Workflows[i]
		for _, done := range p.facts.Done {
			key, err := ParseKey(done.Key)
			if err != nil || len(workflow.Trigger.Change) == 0 || key.Workflow != workflow.Name || key.Demand != "" || key.Generation > through {
				continue
			}
			closed := Through{Workflow: key.Workflow, Stay: key.Stay, Generation: through}
			if !slices.Contains(out, closed) {
				out = append(out, closed)
			}
		}
	}
	return out
}

// undecidedIn reports whether a task of the workflow was left out only since
// the person has left: were the leave taken back it would be done.
func (p *planner) undecidedIn(key Key) bool {
	return slices.ContainsFunc(p.items, func(it *item) bool {
		if it.Workflow != key.Workflow || it.Stay != key.Stay || it.run == "" {
			return false
		}
		own, err := ParseKey(it.Key)
		if err != nil {
			return false
		}
		_, decided := p.doneOf(own)
		return !decided
	})
}

// openIn reports whether a line of the chapter is not decided.
func (p *planner) openIn(c *chapter) bool {
	return slices.ContainsFunc(p.items, func(it *item) bool {
		if it.Stay != c.stay.ID {
			return false
		}
		switch it.State {
		case Future, Due, Running, Asks, ParkedState, Waiting, Held, Observed:
			return true
		default:
			return false
		}
	})
}

// succeeded reports whether a later stay has begun.
func (p *planner) succeeded(c *chapter) bool {
	return slices.ContainsFunc(p.chapters, func(later chapter) bool {
		return later.index > c.index && !later.undone && !later.begins.After(p.now)
	})
}
