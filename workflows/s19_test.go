package workflows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tenure/internal/store"
	"tenure/workflows/contract"
)

// signalled is an override as the Temporal UI would send it to somebody who is
// hired and has not begun.
type signalled struct {
	kind  contract.Kind
	input contract.Override
	// steers is set where the configuration must let signals steer; fits where
	// the override applies to this person as they stand.
	steers, fits bool
}

func signals(t *testing.T) []signalled {
	t.Helper()
	return []signalled{
		{contract.Hold, contract.Override{}, false, true},
		{contract.Hold, contract.Override{HoldKind: contract.HoldLegal}, false, true},
		{contract.Release, contract.Override{}, true, false},
		{contract.RunNow, contract.Override{Key: runKey("Prepare a new hire", 1)}, true, true},
		{contract.RunNow, contract.Override{ID: "1", Workflow: "no such one"}, true, true},
		{contract.Retry, contract.Override{}, false, false},
		{contract.Retry, contract.Override{Key: runKey("Welcome", 1)}, true, false},
		{contract.Skip, contract.Override{Key: runKey("Welcome", 1)}, false, true},
		{contract.Postpone, contract.Override{Key: runKey("Welcome", 1), To: instant(t, "2026-12-02T08:00:00Z")}, false, true},
		{contract.SetDate, contract.Override{On: "lastDayOfWork", Date: "2027-01-31"}, true, true},
		{contract.Terminate, contract.Override{}, false, true},
		{contract.Rescind, contract.Override{What: "hire"}, true, true},
		{contract.Approve, contract.Override{}, true, false},
		{contract.Link, contract.Override{Target: "entra", ObjectID: "o-1"}, true, false},
		{contract.Unlink, contract.Override{Target: "entra"}, true, true},
		{contract.ReEvaluate, contract.Override{}, false, true},
		{contract.Erase, contract.Override{}, false, false},
	}
}

// TestS19_SignalsOfEveryOverride sends every kind with the switch on and off.
func TestS19_SignalsOfEveryOverride(t *testing.T) {
	tried := []contract.Kind{contract.Renew} // leaves no row
	for _, tt := range signals(t) {
		tried = append(tried, tt.kind)
		tt.input.Actor, tt.input.Reason = "somebody", "asked in the UI"
		for _, steer := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s %s, steer %t", tt.kind, tt.input.Key+tt.input.Workflow+tt.input.HoldKind, steer), func(t *testing.T) {
				bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
					s.callers.Steer = steer
					s.manager("1002", "Tobias")
					s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
					s.signal("2026-11-20T08:00:00Z", string(tt.kind), tt.input)
					s.until("2026-11-20T08:01:00Z")
					off := tt.steers && !steer
					want, attention := "applied", off || !tt.fits
					if attention {
						want = "refused"
					}
					rows := s.ledger(store.LedgerOverride, want)
					if len(rows) != 1 || rows[0].Actor != "unverified: somebody" {
						s.t.Fatalf("ledger = %+v, want one row %s by unverified: somebody\n%s", rows, want, s.story())
					}
					if got := strings.Contains(rows[0].Reason, "api.signals.steer"); got != off {
						s.t.Errorf("reason = %q, want the switch in it: %t", rows[0].Reason, off)
					}
					if got := strings.Contains(s.attention(), "signal-refused"); got != attention {
						s.t.Errorf("attention = %q, want signal-refused: %t", s.attention(), attention)
					}
				})
			})
		}
	}
	for _, kind := range contract.Kinds() {
		if !slices.Contains(tried, kind) {
			t.Errorf("no signal of the kind %s was tried", kind)
		}
	}
}

// TestS19_SignalsAreOffBeforeTheFirstPlan: nothing is known of the
// configuration then.
func TestS19_SignalsAreOffBeforeTheFirstPlan(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.callers.Steer = true
		s.noPlan.Store(true)
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.signal("2026-11-05T08:00:10Z", string(contract.Approve), contract.Override{Actor: "somebody", Reason: "r"})
		s.until("2026-11-05T08:00:20Z")
		if !strings.Contains(s.attention(), "signal-refused") {
			s.t.Errorf("attention = %q, want signal-refused\n%s", s.attention(), s.story())
		}
	})
}

