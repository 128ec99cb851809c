package plan_test

import (
	"testing"
	"time"

	"tenure/internal/plan"
)

func TestDaysOfClockChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, words, task, want string }{
		{"spring forward starts at local midnight", "start=2027-03-28 zone=Europe/Berlin", "enable", "2027-03-27T23:00:00Z"},
		{"the day after has one hour less", "start=2027-03-29 zone=Europe/Berlin", "enable", "2027-03-28T22:00:00Z"},
		{"autumn: the last day has 25 hours", "start=2026-12-01 last=2027-10-31 zone=Europe/Berlin", "disable", "2027-10-31T23:00:00Z"},
		{"seven days before, over the change, at the wall clock's nine", "start=2027-03-30 zone=Europe/Berlin", "sendOnboardingReminderEmail", "2027-03-23T08:00:00Z"},
		{"a midnight that does not exist", "start=2027-03-29 zone=Asia/Beirut", "enable", "2027-03-28T21:00:00Z"},
		{"half an hour", "start=2027-04-05 zone=Australia/Lord_Howe", "enable", "2027-04-04T13:30:00Z"},
		{"far ahead", "start=2026-12-01 zone=Pacific/Kiritimati", "enable", "2026-11-30T10:00:00Z"},
		{"far behind", "start=2026-12-01 zone=Etc/GMT+12", "enable", "2026-12-01T12:00:00Z"},
		{"no daylight saving any more", "start=2027-01-10 zone=Pacific/Apia", "enable", "2027-01-09T11:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			j := newJourney(t, "2026-11-10 12:00").hears("status=active kind=employee dept=Sales title=Clerk " + c.words)
			want, err := time.Parse(time.RFC3339, c.want)
			if err != nil {
				t.Fatal(err)
			}
			if got := j.line(c.task); !got.Due.Equal(want) {
				t.Errorf("got %s, want %s", plan.Explain(got), c.want)
			}
		})
	}
}

func TestMidnightsAroundTheWorld(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{
		"Pacific/Kiritimati", "Pacific/Chatham", "Asia/Tokyo", "Asia/Kathmandu", "Europe/Berlin", "UTC",
		"America/St_Johns", "America/Los_Angeles", "Pacific/Honolulu", "Etc/GMT+12",
	} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			location, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			j := newJourney(t, "2026-11-10 12:00").hears("start=2026-12-01 last=2026-12-31 status=active kind=employee dept=Sales title=Clerk zone=" + zone)
			start := time.Date(2026, 12, 1, 0, 0, 0, 0, location)
			end := time.Date(2027, 1, 1, 0, 0, 0, 0, location)
			for _, c := range []struct {
				at   time.Time
				want plan.AccountState
			}{
				{start.Add(-time.Second), plan.AccountDisabled},
				{start, plan.AccountEnabled},
				{end.Add(-time.Second), plan.AccountEnabled},
				{end, plan.AccountDisabled},
			} {
				j.until(c.at.Format(time.RFC3339)).wantState(c.want)
			}
		})
	}
}
