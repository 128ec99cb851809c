package activities_test

import (
	"errors"
	"strings"
	"testing"

	"tenure/activities"
	"tenure/internal/directory"
	"tenure/internal/directory/memory"
	"tenure/internal/lifecycle"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// inMode puts a version in force whose target is in another mode.
func (o *office) inMode(mode string) {
	o.t.Helper()
	active, err := o.store.ActivePolicy(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	text := strings.Replace(string(active.Source), "    mode: enforce", "    mode: "+mode, 1)
	source := lifecycle.Source{Name: "policy.yaml", Content: []byte(text)}
	_, _, err = o.store.SavePolicy(o.t.Context(), store.PolicyVersion{
		Number: active.Number + 1, Source: source.Content, Hash: lifecycle.Hash(source), Actor: "test", Reason: "test", AppliedAt: o.now,
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// change does one account line.
func (o *office) change(verb plan.Verb, edit func(in *activities.TaskInput, task *plan.Task)) (activities.TaskOutcome, plan.Account) {
	o.t.Helper()
	in := o.input("account:entra", string(verb), plan.ActivityAccount, "entra")
	in.Now = o.now
	if edit != nil {
		edit(&in, &in.Batch.Tasks[0])
	}
	result, err := o.tasks.ChangeAccount(o.t.Context(), in)
	if err != nil {
		o.t.Fatal(err)
	}
	if result.Account == nil {
		result.Account = &plan.Account{}
	}
	return result.Outcomes[0], *result.Account
}

func asStaff(_ *activities.TaskInput, task *plan.Task) { task.Staff = true }

// writes counts the calls that change something.
func (o *office) writes() int {
	count := 0
	for _, verb := range []directory.Verb{
		directory.VerbCreateAccount, directory.VerbUpdateAccount, directory.VerbSetManager, directory.VerbDeleteAccount,
		directory.VerbRestoreAccount, directory.VerbAddToGroup, directory.VerbRemoveFromGroup, directory.VerbChangeLicenses,
		directory.VerbRevokeSessions, directory.VerbReplacePassword, directory.VerbIssuePass, directory.VerbDeletePass,
	} {
		count += o.dir.Calls(verb)
	}
	return count
}

func shown(number, name, display string) directory.Account {
	account := directory.Account{EmployeeID: number, UserName: name + "@contoso.example", Enabled: true}
	if display != "" {
		account.Attributes = map[string]string{"displayName": display}
	}
	return account
}

// S14: whatever a plan asked for, nothing is written while a target is observed.
func TestS14_NothingIsWrittenInAnObservedTarget(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{lifecycle.ModeObserve, lifecycle.ModeAdopt} {
		o := newOffice(t)
		id := o.dir.AddAccount(shown(personKey, "zoe", ""))
		linked := plan.Account{Target: "entra", ID: id, State: plan.AccountEnabled}
		o.inMode(mode) // while activities of the version before are in flight
		in := o.input("account:entra", "disable", plan.ActivityCut, "entra")
		in.Account = linked
		if got := o.cut(in); got.Code != activities.CodeObserved {
			t.Errorf("%s: cut ended %+v, want %s", mode, got, activities.CodeObserved)
		}
		in = o.input("Last day", "revokeAllRefreshTokens", plan.ActivityAccount, "entra")
		in.Account = linked
		result, err := o.tasks.ChangeAccount(t.Context(), in)
		if err != nil || result.Outcomes[0].Code != activities.CodeObserved {
			t.Errorf("%s: sessions ended %+v, %v, want %s", mode, result, err, activities.CodeObserved)
		}
		if got, _ := o.change(plan.Create, func(in *activities.TaskInput, task *plan.Task) {
			in.Record.Attributes = in.Record.Attributes.With(attribute("employeeId", "77"))
			task.New = true
		}); got.Code != activities.CodeObserved {
			t.Errorf("%s: create ended %+v, want %s", mode, got, activities.CodeObserved)
		}
		if got := o.writes(); got != 0 {
			t.Errorf("%s: %d calls wrote", mode, got)
		}
	}
}

// S14: the only account with the number becomes that of existing staff, and
// nothing is written for it.
func TestS14_LinkByNumber(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.dir.AddAccount(shown(personKey, "old.name", "Mueller, Zoe (Sales)"))
	got, account := o.change(plan.Link, asStaff)
	if got.Status != activities.Done || account.ID != id || account.Linked != plan.LinkedByNumber || !account.AdoptedAt.Equal(o.now) ||
		account.State != plan.AccountEnabled || account.Number != personKey || account.Stay != "s1" {
		t.Fatalf("link = %+v, %+v; want %s by number", got, account, id)
	}
	if o.writes() != 0 {
		t.Errorf("%d calls wrote, want none", o.writes())
	}
	claim, err := o.store.Claim(t.Context(), "entra", store.ObjectIDAttribute, id)
	if err != nil || claim.Owner != contract.JourneyID("main", personKey) {
		t.Errorf("claim = %+v, %v, want it held by the journey", claim, err)
	}
	// The link follows the object, not the name.
	if err := o.dir.UpdateAccount(t.Context(), id, directory.Change{Set: map[string]string{directory.UserNameAttribute: "new.name@contoso.example"}}); err != nil {
		t.Fatal(err)
	}
	got, account = o.change(plan.Update, func(in *activities.TaskInput, _ *plan.Task) { in.Account = account })
	if got.Status != activities.Done || account.ID != id || account.UserName != "new.name@contoso.example" {
		t.Errorf("update after a rename = %+v, %+v; want %s under its new name", got, account, id)
	}
}

func TestS14_LinkAsksWhereItWouldGuess(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		accounts []directory.Account
		code     string
	}{
		{"nobody", nil, activities.CodeUnmatched},
		{"others", []directory.Account{shown("9", "zoe.muller", "Zoë Müller")}, activities.CodeUnmatched},
		{"two of them", []directory.Account{shown(personKey, "a", ""), shown(personKey, "b", "")}, activities.CodeAmbiguous},
		{"the number of a former colleague", []directory.Account{shown(personKey, "a", "Ada Byron")}, activities.CodeProposed},
		{"the name without a number", []directory.Account{shown("", "zoe.muller", "Zoë Müller")}, activities.CodeProposed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			for _, account := range tt.accounts {
				o.dir.AddAccount(account)
			}
			got, account := o.change(plan.Link, asStaff)
			if got.Code != tt.code || got.Status != activities.Failed || account.ID != "" || o.writes() != 0 {
				t.Errorf("link = %+v, %+v; want it refused as %s", got, account, tt.code)
			}
		})
	}
}

func TestS14_ProposedByHRsMailAddress(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.dir.AddAccount(shown("", "zm", "Z. Müller"))
	for _, verb := range []plan.Verb{plan.Link, plan.Create} {
		got, _ := o.change(verb, func(in *activities.TaskInput, _ *plan.Task) {
			in.Record.Attributes = in.Record.Attributes.With(attribute("contact.workEmail", "zm@contoso.example"))
		})
		if got.Code != activities.CodeProposed {
			t.Errorf("%s = %+v, want %s", verb, got, activities.CodeProposed)
		}
	}
}

// S14: what stands behind the employee number proposes, in the order of the policy,
// and never links.
func TestS14_ProposedInTheOrderOfThePolicy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		match string
		first string // the user name of the account that is proposed, "" for none
	}{
		{"[employeeId, mail, userPrincipalName]", "zm"},
		{"[employeeId, userPrincipalName, mail]", "zoe.muller"},
		{"[employeeId, userPrincipalName]", "zoe.muller"},
		{"[employeeId, displayName]", ""},
	} {
		t.Run(tt.match, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.inMode(lifecycle.ModeEnforce + "\n    match: " + tt.match)
			ids := map[string]string{}
			for _, name := range []string{"zm", "zoe.muller"} {
				ids[name] = o.dir.AddAccount(shown("", name, "Zoë Müller"))
			}
			got, account := o.change(plan.Link, func(in *activities.TaskInput, task *plan.Task) {
				in.PolicyVersion, task.Staff = 2, true
				in.Record.Attributes = in.Record.Attributes.With(attribute("contact.workEmail", "zm@contoso.example"))
			})
			code := activities.CodeProposed
			if tt.first == "" {
				code = activities.CodeUnmatched
			}
			if got.Code != code || !strings.Contains(got.Detail, ids[tt.first]) || account.ID != "" || o.writes() != 0 {
				t.Errorf("link = %+v, %+v; want %s of %q, and nothing linked", got, account, code, tt.first)
			}
		})
	}
}

