package workflows_test

import (
	"strings"
	"testing"

	"go.temporal.io/sdk/testsuite"

	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// refused schedules an override that must be refused with a text.
func (s *scenario) refused(when string, kind contract.Kind, o contract.Override, want string) *scenario {
	return s.override(when, kind, o, func(_ contract.Answer, err error) {
		if err == nil || !strings.Contains(err.Error(), want) {
			s.t.Errorf("%s at %s: %v, want a refusal that says %q", kind, when, err, want)
		}
	})
}

func TestHoldAndRelease(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.say("2026-11-20T08:00:00Z", contract.Hold, contract.Override{})
		s.expect("2026-11-26T08:00:00Z", "disabled").expectGroups("").expectMails(manager, 0)
		s.say("2026-11-27T08:00:00Z", contract.Release, contract.Override{})
		s.expect("2026-11-27T08:10:00Z", "disabled").expectGroups("all-staff engineering").expectMails(manager, 2)
		s.expect("2026-11-30T23:01:00Z", "enabled")
		s.refused("2026-12-02T08:00:00Z", contract.Release, contract.Override{}, "no hold is set")
		s.expect("2026-12-03T08:00:00Z", "enabled")
	})
}

func TestHoldOverADisableRaisesAttention(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.say("2027-03-30T08:00:00Z", contract.Hold, contract.Override{})
		s.expect("2027-03-31T22:10:00Z", "enabled").expectAttention("held-disable").expectGroups("all-staff engineering")
		s.say("2027-04-02T08:00:00Z", contract.Release, contract.Override{})
		s.expect("2027-04-02T08:10:00Z", "disabled").expectAttention("active-after-leave").expectGroups("")
	})
}

func TestHoldAndReleaseInOneTask(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.callers.Steer = true
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		hold := contract.Override{ID: "h", Actor: "operator", Reason: "test"}
		release := contract.Override{ID: "r", Actor: "operator", Reason: "test"}
		s.at("2026-11-20T08:00:00Z", func(env *testsuite.TestWorkflowEnvironment) {
			env.SignalWorkflowSkippingWorkflowTask(string(contract.Hold), hold)
			env.SignalWorkflow(string(contract.Release), release)
		})
		s.expect("2026-11-30T23:01:00Z", "enabled").expectGroups("all-staff engineering").expectAttention("")
		if got := len(s.ledger(store.LedgerOverride, "applied")); got != 2 {
			s.t.Errorf("%d overrides in the ledger, want both\n%s", got, s.story())
		}
	})
}

func TestS4_TerminateCutsAtOnce(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2027-02-01T08:00:00Z", "enabled")
		s.say("2027-02-01T08:00:00Z", contract.Hold, contract.Override{})
		s.say("2027-02-01T09:00:00Z", contract.Terminate, contract.Override{})
		s.expect("2027-02-01T09:01:00Z", "disabled").expectAttention("blocked-without-date")
		// No HR record lifts it.
		s.hr("2027-02-02T08:00:00Z", hired("2026-12-01", "assignment.jobTitle", "Senior Engineer", status, "active"))
		s.say("2027-02-02T09:00:00Z", contract.Release, contract.Override{})
		s.expect("2027-03-02T08:00:00Z", "disabled")
		s.say("2027-03-02T09:00:00Z", contract.Rescind, contract.Override{What: "termination"})
		// The change of title waits for somebody to say whether it is told now.
		s.expect("2027-03-02T09:10:00Z", "enabled").expectAttention("late")
	})
}

func TestS4_TerminateBeforeTheFirstDay(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-25T08:00:00Z", "disabled").expectPasses(1)
		s.say("2026-11-25T09:00:00Z", contract.Terminate, contract.Override{})
		s.expect("2026-11-25T09:01:00Z", "disabled").expectPasses(0)
		s.expect("2027-01-25T09:01:00Z", "disabled").expectTimes("enable")
	})
}

func TestS4_SetDateHoldsUntilHRStatesTheSame(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.say("2027-02-01T08:00:00Z", contract.SetDate, contract.Override{On: "lastDayOfWork", Date: "2027-03-31"})
		s.hr("2027-02-02T08:00:00Z", hired("2026-12-01", "assignment.jobTitle", "Senior Engineer"))
		s.expect("2027-03-31T21:59:00Z", "enabled").expectAttention("")
		s.expect("2027-03-31T22:01:00Z", "disabled")
		s.hr("2027-04-02T08:00:00Z", hired("2026-12-01", lastDay, "2027-03-31"))
		s.expect("2027-05-02T08:00:00Z", "deleted")
	})
}

