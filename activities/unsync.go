package activities

import (
	"context"
	"fmt"

	"tenure/internal/directory"
	"tenure/internal/lifecycle"
	"tenure/internal/plan"
)

// keptInSync lets no change take an account out of the synchronisation that nobody
// agreed to: the account and the mailbox in the cloud would be deleted (S17). Where
// the move is not what the task is for, the rest is done.
func (j *job) keptInSync(task plan.Task, change directory.Change) (directory.Change, error) {
	if !j.leavesSync(change) || task.Unsyncs || j.answered(task) {
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

// leavesSync reports whether a change takes the account out of the synchronisation,
// so that the one in the cloud is deleted.
func (j *job) leavesSync(change directory.Change) bool {
	container := change.Set[containerAttribute]
	return j.Batch.Counterpart != "" && container != "" && !j.rules.Syncs(container)
}

// admitLoss asks the budget of deletes of the target that loses the account by a
// move: it is a delete there, whichever directory it is done in (S15, S17). What
// goes behind the delete line of that target has taken from it already.
func (j *job) admitLoss(ctx context.Context, task plan.Task, key string) error {
	cloud := task.Loses
	if cloud == "" && !task.Unsyncs && j.answered(task) {
		cloud = j.Batch.Counterpart
	}
	rules, found := j.policy.Target(cloud)
	if !found {
		return nil
	}
	moves, err := j.movesOutOfSync(ctx, task)
	if err != nil || !moves {
		return err
	}
	_, paused, err := j.deps.Store.Paused(ctx, cloud)
	switch {
	case err != nil:
		return storeError(err)
	case paused:
		return fail(CodePaused, fmt.Sprintf("target %s is paused, and would lose the account", cloud))
	}
	take := j.takeOf(task, lifecycle.LimitDelete, key)
	take.Budget = budgetIn(rules, lifecycle.LimitDelete)
	return j.take(ctx, take)
}

// movesOutOfSync reports whether what a task wants differs so from what is there.
func (j *job) movesOutOfSync(ctx context.Context, task plan.Task) (bool, error) {
	live, err := j.find(ctx)
	if err != nil || live == nil {
		return false, err
	}
	if task.Verb == plan.Update {
		return j.leavesSync(difference(*live, plan.AttributesWanted(&j.rules, j.mappingScope(j.view(task))))), nil
	}
	if !writesAttributes(lifecycle.TaskKind(task.Verb)) {
		return false, nil
	}
	defined, err := j.definition(task)
	if err != nil {
		return false, err
	}
	wanted, err := j.attributesOf(task, defined)
	if err != nil {
		return false, err
	}
	return j.leavesSync(difference(*j.live, wanted)), nil
}
