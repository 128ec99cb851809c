package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"

	"tenure/internal/directory"
	"tenure/internal/directory/with"
	"tenure/internal/lifecycle"
	"tenure/internal/metrics"
	"tenure/internal/notify"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// Deps are what activities work with. Every field but Metrics is needed.
type Deps struct {
	Store    *store.Store
	Policies *Policies
	// Target gives the connector of a target of this policy.
	Target func(ctx context.Context, policy *lifecycle.Policy, name string) (directory.Target, error)
	// Mail gives the way mail is sent under this policy.
	Mail func(ctx context.Context, policy *lifecycle.Policy) (Mail, error)
	// Extension calls the extension of this policy.
	Extension func(ctx context.Context, policy *lifecycle.Policy, call ExtensionCall) error
	// WriteBacks tell feeds of accounts.
	WriteBacks WriteBacks
	// Wake tells a waiting journey that the person it waits for has an account.
	Wake func(ctx context.Context, journey string) error
	// LookAgain asks a journey to look at its account in a target again. The same
	// ID is asked once.
	LookAgain func(ctx context.Context, journey, target, id string) error
	// Callers is what the configuration says of who may steer.
	Callers Callers
	// Metrics counts what tasks do; nil counts nothing.
	Metrics *metrics.Metrics
	Log     *slog.Logger
}

// Mail is a sender and its templates.
type Mail struct {
	Sender    notify.Sender
	Templates *notify.Templates
}

// Tasks holds the activities that perform tasks. It is safe for concurrent use.
type Tasks struct{ deps Deps }

// NewTasks returns the activities.
func NewTasks(deps Deps) *Tasks { return &Tasks{deps: deps} }

// job is one call of an activity: its input and what was looked up for it.
type job struct {
	TaskInput
	deps    Deps
	policy  LoadedPolicy
	target  directory.Target // zero for mail and extensions
	rules   lifecycle.Target
	zone    *time.Location
	account plan.Account
	// live is the account as the target shows it; nil until looked at.
	live      *directory.Account
	attention []plan.Attention
	// looked are accounts that were read for a mail in this attempt at a task.
	looked map[string]*directory.Account
	// changes are the differences a task wrote, for its ledger row.
	changes   []store.AttributeChange
	requestID string
	// anchored is set where the account was found by the anchor of the one that it
	// comes from.
	anchored bool
	// absent is set once the account was looked for and not found.
	absent bool
	// staff is set while the task is of somebody who was here before Tenure.
	staff bool
	// others are accounts that carry the number and were not taken.
	others []directory.Account
	// mastered are attributes that were left to the directory an account comes from.
	mastered []string
	// told is what a write-back told.
	told *plan.WrittenBack
	// before is what was there before the first attempt.
	before []byte
	// retried is set where an earlier attempt opened the effect, at the instant
	// opened.
	retried bool
	opened  time.Time
}

// perform is one task: what is so already counts as done.
type perform func(ctx context.Context, j *job, task plan.Task) (code string, err error)

// image looks at what is there before a task takes it away; nil where the task
// needs no before-image.
type image func(ctx context.Context, j *job, task plan.Task) ([]byte, error)

// run performs the tasks of a batch in order, each once, and stops at the first
// failure that does not let the run go on. It returns an error only while
// nothing is decided, so that Temporal tries again at once.
func (t *Tasks) run(ctx context.Context, in TaskInput, look image, do perform) (TaskResult, error) {
	stop := heartbeat(ctx)
	defer stop()
	j, err := t.open(ctx, in)
	if err != nil {
		return TaskResult{}, temporalError(outcomeOf("", err))
	}
	result := TaskResult{}
	for i, task := range in.Batch.Tasks {
		if ctx.Err() != nil {
			break
		}
		attempt := func() TaskOutcome { return j.measured(ctx, task, look, do) }
		outcome := attempt()
		if i > 0 {
			outcome = j.insist(ctx, outcome, attempt)
		}
		if ctx.Err() != nil && outcome.Status == Failed {
			break // cancelled in the middle: a later attempt confirms by looking
		}
		if outcome.Status == Failed && i == 0 && outcome.isWorthTryingAgain() {
			return TaskResult{}, temporalError(outcome)
		}
		result.Outcomes = append(result.Outcomes, outcome)
		if outcome.Status == Failed && !task.Continue {
			break
		}
	}
	for i := len(result.Outcomes); i < len(in.Batch.Tasks); i++ {
		result.Outcomes = append(result.Outcomes, TaskOutcome{Key: in.Batch.Tasks[i].Key, Status: NotStarted})
	}
	if j.account.Target != "" {
		result.Account = &j.account
	}
	result.Attention, result.Told = j.attention, j.told
	return result, nil
}

// The waits between attempts of a later task of a batch. A target that has just
// made an account may take seconds to know it everywhere.
func patience() []time.Duration {
	return []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}
}

// insist tries a later task of a batch again for some seconds: what the batch
// did before it is decided, so that the activity cannot fail as a whole.
func (j *job) insist(ctx context.Context, outcome TaskOutcome, again func() TaskOutcome) TaskOutcome {
	for _, wait := range patience() {
		if outcome.Status != Failed || !outcome.isWorthTryingAgain() || outcome.After > wait {
			return outcome
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return outcome
		case <-timer.C:
		}
		outcome = again()
	}
	return outcome
}

