package starter

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"tenure/internal/httpapi"
	"tenure/internal/person"
	"tenure/internal/platform"
	"tenure/workflows"
	"tenure/workflows/contract"
)

// Bounds of the calls to Temporal.
const (
	signalWithin   = 10 * time.Second
	queryWithin    = 5 * time.Second
	updateWithin   = 20 * time.Second
	describeWithin = 5 * time.Second
)

// temporalClient is what the starter uses of a Temporal client.
type temporalClient interface {
	SignalWithStartWorkflow(ctx context.Context, workflowID string, signalName string, signalArg any,
		options client.StartWorkflowOptions, workflow any, workflowArgs ...any) (client.WorkflowRun, error)
	SignalWorkflow(ctx context.Context, workflowID string, runID string, signalName string, arg any) error
	UpdateWorkflow(ctx context.Context, options client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error)
	GetWorkflowHistory(ctx context.Context, workflowID string, runID string, isLongPoll bool,
		filterType enumspb.HistoryEventFilterType) client.HistoryEventIterator
	QueryWorkflow(ctx context.Context, workflowID string, runID string, queryType string, args ...any) (converter.EncodedValue, error)
	DescribeWorkflowExecution(ctx context.Context, workflowID, runID string) (*workflowservice.DescribeWorkflowExecutionResponse, error)
	DescribeTaskQueue(ctx context.Context, taskQueue string, kind enumspb.TaskQueueType) (*workflowservice.DescribeTaskQueueResponse, error)
	CheckHealth(ctx context.Context, request *client.CheckHealthRequest) (*client.CheckHealthResponse, error)
	OperatorService() operatorservice.OperatorServiceClient
	WorkflowService() workflowservice.WorkflowServiceClient
	ExecuteWorkflow(ctx context.Context, options client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error)
	ScheduleClient() client.ScheduleClient
}

// errNoJourney says that a person has no journey.
var errNoJourney = errors.New("no such journey")

// engine speaks to the journeys.
type engine struct {
	client    temporalClient
	namespace string
	// converter reads what stands in histories.
	converter converter.DataConverter
}

func newEngine(c temporalClient, namespace string, payloads converter.DataConverter) *engine {
	return &engine{client: c, namespace: namespace, converter: payloads}
}

// send hands an HR event to a journey, which is started where there is none. It
// returns once Temporal has it on disk; no worker need run. A journey that
// somebody ended from outside goes on from its last state: see lastState.
func (e *engine) send(ctx context.Context, id httpapi.PersonID, event person.Event) error {
	ctx, cancel := context.WithTimeout(ctx, signalWithin)
	defer cancel()
	err := e.start(ctx, id, event, workflows.NewState(id.Realm, id.Key), enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE)
	if !isClosed(err) {
		return wrapSignal(err)
	}
	state, unread, err := e.lastState(ctx, id)
	if err != nil {
		return fmt.Errorf("go on with a journey that was ended: %w", err)
	}
	for _, told := range append(unread, event) {
		if err := e.start(ctx, id, told, state, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE); err != nil {
			return wrapSignal(err)
		}
	}
	return nil
}

func (e *engine) start(ctx context.Context, id httpapi.PersonID, event person.Event, state workflows.State, reuse enumspb.WorkflowIdReusePolicy) error {
	_, err := e.client.SignalWithStartWorkflow(ctx, contract.JourneyID(id.Realm, id.Key), contract.SignalEvent, event,
		client.StartWorkflowOptions{
			TaskQueue:             contract.TaskQueue,
			WorkflowIDReusePolicy: reuse,
			StaticSummary:         "The journey of person " + contract.EncodeKey(id.Key) + " in realm " + contract.EncodeKey(id.Realm),
			StaticDetails: "One person, from hire to deletion. What is due next stands under *Current details*; " +
				"`tenure people timeline` shows past and future. Send signals only with an actor and a reason.",
			TypedSearchAttributes: temporal.NewSearchAttributes(platform.KeyRealm.ValueSet(id.Realm)),
		}, contract.JourneyWorkflow, state)
	return err
}

func wrapSignal(err error) error {
	if err != nil {
		return fmt.Errorf("signal journey: %w", err)
	}
	return nil
}

