package starter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tenure/activities"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/platform"
	"tenure/workflows"
	"tenure/workflows/contract"
)

// temporalFake is Temporal with journeys that merge what they hear and plan as
// the real ones do, at an instant of their own.
type temporalFake struct {
	policies *activities.Policies

	mu       sync.Mutex
	journeys map[string]*journeyFake
	starts   []client.StartWorkflowOptions
	wakes    map[string][]contract.Override
	// gate, where it is set, is passed before an event is taken.
	gate func()
	// sendErr, queryErr and updateErr, where set, answer such calls.
	sendErr   func(event person.Event) error
	queryErr  error
	updateErr error
	// listErr, where set, answers lists of workflows.
	listErr   error
	healthErr error
	updates   []client.UpdateWorkflowOptions
	missing   []string
	polled    time.Time
	schedules map[string]*client.Schedule
	// compared are the IDs of comparisons; comparing, where set, does one.
	compared []string
	// deleted are the runs that were deleted.
	deleted   []string
	comparing func(target string) error
}

type journeyFake struct {
	facts  plan.Facts
	events int
	now    time.Time
	closed bool
	raised []plan.Attention
	// revision is that of the state the journey began with.
	revision int64
	// runs are those that continue each other, the newest last; one where not set.
	runs []string
	// history is what the last run of a closed journey ends with, and ended how
	// it was closed; by itself where it is not set.
	history []*historypb.HistoryEvent
	ended   enumspb.WorkflowExecutionStatus
}

func newTemporalFake() *temporalFake {
	return &temporalFake{journeys: map[string]*journeyFake{}, wakes: map[string][]contract.Override{}, polled: testNow}
}

func (f *temporalFake) SignalWithStartWorkflow(_ context.Context, id, signal string, arg any, options client.StartWorkflowOptions,
	_ any, args ...any,
) (client.WorkflowRun, error) {
	f.mu.Lock()
	gate := f.gate
	f.mu.Unlock()
	if gate != nil {
		gate()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	event, ok := arg.(person.Event)
	if !ok || signal != contract.SignalEvent || len(args) != 1 {
		return nil, fmt.Errorf("signal %s with %T and %d arguments", signal, arg, len(args))
	}
	if f.sendErr != nil {
		if err := f.sendErr(event); err != nil {
			return nil, err
		}
	}
	options.ID = id
	journey, found := f.journeys[id]
	if found && journey.closed && options.WorkflowIDReusePolicy == enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE {
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("finished", "", "")
	}
	f.starts = append(f.starts, options)
	if !found || journey.closed {
		journey = &journeyFake{facts: args[0].(workflows.State).Facts, revision: args[0].(workflows.State).Revision}
		f.journeys[id] = journey
	}
	journey.facts.Person, _ = person.Merge(journey.facts.Person, event)
	journey.events++
	return nil, nil
}

func (f *temporalFake) SignalWorkflow(_ context.Context, id, _, signal string, arg any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, found := f.journeys[id]; !found {
		return serviceerror.NewNotFound("no such workflow")
	}
	if signal != string(contract.ReEvaluate) {
		return fmt.Errorf("signal %s", signal)
	}
	f.wakes[id] = append(f.wakes[id], arg.(contract.Override))
	return nil
}

// updateHandle is an update that was accepted.
type updateHandle struct {
	client.WorkflowUpdateHandle
	err error
}

func (h updateHandle) Get(_ context.Context, into any) error {
	if h.err == nil {
		*into.(*contract.Answer) = contract.Answer{Text: "in force"}
	}
	return h.err
}

func (f *temporalFake) UpdateWorkflow(_ context.Context, options client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.updates = append(f.updates, options)
	return updateHandle{err: f.updateErr}, nil
}

// stateValue is the answer of the query for the state.
type stateValue struct{ state workflows.State }

func (v stateValue) HasValue() bool { return true }

func (v stateValue) Get(into any) error {
	*into.(*workflows.State) = v.state
	return nil
}

// historyFake is the history of a journey.
type historyFake struct{ events []*historypb.HistoryEvent }

func (h *historyFake) HasNext() bool { return len(h.events) > 0 }

func (h *historyFake) Next() (*historypb.HistoryEvent, error) {
	next := h.events[0]
	h.events = h.events[1:]
	return next, nil
}

func (f *temporalFake) GetWorkflowHistory(_ context.Context, id, run string, _ bool, _ enumspb.HistoryEventFilterType) client.HistoryEventIterator {
	f.mu.Lock()
	defer f.mu.Unlock()
	journey := f.journeys[id]
	if i := slices.Index(journey.runs, run); i >= 0 {
		before := ""
		if i > 0 {
			before = journey.runs[i-1]
		}
		return &historyFake{[]*historypb.HistoryEvent{{
			Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
				WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{ContinuedExecutionRunId: before},
			},
		}}}
	}
	return &historyFake{slices.Clone(journey.history)}
}

func isTaskCompleted(event *historypb.HistoryEvent) bool {
	return event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
}

// viewValue is the answer of a query.
type viewValue struct{ view workflows.View }

func (v viewValue) HasValue() bool { return true }

func (v viewValue) Get(into any) error {
	*into.(*workflows.View) = v.view
	return nil
}

