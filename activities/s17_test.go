package activities_test

import (
	"strings"
	"testing"

	"tenure/activities"
	"tenure/internal/directory"
	"tenure/internal/person"
	"tenure/internal/plan"
)

// withPolicy activates the shipped policy with one text replaced.
func (o *office) withPolicy(old, replacement string) *office {
	o.t.Helper()
	version, err := o.store.ActivePolicy(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	if !strings.Contains(string(version.Source), old) {
		o.t.Fatalf("the policy has no %q", old)
	}
	version.Source = []byte(strings.Replace(string(version.Source), old, replacement, 1))
	version.Hash += "-edited"
	version.Number = 0
	if _, _, err = o.store.SavePolicy(o.t.Context(), version); err != nil {
		o.t.Fatal(err)
	}
	return o
}

const protectedGroup = "77aa6d0e-52c1-4a0e-8a55-1f3f6f6b0077"

// TestS17_ProtectedAccounts: whatever protects an account, neither its disable,
// its delete nor the end of its groups and sessions is done, agreed to or not.
func TestS17_ProtectedAccounts(t *testing.T) {
	t.Parallel()
	const id = "5b7d2b7c-9c1e-4b43-a3c1-000000000001"
	for _, tt := range []struct {
		name    string
		protect string
		arrange func(d directoryOf)
		want    string
	}{
		{"by user name", "{accounts: [Zoe@contoso.example]}", nil, "named in the policy"},
		{"by object ID", "{accounts: [" + strings.ToUpper(id) + "]}", nil, "named in the policy"},
		{"member of a group", "{membersOf: [tier-0]}", func(d directoryOf) { d.Join(id, protectedGroup) }, "member of a protected group"},
		{"member through a group", "{membersOf: [tier-0]}", func(d directoryOf) {
			d.AddGroup(directory.Group{ID: "inner", Kind: directory.GroupAssigned})
			d.Nest("inner", protectedGroup)
			d.Join(id, "inner")
		}, "member of a protected group"},
		{"a role", "{membersOf: [tier-0]}", func(d directoryOf) { d.SetRoles(id, "Global Administrator") }, "holds a role"},
		{"owner of a role-assignable group", "{membersOf: [tier-0]}", func(d directoryOf) {
			d.AddGroup(directory.Group{ID: "roles", Kind: directory.GroupRoleAssignable})
			d.Own(id, directory.Owned{ID: "roles", Kind: "group"})
		}, "role-assignable"},
		{"nothing", "{membersOf: [tier-0]}", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for verb, act := range protectedVerbs() {
				o := newOffice(t).withPolicy("    groups:  ", "    protect: "+tt.protect+"\n    groups:  ").
					withPolicy("      all-staff:", "      tier-0: "+protectedGroup+"\n      all-staff:")
				o.dir.AddGroup(directory.Group{ID: protectedGroup, Kind: directory.GroupAssigned})
				o.dir.AddAccount(directory.Account{ID: id, EmployeeID: personKey, UserName: "zoe@contoso.example", Enabled: verb != "delete" && verb != "enable"})
				if tt.arrange != nil {
					tt.arrange(o.dir)
				}
				got, writes := act(t, o, id)
				if tt.want == "" {
					if got.Status != activities.Done {
						t.Errorf("%s: outcome %+v, want done", verb, got)
					}
					continue
				}
				if got.Code != activities.CodeProtected || got.Human || got.Retryable || !strings.Contains(got.Detail, tt.want) {
					t.Errorf("%s: outcome %+v, want %s because it %s", verb, got, activities.CodeProtected, tt.want)
				}
				if writes != 0 {
					t.Errorf("%s: %d writes to a protected account, want none", verb, writes)
				}
			}
		})
	}
}

// directoryOf is what arranges an account.
type directoryOf interface {
	AddGroup(g directory.Group)
	Join(id, groupID string)
	Nest(inner, outer string)
	Own(id string, owned directory.Owned)
	SetRoles(id string, roles ...string)
}

