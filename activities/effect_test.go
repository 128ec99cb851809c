package activities_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/activities"
	"tenure/internal/catalog"
	"tenure/internal/directory"
	"tenure/internal/directory/memory"
	"tenure/internal/lifecycle"
	"tenure/internal/notify"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// office is what activities need: the shipped policy, a store, a directory and
// a mailbox.
type office struct {
	t     *testing.T
	store *store.Store
	dir   *memory.Directory
	// corp is the domain from which the accounts of a hybrid organisation come.
	corp  *memory.Directory
	mail  *sender
	tasks *activities.Tasks
	now   time.Time
}

type sender struct {
	sent []notify.Message
	err  error
}

func (s *sender) Name() string { return "sender" }

func (s *sender) Send(_ context.Context, message notify.Message) (notify.Receipt, error) {
	s.sent = append(s.sent, message)
	return notify.Receipt{}, s.err
}

const (
	personKey   = "2001"
	managerKey  = "1002"
	managerMail = "tobias@contoso.example"
	desk        = "it-desk@contoso.example"
)

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, mail: &sender{}, now: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}
	o.dir = memory.New(memory.Options{Name: "entra", Clock: func() time.Time { return o.now }})
	var err error
	if o.store, err = store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "store.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.store.Close() })
	source, err := os.ReadFile("../deploy/policy/first.yaml")
	if err != nil {
		t.Fatal(err)
	}
	hash := lifecycle.Hash(lifecycle.Source{Name: "policy.yaml", Content: source})
	if _, _, err = o.store.SavePolicy(t.Context(), store.PolicyVersion{Source: source, Hash: hash, Actor: "test", Reason: "test", AppliedAt: o.now}); err != nil {
		t.Fatal(err)
	}
	templates, err := notify.Default()
	if err != nil {
		t.Fatal(err)
	}
	o.tasks = activities.NewTasks(activities.Deps{
		Store: o.store, Policies: activities.NewPolicies(o.store, catalog.LoadStored), Log: slog.New(slog.DiscardHandler),
		Target: func(_ context.Context, _ *lifecycle.Policy, name string) (directory.Target, error) {
			if name == corpTarget {
				return directory.Bundle(o.corp), nil
			}
			return directory.Bundle(o.dir), nil
		},
		Mail: func(context.Context, *lifecycle.Policy) (activities.Mail, error) {
			return activities.Mail{Sender: o.mail, Templates: templates}, nil
		},
		Extension: func(context.Context, *lifecycle.Policy, activities.ExtensionCall) error { return nil },
		Wake:      func(context.Context, string) error { return nil },
	})
	return o
}

// person puts somebody into the index, with an account where enabled is stated.
func (o *office) person(key, address string, phase person.Phase, enabled *bool) {
	o.t.Helper()
	row := store.PersonRow{
		Realm: "main", Key: key, Journey: contract.JourneyID("main", key), DisplayName: key, EmployeeID: key, Email: address,
		Phase: string(phase), Revision: 1, At: o.now,
	}
	if enabled != nil {
		id := o.dir.AddAccount(directory.Account{EmployeeID: key, UserName: key + "@contoso.example", Enabled: *enabled})
		state := plan.AccountDisabled
		if *enabled {
			state = plan.AccountEnabled
		}
		row.Accounts = []store.AccountRow{{Target: "entra", ID: id, UserName: key + "@contoso.example", State: state.String()}}
	}
	if _, err := o.store.UpsertPerson(o.t.Context(), row); err != nil {
		o.t.Fatal(err)
	}
}

// input is one task of the shipped policy.
func (o *office) input(workflow, task string, activity plan.Activity, target string) activities.TaskInput {
	var record person.Record
	for name, value := range map[string]string{
		"employeeId": personKey, "person.legalName.given": "Zoë", "person.legalName.family": "Müller",
		"person.privateEmail": "zoe@fabrikam.example", "managerRef.kind": "employeeId", "managerRef.value": managerKey,
	} {
		record.Attributes = record.Attributes.With(person.Attribute{Name: name, Value: value})
	}
	return activities.TaskInput{
		Journey: contract.JourneyID("main", personKey), Realm: "main", Key: personKey, Now: o.now, PolicyVersion: 1,
		Record: record, Stays: []person.Stay{{ID: "s1", Start: person.Date{Year: 2026, Month: 12, Day: 1}}}, Zone: "Europe/Berlin",
		Batch: plan.Batch{Activity: activity, Target: target, Tasks: []plan.Task{{
			Key: plan.TaskKey(workflow, "s1", 1, task), Workflow: workflow, Stay: "s1", Generation: 1, Task: task, Verb: plan.Verb(task), Due: o.now,
		}}},
	}
}

