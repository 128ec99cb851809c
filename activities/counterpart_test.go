package activities_test

import (
	"os"
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

// The targets of the hybrid organisation, and the version of its policy.
const (
	cloudTarget   = "cloud"
	corpTarget    = "corp"
	hybridVersion = 2
	corpID        = "4c5d3a1e-0000-4000-8000-000000000001"
	corpAnchor    = "Hjpd..octets of corp=="
)

// hybrid is an office whose people have accounts in a domain, which a
// synchronisation brings to the cloud.
func hybrid(t *testing.T) *office {
	t.Helper()
	o := newOffice(t)
	source, err := os.ReadFile("../internal/plan/testdata/hybrid.yaml")
	if err != nil {
		t.Fatal(err)
	}
	hash := lifecycle.Hash(lifecycle.Source{Name: "policy.yaml", Content: source})
	if _, _, err = o.store.SavePolicy(t.Context(), store.PolicyVersion{Source: source, Hash: hash, Actor: "test", Reason: "test", AppliedAt: o.now}); err != nil {
		t.Fatal(err)
	}
	o.corp = memory.New(memory.Options{Name: corpTarget})
	o.corp.AddAccount(directory.Account{ID: corpID, EmployeeID: personKey, UserName: "zoe.mueller@contoso.example", Anchor: corpAnchor})
	return o
}

// inCloud is one task on the account that comes from the one in the domain.
func (o *office) inCloud(workflow, task string, activity plan.Activity) activities.TaskInput {
	in := o.input(workflow, task, activity, cloudTarget)
	in.PolicyVersion, in.Batch.Source = hybridVersion, corpTarget
	in.Source = &plan.Account{Target: corpTarget, ID: corpID, State: plan.AccountDisabled}
	return in
}

func comesFrom(anchor, number, display string) directory.Account {
	a := shown(number, "zoe.mueller", display)
	a.Synced, a.Anchor = true, anchor
	return a
}

// TestS17_CounterpartIsTakenByItsAnchor: what comes from the person's account in
// the domain is taken whatever else it shows; a number alone takes nothing that
// comes from another account or from nowhere.
func TestS17_CounterpartIsTakenByItsAnchor(t *testing.T) {
	t.Parallel()
	unsynced := comesFrom(corpAnchor, personKey, "")
	unsynced.Synced = false
	for name, tt := range map[string]struct {
		there []directory.Account
		want  string
		linkd bool
	}{
		"nobody has come":              {nil, activities.CodeNoCounterpart, false},
		"anchor and number":            {[]directory.Account{comesFrom(corpAnchor, personKey, "Zoë Müller")}, "found", true},
		"anchor, no number yet":        {[]directory.Account{comesFrom(corpAnchor, "", "Zoë Müller")}, "found", true},
		"anchor, another name":         {[]directory.Account{comesFrom(corpAnchor, personKey, "Zoë Falk")}, "found", true},
		"anchor beside another number": {[]directory.Account{comesFrom(corpAnchor, "", ""), comesFrom("of another", personKey, "")}, "found", true},
		"anchor, another's number":     {[]directory.Account{comesFrom(corpAnchor, "4711", "Zoë Müller")}, activities.CodeProposed, false},
		"number of another account":    {[]directory.Account{comesFrom("of another", personKey, "Zoë Müller")}, activities.CodeProposed, false},
		"number, no anchor told":       {[]directory.Account{comesFrom("", personKey, "Zoë Müller")}, "found", true},
		"number, another name":         {[]directory.Account{comesFrom("", personKey, "Nora Falk")}, activities.CodeProposed, false},
		"not synchronised":             {[]directory.Account{unsynced}, activities.CodeProposed, false},
		"two by number":                {[]directory.Account{comesFrom("a", personKey, ""), comesFrom("b", personKey, "")}, activities.CodeAmbiguous, false},
		"two by anchor":                {[]directory.Account{comesFrom(corpAnchor, "", ""), comesFrom(corpAnchor, "", "")}, activities.CodeAmbiguous, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := hybrid(t)
			first := ""
			for _, a := range tt.there {
				if id := o.dir.AddAccount(a); first == "" {
					first = id
				}
			}
			result, err := o.tasks.ChangeAccount(t.Context(), o.inCloud("account:cloud", "create", plan.ActivityAccount))
			if err != nil || result.Outcomes[0].Code != tt.want {
				t.Fatalf("outcome %+v, %v, want %s", result, err, tt.want)
			}
			if linked := result.Account.ID == first && first != ""; linked != tt.linkd {
				t.Errorf("account %+v, want it linked: %t", result.Account, tt.linkd)
			}
			if got := len(o.dir.Accounts()); got != len(tt.there) || o.dir.Calls(directory.VerbCreateAccount) != 0 {
				t.Errorf("%d accounts, want the %d that were there and no create", got, len(tt.there))
			}
		})
	}
}

