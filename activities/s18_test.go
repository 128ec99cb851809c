package activities_test

import (
	"fmt"
	"slices"
	"testing"

	"tenure/activities"
	"tenure/internal/directory"
	"tenure/internal/directory/memory"
	"tenure/internal/plan"
	"tenure/internal/store"
)

const (
	officeAllStaff    = "3f0c1a52-7f0b-4c57-9d55-1f3f6f6b0001"
	officeEngineering = "5b7d2b7c-9c1e-4b43-a3c1-1f3f6f6b0003"
	officeSales       = "91aa6d0e-52c1-4a0e-8a55-1f3f6f6b0002"
)

// leaves is a leaver in two groups who loses all of them.
func (o *office) leaves() (activities.TaskInput, string) {
	o.t.Helper()
	id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example"})
	for _, group := range []string{officeAllStaff, officeSales} {
		o.dir.AddGroup(directory.Group{ID: group, Kind: directory.GroupAssigned})
		o.dir.Join(id, group)
	}
	in := o.input("Last day", "removeUserFromAllGroups", plan.ActivityAccount, "entra")
	in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountDisabled}
	return in, id
}

func (o *office) memberships(id string) []string {
	o.t.Helper()
	groups, err := o.dir.Memberships(o.t.Context(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	out := []string{}
	for _, group := range groups {
		out = append(out, group.ID)
	}
	return out
}

func TestS18_KeptMembershipsStay(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string][2]string{
		"except":         {"removeUserFromAllGroups: {}", "removeUserFromAllGroups: {except: [all-staff]}"},
		"keepMembership": {"    groups:  ", "    protect: {keepMembership: [all-staff]}\n    groups:  "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t).withPolicy(edit[0], edit[1])
			in, id := o.leaves()
			in.PolicyVersion = 2
			result, err := o.tasks.ChangeAccount(t.Context(), in)
			if err != nil || result.Outcomes[0].Status != activities.Done {
				t.Fatalf("result %+v, %v, want done", result, err)
			}
			if got := o.memberships(id); !slices.Equal(got, []string{officeAllStaff}) {
				t.Errorf("memberships %v, want all-staff alone", got)
			}
			if want := []plan.Removed{{Kind: "group", ID: officeSales, Stay: "s1"}}; !slices.Equal(result.Account.Removed, want) {
				t.Errorf("removed %v, want %v", result.Account.Removed, want)
			}
		})
	}
}

