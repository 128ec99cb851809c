package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// run is one execution of a lifecycle workflow for the person.
type run struct {
	workflow *lifecycle.Workflow
	c        *chapter
	key      Key // without a task
	m        moment
	// late lines are those due before known: when the date was first seen.
	known time.Time
	// change is set for runs that an attribute change started.
	change *Change
	demand *Demand
	order  int
	// foretold runs are a preview: their change has not happened yet.
	foretold bool
}

// runLines makes the lines of every run, in the order of their instants, so
// that the first run that needs an account shares the batch that makes it.
func (p *planner) runLines() {
	runs := p.runs()
	slices.SortStableFunc(runs, func(a, b *run) int {
		if d := a.m.at.Compare(b.m.at); d != 0 {
			return d
		}
		if a.order != b.order {
			return a.order - b.order
		}
		return strings.Compare(a.key.Run(), b.key.Run())
	})
	for _, r := range runs {
		p.runTasks(r)
	}
}

func (p *planner) runs() []*run {
	var out []*run
	for i := range p.in.Policy.Workflows {
		workflow := &p.in.Policy.Workflows[i]
		trigger := workflow.Trigger
		for j := range p.chapters {
			c := &p.chapters[j]
			if trigger.Date != nil {
				out = append(out, p.dateRun(workflow, c)...)
			}
			if len(trigger.Change) > 0 {
				out = append(out, p.changeRuns(workflow, c)...)
			}
		}
		out = append(out, p.demandRuns(workflow)...)
	}
	return out
}

func (p *planner) newRun(workflow *lifecycle.Workflow, c *chapter, generation int, m moment) *run {
	r := &run{
		workflow: workflow, c: c, m: m, order: orderJoiner,
		key: Key{Workflow: workflow.Name, Stay: c.stay.ID, Generation: generation},
	}
	switch workflow.Category {
	case lifecycle.Mover:
		r.order = orderMover
	case lifecycle.Leaver:
		r.order = orderLeaver
	case lifecycle.Joiner:
	}
	return r
}

// dateRun is the run of a time trigger; its generation is that of its anchor.
func (p *planner) dateRun(workflow *lifecycle.Workflow, c *chapter) []*run {
	rule := workflow.Trigger.Date
	anchor, found := p.anchor(c.stay.ID, rule.On)
	if !found || anchor.Withdrawn {
		return nil
	}
	m := p.fromDetection(c, rule, p.momentOf(c, rule))
	if m.isZero() {
		return nil
	}
	m.reason = kindText(p.viewAt(c, m.at)) + m.reason
	r := p.newRun(workflow, c, anchor.Generation, m)
	r.known = anchor.Since
	return []*run{r}
}

// changeRuns are those of the pending and performed changes, and a preview of
// what later assignments will change.
func (p *planner) changeRuns(workflow *lifecycle.Workflow, c *chapter) []*run {
	var out []*run
	add := func(change Change, generation int) *run {
		r := p.newRun(workflow, c, generation, p.changeMoment(workflow, c, change))
		r.change, r.known = &change, change.Last
		out = append(out, r)
		return r
	}
	for _, change := range p.memory.Changes {
		if change.Stay == c.stay.ID && wantsChange(workflow, change) {
			add(change, change.Number)
		}
	}
	if c.undone {
		return out
	}
	for n, t := range p.boundaries(c) {
		change, changes := p.foretold(c, t)
		change.Settle = workflow.Trigger.Settle
		if changes && wantsChange(workflow, change) {
			add(change, p.memory.NextChange+1+n).foretold = true
		}
	}
	return out
}

func (p *planner) changeMoment(workflow *lifecycle.Workflow, c *chapter, change Change) moment {
	z := p.zoneOn(c.stay, person.DateOf(change.Last.In(p.feedZone)))
	settle := workflow.Trigger.Settle
	return moment{
		at: change.Last.Add(settle), zone: z.name(), source: z.source,
		reason: fmt.Sprintf("%s changed at %s and settled for %s", strings.Join(change.Names, ", "),
			change.Last.In(z.location).Format("2006-01-02 15:04"), shortDuration(settle)),
	}
}

// demandRuns are those that a human started.
func (p *planner) demandRuns(workflow *lifecycle.Workflow) []*run {
	var out []*run
	for i := range p.facts.Overrides.Demands {
		demand := &p.facts.Overrides.Demands[i]
		if demand.Workflow != workflow.Name {
			continue
		}
		c := p.chapterOf(demand.Stay)
		if c == nil {
			c = p.current(p.now)
		}
		if c == nil {
			continue
		}
		z := p.zoneOn(c.stay, person.DateOf(demand.At.In(p.feedZone)))
		r := p.newRun(workflow, c, i+1, moment{
			at: demand.At, zone: z.name(), source: z.source, reason: "it was started on demand",
		})
		r.key.Demand, r.demand, r.known = demand.ID, demand, demand.At
		out = append(out, r)
	}
	return out
}