func TestS4_SetDateAndAnotherHRDate(t *testing.T) {
	for _, tt := range []struct{ name, hr, disabled string }{
		{"later than the one set", "2027-05-31", "2027-03-31 22:00"},
		{"earlier than the one set", "2027-02-28", "2027-02-28 23:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
				s.manager("1002", "Tobias")
				s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
				s.say("2027-02-01T08:00:00Z", contract.SetDate, contract.Override{On: "lastDayOfWork", Date: "2027-03-31"})
				s.hr("2027-02-02T08:00:00Z", hired("2026-12-01", lastDay, tt.hr))
				s.expect("2027-02-02T09:00:00Z", "enabled").expectAttention("date-differs")
				s.expect("2027-06-05T09:00:00Z", "deleted").expectTimes("disable", tt.disabled)
			})
		})
	}
}

func TestSetStartDate(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.say("2026-11-10T08:00:00Z", contract.SetDate, contract.Override{On: "startDate", Date: "2026-12-15"})
		s.expect("2026-12-14T22:59:00Z", "disabled")
		s.expect("2026-12-14T23:01:00Z", "enabled").expectMails(manager, 2)
	})
}

func TestSkipATask(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.say("2026-11-10T08:00:00Z", contract.Skip, contract.Override{Key: taskKey("Prepare a new hire", "assignLicensesToUser")})
		s.say("2026-11-10T08:00:00Z", contract.Skip, contract.Override{ID: "2", Key: taskKey("Prepare a new hire", "sendOnboardingReminderEmail")})
		s.expect("2026-12-10T08:00:00Z", "enabled").expectGroups("all-staff engineering").expectLicenses(0).expectMails(manager, 1)
	})
}

func TestPostponeARun(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.say("2026-11-20T08:00:00Z", contract.Postpone, contract.Override{Key: runKey("Prepare a new hire", 1), To: instant(t, "2026-11-28T10:00:00Z")})
		s.expect("2026-11-28T09:59:00Z", "disabled").expectGroups("")
		s.expect("2026-11-28T10:05:00Z", "disabled").expectGroups("all-staff engineering")
		s.expectTimes("generateTemporaryAccessPass", "2026-11-28 10:00")
	})
}

func TestRunNowAFutureRun(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.say("2026-11-18T08:00:00Z", contract.RunNow, contract.Override{Key: runKey("Prepare a new hire", 1)})
		s.expect("2026-11-18T08:05:00Z", "disabled").expectGroups("all-staff engineering").expectMails(manager, 2)
		s.expect("2026-12-18T08:05:00Z", "enabled").expectMails(manager, 2)
	})
}

func TestRunNowAnOnDemandWorkflow(t *testing.T) {
	onDemand := replacing("  - name: Last day is near\n", `  - name: Offboard from sales
    category: mover
    trigger: {demand: {roles: [operator]}}
    tasks:
      - removeUserFromGroups: {groups: [engineering]}

  - name: Last day is near
`)
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2027-01-10T08:00:00Z", "enabled").expectGroups("all-staff engineering")
		s.say("2027-01-10T09:00:00Z", contract.RunNow, contract.Override{ID: "once", Workflow: "Offboard from sales"})
		s.expect("2027-01-10T09:05:00Z", "enabled").expectGroups("all-staff")
		// Sent again it is the same start; with another ID it is another one.
		s.dir.Join(s.account().ID, engineers)
		s.say("2027-01-12T09:00:00Z", contract.RunNow, contract.Override{ID: "once", Workflow: "Offboard from sales"})
		s.expect("2027-01-12T09:05:00Z", "enabled").expectGroups("all-staff engineering")
		s.say("2027-01-14T09:00:00Z", contract.RunNow, contract.Override{ID: "twice", Workflow: "Offboard from sales"})
		s.expect("2027-01-14T09:05:00Z", "enabled").expectGroups("all-staff")
	}, onDemand)
}

func TestRunNowADelete(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-04-05T08:00:00Z", "disabled")
		s.say("2027-04-05T09:00:00Z", contract.RunNow, contract.Override{Key: taskKey("account:entra", "delete")})
		s.expect("2027-04-05T09:05:00Z", "deleted")
	})
}

