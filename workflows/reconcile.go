package workflows

import (
	"go.temporal.io/sdk/workflow"

	"tenure/activities"
)

// Reconcile compares one target with what the journeys want, and reports. A
// schedule starts it every night. It mends nothing.
func Reconcile(ctx workflow.Context, in activities.ReconcileInput) (activities.ReconcileResult, error) {
	in.Now = workflow.Now(ctx)
	var result activities.ReconcileResult
	var reconciler *activities.Reconciler
	err := workflow.ExecuteActivity(activities.WithReconciling(ctx, in.Target), reconciler.ReconcileTarget, in).Get(ctx, &result)
	return result, err
}
