package workflows_test

import (
	"testing"
)

func TestJoinerMoverLeaverDeleted(t *testing.T) {
	t.Parallel()
	s := newScenario(t, "2026-11-10T08:00:00Z")
	s.manager("1002", "Tobias")
	s.hr("2026-11-10T08:00:00Z", hired("2026-12-01"))
	s.expect("2026-11-17T04:59:00Z", "none")
	s.expect("2026-11-17T05:01:00Z", "disabled") // 14 days before at 06:00 in Berlin
	s.expect("2026-11-30T22:59:00Z", "disabled")
	s.expect("2026-11-30T23:01:00Z", "enabled") // midnight in Berlin
	if got := s.groups(); got != "all-staff engineering" {
		t.Errorf("groups = %q\n%s", got, s.story())
	}
	if got := len(s.mail.to("tobias@contoso.example")); got != 2 {
		t.Errorf("the manager got %d mails, want the reminder and the pass\n%s", got, s.story())
	}
	s.hr("2027-02-01T10:00:00Z", hired("2026-12-01", "assignment.department.name", "Sales", "assignment.jobTitle", "Sales Engineer"))
	s.expect("2027-02-01T11:00:00Z", "enabled")
	if got := s.groups(); got != "all-staff sales" {
		t.Errorf("after the move groups = %q\n%s", got, s.story())
	}
	if len(s.calls) != 1 {
		t.Errorf("the badge office was called %d times, want once\n%s", len(s.calls), s.story())
	}
	s.hr("2027-03-01T10:00:00Z", hired("2026-12-01", "assignment.department.name", "Sales", "assignment.jobTitle", "Sales Engineer", "employment.lastDayOfWork", "2027-03-31"))
	s.expect("2027-03-31T21:59:00Z", "enabled")
	s.expect("2027-03-31T22:01:00Z", "disabled") // 24:00 in Berlin, summer time by then
	if got := s.groups(); got != "" {
		t.Errorf("after the last day groups = %q\n%s", got, s.story())
	}
	s.expect("2027-04-30T21:59:00Z", "disabled")
	s.expect("2027-04-30T22:01:00Z", "deleted")
	s.expect("2029-04-30T22:01:00Z", "deleted")
}
