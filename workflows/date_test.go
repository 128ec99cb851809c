package workflows_test

import (
	"testing"

	"tenure/internal/person"
)

func TestMovedStartWhileTimersPend(t *testing.T) {
	for _, tt := range []struct {
		name, said, to      string
		created, enabled    string
		before, middle, end string // instants to stop at
	}{
		{"earlier", "2026-11-10T08:00:00Z", "2026-11-27", "2026-11-13 05:00", "2026-11-26 23:00", "2026-11-13T04:59:00Z", "2026-11-26T22:59:00Z", "2026-11-26T23:01:00Z"},
		{"later", "2026-11-10T08:00:00Z", "2026-12-15", "2026-12-01 05:00", "2026-12-14 23:00", "2026-12-01T04:59:00Z", "2026-12-14T22:59:00Z", "2026-12-14T23:01:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
				s.manager("1002", "Tobias")
				s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
				s.hr(tt.said, hired(tt.to))
				s.expect(tt.before, "none")
				s.expect(tt.middle, "disabled")
				s.expect(tt.end, "enabled").expectOneAccount()
				s.expect("2027-01-15T08:00:00Z", "enabled").expectMails(manager, 2).expectMails(s.account().UserName, 1).expectAttention("")
				s.expectTimes("create", tt.created).expectTimes("enable", tt.enabled)
			})
		})
	}
}

func TestMovedStartIntoThePast(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-20T08:00:00Z", "disabled")
		s.hr("2026-11-20T09:00:00Z", hired("2026-11-18"))
		s.expect("2026-11-20T09:10:00Z", "enabled").expectGroups("all-staff engineering").expectOneAccount()
		s.expect("2026-12-20T09:10:00Z", "enabled").expectMails(manager, 1)
	})
}

func TestMovedStartAfterItHadCome(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-12-01T08:00:00Z", "enabled")
		s.hr("2026-12-01T09:00:00Z", hired("2026-12-08"))
		s.expect("2026-12-01T10:00:00Z", "disabled").expectPasses(0)
		s.expect("2026-12-07T23:01:00Z", "enabled").expectOneAccount()
		s.expect("2027-01-07T23:01:00Z", "enabled").expectAttention("")
	})
}

func TestS6_MovedStartDeletesAndReissuesThePass(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-26T08:00:00Z", "disabled").expectPasses(1).expectMails(manager, 2)
		s.hr("2026-11-26T09:00:00Z", hired("2026-12-08"))
		s.expect("2026-11-26T10:00:00Z", "disabled").expectPasses(0)
		s.expect("2026-11-30T10:00:00Z", "disabled").expectPasses(0).expectMails(manager, 2)
		s.expect("2026-12-01T08:01:00Z", "disabled").expectPasses(1).expectMails(manager, 3)
		s.expectTimes("generateTemporaryAccessPass", "2026-11-24 08:00", "2026-12-01 08:00")
		passes, err := s.dir.Passes(t.Context(), s.account().ID)
		if err != nil || len(passes) != 1 || !passes[0].Start.Equal(instant(t, "2026-12-08T07:00:00Z")) {
			s.t.Errorf("passes = %+v, %v, want one from 08:00 in Berlin on 8 December", passes, err)
		}
	})
}

func TestMovedLastDay(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-03-25T08:00:00Z", "enabled").expectTimes("sendEmailBeforeLastDay", "2027-03-24 08:00")
		s.hr("2027-03-25T09:00:00Z", hired("2026-12-01", lastDay, "2027-04-30"))
		s.expect("2027-04-30T21:59:00Z", "enabled").expectGroups("all-staff engineering")
		s.expect("2027-04-30T22:01:00Z", "disabled").expectGroups("")
		// The manager was told of the last week once.
		s.expectTimes("sendEmailBeforeLastDay", "2027-03-24 08:00")
		s.expect("2027-05-30T21:59:00Z", "disabled")
		s.expect("2027-05-30T22:01:00Z", "deleted")
	})
}

func TestS9_DaylightSaving(t *testing.T) {
	for _, tt := range []struct{ name, start, last, enabled, disabled string }{
		{"spring forward", "2027-03-28", "2027-10-31", "2027-03-27 23:00", "2027-10-31 23:00"},
		{"fall back", "2027-10-31", "2028-03-26", "2027-10-30 22:00", "2028-03-26 22:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bothWays(t, "2027-02-05T08:00:00Z", func(s *scenario) {
				s.manager("1002", "Tobias")
				s.hr("2027-02-05T08:00:00Z", hired(tt.start, lastDay, tt.last))
				s.expect("2028-05-05T08:00:00Z", "deleted")
				s.expectTimes("enable", tt.enabled).expectTimes("disable", tt.disabled)
			})
		})
	}
}