// S14: a contractor who is hired under a new key and number keeps the address of
// the account: whoever makes a second one does it knowingly.
func TestS14_ProposedByTheMailAddressOfAnotherNumber(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, shown, code string
	}{
		{"the same name", "Zoë Müller", activities.CodeProposed},
		{"somebody else's address", "Ada Byron", ""},
	} {
		o := newOffice(t)
		o.dir.AddAccount(shown("3001", "zm", tt.shown))
		got, _ := o.change(plan.Create, func(in *activities.TaskInput, _ *plan.Task) {
			in.Record.Attributes = in.Record.Attributes.With(attribute("contact.workEmail", "zm@contoso.example"))
		})
		if got.Code != tt.code || (o.writes() == 0) != (tt.code != "") {
			t.Errorf("%s: create = %+v with %d writes, want code %q", tt.name, got, o.writes(), tt.code)
		}
	}
}

// S14: an account that a human named gets the number, and nothing else.
func TestS14_LinkByHand(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.inMode(lifecycle.ModeAdopt)
	id := o.dir.AddAccount(shown("", "zm", "Somebody Else"))
	named := func(in *activities.TaskInput, task *plan.Task) { in.PolicyVersion, task.ObjectID = 2, id }
	got, account := o.change(plan.Link, named)
	live, err := o.dir.Account(t.Context(), id)
	if err != nil || got.Status != activities.Done || account.Linked != plan.LinkedByHuman || live.EmployeeID != personKey || o.writes() != 1 {
		t.Fatalf("link = %+v, %+v, %v; want the number written to %+v", got, account, err, live)
	}
	// Somebody else's journey must not get it.
	o.person("3001", "", "active", nil)
	in := o.input("account:entra", "link", plan.ActivityAccount, "entra")
	in.Journey, in.Key = contract.JourneyID("main", "3001"), "3001"
	in.Record.Attributes = in.Record.Attributes.With(attribute("employeeId", "3001"))
	in.Batch.Tasks[0].ObjectID = id
	result, err := o.tasks.ChangeAccount(t.Context(), in)
	if err != nil || result.Outcomes[0].Code != activities.CodeForeignAccount {
		t.Errorf("second link = %+v, %v, want %s", result, err, activities.CodeForeignAccount)
	}
	// Let go of, it can be linked anew.
	if got, account = o.change(plan.Unlink, func(in *activities.TaskInput, _ *plan.Task) { in.Account = account }); got.Status != activities.Done || account.ID != "" || !account.Unlinked {
		t.Errorf("unlink = %+v, %+v, want the account let go of", got, account)
	}
	if _, err := o.store.Claim(t.Context(), "entra", store.ObjectIDAttribute, id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("claim after unlink: %v, want none", err)
	}
}