func (f *temporalFake) QueryWorkflow(ctx context.Context, id, _, query string, _ ...any) (converter.EncodedValue, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	journey, found := f.journeys[id]
	switch {
	case f.queryErr != nil:
		return nil, f.queryErr
	case !found:
		return nil, serviceerror.NewNotFound("no such workflow")
	case query == contract.QueryState && len(journey.history) > 0 && !slices.ContainsFunc(journey.history, isTaskCompleted):
		return nil, serviceerror.NewWorkflowNotReady("Workflow execution closed before WorkflowTaskStarted event")
	case query == contract.QueryState:
		return stateValue{workflows.State{Schema: workflows.Schema, Facts: journey.facts, Revision: 7}}, nil
	case query != contract.QueryFacts:
		return nil, errors.New("unknown query")
	}
	policy, err := f.policies.Active(ctx)
	if err != nil {
		return nil, err
	}
	now := journey.now
	if now.IsZero() {
		now = testNow
	}
	result := plan.Build(policy.Input(journey.facts, now))
	if result.Memory != nil {
		journey.facts.Memory = *result.Memory
	}
	return viewValue{workflows.View{Facts: journey.facts, Raised: journey.raised, PolicyVersion: policy.Stored.Number, Last: result}}, nil
}

func (f *temporalFake) DescribeWorkflowExecution(_ context.Context, id, _ string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	journey, found := f.journeys[id]
	if !found {
		return nil, serviceerror.NewNotFound("no such workflow")
	}
	status := enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	if journey.closed {
		status = cmp.Or(journey.ended, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED)
	}
	newest := "r1"
	if len(journey.runs) > 0 {
		newest = journey.runs[len(journey.runs)-1]
	}
	out := &workflowservice.DescribeWorkflowExecutionResponse{
		WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{Execution: &commonpb.WorkflowExecution{WorkflowId: id, RunId: newest}, Status: status},
	}
	if !journey.now.IsZero() {
		out.WorkflowExtendedInfo = &workflowpb.WorkflowExecutionExtendedInfo{
			TimeSkippingInfo: &commonpb.TimeSkippingInfo{CurrentTime: timestamppb.New(journey.now)},
		}
	}
	return out, nil
}

func (f *temporalFake) DescribeTaskQueue(context.Context, string, enumspb.TaskQueueType) (*workflowservice.DescribeTaskQueueResponse, error) {
	out := &workflowservice.DescribeTaskQueueResponse{}
	if !f.polled.IsZero() {
		out.Pollers = []*taskqueuepb.PollerInfo{{LastAccessTime: timestamppb.New(f.polled)}}
	}
	return out, f.healthErr
}

func (f *temporalFake) CheckHealth(context.Context, *client.CheckHealthRequest) (*client.CheckHealthResponse, error) {
	return &client.CheckHealthResponse{}, f.healthErr
}

// operatorFake lists search attributes.
type operatorFake struct {
	operatorservice.OperatorServiceClient
	missing []string
}

func (o operatorFake) ListSearchAttributes(context.Context, *operatorservice.ListSearchAttributesRequest, ...grpc.CallOption) (*operatorservice.ListSearchAttributesResponse, error) {
	all := maps.Clone(platform.SearchAttributes())
	for _, name := range o.missing {
		delete(all, name)
	}
	return &operatorservice.ListSearchAttributesResponse{CustomAttributes: all}, nil
}

func (f *temporalFake) OperatorService() operatorservice.OperatorServiceClient {
	return operatorFake{missing: f.missing}
}

// servicesFake lists and deletes the runs of journeys that have ended.
type servicesFake struct {
	workflowservice.WorkflowServiceClient
	of *temporalFake
}

func (f *temporalFake) WorkflowService() workflowservice.WorkflowServiceClient {
	return servicesFake{of: f}
}

func (s servicesFake) ListWorkflowExecutions(_ context.Context, request *workflowservice.ListWorkflowExecutionsRequest,
	_ ...grpc.CallOption,
) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	if s.of.listErr != nil {
		return nil, s.of.listErr
	}
	out := &workflowservice.ListWorkflowExecutionsResponse{}
	for id, journey := range s.of.journeys {
		if !journey.closed && strings.Contains(request.GetQuery(), "ExecutionStatus = 'Running'") ||
			journey.closed && strings.Contains(request.GetQuery(), "'"+id+"'") {
			out.Executions = append(out.Executions, &workflowpb.WorkflowExecutionInfo{
				Execution: &commonpb.WorkflowExecution{WorkflowId: id, RunId: "r1"},
			})
		}
	}
	return out, nil
}

func (s servicesFake) DeleteWorkflowExecution(_ context.Context, request *workflowservice.DeleteWorkflowExecutionRequest,
	_ ...grpc.CallOption,
) (*workflowservice.DeleteWorkflowExecutionResponse, error) {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.of.deleted = append(s.of.deleted, request.GetWorkflowExecution().GetRunId())
	return &workflowservice.DeleteWorkflowExecutionResponse{}, nil
}

// heard counts the events of every journey.
func (f *temporalFake) heard() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[string]int{}
	for id, journey := range f.journeys {
		out[id] = journey.events
	}
	return out
}

// total is the number of all events.
func (f *temporalFake) total() int {
	sum := 0
	for _, events := range f.heard() {
		sum += events
	}
	return sum
}

// change changes the fake under its lock.
func (f *temporalFake) change(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

func (f *temporalFake) journey(t *testing.T, id string) *journeyFake {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	journey, found := f.journeys[id]
	if !found {
		t.Fatalf("no journey %s among %v", id, slices.Sorted(maps.Keys(f.journeys)))
	}
	return journey
}
