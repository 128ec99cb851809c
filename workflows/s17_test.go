package workflows_test

import (
	"strings"
	"testing"

	"go.temporal.io/sdk/testsuite"

	"tenure/internal/directory"
	"tenure/internal/plan"
	"tenure/workflows/contract"
)

// edit lets somebody else change the person's account at an instant.
func (s *scenario) edit(when string, change func(*directory.Account)) *scenario {
	return s.at(when, func(*testsuite.TestWorkflowEnvironment) { s.dir.Edit(s.account().ID, change) })
}

// role gives or takes a role at an instant.
func (s *scenario) role(when string, roles ...string) *scenario {
	return s.at(when, func(*testsuite.TestWorkflowEnvironment) { s.dir.SetRoles(s.account().ID, roles...) })
}

// text is what a code of attention says.
func (s *scenario) text(code string) string {
	for _, a := range append(append([]plan.Attention{}, s.view.Raised...), s.view.Last.Attention...) {
		if a.Code == code {
			return a.Text
		}
	}
	return ""
}

// TestS17_ProtectedLeaverIsAManualTask: with a deadline; the human who disables the
// account in the target ends it.
func TestS17_ProtectedLeaverIsAManualTask(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.role("2027-03-20T08:00:00Z", "Global Administrator")
		s.expect("2027-03-31T22:01:00Z", "enabled").expectGroups("all-staff engineering").expectAttention("protected")
		if got := s.text("protected"); !strings.HasPrefix(got, "to be done until 2027-04-01 22:00 UTC") {
			s.t.Errorf("attention says %q, want the deadline", got)
		}
		s.say("2027-04-01T08:00:00Z", contract.Approve, contract.Override{Key: "account:entra/s1/2/disable"})
		s.expect("2027-04-01T21:59:00Z", "enabled").expectAttention("protected")
		s.expect("2027-04-01T22:00:30Z", "enabled").expectAttention("active-after-leave protected-overdue")
		s.edit("2027-04-02T08:00:00Z", func(a *directory.Account) { a.Enabled = false })
		s.say("2027-04-02T08:01:00Z", contract.Retry, contract.Override{Key: "account:entra/s1/2/disable"})
		s.until("2027-04-02T08:02:00Z")
		if got := s.parked("account:entra/s1/2/disable"); got.Key != "" {
			s.t.Errorf("the disable is still parked: %+v\n%s", got, s.story())
		}
		// Not ours to delete without being asked.
		s.role("2027-04-10T08:00:00Z")
		s.expect("2027-06-10T08:00:00Z", "disabled").expectGroups("")
		if s.asks("delete") == "" {
			s.t.Errorf("nobody was asked about the delete\n%s", s.story())
		}
	})
}

// TestS17_ProtectionThatEndsLetsTheLineRun: it is looked at again by itself.
func TestS17_ProtectionThatEndsLetsTheLineRun(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.role("2027-03-20T08:00:00Z", "User Administrator")
		s.expect("2027-03-31T23:30:00Z", "enabled")
		s.role("2027-04-01T08:00:00Z")
		s.expect("2027-04-01T09:30:00Z", "disabled").expectGroups("").expectAttention("")
	})
}

// TestS17_TerminateOfAProtectedAccountIsLoud: nothing cuts it, and it is overdue at
// once.
func TestS17_TerminateOfAProtectedAccountIsLoud(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.role("2027-01-20T08:00:00Z", "Global Administrator")
		s.say("2027-02-01T08:00:00Z", contract.Terminate, contract.Override{})
		s.expect("2027-02-01T08:01:00Z", "enabled").expectAttention("blocked-without-date protected-overdue")
	})
}

// synced is a leaver whose account is mastered on premises.
func syncedLeaver(s *scenario) {
	leaver(s)
	s.edit("2027-01-20T08:00:00Z", func(a *directory.Account) { a.Synced = true })
	s.at("2027-01-20T08:00:00Z", func(*testsuite.TestWorkflowEnvironment) {
		s.dir.AddGroup(directory.Group{ID: "synced", Name: "from-ad", Kind: directory.GroupSynced})
		s.dir.Join(s.account().ID, "synced")
	})
}

func TestS17_SyncedLeaver(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		syncedLeaver(s)
		s.until("2027-03-31T21:59:00Z")
		revoked := s.dir.Revocations(s.account().ID)
		s.expect("2027-03-31T22:00:30Z", "enabled").expectGroups("from-ad").expectLicenses(0)
		s.expectAttention("disable-on-premises left-behind")
		first := s.dir.Revocations(s.account().ID)
		if first <= revoked {
			s.t.Errorf("no session was ended\n%s", s.story())
		}
		// Until it is so, sessions are ended again and the attention stays.
		s.expect("2027-04-01T22:03:20Z", "enabled").expectAttention("active-after-leave disable-on-premises left-behind")
		if got := s.dir.Revocations(s.account().ID); got < first+12*20 {
			s.t.Errorf("sessions were ended %d times in a day, want every five minutes", got-first)
		}
		s.edit("2027-04-01T23:00:00Z", func(a *directory.Account) { a.Enabled = false })
		s.expect("2027-04-01T23:06:00Z", "disabled").expectAttention("active-after-leave left-behind")
		// The delete is that of the other directory; once it is gone here, it is done.
		s.expect("2027-05-10T08:00:00Z", "disabled")
		if got := s.parked("account:entra/s1/3/delete"); got.Code != "synced" {
			s.t.Errorf("the delete is %+v, want it parked since the account is synced\n%s", got, s.story())
		}
		if calls := s.dir.Calls(directory.VerbDeleteAccount); calls != 0 {
			s.t.Errorf("%d deletes of a synced account, want none", calls)
		}
	})
}

// TestS17_SyncedHireWaitsForItsCounterpart: nothing is made; the account that comes
// is taken, and its attributes are left to the other directory.
func TestS17_SyncedHireWaitsForItsCounterpart(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-17T06:00:00Z", "none").expectAttention("")
		s.expect("2026-11-18T06:00:00Z", "none").expectAttention("no-counterpart")
		s.at("2026-11-19T08:00:00Z", func(*testsuite.TestWorkflowEnvironment) {
			s.dir.AddAccount(directory.Account{EmployeeID: s.key, UserName: "zoe@contoso.example", Synced: true})
		})
		s.expect("2026-11-25T10:00:00Z", "disabled").expectGroups("all-staff engineering").expectOneAccount()
		if got := s.account().Attributes["usageLocation"]; got != "DE" {
			s.t.Errorf("usageLocation = %q, want DE: licences need it\n%s", got, s.story())
		}
		if got := s.account().Attributes["jobTitle"]; got != "" {
			s.t.Errorf("jobTitle = %q was written to a synced account\n%s", got, s.story())
		}
		s.expectAttention("mastered-elsewhere")
		s.edit("2026-11-30T22:00:00Z", func(a *directory.Account) { a.Enabled = true })
		s.expect("2026-12-02T10:00:00Z", "enabled").expectPhase("active")
	}, replacing("    groups:  ", "    syncedFrom: ad\n    groups:  "))
}