func TestS14_LinkByHandRefusesTheNumberOfAnotherPerson(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.person("3001", "", "active", nil)
	id := o.dir.AddAccount(shown("3001", "ada", "Ada Byron"))
	got, _ := o.change(plan.Link, func(_ *activities.TaskInput, task *plan.Task) { task.ObjectID = id })
	if got.Code != activities.CodeForeignAccount || o.writes() != 0 {
		t.Errorf("link = %+v, want %s and nothing written", got, activities.CodeForeignAccount)
	}
}

// S14: a reused number must not hand an old colleague's account to a new hire.
func TestS14_NewHireDoesNotGetAnAccountThatCarriesTheNumber(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	old := o.dir.AddAccount(shown(personKey, "zoe.muller", "Zoë Müller"))
	got, account := o.change(plan.Create, nil)
	if got.Code != activities.CodeProposed || account.ID != "" || o.writes() != 0 {
		t.Fatalf("create = %+v, %+v; want it asked about", got, account)
	}
	// Who ran it by hand before anybody had looked said nothing of that account.
	if got, _ = o.change(plan.Create, func(in *activities.TaskInput, _ *plan.Task) { in.Approved = true }); got.Code != activities.CodeProposed || o.writes() != 0 {
		t.Fatalf("create by hand = %+v with %d writes; want it asked about", got, o.writes())
	}
	// A human who says that it is not theirs gets them a new one, of another name.
	got, account = o.change(plan.Create, func(in *activities.TaskInput, task *plan.Task) { in.Approved, in.Answered = true, []string{task.Key} })
	if got.Status != activities.Done || account.ID == old || account.UserName == "zoe.muller@contoso.example" {
		t.Errorf("approved create = %+v, %+v; want a new account", got, account)
	}
}

