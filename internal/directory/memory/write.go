package memory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tenure/internal/directory"
)

// CreateAccount makes a new account.
func (d *Directory) CreateAccount(ctx context.Context, in directory.NewAccount) (directory.Account, error) {
	var out directory.Account
	err := d.do(ctx, directory.VerbCreateAccount, func() error {
		if in.UserName == "" {
			return fmt.Errorf("user name is missing: %w", directory.ErrInvalid)
		}
		if in.ManagerID != "" {
			if _, err := d.live(in.ManagerID); err != nil {
				return fmt.Errorf("manager: %w", err)
			}
		}
		if d.holder(in.UserName) != nil {
			return taken()
		}
		a := &account{Account: directory.Account{
			ID: d.newID(), EmployeeID: in.EmployeeID, UserName: in.UserName,
			Enabled: in.Enabled, ManagerID: in.ManagerID, Attributes: map[string]string{},
		}, groups: map[string]bool{}, licenses: map[string]bool{}}
		for name, value := range in.Attributes {
			if value != "" && name != directory.UserNameAttribute && name != directory.EmployeeIDAttribute {
				a.Attributes[name] = value
			}
		}
		a.Anchor = "anchor of " + a.ID
		d.accounts[a.ID] = a
		out = d.export(a)
		return nil
	})
	return out, err
}

// UpdateAccount writes a change.
func (d *Directory) UpdateAccount(ctx context.Context, id string, change directory.Change) error {
	if change.IsEmpty() {
		return nil
	}
	return d.do(ctx, directory.VerbUpdateAccount, func() error {
		a, err := d.writable(id)
		if err != nil {
			return err
		}
		if a.Synced && !cloudOnly(change) {
			return mastered()
		}
		next := a.Account
		next.Attributes = maps.Clone(a.Attributes)
		if err := d.apply(&next, change); err != nil {
			return err
		}
		a.Account = next
		return nil
	})
}

func (d *Directory) apply(next *directory.Account, change directory.Change) error {
	for name, value := range change.Set {
		switch {
		case value == "":
			return fmt.Errorf("%s: an empty value cannot be set, only cleared: %w", name, directory.ErrInvalid)
		case name == directory.UserNameAttribute:
			if h := d.holder(value); h != nil && h.ID != next.ID {
				return taken()
			}
			next.UserName = value
		case name == directory.EmployeeIDAttribute:
			next.EmployeeID = value
		default:
			next.Attributes[name] = value
		}
	}
	for _, name := range change.Clear {
		switch name {
		case directory.UserNameAttribute:
			return fmt.Errorf("%s cannot be cleared: %w", name, directory.ErrInvalid)
		case directory.EmployeeIDAttribute:
			next.EmployeeID = ""
		default:
			delete(next.Attributes, name)
		}
	}
	if change.Enabled != nil {
		next.Enabled = *change.Enabled
	}
	return nil
}

// SetManager links or unlinks the manager.
func (d *Directory) SetManager(ctx context.Context, id, managerID string) error {
	return d.do(ctx, directory.VerbSetManager, func() error {
		a, err := d.writable(id)
		if err != nil {
			return err
		}
		if a.Synced {
			return mastered()
		}
		if managerID != "" {
			if _, err := d.live(managerID); err != nil {
				return fmt.Errorf("manager: %w", err)
			}
		}
		a.ManagerID = managerID
		return nil
	})
}

// DeleteAccount moves the account to the deleted ones.
func (d *Directory) DeleteAccount(ctx context.Context, id string) error {
	return d.do(ctx, directory.VerbDeleteAccount, func() error {
		a, err := d.writable(id)
		if errors.Is(err, directory.ErrProtected) {
			return err
		}
		if err != nil {
			return nil //nolint:nilerr // one that is already gone is a success
		}
		a.DeletedAt = d.opts.Clock().UTC()
		a.pass = nil
		a.licenses = map[string]bool{}
		return nil
	})
}

// DeletedAccounts returns the restorable accounts with this employee number.
func (d *Directory) DeletedAccounts(ctx context.Context, employeeID string) ([]directory.Account, error) {
	var out []directory.Account
	err := d.do(ctx, directory.VerbDeletedAccounts, func() error {
		var err error
		out, err = d.withEmployeeID(employeeID, true)
		return err
	})
	return out, err
}

// DeletedByUserName returns the restorable accounts that had this user name.
func (d *Directory) DeletedByUserName(ctx context.Context, userName string) ([]directory.Account, error) {
	var out []directory.Account
	err := d.do(ctx, directory.VerbDeletedAccounts, func() error {
		for _, id := range slices.Sorted(maps.Keys(d.accounts)) {
			a := d.accounts[id]
			if !a.DeletedAt.IsZero() && !d.expired(a) && strings.EqualFold(a.UserName, userName) {
				out = append(out, d.export(a))
			}
		}
		return nil
	})
	return out, err
}

// RestoreAccount brings a deleted account back.
func (d *Directory) RestoreAccount(ctx context.Context, id, userName string) (directory.Account, error) {
	var out directory.Account
	err := d.do(ctx, directory.VerbRestoreAccount, func() error {
		if a, err := d.live(id); err == nil {
			out = d.export(a)
			return nil
		}
		a, err := d.restorable(id)
		if err != nil {
			return err
		}
		if userName == "" {
			userName = a.UserName
		}
		if d.holder(userName) != nil {
			return taken()
		}
		a.UserName = userName
		a.DeletedAt = time.Time{}
		out = d.export(a)
		return nil
	})
	return out, err
}

// usageLocation is what is written to a synced account.
const usageLocation = "usageLocation"

// cloudOnly tells whether a change touches nothing that is mastered on premises.
func cloudOnly(change directory.Change) bool {
	for name := range change.Set {
		if name != usageLocation {
			return false
		}
	}
	return change.Enabled == nil && !slices.ContainsFunc(change.Clear, func(name string) bool { return name != usageLocation })
}

func mastered() error {
	return fmt.Errorf("account is mastered on premises: %w", directory.ErrInvalid)
}

func taken() error {
	return &directory.ConflictError{Attribute: directory.UserNameAttribute}
}
