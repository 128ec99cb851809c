package activities_test

import (
	"slices"
	"testing"

	"tenure/activities"
	"tenure/internal/directory"
	"tenure/internal/directory/memory"
	"tenure/internal/plan"
	"tenure/internal/store"
)

const (
	officeAllStaff = "3f0c1a52-7f0b-4c57-9d55-1f3f6f6b0001"
	officeSales    = "91aa6d0e-52c1-4a0e-8a55-1f3f6f6b0002"
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

func faultsOf(err error, n int) []memory.Fault {
	out := make([]memory.Fault, n)
	for i := range out {
		out[i] = memory.Fault{Before: err}
	}
	return out
}