// wake lets a journey plan again. A journey that is gone has nothing to plan.
func (e *engine) wake(ctx context.Context, journey string, why contract.Override) error {
	ctx, cancel := context.WithTimeout(ctx, signalWithin)
	defer cancel()
	err := e.client.SignalWorkflow(ctx, journey, "", string(contract.ReEvaluate), why)
	if isNotFound(err) || err == nil {
		return nil
	}
	return fmt.Errorf("wake journey: %w", err)
}

// facts asks the journey for everything it knows.
func (e *engine) facts(ctx context.Context, id httpapi.PersonID) (workflows.View, error) {
	ctx, cancel := context.WithTimeout(ctx, queryWithin)
	defer cancel()
	var view workflows.View
	value, err := e.client.QueryWorkflow(ctx, contract.JourneyID(id.Realm, id.Key), "", contract.QueryFacts)
	if err == nil {
		err = value.Get(&view)
	}
	if isNotFound(err) {
		return view, errNoJourney
	}
	if err != nil {
		return view, fmt.Errorf("query journey: %w", err)
	}
	return view, nil
}

// status is a journey's clock and whether it has ended. The clock is everybody's
// but where a development stack moved it.
func (e *engine) status(ctx context.Context, id httpapi.PersonID) (now time.Time, closed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, describeWithin)
	defer cancel()
	described, err := e.client.DescribeWorkflowExecution(ctx, contract.JourneyID(id.Realm, id.Key), "")
	if isNotFound(err) {
		return time.Time{}, false, errNoJourney
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("describe journey: %w", err)
	}
	closed = described.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	if at := described.GetWorkflowExtendedInfo().GetTimeSkippingInfo().GetCurrentTime(); at != nil {
		return at.AsTime(), closed, nil
	}
	return time.Time{}, closed, nil
}

// update applies an override and waits until it is in force.
func (e *engine) update(ctx context.Context, id httpapi.PersonID, kind contract.Kind, o contract.Override) (contract.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, updateWithin)
	defer cancel()
	var given contract.Answer
	handle, err := e.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		UpdateID: o.ID, WorkflowID: contract.JourneyID(id.Realm, id.Key), UpdateName: string(kind), Args: []any{o},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, &given)
	}
	if err != nil {
		return contract.Answer{}, updateProblem(err)
	}
	return given, nil
}

// updateProblem says what became of an update that was not answered well.
func updateProblem(err error) error {
	var refused *temporal.ApplicationError
	switch {
	case errors.As(err, &refused):
		problem := httpapi.NewProblem(httpapi.KindRefused, err, "%s", refused.Message())
		problem.Code = refused.Type()
		return problem
	case isNotFound(err):
		return httpapi.NewProblem(httpapi.KindGone, err, "the journey of this person has ended: it takes no more overrides")
	default:
		return httpapi.NewProblem(httpapi.KindUnavailable, err,
			"no worker answered in time; the override may still come into force: send it again with the same Idempotency-Key")
	}
}

// healthy reports whether Temporal answers.
func (e *engine) healthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, describeWithin)
	defer cancel()
	if _, err := e.client.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return fmt.Errorf("reach temporal: %w", err)
	}
	return nil
}

// attributes reports which search attributes are missing.
func (e *engine) attributes(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, describeWithin)
	defer cancel()
	return platform.CheckSearchAttributes(ctx, e.client.OperatorService(), e.namespace)
}

// polled is when, by the clock of Temporal, a worker last asked for work; zero
// where none did for a while.
func (e *engine) polled(ctx context.Context) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, describeWithin)
	defer cancel()
	described, err := e.client.DescribeTaskQueue(ctx, contract.TaskQueue, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil {
		return time.Time{}, fmt.Errorf("describe task queue: %w", err)
	}
	var newest time.Time
	for _, poller := range described.GetPollers() {
		if at := poller.GetLastAccessTime().AsTime(); at.After(newest) {
			newest = at
		}
	}
	return newest, nil
}

func isNotFound(err error) bool {
	var notFound *serviceerror.NotFound
	return errors.As(err, &notFound)
}

// isHopeless reports whether sending the same again would fail again.
func isHopeless(err error) bool {
	var invalid *serviceerror.InvalidArgument
	return errors.As(err, &invalid)
}
