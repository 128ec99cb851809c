package plan

import (
	"slices"
	"strings"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/workflows/contract"
)

// Reason codes of lines that are no attention.
const (
	codeLeft         = "left"
	codeScope        = "scope"
	codeWhen         = "when"
	codeNoAccount    = "no-account"
	codeBefore       = "task-before"
	codeAccountFirst = "account-first"
	codeDisableFirst = "disable-first"
)

// decideTask gives a line its state: the first rule that speaks decides.
func (p *planner) decideTask(r *run, task *lifecycle.Task, it *item, progress *runProgress) {
	rules := []func(*run, *lifecycle.Task, *item, *runProgress) bool{
		p.ruleRunning, p.ruleDone, p.ruleSkipped, p.ruleLeft, p.ruleBlocked, p.ruleFuture, p.ruleBaseline,
		p.ruleObserved, p.ruleBeforeEnforce,
		p.ruleHeld, p.ruleScope, p.ruleAsks, p.rulePassLate, p.ruleOrder, p.ruleValues, p.ruleAccount, p.ruleDisabledFirst, p.ruleLeavesSync,
		p.ruleOrdered,
	}
	for _, rule := range rules {
		if rule(r, task, it, progress) {
			return
		}
	}
	p.decideParked(it)
}

func (p *planner) ruleRunning(_ *run, _ *lifecycle.Task, it *item, _ *runProgress) bool {
	if !p.running(it.Key) {
		return false
	}
	it.State = Running
	p.attendRunning(it)
	return true
}

// ruleDone: done once, whatever is planned again. What was decided without an
// effect can be run by hand later.
func (p *planner) ruleDone(r *run, task *lifecycle.Task, it *item, _ *runProgress) bool {
	done, found := p.doneOf(p.keyOf(r, task))
	if !found {
		return false
	}
	switch done.Outcome {
	case OutcomeDone, "":
	case OutcomeOutOfScope:
		if p.ranTaskNow(it, done.At) {
			return false
		}
	case OutcomeFailed, OutcomeStopped:
		if p.ranNow(it, done.At.Add(time.Nanosecond)) {
			return false
		}
	default:
		if p.ranNow(it, done.At) {
			return false
		}
	}
	it.State, it.At, it.Code = stateOf(done.Outcome), done.At, done.Code
	told := done.Code == AttentionPassLate || done.Code == AttentionValueUnmapped
	if told && !r.c.left(p.now) && p.now.Sub(done.At) < shownFor {
		p.attend(done.Code, it.Key)
	}
	return true
}

// shownFor is how long a line that was decided against keeps its attention.
const shownFor = defaultLateDays * 24 * time.Hour

func stateOf(outcome Outcome) LineState {
	switch outcome {
	case OutcomeSkipped:
		return Skipped
	case OutcomeBeforeBaseline:
		return BeforeBaseline
	case OutcomeLate:
		return SkippedLate
	case OutcomeBeforeEnforce:
		return BeforeEnforce
	case OutcomeOutOfScope:
		return OutOfScope
	case OutcomeFailed, OutcomeStopped:
		return FailedState
	default:
		return Finished
	}
}

func (p *planner) ruleSkipped(r *run, task *lifecycle.Task, it *item, _ *runProgress) bool {
	skipped := slices.ContainsFunc(p.facts.Overrides.Skips, func(o KeyOverride) bool {
		return covers(o.Key, it.Key) && !p.ranNow(it, o.At.Add(time.Nanosecond))
	})
	if !skipped {
		return false
	}
	p.decideAs(r, task, it, Skipped, OutcomeSkipped, "")
	return true
}

// decideAs settles a line without an effect.
func (p *planner) decideAs(r *run, task *lifecycle.Task, it *item, state LineState, outcome Outcome, code string) {
	key := p.keyOf(r, task)
	p.settle(key, outcome, code)
	it.State, it.At, it.Code = state, p.now, code
}

