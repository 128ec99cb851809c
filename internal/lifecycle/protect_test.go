package lifecycle

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// withTarget puts lines into the target of the base policy.
func withTarget(lines string) string {
	return strings.Replace(basePolicy, "    licenses: {e3", lines+"    licenses: {e3", 1)
}

func TestS17ProtectIsRead(t *testing.T) {
	t.Parallel()
	policy := mustLoad(t, Source{Name: "policy.yaml", Content: []byte(withTarget(`    protect: {accounts: [BreakGlass@contoso.example, 3F0C1A52-7f0b-4c57-9d55-1f3f6f6b0001], membersOf: [Sales], keepMembership: [Sales]}
    syncedFrom: ad
`))})
	target := policy.Targets[0]
	want := Protect{
		Accounts: []string{"BreakGlass@contoso.example", "3F0C1A52-7f0b-4c57-9d55-1f3f6f6b0001"}, MembersOf: []string{"Sales"}, KeepMembership: []string{"Sales"},
	}
	if diff := cmp.Diff(want, target.Protect); diff != "" || target.SyncedFrom != "ad" {
		t.Errorf("protect (-want +got):\n%s, synced from %q", diff, target.SyncedFrom)
	}
	for _, named := range [][2]string{{"x", "breakglass@CONTOSO.example"}, {"3f0c1a52-7f0b-4c57-9d55-1f3f6f6b0001", "y"}} {
		if !target.Protect.Names(named[0], named[1]) {
			t.Errorf("Names(%q) = false, want true", named)
		}
	}
	if target.Protect.Names("x", "zoe@contoso.example") {
		t.Error("an account that is not named is")
	}
}

func TestS17S18MalformedTargets(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ lines, task, want string }{
		"no account":       {lines: "    protect: {accounts: [breakglass]}\n", want: `"breakglass" is no user name and no object ID`},
		"unknown group":    {lines: "    protect: {membersOf: [Sale]}\n", want: `unknown group "Sale"; did you mean "Sales"?`},
		"synced from self": {lines: "    syncedFrom: entra\n", want: "cannot be synchronised from itself"},
		"terms of nobody":  {lines: "    counterpart: {within: 3h}\n", want: "counterpart is for targets whose accounts come from another directory"},
		"terms too short":  {lines: "    syncedFrom: ad\n    counterpart: {within: 10m}\n", want: "allowed is 30m to 14d"},
		"kept and removed": {
			lines: "    protect: {keepMembership: [Sales]}\n", task: "removeUserFromGroups: {groups: [Sales]}",
			want: "protect.keepMembership keeps everybody in Sales",
		},
		"kept and removed by a map": {
			lines: "    protect: {keepMembership: [Sales]}\n    values:\n      team: {from: assignment.department.name, values: {S: Sales}}\n",
			task:  "removeUserFromGroups: {groups: [before.team]}", want: "protect.keepMembership keeps everybody in Sales",
		},
		"name of a group":   {lines: "    values:\n      Sales: {from: assignment.department.name, values: {S: Sales}}\n", want: "is the label of a group already"},
		"name with a dot":   {lines: "    values:\n      before.team: {from: assignment.department.name, values: {S: Sales}}\n", want: "is no name for a value map"},
		"map to nothing":    {lines: "    values:\n      team: {from: assignment.department.name, values: {S: Salse}}\n", want: `unknown group "Salse"; did you mean "Sales"?`},
		"map without label": {lines: "    values:\n      team: {from: assignment.department.name, values: {}}\n", want: "where values belong"},
		"unknown attribute": {lines: "    values:\n      team: {from: assignment.departement.name, values: {S: Sales}}\n", want: `did you mean "assignment.department.name"?`},
		"unknown map":       {task: "removeUserFromGroups: {groups: [before.team]}", want: `unknown group "before.team"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := withTarget(tt.lines)
			if tt.task != "" {
				text = strings.Replace(text, "    trigger: {change: [assignment.department.name]}\n    tasks:\n", "    trigger: {change: [assignment.department.name]}\n    tasks:\n      - "+tt.task+"\n", 1)
			}
			_, err := Load(Source{Name: "policy.yaml", Content: []byte(text)})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("problems:\n%v\nwant one that says %q", err, tt.want)
			}
		})
	}
	// Before and after are words of a change alone.
	text := strings.Replace(withTarget("    values:\n      team: {from: assignment.department.name, values: {S: Sales}}\n"),
		"      - addUserToGroups: {groups: [Sales]}\n", "      - addUserToGroups: {groups: [after.team]}\n", 1)
	if _, err := Load(Source{Name: "policy.yaml", Content: []byte(text)}); err == nil || !strings.Contains(err.Error(), `unknown group "after.team"`) {
		t.Errorf("after.team in a joiner: %v, want a problem", err)
	}
}

func TestS18ValueMapsResolve(t *testing.T) {
	t.Parallel()
	policy := mustLoad(t, Source{Name: "policy.yaml", Content: []byte(withTarget(`    values:
      team: {from: assignment.department.name, values: {Sales: Sales, Field sales: Sales, Legal: none}}
`))})
	target := policy.Targets[0]
	says := func(value string) func(string) (string, bool) {
		return func(name string) (string, bool) { return value, name == "assignment.department.name" }
	}
	for name, tt := range map[string]struct {
		kind           TaskKind
		groups         []string
		before, after  string
		labels, gaps   []string
		withoutChanges bool
	}{
		"a label":                   {groups: []string{"Sales"}, labels: []string{"Sales"}},
		"a map":                     {groups: []string{"team"}, after: "Field sales", labels: []string{"Sales"}, withoutChanges: true},
		"another case is no match":  {groups: []string{"team"}, after: "sales", gaps: []string{"team"}},
		"no value":                  {groups: []string{"team"}, gaps: []string{"team"}},
		"meant to have none":        {groups: []string{"team"}, after: "Legal"},
		"the old job":               {kind: RemoveUserFromGroups, groups: []string{"before.team"}, before: "Sales", after: "Legal", labels: []string{"Sales"}},
		"the new job gives it too":  {kind: RemoveUserFromGroups, groups: []string{"before.team"}, before: "Sales", after: "Field sales"},
		"the new job":               {kind: AddUserToGroups, groups: []string{"after.team"}, before: "Legal", after: "Sales", labels: []string{"Sales"}},
		"a text of HR that is none": {groups: []string{"team"}, after: "3f0c1a52-7f0b-4c57-9d55-1f3f6f6b0001", gaps: []string{"team"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scope := Scope{Attributes: says(tt.after), Before: says(tt.before), After: says(tt.after)}
			if tt.withoutChanges {
				scope.Before, scope.After = nil, nil
			}
			got := target.Resolve(Task{Kind: tt.kind, Groups: tt.groups}, scope)
			if diff := cmp.Diff([][]string{tt.labels, tt.gaps}, [][]string{got.Labels, got.Unmapped}); diff != "" {
				t.Errorf("labels and gaps (-want +got):\n%s", diff)
			}
		})
	}
}
