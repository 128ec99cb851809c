package e2e_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"tenure/internal/directory/entra"
	"tenure/internal/httpapi"
	"tenure/internal/sim/graph"
)

// doctor asks what tenure doctor shows, and returns what fails and the rest.
func (b *bench) doctor() (failing, others map[string]httpapi.Check) {
	b.t.Helper()
	var checks []httpapi.Check
	b.must(http.MethodGet, "/v1/doctor", nil, &checks)
	failing, others = map[string]httpapi.Check{}, map[string]httpapi.Check{}
	for _, check := range checks {
		if check.OK {
			others[check.Name] = check
		} else {
			failing[check.Name] = check
		}
	}
	return failing, others
}

// TestS20TheDoctorOfTheStack is green with the permissions of the table and no
// other, and names what is taken away or comes along.
func TestS20TheDoctorOfTheStack(t *testing.T) {
	t.Parallel()
	b := begin(t, shipped(t, replacing("    domain: contoso.example\n",
		"    domain: contoso.example\n    acknowledge: [provisioning-job in.1]\n")))
	arrange := func(a graph.Arrangement) {
		t.Helper()
		if err := b.Graph().Arrange(a); err != nil {
			t.Fatal(err)
		}
	}
	const job, permission = "target entra: provisioning-job in.1", "target entra: permission "
	failing, others := b.doctor()
	if len(failing) > 0 || others[permission+"GroupMember.ReadWrite.All"].State != httpapi.CheckOK {
		t.Fatalf("failing = %v, want nothing, and the permissions among %d checks", failing, len(others))
	}
	for name, check := range others {
		if check.State != httpapi.CheckOK && name != job {
			t.Errorf("%s = %+v, want ok", name, check)
		}
	}
	var all []string
	for _, right := range entra.Rights() {
		all = append(all, right.Least())
	}
	_, environment := b.Settings()
	client := environment["TENURE_CLIENT"]
	for _, missing := range []string{"GroupMember.ReadWrite.All", "RoleManagement.Read.Directory"} {
		granted := slices.DeleteFunc(slices.Clone(all), func(p string) bool { return p == missing })
		arrange(graph.Arrangement{Permissions: map[string][]string{client: granted}})
		failing, _ := b.doctor()
		if len(failing) != 1 || !strings.Contains(failing[permission+missing].Remedy, missing) {
			t.Errorf("failing without %s = %v, want it alone", missing, failing)
		}
	}
	arrange(graph.Arrangement{
		Permissions: map[string][]string{client: all},
		Principals: []graph.ServicePrincipal{{Name: "Workday", Template: true, Jobs: []graph.SyncJob{
			{ID: "in.1", Template: "WorkdayIn", Active: true, Source: "Workday"},
		}}},
	})
	if failing, others := b.doctor(); len(failing) != 0 || others[job].State != httpapi.CheckAcknowledged {
		t.Errorf("failing = %v, job = %+v, want nothing and the job acknowledged", failing, others[job])
	}
	arrange(graph.Arrangement{Workflows: []graph.LifecycleWorkflow{{Name: "Pre-hire", Category: "joiner", Enabled: true, Scheduled: true}}})
	if failing, _ := b.doctor(); len(failing) != 1 || failing["target entra: lifecycle-workflow "+graph.SeedID("Pre-hire")].Name == "" {
		t.Errorf("failing = %v, want Microsoft's workflow", failing)
	}
}
