package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tenure/internal/directory"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// The attributes of a record that activities read by name.
const (
	employeeIDAttribute   = "employeeId"
	managerKindAttribute  = "managerRef.kind"
	managerValueAttribute = "managerRef.value"
)

// ChangeAccount makes the account, its manager, groups and licences as the
// tasks want them. Already done is what the target shows already; only
// differences are written.
func (t *Tasks) ChangeAccount(ctx context.Context, in TaskInput) (TaskResult, error) {
	return t.run(ctx, in, accessImage, func(ctx context.Context, j *job, task plan.Task) (string, error) {
		switch task.Verb {
		case plan.Create:
			return j.tellingReports(ctx, task, j.ensureAccount)
		case plan.Update:
			return j.updateAccount(ctx, task)
		case plan.Enable:
			return j.tellingReports(ctx, task, j.enableAccount)
		case plan.Restore:
			return j.restoreAccess(ctx, task)
		case plan.Link:
			return j.linkAccount(ctx, task)
		case plan.Unlink:
			return j.unlinkAccount(ctx)
		default:
			return j.changeAccess(ctx, task)
		}
	})
}

// ensureAccount makes the account, or finds the one that an earlier attempt
// made, or brings a deleted one back. An account of others that may be the
// person's is a question, unless a human said that none is (S14).
func (j *job) ensureAccount(ctx context.Context, task plan.Task) (string, error) {
	code := ""
	live, err := j.find(ctx)
	if asksMatch(err) && j.mayMakeNew(task) {
		j.refuse(err)
		live, err = nil, nil
	}
	switch {
	case err != nil:
		return "", err
	case live != nil:
		code = "found"
	case j.rules.SyncedFrom != "":
		return "", j.noCounterpart()
	default:
		if live, err = j.restore(ctx, task); err != nil {
			return "", err
		}
		if live != nil {
			code = "restored"
		}
	}
	if live != nil {
		if err := j.link(ctx, *live); err != nil {
			return "", err
		}
		if j.anchored {
			j.account.Linked = plan.LinkedByAnchor
		}
		return code, j.writeDifference(ctx, task, &task.Enabled)
	}
	return "", j.create(ctx, task)
}

// mayMakeNew reports whether a human said that no account which is there is the
// person's. Who ran the line before anybody had looked did not say so.
func (j *job) mayMakeNew(task plan.Task) bool { return task.New || j.answered(task) }

// answered reports whether a human has seen what an earlier attempt at the task
// asked, and wants it all the same.
func (j *job) answered(task plan.Task) bool { return slices.Contains(j.Answered, task.Key) }

// find looks the account up: by its link, else by anchor or employee number. nil
// where there is none.
func (j *job) find(ctx context.Context) (*directory.Account, error) {
	if j.live != nil || j.absent {
		return j.live, nil
	}
	if j.account.ID != "" {
		live, err := j.target.Account(ctx, j.account.ID)
		if err == nil {
			j.live = &live
			return j.live, nil
		}
		if !errors.Is(err, directory.ErrNotFound) {
			return nil, fmt.Errorf("read account: %w", err)
		}
		// The object may be deleted, or may not have replicated yet.
	}
	live, err := j.lookFor(ctx)
	j.live, j.absent = live, live == nil && err == nil
	return live, err
}

// mustFind is find where an account has to exist.
func (j *job) mustFind(ctx context.Context) (*directory.Account, error) {
	live, err := j.find(ctx)
	if err != nil {
		return nil, err
	}
	if live == nil {
		return nil, failForNow(CodeNoAccount, "this person has no account in "+j.rules.Name)
	}
	return live, j.link(ctx, *live)
}

