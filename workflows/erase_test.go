package workflows_test

import (
	"slices"
	"strings"
	"testing"

	"go.temporal.io/sdk/testsuite"

	"tenure/internal/store"
	"tenure/workflows/contract"
)

// rows are those of a kind in the ledger.
func (s *scenario) rows(kind store.LedgerKind) []store.LedgerRow {
	s.t.Helper()
	all, err := s.store.Ledger(s.t.Context(), contract.JourneyID(testRealm, s.key), 1, 0)
	if err != nil {
		s.t.Fatalf("read ledger: %v", err)
	}
	return slices.DeleteFunc(all, func(row store.LedgerRow) bool { return row.Kind != kind })
}

// gone lives a person until the account is deleted.
func gone(s *scenario) {
	leaver(s)
	s.expect("2027-06-15T08:00:00Z", "deleted")
}

// TestS13_ErasureEndsTheJourneyAndLeavesAMarker: what HR says later of the person
// begins a new chain, which finds the marker and waits for a human.
func TestS13_ErasureEndsTheJourneyAndLeavesAMarker(t *testing.T) {
	s := newScenario(t, "2026-11-05T08:00:00Z")
	gone(s)
	s.say("2027-06-16T08:00:00Z", contract.Erase, contract.Override{ID: "e1"})
	s.until("2027-06-16T08:01:00Z")
	if !s.ended {
		t.Fatalf("the journey goes on after the erasure\n%s", s.story())
	}
	for _, row := range s.rows(store.LedgerTask) {
		if !row.Erased {
			t.Errorf("row %d has its values", row.Seq)
		}
	}
	if len(s.rows(store.LedgerErasure)) != 1 {
		t.Errorf("%d rows of the erasure, want one", len(s.rows(store.LedgerErasure)))
	}
	s.hr("2027-06-17T08:00:00Z", hired("2026-12-01", lastDay, "2027-03-31"))
	s.expect("2027-07-20T08:00:00Z", "deleted")
	found := false
	for _, row := range s.rows(store.LedgerPlan) {
		found = found || row.Outcome == "erasure found" && strings.Contains(row.Reason, "2027-06-16")
	}
	if !found {
		t.Errorf("the new chain did not find the marker\n%s", s.story())
	}
	if err := s.store.Verify(t.Context(), contract.JourneyID(testRealm, testKey)); err != nil {
		t.Errorf("verify: %v", err)
	}
	if kinds := s.view.Facts.Overrides.HoldKinds(); len(kinds) != 1 {
		t.Errorf("holds: %v, want one that waits for a human", kinds)
	}
}

// TestS13_WhoIsHiredAfterAnErasureIsHired: a stay that begins later is a hire like
// anybody's.
func TestS13_WhoIsHiredAfterAnErasureIsHired(t *testing.T) {
	s := newScenario(t, "2026-11-05T08:00:00Z")
	s.manager("1002", "Tobias")
	gone(s)
	s.say("2027-06-16T08:00:00Z", contract.Erase, contract.Override{ID: "e1"})
	s.until("2027-06-16T08:01:00Z")
	s.hr("2027-06-17T08:00:00Z", hired("2027-09-01"))
	s.until("2027-09-02T08:00:00Z")
	live, err := s.dir.AccountsByEmployeeID(t.Context(), testKey)
	if err != nil || len(live) != 1 || !live[0].Enabled {
		t.Errorf("accounts: %+v, error %v; want a new one that is enabled", live, err)
	}
	if parked := s.view.Facts.Parked; len(parked) > 0 {
		t.Errorf("parked: %+v", parked)
	}
	if kinds := s.view.Facts.Overrides.HoldKinds(); len(kinds) != 0 {
		t.Errorf("holds: %v, want none", kinds)
	}
}

func TestS13_ErasureIsRefused(t *testing.T) {
	s := newScenario(t, "2026-11-05T08:00:00Z")
	s.callers.Steer = true
	leaver(s)
	s.refused("2027-03-01T08:00:00Z", contract.Erase, contract.Override{}, "is still there")
	s.until("2027-06-15T08:00:00Z")
	s.say("2027-06-16T08:00:00Z", contract.Hold, contract.Override{HoldKind: contract.HoldLegal})
	s.refused("2027-06-16T09:00:00Z", contract.Erase, contract.Override{}, "legal hold")
	s.at("2027-06-17T08:00:00Z", func(env *testsuite.TestWorkflowEnvironment) {
		env.SignalWorkflow(string(contract.Erase), contract.Override{Actor: "kim", Reason: "test"})
	})
	s.until("2027-06-18T08:00:00Z")
	if s.ended || len(s.rows(store.LedgerErasure)) != 0 {
		t.Errorf("erased all the same\n%s", s.story())
	}
}
