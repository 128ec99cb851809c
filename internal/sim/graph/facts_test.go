package graph_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/sim/graph"
)

const lastSignIn = "lastSignInDateTime"

func TestSignInActivity(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.hire("Ada", "accountEnabled", true)
	one, name := "/users/"+id, "ada@contoso.example"
	ask := one + "?$select=id,signInActivity"

	if v, ok := h.must(200, "GET", ask, nil).body["signInActivity"]; !ok || v != nil {
		t.Errorf("activity of an unused account = %v, %v, want null", v, ok)
	}
	if _, ok := h.must(200, "GET", one, nil).body["signInActivity"]; ok {
		t.Error("signInActivity is shown without $select")
	}
	h.must(400, "PATCH", one, `{"signInActivity":{"lastSignInDateTime":"2026-03-01T08:00:00Z"}}`)
	if a := h.do("GET", "/users/"+name+"?$select=signInActivity", nil); a.status != 400 || !strings.Contains(a.message(), "valid Guid") {
		t.Errorf("by userPrincipalName: %d %s, want 400", a.status, a.message())
	}
	h.must(404, "GET", "/users/"+graph.SeedID("nobody")+"?$select=signInActivity", nil)

	if err := h.SetSignInFacts(name, graph.SignInFacts{LastSignIn: time.Date(2026, 3, 1, 9, 0, 0, 0, time.FixedZone("CET", 3600))}); err != nil {
		t.Fatal(err)
	}
	if got := str(h.must(200, "GET", ask, nil).body, "signInActivity", lastSignIn); got != "2026-03-01T08:00:00Z" {
		t.Errorf("last sign-in = %q, want 2026-03-01T08:00:00Z", got)
	}
	list, _ := h.must(200, "GET", "/users?$select=id,signInActivity", nil).body["value"].([]any)
	if len(list) != 1 || str(list[0], "signInActivity", lastSignIn) != "2026-03-01T08:00:00Z" {
		t.Errorf("list = %v, want the last sign-in", list)
	}
	if err := h.SetSignInFacts(id, graph.SignInFacts{}); err != nil {
		t.Fatal(err)
	}
	if v := h.must(200, "GET", ask, nil).body["signInActivity"]; v != nil {
		t.Errorf("activity after the facts were cleared = %v, want null", v)
	}

	pass := str(h.must(201, "POST", taps(id), `{}`).body, "temporaryAccessPass")
	if err := h.SignIn(name, "wrong"); err == nil {
		t.Error("a wrong pass was accepted")
	}
	if v := h.must(200, "GET", ask, nil).body["signInActivity"]; v != nil {
		t.Errorf("activity after a refused sign-in = %v, want null", v)
	}
	if err := h.SignIn(name, pass); err != nil {
		t.Fatal(err)
	}
	if got := str(h.must(200, "GET", ask, nil).body, "signInActivity", "lastSuccessfulSignInDateTime"); got != "2026-03-02T09:00:00Z" {
		t.Errorf("sign-in by pass = %q, want 2026-03-02T09:00:00Z", got)
	}
}

func TestSignInActivityNeedsThePermission(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.hire("Ada")
	h.app = readApp
	h.must(200, "GET", "/users/"+id+"?$select=id,department", nil)
	for _, path := range []string{"/users/" + id, "/users"} {
		if a := h.do("GET", path+"?$select=signInActivity", nil); a.status != 403 || a.code() != "Authentication_MSGraphPermissionMissing" {
			t.Errorf("GET %s = %d %s, want 403", path, a.status, a.code())
		}
	}
}

func TestOtherMethods(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.hire("Ada")
	h.must(201, "POST", taps(id), `{}`)
	if err := h.SetSignInFacts(id, graph.SignInFacts{Methods: []string{graph.MethodPhone, graph.MethodPhone, graph.MethodFido2}}); err != nil {
		t.Fatal(err)
	}
	a := h.must(200, "GET", "/users/"+id+"/authentication/methods", nil)
	want := []string{
		"#microsoft.graph.passwordAuthenticationMethod", "#microsoft.graph.temporaryAccessPassAuthenticationMethod",
		"#microsoft.graph.phoneAuthenticationMethod", "#microsoft.graph.phoneAuthenticationMethod",
		"#microsoft.graph.fido2AuthenticationMethod",
	}
	if diff := cmp.Diff(want, a.values("@odata.type")); diff != "" {
		t.Errorf("methods differ (-want +got):\n%s", diff)
	}
	ids := a.values("id")
	slices.Sort(ids)
	if got := len(slices.Compact(ids)); got != len(want) {
		t.Errorf("%d different IDs of %d methods", got, len(want))
	}
}

