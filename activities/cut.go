package activities

import (
	"context"
	"fmt"
	"time"

	"tenure/internal/directory"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// CutAccess takes sign-in away as one unit: the account is disabled, its passes
// are deleted, its sessions revoked (S5). Already done is an account that is
// disabled, has no pass and whose sessions were revoked by this task; a person
// without an account has nothing to cut.
func (t *Tasks) CutAccess(ctx context.Context, in TaskInput) (TaskResult, error) {
	return t.run(ctx, in, nil, func(ctx context.Context, j *job, task plan.Task) (string, error) {
		live, err := j.find(ctx)
		if err != nil {
			return "", err
		}
		if live == nil {
			if err := j.surelyGone(task); err != nil {
				return "", err
			}
			j.account.State = plan.AccountNone
			return CodeNoAccount, nil
		}
		if err := j.link(ctx, *live); err != nil {
			return "", err
		}
		// A number that HR changed since keeps no access open (S5).
		if err := j.checkLink(task, j.account.Number); err != nil {
			return "", err
		}
		if err := j.refuseProtected(ctx); err != nil {
			if !live.Enabled && outcomeOf("", err).Code == CodeProtected {
				// A human did what nobody else may.
				return CodeProtected, nil
			}
			return "", err
		}
		if err := j.cut(ctx, task); err != nil {
			return "", err
		}
		return "", j.tellReports(ctx, task)
	})
}

// missingTries is how often an account that was there is looked for before it
// counts as gone: targets may hide what they have just made.
const missingTries = 3

// surelyGone refuses to call access cut that could not be looked for.
func (j *job) surelyGone(task plan.Task) error {
	employeeID, _ := j.Record.Attributes.Get(employeeIDAttribute)
	if j.account.ID == "" && employeeID == "" && j.account.State == plan.AccountUnknown {
		return fail(CodeNoEmployeeID, "nobody can tell whether this person has an account in "+j.rules.Name+": look for it by hand, then skip")
	}
	return j.goneForNow(task)
}

// goneForNow looks again for an account that was there before it counts as gone.
func (j *job) goneForNow(task plan.Task) error {
	known := j.account.State == plan.AccountEnabled || j.account.State == plan.AccountDisabled
	if j.account.ID != "" && known && task.Attempt < missingTries {
		return failForNow(CodeNoAccount, "the account is not there or not visible yet: it is looked for again before it counts as gone")
	}
	return nil
}

// cut takes away what it can. Where the account is mastered elsewhere it is tried
// again until the target shows it disabled, so that no new session lasts (S17).
func (j *job) cut(ctx context.Context, task plan.Task) error {
	waits := j.live.Enabled && j.live.Synced
	j.account.FoundDisabled = j.account.FoundDisabled || !j.live.Enabled && !j.retried && j.believedUntouched()
	if j.live.Enabled && !waits {
		disabled := false
		change := directory.Change{Enabled: &disabled}
		if err := j.target.Writer.UpdateAccount(ctx, j.live.ID, change); err != nil {
			return fmt.Errorf("disable account: %w", err)
		}
		j.noteChange(change)
		j.live.Enabled = false
	}
	if err := j.replacePassword(ctx, task); err != nil {
		return err
	}
	if err := j.deletePasses(ctx); err != nil {
		return err
	}
	if j.target.Sessions != nil {
		if err := j.target.Sessions.RevokeSessions(ctx, j.live.ID); err != nil {
			return fmt.Errorf("revoke sessions: %w", err)
		}
	}
	if waits {
		if err := j.recordStep(ctx, task, stepSessions, outcomeSessions); err != nil {
			return err
		}
		return j.waitsForSync("disable")
	}
	j.account.State = plan.AccountDisabled
	j.account.DisabledAt, j.account.DisabledFor = j.Now, task.Stay
	return nil
}

// believedUntouched reports whether, as far as the journey knew, nobody of us had
// disabled the account: it was enabled, or stood as it was found.
func (j *job) believedUntouched() bool {
	known := j.Account
	return known.State == plan.AccountEnabled ||
		known.State == plan.AccountDisabled && !known.AdoptedAt.IsZero() && known.DisabledFor == ""
}

// deletePasses leaves no pass behind, whoever issued it.
func (j *job) deletePasses(ctx context.Context) error {
	if j.target.Passes == nil {
		return nil
	}
	passes, err := j.target.Passes.Passes(ctx, j.live.ID)
	if err != nil {
		return fmt.Errorf("list passes: %w", err)
	}
	for _, pass := range passes {
		if err := j.target.Passes.DeletePass(ctx, j.live.ID, pass.ID); err != nil {
			return fmt.Errorf("delete pass: %w", err)
		}
	}
	j.account.Passes = nil
	return nil
}

// DeleteAccount removes the account. Right before, it must be the same object
// with the same employee number, still disabled by us and not synced; anything
// else asks (S7). Already done is an account that is gone.
func (t *Tasks) DeleteAccount(ctx context.Context, in TaskInput) (TaskResult, error) {
	return t.run(ctx, in, nil, func(ctx context.Context, j *job, task plan.Task) (string, error) {
		if j.account.ID == "" {
			j.account.State = plan.AccountNone
			return CodeNoAccount, nil
		}
		live, err := accountIfAny(ctx, j.target, j.account.ID)
		if err != nil {
			return "", err
		}
		if live != nil {
			j.live, j.account.Synced = live, live.Synced
			if err := j.checkLink(task); err != nil {
				return "", err
			}
			if err := j.refuseProtected(ctx); err != nil {
				return "", err
			}
			if live.Synced {
				return "", j.waitsForSync("delete")
			}
			why, differs := j.deleteRefusal(*live)
			// Who approved before anybody had looked did not agree to this.
			agreed := j.Approved && !differs || j.answered(task)
			if why != "" && !agreed {
				return "", failForHuman(CodeDeleteRefused, why+": look at the account, then retry to delete it or skip to keep it")
			}
			if err := j.target.Remover.DeleteAccount(ctx, live.ID); err != nil {
				return "", fmt.Errorf("delete account: %w", err)
			}
		}
		j.account.State, j.account.DeletedAt = plan.AccountDeleted, j.Now
		j.account.Passes, j.account.Written = nil, ""
		return "", j.quarantineName(ctx)
	})
}

// deleteRefusal says why an account must not be deleted without a human, and
// whether that is a difference which only the target shows.
func (j *job) deleteRefusal(live directory.Account) (why string, differs bool) {
	switch {
	case live.Enabled:
		return "the account was enabled since", true
	case j.account.DisabledAt.IsZero():
		return "the account was not disabled by Tenure", false
	default:
		return "", false
	}
}

// quarantineName keeps the leaver's name from others for as long as the policy
// says. The account itself stays the journey's, and is no longer one that Tenure
// holds: a share of those is what budgets count.
func (j *job) quarantineName(ctx context.Context) error {
	claims, err := j.deps.Store.Claims(ctx, j.Journey)
	if err != nil {
		return fmt.Errorf("list names: %w", err)
	}
	for _, claim := range claims {
		named := claim.Attribute == userNameAttribute
		if claim.Target != j.rules.Name || !named && claim.Attribute != store.ObjectIDAttribute {
			continue
		}
		claim.At, claim.Until = j.Now, time.Time{}
		if named && !j.rules.Names.QuarantineNever {
			claim.Until = j.Now.AddDate(0, 0, j.rules.Names.Quarantine.Days).Add(j.rules.Names.Quarantine.Instant)
		}
		if err := j.deps.Store.Quarantine(ctx, claim); err != nil {
			return fmt.Errorf("quarantine name: %w", err)
		}
	}
	return nil
}