func TestOverridesThatCannotApply(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		day := "2026-11-06T08:00:00Z"
		s.refused(day, contract.Release, contract.Override{ID: "1"}, "no hold is set")
		s.refused(day, contract.Rescind, contract.Override{ID: "2", What: "hire"}, "no hire")
		s.refused(day, contract.Rescind, contract.Override{ID: "3", What: "termination"}, "no termination")
		s.refused(day, contract.SetDate, contract.Override{ID: "4", On: "startDate", Date: "2026-12-01"}, "no stay")
		s.refused(day, contract.Retry, contract.Override{ID: "5"}, "nothing of this name is parked")
		s.refused(day, contract.Approve, contract.Override{ID: "6"}, "nothing of this name asks")
		s.refused(day, contract.RunNow, contract.Override{ID: "7", Workflow: "x"}, "no stay")
		s.refused(day, contract.Skip, contract.Override{ID: "8", Key: "nonsense"}, "no key of the timeline")
		s.expect("2026-11-07T08:00:00Z", "none")
		if got := len(s.ledger(store.LedgerOverride, "refused")); got != 8 {
			s.t.Errorf("%d refusals in the ledger, want 8\n%s", got, s.story())
		}
	})
}

func TestInvalidOverridesWriteNothing(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		day := "2026-11-06T08:00:00Z"
		s.refused(day, contract.Postpone, contract.Override{ID: "1", Key: runKey("Welcome", 1)}, "to is missing")
		s.refused(day, contract.Skip, contract.Override{ID: "2"}, "key is missing")
		s.refused(day, contract.SetDate, contract.Override{ID: "3", On: "birthday", Date: "soon"}, "want startDate or lastDayOfWork")
		s.refused(day, contract.Rescind, contract.Override{ID: "4", What: "everything"}, "want hire or termination")
		s.refused(day, contract.RunNow, contract.Override{ID: "5"}, "key is missing")
		s.refused(day, contract.Hold, contract.Override{ID: "6", Reason: strings.Repeat("x", 1001)}, "at most 1000")
		s.expect("2026-11-07T08:00:00Z", "none")
		if got := len(s.ledger(store.LedgerOverride, "")); got != 0 {
			s.t.Errorf("%d rows in the ledger, want none\n%s", got, s.story())
		}
	})
}

func TestRefusedOverrideMayBeSentAgain(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		again := contract.Override{ID: "same"}
		s.refused("2026-11-10T08:00:00Z", contract.Release, again, "no hold")
		s.until("2026-11-11T08:00:00Z") // another run: the server's own memory of update IDs is gone
		s.say("2026-11-12T08:00:00Z", contract.Hold, contract.Override{})
		s.until("2026-11-13T08:00:00Z")
		s.say("2026-11-14T08:00:00Z", contract.Release, again)
		s.expect("2026-11-18T08:00:00Z", "disabled")
	})
}

func TestOverrideSentTwiceAcrossRenewals(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.say("2026-11-10T08:00:00Z", contract.Hold, contract.Override{ID: "h"})
		s.until("2026-11-11T08:00:00Z")
		s.say("2026-11-11T09:00:00Z", contract.Release, contract.Override{ID: "r"})
		s.until("2026-11-12T08:00:00Z")
		// The network repeats the hold: it was lifted since and stays lifted.
		s.say("2026-11-12T09:00:00Z", contract.Hold, contract.Override{ID: "h"})
		s.expect("2026-11-18T08:00:00Z", "disabled")
	})
}

// TestS5_PostponeOfADisableIsBounded: what the answer says is what happens.
func TestS5_PostponeOfADisableIsBounded(t *testing.T) {
	t.Parallel()
	s := newScenario(t, "2026-11-05T08:00:00Z")
	leaver(s) // the last day is 31 March
	key := plan.TaskKey("account:entra", "s1", 9, "disable")
	s.refused("2027-03-10T09:00:00Z", contract.Postpone, contract.Override{Key: key, To: instant(t, "2027-04-20T08:00:00Z")}, "postponed by 14 days at most")
	s.say("2027-03-10T10:00:00Z", contract.Postpone, contract.Override{Key: key, To: instant(t, "2027-04-10T08:00:00Z")})
	s.expect("2027-04-09T08:00:00Z", "enabled")
	s.expect("2027-04-10T08:10:00Z", "disabled")
}
