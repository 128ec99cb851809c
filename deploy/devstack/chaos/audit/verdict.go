package audit

import (
	"fmt"
	"strings"
)

// Verdict is what was found.
type Verdict struct {
	// Lost and Doubled count effects.
	Lost, Doubled int
	// Unknown counts mails of which nobody can know whether they arrived once or
	// twice, and calls repeated under their ID.
	Unknown int
	// Parked counts tasks that were not done and visibly wait.
	Parked int
	// Findings say in words what was lost or doubled.
	Findings []string
}

// Clean reports whether nothing was lost or doubled.
func (v Verdict) Clean() bool { return v.Lost == 0 && v.Doubled == 0 }

// String lists the findings.
func (v Verdict) String() string {
	return fmt.Sprintf("lost=%d doubled=%d unknown=%d parked=%d: %s", v.Lost, v.Doubled, v.Unknown, v.Parked, strings.Join(v.Findings, "; "))
}

// judge writes a verdict.
type judge struct{ Verdict }

func (j *judge) lost(count int, format string, args ...any) {
	if count > 0 {
		j.Lost += count
		j.Findings = append(j.Findings, "lost: "+fmt.Sprintf(format, args...))
	}
}

func (j *judge) doubled(count int, format string, args ...any) {
	if count > 0 {
		j.Doubled += count
		j.Findings = append(j.Findings, "doubled: "+fmt.Sprintf(format, args...))
	}
}
