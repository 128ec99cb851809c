package with

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tenure/internal/directory"
)

// ErrReadOnly is the answer to a call that would write in a target in which
// nothing may be written. It is no error of the target.
var ErrReadOnly = errors.New("nothing may be written in this target")

// ReadOnly refuses every call that writes.
func ReadOnly(t directory.Target) directory.Target {
	return Wrap(t, refuse(writing()))
}

// StampOnly refuses every call that writes, but for the employee number of an
// account.
func StampOnly(t directory.Target) directory.Target {
	stamps := t.Writer
	out := ReadOnly(t)
	if stamps != nil {
		out.Writer = stamper{AccountWriter: out.Writer, next: stamps}
	}
	return out
}

// writing are the verbs that change something.
func writing() []directory.Verb {
	return []directory.Verb{
		directory.VerbCreateAccount, directory.VerbUpdateAccount, directory.VerbSetManager, directory.VerbDeleteAccount,
		directory.VerbRestoreAccount, directory.VerbAddToGroup, directory.VerbRemoveFromGroup, directory.VerbChangeLicenses,
		directory.VerbRevokeSessions, directory.VerbReplacePassword, directory.VerbIssuePass, directory.VerbDeletePass,
	}
}

func refuse(verbs []directory.Verb) Around {
	return func(ctx context.Context, verb directory.Verb, next func(context.Context) error) error {
		if slices.Contains(verbs, verb) {
			return fmt.Errorf("%s: %w", verb, ErrReadOnly)
		}
		return next(ctx)
	}
}

// stamper lets one change through.
type stamper struct {
	directory.AccountWriter
	next directory.AccountWriter
}

func (s stamper) UpdateAccount(ctx context.Context, id string, change directory.Change) error {
	_, stamps := change.Set[directory.EmployeeIDAttribute]
	if stamps && len(change.Set) == 1 && len(change.Clear) == 0 && change.Enabled == nil {
		return s.next.UpdateAccount(ctx, id, change)
	}
	return s.AccountWriter.UpdateAccount(ctx, id, change)
}
