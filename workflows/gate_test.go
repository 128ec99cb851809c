package workflows_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"

	"tenure/internal/lifecycle"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

const (
	gateOfLeavers = "entra-disable-1"
	approver      = "vera@contoso.example"
)

// tiny lets two people be disabled within an hour.
func tiny() func(string) string {
	return replacing("    mode: enforce\n", "    mode: enforce\n    limits: {disable: {count: 2}}\n")
}

// colleagues leave on the same day, by what their own journeys have planned.
func (s *scenario) colleagues(n int, due string) {
	s.t.Helper()
	for i := range n {
		err := s.store.SettleDemand(s.t.Context(), store.Settlement{
			Journey: contract.JourneyID(testRealm, strconv.Itoa(9000+i)), Now: s.now,
			Wanted: []store.Wanted{{
				Target: "entra", Kind: string(lifecycle.LimitDisable), Line: plan.LeaveLine("entra", "s1"), Due: instant(s.t, due), Counts: true,
			}},
		})
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

// lastNight is a leaver of a cohort: HR announced the last day weeks before.
func lastNight(s *scenario) {
	leaver(s)
	s.colleagues(2, "2027-03-31T22:00:00Z")
	s.expect("2027-04-01T08:00:00Z", "enabled").expectGroups("all-staff engineering").expectLicenses(1).expectAttention("gated")
}

// decideAt decides about the gate, and wakes the journey as the starter does.
func (s *scenario) decideAt(when string, approve bool) *scenario {
	return s.decideAbout(gateOfLeavers, when, approve)
}

func (s *scenario) decideAbout(gate, when string, approve bool) *scenario {
	s.at(when, func(*testsuite.TestWorkflowEnvironment) {
		_, err := s.store.DecideGate(s.t.Context(), store.GateDecision{
			Gate: gate, Approve: approve, Actor: approver, Reason: "looked at", At: instant(s.t, when),
		})
		if err != nil {
			s.t.Errorf("decide: %v", err)
		}
	})
	return s.wakeAt(instant(s.t, when).Add(time.Second).Format(time.RFC3339))
}

func (s *scenario) wakeAt(when string) *scenario {
	return s.at(when, func(env *testsuite.TestWorkflowEnvironment) {
		env.SignalWorkflow(string(contract.ReEvaluate), contract.Override{ID: "wake" + when, Actor: approver, Reason: "the gate was decided"})
	})
}

func (s *scenario) memberState() store.MemberState {
	s.t.Helper()
	members, err := s.store.GateMembers(s.t.Context(), gateOfLeavers)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, m := range members {
		if m.Journey == s.journey() {
			return m.State
		}
	}
	return ""
}

func (s *scenario) expectMember(want store.MemberState) *scenario {
	s.t.Helper()
	if got := s.memberState(); got != want {
		s.t.Errorf("at %s the gate says %q of the person, want %q\n%s", s.now, got, want, s.story())
	}
	return s
}

// A cohort whose last day was known for weeks is frozen at its midnight; once
// approved the leaver loses everything, and the delete counts by itself.
func TestS15ACohortWaitsAtMidnightAndGoesOnWhenApproved(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		lastNight(s)
		s.expectMember(store.MemberFrozen)
		if parked := s.parked(plan.TaskKey("account:entra", "s1", s.operations(), "disable")); parked.Code != "gated" || parked.Attempts != 0 || !parked.Retry.IsZero() {
			s.t.Errorf("parked = %+v, want it gated without a retry\n%s", parked, s.story())
		}
		s.decideAt("2027-04-01T10:00:00Z", true)
		s.expect("2027-04-01T10:05:00Z", "disabled").expectGroups("").expectLicenses(0).expectAttention("").expectMember(store.MemberPassed)
		s.expect("2027-05-02T08:00:00Z", "deleted")
	}, tiny())
}

func TestS15ARejectedLeaverStaysUntilHRCorrectsOrAHumanActs(t *testing.T) {
	for _, tt := range []struct {
		name, after, attention string
		act                    func(s *scenario)
		member                 store.MemberState
	}{
		{"HR corrects the record", "enabled", "", func(s *scenario) {
			s.hr("2027-04-01T14:00:00Z", hired("2026-12-01"))
		}, store.MemberClosed},
		{"HR insists", "enabled", "gate-rejected", func(s *scenario) {
			s.hr("2027-04-01T14:00:00Z", hired("2026-12-01", lastDay, "2027-03-31"))
		}, store.MemberRejected},
		{"a human tries again", "enabled", "gate-rejected", func(s *scenario) {
			s.say("2027-04-01T14:00:00Z", contract.Retry, contract.Override{})
		}, store.MemberRejected},
		{"HR states another day", "disabled", "", func(s *scenario) {
			s.hr("2027-04-01T14:00:00Z", hired("2026-12-01", lastDay, "2027-03-30"))
		}, store.MemberClosed},
		{"a human runs it", "disabled", "", func(s *scenario) {
			s.say("2027-04-01T14:00:00Z", contract.RunNow, contract.Override{Key: plan.TaskKey("account:entra", "s1", s.operations(), "disable")})
			s.say("2027-04-01T14:01:00Z", contract.RunNow, contract.Override{Key: "Last day/s1/1"})
		}, store.MemberPassed},
		{"a human terminates", "disabled", "", func(s *scenario) {
			s.say("2027-04-01T14:00:00Z", contract.Terminate, contract.Override{})
		}, store.MemberClosed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
				lastNight(s)
				s.decideAt("2027-04-01T10:00:00Z", false)
				s.expect("2027-04-01T12:00:00Z", "enabled").expectGroups("all-staff engineering").expectAttention("gate-rejected")
				tt.act(s)
				s.expect("2027-04-01T18:00:00Z", tt.after).expectAttention(tt.attention).expectMember(tt.member)
				if tt.after == "enabled" {
					s.expectGroups("all-staff engineering")
				} else {
					s.expectGroups("")
				}
			}, tiny())
		})
	}
}

