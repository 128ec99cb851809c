package workflows_test

import (
	"testing"

	"go.temporal.io/sdk/testsuite"

	"tenure/internal/directory"
	"tenure/workflows/contract"
)

// behind schedules a change of the account that Tenure does not make.
func (s *scenario) behind(when string, change directory.Change) *scenario {
	return s.at(when, func(*testsuite.TestWorkflowEnvironment) {
		hits, err := s.dir.AccountsByEmployeeID(s.t.Context(), s.key)
		if err == nil && len(hits) == 1 {
			err = s.dir.UpdateAccount(s.t.Context(), hits[0].ID, change)
		}
		if err != nil || len(hits) != 1 {
			s.t.Errorf("change %d accounts behind Tenure's back: %v", len(hits), err)
		}
	})
}

func setEnabled(enabled bool) directory.Change { return directory.Change{Enabled: &enabled} }

var lookAgain = contract.Override{Target: "entra"}

func TestReconcileMendsDrift(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.behind("2027-01-10T08:00:00Z", directory.Change{Set: map[string]string{"jobTitle": "Emperor"}})
		s.expect("2027-01-11T08:00:00Z", "enabled")
		if got := s.account().Attributes["jobTitle"]; got != "Emperor" {
			s.t.Fatalf("title before anybody asks = %q: the drift was not made", got)
		}
		s.say("2027-01-12T08:00:00Z", contract.ReEvaluate, lookAgain)
		s.expect("2027-01-12T08:10:00Z", "enabled").expectAttention("")
		if got := s.account().Attributes["jobTitle"]; got != "Engineer" {
			s.t.Errorf("title = %q, want what HR says\n%s", got, s.story())
		}
		s.expectLooked()
	})
}

func TestReconcileAsksBeforeItEnables(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2027-01-09T08:00:00Z", "enabled")
		s.behind("2027-01-10T08:00:00Z", setEnabled(false))
		s.say("2027-01-12T08:00:00Z", contract.ReEvaluate, lookAgain)
		s.expect("2027-01-12T08:10:00Z", "disabled").expectAttention("disabled-elsewhere")
		s.say("2027-01-13T08:00:00Z", contract.Approve, contract.Override{})
		s.expect("2027-01-13T08:10:00Z", "enabled").expectAttention("")
	})
}

func TestReconcileDisablesALeaverAgain(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-04-02T08:00:00Z", "disabled")
		s.behind("2027-04-03T08:00:00Z", setEnabled(true))
		s.expect("2027-04-03T09:00:00Z", "enabled")
		s.say("2027-04-04T08:00:00Z", contract.ReEvaluate, lookAgain)
		s.expect("2027-04-04T08:10:00Z", "disabled")
		s.expectLooked()
	})
}

func TestReconcileRestoresAMissingAccount(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2027-01-09T08:00:00Z", "enabled")
		before := s.account().ID
		s.at("2027-01-10T08:00:00Z", func(*testsuite.TestWorkflowEnvironment) {
			if err := s.dir.DeleteAccount(s.t.Context(), before); err != nil {
				s.t.Errorf("delete the account behind Tenure's back: %v", err)
			}
		})
		s.say("2027-01-12T08:00:00Z", contract.ReEvaluate, lookAgain)
		s.expect("2027-01-12T08:10:00Z", "enabled")
		if got := s.account().ID; got != before {
			s.t.Errorf("account = %s, want the deleted one back, %s\n%s", got, before, s.story())
		}
	})
}

// expectLooked wants every wish to look at an account to be met, once.
func (s *scenario) expectLooked() {
	s.t.Helper()
	checks := s.view.Facts.Overrides.Checks
	if len(checks) != 1 || checks[0].Looked.IsZero() {
		s.t.Errorf("wishes to look = %+v, want one that was met", checks)
	}
	for _, line := range s.view.Last.Due {
		s.t.Errorf("still due: %+v", line)
	}
}
