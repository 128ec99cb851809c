package workflows

import (
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"tenure/workflows/contract"
)

// Register registers every workflow under its frozen name.
func Register(registry worker.WorkflowRegistry) {
	registry.RegisterWorkflowWithOptions(Journey, workflow.RegisterOptions{
		Name:               contract.JourneyWorkflow,
		VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
	})
	registry.RegisterWorkflowWithOptions(Reconcile, workflow.RegisterOptions{
		Name: contract.ReconcileWorkflow,
		// A comparison ends within the hour: it stays on the code it began with.
		VersioningBehavior: workflow.VersioningBehaviorPinned,
	})
}