func (t *Tasks) open(ctx context.Context, in TaskInput) (*job, error) {
	policy, err := t.deps.Policies.Version(ctx, in.PolicyVersion)
	if err != nil {
		return nil, failForNow(CodePolicy, err.Error())
	}
	j := &job{TaskInput: in, deps: t.deps, policy: policy, account: in.Account, zone: time.UTC}
	if in.Zone != "" {
		if j.zone, err = time.LoadLocation(in.Zone); err != nil {
			return nil, fail(CodePolicy, fmt.Sprintf("load zone %q: %v", in.Zone, err))
		}
	}
	if in.Batch.Target == "" {
		j.account = plan.Account{}
		return j, nil
	}
	return j, j.openTarget(ctx, in.Batch.Target)
}

func (j *job) openTarget(ctx context.Context, name string) error {
	rules, found := j.policy.Target(name)
	if !found {
		return fail(CodePolicy, fmt.Sprintf("policy version %d has no target %q", j.PolicyVersion, name))
	}
	j.rules = rules
	j.account.Target = name
	target, err := j.deps.Target(ctx, j.policy.Policy, name)
	if err != nil {
		return fmt.Errorf("open target %s: %w", name, err)
	}
	j.target = j.guarded(ctx, target)
	return nil
}

// guarded lets no call write that the policy's mode forbids: neither in the
// version that the plan was made from, nor in the active one (S14).
func (j *job) guarded(ctx context.Context, target directory.Target) directory.Target {
	modes := []string{j.rules.Mode}
	if active, err := j.deps.Policies.Active(ctx); err == nil {
		if rules, found := active.Target(j.rules.Name); found {
			modes = append(modes, rules.Mode)
		}
	}
	switch {
	case slices.Contains(modes, lifecycle.ModeObserve):
		return with.ReadOnly(target)
	case slices.Contains(modes, lifecycle.ModeAdopt):
		return with.StampOnly(target)
	default:
		return target
	}
}

// effectResult is what a closed effect tells a retry.
type effectResult struct {
	Code      string            `json:"code,omitempty"`
	Account   plan.Account      `json:"account,omitzero"`
	Attention []plan.Attention  `json:"attention,omitempty"`
	Told      *plan.WrittenBack `json:"told,omitempty"`
}

// measured is perform, counted.
func (j *job) measured(ctx context.Context, task plan.Task, look image, do perform) TaskOutcome {
	began := time.Now()
	outcome := j.perform(ctx, task, look, do)
	j.deps.Metrics.Task(metrics.Task{
		Target: j.Batch.Target, Verb: string(task.Verb), Status: string(outcome.Status), Code: outcome.Code,
		Took: time.Since(began), Late: j.now(ctx).Sub(task.Due), Done: outcome.Status == Done,
	})
	return outcome
}

// now is the journey's clock, which may be another than the machine's where a
// development stack moved it.
func (j *job) now(ctx context.Context) time.Time {
	if !activity.IsActivity(ctx) {
		return j.Now
	}
	return j.Now.Add(time.Since(activity.GetInfo(ctx).ScheduledTime))
}

// perform does one task under its effect row.
func (j *job) perform(ctx context.Context, task plan.Task, look image, do perform) TaskOutcome {
	j.absent, j.looked = false, nil
	key := j.effectKey(task)
	intent := store.Effect{
		Key: key, Journey: j.Journey, TaskKey: task.Key, Target: j.Batch.Target,
		Kind: string(task.Verb), Intent: j.intent(task), OpenedAt: j.Now,
	}
	j.staff = task.Staff
	err := j.refuseHeld(ctx, task)
	if err != nil {
		return outcomeOf(task.Key, err)
	}
	if look != nil {
		if intent.Before, err = look(ctx, j, task); err != nil {
			return outcomeOf(task.Key, err)
		}
	}
	if err := j.admit(ctx, task, intent); err != nil {
		return j.notAdmitted(task, err)
	}
	effect, existed, err := j.deps.Store.OpenEffect(ctx, intent)
	if err != nil {
		return j.storeFailed(task, err)
	}
	if effect.Closed() && !j.looksAgain(task, effect) {
		return j.takeClosed(task, effect)
	}
	j.retried, j.opened, j.before = existed, effect.OpenedAt, effect.Before
	if err := j.recordBefore(ctx, task); err != nil {
		return j.storeFailed(task, err)
	}
	j.changes, j.requestID = nil, ""
	raised := len(j.attention)
	code, err := do(ctx, j, task)
	if err != nil {
		outcome := outcomeOf(task.Key, err)
		j.logFailure(task, outcome)
		return outcome
	}
	stored := mustEncode(effectResult{Code: code, Account: j.account, Attention: j.attention[raised:], Told: j.told})
	// The effect is made: it is recorded even where the activity was cancelled.
	ctx = context.WithoutCancel(ctx)
	row := j.row(task, code)
	if effect.Closed() {
		row.Key += "/again/" + j.Now.UTC().Format(time.RFC3339Nano) // a row of its own
	}
	if err := j.deps.Store.CloseEffect(ctx, key, string(Done), stored, row); err != nil {
		return j.storeFailed(task, err)
	}
	return TaskOutcome{Key: task.Key, Status: Done, Code: code}
}