// ruleLeft: who has left, or never came, gets no grants. It is not settled: a
// leave may be taken back.
func (p *planner) ruleLeft(r *run, _ *lifecycle.Task, it *item, _ *runProgress) bool {
	if r.workflow.Category == lifecycle.Leaver && it.class != lifecycle.ClassPass {
		return false
	}
	if !r.c.undone && !r.c.left(p.now) && !r.c.left(it.Due) {
		return false
	}
	it.State, it.Code = OutOfScope, codeLeft
	return true
}

// ruleBlocked: nothing is given to a person who was terminated by hand.
func (p *planner) ruleBlocked(r *run, _ *lifecycle.Task, it *item, _ *runProgress) bool {
	gives := r.workflow.Category != lifecycle.Leaver || it.class == lifecycle.ClassPass
	if p.facts.Overrides.Blocked == nil || !gives {
		return false
	}
	it.State = Blocked
	return true
}

func (p *planner) ruleFuture(r *run, task *lifecycle.Task, it *item, _ *runProgress) bool {
	if !it.Due.After(p.now) && !r.foretold || p.ranNow(it, time.Time{}) && !r.foretold {
		return false
	}
	it.State = Future
	if cloud := p.taskLeavesSync(task); cloud != "" {
		it.tellDeletes(cloud)
	}
	p.wake(it.Due, it.Workflow+": "+it.Task)
	if holds, err := p.taskHolds(r, task, it); err == nil && !holds {
		it.State, it.Code = OutOfScope, codeScope
	}
	return true
}

// ruleBaseline: lines of existing staff before the feed's baseline, and
// anybody's before the lifecycle workflow was activated (S1).
func (p *planner) ruleBaseline(r *run, task *lifecycle.Task, it *item, _ *runProgress) bool {
	before := p.beforeBaseline(r.c, r.m.at)
	if activation, found := p.in.Activations[r.workflow.Name]; found && activation.After(p.baseline) && r.m.at.Before(activation) {
		before = true
	}
	if !before || p.ranNow(it, time.Time{}) {
		return false
	}
	p.decideAs(r, task, it, BeforeBaseline, OutcomeBeforeBaseline, "")
	return true
}

// ruleHeld: a hold keeps what its kind names. One that keeps a disable says so
// at once (S16).
func (p *planner) ruleHeld(_ *run, task *lifecycle.Task, it *item, _ *runProgress) bool {
	kind, kept := p.keptBy(it.Verb)
	switch {
	case kept:
		it.State, it.aside = Held, !kind.keepsTheRun()
		it.Reason += keptWords(kind)
		if task.Kind == lifecycle.DisableUserAccount {
			p.attend(AttentionHeldDisable, it.Key)
		}
	case p.statusUnknown():
		it.State, it.Code = Waiting, AttentionStatusUnknown
	default:
		return false
	}
	return true
}

// ruleScope: an error never counts as out of scope (S10). A human who runs one
// task wants it whatever its condition; one who runs a whole run wants what the
// run would do.
func (p *planner) ruleScope(r *run, task *lifecycle.Task, it *item, _ *runProgress) bool {
	if p.ranTaskNow(it, time.Time{}) {
		return false
	}
	holds, err := p.taskHolds(r, task, it)
	switch {
	case err != nil:
		it.State, it.Code = ParkedState, AttentionCondition
		it.Continue = false
		p.attend(AttentionCondition, it.Key)
		return true
	case !holds:
		code := codeScope
		if scope, _ := r.workflow.Scope.Holds(p.scopeOf(r, it)); scope {
			code = codeWhen
		}
		p.decideAs(r, task, it, OutOfScope, OutcomeOutOfScope, code)
		return true
	}
	return false
}

// taskHolds evaluates the workflow's scope and the task's condition.
func (p *planner) taskHolds(r *run, task *lifecycle.Task, it *item) (bool, error) {
	scope := p.scopeOf(r, it)
	if holds, err := r.workflow.Scope.Holds(scope); err != nil || !holds {
		return false, err
	}
	return task.When.Holds(scope)
}