// runTasks gives each task of a run its state. A task is due once the one
// before is decided; adjacent access tasks on one target go together.
func (p *planner) runTasks(r *run) {
	progress := &runProgress{fresh: p.untouched(r)}
	for i := range r.workflow.Tasks {
		task := &r.workflow.Tasks[i]
		it := p.taskItem(r, task, i)
		if r.c.undone && !p.undoes(r, task) {
			if _, done := p.doneOf(p.keyOf(r, task)); !done {
				continue
			}
		}
		p.items = append(p.items, it)
		p.decideTask(r, task, it, progress)
		progress.after(it)
		if reissue, found := p.reissueOf(r, task); found {
			p.reissueTask(r, task, i, reissue)
		}
	}
}

// undoes reports whether a task takes back what a hire that was rescinded had
// been granted; goodbyes are not said (S4, S5).
func (p *planner) undoes(r *run, task *lifecycle.Task) bool {
	info, _ := task.Kind.Info()
	return r.workflow.Category == lifecycle.Leaver && info.Class == lifecycle.ClassAccess && p.account(task.Target).State != AccountNone
}

func (p *planner) keyOf(r *run, task *lifecycle.Task) Key {
	key := r.key
	key.Task = task.Name
	return key
}

// reissueTask makes the pass task due again, on its own.
func (p *planner) reissueTask(r *run, task *lifecycle.Task, index int, reissue Reissue) {
	again := *r
	again.key.Generation = reissue.Generation
	again.known = reissue.At
	if reissue.At.After(again.m.at) {
		again.m.at = reissue.At
	}
	again.m.reason += ", again since the start or the manager moved"
	it := p.taskItem(&again, task, index)
	p.items = append(p.items, it)
	p.decideTask(&again, task, it, &runProgress{})
}

// runProgress is how far a run has come.
type runProgress struct {
	// fresh runs have no task decided, parked or in flight: they may be late.
	fresh bool
	// open is the task that the next one waits for.
	open *item
}

func (g *runProgress) after(it *item) {
	switch it.State {
	case Finished, Skipped, BeforeBaseline, BeforeEnforce, Observed, SkippedLate, OutOfScope, FailedState:
		return
	case Held, Waiting, Asks:
		if it.aside {
			return
		}
	case ParkedState:
		if it.aside || it.Continue && !isGated(it.Code) {
			return // what waits at a gate has not failed: nobody is told before it is decided
		}
	default:
	}
	if g.open == nil || g.open.State == Due || g.open.State == Running {
		g.open = it
	}
}

// admits reports whether the task may run beside the one that is open.
func (g *runProgress) admits(it *item) bool {
	if g.open == nil {
		return true
	}
	if it.class == lifecycle.ClassAccess && g.open.from == it.Target && g.open.Code == codeAccountFirst {
		return true // what is due in the domain waits for no synchronisation
	}
	together := it.class == lifecycle.ClassAccess && g.open.class == lifecycle.ClassAccess && it.Target == g.open.Target
	return together && g.open.State == Due
}

// untouched reports whether nothing of the run was considered yet.
func (p *planner) untouched(r *run) bool {
	for i := range r.workflow.Tasks {
		key := p.keyOf(r, &r.workflow.Tasks[i])
		text := key.String()
		if done, found := p.doneOf(key); found && hadEffect(done.Outcome) || p.running(text) {
			return false
		}
		if slices.ContainsFunc(p.facts.Parked, func(parked Parked) bool { return parked.Key == text }) {
			return false
		}
	}
	return true
}

// hadEffect reports whether a task was tried, not only thought about.
func hadEffect(outcome Outcome) bool {
	return outcome == OutcomeDone || outcome == OutcomeFailed || outcome == OutcomeStopped
}

func (p *planner) taskItem(r *run, task *lifecycle.Task, index int) *item {
	info, _ := task.Kind.Info()
	key := p.keyOf(r, task)
	it := &item{
		Line: Line{
			Key: key.String(), Workflow: key.Workflow, Stay: key.Stay, Generation: key.Generation, Task: key.Task,
			Verb: Verb(task.Kind), Category: r.workflow.Category, Target: task.Target,
			Activity: activityOfClass(info.Class), Due: r.m.at, Zone: r.m.zone, ZoneSource: r.m.source,
			Reason: "because " + r.m.reason, Continue: task.ContinueOnError,
			Order: r.order,
		},
		known: r.m.known, index: index, run: key.Run(), class: info.Class,
	}
	if says := task.Says(); says != "" {
		it.Reason += "; " + says
	}
	if r.change != nil {
		it.change = key.Generation
	}
	it.staff = task.Target != "" && p.staff(task.Target, r.c)
	it.from = p.sourceName(task.Target)
	if it.Category == lifecycle.Leaver && it.class == lifecycle.ClassAccess {
		it.leave = p.leaveOf(it.Stay)
	}
	if info.Class == lifecycle.ClassPass {
		it.pass = p.passTerms(r.c, task)
	}
	for _, postponed := range p.facts.Overrides.Postponed {
		if covers(postponed.Key, it.Key) {
			it.Due, it.Reason = postponed.To, "postponed by hand; "+it.Reason
		}
	}
	return it
}

func activityOfClass(class lifecycle.Class) Activity {
	switch class {
	case lifecycle.ClassMail:
		return ActivityMail
	case lifecycle.ClassPass:
		return ActivityPass
	case lifecycle.ClassExtension:
		return ActivityExtension
	default:
		return ActivityAccount
	}
}