// protectedVerbs do, with an approval, what takes an account's access or gives it,
// and count the writes.
func protectedVerbs() map[string]func(t *testing.T, o *office, id string) (activities.TaskOutcome, int) {
	do := func(workflow, task string, activity plan.Activity, verb func(o *office) func(in activities.TaskInput) (activities.TaskResult, error)) func(*testing.T, *office, string) (activities.TaskOutcome, int) {
		return func(t *testing.T, o *office, id string) (activities.TaskOutcome, int) {
			t.Helper()
			in := o.input(workflow, task, activity, "entra")
			in.PolicyVersion, in.Approved = 3, true
			in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountDisabled, DisabledAt: o.now.AddDate(0, 0, -30)}
			result, err := verb(o)(in)
			if err != nil {
				t.Fatal(err)
			}
			writes := 0
			for _, verb := range []directory.Verb{
				directory.VerbUpdateAccount, directory.VerbDeleteAccount, directory.VerbRevokeSessions, directory.VerbRemoveFromGroup,
				directory.VerbChangeLicenses, directory.VerbDeletePass,
			} {
				writes += o.dir.Calls(verb)
			}
			return result.Outcomes[0], writes
		}
	}
	change := func(o *office) func(activities.TaskInput) (activities.TaskResult, error) {
		return func(in activities.TaskInput) (activities.TaskResult, error) {
			return o.tasks.ChangeAccount(o.t.Context(), in)
		}
	}
	return map[string]func(*testing.T, *office, string) (activities.TaskOutcome, int){
		"disable": do("account:entra", "disable", plan.ActivityCut, func(o *office) func(activities.TaskInput) (activities.TaskResult, error) {
			return func(in activities.TaskInput) (activities.TaskResult, error) {
				return o.tasks.CutAccess(o.t.Context(), in)
			}
		}),
		"delete": do("account:entra", "delete", plan.ActivityDelete, func(o *office) func(activities.TaskInput) (activities.TaskResult, error) {
			return func(in activities.TaskInput) (activities.TaskResult, error) {
				return o.tasks.DeleteAccount(o.t.Context(), in)
			}
		}),
		"enable":       do("account:entra", "enable", plan.ActivityAccount, change),
		"all groups":   do("Last day", "removeUserFromAllGroups", plan.ActivityAccount, change),
		"all licences": do("Last day", "removeAllLicenseAssignments", plan.ActivityAccount, change),
		"sessions":     do("Last day", "revokeAllRefreshTokens", plan.ActivityAccount, change),
	}
}

// TestS17_ProtectedMover: a change of job ends no session of a protected account
// and no membership that protects it; what else it names is done.
func TestS17_ProtectedMover(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ task, verb, want string }{
		"sessions":             {"revokeAllRefreshTokens: {}", "revokeAllRefreshTokens", activities.CodeProtected},
		"group protects":       {"removeUserFromGroups: {groups: [tier-0]}", "removeUserFromGroups", activities.CodeProtected},
		"group of a job":       {"removeUserFromGroups: {groups: [sales]}", "removeUserFromGroups", ""},
		"one of them protects": {"removeUserFromGroups: {groups: [sales, tier-0]}", "removeUserFromGroups", activities.CodeProtected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t).withPolicy("    groups:  ", "    protect: {membersOf: [tier-0]}\n    groups:  ").
				withPolicy("      all-staff:", "      tier-0: "+protectedGroup+"\n      all-staff:").
				withPolicy("extensions:\n", "  - name: Move\n    category: mover\n    trigger: {change: [assignment.jobTitle]}\n    tasks:\n      - "+tt.task+"\n\nextensions:\n")
			id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example", Enabled: true})
			for _, group := range []string{protectedGroup, officeSales} {
				o.dir.AddGroup(directory.Group{ID: group, Kind: directory.GroupAssigned})
				o.dir.Join(id, group)
			}
			in := o.input("Move", tt.verb, plan.ActivityAccount, "entra")
			in.PolicyVersion = 4
			in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountEnabled}
			result, err := o.tasks.ChangeAccount(t.Context(), in)
			if err != nil || result.Outcomes[0].Code != tt.want {
				t.Fatalf("result %+v, %v, want the code %q", result, err, tt.want)
			}
			if got := o.dir.Calls(directory.VerbRevokeSessions) + o.dir.Calls(directory.VerbRemoveFromGroup); (got == 0) != (tt.want != "") {
				t.Errorf("%d writes, want none only where it is refused", got)
			}
		})
	}
}

