package lifecycle

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestS17ContainersSync: the nearest container counts, without case; the whole
// domain is synchronised where nothing is said.
func TestS17ContainersSync(t *testing.T) {
	t.Parallel()
	target := Target{Containers: []Container{
		{Under: "OU=Leavers,DC=contoso,DC=example"}, {Under: "OU=Kept,OU=Leavers,DC=contoso,DC=example", Synced: true},
	}}
	for container, want := range map[string]bool{
		"OU=Staff,DC=contoso,DC=example":                   true,
		"OU=Leavers,DC=contoso,DC=example":                 false,
		"ou=2026,ou=leavers,dc=contoso,dc=example":         false,
		"OU=Kept,OU=Leavers,DC=contoso,DC=example":         true,
		"OU=Mail,OU=Kept,OU=Leavers,DC=contoso,DC=example": true,
		"OU=OtherLeavers,DC=contoso,DC=example":            true,
	} {
		if got := target.Syncs(container); got != want {
			t.Errorf("Syncs(%q) = %t, want %t", container, got, want)
		}
	}
}

// hybridText is the policy of the planner's tests with texts replaced.
func hybridText(t *testing.T, old, replacement string) string {
	t.Helper()
	raw, err := os.ReadFile("../plan/testdata/hybrid.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	if !strings.Contains(text, old) {
		t.Fatalf("policy has no %q", old)
	}
	return strings.Replace(text, old, replacement, 1)
}

// TestS17ContainersAreChecked: what cannot be meant is told, and a task that would
// cost people their mailboxes is warned of.
func TestS17ContainersAreChecked(t *testing.T) {
	t.Parallel()
	const leavers = `    containers: [{under: "OU=Leavers,OU=Staff,DC=contoso,DC=example", synced: false}]` + "\n    groups: {team"
	for name, tt := range map[string]struct{ old, replacement, want string }{
		"in the cloud": {"    groups: {all-staff", "    containers: [{under: \"OU=A,DC=b\"}]\n    groups: {all-staff", "containers is for targets of kind ad"},
		"elsewhere":    {"    groups: {team", "    containers: [{under: \"OU=A,DC=fabrikam\"}]\n    groups: {team", "lies outside of the domain"},
		"twice":        {"    groups: {team", "    containers: [{under: \"OU=A,DC=contoso,DC=example\"}, {under: \"ou=a,DC=contoso,DC=example\"}]\n    groups: {team", "is there already"},
	} {
		_, err := Load(Source{Name: "policy.yaml", Content: []byte(hybridText(t, tt.old, tt.replacement))})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: problems %v, want %q", name, err, tt.want)
		}
	}
	text := strings.Replace(hybridText(t, "    groups: {team", leavers), "      - removeUserFromAllGroups: {target: corp}",
		"      - disableUserAndMoveToContainer: {container: \"OU=Leavers,OU=Staff,DC=contoso,DC=example\", target: corp}", 1)
	policy := mustLoad(t, Source{Name: "policy.yaml", Content: []byte(text)})
	warned := slices.ContainsFunc(policy.Warnings, func(p Problem) bool {
		return strings.Contains(p.Message, "loses the account and the mailbox in cloud")
	})
	if !warned {
		t.Errorf("warnings %v, want one of the mailbox", policy.Warnings)
	}
}
