package activities

import (
	"fmt"
	"slices"
	"strings"

	"tenure/internal/directory"
	"tenure/internal/plan"
)

// attentionSynced tells which attributes were not written, since they are
// mastered on premises.
const attentionSynced = "mastered-elsewhere"

// LookAttention are the codes of attention that hold until the account is looked
// at again.
func LookAttention() []string { return append(ManagerAttention(), attentionSynced) }

// withoutMastered takes from a change to a synced account what the target lets
// only its other directory write, and says so (S17).
func (j *job) withoutMastered(change directory.Change) directory.Change {
	if !j.live.Synced {
		return change
	}
	own := j.target.Capabilities().SyncedWritable
	out := directory.Change{Set: map[string]string{}}
	for _, name := range sortedKeys(change.Set) {
		if slices.Contains(own, name) {
			out.Set[name] = change.Set[name]
		} else {
			j.mastered = append(j.mastered, name)
		}
	}
	for _, name := range change.Clear {
		if slices.Contains(own, name) {
			out.Clear = append(out.Clear, name)
		} else {
			j.mastered = append(j.mastered, name)
		}
	}
	return out
}

// raiseMastered tells what was left to the other directory.
func (j *job) raiseMastered() {
	if len(j.mastered) == 0 {
		return
	}
	slices.Sort(j.mastered)
	j.attention = append(j.attention, plan.Attention{
		Code: attentionSynced, Key: plan.AccountWorkflow + j.rules.Name,
		Text: fmt.Sprintf("mastered on premises, so not written in %s: %s", j.rules.Name, strings.Join(j.mastered, ", ")),
	})
	j.mastered = nil
}

// waitsForSync is why a disable of a synced account is not done: the account
// stays enabled until the directory in which it is mastered says otherwise.
func (j *job) waitsForSync(what string) error {
	return fail(CodeSynced, fmt.Sprintf("the account in %s is mastered on premises: %s it there; it is looked at again", j.rules.Name, what))
}
