package workflows_test

import (
	"slices"
	"strings"
	"testing"

	"go.temporal.io/sdk/testsuite"

	"tenure/internal/person"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// signal schedules a signal as the Temporal UI would send it.
func (s *scenario) signal(when, name string, input any) *scenario {
	return s.at(when, func(env *testsuite.TestWorkflowEnvironment) { env.SignalWorkflow(name, input) })
}

// TestPolicyWakes: what the starter sends after a change of the policy is
// Tenure's own word, and nothing but a plan follows from it.
func TestPolicyWakes(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		o := contract.Override{ID: "policy-2", Actor: contract.ActorPolicy, Reason: "policy version 2"}
		s.signal("2026-11-20T08:00:00Z", string(contract.ReEvaluate), o)
		o.ID = "h"
		s.signal("2026-11-20T08:02:00Z", string(contract.Hold), o)
		s.until("2026-11-20T08:03:00Z")
		var actors []string
		for _, row := range s.ledger(store.LedgerOverride, "applied") {
			actors = append(actors, row.Actor)
		}
		if want := []string{"policy", "unverified: policy"}; !slices.Equal(actors, want) {
			s.t.Errorf("actors = %q, want %q\n%s", actors, want, s.story())
		}
	})
}

func TestBadSignals(t *testing.T) {
	for name, input := range map[string]any{
		"a bare word":        "please",
		"a number":           7,
		"a list":             []string{"hold"},
		"nothing":            nil,
		"another shape":      map[string]any{"actor": map[string]string{"name": "x"}},
		"no reason":          map[string]string{"actor": "somebody"},
		"no actor":           map[string]string{"reason": "because"},
		"an endless reason":  map[string]string{"actor": "somebody", "reason": strings.Repeat("x", 100_000)},
		"an endless actor":   map[string]string{"actor": strings.Repeat("x", 100_000), "reason": "r"},
		"bytes that are not": []byte{0xff, 0xfe},
	} {
		t.Run(name, func(t *testing.T) {
			bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
				s.manager("1002", "Tobias")
				s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
				for _, kind := range contract.Kinds() {
					s.signal("2026-11-20T08:00:00Z", string(kind), input)
				}
				s.expect("2026-11-21T08:00:00Z", "disabled").expectAttention("signal-refused")
				rows := s.ledger(store.LedgerOverride, "refused")
				if len(rows) != len(contract.Kinds()) {
					s.t.Errorf("%d refusals in the ledger, want one for each kind\n%s", len(rows), s.story())
				}
				for _, row := range rows {
					if len(row.Reason) > 600 {
						s.t.Errorf("a reason of %d bytes was kept", len(row.Reason))
					}
				}
				// A human has seen it.
				s.say("2026-11-21T09:00:00Z", contract.Approve, contract.Override{Key: "signal-refused"})
				s.expect("2026-11-24T09:00:00Z", "disabled").expectAttention("").expectGroups("all-staff engineering")
			})
		})
	}
}

func TestBadEvents(t *testing.T) {
	for name, input := range map[string]any{
		"a bare word": "hired", "nothing": nil, "a list": []int{1}, "another shape": map[string]any{"asOf": "yesterday"},
	} {
		t.Run(name, func(t *testing.T) {
			bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
				s.manager("1002", "Tobias")
				s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
				s.signal("2026-11-20T08:00:00Z", contract.SignalEvent, input)
				s.expect("2026-11-25T08:00:00Z", "disabled").expectAttention("event-refused").expectGroups("all-staff engineering")
			})
		})
	}
}

func TestEventTwiceOrLateChangesNothing(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		first := eventOf(t, "hr", instant(t, "2026-11-05T08:00:00Z"), person.Full, hired("2026-12-01"))
		second := eventOf(t, "hr", instant(t, "2026-11-08T08:00:00Z"), person.Full, hired("2026-12-15"))
		s.event("2026-11-05T08:00:00Z", first)
		s.event("2026-11-08T08:00:00Z", second)
		s.until("2026-11-09T08:00:00Z")
		s.event("2026-11-09T09:00:00Z", second)
		old := eventOf(t, "hr", instant(t, "2026-11-06T08:00:00Z"), person.Full, hired("2027-06-01"))
		s.event("2026-11-09T10:00:00Z", old)
		s.expect("2026-12-14T23:01:00Z", "enabled")
		for outcome, want := range map[string]int{"applied": 2, "duplicate": 1, "stale": 1} {
			if got := len(s.ledger(store.LedgerEvent, outcome)); got != want {
				s.t.Errorf("%d events are %s, want %d\n%s", got, outcome, want, s.story())
			}
		}
	})
}

