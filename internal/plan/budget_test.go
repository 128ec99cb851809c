package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/internal/plan"
)

// budget shows the lines that use up budgets as "kind due counts".
func (j *journey) budget() []string {
	_, lines := plan.BuildWithBudget(plan.Input{Policy: j.policy, Version: 1, Facts: j.facts, Now: j.now})
	var out []string
	for _, line := range lines {
		out = append(out, fmt.Sprintf("%s %s %t", line.Kind, line.Due.Format("01-02 15:04"), line.Counts))
		if !strings.Contains(line.Reason, "stated by feed hr at ") {
			j.t.Errorf("reason of %s = %q, want what HR stated when", line.Line, line.Reason)
		}
	}
	slices.Sort(out)
	return out
}

func (j *journey) wantBudget(want ...string) {
	j.t.Helper()
	if got := j.budget(); !slices.Equal(got, want) {
		j.t.Errorf("budget at %s = %q, want %q", j.now, got, want)
	}
}

// The gate knows of a leave from the day on which HR states it; what is held or
// asks stands without counting.
func TestS15TheGateKnowsWhatIsComing(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.wantBudget()
	j.hears(leaving)
	coming := []string{"delete 01-30 23:00 true", "disable 12-31 23:00 true", "remove-all 12-31 23:00 true"}
	j.wantBudget(coming...)
	j.facts.Overrides.Hold = &plan.By{Actor: "operator", At: j.now}
	j.now = at(t, "2027-01-01 00:00")
	j.wantBudget("delete 01-30 23:00 true", "disable 12-31 23:00 false", "remove-all 12-31 23:00 false")
}

// A gate's line is the same whatever operations came between; a run that takes
// everything away is one.
func TestS15ALineKeepsItsName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		key  string
		verb plan.Verb
		want string
	}{
		{"account:entra/s1/3/disable", plan.Cut, "account:entra/s1/disable"},
		{"account:entra/s1/4/disable", plan.Cut, "account:entra/s1/disable"},
		{"Last day/s1/1/removeUserFromAllGroups", "removeUserFromAllGroups", "Last day/s1/1"},
		{"Last day/s1/1/removeAllLicenseAssignments", "removeAllLicenseAssignments", "Last day/s1/1"},
		{"Prepare/s1/1/generateTemporaryAccessPass", "generateTemporaryAccessPass", "Prepare/s1/1/generateTemporaryAccessPass"},
	} {
		if got := plan.LineOf(tt.key, tt.verb); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.key, got, tt.want)
		}
	}
	if got := plan.LeaveLine("entra", "s1"); got != "account:entra/s1/disable" {
		t.Errorf("leave line = %q", got)
	}
}

// A gate knows a line by its due instant: an enable out of turn keeps the one at
// which it was ordered, however long it waits.
func TestS15AnEnableOutOfTurnKeepsItsInstant(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00").hears(hire)
	ordered := plan.Done{Key: "By hand/s1/1/enableUserAccount", At: j.now, Outcome: plan.OutcomeDone}
	j.facts.Done = append(j.facts.Done, ordered)
	j.facts.Memory.Enabled = []plan.EnabledOverride{{Target: entra, Stay: "s1", Enabled: true, TaskKey: ordered.Key}}
	j.parks[plan.Enable] = plan.AttentionGated
	j.run()
	j.now = j.now.Add(time.Hour)
	if got := j.line("enable"); got.State != plan.ParkedState || !got.Due.Equal(ordered.At) {
		t.Errorf("enable: got %s due %s, want it parked and due at %s", plan.Explain(got), got.Due, ordered.At)
	}
}
