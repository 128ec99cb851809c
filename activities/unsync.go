package activities

import (
	"fmt"

	"tenure/internal/directory"
	"tenure/internal/plan"
)

// keptInSync lets no change take an account out of the synchronisation that nobody
// agreed to: the account and the mailbox in the cloud would be deleted (S17). Where
// the move is not what the task is for, the rest is done.
func (j *job) keptInSync(task plan.Task, change directory.Change) (directory.Change, error) {
	container := change.Set[containerAttribute]
	if j.Batch.Counterpart == "" || container == "" || j.rules.Syncs(container) || task.Unsyncs || j.answered(task) {
		return change, nil
	}
	switch task.Verb {
	case plan.Create, plan.Enable, plan.Restore:
		delete(change.Set, containerAttribute)
		return change, nil
	default:
		return change, failForHuman(CodeLeavesSync, fmt.Sprintf("the container is not synchronised: the account and the mailbox in %s would be deleted; retry to move the account all the same, or skip", j.Batch.Counterpart))
	}
}
