package entra

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"tenure/internal/directory"
)

// codeNotPremium is Graph's answer of a tenant that cannot have eligible roles.
const codeNotPremium = "AadPremiumLicenseRequired"

// Protection asks for the roles of the account and of the role-assignable
// groups about it. What the credential may not read is an error, never an
// absence.
func (d *Directory) Protection(ctx context.Context, id string) (directory.Protection, error) {
	const verb = directory.VerbProtection
	objects, err := d.memberOf(ctx, verb, id)
	if err != nil {
		return directory.Protection{}, err
	}
	owned, err := d.owned(ctx, verb, id)
	if err != nil {
		return directory.Protection{}, err
	}
	var out directory.Protection
	principals := []string{id}
	for _, object := range objects {
		switch o := object.(type) {
		case models.DirectoryRoleable:
			out.Roles = append(out.Roles, orDefault(deref(o.GetDisplayName()), deref(o.GetId())))
		case models.Groupable:
			if isTrue(o.GetIsAssignableToRole()) {
				principals = append(principals, deref(o.GetId()))
				out.RoleGroups = append(out.RoleGroups, exportGroup(o))
			}
		}
	}
	for _, object := range owned {
		if g, ok := object.(models.Groupable); ok && isTrue(g.GetIsAssignableToRole()) && !slices.Contains(principals, deref(g.GetId())) {
			out.RoleGroups = append(out.RoleGroups, exportGroup(g))
		}
	}
	for _, principal := range principals {
		roles, err := d.rolesOf(ctx, verb, principal)
		if err != nil {
			return directory.Protection{}, err
		}
		out.Roles = append(out.Roles, roles...)
	}
	slices.Sort(out.Roles)
	out.Roles = slices.Compact(out.Roles)
	return out, nil
}

// roleGrant is an assignment of a role or an eligibility for one.
type roleGrant struct {
	RoleID     string `json:"roleDefinitionId"`
	Definition *struct {
		Name string `json:"displayName"`
	} `json:"roleDefinition"`
}

// rolesOf names the roles that a user or a group holds or may take up, those
// within a part of the directory included, which memberOf does not show.
func (d *Directory) rolesOf(ctx context.Context, verb directory.Verb, principal string) ([]string, error) {
	var out []string
	for _, set := range []string{"roleAssignments", "roleEligibilityScheduleInstances"} {
		var grants []roleGrant
		err := d.call(ctx, verb, func(ctx context.Context) error {
			var err error
			grants, err = collectRaw[roleGrant](ctx, d, d.address("/roleManagement/directory/"+set,
				"$filter", *equals("principalId", principal), "$expand", "roleDefinition"))
			return err
		})
		if refused, ok := errors.AsType[*refusalError](err); ok && refused.code == codeNotPremium {
			continue // nobody is eligible for anything there
		}
		if err != nil {
			return nil, err
		}
		for _, g := range grants {
			name := g.RoleID
			if g.Definition != nil && g.Definition.Name != "" {
				name = g.Definition.Name
			}
			out = append(out, name)
		}
	}
	return out, nil
}

// Ownerships lists the objects that the account owns.
func (d *Directory) Ownerships(ctx context.Context, id string) ([]directory.Owned, error) {
	list, err := d.owned(ctx, directory.VerbOwnerships, id)
	if err != nil {
		return nil, err
	}
	var out []directory.Owned
	for _, object := range list {
		kind := strings.TrimPrefix(deref(object.GetOdataType()), "#microsoft.graph.")
		out = append(out, directory.Owned{ID: deref(object.GetId()), Kind: kind, Name: readText(object, "displayName")})
	}
	return out, nil
}

// MemberOf lists the groups of an account at any depth.
func (d *Directory) MemberOf(ctx context.Context, id string) ([]directory.Group, error) {
	list, err := d.memberOf(ctx, directory.VerbMemberOf, id)
	if err != nil {
		return nil, err
	}
	return exportGroups(list), nil
}

// memberOf reads the mixed list: a cast in the address would be an advanced
// query, which the index answers late.
func (d *Directory) memberOf(ctx context.Context, verb directory.Verb, id string) ([]models.DirectoryObjectable, error) {
	builder := d.users().ByUserId(id).TransitiveMemberOf()
	return d.objects(ctx, verb, func(ctx context.Context, link string) (page[models.DirectoryObjectable], error) {
		if link != "" {
			return builder.WithUrl(link).Get(ctx, nil)
		}
		return builder.Get(ctx, &users.ItemTransitiveMemberOfRequestBuilderGetRequestConfiguration{
			QueryParameters: &users.ItemTransitiveMemberOfRequestBuilderGetQueryParameters{Select: groupProperties()},
		})
	})
}

func (d *Directory) owned(ctx context.Context, verb directory.Verb, id string) ([]models.DirectoryObjectable, error) {
	builder := d.users().ByUserId(id).OwnedObjects()
	return d.objects(ctx, verb, func(ctx context.Context, link string) (page[models.DirectoryObjectable], error) {
		if link != "" {
			return builder.WithUrl(link).Get(ctx, nil)
		}
		return builder.Get(ctx, &users.ItemOwnedObjectsRequestBuilderGetRequestConfiguration{
			QueryParameters: &users.ItemOwnedObjectsRequestBuilderGetQueryParameters{Select: groupProperties()},
		})
	})
}

// objects reads a mixed list to its end. Graph tells no more than the ID of a
// group that the application may not read: that is refused here, since its
// kind would be taken for an ordinary one.
func (d *Directory) objects(ctx context.Context, verb directory.Verb,
	get func(ctx context.Context, link string) (page[models.DirectoryObjectable], error),
) ([]models.DirectoryObjectable, error) {
	var list []models.DirectoryObjectable
	err := d.call(ctx, verb, func(ctx context.Context) error {
		var err error
		list, err = collect(ctx, get)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, object := range list {
		if g, ok := object.(models.Groupable); ok && g.GetDisplayName() == nil {
			return nil, fmt.Errorf("%s: groups cannot be read: %w", verb, directory.ErrDenied)
		}
	}
	return list, nil
}

// exportGroups keeps the groups of a mixed list.
func exportGroups(list []models.DirectoryObjectable) []directory.Group {
	var out []directory.Group
	for _, object := range list {
		if g, ok := object.(models.Groupable); ok {
			out = append(out, exportGroup(g))
		}
	}
	return out
}