// TestS18_TheLedgerHasWhatWasThereFirst: also where nothing could be taken away.
func TestS18_TheLedgerHasWhatWasThereFirst(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in, _ := o.leaves()
	o.dir.Inject(directory.VerbRemoveFromGroup, faultsOf(directory.ErrDenied, 9)...)
	for range 2 {
		if result, err := o.tasks.ChangeAccount(t.Context(), in); err != nil || result.Outcomes[0].Code != activities.CodeDenied {
			t.Fatalf("result %+v, %v, want denied", result, err)
		}
	}
	rows, err := o.store.Ledger(t.Context(), in.Journey, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []store.AttributeChange{{Attribute: "group", Before: officeAllStaff}, {Attribute: "group", Before: officeSales}}
	if len(rows) != 1 || rows[0].Outcome != "about to take away" || !slices.Equal(rows[0].Changes, want) {
		t.Errorf("ledger %+v, want one row with %v", rows, want)
	}
}

func TestS18_WhatStaysIsToldByKind(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in, id := o.leaves()
	for kind, n := range map[directory.GroupKind]int{directory.GroupDynamic: 2, directory.GroupSynced: 1, directory.GroupMailEnabled: 1} {
		for i := range n {
			group := string(kind) + string(rune('a'+i))
			o.dir.AddGroup(directory.Group{ID: group, Kind: kind})
			o.dir.Join(id, group)
		}
	}
	o.dir.Own(id, directory.Owned{ID: "g", Kind: "group"})
	o.dir.Own(id, directory.Owned{ID: "a", Kind: "application"})
	result, err := o.tasks.ChangeAccount(t.Context(), in)
	if err != nil || len(result.Attention) != 1 {
		t.Fatalf("result %+v, %v, want one attention", result, err)
	}
	want := "stays in entra: 2 dynamic group, 1 mail-enabled group, 1 owned application, 1 owned group, 1 synced group; end the memberships where they are mastered, and name other owners"
	if got := result.Attention[0]; got.Code != "left-behind" || got.Text != want {
		t.Errorf("attention %+v, want %q", got, want)
	}
}

// TestS18_RestoreGivesBackWhatThisStayLost: of a former stay nothing comes back.
func TestS18_RestoreGivesBackWhatThisStayLost(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in, id := o.leaves()
	in.Account.Removed = []plan.Removed{{Kind: "group", ID: "of-a-former-stay", Stay: "s0"}}
	o.dir.AddGroup(directory.Group{ID: "of-a-former-stay", Kind: directory.GroupAssigned})
	result, err := o.tasks.ChangeAccount(t.Context(), in)
	if err != nil || len(result.Account.Removed) != 2 {
		t.Fatalf("result %+v, %v, want the two groups of this stay remembered", result, err)
	}
	restore := o.input("account:entra", "restoreAccess", plan.ActivityAccount, "entra")
	restore.Account = *result.Account
	restore.Account.Removed = append(restore.Account.Removed, in.Account.Removed...)
	if result, err = o.tasks.ChangeAccount(t.Context(), restore); err != nil || result.Outcomes[0].Status != activities.Done {
		t.Fatalf("result %+v, %v, want done", result, err)
	}
	if got := o.memberships(id); !slices.Equal(got, []string{officeAllStaff, officeSales}) {
		t.Errorf("memberships %v, want those of this stay", got)
	}
}

// TestS18_HalfATaskIsRememberedWhole: a leave that is taken back while a task
// stands half done gives back what it took.
func TestS18_HalfATaskIsRememberedWhole(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in, id := o.leaves()
	o.dir.Inject(directory.VerbRemoveFromGroup, append([]memory.Fault{{}}, faultsOf(directory.ErrDenied, 9)...)...)
	result, err := o.tasks.ChangeAccount(t.Context(), in)
	if err != nil || result.Outcomes[0].Code != activities.CodeDenied || len(o.memberships(id)) != 1 {
		t.Fatalf("result %+v, %v, memberships %v, want the second removal denied", result, err, o.memberships(id))
	}
	restore := o.input("account:entra", "restoreAccess", plan.ActivityAccount, "entra")
	restore.Account = *result.Account
	if result, err = o.tasks.ChangeAccount(t.Context(), restore); err != nil || result.Outcomes[0].Status != activities.Done {
		t.Fatalf("result %+v, %v, want done", result, err)
	}
	if got := o.memberships(id); !slices.Equal(got, []string{officeAllStaff, officeSales}) {
		t.Errorf("memberships %v, want both back", got)
	}
}

// TestS18_MoreThanCanBeRestoredIsAsked: and the answer is heard.
func TestS18_MoreThanCanBeRestoredIsAsked(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in, id := o.leaves()
	for i := range 199 {
		group := directory.Group{ID: fmt.Sprintf("group-%03d", i), Kind: directory.GroupAssigned}
		o.dir.AddGroup(group)
		o.dir.Join(id, group.ID)
	}
	for _, want := range []int{201, 0} {
		result, err := o.tasks.ChangeAccount(t.Context(), in)
		if err != nil || len(o.memberships(id)) != want {
			t.Fatalf("result %+v, %v with %d memberships, want %d", result, err, len(o.memberships(id)), want)
		}
		if got := result.Outcomes[0]; want > 0 && (got.Code != activities.CodeTooMany || !got.Human) {
			t.Errorf("outcome %+v, want %s for a human", got, activities.CodeTooMany)
		}
		in.Approved, in.Answered = true, []string{in.Batch.Tasks[0].Key}
	}
}

// TestS18_NamedRemovalsAreRemembered: of a leaver, and only what was there; a
// move of a job is no leave and remembers nothing.
func TestS18_NamedRemovalsAreRemembered(t *testing.T) {
	t.Parallel()
	const sku = "6fd2c87f-b296-42f0-b197-1e91e994b900"
	for category, want := range map[string]int{"leaver": 2, "mover": 0} {
		t.Run(category, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t).withPolicy("      - removeUserFromAllGroups: {}\n", "").
				withPolicy("      - sendEmailOnLastDay: {to: manager}\n", "").
				withPolicy("  - name: Last day\n    category: leaver\n", "  - name: Last day\n    category: "+category+"\n").
				withPolicy("      - removeAllLicenseAssignments: {}\n", "      - removeUserFromGroups: {groups: [all-staff, engineering]}\n      - removeLicensesFromUser: {licenses: [e3]}\n")
			in, id := o.leaves()
			in.PolicyVersion = 5
			o.dir.AddGroup(directory.Group{ID: officeEngineering, Kind: directory.GroupAssigned})
			o.dir.AddLicense(sku, 5)
			if err := o.dir.ChangeLicenses(t.Context(), id, []string{sku}, nil); err != nil {
				t.Fatal(err)
			}
			first := in.Batch.Tasks[0]
			first.Task, first.Verb, first.Leave = "removeUserFromGroups", "removeUserFromGroups", 3
			first.Key = plan.TaskKey("Last day", "s1", 1, first.Task)
			second := first
			second.Task, second.Verb = "removeLicensesFromUser", "removeLicensesFromUser"
			second.Key = plan.TaskKey("Last day", "s1", 1, second.Task)
			in.Batch.Tasks = []plan.Task{first, second}
			o.dir.Inject(directory.VerbRemoveFromGroup, memory.Fault{LoseAnswer: true})
			if _, err := o.tasks.ChangeAccount(t.Context(), in); err == nil {
				t.Fatal("the lost answer was not seen")
			}
			result, err := o.tasks.ChangeAccount(t.Context(), in)
			if err != nil || result.Outcomes[1].Status != activities.Done {
				t.Fatalf("result %+v, %v, want done", result, err)
			}
			all := []plan.Removed{{Kind: "group", ID: officeAllStaff, Stay: "s1", Leave: 3}, {Kind: "license", ID: sku, Stay: "s1", Leave: 3}}
			if got := result.Account.Removed; !slices.Equal(got, all[:want]) {
				t.Errorf("removed %v, want %v, which was there before the first attempt", got, all[:want])
			}
		})
	}
}

func faultsOf(err error, n int) []memory.Fault {
	out := make([]memory.Fault, n)
	for i := range out {
		out[i] = memory.Fault{Before: err}
	}
	return out
}
