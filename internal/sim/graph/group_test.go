package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/internal/sim/graph"
)

func TestGroupMembers(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.seed(graph.Seed{Groups: []graph.GroupSeed{{Name: "Staff"}, {Name: "All"}}})
	staff, all := graph.SeedID("Staff"), graph.SeedID("All")
	ada, bea := h.hire("Ada"), h.hire("Bea")
	h.must(204, "POST", "/groups/"+staff+"/members/$ref", ref(ada))
	if a := h.must(400, "POST", "/groups/"+staff+"/members/$ref", ref(ada)); a.message() != "One or more added object references already exist for the following modified properties: 'members'." {
		t.Errorf("added twice: %s", a.message())
	}
	h.must(404, "POST", "/groups/"+staff+"/members/$ref", ref(nobody))
	h.must(204, "POST", "/groups/"+all+"/members/$ref", ref(staff))
	bind := func(ids ...string) map[string]any {
		var list []string
		for _, id := range ids {
			list = append(list, "https://graph.microsoft.com/v1.0/directoryObjects/"+id)
		}
		return map[string]any{"members@odata.bind": list}
	}
	h.must(400, "PATCH", "/groups/"+staff, bind(bea, ada))
	if a := h.must(200, "GET", "/groups/"+staff+"/members?$select=displayName", nil); !slices.Equal(a.values("displayName"), []string{"Ada"}) {
		t.Errorf("members after a refused bulk add = %s", a.text)
	}
	h.must(204, "PATCH", "/groups/"+staff, bind(bea))
	h.must(400, "PATCH", "/groups/"+staff, bind(slices.Repeat([]string{bea}, 21)...))

	if a := h.must(200, "GET", "/users/"+ada+"/memberOf", nil); !slices.Equal(a.values("id"), []string{staff}) || a.values("@odata.type")[0] != "#microsoft.graph.group" {
		t.Errorf("memberOf = %s", a.text)
	}
	if a := h.must(200, "GET", "/users/"+ada+"/transitiveMemberOf", nil); !slices.Equal(a.values("id"), []string{staff, all}) {
		t.Errorf("transitiveMemberOf = %s", a.text)
	}
	cast := "/users/" + ada + "/transitiveMemberOf/microsoft.graph.group"
	h.must(400, "GET", cast, nil)
	if a := h.must(200, "GET", cast+"?$count=true&$select=displayName,groupTypes", nil, "ConsistencyLevel", "eventual"); len(a.values("id")) != 2 {
		t.Errorf("cast = %s", a.text)
	}
	h.must(200, "GET", "/users/"+ada+"/memberOf/microsoft.graph.group", nil)

	h.must(204, "DELETE", "/groups/"+staff+"/members/"+ada+"/$ref", nil)
	h.must(404, "DELETE", "/groups/"+staff+"/members/"+ada+"/$ref", nil)
	// The trap: without /$ref the member itself is deleted.
	h.must(204, "DELETE", "/groups/"+staff+"/members/"+bea, nil)
	h.must(404, "GET", "/users/"+bea, nil)
	h.must(200, "GET", "/directory/deletedItems/"+bea, nil)
}

func TestGroupRefusals(t *testing.T) {
	t.Parallel()
	h := start(t)
	kinds := map[graph.GroupKind]struct {
		status int
		text   string
	}{
		graph.GroupSynced:      {400, "on-premises mastered"},
		graph.GroupDynamic:     {403, "Insufficient privileges"},
		graph.GroupMailEnabled: {400, "Cannot Update a mail-enabled security groups and or distribution list."},
		graph.GroupRole:        {403, "Insufficient privileges"},
	}
	ada := h.hire("Ada")
	for kind, want := range kinds {
		name := "G " + string(kind)
		h.seed(graph.Seed{Groups: []graph.GroupSeed{{Name: name, Kind: kind, Members: []string{ada}}}})
		id := graph.SeedID(name)
		for _, a := range []answer{
			h.do("POST", "/groups/"+id+"/members/$ref", ref(ada)),
			h.do("DELETE", "/groups/"+id+"/members/"+ada+"/$ref", nil),
			h.do("PATCH", "/groups/"+id, map[string]any{"members@odata.bind": []string{"https://graph.microsoft.com/v1.0/users/" + ada}}),
		} {
			if a.status != want.status || !strings.Contains(a.message(), want.text) {
				t.Errorf("%s: %d %s, want %d %s", kind, a.status, a.message(), want.status, want.text)
			}
		}
	}
	h.app = bossApp
	h.must(204, "DELETE", "/groups/"+graph.SeedID("G role-assignable")+"/members/"+ada+"/$ref", nil)
}

