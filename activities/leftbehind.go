package activities

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tenure/internal/directory"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// leftBehind counts what a leaver keeps, by kind.
type leftBehind map[string]int

func (l leftBehind) add(kind string) { l[kind]++ }

// String lists the kinds with their counts, sorted.
func (l leftBehind) String() string {
	var out []string
	for _, kind := range slices.Sorted(maps.Keys(l)) {
		out = append(out, fmt.Sprintf("%d %s", l[kind], kind))
	}
	return strings.Join(out, ", ")
}

// outcomeBefore is the outcome of the ledger row that is written first.
const outcomeBefore = "about to take away"

// recordBefore writes what a task is about to take away to the ledger before
// anything of it goes, so that it can be given back whatever happens next (S18).
func (j *job) recordBefore(ctx context.Context, task plan.Task) error {
	var before accessBefore
	if err := decodeImage(j.before, &before); err != nil {
		return err
	}
	row := j.row(task, "")
	row.Key, row.Kind, row.Outcome, row.Changes = task.Key+"/before", store.LedgerPlan, outcomeBefore, nil
	for _, id := range before.Groups {
		row.Changes = append(row.Changes, store.AttributeChange{Attribute: "group", Before: id})
	}
	for _, sku := range before.Licenses {
		row.Changes = append(row.Changes, store.AttributeChange{Attribute: "licence", Before: sku})
	}
	if len(row.Changes) == 0 {
		return nil
	}
	if err := j.deps.Store.Append(ctx, row); err != nil {
		return fmt.Errorf("write what was there: %w", err)
	}
	return nil
}

// raiseLeftBehind tells what is not ours to end: memberships that are mastered
// elsewhere, and what the account owns (S18). The groups are gone by now, so a
// target that does not show ownerships to us stops nothing.
func (j *job) raiseLeftBehind(ctx context.Context, task plan.Task, stay leftBehind) error {
	if j.target.Protections != nil {
		owned, err := j.target.Protections.Ownerships(ctx, j.live.ID)
		if err != nil && !errors.Is(err, directory.ErrDenied) {
			return fmt.Errorf("list what the account owns: %w", err)
		}
		for _, one := range owned {
			stay.add("owned " + one.Kind)
		}
	}
	if len(stay) > 0 {
		j.attention = append(j.attention, plan.Attention{
			Code: attentionLeftBehind, Key: task.Key,
			Text: fmt.Sprintf("stays in %s: %s; end the memberships where they are mastered, and name other owners", j.rules.Name, stay),
		})
	}
	return nil
}
