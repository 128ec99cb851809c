package graph_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/sim/graph"
)

// organisation seeds a role holder, a role-assignable group and an owner.
func organisation(h *harness) (root, member, owner, group string) {
	h.t.Helper()
	root, member, owner = graph.SeedID("root@contoso.example"), graph.SeedID("mia@contoso.example"), graph.SeedID("ole@contoso.example")
	group = graph.SeedID("Operators")
	h.seed(graph.Seed{
		Users: []graph.UserSeed{
			{
				Props: map[string]any{"userPrincipalName": "root@contoso.example"},
				Facts: graph.SignInFacts{Roles: []string{graph.RoleGlobalAdmin}, Eligible: []string{graph.RoleUserAdmin}},
			},
			{Props: map[string]any{"userPrincipalName": "mia@contoso.example"}},
			{Props: map[string]any{"userPrincipalName": "ole@contoso.example"}},
		},
		Groups: []graph.GroupSeed{
			{
				Name: "Operators", Kind: graph.GroupRole, Members: []string{member}, Owners: []string{owner},
				Roles: []string{graph.RoleHelpdeskAdmin}, Eligible: []string{graph.RoleGlobalAdmin},
			},
			{Name: "Staff", Members: []string{group}},
		},
		Applications: []graph.Application{{Name: "Intranet", Owners: []string{owner}}},
	})
	return root, member, owner, group
}

func TestRoleAssignments(t *testing.T) {
	t.Parallel()
	h := start(t)
	root, member, _, group := organisation(h)
	const assignments, eligibilities = "/roleManagement/directory/roleAssignments", "/roleManagement/directory/roleEligibilityScheduleInstances"
	names := func(path string) []string {
		t.Helper()
		out := []string{}
		list, _ := h.must(200, "GET", path, nil).body["value"].([]any)
		for _, v := range list {
			out = append(out, str(v, "roleDefinition", "displayName"))
		}
		return out
	}
	filter := func(id string) string { return "?$filter=principalId eq '" + id + "'&$expand=roleDefinition" }
	for path, want := range map[string][]string{
		assignments + filter(root):     {graph.RoleGlobalAdmin},
		assignments + filter(group):    {graph.RoleHelpdeskAdmin},
		assignments + filter(member):   {}, // held through the group only
		eligibilities + filter(root):   {graph.RoleUserAdmin},
		eligibilities + filter(group):  {graph.RoleGlobalAdmin},
		eligibilities + filter(nobody): {},
	} {
		if diff := cmp.Diff(want, names(path)); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", path, diff)
		}
	}
	if got := len(h.must(200, "GET", assignments, nil).values("id")); got != 2 {
		t.Errorf("%d assignments, want 2", got)
	}
	h.must(400, "GET", assignments+"?$orderby=id", nil)
	h.must(400, "GET", assignments+"?$filter=shoeSize eq '44'", nil)
	h.must(400, "GET", assignments+"?$expand=everything", nil)
	h.app = readApp
	h.must(403, "GET", assignments, nil)
	h.must(403, "GET", eligibilities, nil)
}

func TestEligibleRolesNeedTheLicence(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *graph.Options) { o.NoPremium = true })
	if a := h.do("GET", "/roleManagement/directory/roleEligibilityScheduleInstances", nil); a.status != 400 || a.code() != "AadPremiumLicenseRequired" {
		t.Errorf("answer = %d %s, want 400 AadPremiumLicenseRequired", a.status, a.code())
	}
}

func TestRolesThroughGroups(t *testing.T) {
	t.Parallel()
	h := start(t)
	_, member, owner, _ := organisation(h)
	deep := h.must(200, "GET", "/users/"+member+"/transitiveMemberOf?$select=displayName", nil)
	if diff := cmp.Diff([]string{"Operators", "Staff", graph.RoleHelpdeskAdmin}, deep.values("displayName")); diff != "" {
		t.Errorf("memberships at any depth differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Operators"}, h.must(200, "GET", "/users/"+member+"/memberOf", nil).values("displayName")); diff != "" {
		t.Errorf("direct memberships differ (-want +got):\n%s", diff)
	}
	// Members and owners are out of reach like holders of the role itself.
	for _, id := range []string{member, owner} {
		h.must(403, "PATCH", "/users/"+id, `{"accountEnabled":false}`)
		h.must(204, "PATCH", "/users/"+id, `{"department":"Ops"}`)
		h.must(403, "DELETE", "/users/"+id, nil)
	}
}