// link claims the object for this journey, so that two never share an account.
func (j *job) link(ctx context.Context, live directory.Account) error {
	claim := store.Claim{
		Target: j.rules.Name, Attribute: store.ObjectIDAttribute, Value: live.ID,
		Owner: j.Journey, State: store.ClaimHeld, At: j.Now,
	}
	if err := j.deps.Store.Hold(ctx, claim); err != nil {
		if _, taken := errors.AsType[*store.ClaimedError](err); taken {
			return fail(CodeForeignAccount, "the account belongs to another journey: two records share an employee number")
		}
		return fmt.Errorf("claim account: %w", err)
	}
	j.live = &live
	if j.account.ID != live.ID {
		j.account.Number = live.EmployeeID
	}
	j.account.ID, j.account.UserName, j.account.Synced = live.ID, live.UserName, live.Synced
	if j.account.State != plan.AccountDisabled || live.Enabled {
		j.account.State = stateOf(live)
	}
	return nil
}

func stateOf(live directory.Account) plan.AccountState {
	if live.Enabled {
		return plan.AccountEnabled
	}
	return plan.AccountDisabled
}

// create makes a new account under the first free name.
func (j *job) create(ctx context.Context, task plan.Task) error {
	view := j.view(task)
	employeeID, _ := view.Get(employeeIDAttribute)
	if employeeID == "" {
		return fail(CodeNoEmployeeID, "the record has no employeeId, which accounts are found again by: map it in the feed")
	}
	if !j.mayMakeNew(task) {
		if err := j.proposeByMail(ctx, view); err != nil {
			return err
		}
	}
	wanted, err := j.mapForCreate(view)
	if err != nil {
		return err
	}
	managerID, err := j.managerID(ctx, view)
	if err != nil {
		return err
	}
	j.account.Linked, j.account.AdoptedAt = "", time.Time{}
	j.account.Removed = j.removedBut(task)
	account := directory.NewAccount{EmployeeID: employeeID, Enabled: task.Enabled, Attributes: wanted.Set, ManagerID: managerID}
	live, err := j.createNamed(ctx, task, view, account)
	if err != nil {
		return err
	}
	j.changes = append(j.changes, store.AttributeChange{Attribute: userNameAttribute, After: live.UserName})
	for _, name := range sortedKeys(wanted.Set) {
		j.changes = append(j.changes, store.AttributeChange{Attribute: name, After: wanted.Set[name]})
	}
	if live.Enabled {
		j.changes = append(j.changes, store.AttributeChange{Attribute: enabledAttribute, After: strconv.FormatBool(true)})
	}
	if err := j.link(ctx, live); err != nil {
		return err
	}
	if managerID != "" && live.ManagerID == "" {
		if _, err := j.setManager(ctx, view, managerID); err != nil {
			return err
		}
	}
	j.written(task)
	return j.wakeWaiters(ctx, view)
}

// updateAccount writes what differs. Existing staff without an account get none.
func (j *job) updateAccount(ctx context.Context, task plan.Task) (string, error) {
	live, err := j.find(ctx)
	if err != nil {
		return "", err
	}
	if live == nil {
		j.account.State = plan.AccountNone
		j.written(task)
		return CodeNoAccount, nil
	}
	if err := j.link(ctx, *live); err != nil {
		return "", err
	}
	return "", j.writeDifference(ctx, task, nil)
}

// enableAccount lets the person sign in.
func (j *job) enableAccount(ctx context.Context, task plan.Task) (string, error) {
	live, err := j.mustFind(ctx)
	if err != nil {
		return "", err
	}
	enabled := true
	code := ""
	if live.Enabled {
		code = "was enabled"
	}
	return code, j.writeDifference(ctx, task, &enabled)
}

