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

// group is a group with what the connector needs beside the port's view.
type group struct {
	directory.Group

	dn  string
	rid uint32
}

func groupAttributes() []string {
	return []string{attrGUID, attrSID, schema.CommonName, schema.AccountName, attrAdminCount}
}

func exportGroup(e *ldap.Entry) group {
	id := sid(e.GetEqualFoldRawAttributeValue(attrSID))
	g := group{dn: e.DN, rid: id.rid(), Group: directory.Group{
		ID:   guidText(e.GetEqualFoldRawAttributeValue(attrGUID)),
		Name: orDefault(e.GetEqualFoldAttributeValue(schema.CommonName), e.GetEqualFoldAttributeValue(schema.AccountName)),
		Kind: directory.GroupAssigned,
	}}
	if number(e, attrAdminCount) > 0 || privileged(id) {
		g.Kind = directory.GroupRoleAssignable
	}
	return g
}

// privileged tells the groups that rule a domain, the ones that AdminSDHolder
// protects: their members are administrators, whatever the mark on them says.
func privileged(id sid) bool {
	if id.builtIn() {
		// Administrators; operators of accounts, servers, printing, backup and replication.
		return slices.Contains([]uint32{544, 548, 549, 550, 551, 552}, id.rid())
	}
	// Domain, schema, enterprise, key and enterprise key admins, policy owners,
	// controllers of all kinds.
	return slices.Contains([]uint32{498, 512, 516, 518, 519, 520, 521, 526, 527}, id.rid())
}

// Group reads one group.
func (d *Directory) Group(ctx context.Context, groupID string) (directory.Group, error) {
	var out group
	err := d.call(ctx, directory.VerbGroup, func(l *link) error {
		var err error
		out, err = l.group(groupID)
		return err
	})
	return out.Group, err
}

func (l *link) group(id string) (group, error) {
	base, err := byGUID(id)
	if err != nil {
		return group{}, fmt.Errorf("group: %w", err)
	}
	entries, err := l.entries(base, ldap.ScopeBaseObject, "(objectClass=group)", groupAttributes())
	if err != nil {
		return group{}, fmt.Errorf("group: %w", err)
	}
	if len(entries) != 1 {
		return group{}, fmt.Errorf("group: %w", directory.ErrNotFound)
	}
	return exportGroup(entries[0]), nil
}

// Memberships lists the groups that name the account as a member. Its primary
// group does not: everybody has one.
func (d *Directory) Memberships(ctx context.Context, id string) ([]directory.Group, error) {
	return d.groupsOf(ctx, directory.VerbMemberships, id, func(l *link, dn string) ([]group, error) {
		return d.groups(l, equals(attrMember, dn))
	})
}

// MemberOf lists the groups of an account and the groups around them.
func (d *Directory) MemberOf(ctx context.Context, id string) ([]directory.Group, error) {
	return d.groupsOf(ctx, directory.VerbMemberOf, id, func(l *link, dn string) ([]group, error) { return d.around(l, dn) })
}

func (d *Directory) groupsOf(
	ctx context.Context, verb directory.Verb, id string, list func(l *link, dn string) ([]group, error),
) ([]directory.Group, error) {
	var out []directory.Group
	err := d.call(ctx, verb, func(l *link) error {
		o, err := d.byID(l, id)
		if err != nil {
			return err
		}
		found, err := list(l, o.dn)
		for _, g := range found {
			out = append(out, g.Group)
		}
		return err
	})
	return out, err
}

// inChain is the rule that follows memberships to any depth.
const inChain = attrMember + ":1.2.840.113556.1.4.1941:"