// An approval is no order: what is true when the line goes on decides.
func TestS15AnApprovalIsLookedAtAgain(t *testing.T) {
	for _, tt := range []struct {
		name, attention, after string
		before                 func(s *scenario)
	}{
		{"the person is held", "held-disable", "disabled", func(s *scenario) {
			s.say("2027-04-01T09:00:00Z", contract.Hold, contract.Override{})
			s.say("2027-04-01T14:00:00Z", contract.Release, contract.Override{})
		}},
		{"the leave is taken back", "", "enabled", func(s *scenario) {
			s.hr("2027-04-01T09:00:00Z", hired("2026-12-01"))
		}},
		{"the target is paused", "paused", "disabled", func(s *scenario) {
			s.pauseAt("2027-04-01T09:00:00Z").resumeAt("2027-04-01T14:00:00Z")
		}},
		{"the last day lies ahead now", "", "enabled", func(s *scenario) {
			s.hr("2027-04-01T09:00:00Z", hired("2026-12-01", lastDay, "2027-04-30"))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
				lastNight(s)
				tt.before(s)
				s.decideAt("2027-04-01T10:00:00Z", true)
				s.expect("2027-04-01T12:00:00Z", "enabled").expectGroups("all-staff engineering").expectAttention(tt.attention)
				s.expect("2027-04-01T18:00:00Z", tt.after).expectAttention("")
			}, tiny())
		})
	}
}

func (s *scenario) pauseAt(when string) *scenario {
	return s.at(when, func(*testsuite.TestWorkflowEnvironment) {
		_, err := s.store.PauseTarget(s.t.Context(), store.Pause{Target: "entra", Actor: approver, Reason: "look first", At: instant(s.t, when)})
		if err != nil {
			s.t.Errorf("pause: %v", err)
		}
	})
}

func (s *scenario) resumeAt(when string) *scenario {
	return s.at(when, func(*testsuite.TestWorkflowEnvironment) {
		if _, err := s.store.ResumeTarget(s.t.Context(), "entra", approver, "looked", instant(s.t, when)); err != nil {
			s.t.Errorf("resume: %v", err)
		}
	})
}

// A pause stops terminations too, says so, and is asked again by itself; whoever
// resumes wakes the journey at once.
func TestS15APausedTargetStopsEverythingUntilItIsResumed(t *testing.T) {
	for _, woken := range []bool{true, false} {
		t.Run(fmt.Sprintf("woken %t", woken), func(t *testing.T) {
			bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
				s.manager("1002", "Tobias")
				s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
				s.pauseAt("2027-03-01T08:00:00Z")
				s.say("2027-03-01T09:00:00Z", contract.Terminate, contract.Override{})
				s.expect("2027-03-01T12:00:30Z", "enabled")
				if got := s.attention(); got != "blocked-without-date paused" {
					s.t.Errorf("attention = %q, want the pause to be seen\n%s", got, s.story())
				}
				s.resumeAt("2027-03-01T12:01:00Z")
				if woken {
					s.wakeAt("2027-03-01T12:01:01Z")
					s.expect("2027-03-01T12:01:10Z", "disabled")
				}
				s.expect("2027-03-01T12:06:30Z", "disabled").expectAttention("blocked-without-date")
			})
		})
	}
}

// A create that a gate stopped was never tried: a hire that is taken back then
// leaves nothing to cut.
func TestS15WhatAGateStoppedWasNotTried(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-18T08:00:00Z", "none").expectAttention("gated")
		s.say("2026-11-18T09:00:00Z", contract.Rescind, contract.Override{What: "hire"})
		s.expect("2026-12-02T08:00:00Z", "none").expectAttention("").expectTimes("disable")
	}, replacing("    mode: enforce\n", "    mode: enforce\n    limits: {create: {count: 0}}\n"))
}

// operations numbers the next account line.
func (s *scenario) operations() int {
	for _, account := range s.view.Facts.Accounts {
		if account.Target == "entra" {
			return account.Operations
		}
	}
	return 0
}

// What was parked for an older reason is parked anew for a newer one, and not
// tried again and again.
func TestS15ARejectedLeaverIsTerminatedInAPausedTarget(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		lastNight(s)
		s.decideAt("2027-04-01T10:00:00Z", false)
		s.pauseAt("2027-04-01T11:00:00Z")
		s.say("2027-04-01T11:30:00Z", contract.Terminate, contract.Override{})
		s.expect("2027-04-01T11:33:00Z", "enabled")
		if got := s.attention(); !strings.Contains(got, "paused") {
			s.t.Errorf("attention = %q, want the pause to be seen\n%s", got, s.story())
		}
		s.resumeAt("2027-04-01T11:34:00Z")
		s.expect("2027-04-01T11:40:00Z", "disabled").expectMember(store.MemberClosed)
	}, tiny())
}
