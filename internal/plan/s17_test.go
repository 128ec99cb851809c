package plan_test

import (
	"strings"
	"testing"
	"time"

	"tenure/internal/plan"
)

// parksAs parks a line with a code, to be tried again in an hour.
func (j *journey) parksAs(task, code string) *journey {
	j.t.Helper()
	j.facts.Parked = []plan.Parked{{
		Key: j.line(task).Key, Code: code, Since: j.now, Tried: j.now, Retry: j.now.Add(time.Hour), Attempts: 1,
	}}
	return j
}

func TestS17_ProtectedLeaverHasADeadline(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears(leaving)
	j.until("2026-12-30 12:00")
	j.now = j.line("disable").Due
	j.parksAs("disable", plan.CodeProtected)
	found := false
	for _, a := range j.result().Attention {
		found = found || a.Code == plan.AttentionProtected && strings.Contains(a.Text, "to be done until "+j.now.Add(24*time.Hour).UTC().Format("2006-01-02 15:04"))
	}
	if !found {
		t.Errorf("attention %+v, want protected with its deadline", j.result().Attention)
	}
	since := j.now
	j.now = since.Add(24*time.Hour - time.Minute)
	j.facts.Parked[0].Retry = j.now.Add(time.Hour)
	if next := j.result().Next; !next.Equal(since.Add(24 * time.Hour)) {
		t.Errorf("next: got %s, want the deadline", next)
	}
	j.now = since.Add(24 * time.Hour)
	if got := j.attention(); len(got) == 0 || got[len(got)-1] != plan.AttentionProtectedOverdue && got[0] != plan.AttentionProtectedOverdue {
		t.Errorf("attention after the deadline: got %v, want protected-overdue", got)
	}
	// While it is looked at again, the task stays open.
	j.facts.Running = []string{j.facts.Parked[0].Key}
	if got := strings.Join(j.attention(), " "); !strings.Contains(got, plan.AttentionProtectedOverdue) {
		t.Errorf("attention while it runs: got %v, want protected-overdue", got)
	}
}

func TestS17_TerminateOfAProtectedAccountIsOverdueAtOnce(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	blocked := by(j)
	j.facts.Overrides.Blocked = &blocked
	j.parksAs("disable", plan.CodeProtected)
	if got := strings.Join(j.attention(), " "); !strings.Contains(got, plan.AttentionProtectedOverdue) {
		t.Errorf("attention: got %v, want protected-overdue", got)
	}
}

func TestS17_DisableOnPremisesIsToldAtOnce(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears(leaving)
	j.until("2026-12-30 12:00")
	j.now = j.line("disable").Due
	j.parksAs("disable", plan.CodeSynced).wantAttention(plan.AttentionDisableOnPremises)
}

func TestS17_CounterpartThatDoesNotComeIsToldAfterADay(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears(hire)
	j.now = at(t, "2026-11-17 06:00")
	j.parksAs("create", plan.CodeNoCounterpart).wantAttention()
	j.now = j.now.Add(24 * time.Hour)
	j.facts.Parked[0].Retry = j.now.Add(time.Hour)
	j.wantAttention(plan.AttentionNoCounterpart)
}