func TestDirectoryRoles(t *testing.T) {
	t.Parallel()
	h := start(t)
	root := graph.SeedID("root@contoso.example")
	h.seed(graph.Seed{
		Users: []graph.UserSeed{{
			Props: map[string]any{"userPrincipalName": "root@contoso.example"},
			Facts: graph.SignInFacts{Roles: []string{graph.RoleGlobalAdmin}},
		}},
		Groups: []graph.GroupSeed{{Name: "Staff", Members: []string{root}}},
	})
	for _, path := range []string{"/memberOf", "/transitiveMemberOf", "/transitiveMemberOf?$select=id,isAssignableToRole"} {
		a := h.must(200, "GET", "/users/"+root+path, nil)
		if diff := cmp.Diff([]string{"#microsoft.graph.group", "#microsoft.graph.directoryRole"}, a.values("@odata.type")); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", path, diff)
		}
	}
	a := h.must(200, "GET", "/users/"+root+"/memberOf?$select=displayName,roleTemplateId", nil)
	if diff := cmp.Diff([]string{"Staff", "Global Administrator"}, a.values("displayName")); diff != "" {
		t.Errorf("names differ (-want +got):\n%s", diff)
	}
	if got := a.values("roleTemplateId")[1]; got != "62e90394-69f5-4237-9190-012177145e10" {
		t.Errorf("template of the role = %q", got)
	}
	if got := h.must(200, "GET", "/users/"+root+"/memberOf/microsoft.graph.group", nil).values("id"); len(got) != 1 {
		t.Errorf("groups = %v, want no role among them", got)
	}
	h.must(403, "POST", taps(root), `{}`)
	if err := h.SetSignInFacts(root, graph.SignInFacts{}); err != nil {
		t.Fatal(err)
	}
	h.must(201, "POST", taps(root), `{}`)
}

func TestOddFactsAreRefused(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.hire("Ada")
	for name, f := range map[string]graph.SignInFacts{
		"method": {Methods: []string{"carrier pigeon"}},
		"role":   {Roles: []string{"Emperor"}},
	} {
		if err := h.SetSignInFacts(id, f); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("SetSignInFacts with an odd %s = %v, want an error", name, err)
		}
		seed := graph.UserSeed{Props: map[string]any{"userPrincipalName": "odd@contoso.example"}, Facts: f}
		if err := h.Seed(graph.Seed{Users: []graph.UserSeed{seed}}); err == nil {
			t.Errorf("Seed with an odd %s = nil, want an error", name)
		}
	}
	if err := h.SetSignInFacts("nobody", graph.SignInFacts{}); err == nil {
		t.Error("SetSignInFacts of nobody = nil, want an error")
	}
}

// TestAdvanceEmployee moves a person's clock before there is an account: the journey of a joiner begins earlier.
func TestAdvanceEmployee(t *testing.T) {
	t.Parallel()
	h := start(t)
	if err := h.AdvanceEmployee("E1", 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := h.AdvanceEmployee(" ", time.Hour); err == nil {
		t.Error("AdvanceEmployee of nobody = nil, want an error")
	}
	ada, bea := h.hire("Ada", "employeeId", "E1"), h.hire("Bea", "employeeId", "E2")
	const body = `{"startDateTime":"2026-03-03T10:00:00Z"}`
	usable := func(id, want string) {
		t.Helper()
		list, _ := h.must(200, "GET", taps(id), nil).body["value"].([]any)
		if len(list) != 1 || str(list[0], "methodUsabilityReason") != want {
			t.Errorf("pass = %v, want it %s", list, want)
		}
	}
	h.must(201, "POST", taps(ada), body)
	h.must(201, "POST", taps(bea), body)
	usable(ada, "NotYetValid")
	if err := h.AdvanceEmployee("E1", time.Hour); err != nil {
		t.Fatal(err)
	}
	usable(ada, "EnabledByPolicy")
	usable(bea, "NotYetValid")

	h.must(204, "DELETE", "/users/"+ada, nil)
	if err := h.AdvanceEmployee("E1", 30*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	h.must(404, "GET", "/directory/deletedItems/"+ada, nil)
}
