package activities_test

import (
	"testing"
	"time"

	"tenure/activities"
	"tenure/internal/directory"
	"tenure/internal/person"
	"tenure/internal/plan"
)

func (o *office) cut(in activities.TaskInput) activities.TaskOutcome {
	o.t.Helper()
	in.Now = o.now
	result, err := o.tasks.CutAccess(o.t.Context(), in)
	if err != nil {
		o.t.Fatal(err)
	}
	return result.Outcomes[0]
}

// S5: what could not be looked for is not called cut.
func TestS5_CutOfWhoCannotBeFoundIsNotDone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in := o.input("account:entra", "disable", plan.ActivityCut, "entra")
	in.Record = person.Record{}
	if got := o.cut(in); got.Status != activities.Failed || got.Code != activities.CodeNoEmployeeID {
		t.Errorf("no employee number: outcome = %+v, want %s", got, activities.CodeNoEmployeeID)
	}
	in = o.input("account:entra", "disable", plan.ActivityCut, "entra")
	in.Account = plan.Account{Target: "entra", ID: "not-visible-yet", State: plan.AccountEnabled}
	if got := o.cut(in); got.Status != activities.Failed || !got.Retryable {
		t.Errorf("account that may not be visible yet: outcome = %+v, want it looked for again", got)
	}
	in.Batch.Tasks[0].Attempt = 3
	if got := o.cut(in); got.Status != activities.Done || got.Code != activities.CodeNoAccount {
		t.Errorf("account that is gone: outcome = %+v, want done", got)
	}
}

// S5: nothing is called taken away from an account that was there and could not be
// looked for.
func TestS5_AccessOfWhoCannotBeFoundIsNotGone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, task := range []string{"removeUserFromAllGroups", "removeAllLicenseAssignments", "revokeAllRefreshTokens"} {
		in := o.input("Last day", task, plan.ActivityAccount, "entra")
		in.Account = plan.Account{Target: "entra", ID: "not-visible-yet", State: plan.AccountEnabled}
		result, err := o.tasks.ChangeAccount(t.Context(), in)
		if err != nil || result.Outcomes[0].Status != activities.Failed || !result.Outcomes[0].Retryable {
			t.Errorf("%s: result = %+v, %v, want it looked for again", task, result, err)
		}
		in.Batch.Tasks[0].Attempt = 3
		result, err = o.tasks.ChangeAccount(t.Context(), in)
		if err != nil || result.Outcomes[0].Status != activities.Done || result.Outcomes[0].Code != activities.CodeNoAccount {
			t.Errorf("%s: result = %+v, %v, want done: the account is gone", task, result, err)
		}
	}
}

// S5: a cut whose answer was lost does not stand for a later one.
func TestS5_ClosedCutIsLookedAtAgainByALaterPlan(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example", Enabled: true})
	in := o.input("account:entra", "disable", plan.ActivityCut, "entra")
	in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountEnabled}
	for range 2 { // the answer of each is lost, and somebody enables the account by hand
		if got := o.cut(in); got.Status != activities.Done {
			t.Fatalf("outcome = %+v, want done", got)
		}
		live, err := o.dir.Account(t.Context(), id)
		if err != nil || live.Enabled {
			t.Fatalf("account = %+v, %v, want it disabled", live, err)
		}
		if err := o.dir.UpdateAccount(t.Context(), id, directory.Change{Enabled: yes()}); err != nil {
			t.Fatal(err)
		}
		o.now = o.now.Add(24 * time.Hour)
	}
}

// S7: who approved before anybody had looked did not agree to what the target shows.
func TestS7_ApprovalDoesNotCoverWhatNobodyHasSeen(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.dir.AddAccount(directory.Account{EmployeeID: "9", UserName: "zoe@contoso.example"})
	in := o.input("account:entra", "delete", plan.ActivityDelete, "entra")
	in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountDisabled, DisabledAt: o.now.AddDate(0, 0, -30)}
	in.Approved = true
	for attempt, want := range []activities.Status{activities.Failed, activities.Failed, activities.Done} {
		in.Batch.Tasks[0].Attempt = attempt // the second one failed for another cause before
		if want == activities.Done {
			in.Answered = []string{in.Batch.Tasks[0].Key}
		}
		result, err := o.tasks.DeleteAccount(t.Context(), in)
		if err != nil || result.Outcomes[0].Status != want {
			t.Errorf("attempt %d: result = %+v, %v, want %s", attempt, result, err, want)
		}
	}
}

// A lost answer of a task on groups brings no old state of the account back.
func TestLostAnswerKeepsWhatHappenedSince(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example"})
	in := o.input("Last day", "revokeAllRefreshTokens", plan.ActivityAccount, "entra")
	in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountDisabled, DisabledAt: o.now, DisabledFor: "s1"}
	if result, err := o.tasks.ChangeAccount(t.Context(), in); err != nil || result.Outcomes[0].Status != activities.Done {
		t.Fatalf("result = %+v, %v, want done", result, err)
	}
	in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountEnabled, Operations: 1}
	result, err := o.tasks.ChangeAccount(t.Context(), in)
	if err != nil || result.Account == nil || result.Account.State != plan.AccountEnabled {
		t.Errorf("result = %+v, %v, want the account enabled as it is known now", result, err)
	}
}

// S4: a cut tells an account that somebody else had disabled from one that it
// disabled itself.
func TestS4_CutRemembersWhoHadDisabledTheAccount(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		enabled  bool
		adopted  bool
		known    plan.AccountState
		want     bool
		attempts int
	}{
		{"we disable it", true, false, plan.AccountEnabled, false, 1},
		{"somebody else had", false, false, plan.AccountEnabled, true, 1},
		{"our own answer was lost", true, false, plan.AccountEnabled, false, 2},
		{"it was found disabled", false, true, plan.AccountDisabled, true, 1},
		{"a hire to come", false, false, plan.AccountDisabled, false, 1},
	} {
		o := newOffice(t)
		id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example", Enabled: tc.enabled})
		in := o.input("account:entra", "disable", plan.ActivityCut, "entra")
		in.Now = o.now
		in.Account = plan.Account{Target: "entra", ID: id, State: tc.known}
		if tc.adopted {
			in.Account.AdoptedAt = o.now.Add(-time.Hour)
		}
		for range tc.attempts {
			result, err := o.tasks.CutAccess(t.Context(), in)
			if err != nil || result.Outcomes[0].Status != activities.Done || result.Account.FoundDisabled != tc.want {
				t.Errorf("%s: %+v, %v, want found disabled: %t", tc.name, result, err, tc.want)
			}
		}
	}
}
