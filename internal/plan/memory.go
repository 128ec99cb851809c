package plan

import (
	"slices"
	"strings"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// advanceAnchors follows the dates that time triggers hang on. A date that
// moves keeps its generation: what is done is not repeated. One that was
// withdrawn and is stated again, or a leave that had taken effect and lies
// ahead again, begins a new one.
func (p *planner) advanceAnchors() {
	var out []Anchor
	for i := range p.chapters {
		c := &p.chapters[i]
		for _, on := range p.anchorNames() {
			if anchor, found := p.advanceAnchor(c, on); found {
				out = append(out, anchor)
			}
		}
	}
	p.memory.Anchors = out
}

func (p *planner) advanceAnchor(c *chapter, on string) (Anchor, bool) {
	date := p.anchorDate(c, on)
	if c.undone && !isLeave(on) {
		date = person.Date{}
	}
	old, known := p.anchor(c.stay.ID, on)
	next := Anchor{Stay: c.stay.ID, On: on, Date: date, Generation: old.Generation, Since: p.now}
	switch {
	case !known:
		next.Generation = 1
		return next, !date.IsZero()
	case date.IsZero():
		if isLeave(on) && !old.Withdrawn {
			p.forgetOrders(c.stay.ID)
		}
		old.Withdrawn = true
		return old, true
	case old.Withdrawn, p.leaveTakenBack(c, on, old):
		if isLeave(on) {
			p.forgetOrders(c.stay.ID)
		}
		next.Generation = p.freshGeneration(c.stay.ID, on, old.Generation+1)
		return next, true
	case old.Date == date:
		return old, true
	default:
		return next, true
	}
}

// freshGeneration is the next generation of an anchor that no task has used: a
// pass that was issued again has a generation of its own.
func (p *planner) freshGeneration(stay, on string, least int) int {
	follows := func(workflow string) bool {
		return slices.ContainsFunc(p.in.Policy.Workflows, func(w lifecycle.Workflow) bool {
			return w.Name == workflow && w.Trigger.Date != nil && w.Trigger.Date.On == on
		})
	}
	for _, done := range p.facts.Done {
		if key, err := ParseKey(done.Key); err == nil && key.Stay == stay && follows(key.Workflow) {
			least = max(least, key.Generation+1)
		}
	}
	for _, through := range p.facts.Through {
		if through.Stay == stay && follows(through.Workflow) {
			least = max(least, through.Generation+1)
		}
	}
	return least
}

// leaveOf is the generation of a stay's leave. A leave that nobody has stated yet
// will be the first.
func (p *planner) leaveOf(stay string) int {
	anchor, _ := p.anchor(stay, AnchorLastDay)
	return max(anchor.Generation, 1)
}

// leaveTakenBack reports whether a leave had taken effect at the old date and
// lies ahead at the present one.
func (p *planner) leaveTakenBack(c *chapter, on string, old Anchor) bool {
	if !isLeave(on) || c.undone || old.Date == p.anchorDate(c, on) {
		return false
	}
	took := old.Date.At(defaultTime(on), p.zoneOn(c.stay, old.Date).location)
	return !took.After(p.now) && !c.left(p.now)
}

// forgetOrders drops, of a leave that is taken back, the disables that a human ran
// early, those that came with a move among the leavers, and the deletes.
func (p *planner) forgetOrders(stay string) {
	p.memory.Enabled = slices.DeleteFunc(p.memory.Enabled, func(o EnabledOverride) bool {
		key, err := ParseKey(o.TaskKey)
		moved := err == nil && strings.HasPrefix(key.Task, string(lifecycle.DisableUserAndMoveToContainer))
		return o.Stay == stay && (moved || strings.HasPrefix(o.TaskKey, AccountWorkflow))
	})
	p.memory.Deletes = slices.DeleteFunc(p.memory.Deletes, func(o DeleteOrder) bool { return o.Stay == stay })
}

func (p *planner) anchor(stay, on string) (Anchor, bool) {
	for _, anchor := range p.memory.Anchors {
		if anchor.Stay == stay && anchor.On == on {
			return anchor, true
		}
	}
	return Anchor{}, false
}

// anchorNames are the two of every stay, those of the policy's triggers, and
// those that an earlier policy's triggers hung on: should such a trigger come
// back, its tasks do not take the keys of what was done before.
func (p *planner) anchorNames() []string {
	names := []string{AnchorStart, AnchorLastDay}
	for _, workflow := range p.in.Policy.Workflows {
		if rule := workflow.Trigger.Date; rule != nil && !slices.Contains(names, rule.On) {
			names = append(names, rule.On)
		}
	}
	for _, anchor := range p.memory.Anchors {
		if !slices.Contains(names, anchor.On) {
			names = append(names, anchor.On)
		}
	}
	return names
}

// advanceScoped keeps, until the stay is terminated, what leaver conditions
// read: HR systems empty the job of those who left (S10).
func (p *planner) advanceScoped() {
	names := p.leaverAttributes()
	var out []Scoped
	for i := range p.chapters {
		c := &p.chapters[i]
		at := slices.IndexFunc(p.memory.Scoped, func(s Scoped) bool { return s.Stay == c.stay.ID })
		frozen := c.stated.Status == person.StatusTerminated || c.undone || c.left(p.now) || c.stated.Closed
		switch {
		case at >= 0 && frozen:
			out = append(out, p.memory.Scoped[at])
		case len(names) > 0:
			view := p.viewNow(c)
			scoped := Scoped{Stay: c.stay.ID}
			for _, a := range view {
				if slices.Contains(names, a.Name) {
					scoped.Attributes = append(scoped.Attributes, person.Attribute{Name: a.Name, Value: a.Value})
				}
			}
			out = append(out, scoped)
		}
	}
	p.memory.Scoped = out
}

// ScopedOf is the record of a stay as its leaver tasks read it: as it was before HR
// said terminated (S10).
func (m Memory) ScopedOf(stay string) person.Attributes {
	for _, scoped := range m.Scoped {
		if scoped.Stay == stay {
			return scoped.Attributes
		}
	}
	return nil
}

// leaverAttributes are the attributes that conditions, value maps and what is
// written of leaver workflows name.
func (p *planner) leaverAttributes() []string {
	var sources []string
	for _, workflow := range p.in.Policy.Workflows {
		if workflow.Category != lifecycle.Leaver {
			continue
		}
		sources = append(sources, workflow.Scope.Source)
		for _, task := range workflow.Tasks {
			sources = append(sources, task.When.Source)
			if target, found := p.in.Policy.Target(task.Target); found {
				sources = append(sources, target.Reads(task)...)
			}
		}
	}
	text := strings.Join(sources, "\n")
	if strings.TrimSpace(text) == "" {
		return nil
	}
	var out []string
	for i := range p.chapters {
		for _, a := range p.viewNow(&p.chapters[i]) {
			if strings.Contains(text, a.Name) && !slices.Contains(out, a.Name) {
				out = append(out, a.Name)
			}
		}
	}
	slices.Sort(out)
	return out
}

// withScoped lays what was kept of a chapter over a view.
func (p *planner) withScoped(c *chapter, view person.Attributes) person.Attributes {
	for _, a := range p.memory.ScopedOf(c.stay.ID) {
		view = view.With(a)
	}
	return view
}

// advanceReissues makes the pass tasks due again whose pass was issued for a
// start or a manager that has moved (S6).
func (p *planner) advanceReissues() {
	for _, account := range p.facts.Accounts {
		for _, pass := range account.Passes {
			key, err := ParseKey(pass.TaskKey)
			if err != nil || !p.passMoved(key.Stay, pass) {
				continue
			}
			p.reissue(Reissue{Workflow: key.Workflow, Stay: key.Stay, Task: key.Task, Generation: key.Generation + 1, At: p.now})
		}
	}
	p.memory.Reissues = slices.DeleteFunc(p.memory.Reissues, func(r Reissue) bool {
		c := p.chapterOf(r.Stay)
		return c == nil || c.undone || c.left(p.now)
	})
}

func (p *planner) reissue(r Reissue) {
	for i, old := range p.memory.Reissues {
		if old.Workflow == r.Workflow && old.Stay == r.Stay && old.Task == r.Task {
			if r.Generation > old.Generation {
				p.memory.Reissues[i] = r
			}
			return
		}
	}
	p.memory.Reissues = append(p.memory.Reissues, r)
}

// passMoved reports whether the pass is for a start or a manager of before, in
// a stay that goes on. A pass that has expired after the start is history.
func (p *planner) passMoved(stay string, pass Pass) bool {
	c := p.chapterOf(stay)
	if c == nil || c.undone || c.left(p.now) {
		return false
	}
	if !pass.StartDate.IsZero() && pass.StartDate != c.stay.Start && c.begins.After(p.now) {
		return true
	}
	if !pass.StartDate.IsZero() && pass.StartDate != c.stay.Start && pass.Expires.After(p.now) {
		return true
	}
	return pass.Manager != "" && pass.Manager != ManagerRef(p.viewNow(c)) && pass.Expires.After(p.now)
}

// ManagerRef is the reference to the manager as a pass remembers it.
func ManagerRef(view person.Attributes) string {
	value, _ := view.Get(person.ManagerValueAttribute)
	if value == "" {
		return ""
	}
	kind, _ := view.Get(person.ManagerKindAttribute)
	return kind + ":" + value
}
