package timeskip

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

const (
	// DefaultMaxSkips bounds the jumps of one fast-forward: two years with a
	// deadline in each week, and some.
	DefaultMaxSkips = 250

	optionsField = "time_skipping_config"
	settlePoll   = 20 * time.Millisecond
	settleWait   = 10 * time.Second

	// shortest is the least that the server is asked to skip. It looks at the target
	// only after it has taken the request, and after what runs; where that has passed
	// by then it jumps to the next timer, however far away that is.
	shortest = 10 * time.Second

	// pollTimeout is short because the server tells a waiting caller of the
	// target and of the end, but not that the jumps are used up.
	pollTimeout = 500 * time.Millisecond
)

// ErrNotEnabled says that the server does not skip time: only the devstack's
// engine does.
var ErrNotEnabled = errors.New("this server does not skip time")

// SkipLimitError says that a fast-forward stopped early because it would have
// jumped more often than allowed: something retries again and again, most
// likely a parked run. The clock stays where it got to.
type SkipLimitError struct {
	WorkflowID      string
	Reached, Target time.Time
	MaxSkips        int
}

// Error names the workflow and how far it came.
func (e *SkipLimitError) Error() string {
	return fmt.Sprintf("fast-forward %s: stopped after %d jumps at %s, before %s: something in it waits and retries, look at its parked runs",
		e.WorkflowID, e.MaxSkips, e.Reached.Format(time.RFC3339), e.Target.Format(time.RFC3339))
}

// Result is where a fast-forward led.
type Result struct {
	// From and To are the execution's instants before and after.
	From, To time.Time
	// Ended says that the execution closed on the way, which is a success.
	Ended bool
	// Settled says that no workflow task and no activity runs any more, apart
	// from activities that wait for their next attempt.
	Settled bool
}

// Option changes a fast-forward.
type Option func(*options)

type options struct {
	maxSkips int
}

// MaxSkips replaces [DefaultMaxSkips].
func MaxSkips(n int) Option { return func(o *options) { o.maxSkips = n } }

// FastForward moves the clock of the newest run of a workflow ahead by d and
// returns when it got there or the workflow ended. A few seconds are waited for,
// since the clock goes on by itself. It waits for activities that
// run, so the context should have a deadline; when that passes, the
// fast-forward itself goes on in the server.
func FastForward(ctx context.Context, c client.Client, namespace, workflowID string, d time.Duration, opts ...Option) (Result, error) {
	o := options{maxSkips: DefaultMaxSkips}
	for _, opt := range opts {
		opt(&o)
	}
	s := session{service: c.WorkflowService(), namespace: namespace, workflowID: workflowID, id: uuid.NewString(), maxSkips: o.maxSkips}
	if d <= 0 {
		return Result{}, fmt.Errorf("fast-forward %s: %s is not ahead", workflowID, d)
	}
	res, err := s.run(ctx, d)
	if limit := (*SkipLimitError)(nil); err != nil && !errors.As(err, &limit) {
		return res, fmt.Errorf("fast-forward %s: %w", workflowID, err)
	}
	return res, err
}

// Now returns the instant that the newest run of a workflow takes for now.
func Now(ctx context.Context, c client.Client, namespace, workflowID string) (time.Time, error) {
	s := session{service: c.WorkflowService(), namespace: namespace, workflowID: workflowID}
	d, err := s.describe(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("read clock of %s: %w", workflowID, err)
	}
	return clock(d), nil
}

// session is one fast-forward.
type session struct {
	service               workflowservice.WorkflowServiceClient
	namespace, workflowID string
	id                    string
	maxSkips              int
}

func (s session) run(ctx context.Context, d time.Duration) (Result, error) {
	before, err := s.describe(ctx)
	if err != nil {
		return Result{}, err
	}
	res := Result{From: clock(before)}
	reached, err := s.move(ctx, d)
	if err != nil {
		return res, err
	}
	after, settled, err := s.settle(ctx)
	if err != nil {
		return res, err
	}
	res.To, res.Settled = clock(after), settled
	res.Ended = after.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	if reached || res.Ended {
		return res, nil
	}
	if after.GetWorkflowExtendedInfo().GetTimeSkippingInfo().GetEffectiveConfig().GetFastForwardConfig().GetId() != s.id {
		return res, errors.New("another fast-forward took over")
	}
	return res, &SkipLimitError{WorkflowID: s.workflowID, Reached: res.To, Target: res.From.Add(d), MaxSkips: s.maxSkips}
}

