package plan_test

import (
	"slices"
	"testing"
)

// Terminated on the very first record and without a date: the leave date is
// that of the record, and until its end nobody gets an account.
func TestS2_TerminatedWithoutDateOrAccountGetsNone(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-12-20 12:00").hears("start=2026-12-01 status=terminated kind=employee dept=Sales title=Clerk manager=7")
	j.until("2027-03-01 12:00")
	for _, task := range j.did() {
		if slices.Contains([]string{"create", "enable", "generateTemporaryAccessPass"}, task) {
			t.Errorf("terminated person got %s", task)
		}
	}
}