// TestS19_TerminateBySignalOnlyDisables: groups, licences and the account stay,
// whatever the switch.
func TestS19_TerminateBySignalOnlyDisables(t *testing.T) {
	for _, steer := range []bool{false, true} {
		t.Run(fmt.Sprintf("steer %t", steer), func(t *testing.T) {
			bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
				s.callers.Steer = steer
				s.manager("1002", "Tobias")
				s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
				s.expect("2027-02-01T08:00:00Z", "enabled").expectGroups("all-staff engineering").expectLicenses(1)
				s.signal("2027-02-01T09:00:00Z", string(contract.Terminate), contract.Override{Actor: "somebody", Reason: "r"})
				s.expect("2027-02-01T09:01:00Z", "disabled")
				s.expect("2027-12-01T09:00:00Z", "disabled").expectGroups("all-staff engineering").expectLicenses(1)
			})
		})
	}
}

// onTwoAsking is a workflow on demand that two other people must agree to.
func onTwoAsking() func(string) string {
	return replacing("  - name: Last day is near\n", `  - name: Offboard from sales
    category: mover
    trigger: {demand: {approvals: 2}}
    tasks:
      - removeUserFromGroups: {groups: [engineering]}

  - name: Last day is near
`)
}

// asked brings somebody to the day on which ines started the workflow, and
// returns its run.
func (s *scenario) asked() string {
	s.manager("1002", "Tobias")
	s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
	s.say("2027-01-10T09:00:00Z", contract.RunNow, contract.Override{ID: "once", Actor: "ines", Workflow: "Offboard from sales"})
	s.expect("2027-01-10T09:05:00Z", "enabled").expectGroups("all-staff engineering").expectAttention("approval")
	for _, a := range s.view.Last.Attention {
		if a.Code == "approval" {
			return a.Key
		}
	}
	s.t.Fatalf("nothing asks\n%s", s.story())
	return ""
}

func TestS19_TwoDifferentPeopleApprove(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.callers.Verified = true
		run := s.asked()
		for at, actor := range map[string]string{
			"2027-01-10T10:00:00Z": "ines", "2027-01-10T11:00:00Z": "kim", "2027-01-10T12:00:00Z": "kim",
		} {
			s.say(at, contract.Approve, contract.Override{Actor: actor, Key: run})
		}
		s.say("2027-01-10T12:30:00Z", contract.Approve, contract.Override{Actor: "kim", Key: run + "/removeUserFromGroups"})
		s.expect("2027-01-11T09:00:00Z", "enabled").expectGroups("all-staff engineering").expectAttention("approval")
		s.say("2027-01-11T10:00:00Z", contract.Approve, contract.Override{Actor: "lee", Key: run})
		s.expect("2027-01-11T10:05:00Z", "enabled").expectGroups("all-staff").expectAttention("")
	}, onTwoAsking())
}

// TestS19_UnverifiedApprovalsCountWithoutCredentialsOnly: where callers are
// verified a signal may come from anybody, under two names too.
func TestS19_UnverifiedApprovalsCountWithoutCredentialsOnly(t *testing.T) {
	for verified, groups := range map[bool]string{true: "all-staff engineering", false: "all-staff"} {
		t.Run(fmt.Sprintf("verified %t", verified), func(t *testing.T) {
			bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
				s.callers.Verified, s.callers.Steer = verified, true
				run := s.asked()
				s.signal("2027-01-10T10:00:00Z", string(contract.Approve), contract.Override{Actor: "kim", Reason: "r", Key: run})
				s.signal("2027-01-10T11:00:00Z", string(contract.Approve), contract.Override{Actor: "lee", Reason: "r", Key: run})
				s.expect("2027-01-10T12:00:00Z", "enabled").expectGroups(groups)
			}, onTwoAsking())
		})
	}
}