// around lists the groups of an account at any depth, and those of other filters
// beside them. A controller that cannot follow memberships in one question, as
// Samba once a member is in the recycle bin, is asked step by step.
func (d *Directory) around(l *link, dn string, beside ...string) ([]group, error) {
	out, err := d.groups(l, anyOf(append(slices.Clone(beside), equals(inChain, dn))...))
	if !cannotFollow(err) {
		return out, err
	}
	if len(beside) > 0 {
		if out, err = d.groups(l, anyOf(beside...)); err != nil {
			return nil, err
		}
	}
	followed := []string{dn}
	for i := 0; i < len(followed); i++ {
		list, err := d.groups(l, equals(attrMember, followed[i]))
		if err != nil {
			return nil, err
		}
		for _, g := range list {
			if !slices.Contains(followed, g.dn) {
				followed = append(followed, g.dn)
			}
			if !slices.ContainsFunc(out, func(known group) bool { return known.ID == g.ID }) {
				out = append(out, g)
			}
		}
	}
	slices.SortFunc(out, byID)
	return out, nil
}

func byID(a, b group) int { return strings.Compare(a.ID, b.ID) }

// groups lists the domain's groups of a filter.
func (d *Directory) groups(l *link, filter string) ([]group, error) {
	entries, err := l.pages(d.cfg.BaseDN, "(&(objectClass=group)"+filter+")", groupAttributes())
	if err != nil {
		return nil, err
	}
	var out []group
	for _, e := range entries {
		out = append(out, exportGroup(e))
	}
	slices.SortFunc(out, byID)
	return out, nil
}

// AddToGroup makes the account a member, one per request: a request with one
// member too many fails as a whole.
func (d *Directory) AddToGroup(ctx context.Context, id, groupID string) error {
	return d.call(ctx, directory.VerbAddToGroup, func(l *link) error {
		g, err := l.changeable(groupID)
		if err != nil {
			return err
		}
		if err := d.guardID(l, id); err != nil {
			return err
		}
		err = l.member(id, groupID, (*ldap.ModifyRequest).Add)
		if err == nil || isBroken(err) {
			return err
		}
		return d.already(l, id, g, true, err)
	})
}

// RemoveFromGroup ends the membership.
func (d *Directory) RemoveFromGroup(ctx context.Context, id, groupID string) error {
	return d.call(ctx, directory.VerbRemoveFromGroup, func(l *link) error {
		g, err := l.changeable(groupID)
		if isNotFound(err) {
			return nil // without the group there is no membership
		}
		if err != nil {
			return err
		}
		if err = d.guardID(l, id); isNotFound(err) {
			return nil // nor without the account
		}
		if err != nil {
			return err
		}
		err = l.member(id, groupID, (*ldap.ModifyRequest).Delete)
		if err == nil || isBroken(err) {
			return err
		}
		if err = d.already(l, id, g, false, err); isNotFound(err) {
			return nil
		}
		return err
	})
}

// changeable reads a group and refuses those whose members rule the domain.
func (l *link) changeable(id string) (group, error) {
	g, err := l.group(id)
	if err == nil && g.Kind != directory.GroupAssigned {
		err = fmt.Errorf("group is protected: %w", directory.ErrDenied)
	}
	return g, err
}

func (l *link) member(id, groupID string, change func(*ldap.ModifyRequest, string, []string)) error {
	member, err := byGUID(id)
	if err != nil {
		return fmt.Errorf("account: %w", err)
	}
	at, err := byGUID(groupID)
	if err != nil {
		return fmt.Errorf("group: %w", err)
	}
	m := ldap.NewModifyRequest(at, nil)
	change(m, attrMember, []string{member})
	return translate(l.Modify(m))
}

// already looks whether a refused change of a membership was not needed: the
// codes for that are used for other refusals too.
func (d *Directory) already(l *link, id string, g group, member bool, refused error) error {
	o, err := d.byID(l, id)
	if err != nil {
		return err
	}
	at, err := byGUID(g.ID)
	if err != nil {
		return err
	}
	entries, err := l.entries(at, ldap.ScopeBaseObject, equals(attrMember, o.dn), []string{attrGUID})
	if err != nil {
		return err
	}
	if o.primaryGroup == g.rid {
		if member {
			return nil
		}
		return fmt.Errorf("group is the account's primary group: %w", directory.ErrInvalid)
	}
	if (len(entries) > 0) == member {
		return nil
	}
	return refused
}
