package entra

import (
	"context"
	"slices"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/groups"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"tenure/internal/directory"
)

// groupProperties is what tells the kind of a group.
func groupProperties() []string {
	return []string{
		"id", "displayName", "groupTypes", "isAssignableToRole", "mailEnabled", "onPremisesSyncEnabled", "securityEnabled",
	}
}

// Group reads one group.
func (d *Directory) Group(ctx context.Context, groupID string) (directory.Group, error) {
	return d.group(ctx, directory.VerbGroup, groupID)
}

func (d *Directory) group(ctx context.Context, verb directory.Verb, groupID string) (directory.Group, error) {
	var out directory.Group
	err := d.call(ctx, verb, func(ctx context.Context) error {
		g, err := d.groups().ByGroupId(groupID).Get(ctx, &groups.GroupItemRequestBuilderGetRequestConfiguration{
			QueryParameters: &groups.GroupItemRequestBuilderGetQueryParameters{Select: groupProperties()},
		})
		if err != nil {
			return err
		}
		if g == nil {
			return errNoAnswer
		}
		out = exportGroup(g)
		return nil
	})
	return out, err
}

// Memberships lists the groups of an account. It reads the mixed list and keeps
// the groups, since a cast in the address would be an advanced query.
func (d *Directory) Memberships(ctx context.Context, id string) ([]directory.Group, error) {
	builder := d.users().ByUserId(id).MemberOf()
	list, err := d.objects(ctx, directory.VerbMemberships, func(ctx context.Context, link string) (page[models.DirectoryObjectable], error) {
		if link != "" {
			return builder.WithUrl(link).Get(ctx, nil)
		}
		return builder.Get(ctx, &users.ItemMemberOfRequestBuilderGetRequestConfiguration{
			QueryParameters: &users.ItemMemberOfRequestBuilderGetQueryParameters{Select: groupProperties()},
		})
	})
	if err != nil {
		return nil, err
	}
	return exportGroups(list), nil
}

// AddToGroup makes the account a member.
func (d *Directory) AddToGroup(ctx context.Context, id, groupID string) error {
	body := models.NewReferenceCreate()
	address := d.reference("directoryObjects", id)
	body.SetOdataId(&address)
	err := d.call(ctx, directory.VerbAddToGroup, func(ctx context.Context) error {
		return d.groups().ByGroupId(groupID).Members().Ref().Post(ctx, body, nil)
	})
	if refusedFor(err, reasonAlreadyMember) {
		return nil
	}
	return err
}

// RemoveFromGroup ends the membership. The address ends in $ref: without it the
// same request would delete the account.
func (d *Directory) RemoveFromGroup(ctx context.Context, id, groupID string) error {
	err := d.call(ctx, directory.VerbRemoveFromGroup, func(ctx context.Context) error {
		return d.groups().ByGroupId(groupID).Members().ByDirectoryObjectId(id).Ref().Delete(ctx, nil)
	})
	switch {
	case isNotFound(err):
		return d.surelyNoMember(ctx, id, groupID)
	case refusedFor(err, reasonNotMember):
		return nil
	}
	return err
}

// surelyNoMember looks again where Graph does not know a membership: a part of
// it may not have heard of one that is there.
func (d *Directory) surelyNoMember(ctx context.Context, id, groupID string) error {
	groups, err := d.Memberships(ctx, id)
	if isNotFound(err) {
		return nil
	}
	if err == nil && slices.ContainsFunc(groups, func(g directory.Group) bool { return strings.EqualFold(g.ID, groupID) }) {
		return stillThere(directory.VerbRemoveFromGroup)
	}
	return err
}

func exportGroup(g models.Groupable) directory.Group {
	return directory.Group{ID: deref(g.GetId()), Name: deref(g.GetDisplayName()), Kind: groupKind(g)}
}

// groupKind names the strongest reason why others decide over the members.
func groupKind(g models.Groupable) directory.GroupKind {
	switch {
	case isTrue(g.GetOnPremisesSyncEnabled()):
		return directory.GroupSynced
	case slices.Contains(g.GetGroupTypes(), "DynamicMembership"):
		return directory.GroupDynamic
	case isTrue(g.GetIsAssignableToRole()):
		return directory.GroupRoleAssignable
	case isTrue(g.GetMailEnabled()) && !slices.Contains(g.GetGroupTypes(), "Unified"):
		return directory.GroupMailEnabled
	}
	return directory.GroupAssigned
}
