package memory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"tenure/internal/directory"
)

// Group reads one group.
func (d *Directory) Group(ctx context.Context, groupID string) (directory.Group, error) {
	var out directory.Group
	err := d.do(ctx, directory.VerbGroup, func() error {
		g, ok := d.groups[groupID]
		if !ok {
			return directory.ErrNotFound
		}
		out = g
		return nil
	})
	return out, err
}

// Memberships lists the groups of an account.
func (d *Directory) Memberships(ctx context.Context, id string) ([]directory.Group, error) {
	var out []directory.Group
	err := d.do(ctx, directory.VerbMemberships, func() error {
		a, err := d.live(id)
		if err != nil {
			return err
		}
		for _, g := range slices.Sorted(maps.Keys(a.groups)) {
			out = append(out, d.groups[g])
		}
		return nil
	})
	return out, err
}

// AddToGroup makes the account a member.
func (d *Directory) AddToGroup(ctx context.Context, id, groupID string) error {
	return d.do(ctx, directory.VerbAddToGroup, func() error {
		a, err := d.member(id, groupID)
		if err != nil {
			return err
		}
		a.groups[groupID] = true
		return nil
	})
}

// RemoveFromGroup ends the membership.
func (d *Directory) RemoveFromGroup(ctx context.Context, id, groupID string) error {
	return d.do(ctx, directory.VerbRemoveFromGroup, func() error {
		a, err := d.member(id, groupID)
		if errors.Is(err, directory.ErrNotFound) {
			return nil // without the one or the other there is no membership
		}
		if err != nil {
			return err
		}
		delete(a.groups, groupID)
		return nil
	})
}

// member finds the account and makes sure that the group may be changed.
func (d *Directory) member(id, groupID string) (*account, error) {
	a, err := d.writable(id)
	if err != nil {
		return nil, fmt.Errorf("account: %w", err)
	}
	g, ok := d.groups[groupID]
	if !ok {
		return nil, fmt.Errorf("group: %w", directory.ErrNotFound)
	}
	if g.Kind != directory.GroupAssigned {
		return nil, fmt.Errorf("members of a %s group cannot be changed: %w", g.Kind, directory.ErrInvalid)
	}
	return a, nil
}

// Licenses lists the direct licences and those of the account's groups.
func (d *Directory) Licenses(ctx context.Context, id string) ([]directory.License, error) {
	var out []directory.License
	err := d.do(ctx, directory.VerbLicenses, func() error {
		a, err := d.live(id)
		if err != nil {
			return err
		}
		for _, sku := range slices.Sorted(maps.Keys(a.licenses)) {
			out = append(out, directory.License{SKU: sku})
		}
		for _, g := range slices.Sorted(maps.Keys(a.groups)) {
			for _, sku := range d.viaGroup[g] {
				out = append(out, directory.License{SKU: sku, ViaGroup: g})
			}
		}
		return nil
	})
	return out, err
}

// ChangeLicenses adds and removes direct licences in one step.
func (d *Directory) ChangeLicenses(ctx context.Context, id string, add, remove []string) error {
	return d.do(ctx, directory.VerbChangeLicenses, func() error {
		a, err := d.live(id)
		if err != nil {
			return err
		}
		for _, sku := range add {
			total, ok := d.seats[sku]
			switch {
			case !ok:
				return fmt.Errorf("licence %q is not known: %w", sku, directory.ErrInvalid)
			case !a.licenses[sku] && d.used(sku) >= total:
				return fmt.Errorf("licence %q: %w", sku, directory.ErrExhausted)
			}
		}
		for _, sku := range add {
			a.licenses[sku] = true
		}
		for _, sku := range remove {
			delete(a.licenses, sku)
		}
		return nil
	})
}

func (d *Directory) used(sku string) int {
	n := 0
	for _, a := range d.accounts {
		if a.licenses[sku] {
			n++
		}
	}
	return n
}

// RevokeSessions counts a revocation.
func (d *Directory) RevokeSessions(ctx context.Context, id string) error {
	return d.do(ctx, directory.VerbRevokeSessions, func() error {
		a, err := d.live(id)
		if err != nil {
			return err
		}
		a.revoked++
		return nil
	})
}

// ReplacePassword counts two passwords.
func (d *Directory) ReplacePassword(ctx context.Context, id string) error {
	return d.do(ctx, directory.VerbReplacePassword, func() error {
		a, err := d.writable(id)
		if err != nil {
			return err
		}
		a.passwords += 2
		return nil
	})
}
