package memory

import (
	"context"
	"maps"
	"slices"

	"tenure/internal/directory"
)

// ListAccounts visits the live accounts in the order of their IDs. It holds no
// lock while visit runs, which may so call the directory.
func (d *Directory) ListAccounts(ctx context.Context, visit func(directory.Account) error) error {
	var list []directory.Account
	err := d.do(ctx, directory.VerbListAccounts, func() error {
		for _, id := range slices.Sorted(maps.Keys(d.accounts)) {
			if a := d.accounts[id]; a.DeletedAt.IsZero() && !a.guest {
				list = append(list, d.export(a))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, a := range list {
		if err := visit(a); err != nil {
			return err
		}
	}
	return nil
}

// Protection tells the roles that SetRoles gave and the role-assignable groups.
func (d *Directory) Protection(ctx context.Context, id string) (directory.Protection, error) {
	var out directory.Protection
	err := d.do(ctx, directory.VerbProtection, func() error {
		a, err := d.live(id)
		if err != nil {
			return err
		}
		out.Roles = slices.Clone(a.roles)
		ids := d.memberOf(a)
		for _, owned := range a.owned {
			ids[owned.ID] = true
		}
		for _, g := range slices.Sorted(maps.Keys(ids)) {
			if d.groups[g].Kind == directory.GroupRoleAssignable {
				out.RoleGroups = append(out.RoleGroups, d.groups[g])
			}
		}
		return nil
	})
	return out, err
}

// Ownerships lists what Own was told.
func (d *Directory) Ownerships(ctx context.Context, id string) ([]directory.Owned, error) {
	var out []directory.Owned
	err := d.do(ctx, directory.VerbOwnerships, func() error {
		a, err := d.live(id)
		if err != nil {
			return err
		}
		out = slices.Clone(a.owned)
		return nil
	})
	return out, err
}

// MemberOf lists the groups of an account and the groups around them.
func (d *Directory) MemberOf(ctx context.Context, id string) ([]directory.Group, error) {
	var out []directory.Group
	err := d.do(ctx, directory.VerbMemberOf, func() error {
		a, err := d.live(id)
		if err != nil {
			return err
		}
		for _, g := range slices.Sorted(maps.Keys(d.memberOf(a))) {
			out = append(out, d.groups[g])
		}
		return nil
	})
	return out, err
}

// memberOf is the set of groups at any depth.
func (d *Directory) memberOf(a *account) map[string]bool {
	seen := map[string]bool{}
	todo := slices.Collect(maps.Keys(a.groups))
	for len(todo) > 0 {
		g := todo[0]
		todo = todo[1:]
		if !seen[g] {
			seen[g] = true
			todo = append(todo, d.within[g]...)
		}
	}
	return seen
}

// Inspect finds what SetFindings was told.
func (d *Directory) Inspect(ctx context.Context, want directory.Wanted) ([]directory.Finding, error) {
	var out []directory.Finding
	err := d.do(ctx, directory.VerbInspect, func() error {
		d.wanted = want
		out = slices.Clone(d.findings)
		return nil
	})
	return out, err
}