func TestOwnedObjects(t *testing.T) {
	t.Parallel()
	h := start(t)
	root, _, owner, group := organisation(h)
	a := h.must(200, "GET", "/users/"+owner+"/ownedObjects?$select=id,displayName,isAssignableToRole", nil)
	if diff := cmp.Diff([]string{"#microsoft.graph.group", "#microsoft.graph.application"}, a.values("@odata.type")); diff != "" {
		t.Errorf("types differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{owner}, h.must(200, "GET", "/groups/"+group+"/owners", nil).values("id")); diff != "" {
		t.Errorf("owners differ (-want +got):\n%s", diff)
	}
	if got := h.must(200, "GET", "/users/"+root+"/ownedObjects", nil).values("id"); len(got) != 0 {
		t.Errorf("owned = %v, want nothing", got)
	}
	// What the application may not read shows its type and its ID and no more.
	h.app = readApp
	hidden := h.must(200, "GET", "/users/"+owner+"/ownedObjects?$select=id,displayName", nil)
	if diff := cmp.Diff([]string{"", ""}, hidden.values("displayName")); diff != "" {
		t.Errorf("names differ (-want +got):\n%s", diff)
	}
	if got := hidden.values("id"); len(got) != 2 || got[0] != group {
		t.Errorf("IDs = %v, want those of both objects", got)
	}
}

func TestRolesAndOwnersOutliveARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := graph.Options{Dir: dir, Now: func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }}
	first, err := graph.New(o)
	if err != nil {
		t.Fatal(err)
	}
	group := graph.SeedID("Operators")
	user := graph.SeedID("mia@contoso.example")
	if err := first.Seed(graph.Seed{
		Users:  []graph.UserSeed{{Props: map[string]any{"userPrincipalName": "mia@contoso.example"}, Synced: true}},
		Groups: []graph.GroupSeed{{Name: "Operators", Kind: graph.GroupRole}},
	}); err != nil {
		t.Fatal(err)
	}
	for _, do := range []func() error{
		func() error { return first.Join(user, group) }, func() error { return first.Own(user, group) },
		func() error { return first.SetGroupRoles(group, []string{graph.RoleUserAdmin}, nil) },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	before := first.State()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := graph.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = second.Close() })
	after := second.State()
	if diff := cmp.Diff(before.Groups, after.Groups); diff != "" || len(after.Groups[0].Owners) != 1 {
		t.Errorf("groups differ after a restart (-before +after):\n%s", diff)
	}
	if props := after.Users[0].Props; props["onPremisesSyncEnabled"] != true || props["onPremisesImmutableId"] == nil {
		t.Errorf("synced user = %v, want the flag and the immutable ID", props)
	}
}

func TestArrangementsAreChecked(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.hire("Ada")
	h.seed(graph.Seed{Groups: []graph.GroupSeed{{Name: "Staff"}}})
	for name, err := range map[string]error{
		"join nobody":        h.Join(nobody, graph.SeedID("Staff")),
		"join nothing":       h.Join(id, nobody),
		"own by nobody":      h.Own(nobody, graph.SeedID("Staff")),
		"roles of any group": h.SetGroupRoles(graph.SeedID("Staff"), []string{graph.RoleUserAdmin}, nil),
		"odd role":           h.SetSignInFacts(id, graph.SignInFacts{Eligible: []string{"Emperor"}}),
		"seeded roles":       h.Seed(graph.Seed{Groups: []graph.GroupSeed{{Name: "Other", Roles: []string{graph.RoleUserAdmin}}}}),
	} {
		if err == nil {
			t.Errorf("%s: no error, want one", name)
		}
	}
}

func TestUnknownQueryOptionsAreRefused(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.hire("Ada")
	for _, path := range []string{"/users?$selekt=id", "/users/" + id + "?$filtre=x", "/groups?$skipp=1"} {
		if a := h.do("GET", path, nil); a.status != 400 || a.code() != "BadRequest" {
			t.Errorf("%s = %d %s, want 400 BadRequest", path, a.status, a.code())
		}
	}
	// A name without the dollar is the caller's own, or a system option.
	h.must(200, "GET", "/users?cachebuster=1&top=5", nil, offContract, "1")
}

func TestTheServiceMayAnswerLessThanTop(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *graph.Options) { o.MaxPage = 2 })
	for _, name := range []string{"Ada", "Bea", "Cia"} {
		h.hire(name)
	}
	first := h.must(200, "GET", "/users?$top=999&$select=id", nil)
	next := str(first.body, "@odata.nextLink")
	if len(first.values("id")) != 2 || next == "" {
		t.Fatalf("first page = %v, next %q, want two and a link", first.values("id"), next)
	}
	if got := h.must(200, "GET", next, nil).values("id"); len(got) != 1 {
		t.Errorf("second page = %v, want one", got)
	}
}
