package worker

import (
	"context"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"
)

// interceptors stand around activities and workflows.
type interceptors struct {
	interceptor.WorkerInterceptorBase

	hooks *hooks
}

// InterceptActivity implements [interceptor.WorkerInterceptor].
func (i *interceptors) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	in := &activities{hooks: i.hooks}
	in.Next = next
	return in
}

// InterceptWorkflow implements [interceptor.WorkerInterceptor].
func (i *interceptors) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	in := &inbound{hooks: i.hooks}
	in.Next = next
	return in
}

// activities stand around each activity, local ones too.
type activities struct {
	interceptor.ActivityInboundInterceptorBase

	hooks *hooks
}

// ExecuteActivity implements [interceptor.ActivityInboundInterceptor].
func (a *activities) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	info := activity.GetInfo(ctx)
	w := who{person: personOf(info.WorkflowExecution.ID), activity: info.ActivityType.Name}
	a.hooks.pass(w.person, "activity "+w.activity+before, false)
	out, err := a.Next.ExecuteActivity(context.WithValue(ctx, whoKey{}, w), in)
	a.hooks.pass(w.person, "activity "+w.activity+after, false)
	return out, err
}

// inbound stands before a workflow.
type inbound struct {
	interceptor.WorkflowInboundInterceptorBase

	hooks *hooks
}

// Init implements [interceptor.WorkflowInboundInterceptor].
func (i *inbound) Init(next interceptor.WorkflowOutboundInterceptor) error {
	out := &outbound{hooks: i.hooks}
	out.Next = next
	return i.Next.Init(out)
}

// ExecuteWorkflow implements [interceptor.WorkflowInboundInterceptor].
func (i *inbound) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	i.hooks.inWorkflow(ctx, "run begins")
	return i.Next.ExecuteWorkflow(ctx, in)
}

// HandleSignal implements [interceptor.WorkflowInboundInterceptor].
func (i *inbound) HandleSignal(ctx workflow.Context, in *interceptor.HandleSignalInput) error {
	i.hooks.inWorkflow(ctx, "hears "+in.SignalName)
	return i.Next.HandleSignal(ctx, in)
}

// outbound stands behind a workflow.
type outbound struct {
	interceptor.WorkflowOutboundInterceptorBase

	hooks *hooks
}

// ExecuteActivity implements [interceptor.WorkflowOutboundInterceptor].
func (o *outbound) ExecuteActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	o.hooks.inWorkflow(ctx, "schedules "+name)
	return o.Next.ExecuteActivity(ctx, name, args...)
}

// ExecuteLocalActivity implements [interceptor.WorkflowOutboundInterceptor].
func (o *outbound) ExecuteLocalActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	o.hooks.inWorkflow(ctx, "asks "+name)
	return o.Next.ExecuteLocalActivity(ctx, name, args...)
}

// NewContinueAsNewError implements [interceptor.WorkflowOutboundInterceptor].
func (o *outbound) NewContinueAsNewError(ctx workflow.Context, wfn any, args ...any) error {
	o.hooks.inWorkflow(ctx, "continues as new")
	return o.Next.NewContinueAsNewError(ctx, wfn, args...)
}

// inWorkflow asks in the middle of a workflow task; a replay passes nothing. The
// SDK's deadlock detector must be off, since who is held does not yield.
func (h *hooks) inWorkflow(ctx workflow.Context, what string) {
	if !workflow.IsReplaying(ctx) {
		h.pass(personOf(workflow.GetInfo(ctx).WorkflowExecution.ID), "workflow "+what, false)
	}
}
