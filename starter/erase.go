package starter

import (
	"context"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
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

// deleteRuns deletes every run of a workflow that has ended.
func (e *engine) deleteRuns(ctx context.Context, journey string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, updateWithin)
	defer cancel()
	deleted := 0
	service := e.client.WorkflowService()
	request := &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: e.namespace, Query: "WorkflowId = '" + journey + "' AND ExecutionStatus != 'Running'",
	}
	for {
		page, err := service.ListWorkflowExecutions(ctx, request)
		if err != nil {
			return deleted, fmt.Errorf("list runs: %w", err)
		}
		for _, run := range page.GetExecutions() {
			_, err := service.DeleteWorkflowExecution(ctx, &workflowservice.DeleteWorkflowExecutionRequest{
				Namespace:         e.namespace,
				WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: journey, RunId: run.GetExecution().GetRunId()},
			})
			if err != nil && !isNotFound(err) {
				return deleted, fmt.Errorf("delete run: %w", err)
			}
			deleted++
		}
		request.NextPageToken = page.GetNextPageToken()
		if len(request.NextPageToken) == 0 {
			return deleted, nil
		}
	}
}