func TestS12_IdentityConflict(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		birth := "person.birthDate"
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01", birth, "1990-01-01"))
		s.hr("2026-11-20T08:00:00Z", hired("2026-12-15", birth, "1971-05-05", "person.legalName.given", "Ilse", "person.legalName.family", "Okafor"))
		s.expect("2026-12-01T08:00:00Z", "enabled").expectAttention("identity-conflict")
		if got := s.account().Attributes["givenName"]; got != "Zoë" {
			s.t.Errorf("given name = %q, want the one of before\n%s", got, s.story())
		}
		// Corrected in HR, the question is gone.
		s.hr("2026-12-02T08:00:00Z", hired("2026-12-01", birth, "1990-01-01"))
		s.expect("2026-12-03T08:00:00Z", "enabled").expectAttention("")
	})
}

func TestS12_TwoFeedsInOneRealm(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		office := func(at, city string) person.Event {
			event := eventOf(s.t, "facilities", instant(s.t, at), person.Partial, map[string]string{"contact.workEmail": city + "@contoso.example"})
			event.Record.Employments, event.Record.Assignments = nil, nil
			return event
		}
		s.event("2027-01-05T08:00:00Z", office("2027-01-05T08:00:00Z", "zoe"))
		s.expect("2027-01-06T08:00:00Z", "enabled").expectAttention("").expectPhase("active")
		if got, _ := s.view.Facts.Person.Record.Attributes.Get("contact.workEmail"); got != "zoe@contoso.example" {
			s.t.Errorf("work mail = %q, want the other feed's", got)
		}
		// The feed of status says it is over; the other one knows nothing of that.
		s.hr("2027-02-01T08:00:00Z", hired("2026-12-01", lastDay, "2027-02-28", status, "terminated"))
		s.event("2027-03-05T08:00:00Z", office("2027-03-05T08:00:00Z", "z.m"))
		s.expect("2027-03-06T08:00:00Z", "disabled").expectPhase("left")
	})
}

func TestSignalBesideARenewalIsNotLost(t *testing.T) {
	t.Parallel()
	for _, first := range []string{string(contract.Hold), contract.SignalEvent, contract.SignalManagerArrived} {
		t.Run(first, func(t *testing.T) {
			t.Parallel()
			s := newScenario(t, "2026-11-05T08:00:00Z")
			s.manager("1002", "Tobias")
			s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
			at := instant(t, "2026-11-12T08:00:00Z")
			inputs := map[string]any{
				string(contract.Hold): contract.Override{Actor: "a", Reason: "r"},
				contract.SignalEvent:  eventOf(t, "hr", at, person.Full, hired("2026-12-15")),
			}
			renew := contract.Override{Actor: "a", Reason: "r"}
			s.at("2026-11-12T08:00:00Z", func(env *testsuite.TestWorkflowEnvironment) {
				env.SignalWorkflowSkippingWorkflowTask(string(contract.Renew), renew)
				env.SignalWorkflow(first, inputs[first])
			})
			renewals := s.renewed
			s.until("2026-11-13T08:00:00Z")
			if s.renewed < renewals+2 {
				t.Errorf("the journey was not renewed")
			}
			switch first {
			case string(contract.Hold):
				if len(s.state.Facts.Overrides.Holds) == 0 {
					t.Errorf("the hold was lost\n%s", s.story())
				}
			case contract.SignalEvent:
				s.expect("2026-11-30T23:01:00Z", "none").expect("2026-12-14T23:01:00Z", "enabled")
			}
		})
	}
}

func TestPlanFailsThenRecovers(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.until("2026-11-06T08:00:00Z")
		s.noPlan.Store(true)
		s.until("2026-11-18T08:00:00Z")
		// A plan that failed at the timer of the day is asked for again each minute.
		s.expect("2026-11-18T08:10:00Z", "none")
		s.expectAttention("plan-failed")
		s.noPlan.Store(false)
		s.expect("2026-11-18T08:20:00Z", "disabled").expectAttention("")
		s.expect("2026-12-01T08:20:00Z", "enabled").expectGroups("all-staff engineering").expectMails(manager, 2)
	})
}

func TestCutDoesNotWaitForAStuckActivity(t *testing.T) {
	t.Run("terminated by hand", func(t *testing.T) {
		cutWhileStuck(t, func(s *scenario) { s.say("2027-01-05T09:00:10Z", contract.Terminate, contract.Override{}) })
	})
	t.Run("terminated by HR", func(t *testing.T) {
		cutWhileStuck(t, func(s *scenario) {
			s.hr("2027-01-05T09:00:10Z", hired("2026-12-01", status, "terminated", lastDay, "2027-01-03"))
		})
	})
}

func cutWhileStuck(t *testing.T, how func(s *scenario)) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2027-01-05T08:00:00Z", "enabled")
		// The move of the department hangs in the target.
		s.stuck.Store(true)
		s.hr("2027-01-05T09:00:00Z", hired("2026-12-01", "assignment.department.name", "Sales"))
		how(s)
		s.expect("2027-01-05T09:05:00Z", "disabled")
		cut := s.times("disable")
		if len(cut) != 1 || cut[0] > "2027-01-05 09:02" {
			s.t.Errorf("access was cut at %v, want within two minutes\n%s", cut, s.story())
		}
	})
}