func TestCreateGroup(t *testing.T) {
	t.Parallel()
	h := start(t)
	ada := h.hire("Ada")
	body := func(pairs ...any) map[string]any {
		return with(map[string]any{"displayName": "Team", "mailEnabled": false, "mailNickname": "team", "securityEnabled": true}, pairs...)
	}
	bind := []string{"https://graph.microsoft.com/v1.0/users/" + ada}
	a := h.must(201, "POST", "/groups", body("members@odata.bind", bind))
	id := str(a.body, "id")
	if got := h.must(200, "GET", "/groups/"+id+"/members", nil).values("id"); !slices.Equal(got, []string{ada}) {
		t.Errorf("members = %v", got)
	}
	h.must(201, "POST", "/groups", body())
	if got := h.must(200, "GET", "/groups?$filter=displayName eq 'Team'", nil).values("id"); len(got) != 2 {
		t.Errorf("groups named Team = %v, want two: names are not unique", got)
	}
	dynamic := []any{"groupTypes", []string{"DynamicMembership"}, "membershipRule", "x", "membershipRuleProcessingState", "On"}
	h.must(403, "POST", "/groups", body(append(dynamic, "members@odata.bind", bind)...))
	h.must(201, "POST", "/groups", body(dynamic...))
	h.must(403, "POST", "/groups", body("isAssignableToRole", true))
	h.must(400, "POST", "/groups", body("mailEnabled", true))
	unified := []any{"groupTypes", []string{"Unified"}, "mailEnabled", true, "securityEnabled", false}
	u := str(h.must(201, "POST", "/groups", body(unified...)).body, "id")
	if a := h.must(400, "POST", "/groups", body(unified...)); a.detail() != "ObjectConflict mailNickname" {
		t.Errorf("second team: %s", a.text)
	}
	h.must(204, "PATCH", "/groups/"+u, `{"description":"x"}`)
	h.must(204, "DELETE", "/groups/"+u, nil)
	if got := h.must(200, "GET", "/directory/deletedItems/microsoft.graph.group", nil).values("id"); !slices.Equal(got, []string{u}) {
		t.Errorf("deleted groups = %v", got)
	}
	h.must(200, "POST", "/directory/deletedItems/"+u+"/restore", nil)
	h.must(200, "GET", "/groups/"+u+"?$select=description", nil)
	h.must(204, "DELETE", "/groups/"+id, nil)
	h.must(404, "GET", "/directory/deletedItems/"+id, nil)
}

func licences(add []string, remove ...string) map[string]any {
	list := []any{}
	for _, id := range add {
		list = append(list, map[string]any{"skuId": id, "disabledPlans": []string{}})
	}
	return map[string]any{"addLicenses": list, "removeLicenses": append([]string{}, remove...)}
}

