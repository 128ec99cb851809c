package workflows

import (
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"tenure/activities"
	"tenure/internal/plan"
)

// execute is the only place that starts an activity. Its Summary names the
// tasks, so that the Temporal Web UI reads like the timeline.
func execute(ctx workflow.Context, in activities.TaskInput) workflow.Future {
	ctx = activities.WithOptions(ctx, in.Batch.Activity, summary(in.Batch))
	var tasks *activities.Tasks
	switch in.Batch.Activity {
	case plan.ActivityAccount:
		return workflow.ExecuteActivity(ctx, tasks.ChangeAccount, in)
	case plan.ActivityCut:
		return workflow.ExecuteActivity(ctx, tasks.CutAccess, in)
	case plan.ActivityDelete:
		return workflow.ExecuteActivity(ctx, tasks.DeleteAccount, in)
	case plan.ActivityPass:
		return workflow.ExecuteActivity(ctx, tasks.IssueAccessPass, in)
	case plan.ActivityMail:
		return workflow.ExecuteActivity(ctx, tasks.SendMail, in)
	case plan.ActivityExtension:
		return workflow.ExecuteActivity(ctx, tasks.CallExtension, in)
	case plan.ActivityWriteBack:
		return workflow.ExecuteActivity(ctx, tasks.WriteBack, in)
	default:
		panic(fmt.Sprintf("start batch: unknown activity %q", in.Batch.Activity))
	}
}

// summary fits the 400 bytes of the server.
func summary(batch plan.Batch) string {
	names := make([]string, 0, len(batch.Tasks))
	for _, task := range batch.Tasks {
		names = append(names, task.Task)
	}
	text := strings.Join(names, ", ")
	if batch.Target != "" {
		text += " in " + batch.Target
	}
	if workflow := batch.Tasks[0].Workflow; workflow != "" && !strings.HasPrefix(workflow, plan.AccountWorkflow) {
		text += " (" + workflow + ")"
	}
	const limit = 200
	if len(text) > limit {
		return strings.ToValidUTF8(text[:limit], "") + "..."
	}
	return text
}

// failedResult is what an activity's error means for its tasks: the first one
// failed, the others were not started. A cancelled activity decided nothing.
func failedResult(f *flight, err error) activities.TaskResult {
	outcome := activities.TaskOutcome{Status: activities.Failed, Code: activities.CodeTimeout, Retryable: true}
	var application *temporal.ApplicationError
	switch {
	case temporal.IsCanceledError(err):
		outcome.Status = activities.NotStarted
	case errors.As(err, &application):
		outcome.Code, outcome.Detail = application.Type(), application.Message()
		outcome.Retryable, outcome.After = !application.NonRetryable(), application.NextRetryDelay()
	}
	result := activities.TaskResult{}
	for i, task := range f.batch.Tasks {
		one := outcome
		if i > 0 {
			one = activities.TaskOutcome{Status: activities.NotStarted}
		}
		one.Key = task.Key
		result.Outcomes = append(result.Outcomes, one)
	}
	return result
}