// scopeOf is what conditions of a line see: the stay and the assignment
// effective at the line's instant.
func (p *planner) scopeOf(r *run, it *item) lifecycle.Scope {
	view := p.viewAt(r.c, it.Due)
	if r.workflow.Category == lifecycle.Leaver {
		view = p.withScoped(r.c, view)
	}
	scope := lifecycle.Scope{Attributes: view.Get}
	if r.change != nil {
		scope.Before = overlaid(view, r.change.Before, r.change.Names).Get
		scope.After = overlaid(view, r.change.After, r.change.Names).Get
	}
	return scope
}

// overlaid is the view with the named attributes as they were in a change.
func overlaid(view, with person.Attributes, names []string) person.Attributes {
	out := slices.DeleteFunc(slices.Clone(view), func(a person.Attribute) bool { return slices.Contains(names, a.Name) })
	for _, a := range with {
		if slices.Contains(names, a.Name) {
			out = out.With(a)
		}
	}
	return out
}

// ruleAsks: what only a human may let run.
func (p *planner) ruleAsks(r *run, task *lifecycle.Task, it *item, progress *runProgress) bool {
	// To run it now says when, and not that the others agree (S19).
	if r.demand != nil && p.approvals(r) < neededApprovals(r.workflow) {
		it.State, it.Code = Asks, AttentionApproval
		p.attend(AttentionApproval, it.run)
		return true
	}
	if p.ranNow(it, time.Time{}) {
		return false
	}
	code := ""
	late := false
	switch {
	case r.m.ask != "":
		code = r.m.ask
	case progress.fresh && r.demand == nil && p.late(r, it):
		code, late = AttentionLate, true
	}
	if code == "" || p.agreed(it) {
		return false
	}
	then := r.workflow.Late.Then
	if late && then == lifecycle.LateRun {
		return false
	}
	if late && then == lifecycle.LateSkip {
		p.decideAs(r, task, it, SkippedLate, OutcomeLate, AttentionLate)
		return true
	}
	it.State, it.Code = Asks, code
	p.attend(code, it.run)
	return true
}

func (p *planner) agreed(it *item) bool {
	return slices.ContainsFunc(p.facts.Overrides.Approved, func(o KeyOverride) bool { return covers(o.Key, it.Key) })
}

func neededApprovals(workflow *lifecycle.Workflow) int {
	if workflow.Trigger.Demand == nil {
		return 0
	}
	return workflow.Trigger.Demand.Approvals
}

// approvals counts the people who approved an on-demand run, without the one
// who started it. Nobody counts twice, under whatever key of the run (S19).
func (p *planner) approvals(r *run) int {
	people := []string{contract.Person(r.demand.Actor)}
	for _, o := range p.facts.Overrides.Approved {
		key, err := ParseKey(o.Key)
		if who := contract.Person(o.Actor); err == nil && key.Demand == r.key.Demand && p.counts(o.Actor) && !slices.Contains(people, who) {
			people = append(people, who)
		}
	}
	return len(people) - 1
}

// counts reports whether somebody is one of the people who must agree: where
// the API verifies its callers, an unverified one may be anybody.
func (p *planner) counts(actor string) bool {
	return !p.in.Verified || !strings.HasPrefix(actor, contract.UnverifiedPrefix)
}

// late reports whether the line is later than the policy lets it run. A line
// that was known in time has a day's grace, so that an idle worker makes
// nothing late that is to be skipped at once.
func (p *planner) late(r *run, it *item) bool {
	rule := r.workflow.Late
	if rule == (lifecycle.Late{}) {
		rule.Within = lifecycle.Duration{Days: defaultLateDays}
	}
	if !move(it.Due, rule.Within).Before(p.now) {
		return false
	}
	return r.known.After(it.Due) || p.now.Sub(it.Due) > 24*time.Hour
}

// defaultLateDays is how late a line runs by itself (S1).
const defaultLateDays = 14

