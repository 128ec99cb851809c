package dirtest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory"
)

func protectionCases() []testCase {
	return []testCase{
		{"protect nobody without a reason", needs(needProtections(), needGroups()), unprotected},
		{"protect holders of a role", needs(needProtections(), needRoles()), protectRoles},
		{"protect members of a role-assignable group", needs(needProtections(), needJoin()), protectMembers},
		{"protect owners of a role-assignable group", needs(needProtections(), needJoin()), protectOwners},
		{"list ownerships", needs(needProtections(), needJoin()), ownerships},
		{"list memberships at any depth", needs(needProtections(), needJoin(), needGroups()), memberOf},
		{"refuse every write to a guarded account", needs(needRemover(), needGroups(), needGuarded()), guarded},
		{"read protection again after a refusal", needs(needProtections(), needFaults()), protectionAgain},
	}
}

func needProtections() need {
	return need{"protection reader", func(s suite) bool { return s.Writer != nil && s.Protections != nil }}
}

func needRoles() need {
	return need{NeedRoles, func(s suite) bool { return s.SetRoles != nil && s.Roles[1] != "" }}
}

func needGuarded() need {
	return need{NeedGuarded, func(s suite) bool { return s.Guard != nil }}
}

func needJoin() need {
	return need{"group with roles", func(s suite) bool {
		return s.Join != nil && s.Own != nil && s.Fixture.Groups[directory.GroupRoleAssignable] != "" &&
			s.outer() != ""
	}}
}

// outer is a group beside the assigned one that gives no roles.
func (s suite) outer() string {
	if s.OuterGroup != "" {
		return s.OuterGroup
	}
	return s.Fixture.Groups[directory.GroupDynamic]
}

func (s suite) outerKind() directory.GroupKind {
	if s.OuterGroup != "" {
		return directory.GroupAssigned
	}
	return directory.GroupDynamic
}

func (s suite) roleGroup() string { return s.Fixture.Groups[directory.GroupRoleAssignable] }