func TestS9_MidnightsAroundTheWorld(t *testing.T) {
	for _, tt := range []struct{ zone, enabled, welcome, disabled string }{
		{"Pacific/Kiritimati", "2026-11-30 10:00", "2026-11-30 18:00", "2027-01-31 10:00"},
		{"Asia/Kolkata", "2026-11-30 18:30", "2026-12-01 02:30", "2027-01-31 18:30"},
		{"America/Los_Angeles", "2026-12-01 08:00", "2026-12-01 16:00", "2027-02-01 08:00"},
		{"Etc/GMT+12", "2026-12-01 12:00", "2026-12-01 20:00", "2027-02-01 12:00"},
	} {
		t.Run(tt.zone, func(t *testing.T) {
			bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
				s.manager("1002", "Tobias")
				s.hr("2026-11-05T08:00:00Z", hired("2026-12-01", lastDay, "2027-01-31", "assignment.location.timeZone", tt.zone))
				s.expect("2027-02-05T08:00:00Z", "disabled")
				s.expectTimes("enable", tt.enabled).expectTimes("sendWelcomeEmail", tt.welcome).expectTimes("disable", tt.disabled)
			})
		})
	}
}

func TestS9_ChangedZoneAfterTheLeaveChangesNothing(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		zone := "assignment.location.timeZone"
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01", lastDay, "2027-01-31", zone, "Pacific/Kiritimati"))
		s.expect("2027-01-31T11:00:00Z", "disabled")
		s.hr("2027-01-31T12:00:00Z", hired("2026-12-01", lastDay, "2027-01-31", zone, "America/Los_Angeles"))
		s.expect("2027-02-01T01:00:00Z", "disabled").expectTimes("enable", "2026-11-30 10:00")
		s.expect("2027-02-02T01:00:00Z", "disabled").expectTimes("disable", "2027-01-31 10:00").expectMails(manager, 4)
	})
}

func TestS8_ChangeUndoneBeforeItSettles(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.hr("2027-01-05T08:00:00Z", hired("2026-12-01", "assignment.department.name", "Sales"))
		s.hr("2027-01-05T08:10:00Z", hired("2026-12-01"))
		s.expect("2027-01-06T08:00:00Z", "enabled").expectGroups("all-staff engineering").expectMails(manager, 2)
		if len(s.calls) != 0 {
			s.t.Errorf("the badge office was called %d times, want never\n%s", len(s.calls), s.story())
		}
		// Two edits within the quarter of an hour are one change.
		s.hr("2027-01-07T08:00:00Z", hired("2026-12-01", "assignment.department.name", "Sales"))
		s.hr("2027-01-07T08:10:00Z", hired("2026-12-01", "assignment.department.name", "Sales", "assignment.jobTitle", "Seller"))
		s.expect("2027-01-07T09:00:00Z", "enabled").expectGroups("all-staff sales").expectMails(manager, 3)
		if len(s.calls) != 1 {
			s.t.Errorf("the badge office was called %d times, want once\n%s", len(s.calls), s.story())
		}
	})
}

func TestS8_NoChangeBeforeTheFirstDay(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.hr("2026-11-27T08:00:00Z", hired("2026-12-01", "assignment.jobTitle", "Senior Engineer"))
		s.expect("2026-12-15T08:00:00Z", "enabled").expectMails(manager, 2)
		if got := s.account().Attributes["jobTitle"]; got != "Senior Engineer" {
			s.t.Errorf("job title = %q, want it written all the same\n%s", got, s.story())
		}
	})
}

func TestS2_UnknownStatusChangesNothing(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-03-20T08:00:00Z", "enabled")
		vanished := eventOf(t, "hr", instant(t, "2027-03-20T09:00:00Z"), person.Full, hired("2026-12-01", lastDay, "2027-03-31"))
		employment := &vanished.Record.Employments[0]
		employment.Attributes = employment.Attributes.With(person.Attribute{Name: status, Value: "vanished"})
		s.event("2027-03-20T09:00:00Z", vanished)
		s.expect("2027-04-02T09:00:00Z", "enabled").expectAttention("status-unknown").expectPhase("unknown")
		s.hr("2027-04-02T10:00:00Z", hired("2026-12-01", lastDay, "2027-03-31", status, "terminated"))
		s.expect("2027-04-02T10:10:00Z", "disabled").expectGroups("")
	})
}