func TestLicences(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.seed(graph.Seed{SKUs: []graph.SKU{
		{ID: skuE3, PartNumber: "SPE_E3", Seats: 1, Plans: []graph.ServicePlan{{ID: planMail, Name: "EXCHANGE_S_ENTERPRISE"}}},
		{ID: skuP2, PartNumber: "AAD_PREMIUM_P2", Seats: 5},
	}})
	ada, bea, nowhere := h.hire("Ada", "usageLocation", "DE"), h.hire("Bea", "usageLocation", "DE"), h.hire("Nowhere")
	tests := []struct {
		name, user string
		body       any
		text       string
	}{
		{"missing array", ada, map[string]any{"removeLicenses": []any{}}, "The missing parameters are: addLicenses."},
		{"not a guid", ada, licences([]string{"E3"}), "Edm.Guid"},
		{"unknown sku", ada, licences([]string{nobody}), "does not correspond to a valid company License."},
		{"no usage location", nowhere, licences([]string{skuE3}), "License assignment cannot be done for user with invalid usage location."},
		{"not held", ada, licences(nil, skuE3), "User does not have a corresponding license."},
	}
	for _, tt := range tests {
		if a := h.do("POST", "/users/"+tt.user+"/assignLicense", tt.body); a.status != 400 || a.code() != "Request_BadRequest" || !strings.Contains(a.message(), tt.text) {
			t.Errorf("%s: %d %s %s", tt.name, a.status, a.code(), a.message())
		}
	}
	disabled := map[string]any{"addLicenses": []any{map[string]any{"skuId": skuE3, "disabledPlans": []string{planMail}}}, "removeLicenses": []string{}}
	h.must(200, "POST", "/users/"+ada+"/assignLicense", disabled)
	if a := h.must(400, "POST", "/users/"+bea+"/assignLicense", licences([]string{skuE3, skuP2})); !strings.Contains(a.message(), "does not have any available licenses.") {
		t.Errorf("no seats: %s", a.message())
	}
	if n := h.State().SKUs[1].Consumed; n != 0 {
		t.Errorf("a refused assignment took %d seats of the other SKU", n)
	}
	details := h.must(200, "GET", "/users/"+ada+"/licenseDetails", nil)
	if !strings.Contains(details.text, `"provisioningStatus":"Disabled"`) || !slices.Equal(details.values("skuPartNumber"), []string{"SPE_E3"}) {
		t.Errorf("details = %s", details.text)
	}
	sku := h.must(200, "GET", "/subscribedSkus", nil)
	if !strings.Contains(sku.text, `"consumedUnits":1`) || sku.values("id")[0] != h.TenantID()+"_"+skuE3 {
		t.Errorf("skus = %s", sku.text)
	}
	h.must(200, "GET", "/subscribedSkus/"+sku.values("id")[0], nil)
	if got := h.must(200, "GET", "/users?$filter=assignedLicenses/any(x:x/skuId eq "+skuE3+")", nil).values("id"); !slices.Equal(got, []string{ada}) {
		t.Errorf("users with the SKU = %v", got)
	}
	h.must(200, "POST", "/users/"+ada+"/assignLicense", licences([]string{skuP2}, skuE3))
	h.must(200, "POST", "/users/"+bea+"/assignLicense", licences([]string{skuE3}))
}

func TestGroupLicences(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *graph.Options) { o.GroupLicenceDelay = 5 * time.Minute })
	h.seed(graph.Seed{
		SKUs:   []graph.SKU{{ID: skuE3, PartNumber: "E3", Seats: 1}},
		Groups: []graph.GroupSeed{{Name: "Licensed", SKUs: []string{skuE3}}},
	})
	g := graph.SeedID("Licensed")
	ada, bea := h.hire("Ada", "usageLocation", "DE"), h.hire("Bea", "usageLocation", "DE")
	states := func(id string) string {
		u := h.must(200, "GET", "/users/"+id+"?$select=licenseAssignmentStates,assignedLicenses", nil).body
		var out []string
		list, _ := u["licenseAssignmentStates"].([]any)
		for _, s := range list {
			out = append(out, fmt.Sprintf("%s %s %v", str(s, "state"), str(s, "error"), str(s, "assignedByGroup") == g))
		}
		assigned, _ := u["assignedLicenses"].([]any)
		return fmt.Sprint(out, len(assigned))
	}
	h.must(204, "POST", "/groups/"+g+"/members/$ref", ref(ada))
	if got := states(ada); got != "[] 0" {
		t.Errorf("at once: %s, want nothing yet", got)
	}
	h.clock.Add(5 * time.Minute)
	if got := states(ada); got != "[Active None true] 1" {
		t.Errorf("after the delay: %s", got)
	}
	if a := h.must(400, "POST", "/users/"+ada+"/assignLicense", licences(nil, skuE3)); !strings.Contains(a.message(), "inherited from a group membership") {
		t.Errorf("remove inherited: %s", a.message())
	}
	h.must(204, "POST", "/groups/"+g+"/members/$ref", ref(bea))
	h.clock.Add(5 * time.Minute)
	if got := states(bea); got != "[Error CountViolation true] 0" {
		t.Errorf("without a seat: %s", got)
	}
	h.must(204, "DELETE", "/groups/"+g+"/members/"+ada+"/$ref", nil)
	if got := states(ada); got != "[] 0" {
		t.Errorf("after leaving: %s", got)
	}
	h.must(200, "POST", "/users/"+bea+"/reprocessLicenseAssignment", nil)
	if got := states(bea); got != "[Active None true] 1" {
		t.Errorf("after reprocessing: %s", got)
	}
}
