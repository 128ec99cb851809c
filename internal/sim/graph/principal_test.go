package graph_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/sim/graph"
)

const passPolicy = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass"

func arrange(h *harness, a graph.Arrangement) {
	h.t.Helper()
	if err := h.Arrange(a); err != nil {
		h.t.Fatal(err)
	}
}

// granted reads the permissions of an application as an administrator would.
func granted(h *harness, appID string) []string {
	h.t.Helper()
	roles := map[string]string{}
	list, _ := h.must(200, "GET", "/servicePrincipals?$filter=appId eq '00000003-0000-0000-c000-000000000000'&$select=id,appRoles", nil).body["value"].([]any)
	principal, _ := list[0].(map[string]any)
	all, _ := principal["appRoles"].([]any)
	for _, role := range all {
		roles[str(role, "id")] = str(role, "value")
	}
	mine := h.must(200, "GET", "/servicePrincipals?$filter=appId eq '"+appID+"'", nil).values("id")
	if len(mine) != 1 {
		h.t.Fatalf("service principals of the application = %v, want one", mine)
	}
	var out []string
	for _, id := range h.must(200, "GET", "/servicePrincipals/"+mine[0]+"/appRoleAssignments", nil).values("appRoleId") {
		out = append(out, roles[id])
	}
	return out
}

func TestGrantedPermissions(t *testing.T) {
	t.Parallel()
	h := start(t)
	if diff := cmp.Diff([]string{"User.Read.All"}, granted(h, readApp)); diff != "" {
		t.Errorf("permissions differ (-want +got):\n%s", diff)
	}
	all := granted(h, appID)
	if slices.Contains(all, "RoleManagement.ReadWrite.Directory") || !slices.Contains(all, "User-LifeCycleInfo.ReadWrite.All") {
		t.Errorf("permissions of an application without a list = %v", all)
	}
	arrange(h, graph.Arrangement{Permissions: map[string][]string{readApp: {"Application.Read.All"}}})
	if diff := cmp.Diff([]string{"Application.Read.All"}, granted(h, readApp)); diff != "" {
		t.Errorf("permissions differ after they were changed (-want +got):\n%s", diff)
	}
	h.app = readApp
	h.must(403, "GET", "/users", nil)
	h.must(404, "GET", "/servicePrincipals/"+nobody+"/appRoleAssignments", nil)
	arrange(h, graph.Arrangement{Permissions: map[string][]string{readApp: {}}})
	h.must(403, "GET", "/servicePrincipals", nil)
}

func TestProvisioningJobs(t *testing.T) {
	t.Parallel()
	h := start(t)
	principal := graph.SeedID("Workday")
	arrange(h, graph.Arrangement{Principals: []graph.ServicePrincipal{{Name: "Workday", Template: true, Jobs: []graph.SyncJob{
		{ID: "job.1", Template: "inbound", Active: true, Source: "Workday"}, {ID: "job.2", Template: "outbound", Target: "Salesforce"},
	}}}})
	own := h.must(200, "GET", "/servicePrincipals?$filter=displayName eq 'Workday'&$select=id,applicationTemplateId", nil)
	if got := own.values("applicationTemplateId"); len(got) != 1 || got[0] == "" {
		t.Errorf("template = %v, want one", got)
	}
	a := h.must(200, "GET", "/servicePrincipals/"+principal+"/synchronization/jobs", nil)
	list, _ := a.body["value"].([]any)
	if len(list) != 2 || str(list[0], "schedule", "state") != "Active" || str(list[1], "schedule", "state") != "Disabled" {
		t.Errorf("jobs = %v, want an active one and a disabled one", list)
	}
	rules := func(job string) string {
		t.Helper()
		all, _ := h.must(200, "GET", "/servicePrincipals/"+principal+"/synchronization/jobs/"+job+"/schema", nil).body["synchronizationRules"].([]any)
		return str(all[0], "sourceDirectoryName") + " > " + str(all[0], "targetDirectoryName")
	}
	if got := rules("job.1"); got != "Workday > Azure Active Directory" {
		t.Errorf("rule of the inbound job = %q", got)
	}
	if got := rules("job.2"); got != "Azure Active Directory > Salesforce" {
		t.Errorf("rule of the outbound job = %q", got)
	}
	h.must(404, "GET", "/servicePrincipals/"+principal+"/synchronization/jobs/job.9/schema", nil)
	h.must(404, "GET", "/servicePrincipals/"+nobody+"/synchronization/jobs", nil)
	h.app = readApp
	h.must(403, "GET", "/servicePrincipals/"+principal+"/synchronization/jobs", nil)
}

func TestLifecycleWorkflows(t *testing.T) {
	t.Parallel()
	h := start(t)
	const path = "/identityGovernance/lifecycleWorkflows/workflows"
	if got := h.must(200, "GET", path, nil).values("id"); len(got) != 0 {
		t.Errorf("workflows = %v, want none", got)
	}
	arrange(h, graph.Arrangement{Workflows: []graph.LifecycleWorkflow{
		{Name: "Pre-hire", Category: "joiner", Enabled: true, Scheduled: true}, {Name: "Offboard", Category: "leaver"},
	}})
	if diff := cmp.Diff([]string{"Pre-hire", "Offboard"}, h.must(200, "GET", path, nil).values("displayName")); diff != "" {
		t.Errorf("workflows differ (-want +got):\n%s", diff)
	}
	poor := start(t, func(o *graph.Options) { o.NoPremium = true })
	if a := poor.do("GET", path, nil); a.status != 403 || a.code() != "NoLicense" {
		t.Errorf("without the licence = %d %s, want 403 NoLicense", a.status, a.code())
	}
}

