package workflows

import (
	"testing"
	"time"

	"tenure/activities"
	"tenure/internal/plan"
)

// TestLineIsParkedOnce: what was parked beside an operation that was done is tried
// again under the next number. It stays parked once, and is not shown when it is done.
func TestLineIsParkedOnce(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	const target = "entra"
	task := func(number int, verb plan.Verb) plan.Task {
		workflow := plan.AccountWorkflow + target
		return plan.Task{Key: plan.TaskKey(workflow, "e1", number, string(verb)), Workflow: workflow, Stay: "e1", Task: string(verb), Verb: verb}
	}
	s := NewState("hooks", "1")
	s.Facts.Accounts = []plan.Account{{Target: target, State: plan.AccountDisabled, Operations: 2}}
	batch := plan.Batch{Target: target}
	throttled := activities.TaskOutcome{Status: activities.Failed, Code: activities.CodeThrottled, Retryable: true}
	settleTask(&s, batch, task(2, plan.Enable), activities.TaskOutcome{Status: activities.Done}, now)
	settleTask(&s, batch, task(2, plan.Restore), throttled, now)
	settleTask(&s, batch, task(3, plan.Restore), throttled, now.Add(time.Hour))
	if p := s.Facts.Parked; len(p) != 1 || p[0].Key != task(3, plan.Restore).Key || p[0].Attempts != 2 || !p[0].Since.Equal(now) {
		t.Fatalf("parked %+v, want it once, tried twice", p)
	}
	settleTask(&s, batch, task(3, plan.Restore), activities.TaskOutcome{Status: activities.Done}, now.Add(2*time.Hour))
	if len(s.Facts.Parked) != 0 {
		t.Errorf("done, and still parked: %+v", s.Facts.Parked)
	}
}

// TestWhatAnotherTaskSawIsNoLongerParked: the answer of an enable was lost, and a
// later task sees the account enabled. Nobody would try the enable again, since
// nothing is left to do.
func TestWhatAnotherTaskSawIsNoLongerParked(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	const target = "entra"
	enable := plan.TaskKey(plan.AccountWorkflow+target, "e2", 2, string(plan.Enable))
	create := plan.TaskKey(plan.AccountWorkflow+target, "e2", 2, string(plan.Create))
	for _, tt := range []struct {
		name    string
		parked  plan.Parked
		seen    plan.AccountState
		running []string
		done    bool
	}{
		{"seen enabled", plan.Parked{Key: enable, Code: activities.CodeTimeout, Attempts: 1}, plan.AccountEnabled, nil, true},
		{"seen disabled", plan.Parked{Key: enable, Code: activities.CodeTimeout, Attempts: 1}, plan.AccountDisabled, nil, false},
		{"tried again just now", plan.Parked{Key: enable, Code: activities.CodeTimeout, Attempts: 1}, plan.AccountEnabled, []string{enable}, false},
		{"never tried", plan.Parked{Key: enable, Code: activities.CodeHeld}, plan.AccountEnabled, nil, false},
		{"another line", plan.Parked{Key: create, Code: activities.CodeTimeout, Attempts: 1}, plan.AccountEnabled, nil, false},
	} {
		account := plan.Account{Target: target, ID: "7c9e6679-7425-40de-944b-e07fc1f90ae7", State: tt.seen, Operations: 2}
		facts := plan.Facts{Accounts: []plan.Account{account}, Parked: []plan.Parked{tt.parked}}
		confirm(&facts, account, tt.running, now)
		done := len(facts.Parked) == 0 && len(facts.Done) == 1 && facts.Done[0].Key == enable && facts.Accounts[0].Operations == 3
		left := len(facts.Parked) == 1 && len(facts.Done) == 0 && facts.Accounts[0].Operations == 2
		if tt.done && !done || !tt.done && !left {
			t.Errorf("%s: parked %+v, done %+v", tt.name, facts.Parked, facts.Done)
		}
	}
}