func (o *office) reminder() activities.TaskInput {
	return o.input("Prepare a new hire", "sendOnboardingReminderEmail", plan.ActivityMail, "")
}

func attribute(name, value string) person.Attribute {
	return person.Attribute{Name: name, Value: value}
}

func yes() *bool { on := true; return &on }
func no() *bool  { off := false; return &off }

func TestRecipientIsReadAtSending(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		setup func(o *office)
		age   time.Duration
		tried int
		to    string
		code  string
	}{
		{"a working manager", func(o *office) { o.person(managerKey, managerMail, person.PhaseActive, yes()) }, 0, 0, managerMail, ""},
		{"a manager without an account", func(o *office) { o.person(managerKey, managerMail, person.PhaseActive, nil) }, 0, 0, managerMail, ""},
		{"a disabled manager", func(o *office) { o.person(managerKey, managerMail, person.PhaseActive, no()) }, 0, 0, "", "no-recipient"},
		{"a manager who has left", func(o *office) { o.person(managerKey, managerMail, person.PhaseLeft, yes()) }, 0, 0, "", "no-recipient"},
		{"nobody", func(*office) {}, 0, 0, "", "no-recipient"},
		{"nobody for two days", func(*office) {}, 48 * time.Hour, 3, desk, ""},
		{"two days late, tried twice", func(*office) {}, 48 * time.Hour, 2, "", "no-recipient"},
		{"two days late, never tried", func(*office) {}, 48 * time.Hour, 0, "", "no-recipient"},
		{"a manager without an address", func(o *office) { o.person(managerKey, "", person.PhaseActive, nil) }, 0, 0, "", "no-recipient"},
		{"a manager without a stated address", func(o *office) { o.person(managerKey, "", person.PhaseActive, yes()) }, 0, 0, managerKey + "@contoso.example", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.person(personKey, "", person.PhasePreHire, nil)
			tt.setup(o)
			in := o.reminder()
			in.Batch.Tasks[0].Due, in.Batch.Tasks[0].Attempt = o.now.Add(-tt.age), tt.tried
			result, err := o.tasks.SendMail(t.Context(), in)
			if tt.code != "" {
				if err != nil || result.Outcomes[0].Code != tt.code || !result.Outcomes[0].Retryable || len(o.mail.sent) != 0 {
					t.Fatalf("result = %+v, %v, %d mails; want %s and no mail", result, err, len(o.mail.sent), tt.code)
				}
				return
			}
			if err != nil || len(o.mail.sent) != 1 || o.mail.sent[0].To.Address != tt.to {
				t.Fatalf("result = %+v, %v, mails %+v; want one to %s", result, err, o.mail.sent, tt.to)
			}
			if tt.to != desk && !strings.Contains(o.mail.sent[0].Subject, "Zoë Müller") {
				t.Errorf("subject = %q, want the person's name in it", o.mail.sent[0].Subject)
			}
		})
	}
}

func TestClosedEffectIsNotRepeated(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.person(personKey, "", person.PhasePreHire, nil)
	o.person(managerKey, managerMail, person.PhaseActive, yes())
	for range 3 {
		result, err := o.tasks.SendMail(t.Context(), o.reminder())
		if err != nil || result.Outcomes[0].Status != activities.Done {
			t.Fatalf("result = %+v, %v, want done", result, err)
		}
	}
	if len(o.mail.sent) != 1 {
		t.Errorf("%d mails were sent, want one", len(o.mail.sent))
	}
}

