package workflows_test

import (
	"strings"
	"testing"

	"go.temporal.io/sdk/testsuite"

	"tenure/internal/directory"
	"tenure/workflows/contract"
)

func kind(name string) contract.Override { return contract.Override{HoldKind: name, ID: name} }

func release(name string) contract.Override {
	return contract.Override{HoldKind: name, ID: "release " + name}
}

func TestS16_LegalHoldOfALeaver(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.say("2027-03-20T08:00:00Z", contract.Hold, kind(contract.HoldLegal))
		s.expect("2027-06-15T08:00:00Z", "disabled").expectGroups("all-staff engineering").expectLicenses(1)
		s.expectTimes("revokeAllRefreshTokens", "2027-03-31 22:00").expectTimes("sendEmailOnLastDay", "2027-03-31 22:00")
		s.say("2027-06-15T09:00:00Z", contract.Release, contract.Override{})
		s.expect("2027-06-15T09:10:00Z", "deleted").expectTimes("removeUserFromAllGroups", "2027-06-15 09:00")
	})
}

func TestS16_SecurityHoldDisablesWithinAMinute(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2027-02-01T08:00:00Z", "enabled")
		revoked := s.dir.Revocations(s.account().ID)
		s.say("2027-02-01T09:00:00Z", contract.Hold, kind(contract.HoldSecurity))
		s.expect("2027-02-01T09:01:00Z", "disabled").expectGroups("all-staff engineering")
		if got := s.dir.Revocations(s.account().ID); got != revoked+1 {
			s.t.Errorf("sessions were revoked %d times, want once more than %d\n%s", got, revoked, s.story())
		}
		s.hr("2027-02-02T08:00:00Z", hired("2026-12-01", "assignment.jobTitle", "Senior Engineer"))
		s.expect("2027-03-02T08:00:00Z", "disabled")
		s.say("2027-03-02T09:00:00Z", contract.Release, release(contract.HoldSecurity))
		s.expect("2027-03-02T09:10:00Z", "enabled").expectAttention("").expectOneAccount()
	})
}

func TestS16_SecurityHoldOfAPreHire(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-25T08:00:00Z", "disabled").expectPasses(1)
		s.say("2026-11-25T09:00:00Z", contract.Hold, kind(contract.HoldSecurity))
		s.expect("2026-11-25T09:01:00Z", "disabled").expectPasses(0)
		s.expect("2026-12-10T09:01:00Z", "disabled").expectTimes("enable")
		s.say("2026-12-10T10:00:00Z", contract.Release, contract.Override{})
		s.expect("2026-12-10T10:01:00Z", "enabled")
	})
}

// TestS16_DisableUnderAnHRErrorHoldIsToldWithin15Minutes: the deadline is the
// disable's own instant.
func TestS16_DisableUnderAnHRErrorHoldIsToldWithin15Minutes(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.say("2027-03-20T08:00:00Z", contract.Hold, kind(contract.HoldHRError))
		s.expect("2027-03-31T21:59:00Z", "enabled").expectAttention("")
		s.expect("2027-03-31T22:15:00Z", "enabled").expectAttention("held-disable")
		// The list of people says so too.
		row, err := s.store.Person(s.t.Context(), testRealm, s.key)
		if err != nil || !strings.Contains(strings.Join(row.Attention, " "), "held-disable") || strings.Join(row.Holds, " ") != "hr-error" {
			s.t.Errorf("index: attention %v, holds %v, %v, want held-disable of a hold hr-error", row.Attention, row.Holds, err)
		}
		s.say("2027-04-01T08:00:00Z", contract.Terminate, contract.Override{})
		s.expect("2027-04-01T08:01:00Z", "disabled").expectGroups("all-staff engineering")
	})
}

func TestS16_SeveralKindsAtOnce(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.say("2027-03-20T08:00:00Z", contract.Hold, kind(contract.HoldLegal))
		s.say("2027-03-20T08:01:00Z", contract.Hold, kind(contract.HoldSecurity))
		s.expect("2027-03-20T09:00:00Z", "disabled")
		s.refused("2027-03-21T08:00:00Z", contract.Release, contract.Override{ID: "which"}, "several kinds are set: legal, security")
		s.refused("2027-03-21T08:01:00Z", contract.Release, release(contract.HoldHRError), "no hold of kind hr-error is set")
		s.refused("2027-03-21T08:02:00Z", contract.Hold, kind("forever"), "want legal, security or hr-error")
		s.say("2027-03-21T09:00:00Z", contract.Release, release(contract.HoldSecurity))
		s.expect("2027-03-21T09:10:00Z", "enabled")
		s.expect("2027-06-21T09:10:00Z", "disabled").expectGroups("all-staff engineering")
	})
}

// TestS16_HoldArrivesDuringADelete: what was sent before the hold is not done
// after it.
func TestS16_HoldArrivesDuringADelete(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.dir.Inject(directory.VerbDeleteAccount, faults(directory.ErrUnavailable, 2)...)
		s.at("2027-04-30T22:00:01Z", func(env *testsuite.TestWorkflowEnvironment) {
			env.SignalWorkflow(string(contract.Hold), contract.Override{ID: "h", Actor: "kim", Reason: "litigation", HoldKind: contract.HoldLegal})
		})
		s.expect("2027-05-10T08:00:00Z", "disabled")
		s.say("2027-05-10T09:00:00Z", contract.Release, contract.Override{})
		s.expect("2027-05-10T09:10:00Z", "deleted")
	})
}
