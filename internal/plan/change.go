package plan

import (
	"slices"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// advanceChanges compares the watched attributes with what the last plan saw.
// A change takes effect in phase active, never on first sight and never across
// stays (S8).
func (p *planner) advanceChanges() {
	names := p.watchedNames()
	p.pruneChanges()
	c := p.current(p.now)
	if len(names) == 0 || c == nil || p.phase() != person.PhaseActive {
		return
	}
	view := p.viewNow(c)
	seen := pick(view, names)
	if p.memory.ObservedStay == c.stay.ID {
		p.noteChange(c, names, seen)
	}
	p.memory.ObservedStay, p.memory.Observed, p.memory.Watched = c.stay.ID, seen, names
}

// noteChange adds the difference to the pending change of each settle time, or
// begins one. A change that is undone before it settles is none.
func (p *planner) noteChange(c *chapter, names []string, seen person.Attributes) {
	before := p.memory.Observed
	edited := differing(before, seen, func(name string) bool {
		return slices.Contains(names, name) && slices.Contains(p.memory.Watched, name)
	})
	if len(edited) == 0 {
		return
	}
	for _, settle := range p.settleTimes() {
		i := slices.IndexFunc(p.memory.Changes, func(change Change) bool {
			return change.Stay == c.stay.ID && change.Settle == settle && change.Last.Add(settle).After(p.now)
		})
		if i < 0 {
			p.memory.NextChange++
			p.memory.Changes = append(p.memory.Changes, Change{
				Number: p.memory.NextChange, Stay: c.stay.ID, Settle: settle,
				First: p.now, Last: p.now, Names: edited, Before: before, After: seen,
			})
			continue
		}
		change := &p.memory.Changes[i]
		change.Last, change.After = p.now, seen
		change.Names = differing(change.Before, seen, func(name string) bool { return slices.Contains(names, name) })
	}
	p.memory.Changes = slices.DeleteFunc(p.memory.Changes, func(change Change) bool { return len(change.Names) == 0 })
}

// pruneChanges drops changes of other stays, and those whose runs are decided.
func (p *planner) pruneChanges() {
	c := p.current(p.now)
	p.memory.Changes = slices.DeleteFunc(p.memory.Changes, func(change Change) bool {
		if c == nil || change.Stay != c.stay.ID {
			return true
		}
		return !change.Last.Add(change.Settle).After(p.now) && p.changeDecided(change)
	})
}

func (p *planner) changeDecided(change Change) bool {
	for i := range p.in.Policy.Workflows {
		workflow := &p.in.Policy.Workflows[i]
		if !wantsChange(workflow, change) {
			continue
		}
		for _, task := range workflow.Tasks {
			if _, done := p.doneOf(Key{Workflow: workflow.Name, Stay: change.Stay, Generation: change.Number, Task: task.Name}); !done {
				return false
			}
		}
	}
	return true
}

// wantsChange reports whether a change starts the workflow.
func wantsChange(workflow *lifecycle.Workflow, change Change) bool {
	if len(workflow.Trigger.Change) == 0 || workflow.Trigger.Settle != change.Settle {
		return false
	}
	return slices.ContainsFunc(workflow.Trigger.Change, func(rule lifecycle.ChangeRule) bool {
		return slices.Contains(change.Names, rule.Attribute) &&
			isValue(rule.From, change.Before, rule.Attribute) && isValue(rule.To, change.After, rule.Attribute)
	})
}

// isValue reports whether the attribute has the value that a rule names.
func isValue(want *string, attributes person.Attributes, name string) bool {
	if want == nil {
		return true
	}
	value, present := attributes.Get(name)
	return present && value == *want
}

// foretold is the change that a later assignment will make at t, for the
// preview.
func (p *planner) foretold(c *chapter, t time.Time) (Change, bool) {
	names := p.watchedNames()
	before := pick(p.viewAt(c, t.Add(-time.Minute)), names)
	after := pick(p.viewAt(c, t), names)
	edited := differing(before, after, func(string) bool { return true })
	return Change{Stay: c.stay.ID, First: t, Last: t, Names: edited, Before: before, After: after}, len(edited) > 0
}

// watchedNames is the union over the policy's change triggers, sorted.
func (p *planner) watchedNames() []string {
	var names []string
	for _, workflow := range p.in.Policy.Workflows {
		for _, rule := range workflow.Trigger.Change {
			names = append(names, rule.Attribute)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// settleTimes are the distinct ones of the change triggers, sorted.
func (p *planner) settleTimes() []time.Duration {
	var out []time.Duration
	for _, workflow := range p.in.Policy.Workflows {
		if len(workflow.Trigger.Change) > 0 {
			out = append(out, workflow.Trigger.Settle)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// pick takes the named attributes, without their stamps.
func pick(view person.Attributes, names []string) person.Attributes {
	var out person.Attributes
	for _, name := range names {
		if value, present := view.Get(name); present {
			out = append(out, person.Attribute{Name: name, Value: value})
		}
	}
	return out
}

// differing names the attributes that differ, sorted.
func differing(before, after person.Attributes, counts func(name string) bool) []string {
	var out []string
	for _, list := range []person.Attributes{before, after} {
		for _, a := range list {
			one, inBefore := before.Get(a.Name)
			two, inAfter := after.Get(a.Name)
			if counts(a.Name) && (one != two || inBefore != inAfter) {
				out = append(out, a.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