// A worker that died between the call and its answer leaves a claimed mail:
// nobody knows whether it was sent.
func TestClaimedMailWaitsForAHuman(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.person(personKey, "", person.PhasePreHire, nil)
	o.person(managerKey, managerMail, person.PhaseActive, yes())
	in := o.reminder()
	key := in.Journey + "/" + in.Batch.Tasks[0].Key
	_, _, err := o.store.ClaimDelivery(t.Context(), store.Delivery{Key: key, MessageID: "m", State: store.DeliveryClaimed, At: o.now})
	if err != nil {
		t.Fatal(err)
	}
	result, err := o.tasks.SendMail(t.Context(), in)
	if err != nil || !result.Outcomes[0].Human || result.Outcomes[0].Code != activities.CodeDeliveryUnknown || len(o.mail.sent) != 0 {
		t.Fatalf("result = %+v, %v, want delivery-unknown for a human and no mail", result, err)
	}
	in.Approved, in.Now = true, in.Now.Add(time.Minute)
	if result, err = o.tasks.SendMail(t.Context(), in); err != nil || result.Outcomes[0].Status != activities.Done || len(o.mail.sent) != 1 {
		t.Errorf("result = %+v, %v, %d mails; want it sent once a human agreed", result, err, len(o.mail.sent))
	}
}

// What was there before the first attempt is kept, whatever a retry sees.
func TestOpenEffectKeepsTheFirstBeforeImage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	const group = "3f0c1a52-7f0b-4c57-9d55-1f3f6f6b0001"
	o.dir.AddGroup(directory.Group{ID: group, Name: "all-staff", Kind: directory.GroupAssigned})
	id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example", Enabled: true})
	o.dir.Join(id, group)
	o.dir.Inject(directory.VerbRemoveFromGroup, memory.Fault{LoseAnswer: true})
	in := o.input("Last day", "removeUserFromAllGroups", plan.ActivityAccount, "entra")
	in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountEnabled}
	if _, err := o.tasks.ChangeAccount(t.Context(), in); err == nil {
		t.Fatal("the lost answer was not seen")
	}
	result, err := o.tasks.ChangeAccount(t.Context(), in)
	if err != nil || result.Outcomes[0].Status != activities.Done {
		t.Fatalf("result = %+v, %v, want done", result, err)
	}
	want := plan.Removed{Kind: "group", ID: group, Stay: "s1"}
	if len(result.Account.Removed) != 1 || result.Account.Removed[0] != want {
		t.Errorf("removed = %+v, want %+v, which the first attempt took away", result.Account.Removed, want)
	}
}

func TestGroupsOutOfReachStay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example", Enabled: true})
	for _, kind := range []directory.GroupKind{directory.GroupAssigned, directory.GroupDynamic, directory.GroupSynced} {
		o.dir.AddGroup(directory.Group{ID: "g-" + string(kind), Name: string(kind), Kind: kind})
		o.dir.Join(id, "g-"+string(kind))
	}
	in := o.input("Last day", "removeUserFromAllGroups", plan.ActivityAccount, "entra")
	in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountEnabled}
	result, err := o.tasks.ChangeAccount(t.Context(), in)
	if err != nil || result.Outcomes[0].Status != activities.Done {
		t.Fatalf("result = %+v, %v, want done", result, err)
	}
	if len(result.Attention) != 1 || result.Attention[0].Code != "left-behind" {
		t.Errorf("attention = %+v, want left-behind", result.Attention)
	}
	left, err := o.dir.Memberships(t.Context(), id)
	if err != nil || len(left) != 2 {
		t.Errorf("memberships = %+v, %v, want the two that are not ours to end", left, err)
	}
}

func TestPassIsRefusedForWhoCanSignIn(t *testing.T) {
	t.Parallel()
	for name, facts := range map[string]directory.SignInFacts{
		"a role": {HasRole: true}, "a sign-in": {SignedIn: true}, "another method": {OtherMethods: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.person(personKey, "", person.PhasePreHire, nil)
			o.person(managerKey, managerMail, person.PhaseActive, yes())
			id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example"})
			o.dir.SetSignInFacts(id, facts)
			in := o.input("Prepare a new hire", "generateTemporaryAccessPass", plan.ActivityPass, "entra")
			in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountDisabled}
			in.Batch.Tasks[0].Pass = &plan.PassTerms{Start: o.now.Add(24 * time.Hour), Expires: o.now.Add(32 * time.Hour)}
			result, err := o.tasks.IssueAccessPass(t.Context(), in)
			if err != nil || result.Outcomes[0].Code != activities.CodePassRefused || !result.Outcomes[0].Human || len(o.mail.sent) != 0 {
				t.Fatalf("result = %+v, %v, want pass-refused for a human", result, err)
			}
			in.Approved = true
			if result, err = o.tasks.IssueAccessPass(t.Context(), in); err != nil || result.Outcomes[0].Status != activities.Done || len(o.mail.sent) != 1 {
				t.Errorf("result = %+v, %v, want it issued once a human agreed", result, err)
			}
			for _, outcome := range result.Outcomes {
				if strings.Contains(outcome.Detail, "memory-pass") {
					t.Errorf("outcome tells the secret: %+v", outcome)
				}
			}
		})
	}
}

