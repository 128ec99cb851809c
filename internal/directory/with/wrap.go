package with

import (
	"context"

	"tenure/internal/directory"
)

// Around is called in place of one call of a verb. It calls next once, or
// returns an error and does not.
type Around func(ctx context.Context, verb directory.Verb, next func(context.Context) error) error

// Wrap puts an Around about every ability that the target has.
func Wrap(t directory.Target, around Around) directory.Target {
	out := directory.Target{Directory: looker{t.Directory, around}}
	if t.Anchors != nil {
		out.Anchors = anchors{t.Anchors, around}
	}
	if t.Writer != nil {
		out.Writer = writer{t.Writer, around}
	}
	if t.Remover != nil {
		out.Remover = remover{t.Remover, around}
	}
	if t.Groups != nil {
		out.Groups = groups{t.Groups, around}
	}
	if t.Licenses != nil {
		out.Licenses = licenses{t.Licenses, around}
	}
	if t.Sessions != nil {
		out.Sessions = sessions{t.Sessions, around}
	}
	if t.Passes != nil {
		out.Passes = passes{t.Passes, around}
	}
	if t.Passwords != nil {
		out.Passwords = passwords{t.Passwords, around}
	}
	if t.Lister != nil {
		out.Lister = lister{t.Lister, around}
	}
	if t.Protections != nil {
		out.Protections = protections{t.Protections, around}
	}
	if t.Inspector != nil {
		out.Inspector = inspector{t.Inspector, around}
	}
	return out
}

// value runs a call that has a result within an Around.
func value[T any](ctx context.Context, around Around, verb directory.Verb, call func(context.Context) (T, error)) (T, error) {
	var out T
	err := around(ctx, verb, func(ctx context.Context) error {
		var err error
		out, err = call(ctx)
		return err
	})
	return out, err
}

type looker struct {
	next   directory.Directory
	around Around
}

func (l looker) Name() string { return l.next.Name() }

func (l looker) Capabilities() directory.Capabilities { return l.next.Capabilities() }

func (l looker) Account(ctx context.Context, id string) (directory.Account, error) {
	return value(ctx, l.around, directory.VerbAccount, func(ctx context.Context) (directory.Account, error) {
		return l.next.Account(ctx, id)
	})
}

func (l looker) AccountsByEmployeeID(ctx context.Context, employeeID string) ([]directory.Account, error) {
	return value(ctx, l.around, directory.VerbAccountsByEmployeeID, func(ctx context.Context) ([]directory.Account, error) {
		return l.next.AccountsByEmployeeID(ctx, employeeID)
	})
}

func (l looker) AccountByUserName(ctx context.Context, userName string) (directory.Account, error) {
	return value(ctx, l.around, directory.VerbAccountByUserName, func(ctx context.Context) (directory.Account, error) {
		return l.next.AccountByUserName(ctx, userName)
	})
}

type anchors struct {
	next   directory.AnchorFinder
	around Around
}

func (a anchors) AccountsByAnchor(ctx context.Context, anchor string) ([]directory.Account, error) {
	return value(ctx, a.around, directory.VerbAccountsByAnchor, func(ctx context.Context) ([]directory.Account, error) {
		return a.next.AccountsByAnchor(ctx, anchor)
	})
}

type writer struct {
	next   directory.AccountWriter
	around Around
}

func (w writer) CreateAccount(ctx context.Context, in directory.NewAccount) (directory.Account, error) {
	return value(ctx, w.around, directory.VerbCreateAccount, func(ctx context.Context) (directory.Account, error) {
		return w.next.CreateAccount(ctx, in)
	})
}

func (w writer) UpdateAccount(ctx context.Context, id string, change directory.Change) error {
	if change.IsEmpty() {
		return nil // nothing is asked of the target, so nothing is drawn
	}
	return w.around(ctx, directory.VerbUpdateAccount, func(ctx context.Context) error {
		return w.next.UpdateAccount(ctx, id, change)
	})
}

func (w writer) SetManager(ctx context.Context, id, managerID string) error {
	return w.around(ctx, directory.VerbSetManager, func(ctx context.Context) error {
		return w.next.SetManager(ctx, id, managerID)
	})
}

type remover struct {
	next   directory.AccountRemover
	around Around
}

func (r remover) DeleteAccount(ctx context.Context, id string) error {
	return r.around(ctx, directory.VerbDeleteAccount, func(ctx context.Context) error {
		return r.next.DeleteAccount(ctx, id)
	})
}

func (r remover) DeletedAccounts(ctx context.Context, employeeID string) ([]directory.Account, error) {
	return value(ctx, r.around, directory.VerbDeletedAccounts, func(ctx context.Context) ([]directory.Account, error) {
		return r.next.DeletedAccounts(ctx, employeeID)
	})
}

func (r remover) DeletedByUserName(ctx context.Context, userName string) ([]directory.Account, error) {
	return value(ctx, r.around, directory.VerbDeletedAccounts, func(ctx context.Context) ([]directory.Account, error) {
		return r.next.DeletedByUserName(ctx, userName)
	})
}

func (r remover) RestoreAccount(ctx context.Context, id, userName string) (directory.Account, error) {
	return value(ctx, r.around, directory.VerbRestoreAccount, func(ctx context.Context) (directory.Account, error) {
		return r.next.RestoreAccount(ctx, id, userName)
	})
}
