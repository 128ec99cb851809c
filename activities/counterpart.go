package activities

import (
	"context"
	"fmt"
	"slices"

	"tenure/internal/directory"
	"tenure/internal/directory/with"
	"tenure/internal/plan"
)

// lookFor looks for an account that is not linked: by the anchor of the account
// that it comes from where that is known, else by employee number.
func (j *job) lookFor(ctx context.Context) (*directory.Account, error) {
	anchor, err := j.sourceAnchor(ctx)
	switch {
	case err != nil:
		return nil, err
	case anchor != "":
		return j.findByAnchor(ctx, anchor)
	default:
		return j.findByNumber(ctx)
	}
}

// sourceAnchor reads the anchor of the person's account in the domain from which
// the accounts of this target come; "" where none is known there.
func (j *job) sourceAnchor(ctx context.Context) (string, error) {
	if j.Source == nil || j.Source.ID == "" {
		return "", nil
	}
	source, err := j.deps.Target(ctx, j.policy.Policy, j.Source.Target)
	if err != nil {
		return "", fmt.Errorf("open target %s: %w", j.Source.Target, err)
	}
	origin, err := accountIfAny(ctx, with.ReadOnly(source), j.Source.ID)
	switch {
	case err != nil:
		return "", fmt.Errorf("read account in %s: %w", j.Source.Target, err)
	case origin != nil:
		return origin.Anchor, nil
	case j.Batch.Activity == plan.ActivityCut:
		return "", nil // access is cut whatever became of the other account
	default:
		return "", j.noCounterpart()
	}
}

// noCounterpart is why nothing is done yet where accounts come from elsewhere.
func (j *job) noCounterpart() error {
	return fail(CodeNoCounterpart, fmt.Sprintf("accounts come to %s from %s: this person's has not come yet", j.rules.Name, j.rules.SyncedFrom))
}

// findByAnchor finds the counterpart of the person's account in the other
// directory. What carries the number and comes from elsewhere is a question, and
// never taken (S14, S17).
func (j *job) findByAnchor(ctx context.Context, anchor string) (*directory.Account, error) {
	number, _ := j.Record.Attributes.Get(employeeIDAttribute)
	var hits []directory.Account
	if number != "" {
		var err error
		if hits, err = j.target.AccountsByEmployeeID(ctx, number); err != nil {
			return nil, fmt.Errorf("find account by employee number: %w", err)
		}
	}
	comes := func(a directory.Account) bool { return a.Synced && a.Anchor == anchor }
	found := slices.DeleteFunc(j.notRefused(hits), func(a directory.Account) bool { return !comes(a) })
	if len(found) == 0 && j.target.Anchors != nil {
		var err error
		if found, err = j.target.Anchors.AccountsByAnchor(ctx, anchor); err != nil {
			return nil, fmt.Errorf("find account by anchor: %w", err)
		}
		found = slices.DeleteFunc(j.notRefused(found), func(a directory.Account) bool { return !comes(a) })
	}
	switch {
	case len(found) > 1:
		return nil, fail(CodeAmbiguous, fmt.Sprintf("%d accounts in %s come from this person's account in %s: link one of them", len(found), j.rules.Name, j.Source.Target))
	case len(found) == 1:
		return j.takeCounterpart(ctx, found[0], number)
	default:
		return j.withoutAnchor(ctx, hits)
	}
}

// takeCounterpart takes the account that the anchor names, unless its number says
// that it is somebody else's.
func (j *job) takeCounterpart(ctx context.Context, live directory.Account, number string) (*directory.Account, error) {
	if err := j.checkFree(ctx, live); err != nil {
		return nil, err
	}
	if live.EmployeeID != "" && number != "" && live.EmployeeID != number {
		j.others = []directory.Account{live}
		return nil, fail(CodeProposed, "account "+live.ID+" comes from this person's account in "+j.Source.Target+", but carries another employee number")
	}
	j.anchored = true
	return &live, nil
}

// withoutAnchor judges accounts that carry the number and not the anchor: one
// that tells no anchor may be the counterpart, any other is not.
func (j *job) withoutAnchor(ctx context.Context, hits []directory.Account) (*directory.Account, error) {
	if len(hits) == 0 {
		return nil, nil
	}
	ours, err := j.ours(ctx, hits)
	if err != nil {
		return nil, err
	}
	if len(ours) == 1 {
		return &ours[0], nil
	}
	j.others = hits
	if hits = j.notRefused(hits); len(hits) == 0 {
		return nil, nil
	}
	if len(hits) > 1 {
		return nil, fail(CodeAmbiguous, fmt.Sprintf("%d accounts in %s carry this employee number, and none comes from this person's account in %s: link one of them, or leave the number on one", len(hits), j.rules.Name, j.Source.Target))
	}
	live := hits[0]
	if err := j.checkFree(ctx, live); err != nil {
		return nil, err
	}
	switch {
	case !live.Synced:
		return nil, fail(CodeProposed, "account "+live.ID+" carries this employee number and comes from nowhere: the one that "+j.Source.Target+" sends has not come")
	case live.Anchor != "":
		return nil, fail(CodeProposed, "account "+live.ID+" carries this employee number, but comes from another account than this person's in "+j.Source.Target)
	case !namesAgree(j.Record.Attributes, live):
		return nil, fail(CodeProposed, "account "+live.ID+" carries this employee number, but the name of somebody else")
	default:
		return &live, nil
	}
}

// linkedHow says how the account that was found became the person's.
func (j *job) linkedHow() string {
	if j.anchored {
		return plan.LinkedByAnchor
	}
	return plan.LinkedByNumber
}
