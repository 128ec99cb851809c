package entra_test

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory"
	"tenure/internal/directory/entra"
	"tenure/internal/directory/entra/schema"
	"tenure/internal/sim/graph"
)

// allVerbs is what a policy that uses everything may call.
func allVerbs() []directory.Verb {
	var out []directory.Verb
	for _, r := range entra.Rights() {
		out = append(out, r.Verbs...)
	}
	return out
}

func wanted() directory.Wanted {
	return directory.Wanted{
		Verbs: allVerbs(), Attributes: []string{schema.EmployeeLeaveDateTime}, Domain: domain,
		Licenses: []string{skuFree}, Groups: []string{graph.SeedID(string(directory.GroupAssigned))},
		Pass: directory.PassRequest{Lifetime: 8 * time.Hour, Once: true},
	}
}

// inspected connects with the permissions of the table and nothing else.
func inspected(t *testing.T, o graph.Options) (*graph.Server, *entra.Directory) {
	t.Helper()
	return connectAs(t, o, entra.LeastPermissions(allVerbs(), []string{schema.EmployeeLeaveDateTime})...)
}

func findings(t *testing.T, d *entra.Directory, want directory.Wanted) map[string]directory.Finding {
	t.Helper()
	list, err := d.Inspect(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]directory.Finding{}
	for _, f := range list {
		if _, twice := out[f.Name]; twice {
			t.Errorf("finding %q is there twice", f.Name)
		}
		if f.Detail == "" || (f.Remedy == "") != (f.State == directory.FindingOK) {
			t.Errorf("finding %+v, want a detail, and a remedy unless it is ok", f)
		}
		out[f.Name] = f
	}
	return out
}

// TestS20LeastPrivilegeIsEnough shows that the permissions of the table, and no
// other, make every finding good.
func TestS20LeastPrivilegeIsEnough(t *testing.T) {
	t.Parallel()
	_, d := inspected(t, graph.Options{})
	got := findings(t, d, wanted())
	for name, f := range got {
		if f.State != directory.FindingOK {
			t.Errorf("%s = %+v, want ok", name, f)
		}
	}
	for _, name := range []string{
		"permission User.ReadWrite.All", "permission User-LifeCycleInfo.ReadWrite.All", "domain " + domain, "licence " + skuFree,
		"group " + graph.SeedID(string(directory.GroupAssigned)), "pass-policy", "provisioning-jobs", "lifecycle-workflows",
		"on-premises-sync",
	} {
		if _, ok := got[name]; !ok {
			t.Errorf("no finding %q among %d", name, len(got))
		}
	}
}

// TestS20EachMissingPermissionIsNamed takes away one permission of the table at
// a time. One that is covered by a stronger one of the table stays good.
func TestS20EachMissingPermissionIsNamed(t *testing.T) {
	t.Parallel()
	s, d := inspected(t, graph.Options{})
	all := entra.LeastPermissions(allVerbs(), []string{schema.EmployeeLeaveDateTime})
	want := map[string]string{
		"User.Read.All":                     "domain " + domain, // User.ReadWrite.All covers the rest
		"User.ReadWrite.All":                "permission User.ReadWrite.All",
		"User-LifeCycleInfo.ReadWrite.All":  "permission User-LifeCycleInfo.ReadWrite.All",
		"User.DeleteRestore.All":            "",
		"GroupMember.Read.All":              "", // GroupMember.ReadWrite.All covers it
		"GroupMember.ReadWrite.All":         "permission GroupMember.ReadWrite.All",
		"LicenseAssignment.ReadWrite.All":   "",
		"User.RevokeSessions.All":           "",
		"UserAuthMethod-TAP.ReadWrite.All":  "permission UserAuthMethod-TAP.ReadWrite.All",
		"UserAuthenticationMethod.Read.All": "permission UserAuthenticationMethod.Read.All",
		"AuditLog.Read.All":                 "permission AuditLog.Read.All",
		"RoleManagement.Read.Directory":     "permission RoleManagement.Read.Directory",
		"Application.Read.All":              "permissions",
		"Policy.Read.AuthenticationMethod":  "pass-policy",
		"LicenseAssignment.Read.All":        "licences",
		"Synchronization.Read.All":          "provisioning-jobs",
		"LifecycleWorkflows.Read.All":       "lifecycle-workflows",
	}
	if err := s.Arrange(graph.Arrangement{Principals: []graph.ServicePrincipal{{Name: "Gallery", Template: true}}}); err != nil {
		t.Fatal(err)
	}
	for _, missing := range all {
		finding, listed := want[missing]
		if !listed {
			t.Errorf("permission %s of the table is not in this test", missing)
			continue
		}
		granted := slices.DeleteFunc(slices.Clone(all), func(p string) bool { return p == missing })
		if err := s.Arrange(graph.Arrangement{Permissions: map[string][]string{otherClient: granted}}); err != nil {
			t.Fatal(err)
		}
		bad := map[string]directory.Finding{}
		for name, f := range findings(t, d, wanted()) {
			if f.State != directory.FindingOK {
				bad[name] = f
			}
		}
		if finding == "" {
			if len(bad) != 0 {
				t.Errorf("without %s: %v, want all well", missing, bad)
			}
			continue
		}
		f := bad[finding]
		if !strings.Contains(f.Remedy, missing) {
			t.Errorf("without %s: finding %q = %+v, want a remedy that names it", missing, finding, f)
		}
		for name := range bad {
			if strings.HasPrefix(name, "permission ") && name != finding {
				t.Errorf("without %s: finding %q too, want what the doctor itself lacks to be unknown only", missing, name)
			}
		}
		if strings.HasPrefix(finding, "permission ") != (f.State == directory.FindingFailed) {
			t.Errorf("without %s: state = %s", missing, f.State)
		}
	}
	if len(want) != len(all) {
		t.Errorf("the table has %d permissions, the test %d", len(all), len(want))
	}
}