// writeDifference brings the mapped attributes, the manager and, where wanted is
// not nil, the enabled state to what they should be.
func (j *job) writeDifference(ctx context.Context, task plan.Task, wanted *bool) error {
	view := j.view(task)
	made := plan.AttributesWanted(&j.rules, j.mappingScope(view))
	change := difference(*j.live, made)
	// Nothing is disabled here: that is CutAccess's alone.
	enables := wanted != nil && *wanted && !j.live.Enabled
	if enables {
		if err := j.refuseProtected(ctx); err != nil {
			return err
		}
	}
	j.undoFormer(task, &change)
	if enables {
		j.unexpire(made, &change)
	}
	change, err := j.keptInSync(task, j.withoutMastered(change))
	if err != nil {
		return err
	}
	if enables && !j.live.Synced {
		change.Enabled = wanted
	}
	if !change.IsEmpty() {
		if err := j.update(ctx, change); err != nil {
			return err
		}
	}
	j.account.Removed = j.removedBut(task)
	if err := j.writeManager(ctx, view); err != nil {
		return err
	}
	j.raiseMastered()
	if change.Enabled != nil {
		j.live.Enabled = *change.Enabled
	}
	j.account.State = stateOf(*j.live)
	if j.live.Enabled {
		j.account.DisabledFor, j.account.FoundDisabled = "", false
	}
	j.written(task)
	if enables && !j.live.Enabled && task.Verb == plan.Enable {
		return j.waitsForSync("enable")
	}
	return j.wakeWaiters(ctx, view)
}

// update is the one place that writes attributes of an account that is there, and
// so the one that moves it.
func (j *job) update(ctx context.Context, change directory.Change) error {
	if err := j.mayTouch(ctx); err != nil {
		return err
	}
	if err := j.target.Writer.UpdateAccount(ctx, j.live.ID, change); err != nil {
		return fmt.Errorf("update account: %w", err)
	}
	j.noteChange(change)
	return nil
}

// written remembers what the account was made from.
func (j *job) written(task plan.Task) {
	j.account.Stay = task.Stay
	if task.Digest != "" {
		j.account.Written = task.Digest
	}
}

// difference is what has to be written: values that differ, and attributes to
// clear that have one.
func difference(live directory.Account, wanted plan.WantedAttributes) directory.Change {
	differs := wanted.Difference(live.Attributes)
	return directory.Change{Set: differs.Set, Clear: differs.Clear}
}

func (j *job) noteChange(change directory.Change) {
	for _, name := range sortedKeys(change.Set) {
		j.changes = append(j.changes, store.AttributeChange{Attribute: name, Before: j.live.Attributes[name], After: change.Set[name]})
	}
	for _, name := range change.Clear {
		j.changes = append(j.changes, store.AttributeChange{Attribute: name, Before: j.live.Attributes[name]})
	}
	if change.Enabled != nil {
		j.changes = append(j.changes, store.AttributeChange{
			Attribute: enabledAttribute, Before: strconv.FormatBool(j.live.Enabled), After: strconv.FormatBool(*change.Enabled),
		})
	}
}

// restore brings back the account that a journey deleted, under its old name
// where that is still its own.
func (j *job) restore(ctx context.Context, task plan.Task) (*directory.Account, error) {
	if j.account.ID == "" || j.rules.Account.Rehire == "new" {
		return nil, nil
	}
	employeeID, _ := j.Record.Attributes.Get(employeeIDAttribute)
	deleted, err := j.target.Remover.DeletedAccounts(ctx, employeeID)
	if err != nil {
		return nil, fmt.Errorf("list deleted accounts: %w", err)
	}
	for _, candidate := range deleted {
		if candidate.ID != j.account.ID {
			continue
		}
		live, err := j.target.Remover.RestoreAccount(ctx, candidate.ID, "")
		if _, taken := errors.AsType[*directory.ConflictError](err); taken {
			live, err = j.restoreRenamed(ctx, task, candidate)
		}
		if errors.Is(err, directory.ErrNotFound) {
			return nil, nil // purged in between: a new one is made
		}
		if err != nil {
			return nil, fmt.Errorf("restore account: %w", err)
		}
		return &live, nil
	}
	return nil, nil
}

func (j *job) restoreRenamed(ctx context.Context, task plan.Task, deleted directory.Account) (directory.Account, error) {
	var live directory.Account
	err := j.withFreeName(ctx, task, j.view(task), func(name string) error {
		var err error
		live, err = j.target.Remover.RestoreAccount(ctx, deleted.ID, name)
		return err
	})
	return live, err
}

// isSameName compares user names as directories do.
func isSameName(a, b string) bool { return strings.EqualFold(a, b) }
