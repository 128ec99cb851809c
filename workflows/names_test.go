package workflows_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.temporal.io/sdk/workflow"

	"tenure/activities"
	"tenure/workflows"
	"tenure/workflows/contract"
)

// names records what is registered.
type names []string

func (n *names) RegisterWorkflow(any) { panic("workflows are registered under stated names") }

func (n *names) RegisterWorkflowWithOptions(_ any, options workflow.RegisterOptions) {
	*n = append(*n, "workflow "+options.Name)
}

func (n *names) RegisterDynamicWorkflow(any, workflow.DynamicRegisterOptions) {
	panic("no workflow is dynamic")
}

// Running journeys know these names: changing one orphans them.
func TestNamesAreFrozen(t *testing.T) {
	t.Parallel()
	var all names
	workflows.Register(&all)
	all = append(all, "task queue "+contract.TaskQueue, "signal "+contract.SignalEvent, "signal "+contract.SignalManagerArrived, "query "+contract.QueryFacts, "query "+contract.QueryState)
	for _, kind := range contract.Kinds() {
		all = append(all, "signal "+string(kind), "update "+string(kind))
		if kind.Description() == "" {
			t.Errorf("%s has no description", kind)
		}
	}
	for _, attribute := range []string{
		contract.AttributePhase, contract.AttributeAttention, contract.AttributeRealm, contract.AttributeNextDeadline, contract.AttributeHeld,
		contract.AttributeHolds,
	} {
		all = append(all, "search attribute "+attribute)
	}
	for _, of := range []any{&activities.Tasks{}, &activities.Planner{}, &activities.Reconciler{}} {
		for method := range reflect.TypeOf(of).Methods() {
			all = append(all, "activity "+method.Name)
		}
	}
	all = append(all, "workflow ID "+contract.JourneyID("main", "7/ü"), "schedule ID "+contract.ReconcileID("entra"))
	slices.Sort(all)
	workflows.Golden(t, "names.golden", strings.Join(all, "\n")+"\n")
}