// rulePassLate: a pass is not issued after its validity would have ended.
func (p *planner) rulePassLate(r *run, task *lifecycle.Task, it *item, _ *runProgress) bool {
	if !it.pass.late(p.now) {
		return false
	}
	if p.ranNow(it, time.Time{}) {
		it.pass.startNow(p.now)
		return false
	}
	p.decideAs(r, task, it, SkippedLate, OutcomeLate, AttentionPassLate)
	p.attend(AttentionPassLate, it.Key)
	return true
}

func (p *planner) ruleOrder(_ *run, _ *lifecycle.Task, it *item, progress *runProgress) bool {
	if progress.admits(it) || p.ranNow(it, time.Time{}) {
		return false
	}
	it.State, it.Code = Waiting, codeBefore
	it.Reason += "; waits for " + progress.open.Task
	return true
}

// ruleAccount: what changes an account waits until there is one, and is out
// of question where there will be none. Existing staff may have an account
// that was never looked at.
func (p *planner) ruleAccount(r *run, task *lifecycle.Task, it *item, _ *runProgress) bool {
	if it.Target == "" || it.class != lifecycle.ClassAccess && it.class != lifecycle.ClassPass {
		return false
	}
	account := p.account(it.Target)
	if waits, none := p.ruleLink(account, it); waits || none {
		if none {
			p.decideAs(r, task, it, OutOfScope, OutcomeOutOfScope, codeNoAccount)
		}
		return true
	}
	switch account.State {
	case AccountEnabled, AccountDisabled:
		return false
	case AccountUnknown:
		if r.c.existing {
			return false
		}
	case AccountNone, AccountDeleted:
	}
	create := p.createOf(it.Target, it.Stay)
	if create == nil || r.c.left(p.now) || r.c.undone {
		p.decideAs(r, task, it, OutOfScope, OutcomeOutOfScope, codeNoAccount)
		return true
	}
	if create.State == Due && it.class == lifecycle.ClassAccess && r.change == nil && p.mayJoin(create, it) {
		it.joins = true
		return false
	}
	it.State, it.Code = Waiting, codeAccountFirst
	it.Reason += "; waits for the account"
	return true
}

// ruleLink: what changes an account waits while one is looked for, or until a
// human links one; where a human said that there is none there is none.
func (p *planner) ruleLink(account Account, it *item) (waits, none bool) {
	link := p.linkOf(it.Target)
	switch {
	case link != nil && link.State == Skipped:
		return false, link.objectID == "" && account.ID == ""
	case link == nil && !account.Unlinked:
		return false, false
	}
	it.State, it.Code = Waiting, codeAccountFirst
	it.Reason += "; waits for the account"
	return true, false
}

// createOf is the line that makes the account for a stay, if there is one.
func (p *planner) createOf(target, stay string) *item {
	for _, it := range p.items {
		if it.Target == target && it.Verb == Create && it.Stay == stay && it.State != BeforeBaseline && it.State != Skipped {
			return it
		}
	}
	return nil
}

// mayJoin lets the access tasks of one run share the batch of the create.
func (p *planner) mayJoin(create, it *item) bool {
	for _, other := range p.items {
		if other.joins && other.Target == create.Target && other.run != it.run {
			return false
		}
	}
	return true
}

// ruleDisabledFirst: who is moved among the leavers is disabled before, by the one
// owner of enabled with its gate and holds (S4).
func (p *planner) ruleDisabledFirst(_ *run, task *lifecycle.Task, it *item, _ *runProgress) bool {
	if task.Kind != lifecycle.DisableUserAndMoveToContainer || p.account(it.Target).State == AccountDisabled {
		return false
	}
	if !slices.ContainsFunc(p.memory.Enabled, func(o EnabledOverride) bool { return o.TaskKey == it.Key }) {
		p.setEnabled(EnabledOverride{Target: it.Target, Stay: it.Stay, TaskKey: it.Key, At: p.now})
		p.ordered = true
	}
	it.State, it.Code = Waiting, codeDisableFirst
	it.Reason += "; waits for the disable"
	return true
}