// TestS17_CounterpartAsksLittle: a look that finds nothing reads the domain once
// and the cloud twice, and writes nothing.
func TestS17_CounterpartAsksLittle(t *testing.T) {
	t.Parallel()
	o := hybrid(t)
	if _, err := o.tasks.ChangeAccount(t.Context(), o.inCloud("account:cloud", "create", plan.ActivityAccount)); err != nil {
		t.Fatal(err)
	}
	got := []int{o.corp.Calls(directory.VerbAccount), o.dir.Calls(directory.VerbAccountsByEmployeeID), o.dir.Calls(directory.VerbAccountsByAnchor), o.writes()}
	for i, want := range []int{1, 1, 1, 0} {
		if got[i] != want {
			t.Errorf("calls %v, want one look in the domain, two in the cloud and no write", got)
			break
		}
	}
}

// TestS17_CounterpartOfAnotherPersonIsNotTaken: two journeys never share one.
func TestS17_CounterpartOfAnotherPersonIsNotTaken(t *testing.T) {
	t.Parallel()
	o := hybrid(t)
	id := o.dir.AddAccount(comesFrom(corpAnchor, "", ""))
	claim := store.Claim{Target: cloudTarget, Attribute: store.ObjectIDAttribute, Value: id, Owner: "person/main/other", State: store.ClaimHeld, At: o.now}
	if err := o.store.Hold(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	result, err := o.tasks.ChangeAccount(t.Context(), o.inCloud("account:cloud", "create", plan.ActivityAccount))
	if err != nil || result.Outcomes[0].Code != activities.CodeForeignAccount {
		t.Errorf("outcome %+v, %v, want %s", result, err, activities.CodeForeignAccount)
	}
}

// TestS17_CounterpartByAnchorIsCutWithoutItsNumber: what the anchor linked needs
// no number to be cut; the cut finds it too where nobody had linked it.
func TestS17_CounterpartByAnchorIsCutWithoutItsNumber(t *testing.T) {
	t.Parallel()
	o := hybrid(t)
	id := o.dir.AddAccount(comesFrom(corpAnchor, "", ""))
	result, err := o.tasks.ChangeAccount(t.Context(), o.inCloud("account:cloud", "create", plan.ActivityAccount))
	if err != nil || result.Account.Linked != plan.LinkedByAnchor {
		t.Fatalf("result %+v, %v, want it linked by its anchor", result, err)
	}
	in := o.inCloud("account:cloud", "disable", plan.ActivityCut)
	in.Account = *result.Account
	if result, err = o.tasks.CutAccess(t.Context(), in); err != nil || result.Outcomes[0].Code != activities.CodeSynced || o.dir.Revocations(id) != 1 {
		t.Errorf("outcome %+v, %v, %d revocations, want the sessions ended and the rest left to the domain", result, err, o.dir.Revocations(id))
	}
	// The account in the domain is gone: the cut goes by the number.
	other := hybrid(t)
	id = other.dir.AddAccount(comesFrom(corpAnchor, personKey, "Zoë Müller"))
	if err := other.corp.DeleteAccount(t.Context(), corpID); err != nil {
		t.Fatal(err)
	}
	if result, err = other.tasks.CutAccess(t.Context(), other.inCloud("account:cloud", "disable", plan.ActivityCut)); err != nil || other.dir.Revocations(id) != 1 {
		t.Errorf("outcome %+v, %v, %d revocations, want the sessions ended", result, err, other.dir.Revocations(id))
	}
	result, err = other.tasks.ChangeAccount(t.Context(), other.inCloud("account:cloud", "create", plan.ActivityAccount))
	if err != nil || result.Outcomes[0].Code != activities.CodeNoCounterpart || !strings.Contains(result.Outcomes[0].Detail, corpTarget) {
		t.Errorf("outcome %+v, %v, want nothing linked while the domain has no account", result, err)
	}
}

// outcomes are what the ledger tells of the person, in order.
func (o *office) outcomes() []string {
	o.t.Helper()
	rows, err := o.store.Ledger(o.t.Context(), o.inCloud("x", "x", plan.ActivityCut).Journey, 1, 0)
	if err != nil {
		o.t.Fatal(err)
	}
	var out []string
	for _, row := range rows {
		out = append(out, row.Outcome)
	}
	return out
}

// TestS17_LeaverInADomainLosesThePassword: disabled, then two passwords that are
// nowhere; an attempt that broke off is simply made again, and the ledger tells
// each step once.
func TestS17_LeaverInADomainLosesThePassword(t *testing.T) {
	t.Parallel()
	o := hybrid(t)
	o.corp.Edit(corpID, func(a *directory.Account) { a.Enabled = true })
	in := o.input("account:corp", "disable", plan.ActivityCut, corpTarget)
	in.PolicyVersion, in.Batch.Tasks[0].Leaves = hybridVersion, true
	in.Account = plan.Account{Target: corpTarget, ID: corpID, State: plan.AccountEnabled}
	o.corp.Inject(directory.VerbReplacePassword, memory.Fault{LoseAnswer: true})
	if _, err := o.tasks.CutAccess(t.Context(), in); err == nil {
		t.Fatal("an answer that was lost counts as done")
	}
	if live, err := o.corp.Account(t.Context(), corpID); err != nil || live.Enabled {
		t.Errorf("account %+v, %v, want it disabled before anything else", live, err)
	}
	result, err := o.tasks.CutAccess(t.Context(), in)
	if err != nil || result.Outcomes[0].Status != activities.Done || o.corp.Passwords(corpID) != 4 {
		t.Errorf("outcome %+v, %v, %d passwords, want it done by replacing again", result, err, o.corp.Passwords(corpID))
	}
	if got, want := strings.Join(o.outcomes(), "; "), "password replaced twice, known to nobody; done"; got != want {
		t.Errorf("ledger tells %q, want %q", got, want)
	}
}

// TestS17_OnlyWhoLeavesLosesThePassword: not who is away for a while, and nobody
// in the cloud.
func TestS17_OnlyWhoLeavesLosesThePassword(t *testing.T) {
	t.Parallel()
	for name, leaves := range map[string]bool{corpTarget: false, cloudTarget: true} {
		o := hybrid(t)
		id := o.dir.AddAccount(shown(personKey, "zoe", ""))
		o.corp.Edit(corpID, func(a *directory.Account) { a.Enabled = true })
		in := o.input("account:"+name, "disable", plan.ActivityCut, name)
		in.PolicyVersion, in.Batch.Tasks[0].Leaves = hybridVersion, leaves
		in.Account = plan.Account{Target: name, ID: map[string]string{corpTarget: corpID, cloudTarget: id}[name], State: plan.AccountEnabled}
		result, err := o.tasks.CutAccess(t.Context(), in)
		if err != nil || result.Outcomes[0].Status != activities.Done || o.corp.Passwords(corpID)+o.dir.Passwords(id) != 0 {
			t.Errorf("%s: outcome %+v, %v, want it disabled with its password", name, result, err)
		}
	}
}

// TestS17_SessionsAreEndedAtOnceAndAgain: the ledger tells when the cloud was cut
// though it still showed the account enabled, and when it no longer did.
func TestS17_SessionsAreEndedAtOnceAndAgain(t *testing.T) {
	t.Parallel()
	o := hybrid(t)
	live := comesFrom(corpAnchor, personKey, "")
	live.Enabled = true
	id := o.dir.AddAccount(live)
	in := o.inCloud("account:cloud", "disable", plan.ActivityCut)
	in.Account = plan.Account{Target: cloudTarget, ID: id, State: plan.AccountEnabled, Synced: true}
	for range 2 {
		if result, err := o.tasks.CutAccess(t.Context(), in); err != nil || result.Outcomes[0].Code != activities.CodeSynced {
			t.Fatalf("outcome %+v, %v, want it left to the domain", result, err)
		}
	}
	o.dir.Edit(id, func(a *directory.Account) { a.Enabled = false })
	result, err := o.tasks.CutAccess(t.Context(), in)
	if err != nil || result.Outcomes[0].Status != activities.Done || o.dir.Revocations(id) != 3 || o.dir.Calls(directory.VerbUpdateAccount) != 0 {
		t.Errorf("outcome %+v, %v, %d revocations, want it done with a third", result, err, o.dir.Revocations(id))
	}
	if got, want := strings.Join(o.outcomes(), "; "), "sessions revoked; the cloud shows the account enabled; done"; got != want {
		t.Errorf("ledger tells %q, want %q", got, want)
	}
}

// TestS17_NoMoveOutOfSyncUnseen: whatever a mapping makes, a change that nobody
// agreed to leaves the account where the synchronisation sees it; what the task is
// for is done all the same.
func TestS17_NoMoveOutOfSyncUnseen(t *testing.T) {
	t.Parallel()
	const home, gone = "OU=Staff,DC=contoso,DC=example", "OU=Leavers,OU=Staff,DC=contoso,DC=example"
	for name, tt := range map[string]struct {
		verb   plan.Verb
		edit   func(in *activities.TaskInput)
		code   string
		moved  bool
		titled bool
	}{
		"an update":             {plan.Update, nil, activities.CodeLeavesSync, false, false},
		"an update, agreed":     {plan.Update, func(in *activities.TaskInput) { in.Batch.Tasks[0].Unsyncs = true }, "", true, true},
		"an update, answered":   {plan.Update, func(in *activities.TaskInput) { in.Answered = []string{in.Batch.Tasks[0].Key} }, "", true, true},
		"an enable":             {plan.Enable, nil, "", false, true},
		"nobody has an account": {plan.Update, func(in *activities.TaskInput) { in.Batch.Counterpart = "" }, "", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := hybrid(t)
			o.withPolicy("    groups: {team", "    containers: [{under: \""+gone+"\", synced: false}]\n    groups: {team").
				withPolicy("      title:", "      parentDistinguishedName: {constant: \""+gone+"\"}\n      title:")
			o.corp.Edit(corpID, func(a *directory.Account) { a.Attributes["parentDistinguishedName"] = home })
			in := o.input("account:corp", string(tt.verb), plan.ActivityAccount, corpTarget)
			in.PolicyVersion, in.Batch.Counterpart = hybridVersion+2, cloudTarget
			in.Account = plan.Account{Target: corpTarget, ID: corpID, State: plan.AccountDisabled}
			if tt.edit != nil {
				tt.edit(&in)
			}
			result, err := o.tasks.ChangeAccount(t.Context(), in)
			if err != nil || result.Outcomes[0].Code != tt.code || result.Outcomes[0].Human != (tt.code != "") {
				t.Fatalf("outcome %+v, %v, want the code %q", result, err, tt.code)
			}
			live, err := o.corp.Account(t.Context(), corpID)
			if err != nil || (live.Attributes["parentDistinguishedName"] == gone) != tt.moved || (live.Attributes["displayName"] != "") != tt.titled {
				t.Errorf("account %+v, %v, want it moved: %t, and its name written: %t", live, err, tt.moved, tt.titled)
			}
		})
	}
}