// S14: on a name conflict the holder is read: our number means a lost answer, no
// number a question, another one the next name.
func TestS14_NameConflictReadsTheHolder(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.dir.Inject(directory.VerbCreateAccount, memory.Fault{LoseAnswer: true})
	in := o.input("account:entra", "create", plan.ActivityAccount, "entra")
	if _, err := o.tasks.ChangeAccount(t.Context(), in); err == nil {
		t.Fatal("the lost answer was not seen")
	}
	got, account := o.change(plan.Create, nil)
	if got.Status != activities.Done || account.UserName != "zoe.muller@contoso.example" || len(o.dir.Accounts()) != 1 || account.Linked != "" {
		t.Errorf("lost answer: create = %+v, %+v of %d accounts; want the one that was made", got, account, len(o.dir.Accounts()))
	}
	o = newOffice(t)
	o.dir.AddAccount(shown("", "zoe.muller", "Müller Zoe"))
	for range 2 { // the question stays one
		if got, _ = o.change(plan.Create, nil); got.Code != activities.CodeProposed {
			t.Errorf("holder without a number: create = %+v, want %s", got, activities.CodeProposed)
		}
	}
	if got, account = o.change(plan.Create, func(in *activities.TaskInput, task *plan.Task) { in.Approved, in.Answered = true, []string{task.Key} }); got.Status != activities.Done || account.UserName == "zoe.muller@contoso.example" {
		t.Errorf("approved: create = %+v, %+v, want another name", got, account)
	}
	o = newOffice(t)
	o.dir.AddAccount(shown("9", "zoe.muller", "Zoë Müller"))
	if got, account = o.change(plan.Create, nil); got.Status != activities.Done || account.UserName == "zoe.muller@contoso.example" {
		t.Errorf("holder of another number: create = %+v, %+v, want another name", got, account)
	}
}

