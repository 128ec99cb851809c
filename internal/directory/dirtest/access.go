package dirtest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory"
)

func groupCases() []testCase {
	return []testCase{
		{"join and leave a group twice", needs(needWriter(), needGroups()), joinAndLeave},
		{"refuse groups that others manage", needs(needWriter(), needGroups()), refuseGroups},
	}
}

func licenseCases() []testCase {
	return []testCase{
		{"change direct licences", needs(needWriter(), needLicenses()), directLicenses},
		{"inherit a licence", needs(needWriter(), needLicenses(), needGroupSKU()), inheritedLicense},
		{"run out of seats", needs(needWriter(), needLicenses(), needExhausted()), exhausted},
	}
}

func needGroupSKU() need {
	return need{NeedGroupSKU, func(s suite) bool { return s.GroupSKU != "" && s.Target.Groups != nil }}
}

func needExhausted() need {
	return need{NeedExhausted, func(s suite) bool { return s.ExhaustedSKU != "" }}
}

func joinAndLeave(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	g, err := s.Target.Groups.Group(t.Context(), s.assigned())
	mustDo(t, "read group", err)
	if g.ID != s.assigned() || g.Name == "" || g.Kind != directory.GroupAssigned {
		t.Errorf("group = %+v, want ID, a name and kind assigned", g)
	}
	wantMemberships := func(want ...string) {
		t.Helper()
		got, err := s.Target.Groups.Memberships(t.Context(), a.ID)
		mustDo(t, "list memberships", err)
		if diff := cmp.Diff(append([]string{}, want...), groupIDs(got)); diff != "" {
			t.Errorf("memberships differ (-want +got):\n%s", diff)
		}
	}
	wantMemberships()
	for range 2 {
		mustDo(t, "add to group", s.Target.Groups.AddToGroup(t.Context(), a.ID, s.assigned()))
		wantMemberships(s.assigned())
	}
	for range 2 {
		mustDo(t, "remove from group", s.Target.Groups.RemoveFromGroup(t.Context(), a.ID, s.assigned()))
		wantMemberships()
	}
	mustDo(t, "leave an unknown group", s.Target.Groups.RemoveFromGroup(t.Context(), a.ID, unknownID))
	if got := s.read(t, a.ID); got.ID != a.ID {
		t.Errorf("account after leaving a group = %+v, want it to exist", got)
	}
	_, err = s.Target.Groups.Group(t.Context(), unknownID)
	wantErr(t, "read an unknown group", err, directory.ErrNotFound)
	wantErr(t, "join an unknown group", s.Target.Groups.AddToGroup(t.Context(), a.ID, unknownID), directory.ErrNotFound)
	wantErr(t, "add an unknown account", s.Target.Groups.AddToGroup(t.Context(), unknownID, s.assigned()), directory.ErrNotFound)
}

func refuseGroups(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	for kind, id := range s.Fixture.Groups {
		if kind == directory.GroupAssigned {
			continue
		}
		g, err := s.Target.Groups.Group(t.Context(), id)
		mustDo(t, "read group", err)
		if g.Kind != kind {
			t.Errorf("kind = %q, want %q", g.Kind, kind)
		}
		err = s.Target.Groups.AddToGroup(t.Context(), a.ID, id)
		wantErr(t, "join a "+string(kind)+" group", err, directory.ErrInvalid, directory.ErrDenied)
	}
	got, err := s.Target.Groups.Memberships(t.Context(), a.ID)
	if err != nil || len(got) != 0 {
		t.Errorf("memberships = %v, %v, want none", got, err)
	}
}

func wantLicenses(t *testing.T, s suite, id string, want ...directory.License) {
	t.Helper()
	got, err := s.Licenses.Licenses(t.Context(), id)
	mustDo(t, "list licences", err)
	slices.SortFunc(got, func(a, b directory.License) int { return len(a.ViaGroup) - len(b.ViaGroup) })
	if diff := cmp.Diff(append([]directory.License{}, want...), append([]directory.License{}, got...)); diff != "" {
		t.Errorf("licences differ (-want +got):\n%s", diff)
	}
}

func directLicenses(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	wantLicenses(t, s, a.ID)
	for range 2 {
		mustDo(t, "add licence", s.Licenses.ChangeLicenses(t.Context(), a.ID, []string{s.SKU}, nil))
		wantLicenses(t, s, a.ID, directory.License{SKU: s.SKU})
	}
	for range 2 {
		mustDo(t, "remove licence", s.Licenses.ChangeLicenses(t.Context(), a.ID, nil, []string{s.SKU}))
		wantLicenses(t, s, a.ID)
	}
	mustDo(t, "change nothing", s.Licenses.ChangeLicenses(t.Context(), a.ID, nil, nil))
	err := s.Licenses.ChangeLicenses(t.Context(), unknownID, []string{s.SKU}, nil)
	wantErr(t, "license an unknown account", err, directory.ErrNotFound)
	err = s.Licenses.ChangeLicenses(t.Context(), a.ID, []string{unknownID}, nil)
	wantErr(t, "add an unknown licence", err, directory.ErrInvalid)
}

func inheritedLicense(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	mustDo(t, "add to group", s.Target.Groups.AddToGroup(t.Context(), a.ID, s.LicenseGroup))
	inherited := directory.License{SKU: s.GroupSKU, ViaGroup: s.LicenseGroup}
	wantLicenses(t, s, a.ID, inherited)
	mustDo(t, "remove an inherited licence", s.Licenses.ChangeLicenses(t.Context(), a.ID, nil, []string{s.GroupSKU}))
	wantLicenses(t, s, a.ID, inherited)
	mustDo(t, "add it directly too", s.Licenses.ChangeLicenses(t.Context(), a.ID, []string{s.GroupSKU}, nil))
	wantLicenses(t, s, a.ID, directory.License{SKU: s.GroupSKU}, inherited)
}

func exhausted(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	err := s.Licenses.ChangeLicenses(t.Context(), a.ID, []string{s.SKU, s.ExhaustedSKU}, nil)
	wantErr(t, "add a licence without seats", err, directory.ErrExhausted)
	wantLicenses(t, s, a.ID)
}
