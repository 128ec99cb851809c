package starter

import (
	"cmp"
	"slices"

	"tenure/internal/directory"
	"tenure/internal/lifecycle"
)

// wanted is what a policy will ask of a target, in the target's words. A target
// that is only observed is asked for nothing that writes.
func wanted(policy *lifecycle.Policy, rules lifecycle.Target) directory.Wanted {
	want := directory.Wanted{Domain: rules.Domain, Verbs: []directory.Verb{
		directory.VerbAccount, directory.VerbAccountsByEmployeeID, directory.VerbAccountByUserName, directory.VerbListAccounts,
		directory.VerbDeletedAccounts, directory.VerbProtection, directory.VerbOwnerships, directory.VerbMemberOf,
		directory.VerbMemberships, directory.VerbLicenses,
	}}
	if rules.SyncedFrom != "" {
		want.Verbs = append(want.Verbs, directory.VerbAccountsByAnchor)
	}
	for _, m := range rules.Mapping {
		want.Attributes = append(want.Attributes, m.To)
	}
	want.Containers = containers(rules.Mapping)
	if rules.Kind == lifecycle.KindAD && len(want.Containers) == 0 {
		want.Containers = []string{cmp.Or(rules.Under, rules.Base)}
	}
	writes := accountWrites(rules)
	for _, w := range policy.Workflows {
		for _, task := range w.Tasks {
			if task.Target == rules.Name {
				writes = append(writes, wantTask(&want, rules, task)...)
			}
		}
	}
	switch rules.Mode {
	case lifecycle.ModeObserve:
	case lifecycle.ModeAdopt:
		want.Verbs = append(want.Verbs, directory.VerbUpdateAccount)
	default:
		want.Verbs = append(want.Verbs, writes...)
	}
	slices.Sort(want.Verbs)
	want.Verbs = slices.Compact(want.Verbs)
	return want
}

// containers are the places of a domain that mappings can choose.
func containers(mappings []lifecycle.Mapping) []string {
	for _, m := range mappings {
		switch {
		case m.To != lifecycle.ContainerAttribute:
		case m.Constant != "":
			return []string{m.Constant}
		default:
			names, _ := m.Expression.Outcomes() // a policy with other ones is not loaded
			return names
		}
	}
	return nil
}

// accountWrites are the writes of the account lines. Access is cut in every
// policy: sessions end, passes go.
func accountWrites(rules lifecycle.Target) []directory.Verb {
	out := []directory.Verb{
		directory.VerbCreateAccount, directory.VerbUpdateAccount, directory.VerbRestoreAccount,
		directory.VerbRevokeSessions, directory.VerbPasses, directory.VerbDeletePass,
	}
	if rules.Kind == lifecycle.KindAD {
		out = append(out, directory.VerbReplacePassword)
	}
	if rules.Account.Delete != nil {
		out = append(out, directory.VerbDeleteAccount)
	}
	if slices.ContainsFunc(rules.Mapping, func(m lifecycle.Mapping) bool { return m.Reference != "" }) {
		out = append(out, directory.VerbSetManager)
	}
	return out
}

// wantTask adds what a task names and returns what it writes.
func wantTask(want *directory.Wanted, rules lifecycle.Target, task lifecycle.Task) []directory.Verb {
	for _, label := range rules.GroupsOf(task) {
		if id, found := rules.Group(label); found && !slices.Contains(want.Groups, id) {
			want.Groups = append(want.Groups, id)
		}
	}
	for _, label := range task.Licenses {
		if id, found := rules.License(label); found && !slices.Contains(want.Licenses, id) {
			want.Licenses = append(want.Licenses, id)
		}
	}
	want.Containers = append(want.Containers, containers(task.Attributes)...)
	for _, m := range task.Attributes {
		if !slices.Contains(want.Attributes, m.To) {
			want.Attributes = append(want.Attributes, m.To)
		}
	}
	switch task.Kind {
	case lifecycle.DeleteUserAccount:
		return []directory.Verb{directory.VerbDeleteAccount}
	case lifecycle.AddUserToGroups, lifecycle.RemoveUserFromGroups, lifecycle.RemoveUserFromAllGroups:
		return []directory.Verb{directory.VerbGroup, directory.VerbAddToGroup, directory.VerbRemoveFromGroup}
	case lifecycle.AssignLicensesToUser, lifecycle.RemoveLicensesFromUser, lifecycle.RemoveAllLicenseAssignments:
		return []directory.Verb{directory.VerbChangeLicenses}
	case lifecycle.GenerateTemporaryAccessPass, lifecycle.GenerateInitialPassword:
		if p := task.Pass; p != nil && p.Lifetime > want.Pass.Lifetime {
			want.Pass = directory.PassRequest{Lifetime: p.Lifetime, Once: p.Once}
		}
		return []directory.Verb{directory.VerbIssuePass, directory.VerbSignInFacts}
	default: // the account lines need what the others do
		return nil
	}
}