// S14: what takes something away needs the link and the number to agree.
func TestS14_DestructiveCallsNeedLinkAndNumberToAgree(t *testing.T) {
	t.Parallel()
	for _, call := range []struct {
		workflow, task string
		activity       plan.Activity
		do             func(o *office, in activities.TaskInput) (activities.TaskResult, error)
	}{
		{"account:entra", "disable", plan.ActivityCut, func(o *office, in activities.TaskInput) (activities.TaskResult, error) {
			return o.tasks.CutAccess(o.t.Context(), in)
		}},
		{"account:entra", "delete", plan.ActivityDelete, func(o *office, in activities.TaskInput) (activities.TaskResult, error) {
			return o.tasks.DeleteAccount(o.t.Context(), in)
		}},
		{"Last day", "removeUserFromAllGroups", plan.ActivityAccount, func(o *office, in activities.TaskInput) (activities.TaskResult, error) {
			return o.tasks.ChangeAccount(o.t.Context(), in)
		}},
		{"Last day", "removeAllLicenseAssignments", plan.ActivityAccount, func(o *office, in activities.TaskInput) (activities.TaskResult, error) {
			return o.tasks.ChangeAccount(o.t.Context(), in)
		}},
	} {
		for _, number := range []string{"9", ""} {
			o := newOffice(t)
			id := o.dir.AddAccount(shown(number, "zoe", "Zoë Müller"))
			in := o.input(call.workflow, call.task, call.activity, "entra")
			in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountDisabled, DisabledAt: o.now.AddDate(0, 0, -30)}
			result, err := call.do(o, in)
			if err != nil || result.Outcomes[0].Code != activities.CodeLinkDiffers || !result.Outcomes[0].Human || o.writes() != 0 {
				t.Errorf("%s with number %q = %+v, %v; want %s for a human", call.task, number, result, err, activities.CodeLinkDiffers)
			}
		}
	}
	// A number that HR changed keeps no access open: the account is the same.
	o := newOffice(t)
	id := o.dir.AddAccount(shown("1", "zoe", "Zoë Müller"))
	in := o.input("account:entra", "disable", plan.ActivityCut, "entra")
	in.Account = plan.Account{Target: "entra", ID: id, Number: "1", State: plan.AccountEnabled}
	if got := o.cut(in); got.Status != activities.Done {
		t.Errorf("cut after HR changed the number = %+v, want done", got)
	}
}

// S14: an account that nobody linked is cut for nobody who joined after it.
func TestS14_CutDoesNotGuess(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.dir.AddAccount(shown(personKey, "zoe", "Zoë Müller"))
	if got := o.cut(o.input("account:entra", "disable", plan.ActivityCut, "entra")); got.Code != activities.CodeProposed || o.writes() != 0 {
		t.Errorf("cut = %+v, want %s and nothing written", got, activities.CodeProposed)
	}
	in := o.input("account:entra", "disable", plan.ActivityCut, "entra")
	in.Batch.Tasks[0].Staff = true
	if got := o.cut(in); got.Status != activities.Done {
		t.Errorf("cut of existing staff = %+v, want done", got)
	}
	// Nor is another account taken in place of the linked one.
	o = newOffice(t)
	o.dir.AddAccount(shown(personKey, "zoe", "Zoë Müller"))
	in.Account = plan.Account{Target: "entra", ID: "gone", State: plan.AccountNone}
	if got := o.cut(in); got.Code != activities.CodeProposed || o.writes() != 0 {
		t.Errorf("cut of an account that is gone = %+v, want no other one cut", got)
	}
}

func TestS14_CodesAreThePlans(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		activities.CodeUnmatched: plan.CodeUnmatched, activities.CodeProposed: plan.CodeProposed, activities.CodeAmbiguous: plan.CodeAmbiguous,
	} {
		if got != want {
			t.Errorf("activities say %q, plans %q", got, want)
		}
	}
}

// S14: an account that was made while a human ordered a link is not let go of
// unseen: it may be enabled, and carries the number.
func TestS14_LinkLetsGoOfNothingUnseen(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	made, named := o.dir.AddAccount(shown(personKey, "zoe.muller", "")), o.dir.AddAccount(shown("", "zm", ""))
	got, account := o.change(plan.Link, func(in *activities.TaskInput, task *plan.Task) {
		in.Account = plan.Account{Target: "entra", ID: made, State: plan.AccountEnabled}
		task.ObjectID = named
	})
	if got.Code != activities.CodeLinkDiffers || !got.Human || account.ID != made || o.writes() != 0 {
		t.Errorf("link = %+v, %+v with %d writes; want %s kept and a human asked", got, account, o.writes(), made)
	}
}