// TestS17_MassMoveOutOfSyncMeetsTheBudgetOfDeletes: whoever is moved out of the
// synchronisation counts as deleted in the cloud, all before the first; nothing of
// those that wait is done, and what moves nobody counts nothing.
func TestS17_MassMoveOutOfSyncMeetsTheBudgetOfDeletes(t *testing.T) {
	t.Parallel()
	const home, gone = "OU=Staff,DC=contoso,DC=example", "OU=Leavers,OU=Staff,DC=contoso,DC=example"
	for name, tt := range map[string]struct {
		limit string
		edit  func(in *activities.TaskInput)
		lies  string
		pause bool
		code  string
	}{
		"agreed to":             {"delete: {count: 1}", nil, home, false, activities.CodeGated},
		"answered":              {"delete: {count: 1}", answered, home, false, activities.CodeGated},
		"terminated":            {"delete: {count: 1}", func(in *activities.TaskInput) { in.Terminated = true }, home, false, activities.CodeGated},
		"within the budget":     {"delete: {count: 2}", nil, home, false, ""},
		"lies there already":    {"delete: {count: 1}", nil, gone, false, ""},
		"behind the delete":     {"delete: {count: 1}", func(in *activities.TaskInput) { in.Batch.Tasks[0].Loses = "" }, home, false, ""},
		"by hand":               {"delete: {count: 1}", func(in *activities.TaskInput) { in.ByHand = true }, home, false, ""},
		"the cloud is paused":   {"delete: {count: 2}", nil, home, true, activities.CodePaused},
		"another kind of limit": {"disable: {count: 1}", nil, home, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := hybrid(t)
			o.withPolicy("    groups: {team", "    containers: [{under: \""+gone+"\", synced: false}]\n    groups: {team").
				withPolicy("      title:", "      parentDistinguishedName: {constant: \""+gone+"\"}\n      title:").
				withPolicy("    groups: {all-staff", "    limits: {"+tt.limit+"}\n    groups: {all-staff")
			if tt.pause {
				if _, err := o.store.PauseTarget(t.Context(), store.Pause{Target: cloudTarget, At: o.now, Actor: "test", Reason: "test"}); err != nil {
					t.Fatal(err)
				}
			}
			var people []activities.TaskInput
			for _, key := range []string{"3000", "3001"} {
				people = append(people, o.moves(key, tt.lies, tt.edit))
			}
			for _, in := range people {
				result, err := o.tasks.ChangeAccount(t.Context(), in)
				if err != nil || result.Outcomes[0].Code != tt.code {
					t.Fatalf("outcome of %s: %+v, %v, want the code %q", in.Key, result, err, tt.code)
				}
				live, err := o.corp.Account(t.Context(), in.Account.ID)
				moved := live.Attributes["parentDistinguishedName"] == gone
				if err != nil || moved != (tt.code == "") && tt.lies == home {
					t.Errorf("account of %s: %+v, %v, want it moved: %t", in.Key, live, err, tt.code == "")
				}
			}
		})
	}
}

