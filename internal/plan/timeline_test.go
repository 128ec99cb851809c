package plan_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/plan"
)

var update = flag.Bool("update", false, "write the golden files")

// TestTimelines compares what eight people's timelines say with golden files.
func TestTimelines(t *testing.T) {
	t.Parallel()
	for name, person := range map[string]func(t *testing.T) *journey{
		"hire-in-december": func(t *testing.T) *journey { return newJourney(t, "2026-11-20 12:00").hears(hire) },
		"existing-staff":   func(t *testing.T) *journey { return newJourney(t, "2026-11-20 12:00").hears(staff) },
		"late-hire-in-perth": func(t *testing.T) *journey {
			return newJourney(t, "2026-12-20 12:00").hears("start=2026-12-02 status=active kind=contingent dept=Sales place=Perth")
		},
		"mover": func(t *testing.T) *journey {
			j := active(t, "2026-12-20 12:00").hears("start=2026-12-01 status=active kind=employee dept=Engineering title=Clerk manager=7")
			return j.until("2026-12-20 12:05")
		},
		"leaver": func(t *testing.T) *journey {
			j := active(t, "2026-12-20 12:00").hears("start=2026-12-01 last=2027-03-31 end=2027-04-30 status=active kind=employee dept=Sales title=Clerk manager=7 zone=America/New_York")
			return j.until("2027-03-26 12:00")
		},
		"terminated-by-hand": func(t *testing.T) *journey {
			j := active(t, "2026-12-20 12:00")
			blocked := by(j)
			j.facts.Overrides.Blocked = &blocked
			return j.run()
		},
		"returns": func(t *testing.T) *journey {
			j := active(t, "2026-12-20 12:00").hears(leaving)
			return j.until("2027-01-10 12:00").hears("start=2027-03-01 status=active kind=employee dept=Engineering title=Dev manager=8")
		},
		"hire-taken-back": func(t *testing.T) *journey {
			j := newJourney(t, "2026-11-20 12:00").hears(hire)
			return j.until("2026-11-26 12:00").hears("start=2026-12-01 status=no_show kind=employee dept=Sales title=Clerk manager=7")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := person(t)
			compareGolden(t, name, timeline(j))
		})
	}
}

func timeline(j *journey) string {
	lines, _, attention := plan.Lines(j.input())
	result := j.result()
	var b strings.Builder
	b.WriteString("now " + j.now.Format("2006-01-02 15:04") + " UTC, phase " + string(result.Phase) + ", zone " + result.Zone + "\n")
	if !result.Next.IsZero() {
		b.WriteString("next " + result.Next.Format("2006-01-02 15:04") + " UTC: " + result.NextWhat + "\n")
	}
	for _, a := range attention {
		b.WriteString("attention " + a.Code + " " + a.Key + ": " + a.Text + "\n")
	}
	return b.String() + "\n" + explainAll(lines)
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "timeline", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("timeline differs (-want +got); if it is meant: go test ./internal/plan -run TestTimelines -update\n%s", diff)
	}
}