// ruleOrdered: the tasks enable, disable and delete order what the account lines
// then do, and are thereby done (S4, S7).
func (p *planner) ruleOrdered(r *run, task *lifecycle.Task, it *item, _ *runProgress) bool {
	if it.class != lifecycle.ClassAccount {
		return false
	}
	if task.Kind == lifecycle.DeleteUserAccount {
		p.orderDelete(DeleteOrder{Target: it.Target, Stay: it.Stay, TaskKey: it.Key, At: p.now, Minimum: task.Minimum})
	} else {
		p.setEnabled(EnabledOverride{
			Target: it.Target, Stay: it.Stay, Enabled: task.Kind == lifecycle.EnableUserAccount, TaskKey: it.Key,
		})
	}
	p.decideAs(r, task, it, Finished, OutcomeDone, "")
	p.ordered = true
	return true
}

// pastLines are the decided tasks that no rule makes any more: of an earlier
// policy, a stay that is over, or an operation of the account.
func (p *planner) pastLines() {
	for _, done := range p.facts.Done {
		key, err := ParseKey(done.Key)
		if err != nil || slices.ContainsFunc(p.items, func(it *item) bool { return it.Key == done.Key && it.State != Future }) {
			continue
		}
		p.items = append(p.items, p.pastItem(key, done))
		if done.Code == AttentionValueUnmapped && p.now.Sub(done.At) < shownFor {
			p.attend(AttentionValueUnmapped, done.Key)
		}
	}
}

func (p *planner) pastItem(key Key, done Done) *item {
	it := &item{Line: Line{
		Key: done.Key, Workflow: key.Workflow, Stay: key.Stay, Generation: key.Generation, Task: key.Task,
		Verb: Verb(key.Task), Due: done.At, Zone: p.feedZone.String(), ZoneSource: ZoneOfFeed,
		State: stateOf(done.Outcome), At: done.At, Code: done.Code, Reason: "decided by an earlier plan",
	}, run: key.Run()}
	for i := range p.in.Policy.Targets {
		if key.Workflow == AccountWorkflow+p.in.Policy.Targets[i].Name {
			p.pastAccountLine(&p.in.Policy.Targets[i], it)
		}
	}
	p.pastBackLine(it)
	for i := range p.in.Policy.Workflows {
		if workflow := &p.in.Policy.Workflows[i]; workflow.Name == key.Workflow {
			p.pastTaskLine(workflow, it)
		}
	}
	return it
}

// pastAccountLine says why, where the schedule still does.
func (p *planner) pastAccountLine(target *lifecycle.Target, it *item) {
	it.Target, it.Activity, it.Order = target.Name, activityOf(it.Verb), orderOf(it.Verb)
	it.Reason = "an operation of the account"
	c := p.chapterOf(it.Stay)
	if c == nil {
		return
	}
	z := p.zoneOn(c.stay, person.DateOf(it.At.In(p.feedZone)))
	it.Zone, it.ZoneSource = z.name(), z.source
	s := p.scheduleOf(target, c)
	for verb, m := range map[Verb]moment{Create: s.create, Enable: s.enable, Cut: s.disable, Delete: s.delete} {
		if verb == it.Verb && m.reached(it.At) {
			it.Reason = "because " + m.reason
		}
	}
}

func (p *planner) pastTaskLine(workflow *lifecycle.Workflow, it *item) {
	it.Category = workflow.Category
	for _, task := range workflow.Tasks {
		if task.Name == it.Task {
			info, _ := task.Kind.Info()
			it.Verb, it.Target, it.Activity = Verb(task.Kind), task.Target, activityOfClass(info.Class)
		}
	}
	if c := p.chapterOf(it.Stay); c != nil {
		z := p.zoneOn(c.stay, person.DateOf(it.At.In(p.feedZone)))
		it.Zone, it.ZoneSource = z.name(), z.source
	}
}
