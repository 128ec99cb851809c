package workflows_test

import (
	"testing"

	"go.temporal.io/sdk/testsuite"

	"tenure/internal/directory"
	"tenure/workflows/contract"
)

// A plan that fails when the timer of a line has come is asked for again each
// minute, not at once and again and again.
func TestPlanThatFailsAtItsTimerWaitsAMinute(t *testing.T) {
	t.Parallel()
	s := newScenario(t, "2026-11-05T08:00:00Z")
	s.manager("1002", "Tobias")
	s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
	s.at("2026-11-23T12:00:00Z", func(*testsuite.TestWorkflowEnvironment) { s.noPlan.Store(true) })
	s.until("2026-11-24T08:10:00Z")
	const attempts, minutes, runs = 3, 11, 3
	if got := s.planless.Load(); got == 0 || got > attempts*minutes*runs {
		t.Errorf("%d plans failed in ten minutes, want some and at most %d", got, attempts*minutes*runs)
	}
}

// S6: who runs the whole run now has not agreed to a pass for a role's holder.
func TestS6_RunNowOfARunDoesNotAgreeToAPassForARole(t *testing.T) {
	t.Parallel()
	s := newScenario(t, "2026-11-05T08:00:00Z")
	s.manager("1002", "Tobias")
	s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
	s.say("2026-11-06T08:00:00Z", contract.RunNow, contract.Override{Key: "account:entra/s1/0/create"})
	s.expect("2026-11-07T08:00:00Z", "disabled")
	s.dir.SetSignInFacts(s.account().ID, directory.SignInFacts{HasRole: true})
	s.say("2026-11-08T08:00:00Z", contract.RunNow, contract.Override{Key: runKey("Prepare a new hire", 1)})
	s.expect("2026-11-09T08:00:00Z", "disabled").expectGroups("all-staff engineering").expectPasses(0)
}

// A last day set by hand is that of the stay the person is in, not of a rehire
// that HR has announced already.
func TestS4_SetDateSpeaksOfTheStayThatGoesOn(t *testing.T) {
	t.Parallel()
	s := newScenario(t, "2026-11-05T08:00:00Z")
	s.manager("1002", "Tobias")
	s.hr("2026-11-05T08:00:00Z", hired("2026-12-01", lastDay, "2026-12-31"))
	s.hr("2026-12-15T08:00:00Z", hired("2027-03-01"))
	s.expect("2026-12-16T08:00:00Z", "enabled")
	s.say("2026-12-16T09:00:00Z", contract.SetDate, contract.Override{On: "lastDayOfWork", Date: "2026-12-20"})
	s.expect("2026-12-21T08:00:00Z", "disabled")
	s.expect("2027-03-01T08:00:00Z", "enabled")
	s.expect("2027-06-01T08:00:00Z", "enabled")
}
