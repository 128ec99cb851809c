package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// refuseHeld keeps what takes away or gives access from being done under a hold
// that came after the task was sent (S16). The journey cancels what is in flight,
// which is seen seconds later; its plan, which follows a hold at once, has written
// the hold to the people index by then.
func (j *job) refuseHeld(ctx context.Context, task plan.Task) error {
	if !matters(task) {
		return nil
	}
	kinds := j.Holds
	row, err := j.deps.Store.Person(ctx, j.Realm, j.Key)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return failForNow(CodeStore, fmt.Sprintf("read holds: %v", err))
	case !row.At.Before(j.Now.Truncate(time.Microsecond)):
		kinds = nil
		for _, kind := range row.Holds {
			kinds = append(kinds, plan.HoldKind(kind))
		}
	}
	for _, kind := range kinds {
		if kind.Keeps(task.Verb) || kind.Keeps(plan.Enable) && task.Enabled {
			return failForNow(CodeHeld, fmt.Sprintf("a hold of kind %s is in force", kind))
		}
	}
	return nil
}

// matters reports whether a task takes away what is hard to give back, or gives
// what is hard to take back.
func matters(task plan.Task) bool {
	switch task.Verb {
	case plan.Delete, plan.Enable, plan.Restore:
		return true
	case plan.Create:
		return task.Enabled
	default:
	}
	switch lifecycle.TaskKind(task.Verb) {
	case lifecycle.RemoveUserFromGroups, lifecycle.RemoveUserFromAllGroups, lifecycle.RemoveLicensesFromUser,
		lifecycle.RemoveAllLicenseAssignments, lifecycle.GenerateTemporaryAccessPass, lifecycle.GenerateInitialPassword:
		return true
	default:
		return false
	}
}