func TestArrangedPassPolicy(t *testing.T) {
	t.Parallel()
	h := start(t)
	ada, bea := h.hire("Ada"), h.hire("Bea")
	h.seed(graph.Seed{Groups: []graph.GroupSeed{{Name: "Pilots", Members: []string{ada}}, {Name: "Guests", Members: []string{bea}}}})
	arrange(h, graph.Arrangement{Pass: &graph.PassPolicy{Enabled: true, Minimum: 60, Maximum: 120, Include: []string{graph.SeedID("Pilots")}}})
	a := h.must(200, "GET", passPolicy, nil)
	include, _ := a.body["includeTargets"].([]any)
	if len(include) != 1 || str(include[0], "id") != graph.SeedID("Pilots") || a.body["maximumLifetimeInMinutes"] != 120.0 {
		t.Errorf("policy = %v, want the group and the longest life", a.body)
	}
	h.must(201, "POST", taps(ada), `{}`)
	h.must(400, "POST", taps(bea), `{}`)
	arrange(h, graph.Arrangement{Pass: &graph.PassPolicy{Enabled: true, Minimum: 60, Maximum: 120, Exclude: []string{graph.SeedID("Guests")}}})
	h.must(400, "POST", taps(bea), `{}`)
	arrange(h, graph.Arrangement{Pass: &graph.PassPolicy{Minimum: 60, Maximum: 120}})
	h.must(400, "POST", taps(ada), `{}`)
}

func TestArrangedTenant(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.seed(graph.Seed{
		SKUs:  []graph.SKU{{ID: skuE3, PartNumber: "SPE_E3", Seats: 5}},
		Users: []graph.UserSeed{{Synced: true, Props: map[string]any{"userPrincipalName": "sync@contoso.example"}}},
	})
	arrange(h, graph.Arrangement{
		Seats: map[string]int{skuE3: 2}, Domains: []string{"contoso.example", "fabrikam.example"}, Federated: []string{"fabrikam.example"},
	})
	list, _ := h.must(200, "GET", "/organization?$select=verifiedDomains,onPremisesSyncEnabled", nil).body["value"].([]any)
	org, _ := list[0].(map[string]any)
	domains, _ := org["verifiedDomains"].([]any)
	if len(domains) != 2 || str(domains[1], "type") != "Federated" || org["onPremisesSyncEnabled"] != true {
		t.Errorf("organization = %v, want the federated domain and the sync", org)
	}
	skus, _ := h.must(200, "GET", "/subscribedSkus", nil).body["value"].([]any)
	sku, _ := skus[0].(map[string]any)
	if units, _ := sku["prepaidUnits"].(map[string]any); units["enabled"] != 2.0 {
		t.Errorf("sku = %v, want two seats", sku)
	}
}

func TestOddArrangementsChangeNothing(t *testing.T) {
	t.Parallel()
	h := start(t)
	before := h.State()
	for name, a := range map[string]graph.Arrangement{
		"application": {Permissions: map[string][]string{nobody: nil}, Domains: []string{"other.example"}},
		"permission":  {Permissions: map[string][]string{readApp: {"Everything.All"}}, Domains: []string{"other.example"}},
		"policy":      {Pass: &graph.PassPolicy{Enabled: true}, Domains: []string{"other.example"}},
		"sku":         {Seats: map[string]int{nobody: 1}, Domains: []string{"other.example"}},
		"category":    {Workflows: []graph.LifecycleWorkflow{{Name: "x"}}, Domains: []string{"other.example"}},
		"job":         {Principals: []graph.ServicePrincipal{{Name: "x", Jobs: []graph.SyncJob{{}}}}, Domains: []string{"other.example"}},
		"no domain":   {Domains: []string{}},
	} {
		if err := h.Arrange(a); err == nil {
			t.Errorf("odd %s: no error, want one", name)
		}
	}
	if diff := cmp.Diff(before.Domains, h.State().Domains); diff != "" {
		t.Errorf("domains differ (-before +after):\n%s", diff)
	}
}

func TestArrangeOverTheTools(t *testing.T) {
	t.Parallel()
	h := start(t)
	post := func(body string) int {
		t.Helper()
		res, err := http.Post(h.url+"/_sim/tenant", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	if got := post(`{"domains":["fabrikam.example"]}`); got != http.StatusNoContent {
		t.Errorf("status = %d, want 204", got)
	}
	if got := h.State().Domains; !slices.Equal(got, []string{"fabrikam.example"}) {
		t.Errorf("domains = %v", got)
	}
	if got := post(`{"odd":1}`); got != http.StatusBadRequest {
		t.Errorf("status of an odd body = %d, want 400", got)
	}
}
