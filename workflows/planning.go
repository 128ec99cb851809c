package workflows

import (
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"tenure/activities"
	"tenure/internal/plan"
	"tenure/workflows/contract"
)

// planRetryAfter is how long a journey waits when no plan can be had.
const planRetryAfter = time.Minute

// notesRetryAfter is how long unwritten ledger notes wait for the store.
const notesRetryAfter = 5 * time.Minute

// plan asks for plans until one fits the state as it is. A changed policy or
// planner never breaks a replay, since the answer is recorded.
func (j *journey) plan(ctx workflow.Context) {
	for j.changed != j.planned {
		asked := j.changed
		j.state.Revision++
		j.state.Facts.Running = j.running()
		var out activities.PlanOutput
		var planner *activities.Planner
		err := workflow.ExecuteLocalActivity(activities.WithPlanning(ctx), planner.BuildPlan, activities.PlanInput{
			Journey:   contract.JourneyID(j.state.Facts.Realm, j.state.Facts.Key),
			Facts:     j.state.Facts,
			Now:       workflow.Now(ctx),
			Notes:     j.state.Notes,
			Attention: j.state.Raised,
			Revision:  j.state.Revision,
			LedgerSeq: j.state.LedgerSeq, LedgerHash: j.state.LedgerHash,
		}).Get(ctx, &out)
		if err != nil {
			j.planFailed(ctx, asked)
			return
		}
		j.takeNotes(ctx, out)
		j.takeErased(out.Erased, out.Memory, workflow.Now(ctx))
		if j.changed != asked {
			continue // a message came in while the plan was made
		}
		j.planned = asked
		j.state.Steer = out.Steer
		j.take(out.Result)
	}
}

// take puts a plan in force.
func (j *journey) take(result plan.Result) {
	j.state.lower(func(a plan.Attention) bool { return a.Code == attentionPlanFailed })
	if result.Memory != nil {
		j.state.Facts.Memory = *result.Memory
	}
	for _, settled := range result.Settled {
		j.state.Facts.Settle(settled)
	}
	j.state.PolicyVersion = result.PolicyVersion
	result.Memory = nil
	j.last = result
}

// takeNotes drops the notes that are in the ledger. New ones may have been
// queued behind them while the plan was made.
func (j *journey) takeNotes(ctx workflow.Context, out activities.PlanOutput) {
	j.planRetry = time.Time{}
	if !out.Recorded {
		j.planRetry = workflow.Now(ctx).Add(notesRetryAfter)
		return
	}
	if out.LedgerSeq > 0 {
		j.state.LedgerSeq, j.state.LedgerHash = out.LedgerSeq, out.LedgerHash
	}
	last := out.NotesThrough
	j.state.Notes = slices.DeleteFunc(j.state.Notes, func(n activities.Note) bool { return n.Number <= last })
}

const attentionPlanFailed = "plan-failed"

// planFailed keeps the journey alive without a plan: nothing is started, and
// the question is asked again in a minute or as soon as something arrives.
func (j *journey) planFailed(ctx workflow.Context, asked int) {
	j.planned = asked
	j.last.Due = nil
	j.planRetry = workflow.Now(ctx).Add(planRetryAfter)
	if !j.last.Next.After(workflow.Now(ctx)) {
		// It has come: a timer for it would fire at once, again and again.
		j.last.Next, j.last.NextWhat = time.Time{}, ""
	}
	j.state.raise(plan.Attention{
		Code: attentionPlanFailed,
		Text: "no plan can be made: look at the worker's log, the policy and the store; it is tried again every minute",
	})
}

// running lists the task keys in flight, sorted.
func (j *journey) running() []string {
	var keys []string
	for _, f := range j.flights {
		for _, task := range f.batch.Tasks {
			keys = append(keys, task.Key)
		}
	}
	slices.Sort(keys)
	return keys
}

// compact drops what is decided for good before a renewal.
func compact(s State, last plan.Result) State {
	s.Facts.Done = slices.Clone(s.Facts.Done)
	s.Facts.Through = slices.Clone(s.Facts.Through)
	for _, closed := range last.Close {
		s.Facts.Done = slices.DeleteFunc(s.Facts.Done, func(d plan.Done) bool {
			key, err := plan.ParseKey(d.Key)
			return err == nil && key.Demand == "" && key.Workflow == closed.Workflow && key.Stay == closed.Stay && key.Generation <= closed.Generation
		})
		s.Facts.Through = append(slices.DeleteFunc(s.Facts.Through, func(t plan.Through) bool {
			return t.Workflow == closed.Workflow && t.Stay == closed.Stay
		}), closed)
	}
	s.dropUpkeep()
	return s
}

// keptUpkeep is how many writes to an account the timeline remembers; the
// ledger has the others.
const keptUpkeep = 20

// dropUpkeep forgets old writes to accounts: each is an operation of its own,
// so nothing asks for them again.
func (s *State) dropUpkeep() {
	old := func(d plan.Done) bool {
		key, err := plan.ParseKey(d.Key)
		upkeep := strings.HasPrefix(key.Workflow, plan.AccountWorkflow) &&
			(key.Task == string(plan.Update) || key.Task == string(plan.WithdrawPass))
		return err == nil && (upkeep || strings.HasPrefix(key.Workflow, plan.WriteBackWorkflow))
	}
	surplus := -keptUpkeep
	for _, done := range s.Facts.Done {
		if old(done) {
			surplus++
		}
	}
	s.Facts.Done = slices.DeleteFunc(s.Facts.Done, func(d plan.Done) bool {
		if surplus <= 0 || !old(d) {
			return false
		}
		surplus--
		return true
	})
}
