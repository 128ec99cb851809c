package activities

import (
	"context"
	"fmt"

	"tenure/internal/lifecycle"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// The steps of a disable that the ledger tells by themselves: what stands behind
// the task's key, and the outcome.
const (
	stepPassword    = "password"
	outcomePassword = "password replaced twice, known to nobody"
	stepSessions    = "sessions"
	outcomeSessions = "sessions revoked; the cloud shows the account enabled"
)

// replacePassword takes from a leaver in a domain what the person knows: a
// password would open what asks no controller whether the account is disabled.
func (j *job) replacePassword(ctx context.Context, task plan.Task) error {
	if !task.Leaves || j.rules.Kind != lifecycle.KindAD || j.target.Passwords == nil {
		return nil
	}
	if err := j.target.Passwords.ReplacePassword(ctx, j.live.ID); err != nil {
		return fmt.Errorf("replace password: %w", err)
	}
	return j.recordStep(ctx, task, stepPassword, outcomePassword)
}

// recordStep tells the ledger of a part of a task that is done, once.
func (j *job) recordStep(ctx context.Context, task plan.Task, step, outcome string) error {
	row := j.row(task, "")
	row.Key, row.Kind, row.Outcome, row.Changes = task.Key+"/"+step, store.LedgerPlan, outcome, nil
	if err := j.deps.Store.Append(ctx, row); err != nil {
		return fmt.Errorf("write step: %w", err)
	}
	return nil
}