// A human who agrees to send a mail again agrees to one: a worker that dies in
// the middle of it leaves a mail that may have been sent, and a human is asked.
func TestApprovedMailIsSentOnce(t *testing.T) {
	t.Parallel()
	for claimed, want := range map[time.Duration]int{-time.Hour: 1, 0: 0} {
		o := newOffice(t)
		o.person(personKey, "", person.PhasePreHire, nil)
		o.person(managerKey, managerMail, person.PhaseActive, yes())
		in := o.input("Prepare a new hire", "sendOnboardingReminderEmail", plan.ActivityMail, "")
		in.Approved = true
		key := in.Journey + "/" + in.Batch.Tasks[0].Key
		lost := store.Delivery{Key: key, MessageID: "<1@contoso.example>", At: in.Now.Add(claimed)}
		if _, _, err := o.store.ClaimDelivery(t.Context(), lost); err != nil {
			t.Fatal(err)
		}
		result, err := o.tasks.SendMail(t.Context(), in)
		if err != nil || len(o.mail.sent) != want || (result.Outcomes[0].Code == activities.CodeDeliveryUnknown) != (want == 0) {
			t.Errorf("claimed %s before: result = %+v, %v, %d mails; want %d", -claimed, result, err, len(o.mail.sent), want)
		}
	}
}

// A worker that dies between the mail of a pass and its record leaves a pass that
// is known to have been mailed: the next attempt must not issue another.
func TestPassThatWasMailedIsNotIssuedAgain(t *testing.T) {
	t.Parallel()
	for state, passes := range map[store.DeliveryState]int{store.DeliverySent: 0, store.DeliveryClaimed: 1} {
		o := newOffice(t)
		o.person(personKey, "", person.PhasePreHire, nil)
		o.person(managerKey, managerMail, person.PhaseActive, yes())
		id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example"})
		in := o.input("Prepare a new hire", "generateTemporaryAccessPass", plan.ActivityPass, "entra")
		in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountDisabled}
		in.Batch.Tasks[0].Pass = &plan.PassTerms{Start: o.now.Add(24 * time.Hour), Expires: o.now.Add(32 * time.Hour)}
		pass, _, err := o.dir.IssuePass(t.Context(), id, directory.PassRequest{Start: o.now.Add(24 * time.Hour), Lifetime: 8 * time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		task := in.Batch.Tasks[0]
		key := in.Journey + "/" + task.Key
		if _, _, err := o.store.OpenEffect(t.Context(), store.Effect{Key: key, Journey: in.Journey, TaskKey: task.Key, OpenedAt: o.now}); err != nil {
			t.Fatal(err)
		}
		mailed := store.Delivery{Key: key + "/" + pass.ID, MessageID: "<1@contoso.example>", At: o.now}
		if _, _, err := o.store.ClaimDelivery(t.Context(), mailed); err != nil {
			t.Fatal(err)
		}
		if state != store.DeliveryClaimed {
			if err := o.store.SetDelivery(t.Context(), mailed.Key, store.DeliveryClaimed, state, o.now); err != nil {
				t.Fatal(err)
			}
		}
		result, err := o.tasks.IssueAccessPass(t.Context(), in)
		if err != nil || result.Outcomes[0].Status != activities.Done || len(o.mail.sent) != passes {
			t.Fatalf("the mail was %s: result = %+v, %v, %d mails; want it done with %d", state, result, err, len(o.mail.sent), passes)
		}
		kept := result.Account.Passes
		if len(kept) != 1 || (kept[0].ID == pass.ID) != (passes == 0) || kept[0].TaskKey != task.Key || !kept[0].Expires.Equal(o.now.Add(32*time.Hour)) {
			t.Errorf("the mail was %s: passes = %+v, the one of before is %s", state, kept, pass.ID)
		}
	}
}

// S7: right before the delete the account must be as we left it.
func TestS7_DeleteChecksTheAccount(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		account directory.Account
		ours    bool
		want    string
	}{
		{"as we left it", directory.Account{EmployeeID: personKey}, true, ""},
		{"another number", directory.Account{EmployeeID: "9"}, true, "another employee number"},
		{"enabled since", directory.Account{EmployeeID: personKey, Enabled: true}, true, "enabled since"},
		{"not disabled by us", directory.Account{EmployeeID: personKey}, false, "not disabled by Tenure"},
		{"synced", directory.Account{EmployeeID: personKey, Synced: true}, true, "on premises"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			tt.account.UserName = "zoe@contoso.example"
			id := o.dir.AddAccount(tt.account)
			in := o.input("account:entra", "delete", plan.ActivityDelete, "entra")
			in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountDisabled}
			if tt.ours {
				in.Account.DisabledAt = o.now.AddDate(0, 0, -30)
			}
			result, err := o.tasks.DeleteAccount(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			got := result.Outcomes[0]
			if tt.want == "" && got.Status != activities.Done {
				t.Errorf("outcome = %+v, want done", got)
			}
			if tt.want != "" && (!got.Human && got.Code != activities.CodeSynced || !strings.Contains(got.Detail, tt.want) || o.dir.Calls(directory.VerbDeleteAccount) != 0) {
				t.Errorf("outcome = %+v, want a refusal that says %q and no delete", got, tt.want)
			}
		})
	}
}