func (s suite) wantProtection(t *testing.T, id string, roles, groups []string) {
	t.Helper()
	got, err := s.Protections.Protection(t.Context(), id)
	mustDo(t, "read protection", err)
	slices.Sort(got.Roles)
	if diff := cmp.Diff(append([]string{}, roles...), append([]string{}, got.Roles...)); diff != "" {
		t.Errorf("roles differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(append([]string{}, groups...), groupIDs(got.RoleGroups)); diff != "" {
		t.Errorf("role-assignable groups differ (-want +got):\n%s", diff)
	}
	if want := len(roles)+len(groups) > 0; got.Any() != want {
		t.Errorf("Any() = %v, want %v", got.Any(), want)
	}
}

func unprotected(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	mustDo(t, "add to group", s.Target.Groups.AddToGroup(t.Context(), a.ID, s.assigned()))
	s.wantProtection(t, a.ID, nil, nil)
	_, err := s.Protections.Protection(t.Context(), unknownID)
	wantErr(t, "protection of nobody", err, directory.ErrNotFound)
}

func protectRoles(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	other := s.create(t, s.person("other", "E2"))
	s.SetRoles(t, a.ID, []string{s.Roles[0]}, nil)
	s.wantProtection(t, a.ID, []string{s.Roles[0]}, nil)
	s.SetRoles(t, a.ID, nil, []string{s.Roles[1]})
	s.wantProtection(t, a.ID, []string{s.Roles[1]}, nil)
	s.SetRoles(t, a.ID, []string{s.Roles[0]}, []string{s.Roles[0], s.Roles[1]})
	want := s.Roles[:]
	slices.Sort(want)
	s.wantProtection(t, a.ID, want, nil)
	s.wantProtection(t, other.ID, nil, nil)
}

func protectMembers(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	s.Join(t, a.ID, s.roleGroup())
	s.wantProtection(t, a.ID, nil, []string{s.roleGroup()})
}

func protectOwners(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	s.Own(t, a.ID, s.roleGroup())
	s.wantProtection(t, a.ID, nil, []string{s.roleGroup()})
	s.Join(t, a.ID, s.roleGroup())
	s.wantProtection(t, a.ID, nil, []string{s.roleGroup()}) // once, whatever it is in it
}

func ownerships(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	got, err := s.Protections.Ownerships(t.Context(), a.ID)
	if err != nil || len(got) != 0 {
		t.Errorf("ownerships = %v, %v, want none", got, err)
	}
	group := s.outer()
	s.Own(t, a.ID, group)
	got, err = s.Protections.Ownerships(t.Context(), a.ID)
	mustDo(t, "list ownerships", err)
	if len(got) != 1 || got[0].ID != group || got[0].Kind != "group" || got[0].Name == "" {
		t.Errorf("ownerships = %+v, want the group with its name", got)
	}
	s.wantProtection(t, a.ID, nil, nil)
	_, err = s.Protections.Ownerships(t.Context(), unknownID)
	wantErr(t, "ownerships of nobody", err, directory.ErrNotFound)
}

func memberOf(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	outer := s.outer()
	s.Join(t, s.assigned(), outer)
	mustDo(t, "add to group", s.Target.Groups.AddToGroup(t.Context(), a.ID, s.assigned()))
	direct, err := s.Target.Groups.Memberships(t.Context(), a.ID)
	mustDo(t, "list memberships", err)
	if diff := cmp.Diff([]string{s.assigned()}, groupIDs(direct)); diff != "" {
		t.Errorf("direct memberships differ (-want +got):\n%s", diff)
	}
	got, err := s.Protections.MemberOf(t.Context(), a.ID)
	mustDo(t, "list memberships at any depth", err)
	want := []string{s.assigned(), outer}
	slices.Sort(want)
	if diff := cmp.Diff(want, groupIDs(got)); diff != "" {
		t.Errorf("memberships at any depth differ (-want +got):\n%s", diff)
	}
	for _, g := range got {
		if want := s.outerKind(); g.ID == outer && g.Kind != want {
			t.Errorf("kind of the outer group = %q, want %q", g.Kind, want)
		}
	}
	_, err = s.Protections.MemberOf(t.Context(), unknownID)
	wantErr(t, "memberships of nobody", err, directory.ErrNotFound)
}

func protectionAgain(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	for verb, call := range map[directory.Verb]func() error{
		directory.VerbProtection: func() error { _, err := s.Protections.Protection(t.Context(), a.ID); return err },
		directory.VerbOwnerships: func() error { _, err := s.Protections.Ownerships(t.Context(), a.ID); return err },
		directory.VerbMemberOf:   func() error { _, err := s.Protections.MemberOf(t.Context(), a.ID); return err },
	} {
		if !s.NoThrottling {
			s.Inject(t, verb, Throttled)
			wantThrottled(t, string(verb), call())
		}
		s.Inject(t, verb, Unavailable)
		wantErr(t, string(verb)+" at a broken gateway", call(), directory.ErrUnavailable)
		mustDo(t, string(verb), call())
	}
}

// guarded tries every write to an account that is guarded, and finds it as it was.
func guarded(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	manager := s.create(t, s.person("manager", "E2"))
	mustDo(t, "add to group", s.Target.Groups.AddToGroup(t.Context(), a.ID, s.assigned()))
	s.Guard(t, a.ID)
	before, err := s.Account(t.Context(), a.ID)
	mustDo(t, "read", err)
	on, off := true, false
	set := func(name, value string) directory.Change {
		return directory.Change{Set: map[string]string{name: value}}
	}
	for what, write := range map[string]func() error{
		"an attribute": func() error { return s.Writer.UpdateAccount(t.Context(), a.ID, set(jobTitle, "Chief")) },
		"a clear": func() error {
			return s.Writer.UpdateAccount(t.Context(), a.ID, directory.Change{Clear: []string{displayName}})
		},
		"a rename": func() error {
			return s.Writer.UpdateAccount(t.Context(), a.ID, set(directory.UserNameAttribute, "other@"+s.Domain))
		},
		"a number": func() error {
			return s.Writer.UpdateAccount(t.Context(), a.ID, set(directory.EmployeeIDAttribute, "E9"))
		},
		"an enable":          func() error { return s.Writer.UpdateAccount(t.Context(), a.ID, directory.Change{Enabled: &on}) },
		"a disable":          func() error { return s.Writer.UpdateAccount(t.Context(), a.ID, directory.Change{Enabled: &off}) },
		"a manager":          func() error { return s.Writer.SetManager(t.Context(), a.ID, manager.ID) },
		"no manager":         func() error { return s.Writer.SetManager(t.Context(), a.ID, "") },
		"a delete":           func() error { return s.Remover.DeleteAccount(t.Context(), a.ID) },
		"a group":            func() error { return s.Target.Groups.AddToGroup(t.Context(), a.ID, s.assigned()) },
		"the end of a group": func() error { return s.Target.Groups.RemoveFromGroup(t.Context(), a.ID, s.assigned()) },
	} {
		wantErr(t, what, write(), directory.ErrProtected)
	}
	after, err := s.Account(t.Context(), a.ID)
	mustDo(t, "read again", err)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("a guarded account was changed (-before +after):\n%s", diff)
	}
	groups, err := s.Target.Groups.Memberships(t.Context(), a.ID)
	mustDo(t, "list memberships", err)
	if len(groups) != 1 {
		t.Errorf("memberships = %v, want the one it had", groups)
	}
	mustDo(t, "write to another", s.Writer.SetManager(t.Context(), manager.ID, a.ID))
}