// move reports whether the target was reached.
func (s session) move(ctx context.Context, d time.Duration) (bool, error) {
	if d >= shortest {
		if err := s.begin(ctx, d); err != nil {
			return false, err
		}
		return s.await(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false, fmt.Errorf("wait for the target: %w", ctx.Err())
	case <-timer.C:
		return true, nil
	}
}

func (s session) begin(ctx context.Context, d time.Duration) error {
	_, err := s.service.UpdateWorkflowExecutionOptions(ctx, &workflowservice.UpdateWorkflowExecutionOptionsRequest{
		Namespace:         s.namespace,
		WorkflowExecution: s.execution(),
		WorkflowExecutionOptions: &workflowpb.WorkflowExecutionOptions{
			TimeSkippingConfig: &commonpb.TimeSkippingConfig{
				Enabled:             true,
				FastForwardConfig:   &commonpb.FastForwardConfig{Id: s.id, Duration: durationpb.New(d)},
				MaxSessionSkipCount: int32(min(max(s.maxSkips, 1), 1<<30)),
			},
		},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{optionsField}},
	})
	if _, ok := errors.AsType[*serviceerror.Unimplemented](err); ok {
		return fmt.Errorf("%w: %w", ErrNotEnabled, err)
	}
	return err
}

// await returns true when the target was reached, and false when the server
// gave up: the execution ended, the jumps were used up, or somebody else
// changed the session. Which of them is read from the execution, not from the
// server's words.
func (s session) await(ctx context.Context) (bool, error) {
	for {
		result, err := s.poll(ctx)
		if err != nil {
			return false, err
		}
		switch result {
		case enumspb.FAST_FORWARD_POLLING_RESULT_FAST_FORWARD_COMPLETED:
			return true, nil
		case enumspb.FAST_FORWARD_POLLING_RESULT_FAST_FORWARD_FAILED:
			return false, nil
		default: // nothing new within the time of one poll
		}
	}
}

// poll waits for news once. No news within the time is an unspecified result.
func (s session) poll(ctx context.Context) (enumspb.FastForwardPollingResult, error) {
	callCtx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	resp, err := s.service.PollWorkflowExecutionTimeSkipping(callCtx, &workflowservice.PollWorkflowExecutionTimeSkippingRequest{
		Namespace:         s.namespace,
		WorkflowExecution: s.execution(),
		FastForwardId:     s.id,
	})
	switch {
	case err == nil:
		return resp.GetFastForwardPollingResult(), nil
	case ctx.Err() != nil:
		return 0, fmt.Errorf("wait for the target: %w", errors.Join(ctx.Err(), err))
	case callCtx.Err() != nil || tooLate(err):
		return enumspb.FAST_FORWARD_POLLING_RESULT_UNSPECIFIED, nil
	case isBetweenRuns(err):
		return enumspb.FAST_FORWARD_POLLING_RESULT_UNSPECIFIED, nil
	default:
		return 0, err
	}
}

// tooLate says that the server saw the call's deadline first.
func tooLate(err error) bool {
	code := serviceerror.ToStatus(err).Code()
	return code == codes.Canceled || code == codes.DeadlineExceeded
}

// isBetweenRuns says that the server cannot answer now, as while one run makes way
// for the next.
func isBetweenRuns(err error) bool {
	return serviceerror.ToStatus(err).Code() == codes.Unavailable
}

// settle waits until what became due has been done. A call that takes longer
// than settleWait is left alone.
func (s session) settle(ctx context.Context) (*workflowservice.DescribeWorkflowExecutionResponse, bool, error) {
	until := time.NewTimer(settleWait)
	defer until.Stop()
	tick := time.NewTicker(settlePoll)
	defer tick.Stop()
	for {
		d, err := s.describe(ctx)
		if err != nil {
			return nil, false, err
		}
		if idle(d) {
			return d, true, nil
		}
		select {
		case <-ctx.Done():
			return nil, false, ctx.Err()
		case <-until.C:
			return d, false, nil
		case <-tick.C:
		}
	}
}

func idle(d *workflowservice.DescribeWorkflowExecutionResponse) bool {
	if d.GetPendingWorkflowTask() != nil {
		return false
	}
	for _, a := range d.GetPendingActivities() {
		waits := a.GetState() == enumspb.PENDING_ACTIVITY_STATE_SCHEDULED && a.GetLastFailure() != nil
		if !waits {
			return false
		}
	}
	return true
}

func (s session) describe(ctx context.Context) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	return s.service.DescribeWorkflowExecution(ctx, &workflowservice.DescribeWorkflowExecutionRequest{
		Namespace: s.namespace,
		Execution: s.execution(),
	})
}

// execution names the newest run: a fast-forward carries over continue-as-new.
func (s session) execution() *commonpb.WorkflowExecution {
	return &commonpb.WorkflowExecution{WorkflowId: s.workflowID}
}

// clock returns the execution's now. Without time skipping that is everybody's.
func clock(d *workflowservice.DescribeWorkflowExecutionResponse) time.Time {
	if at := d.GetWorkflowExtendedInfo().GetTimeSkippingInfo().GetCurrentTime(); at != nil {
		return at.AsTime()
	}
	return time.Now().UTC()
}