// TestS17_ProtectedAccountThatAHumanDisabled: the line is done, and nothing more is
// written.
func TestS17_ProtectedAccountThatAHumanDisabled(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.person(personKey, "", person.PhaseLeft, no())
	id := o.dir.Accounts()[0].ID
	o.dir.SetRoles(id, "Global Administrator")
	in := o.input("account:entra", "disable", plan.ActivityCut, "entra")
	in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountEnabled}
	result, err := o.tasks.CutAccess(t.Context(), in)
	if err != nil || result.Outcomes[0].Status != activities.Done || result.Outcomes[0].Code != activities.CodeProtected {
		t.Errorf("outcome %+v, %v, want done with the code protected", result, err)
	}
	if got := result.Account; got == nil || got.State != plan.AccountDisabled || got.Protected != "holds a role" || !got.DisabledAt.IsZero() {
		t.Errorf("account %+v, want disabled, by nobody of us, and protected", got)
	}
	if got := o.dir.Calls(directory.VerbRevokeSessions); got != 0 {
		t.Errorf("%d sessions ended of a protected account, want none", got)
	}
}

// TestS17_MasteredAttributesAreNotWritten: what is ours is, the rest is told.
func TestS17_MasteredAttributesAreNotWritten(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.dir.AddAccount(directory.Account{EmployeeID: managerKey, UserName: "m@contoso.example"})
	id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example", Enabled: true, Synced: true})
	in := o.input("account:entra", "update", plan.ActivityAccount, "entra")
	in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountEnabled}
	in.Record.Assignments = []person.Assignment{{Primary: true, Attributes: person.Attributes{}.
		With(person.Attribute{Name: "assignment.location.country", Value: "DE"}).
		With(person.Attribute{Name: "assignment.jobTitle", Value: "Engineer"})}}
	result, err := o.tasks.ChangeAccount(t.Context(), in)
	if err != nil || result.Outcomes[0].Status != activities.Done {
		t.Fatalf("outcome %+v, %v, want done", result, err)
	}
	live, err := o.dir.Account(t.Context(), id)
	if err != nil || live.Attributes["usageLocation"] != "DE" || live.Attributes["jobTitle"] != "" || live.ManagerID != "" {
		t.Errorf("account %+v, %v, want the usage location alone", live, err)
	}
	if !result.Account.Synced {
		t.Error("the journey is not told that the account is synced")
	}
	if len(result.Attention) != 1 || result.Attention[0].Code != "mastered-elsewhere" || !strings.HasSuffix(result.Attention[0].Text, ": displayName, givenName, jobTitle, manager, surname") {
		t.Errorf("attention %+v, want the mastered attributes named once", result.Attention)
	}
}

func TestS17_NothingIsCreatedInATargetThatIsSyncedFromAnother(t *testing.T) {
	t.Parallel()
	o := newOffice(t).withPolicy("    groups:  ", "    syncedFrom: ad\n    groups:  ")
	in := o.input("account:entra", "create", plan.ActivityAccount, "entra")
	in.PolicyVersion = 2
	result, err := o.tasks.ChangeAccount(t.Context(), in)
	if err != nil || result.Outcomes[0].Code != activities.CodeNoCounterpart || len(o.dir.Accounts()) != 0 {
		t.Fatalf("outcome %+v, %v, %d accounts, want %s and none", result, err, len(o.dir.Accounts()), activities.CodeNoCounterpart)
	}
	id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example", Synced: true})
	if result, err = o.tasks.ChangeAccount(t.Context(), in); err != nil || result.Outcomes[0].Code != "found" || result.Account.ID != id {
		t.Errorf("outcome %+v, %v, want the account that came", result, err)
	}
}
