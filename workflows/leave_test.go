package workflows_test

import (
	"testing"

	"tenure/workflows/contract"
)

const (
	lastDay = "employment.lastDayOfWork"
	status  = "employment.status"
	manager = "tobias@contoso.example"
)

func TestRescindedHireBeforeCreation(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.hr("2026-11-10T08:00:00Z", hired("2026-12-01", status, "rescinded"))
		s.expect("2027-12-10T08:00:00Z", "none").expectMails(manager, 0).expectAsleep().expectPhase("rescinded")
	})
}

func TestRescindedHireAfterCreation(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-25T08:00:00Z", "disabled").expectGroups("all-staff engineering").expectPasses(1).expectMails(manager, 2)
		s.hr("2026-11-25T09:00:00Z", hired("2026-12-01", status, "rescinded"))
		s.expect("2026-11-25T10:00:00Z", "disabled").expectGroups("").expectPasses(0).expectLicenses(0)
		s.expect("2026-12-02T08:00:00Z", "disabled")
		s.expect("2026-12-24T10:00:00Z", "disabled")
		s.expect("2026-12-26T10:00:00Z", "deleted").expectMails(manager, 2).expectMails("zoe@fabrikam.example", 0)
		s.expect("2027-12-26T10:00:00Z", "deleted").expectAsleep()
	})
}

func TestRescindedHireByHand(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-25T08:00:00Z", "disabled").expectPasses(1)
		s.say("2026-11-25T09:00:00Z", contract.Rescind, contract.Override{What: "hire"})
		s.hr("2026-11-25T12:00:00Z", hired("2026-12-01", "assignment.jobTitle", "Engineer II"))
		s.expect("2026-12-05T08:00:00Z", "disabled").expectGroups("").expectPasses(0)
		s.expect("2026-12-26T10:00:00Z", "deleted").expectMails(manager, 2)
	})
}

func leaver(s *scenario) {
	s.manager("1002", "Tobias")
	s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
	s.hr("2027-03-01T10:00:00Z", hired("2026-12-01", lastDay, "2027-03-31"))
}

func TestRescindedTerminationBeforeDisable(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.hr("2027-03-25T10:00:00Z", hired("2026-12-01"))
		s.expect("2027-06-01T10:00:00Z", "enabled").expectGroups("all-staff engineering").expectLicenses(1).expectAttention("")
		s.expectTimes("revokeAllRefreshTokens")
		// Stated again, the leave counts again, with its own mails.
		s.hr("2027-07-01T10:00:00Z", hired("2026-12-01", lastDay, "2027-07-31"))
		s.expect("2027-08-01T10:00:00Z", "disabled").expectGroups("").expectMails(manager, 5)
		s.expectTimes("sendEmailBeforeLastDay", "2027-03-24 08:00", "2027-07-24 07:00")
	})
}

func TestRescindedTerminationByHandBeforeDisable(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.say("2027-03-25T10:00:00Z", contract.Rescind, contract.Override{What: "termination"})
		s.hr("2027-03-26T10:00:00Z", hired("2026-12-01", lastDay, "2027-03-31"))
		s.expect("2027-06-01T10:00:00Z", "enabled").expectGroups("all-staff engineering")
		// Another date counts.
		s.hr("2027-06-02T10:00:00Z", hired("2026-12-01", lastDay, "2027-06-30"))
		s.expect("2027-07-01T10:00:00Z", "disabled")
	})
}

func TestRescindedTerminationAfterDisable(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-04-05T09:00:00Z", "disabled").expectGroups("").expectLicenses(0)
		s.hr("2027-04-05T10:00:00Z", hired("2026-12-01"))
		s.expect("2027-04-05T11:00:00Z", "enabled").expectGroups("all-staff engineering").expectLicenses(1)
		s.expect("2027-07-05T11:00:00Z", "enabled").expectAttention("").expectPhase("active").expectOneAccount()
	})
}

func TestRescindedTerminationByHandAfterDisable(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-04-05T09:00:00Z", "disabled")
		s.say("2027-04-05T10:00:00Z", contract.Rescind, contract.Override{What: "termination"})
		s.expect("2027-04-05T11:00:00Z", "enabled").expectGroups("all-staff engineering").expectLicenses(1)
		s.expect("2027-07-05T11:00:00Z", "enabled")
	})
}

func TestRescindedTerminationAfterDelete(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-04-29T10:00:00Z", "disabled")
		id := s.account().ID
		s.expect("2027-05-01T10:00:00Z", "deleted")
		s.hr("2027-05-05T10:00:00Z", hired("2026-12-01"))
		s.expect("2027-05-05T11:00:00Z", "enabled").expectGroups("all-staff engineering").expectLicenses(1).expectOneAccount()
		if got := s.account().ID; got != id {
			s.t.Errorf("the account is %s, want the old one %s restored\n%s", got, id, s.story())
		}
	})
}

func TestRescindedTerminationBeyondTheRestoreWindow(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-05-01T10:00:00Z", "deleted")
		id := s.account().ID
		s.hr("2027-06-15T10:00:00Z", hired("2026-12-01"))
		s.until("2027-06-15T11:00:00Z")
		live := s.liveAccount()
		if live == nil || live.ID == id || !live.Enabled {
			s.t.Fatalf("the account is %+v, want a new enabled one\n%s", live, s.story())
		}
		s.expectTimes("create", "2026-11-17 05:00", "2027-06-15 10:00")
	})
}

