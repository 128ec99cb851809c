package activities

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/workflowservice/v1"

	"tenure/internal/store"
	"tenure/workflows/contract"
)

// RunningJourneys selects all journeys that have not ended.
const RunningJourneys = "WorkflowType = '" + contract.JourneyWorkflow + "' AND ExecutionStatus = 'Running'"

// Counter counts workflows: a Temporal client.
type Counter interface {
	CountWorkflow(ctx context.Context, request *workflowservice.CountWorkflowExecutionsRequest) (*workflowservice.CountWorkflowExecutionsResponse, error)
}

// ErrLostStore says that a store must be rebuilt before anybody works with it.
var ErrLostStore = errors.New("the store must be rebuilt first: tenure store rebuild")

// RefuseLostStore refuses to work with a store that is being rebuilt, or that
// knows no policy while journeys run: it was lost, and what was done would be done
// again.
func RefuseLostStore(ctx context.Context, db *store.Store, temporal Counter) error {
	rebuild, err := db.NewestRebuild(ctx)
	switch {
	case err == nil && rebuild.Ended.IsZero():
		return fmt.Errorf("%w: a rebuild has begun and not ended", ErrLostStore)
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return err
	}
	if _, err := db.ActivePolicy(ctx); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	counted, err := temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: RunningJourneys})
	if err != nil {
		return fmt.Errorf("count journeys: %w", err)
	}
	if counted.GetCount() > 0 {
		return fmt.Errorf("%w: it knows no policy, and %d journeys run", ErrLostStore, counted.GetCount())
	}
	return nil
}