// answered makes of a move that the plan knew of one that a human answered.
func answered(in *activities.TaskInput) {
	task := &in.Batch.Tasks[0]
	task.Unsyncs, task.Loses, in.Answered = false, "", []string{task.Key}
}

// moves is an agreed move of somebody to where the mapping puts them, of which the
// gate of the cloud knows.
func (o *office) moves(key, lies string, edit func(in *activities.TaskInput)) activities.TaskInput {
	o.t.Helper()
	id := o.corp.AddAccount(directory.Account{
		EmployeeID: key, UserName: key + "@contoso.example", Attributes: map[string]string{"parentDistinguishedName": lies},
	})
	in := o.input("account:corp", string(plan.Update), plan.ActivityAccount, corpTarget)
	in.Journey, in.Key = contract.JourneyID("main", key), key
	in.PolicyVersion, in.Batch.Counterpart = hybridVersion+3, cloudTarget
	in.Record.Attributes = in.Record.Attributes.With(attribute("employeeId", key))
	in.Account = plan.Account{Target: corpTarget, ID: id, State: plan.AccountDisabled}
	task := &in.Batch.Tasks[0]
	task.Unsyncs, task.Loses = true, cloudTarget
	err := o.store.SettleDemand(o.t.Context(), store.Settlement{
		Journey: in.Journey, Now: o.now,
		Wanted: []store.Wanted{{
			Target: cloudTarget, Kind: string(lifecycle.LimitDelete), Line: plan.LineOf(task.Key, task.Verb), Due: task.Due, Counts: true,
			Reason: "what HR or the policy says of the account's attributes changed",
		}},
	})
	if err != nil {
		o.t.Fatal(err)
	}
	if edit != nil {
		edit(&in)
	}
	return in
}

