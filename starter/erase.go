package starter

import (
	"context"
	"fmt"
	"slices"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"tenure/internal/httpapi"
	"tenure/workflows/contract"
)

const (
	// erasedWithin is how long an answer waits for the journey to end.
	erasedWithin = 10 * time.Second
	erasedEvery  = 100 * time.Millisecond
)

// awaitErasure waits until the journey has ended and deletes its histories. Where
// that takes longer, the same command once more does it.
func (s *service) awaitErasure(ctx context.Context, id httpapi.PersonID, given contract.Answer) (contract.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, erasedWithin)
	defer cancel()
	ticker := time.NewTicker(erasedEvery)
	defer ticker.Stop()
	for {
		if _, closed, err := s.engine.status(ctx, id); err == nil && closed {
			return s.forget(ctx, id)
		}
		select {
		case <-ctx.Done():
			given.Text += " as soon as the store has carried it out; send it again then, to delete what Temporal keeps of it"
			return given, nil
		case <-ticker.C:
		}
	}
}

// forget deletes the histories of a journey that has ended.
func (s *service) forget(ctx context.Context, id httpapi.PersonID) (contract.Answer, error) {
	deleted, err := s.engine.deleteRuns(ctx, contract.JourneyID(id.Realm, id.Key))
	if err != nil {
		return contract.Answer{}, httpapi.NewProblem(httpapi.KindUnavailable, err,
			"the person is erased in the store, and Temporal could not delete the journey's history: send it again")
	}
	s.log.InfoContext(ctx, "histories of an erased person deleted", "realm", id.Realm, "person", id.Key, "runs", deleted)
	return contract.Answer{Text: fmt.Sprintf("erased: the journey has ended, and %d of its runs are deleted from Temporal", deleted)}, nil
}

// deleteRuns deletes every run of a workflow that has ended: the newest one and
// those it continues, and whatever else is listed. The list alone will not do: it
// lags behind and may lack the very run that has just ended.
func (e *engine) deleteRuns(ctx context.Context, journey string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, updateWithin)
	defer cancel()
	runs, err := e.chain(ctx, journey)
	if err != nil {
		return 0, err
	}
	query := "WorkflowId = '" + journey + "' AND ExecutionStatus != 'Running'"
	err = e.list(ctx, query, func(page []*workflowpb.WorkflowExecutionInfo) error {
		for _, run := range page {
			if id := run.GetExecution().GetRunId(); !slices.Contains(runs, id) {
				runs = append(runs, id)
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	// The newest one goes last: whoever is interrupted finds the others by it.
	slices.Reverse(runs)
	for i, run := range runs {
		_, err := e.client.WorkflowService().DeleteWorkflowExecution(ctx, &workflowservice.DeleteWorkflowExecutionRequest{
			Namespace: e.namespace, WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: journey, RunId: run},
		})
		if err != nil && !isNotFound(err) {
			return i, fmt.Errorf("delete run: %w", err)
		}
	}
	return len(runs), nil
}

// chain are the runs of a workflow, the newest first, as far as Temporal has them.
func (e *engine) chain(ctx context.Context, workflow string) ([]string, error) {
	described, err := e.client.DescribeWorkflowExecution(ctx, workflow, "")
	if isNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("describe journey: %w", err)
	}
	if described.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil, nil // HR has spoken again: this is another life
	}
	var runs []string
	for run := described.GetWorkflowExecutionInfo().GetExecution().GetRunId(); run != ""; {
		runs = append(runs, run)
		events := e.client.GetWorkflowHistory(ctx, workflow, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		if !events.HasNext() {
			return runs, nil
		}
		first, err := events.Next()
		if isNotFound(err) {
			return runs, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read history: %w", err)
		}
		run = first.GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
	}
	return runs, nil
}
