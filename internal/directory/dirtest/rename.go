package dirtest

import (
	"context"

	"tenure/internal/directory"
)

// renamed lets the cases call attributes by their own names where a directory
// has others: names maps the cases' to the directory's.
type renamed struct {
	directory.Target

	there, back map[string]string
}

// callingNames wraps every ability that shows attributes.
func callingNames(t directory.Target, names map[string]string) directory.Target {
	if len(names) == 0 {
		return t
	}
	r := &renamed{Target: t, there: names, back: map[string]string{}}
	for ours, theirs := range names {
		r.back[theirs] = ours
	}
	out := t
	out.Directory = r
	if t.Writer != nil {
		out.Writer = r
	}
	if t.Remover != nil {
		out.Remover = r
	}
	if t.Lister != nil {
		out.Lister = r
	}
	return out
}

func translated(values, names map[string]string) map[string]string {
	if values == nil {
		return nil
	}
	out := map[string]string{}
	for name, value := range values {
		out[called(name, names)] = value
	}
	return out
}

func called(name string, names map[string]string) string {
	if other, ok := names[name]; ok {
		return other
	}
	return name
}

func (r *renamed) one(a directory.Account, err error) (directory.Account, error) {
	a.Attributes = translated(a.Attributes, r.back)
	return a, err
}

func (r *renamed) all(list []directory.Account, err error) ([]directory.Account, error) {
	for i := range list {
		list[i].Attributes = translated(list[i].Attributes, r.back)
	}
	return list, err
}

func (r *renamed) Account(ctx context.Context, id string) (directory.Account, error) {
	return r.one(r.Target.Account(ctx, id))
}

func (r *renamed) AccountsByEmployeeID(ctx context.Context, employeeID string) ([]directory.Account, error) {
	return r.all(r.Target.AccountsByEmployeeID(ctx, employeeID))
}

func (r *renamed) AccountByUserName(ctx context.Context, userName string) (directory.Account, error) {
	return r.one(r.Target.AccountByUserName(ctx, userName))
}

func (r *renamed) CreateAccount(ctx context.Context, in directory.NewAccount) (directory.Account, error) {
	in.Attributes = translated(in.Attributes, r.there)
	return r.one(r.Writer.CreateAccount(ctx, in))
}

func (r *renamed) UpdateAccount(ctx context.Context, id string, change directory.Change) error {
	change.Set = translated(change.Set, r.there)
	names := make([]string, 0, len(change.Clear))
	for _, name := range change.Clear {
		names = append(names, called(name, r.there))
	}
	change.Clear = names
	return r.Writer.UpdateAccount(ctx, id, change)
}

func (r *renamed) SetManager(ctx context.Context, id, managerID string) error {
	return r.Writer.SetManager(ctx, id, managerID)
}

func (r *renamed) DeleteAccount(ctx context.Context, id string) error {
	return r.Remover.DeleteAccount(ctx, id)
}

func (r *renamed) DeletedAccounts(ctx context.Context, employeeID string) ([]directory.Account, error) {
	return r.all(r.Remover.DeletedAccounts(ctx, employeeID))
}

func (r *renamed) DeletedByUserName(ctx context.Context, userName string) ([]directory.Account, error) {
	return r.all(r.Remover.DeletedByUserName(ctx, userName))
}

func (r *renamed) RestoreAccount(ctx context.Context, id, userName string) (directory.Account, error) {
	return r.one(r.Remover.RestoreAccount(ctx, id, userName))
}

func (r *renamed) ListAccounts(ctx context.Context, visit func(directory.Account) error) error {
	return r.Lister.ListAccounts(ctx, func(a directory.Account) error {
		a, _ = r.one(a, nil)
		return visit(a)
	})
}
