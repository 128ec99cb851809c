package activities

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"tenure/internal/plan"
)

// Every time-out and retry of the product is here.
const (
	// attemptTimeout bounds one attempt of an activity.
	attemptTimeout = 2 * time.Minute
	// activityBudget bounds all attempts together; what is left over parks.
	activityBudget = 10 * time.Minute
	// heartbeatTimeout lets a cancellation and the death of a worker be seen.
	heartbeatTimeout = 10 * time.Second
	// fastAttempts is how often an activity is tried at once before it parks.
	fastAttempts = 5
	// reconcileTimeout bounds one comparison of a target with 5,000 people, and
	// reconcileBudget all attempts: the next night begins anew.
	reconcileTimeout = 30 * time.Minute
	reconcileBudget  = 2 * time.Hour
	// planTimeout bounds one attempt of the local activity that plans.
	planTimeout = 20 * time.Second
)

// LongestFlight is by when an activity has ended, whatever happens.
const LongestFlight = activityBudget

// WithOptions returns a context for an activity that performs tasks.
func WithOptions(ctx workflow.Context, activity plan.Activity, summary string) workflow.Context {
	retry := &temporal.RetryPolicy{
		InitialInterval:    time.Second,
		BackoffCoefficient: 2,
		MaximumInterval:    30 * time.Second,
		MaximumAttempts:    fastAttempts,
	}
	if activity == plan.ActivityCut {
		// Cutting access is tried for the whole budget before it parks.
		retry.MaximumAttempts = 0
	}
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    attemptTimeout,
		ScheduleToCloseTimeout: activityBudget,
		HeartbeatTimeout:       heartbeatTimeout,
		// An activity that is cancelled ends after its current task and says
		// what it did.
		WaitForCancellation: true,
		RetryPolicy:         retry,
		Summary:             summary,
	})
}

// WithPlanning returns a context for the local activity that plans.
func WithPlanning(ctx workflow.Context) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout:    planTimeout,
		ScheduleToCloseTimeout: 3 * planTimeout,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    200 * time.Millisecond,
			BackoffCoefficient: 2,
			MaximumInterval:    5 * time.Second,
			MaximumAttempts:    3,
		},
		Summary: "plan",
	})
}

// WithReconciling returns a context for the activity that compares a target.
func WithReconciling(ctx workflow.Context, target string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    reconcileTimeout,
		ScheduleToCloseTimeout: reconcileBudget,
		HeartbeatTimeout:       heartbeatTimeout,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    time.Minute,
			BackoffCoefficient: 2,
			MaximumInterval:    15 * time.Minute,
			MaximumAttempts:    fastAttempts,
		},
		Summary: "compare " + target,
	})
}