// TestS17_ProposedIsAnsweredOnce: who said that an account is not the person's is
// not asked about it again, whatever is waited for meanwhile; about another account
// they are.
func TestS17_ProposedIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	for name, there := range map[string]directory.Account{
		"from nowhere":         shown(personKey, "zoe.mueller", "Zoë Müller"),
		"from another account": comesFrom("of another", personKey, "Zoë Müller"),
		"under another number": comesFrom(corpAnchor, "4711", "Zoë Müller"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := hybrid(t)
			o.dir.AddAccount(there)
			in := o.inCloud("account:cloud", "create", plan.ActivityAccount)
			attempt := func(want string) {
				t.Helper()
				result, err := o.tasks.ChangeAccount(t.Context(), in)
				if err != nil || result.Outcomes[0].Code != want {
					t.Fatalf("outcome %+v, %v, want %s", result, err, want)
				}
				in.Account, in.Answered = *result.Account, nil
			}
			attempt(activities.CodeProposed)
			in.Answered = []string{in.Batch.Tasks[0].Key}
			attempt(activities.CodeNoCounterpart)
			attempt(activities.CodeNoCounterpart)
			other := o.dir.AddAccount(shown(personKey, "z.mueller", "Zoë Müller"))
			attempt(activities.CodeProposed)
			o.dir.Edit(other, func(a *directory.Account) { a.EmployeeID = "" })
			came := o.dir.AddAccount(comesFrom(corpAnchor, personKey, "Zoë Müller"))
			attempt("found")
			if in.Account.ID != came || o.dir.Calls(directory.VerbCreateAccount) != 0 {
				t.Errorf("account %+v, want the one that came, %s, and none made", in.Account, came)
			}
		})
	}
}

// TestS17_WaitingTakesNoBudget: nothing is made in a target whose accounts come from
// another, so that to look for one uses up no create.
func TestS17_WaitingTakesNoBudget(t *testing.T) {
	t.Parallel()
	o := hybrid(t).withPolicy("    groups: {all-staff", "    limits: {create: {count: 0}}\n    groups: {all-staff")
	in := o.inCloud("account:cloud", "create", plan.ActivityAccount)
	in.PolicyVersion++
	result, err := o.tasks.ChangeAccount(t.Context(), in)
	if err != nil || result.Outcomes[0].Code != activities.CodeNoCounterpart {
		t.Fatalf("outcome %+v, %v, want the wait and no gate", result, err)
	}
}