// TestS20EachFindingFailsOnce makes each thing wrong by itself and looks that
// its finding alone changes.
func TestS20EachFindingFailsOnce(t *testing.T) {
	t.Parallel()
	group := func(kind directory.GroupKind) string { return graph.SeedID(string(kind)) }
	policy := func(change func(*graph.PassPolicy)) graph.Arrangement {
		p := graph.PassPolicy{Enabled: true, Minimum: 60, Maximum: 480}
		change(&p)
		return graph.Arrangement{Pass: &p}
	}
	for name, tc := range map[string]struct {
		change graph.Arrangement
		want   func(*directory.Wanted)
		// finding fails, or warns where state says so.
		finding string
		state   directory.FindingState
	}{
		"passes off":      {change: policy(func(p *graph.PassPolicy) { p.Enabled = false }), finding: "pass-policy"},
		"passes shorter":  {change: policy(func(p *graph.PassPolicy) { p.Maximum = 479 }), finding: "pass-policy"},
		"passes longer":   {change: policy(func(p *graph.PassPolicy) { p.Minimum, p.Maximum = 481, 500 }), finding: "pass-policy"},
		"passes for some": {change: policy(func(p *graph.PassPolicy) { p.Include = []string{group(directory.GroupAssigned)} }), finding: "pass-policy", state: directory.FindingWarning},
		"passes not for some": {
			change: policy(func(p *graph.PassPolicy) { p.Exclude = []string{group(directory.GroupAssigned)} }), finding: "pass-policy", state: directory.FindingWarning,
		},
		"passes once": {
			change: policy(func(p *graph.PassPolicy) { p.Once = true }), finding: "pass-policy",
			want: func(w *directory.Wanted) { w.Pass.Once = false },
		},
		"no seat":           {change: graph.Arrangement{Seats: map[string]int{skuFree: 0}}, finding: "licence " + skuFree},
		"unknown licence":   {want: func(w *directory.Wanted) { w.Licenses = []string{clientID} }, finding: "licence " + clientID},
		"unverified domain": {change: graph.Arrangement{Domains: []string{"fabrikam.example"}}, finding: "domain " + domain},
		"federated domain":  {change: graph.Arrangement{Federated: []string{domain}}, finding: "domain " + domain},
		"unknown group":     {want: func(w *directory.Wanted) { w.Groups = []string{clientID} }, finding: "group " + clientID},
		"dynamic group": {
			want: func(w *directory.Wanted) { w.Groups = []string{group(directory.GroupDynamic)} }, finding: "group " + group(directory.GroupDynamic),
		},
		"too much": {
			change: graph.Arrangement{Permissions: map[string][]string{otherClient: append(
				entra.LeastPermissions(allVerbs(), []string{schema.EmployeeLeaveDateTime}), "RoleManagement.ReadWrite.Directory")}},
			finding: "permission RoleManagement.ReadWrite.Directory", state: directory.FindingWarning,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, d := inspected(t, graph.Options{})
			if err := s.Arrange(tc.change); err != nil {
				t.Fatal(err)
			}
			want := wanted()
			if tc.want != nil {
				tc.want(&want)
			}
			if tc.state == "" {
				tc.state = directory.FindingFailed
			}
			for name, f := range findings(t, d, want) {
				wantState := directory.FindingOK
				if name == tc.finding {
					wantState = tc.state
				}
				if f.State != wantState || f.Conflict {
					t.Errorf("%s = %+v, want %s and no conflict", name, f, wantState)
				}
			}
		})
	}
}

