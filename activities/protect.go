package activities

import (
	"context"
	"fmt"
	"slices"

	"tenure/internal/directory"
	"tenure/internal/lifecycle"
	"tenure/internal/plan"
)

// The reasons for which an account is protected (S17): words of a closed set.
const (
	protectedNamed     = "named in the policy"
	protectedMember    = "member of a protected group"
	protectedRole      = "holds a role"
	protectedRoleGroup = "member or owner of a role-assignable group"
)

// refuseProtected keeps a feed or a slip from taking the access of an account
// that the organisation needs (S17). It is asked of the target right before. Nobody's
// approval passes it: a human acts in the target, or ends the protection.
func (j *job) refuseProtected(ctx context.Context) error {
	reason, err := j.protection(ctx)
	if err != nil {
		return err
	}
	j.account.Protected = reason
	if reason == "" {
		return nil
	}
	return fail(CodeProtected, fmt.Sprintf("the account in %s is protected (%s): act in the target, or end the protection, then retry", j.rules.Name, reason))
}

// protection says why the account is protected, "" where it is not.
func (j *job) protection(ctx context.Context) (string, error) {
	rules := j.rules.Protect
	if rules.Names(j.live.ID, j.live.UserName) {
		return protectedNamed, nil
	}
	if j.target.Protections == nil {
		return "", nil
	}
	if len(rules.MembersOf) > 0 {
		groups, err := j.target.Protections.MemberOf(ctx, j.live.ID)
		if err != nil {
			return "", fmt.Errorf("list groups at any depth: %w", err)
		}
		named := labelIDs(j.rules.Groups, rules.MembersOf)
		if slices.ContainsFunc(groups, func(g directory.Group) bool { return slices.Contains(named, g.ID) }) {
			return protectedMember, nil
		}
	}
	found, err := j.target.Protections.Protection(ctx, j.live.ID)
	switch {
	case err != nil:
		return "", fmt.Errorf("read what protects the account: %w", err)
	case len(found.Roles) > 0 && j.rules.Kind == lifecycle.KindAD:
		return found.Roles[0], nil // a mark or a place, in the connector's words
	case len(found.Roles) > 0:
		return protectedRole, nil
	case len(found.RoleGroups) > 0:
		return protectedRoleGroup, nil
	default:
		return "", nil
	}
}

// mayTouch is refuseProtected for every write to a domain of Active Directory: its
// administrators are nobody's to touch, not even their title (S17).
func (j *job) mayTouch(ctx context.Context) error {
	if j.rules.Kind != lifecycle.KindAD {
		return nil
	}
	return j.refuseProtected(ctx)
}

// refuseTakingFromProtected is refuseProtected for tasks of workflows: whatever a
// leaver loses, the end of sessions in any of them, and a removal by name from a
// group that protects, since it would end the protection. What else a change of job
// gives or takes by name, protected people get and lose as others do.
func (j *job) refuseTakingFromProtected(ctx context.Context, task plan.Task, defined lifecycle.Task) error {
	unprotects := defined.Kind == lifecycle.RemoveUserFromGroups && slices.ContainsFunc(groupLabels(task, defined), func(label string) bool {
		return slices.Contains(j.rules.Protect.MembersOf, label)
	})
	if !unprotects && defined.Kind != lifecycle.RevokeAllRefreshTokens && !j.ofLeaver(task) {
		return j.mayTouch(ctx)
	}
	return j.refuseProtected(ctx)
}