func TestRehireBeforeTheDelete(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-04-10T09:00:00Z", "disabled")
		id := s.account().ID
		s.hr("2027-04-10T10:00:00Z", hired("2027-05-10"))
		s.expect("2027-05-01T10:00:00Z", "disabled") // the delete of 30 April is cancelled
		s.expect("2027-05-04T10:00:00Z", "disabled").expectGroups("all-staff engineering")
		s.expect("2027-05-09T22:01:00Z", "enabled").expectOneAccount().expectPhase("active")
		if got := s.account().ID; got != id {
			s.t.Errorf("the account is %s, want %s\n%s", got, id, s.story())
		}
		s.expect("2027-08-01T10:00:00Z", "enabled").expectAttention("")
		// What the former stay had is not given back (S18).
		s.expectTimes("restore")
	})
}

func TestRehireAfterTheDelete(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-05-02T09:00:00Z", "deleted")
		id := s.account().ID
		s.hr("2027-05-02T10:00:00Z", hired("2027-06-01"))
		s.expect("2027-05-18T10:00:00Z", "disabled").expectOneAccount()
		if got := s.account().ID; got != id {
			s.t.Errorf("the account is %s, want %s restored\n%s", got, id, s.story())
		}
		s.expect("2027-06-01T10:00:00Z", "enabled").expectGroups("all-staff engineering").expectAttention("")
	})
}

func TestRehireLongAfterTheDelete(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-05-02T09:00:00Z", "deleted")
		id := s.account().ID
		s.hr("2028-05-02T10:00:00Z", hired("2028-06-01"))
		s.until("2028-06-01T10:00:00Z")
		live := s.liveAccount()
		if live == nil || live.ID == id || !live.Enabled {
			s.t.Fatalf("the account is %+v, want a new enabled one\n%s", live, s.story())
		}
	})
}

func TestS13_OldRecordOfSomebodyGoneChangesNothing(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-05-02T09:00:00Z", "deleted").expectAsleep()
		s.hr("2028-02-01T10:00:00Z", hired("2026-12-01", lastDay, "2027-03-31", "assignment.jobTitle", "Former Engineer"))
		s.expect("2028-03-01T10:00:00Z", "deleted").expectAsleep().expectMails(manager, 4).expectOneAccount()
	})
}

func TestLeaveWithDisable(t *testing.T) {
	policy := replacing("      delete:  {on: terminationDate", "      leave: disable\n      delete:  {on: terminationDate")
	away := []string{"employment.leave.start", "2027-02-01", "employment.leave.expectedReturn", "2027-03-01"}
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.hr("2027-01-15T08:00:00Z", hired("2026-12-01", away...))
		s.expect("2027-01-31T22:59:00Z", "enabled").expectPhase("active")
		s.expect("2027-01-31T23:01:00Z", "disabled").expectPhase("leave").expectGroups("all-staff engineering")
		// Extended while away.
		longer := append(append([]string{}, away...), "employment.leave.expectedReturn", "2027-04-01")
		s.hr("2027-02-20T08:00:00Z", hired("2026-12-01", longer...))
		s.expect("2027-03-02T08:00:00Z", "disabled")
		s.expect("2027-03-31T22:01:00Z", "enabled").expectPhase("active")
		// Away again, and terminated during it.
		again := []string{"employment.leave.start", "2027-06-01", "employment.leave.expectedReturn", "2027-09-01"}
		s.hr("2027-05-15T08:00:00Z", hired("2026-12-01", again...))
		s.expect("2027-06-02T08:00:00Z", "disabled")
		s.hr("2027-07-01T08:00:00Z", hired("2026-12-01", append(again, lastDay, "2027-07-15")...))
		s.expect("2027-07-16T08:00:00Z", "disabled").expectGroups("").expectPhase("left")
		s.expect("2027-09-02T08:00:00Z", "deleted").expectOneAccount()
	}, policy)
}

func TestS3_ConversionWithinAStay(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		first := hired("2026-12-01", "employment.kind", "contingent", "employment.id", "E-1")
		s.hr("2026-11-05T08:00:00Z", first)
		s.expect("2027-01-10T08:00:00Z", "enabled").expectLicenses(0)
		s.hr("2027-03-01T08:00:00Z", with(first, lastDay, "2027-03-31"))
		s.hr("2027-03-20T08:00:00Z", with(first, lastDay, "2027-03-31"),
			hired("2027-04-05", "employment.id", "E-2"))
		s.expect("2027-04-02T08:00:00Z", "enabled").expectGroups("all-staff engineering")
		s.expect("2027-06-01T08:00:00Z", "enabled").expectOneAccount().expectPhase("active")
		s.expectTimes("sendEmailOnLastDay")
		s.expectTimes("revokeAllRefreshTokens")
		s.expectTimes("create", "2026-11-17 05:00")
	})
}

func TestS2_TerminatedWithoutADate(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2027-02-01T08:00:00Z", "enabled")
		s.hr("2027-02-01T09:00:00Z", hired("2026-12-01", status, "terminated"))
		s.expect("2027-02-02T09:00:00Z", "disabled").expectGroups("")
		s.expect("2027-03-05T09:00:00Z", "deleted")
	})
}

func TestS2_TerminatedAhead(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.hr("2027-02-01T09:00:00Z", hired("2026-12-01", status, "terminated", lastDay, "2027-03-31"))
		s.expect("2027-02-02T09:00:00Z", "enabled").expectAttention("terminated-ahead")
		s.expect("2027-04-01T09:00:00Z", "disabled").expectAttention("")
	})
}

func TestS2_LateTermination(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2027-03-01T08:00:00Z", "enabled")
		s.hr("2027-03-01T09:00:00Z", hired("2026-12-01", status, "terminated", lastDay, "2027-01-31"))
		s.expect("2027-03-01T09:05:00Z", "disabled").expectGroups("")
		// The delete counts from the detection, not from January.
		s.expect("2027-03-30T09:00:00Z", "disabled")
		s.expect("2027-04-01T09:00:00Z", "deleted")
	})
}
