package plan_test

import (
	"testing"

	"tenure/internal/plan"
)

// BenchmarkBuild plans for a standard person in the middle of the stay.
func BenchmarkBuild(b *testing.B) {
	j := active(b, "2026-12-20 12:00")
	j.hears("start=2026-12-01 last=2027-03-31 status=active kind=employee dept=Sales title=Clerk manager=7 zone=Europe/Paris")
	in := j.input()
	b.ReportAllocs()
	for b.Loop() {
		plan.Build(in)
	}
}