// effectKey is `<journey>/<task key>`.
func (j *job) effectKey(task plan.Task) string { return j.Journey + "/" + task.Key }

func (j *job) intent(task plan.Task) []byte {
	return mustEncode(struct {
		Task    string `json:"task"`
		Version int    `json:"policyVersion"`
	}{task.Task, j.PolicyVersion})
}

// looksAgain reports whether a task is done again though its effect is closed:
// an operation on an account whose answer was lost, asked for by a later plan.
// Its key may speak of another reason by now, and somebody may have changed the
// account since. What is so already is not written twice.
func (j *job) looksAgain(task plan.Task, effect store.Effect) bool {
	return plan.IsAccountVerb(task.Verb) && task.Verb != plan.Create && !effect.OpenedAt.Equal(j.Now.Truncate(time.Microsecond))
}

// takeClosed answers for a task that an earlier attempt finished.
func (j *job) takeClosed(task plan.Task, effect store.Effect) TaskOutcome {
	var stored effectResult
	if err := json.Unmarshal(effect.Result, &stored); err != nil {
		return TaskOutcome{Key: task.Key, Status: Failed, Code: CodeStore, Detail: "read result of closed effect", Retryable: true}
	}
	switch {
	case stored.Account.Target == "":
	case j.account.ID == "" || plan.IsAccountVerb(task.Verb):
		stored.Account.Operations = j.account.Operations
		j.account = stored.Account
	default:
		j.adopt(stored.Account, task)
	}
	j.attention = append(j.attention, stored.Attention...)
	j.told = stored.Told
	return TaskOutcome{Key: task.Key, Status: Done, Code: stored.Code}
}

// adopt takes from an older picture of the account what the task itself left
// behind: the account may have been enabled or disabled since.
func (j *job) adopt(older plan.Account, task plan.Task) {
	for _, pass := range older.Passes {
		if pass.TaskKey == task.Key && !slices.ContainsFunc(j.account.Passes, func(p plan.Pass) bool { return p.ID == pass.ID }) {
			j.account.Passes = append(slices.Clone(j.account.Passes), pass)
		}
	}
	for _, removed := range older.Removed {
		if removed.Stay == task.Stay {
			j.keep(task, []plan.Removed{removed})
		}
	}
}

func (j *job) storeFailed(task plan.Task, err error) TaskOutcome {
	outcome := outcomeOf(task.Key, err)
	outcome.Code, outcome.Retryable = CodeStore, true
	j.logFailure(task, outcome)
	return outcome
}

func (j *job) logFailure(task plan.Task, outcome TaskOutcome) {
	j.deps.Log.Warn("task failed", "journey", j.Journey, "task_key", task.Key, "code", outcome.Code,
		"detail", outcome.Detail, "retryable", outcome.Retryable)
}

// row is the ledger row of a task that was done.
func (j *job) row(task plan.Task, code string) store.LedgerRow {
	row := store.LedgerRow{
		Journey: j.Journey, At: j.Now, Key: task.Key, Kind: store.LedgerTask, Run: task.Workflow, Task: task.Task,
		Actor: "policy", Reason: j.Reason, Target: j.Batch.Target, ObjectID: j.account.ID, Outcome: string(Done),
		Changes: j.changes, RequestID: j.requestID, PolicyVersion: j.PolicyVersion,
	}
	if j.Actor != "" {
		row.Actor = j.Actor
	}
	if code != "" {
		row.Outcome += ": " + code
	}
	return row
}

// stay is the one a task belongs to.
func (j *job) stay(task plan.Task) person.Stay {
	for _, stay := range j.Stays {
		if stay.ID == task.Stay {
			return stay
		}
	}
	return person.Stay{ID: task.Stay}
}

// view is the record as it stands for the task's stay at this instant.
func (j *job) view(task plan.Task) person.Attributes {
	return person.View(j.Record, j.stay(task), person.DateOf(j.Now.In(j.zone)))
}

// definition is the task as the policy states it.
func (j *job) definition(task plan.Task) (lifecycle.Task, error) {
	workflow, found := j.policy.Workflow(task.Workflow)
	if found {
		for _, defined := range workflow.Tasks {
			if defined.Name == task.Task {
				return defined, nil
			}
		}
	}
	return lifecycle.Task{}, fail(CodePolicy, fmt.Sprintf("policy version %d has no task %q in %q", j.PolicyVersion, task.Task, task.Workflow))
}

// heartbeat tells the server that the attempt lives, so that a cancellation and
// the death of a worker are seen within seconds.
func heartbeat(ctx context.Context) (stop func()) {
	if !activity.IsActivity(ctx) {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		ticker := time.NewTicker(heartbeatTimeout / 4)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}()
	return cancel
}

func mustEncode(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(errors.Join(errors.New("encode value of our own"), err))
	}
	return text
}
