package ad

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/schema"
)

// What protects an account by itself, in the place of a role's name.
const (
	roleAdminHolder = "protected by AdminSDHolder"
	roleSystem      = "built-in account"
	roleContainer   = "protected organizational unit"
)

// ridDomainUsers is the primary group of everybody who has no other.
const ridDomainUsers = 513

// Protection tells what protects an account: the mark that AdminSDHolder leaves,
// the account's place, and privileged groups it belongs to at any depth, by its
// primary group too, or manages.
func (d *Directory) Protection(ctx context.Context, id string) (directory.Protection, error) {
	var out directory.Protection
	err := d.call(ctx, directory.VerbProtection, func(l *link) error {
		o, err := d.byID(l, id)
		if err != nil {
			return err
		}
		out.Roles = d.roles(o)
		beside := []string{equals(attrManagedBy, o.dn)}
		primary := "(" + attrSID + "=" + o.sid.sibling(o.primaryGroup) + ")"
		if o.primaryGroup != ridDomainUsers && len(o.sid) > 0 {
			beside = append(beside, primary)
		}
		list, err := d.around(l, o.dn, beside...)
		for _, g := range list {
			if g.Kind == directory.GroupRoleAssignable {
				out.RoleGroups = append(out.RoleGroups, g.Group)
			}
		}
		return err
	})
	return out, err
}

func (d *Directory) roles(o object) []string {
	var out []string
	if o.critical {
		out = append(out, roleSystem)
	}
	if o.adminCount {
		out = append(out, roleAdminHolder)
	}
	if d.isProtected(o.dn) {
		out = append(out, roleContainer)
	}
	return out
}

// isProtected reports whether a name lies in a protected container.
func (d *Directory) isProtected(dn string) bool {
	return slices.ContainsFunc(d.cfg.ProtectedOUs, func(ou string) bool { return within(dn, ou) })
}

// refuse keeps every write from an account that only administrators may change. An
// account without such a mark may be protected by its groups; that is [Protection]'s
// to find out.
func (d *Directory) refuse(o object) error {
	if roles := d.roles(o); len(roles) > 0 {
		return fmt.Errorf("%s: %w", roles[0], directory.ErrProtected)
	}
	return nil
}

// guard is refuse for writes that need nothing else of the account. It asks right
// before each of them, and so for no more than it needs.
func (d *Directory) guard(l *link, at string) error {
	entries, err := l.entries(at, ldap.ScopeBaseObject, anything, []string{attrAdminCount, attrCritical}, domainScope())
	switch {
	case err != nil:
		return fmt.Errorf("account: %w", err)
	case len(entries) != 1:
		return fmt.Errorf("account: %w", directory.ErrNotFound)
	default:
		return d.refuse(marked(entries[0]))
	}
}

// guardID is guard of an account's ID.
func (d *Directory) guardID(l *link, id string) error {
	at, err := byGUID(id)
	if err != nil {
		return fmt.Errorf("account: %w", err)
	}
	return d.guard(l, at)
}

// attrManagedBy is how Active Directory names an owner.
const attrManagedBy = "managedBy"

// Ownerships lists what the account manages.
func (d *Directory) Ownerships(ctx context.Context, id string) ([]directory.Owned, error) {
	var out []directory.Owned
	err := d.call(ctx, directory.VerbOwnerships, func(l *link) error {
		o, err := d.byID(l, id)
		if err != nil {
			return err
		}
		entries, err := l.pages(d.cfg.BaseDN, equals(attrManagedBy, o.dn), []string{attrGUID, attrClass, "name", schema.CommonName})
		if err != nil {
			return fmt.Errorf("managed objects: %w", err)
		}
		for _, e := range entries {
			owned := directory.Owned{
				ID: guidText(e.GetEqualFoldRawAttributeValue(attrGUID)), Name: e.GetEqualFoldAttributeValue("name"),
			}
			// The classes go from the general to the particular.
			if classes := e.GetEqualFoldAttributeValues(attrClass); len(classes) > 0 {
				owned.Kind = classes[len(classes)-1]
			}
			out = append(out, owned)
		}
		slices.SortFunc(out, func(a, b directory.Owned) int { return strings.Compare(a.ID, b.ID) })
		return nil
	})
	return out, err
}
