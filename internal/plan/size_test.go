package plan_test

import (
	"testing"

	"tenure/internal/plan"
)

// TestResultsStaySmall bounds what a journey records per plan.
func TestResultsStaySmall(t *testing.T) {
	t.Parallel()
	const most = 4096
	for name, words := range map[string]string{"existing staff": staff, "hire": hire, "late": "start=2026-11-05 status=active kind=employee dept=Sales title=Clerk manager=7"} {
		j := newJourney(t, "2026-11-20 12:00")
		j.merge(record(t, words))
		if size := len(encode(t, plan.Build(j.input()))); size > most {
			t.Errorf("%s: first result has %d bytes, want at most %d", name, size, most)
		}
		j.run()
		if size := len(encode(t, plan.Build(j.input()))); size > 512 {
			t.Errorf("%s: result at rest has %d bytes, want at most 512", name, size)
		}
	}
}