// TestS20WhoElseActsIsAConflict finds Microsoft's own provisioning and
// workflows, and passes over what does not reach people here.
func TestS20WhoElseActsIsAConflict(t *testing.T) {
	t.Parallel()
	s, d := inspected(t, graph.Options{})
	flow := graph.SeedID("Pre-hire")
	if err := s.Arrange(graph.Arrangement{
		Principals: []graph.ServicePrincipal{
			{Name: "Workday", Template: true, Jobs: []graph.SyncJob{
				{ID: "in.1", Template: "WorkdayIn", Active: true, Source: "Workday"},
				{ID: "in.2", Template: "WorkdayIn", Source: "Workday"},
			}},
			{Name: "Salesforce", Template: true, Jobs: []graph.SyncJob{{ID: "out.1", Template: "SalesforceOut", Active: true, Target: "salesforce.com"}}},
			{Name: "Partner", Template: true, Jobs: []graph.SyncJob{{ID: "out.2", Template: "Azure2Azure", Active: true, Target: "Azure Active Directory (target tenant)"}}},
			{Name: "Own service"},
		},
		Workflows: []graph.LifecycleWorkflow{
			{Name: "Pre-hire", Category: "joiner", Enabled: true, Scheduled: true},
			{Name: "By hand", Category: "leaver", Enabled: true},
			{Name: "Off", Category: "mover", Scheduled: true},
		},
	}); err != nil {
		t.Fatal(err)
	}
	conflicts := func() []string {
		t.Helper()
		var out []string
		for name, f := range findings(t, d, wanted()) {
			if f.Conflict != (f.State != directory.FindingOK) {
				t.Errorf("%s = %+v, want a conflict or ok", name, f)
			}
			if f.Conflict {
				out = append(out, name)
			}
		}
		slices.Sort(out)
		return out
	}
	if diff := cmp.Diff([]string{"lifecycle-workflow " + flow, "provisioning-job in.1"}, conflicts()); diff != "" {
		t.Errorf("conflicts differ (-want +got):\n%s", diff)
	}
	if err := s.Arrange(graph.Arrangement{Principals: []graph.ServicePrincipal{}, Workflows: []graph.LifecycleWorkflow{}}); err != nil {
		t.Fatal(err)
	}
	if got := conflicts(); len(got) != 0 {
		t.Errorf("conflicts = %v, want none", got)
	}
}

func TestS20ASyncedTenantIsAWarning(t *testing.T) {
	t.Parallel()
	s, d := inspected(t, graph.Options{NoPremium: true})
	addUser(t, s, graph.UserSeed{Synced: true, Props: map[string]any{"userPrincipalName": "zoe@" + domain}})
	got := findings(t, d, wanted())
	if f := got["on-premises-sync"]; f.State != directory.FindingWarning {
		t.Errorf("finding = %+v, want a warning", f)
	}
	if f := got["lifecycle-workflows"]; f.State != directory.FindingOK {
		t.Errorf("workflows of a tenant without the licence = %+v, want ok", f)
	}
}

// TestS20NothingIsAskedForThatIsNotWanted keeps the doctor to what the policy
// does.
func TestS20NothingIsAskedForThatIsNotWanted(t *testing.T) {
	t.Parallel()
	_, d := connectAs(t, graph.Options{}, entra.LeastPermissions([]directory.Verb{directory.VerbAccount, directory.VerbInspect}, nil)...)
	for name, f := range findings(t, d, directory.Wanted{Verbs: []directory.Verb{directory.VerbAccount}, Domain: domain}) {
		if f.State != directory.FindingOK {
			t.Errorf("%s = %+v, want ok", name, f)
		}
	}
}

func TestS20NothingCanBeInspectedWithoutASignIn(t *testing.T) {
	t.Parallel()
	cfg := configFor(newSimulator(t, graph.Options{}))
	cfg.Credential.Secret = directory.NewSecret("another-wrong-one")
	if got, err := connect(t, cfg).Inspect(t.Context(), wanted()); !errors.Is(err, directory.ErrDenied) || got != nil {
		t.Errorf("findings = %v, %v, want none and denied", got, err)
	}
	c := newCanned(t, say(http.StatusServiceUnavailable, ""))
	if got, err := connect(t, c.config()).Inspect(t.Context(), wanted()); !errors.Is(err, directory.ErrUnavailable) || got != nil {
		t.Errorf("findings = %v, %v, want none and unavailable", got, err)
	}
}

// TestS20EveryVerbHasItsRight keeps the table whole.
func TestS20EveryVerbHasItsRight(t *testing.T) {
	t.Parallel()
	for verb := range entra.Limits().Costs {
		if !slices.Contains(allVerbs(), verb) {
			t.Errorf("verb %s needs no permission by the table", verb)
		}
	}
}

// TestS20TheTableIsInTheDocs compares docs/security.md with the code.
func TestS20TheTableIsInTheDocs(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range entra.Rights() {
		also := "-"
		if len(r.AnyOf) > 1 {
			also = "`" + strings.Join(r.AnyOf[1:], "`, `") + "`"
		}
		row := "| " + r.For + " | `" + r.Least() + "` | " + also + " |"
		if !strings.Contains(string(content), row) {
			t.Errorf("docs/security.md lacks the row\n%s", row)
		}
	}
}
