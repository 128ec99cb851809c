package activities

import (
	"slices"
	"strings"
	"time"

	"tenure/internal/directory"
	"tenure/internal/plan"
)

// undoFormer takes back what the tasks of a leave wrote to the account of somebody
// who is here for another stay: nobody works hidden from the address lists, among
// the leavers and marked as one. What was there before is not given back, but for
// the container, since an account lies somewhere. What somebody else wrote since
// stays, and what the mapping makes it has made itself.
func (j *job) undoFormer(task plan.Task, change *directory.Change) {
	for _, removed := range j.account.Removed {
		name := removed.ID
		_, set := change.Set[name]
		switch {
		case !isFormer(removed, task), removed.Wrote == "", !strings.EqualFold(j.live.Attributes[name], removed.Wrote):
		case set, slices.Contains(change.Clear, name), j.isMapped(name):
		case name != containerAttribute:
			change.Clear = append(change.Clear, name)
		case removed.Value != "":
			change.Set[name] = removed.Value
		}
	}
}

// isFormer reports whether an attribute was written in a stay other than the task's.
func isFormer(removed plan.Removed, task plan.Task) bool {
	return removed.Kind == removedAttribute && task.Stay != "" && removed.Stay != task.Stay
}

// removedBut is what is kept to be given back, without what other stays wrote.
func (j *job) removedBut(task plan.Task) []plan.Removed {
	return slices.DeleteFunc(slices.Clone(j.account.Removed), func(r plan.Removed) bool { return isFormer(r, task) })
}

// expiresAttribute is when an account of Active Directory ends by itself.
const expiresAttribute = "accountExpires"

// unexpire clears the instant at which the account of a former contract ended, where
// it is ours and HR states none now: who is let in again could not sign in.
func (j *job) unexpire(made plan.WantedAttributes, change *directory.Change) {
	ends, err := time.Parse(time.RFC3339, j.live.Attributes[expiresAttribute])
	over := err == nil && !ends.After(j.Now)
	if over && j.isMapped(expiresAttribute) && made.Set[expiresAttribute] == "" && !slices.Contains(change.Clear, expiresAttribute) {
		change.Clear = append(change.Clear, expiresAttribute)
	}
}
