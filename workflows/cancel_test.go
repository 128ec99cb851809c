package workflows_test

import (
	"testing"

	"go.temporal.io/sdk/testsuite"
)

// TestCancelEndsNothing: a request to cancel from the Temporal UI neither ends a
// journey nor lets its calls and timers fail: what was ahead is done in time.
func TestCancelEndsNothing(t *testing.T) {
	t.Parallel()
	s := newScenario(t, "2026-11-22T08:00:00Z")
	s.manager("1002", "Tobias")
	s.hr("2026-11-22T08:00:00Z", hired("2026-12-01"))
	s.at("2026-11-22T09:00:00Z", func(env *testsuite.TestWorkflowEnvironment) { env.CancelWorkflow() })
	s.expect("2026-12-02T09:00:00Z", "enabled")
}