func TestPoliciesGoOnWhileTheStoreIsAway(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	from := &awayPolicies{PolicyStore: o.store}
	policies := activities.NewPolicies(from, catalog.LoadStored)
	from.away = true
	if _, err := policies.Active(t.Context()); err == nil {
		t.Error("a policy was found though none was ever read")
	}
	from.away = false
	if _, err := policies.Active(t.Context()); err != nil {
		t.Fatal(err)
	}
	from.away = true
	if loaded, err := policies.Active(t.Context()); err != nil || loaded.Stored.Number != 1 {
		t.Errorf("active = %d, %v, want the last version seen", loaded.Stored.Number, err)
	}
}

type awayPolicies struct {
	activities.PolicyStore
	away bool
}

func (p *awayPolicies) ActivePolicy(ctx context.Context) (store.PolicyVersion, error) {
	if p.away {
		return store.PolicyVersion{}, errors.New("connect to database: refused")
	}
	return p.PolicyStore.ActivePolicy(ctx)
}

// TestS15PolicyChangeFormsFollowTheVersions: a version that changes no account
// line is no form of its own, one that cannot be loaded any more is an unknown one.
func TestS15PolicyChangeFormsFollowTheVersions(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first, err := o.store.ActivePolicy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	later := strings.Replace(string(first.Source), "offset: 30d", "offset: 7d", 1)
	sources := []string{"# a comment\n" + string(first.Source), later, "no policy at all", later + "\n# another comment\n"}
	for i, source := range sources {
		_, _, err := o.store.SavePolicy(t.Context(), store.PolicyVersion{Source: []byte(source), AppliedAt: o.now.Add(time.Duration(i+1) * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
	}
	loaded, err := activities.NewPolicies(o.store, catalog.LoadStored).Active(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, form := range loaded.Forms {
		got = append(got, fmt.Sprintf("%d %t %t", form.Version, form.Policy != nil, form.Since.IsZero()))
	}
	if want := []string{"1 true true", "3 true false", "4 false false", "5 true false"}; !slices.Equal(got, want) {
		t.Errorf("forms (version, loaded, from the beginning) = %q, want %q", got, want)
	}
	if in := loaded.Input(plan.Facts{Key: "1"}, o.now); in.Version != 5 || len(in.Forms) != 4 || in.Facts.Key != "1" {
		t.Errorf("input = version %d with %d forms", in.Version, len(in.Forms))
	}
}
