package workflows_test

import (
	"testing"

	"tenure/internal/plan"
	"tenure/workflows/contract"
)

func TestLateEntryOfThreeDays(t *testing.T) {
	bothWays(t, "2026-12-03T09:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-12-03T09:00:00Z", hired("2026-12-01"))
		s.expect("2026-12-03T09:10:00Z", "enabled").expectGroups("all-staff engineering").expectLicenses(1)
		// The reminder; the pass of the first day would be over.
		s.expectMails(manager, 1).expectMails(s.account().UserName, 1).expectPasses(0).expectAttention("pass-late")
		// A human issues the pass all the same.
		s.say("2026-12-03T10:00:00Z", contract.RunNow, contract.Override{Key: s.asks("pass-late")})
		s.expect("2026-12-03T10:10:00Z", "enabled").expectPasses(1).expectMails(manager, 2).expectAttention("")
	})
}

func TestS1_LateEntryOfSixteenDaysAsks(t *testing.T) {
	bothWays(t, "2026-12-10T09:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-12-10T09:00:00Z", hired("2026-12-01"))
		s.expect("2026-12-10T10:00:00Z", "enabled").expectGroups("").expectMails(manager, 0).expectAttention("late")
		s.say("2026-12-11T09:00:00Z", contract.Approve, contract.Override{Key: s.asks("late")})
		s.expect("2026-12-11T10:00:00Z", "enabled").expectGroups("all-staff engineering").expectLicenses(1).expectMails(manager, 1)
	})
}

func TestS1_LateEntryApprovedWithoutAKey(t *testing.T) {
	bothWays(t, "2026-12-10T09:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-12-10T09:00:00Z", hired("2026-12-01"))
		s.say("2026-12-11T09:00:00Z", contract.Approve, contract.Override{})
		s.expect("2026-12-11T10:00:00Z", "enabled").expectGroups("all-staff engineering")
	})
}

func TestS1_LateEntrySkipped(t *testing.T) {
	bothWays(t, "2026-12-10T09:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-12-10T09:00:00Z", hired("2026-12-01"))
		s.say("2026-12-11T09:00:00Z", contract.Skip, contract.Override{Key: runKey("Prepare a new hire", 1)})
		s.expect("2027-01-11T10:00:00Z", "enabled").expectGroups("").expectLicenses(0).expectMails(manager, 0).expectAttention("")
	})
}

// runKey is the key of a run in the person's only stay.
func runKey(workflow string, generation int) string {
	return plan.Key{Workflow: workflow, Stay: "s1", Generation: generation}.Run()
}

func taskKey(workflow, task string) string { return plan.TaskKey(workflow, "s1", 1, task) }

func TestS1_ExistingStaff(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2019-03-01"))
		s.expect("2026-12-05T08:00:00Z", "none").expectMails(manager, 0).expectAttention("unmatched").expectPhase("active")
		if got := len(s.mail.messages); got != 0 {
			s.t.Errorf("%d mails, want none\n%s", got, s.story())
		}
		if got := s.dir.Calls(directoryCreate); got != 0 {
			s.t.Errorf("%d accounts were made, want none", got)
		}
	})
}

func TestS1_ExistingStaffWithAnAccount(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		id := s.existing("Zoë Müller", "Engineering")
		s.hr("2026-11-05T08:00:00Z", hired("2019-03-01"))
		s.expect("2026-12-05T08:00:00Z", "enabled").expectGroups("engineering").expectMails(manager, 0)
		if got := s.dir.Calls(directoryUpdate); got != 0 {
			s.t.Errorf("%d updates before anything changed, want none\n%s", got, s.story())
		}
		// A move after the baseline writes the difference.
		s.hr("2026-12-05T09:00:00Z", hired("2019-03-01", "assignment.department.name", "Sales"))
		s.expect("2026-12-05T12:00:00Z", "enabled").expectGroups("sales").expectMails(manager, 1)
		if got := s.account().Attributes["department"]; got != "Sales" {
			s.t.Errorf("department = %q, want Sales\n%s", got, s.story())
		}
		// A leave after the baseline is done.
		s.hr("2027-01-10T09:00:00Z", hired("2019-03-01", "assignment.department.name", "Sales", lastDay, "2027-01-31"))
		s.expect("2027-02-01T09:00:00Z", "disabled").expectGroups("")
		s.expect("2027-03-05T09:00:00Z", "deleted").expectOneAccount()
		if got := s.account().ID; got != id {
			s.t.Errorf("the account is %s, want %s", got, id)
		}
	})
}

func TestS1_ExistingStaffWhoLeftBeforeTheBaseline(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.existing("Zoë Müller", "Engineering")
		s.hr("2026-11-05T08:00:00Z", hired("2019-03-01", lastDay, "2026-09-30", status, "terminated"))
		s.expect("2027-11-05T08:00:00Z", "enabled").expectMails(manager, 0)
		if got := s.dir.Calls(directoryUpdate) + s.dir.Calls(directoryDelete); got != 0 {
			s.t.Errorf("%d writes for somebody who left before the baseline, want none\n%s", got, s.story())
		}
	})
}
