package starter

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"tenure/internal/httpapi"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/internal/store/storetest"
	"tenure/workflows/contract"
)

var hire = httpapi.PersonID{Realm: "main", Key: "E-1"}

// withHire is a bench with one person who starts on 7 December.
func withHire(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.importFile(hires("E-1"), "2026-11-22T08:00:00Z")
	return b
}

func (b *bench) index(row store.PersonRow) {
	b.t.Helper()
	if _, err := b.db.UpsertPerson(b.t.Context(), row); err != nil {
		b.t.Fatalf("UpsertPerson() = %v", err)
	}
}

func TestPersonComesFromTheJourney(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	journey := b.temporal.journey(t, "journey/main/E-1")
	journey.facts.Overrides.Holds = []plan.Hold{{By: plan.By{ID: "1", Actor: "kim", Reason: "audit", At: testNow}, Kind: plan.HoldLegal}}
	journey.facts.Accounts = []plan.Account{{Target: "entra", ID: "id-1", UserName: "ada.example@contoso.example", State: plan.AccountEnabled}}
	journey.facts.Parked = []plan.Parked{{Key: "k", Code: "Denied", Since: testNow}}
	journey.raised = []plan.Attention{{Code: "event-refused", Text: "t"}}
	got, err := b.Person(t.Context(), hire)
	if err != nil {
		t.Fatalf("Person() = %v", err)
	}
	if got.Source != httpapi.SourceJourney || got.DisplayName != "Ada Example" || got.Phase != "pre-hire" || !got.Held {
		t.Errorf("Person() = %+v", got)
	}
	if len(got.Overrides) != 1 || got.Overrides[0].Reason != "audit" || len(got.Parked) != 1 || got.Parked[0].Retry != nil {
		t.Errorf("overrides %+v, parked %+v", got.Overrides, got.Parked)
	}
	if len(got.Accounts) != 1 || got.Accounts[0].State != "enabled" || len(got.Stays) != 1 || got.Stays[0].Start != "2026-12-07" {
		t.Errorf("accounts %+v, stays %+v", got.Accounts, got.Stays)
	}
	if !slices.Contains(got.Attention, "event-refused") {
		t.Errorf("attention = %v, want what the journey raised", got.Attention)
	}
	want := "http://127.0.0.1:8233/namespaces/default/workflows/journey%2Fmain%2FE-1"
	if got.Links.Temporal != want {
		t.Errorf("link = %q, want %q", got.Links.Temporal, want)
	}
}

func TestPersonFallsBackToTheIndex(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	b.temporal.queryErr = errors.New("no worker polls")
	_, err := b.Person(t.Context(), hire)
	wantProblem(t, err, httpapi.KindUnavailable, "no worker")
	b.index(store.PersonRow{Realm: "main", Key: "E-1", Journey: "journey/main/E-1", DisplayName: "Ada Example", Phase: "active", Revision: 1, At: testNow})
	got, err := b.Person(t.Context(), hire)
	if err != nil || got.Source != httpapi.SourceIndex || !strings.Contains(got.Note, "no worker") || got.Phase != "active" {
		t.Errorf("Person() = %+v, %v, want the index with a note", got, err)
	}
	line, err := b.Timeline(t.Context(), hire)
	if err != nil || line.Source != httpapi.SourceIndex || line.Note == "" {
		t.Errorf("Timeline() = %+v, %v, want the index with a note", line, err)
	}
	_, err = b.Explain(t.Context(), hire, "")
	wantProblem(t, err, httpapi.KindUnavailable, "")
	_, err = b.Person(t.Context(), httpapi.PersonID{Realm: "main", Key: "E-404"})
	wantProblem(t, err, httpapi.KindNotFound, "E-404")
}

// TestAccountsSayWhetherTheyAreEnabled: true is what is known, never a guess.
func TestAccountsSayWhetherTheyAreEnabled(t *testing.T) {
	t.Parallel()
	for _, state := range []plan.AccountState{plan.AccountUnknown, plan.AccountNone, plan.AccountDisabled, plan.AccountEnabled, plan.AccountDeleted} {
		b := withHire(t)
		b.temporal.journey(t, "journey/main/E-1").facts.Accounts = []plan.Account{{Target: "entra", ID: "id-1", State: state}}
		b.index(store.PersonRow{
			Realm: "main", Key: "E-1", Journey: contract.JourneyID("main", "E-1"), Revision: 1 << 20, At: testNow,
			Accounts: []store.AccountRow{{Target: "entra", ID: "id-1", State: state.String()}},
		})
		shown, err := b.Person(t.Context(), hire)
		if err != nil {
			t.Fatal(err)
		}
		listed, _, err := b.People(t.Context(), httpapi.PeopleFilter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, account := range []httpapi.Account{shown.Accounts[0], listed[0].Accounts[0]} {
			if account.Enabled != (state == plan.AccountEnabled) || account.State != state.String() {
				t.Errorf("an account that is %s is shown as %+v", state, account)
			}
		}
	}
}

func TestPeopleListsTheIndex(t *testing.T) {
	t.Parallel()
	b := openBench(t, storetest.New(t), newTemporalFake())
	for _, key := range []string{"E-1", "E-2", "E-3"} {
		b.index(store.PersonRow{
			Realm: "main", Key: key, Journey: contract.JourneyID("main", key), DisplayName: "Ada " + key, Revision: 1, At: testNow,
			Accounts: []store.AccountRow{{Target: "entra", ID: "1", UserName: key, State: "enabled"}}, NextDeadline: testNow,
		})
	}
	got, next, err := b.People(t.Context(), httpapi.PeopleFilter{Limit: 2})
	if err != nil || len(got) != 2 || next == "" {
		t.Fatalf("People() = %d, %q, %v, want 2 and a cursor", len(got), next, err)
	}
	if got[0].Phase != "unknown" || got[0].Accounts[0].State != "enabled" || got[0].Attention == nil || got[0].NextDeadline == nil {
		t.Errorf("person = %+v", got[0])
	}
	got, next, err = b.People(t.Context(), httpapi.PeopleFilter{Limit: 2, Cursor: next})
	if err != nil || len(got) != 1 || got[0].Key != "E-3" || next != "" {
		t.Errorf("the next page = %+v, %q, %v", got, next, err)
	}
	_, _, err = b.People(t.Context(), httpapi.PeopleFilter{Cursor: "nonsense"})
	wantProblem(t, err, httpapi.KindInvalid, "")
}

func TestTimelineShowsPastNowAndFuture(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	journey := b.temporal.journey(t, "journey/main/E-1")
	first, err := b.Timeline(t.Context(), hire)
	if err != nil {
		t.Fatalf("Timeline() = %v", err)
	}
	made := first.Entries[slices.IndexFunc(first.Entries, func(e httpapi.Entry) bool { return e.Title == "Create the account" })]
	if made.When != httpapi.Future || made.Local != "2026-11-23 06:00 CET" || !made.At.Equal(time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)) || made.Reason == "" {
		t.Errorf("create = %+v, want the future with its local time and a reason", made)
	}
	// The person's clock was moved, the account is made, and mail waits for approval.
	journey.now = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	journey.facts.Done = []plan.Done{{Key: made.Key, At: journey.now.Add(-time.Hour), Outcome: plan.OutcomeDone}}
	journey.facts.Accounts = []plan.Account{{Target: "entra", ID: "id-1", State: plan.AccountDisabled, Operations: 1, Stay: "s1"}}
	err = b.db.Append(t.Context(),
		store.LedgerRow{Journey: "journey/main/E-1", At: testNow, Key: "note/1", Kind: store.LedgerEvent, Actor: "hr:hr", Outcome: "applied"},
		store.LedgerRow{
			Journey: "journey/main/E-1", At: journey.now.Add(-time.Hour), Key: made.Key, Kind: store.LedgerTask, Actor: "policy",
			Outcome: "done", RequestID: "req-1", Changes: []store.AttributeChange{{Attribute: "department", After: "Sales"}},
		},
		store.LedgerRow{Journey: "journey/main/E-1", At: testNow, Key: "welcome/s0/1/sendWelcomeEmail", Kind: store.LedgerTask, Actor: "policy", Outcome: "done"},
	)
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.Timeline(t.Context(), hire)
	if err != nil {
		t.Fatalf("Timeline() = %v", err)
	}
	if !got.Now.Equal(journey.now) || got.NowLocal != "2026-12-01 10:00 CET" || got.Phase != "pre-hire" || got.PolicyVersion != 1 {
		t.Errorf("Timeline() = now %s, local %s, phase %s, policy %d", got.Now, got.NowLocal, got.Phase, got.PolicyVersion)
	}
	var shown []string
	for _, e := range got.Entries {
		shown = append(shown, e.When+" "+e.Kind+" "+e.Title)
		if e.Key == made.Key && (e.RequestID != "req-1" || len(e.Changes) != 1 || e.State != "done" || e.When != httpapi.Past) {
			t.Errorf("the made account = %+v, want what the ledger says of it", e)
		}
	}
	text := strings.Join(shown, "\n")
	for _, want := range []string{
		"past event statement of HR", "past task Send welcome email to new hire", "past task Create the account", "future task Enable the account",
		"now task Add user to groups: all-staff", "now task Send onboarding reminder email: to manager",
	} {
		if strings.Count(text, want) != 1 {
			t.Errorf("timeline lacks or repeats %q:\n%s", want, text)
		}
	}
	if !slices.IsSortedFunc(got.Entries, func(a, b httpapi.Entry) int { return place(a.When) - place(b.When) }) {
		t.Errorf("past, now and future are mixed:\n%s", text)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	all, err := b.Explain(t.Context(), hire, "")
	if err != nil || len(all.Lines) < 3 {
		t.Fatalf("Explain() = %+v, %v, want every open line", all, err)
	}
	run := "Prepare/" + strings.Split(all.Lines[0].Key, "/")[1] + "/1"
	for _, line := range all.Lines {
		if line.Workflow == "Prepare" {
			key, err := plan.ParseKey(line.Key)
			if err != nil {
				t.Fatal(err)
			}
			run = key.Run()
		}
	}
	got, err := b.Explain(t.Context(), hire, run)
	if err != nil || len(got.Lines) != 2 {
		t.Fatalf("Explain(%s) = %d lines, %v, want the 2 of the run", run, len(got.Lines), err)
	}
	if line := got.Lines[0]; len(line.Because) < 2 || !slices.Contains(line.Can, "skip") {
		t.Errorf("line = %+v, want reasons and what can be done", line)
	}
	_, err = b.Explain(t.Context(), hire, strings.Replace(run, "Prepare", "Prepar", 1))
	wantProblem(t, err, httpapi.KindUnprocessable, "did you mean")
}

func TestOverrideIsCheckedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	all, err := b.Explain(t.Context(), hire, "")
	if err != nil {
		t.Fatal(err)
	}
	key := all.Lines[0].Key
	o := contract.Override{ID: "k1", Actor: "kim", Reason: "r", Key: key}
	given, err := b.Override(t.Context(), hire, contract.Skip, o)
	if err != nil || given.Text != "in force" {
		t.Fatalf("Override() = %+v, %v", given, err)
	}
	sent := b.temporal.updates[0]
	if sent.UpdateID != "k1" || sent.UpdateName != "skip" || sent.WorkflowID != "journey/main/E-1" || sent.Args[0] != o {
		t.Errorf("update = %+v", sent)
	}
	for name, c := range map[string]struct {
		kind contract.Kind
		o    contract.Override
		text string
	}{
		"mistyped key":      {contract.Skip, contract.Override{Key: strings.Replace(key, "entra", "entre", 1)}, "did you mean"},
		"nothing like it":   {contract.Postpone, contract.Override{Key: "zzzzzzzzzzzzzzzzzzzzzz"}, "timeline"},
		"not parked":        {contract.Retry, contract.Override{Key: key}, "not parked"},
		"mistyped workflow": {contract.RunNow, contract.Override{Workflow: "Sign out everywere"}, `did you mean "Sign out everywhere"?`},
		"mistyped target":   {contract.Link, contract.Override{Target: "entar", ObjectID: "o-1"}, `did you mean "entra"?`},
		"not on demand":     {contract.RunNow, contract.Override{Workflow: "Prepare"}, "not started on demand"},
		"unknown attention": {contract.Approve, contract.Override{Key: "event-refuse"}, ""},
	} {
		_, err := b.Override(t.Context(), hire, c.kind, c.o)
		t.Log(name)
		wantProblem(t, err, httpapi.KindUnprocessable, c.text)
	}
	if len(b.temporal.updates) != 1 {
		t.Errorf("%d updates were sent, want only the good one", len(b.temporal.updates))
	}
	journey := b.temporal.journey(t, "journey/main/E-1")
	journey.raised = []plan.Attention{{Code: "event-refused"}}
	journey.facts.Parked = []plan.Parked{{Key: key, Code: "Denied", Since: testNow}}
	for kind, o := range map[contract.Kind]contract.Override{
		contract.Approve: {Key: "event-refused"}, contract.Retry: {Key: key}, contract.RunNow: {Workflow: "Sign out everywhere"}, contract.Hold: {},
	} {
		if _, err := b.Override(t.Context(), hire, kind, o); err != nil {
			t.Errorf("Override(%s, %+v) = %v", kind, o, err)
		}
	}
}

// TestARepeatedOverrideIsSentAgain: the journey knows that it is in force, even
// where the line it named is gone by then.
func TestARepeatedOverrideIsSentAgain(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	const gone = "Prepare/s0/9/addUserToGroups"
	journey := b.temporal.journey(t, "journey/main/E-1")
	journey.facts.Overrides.Skips = []plan.KeyOverride{{By: plan.By{ID: "k1"}, Key: gone}}
	if _, err := b.Override(t.Context(), hire, contract.Skip, contract.Override{ID: "k1", Key: gone}); err != nil {
		t.Errorf("the same override again = %v, want it sent", err)
	}
	_, err := b.Override(t.Context(), hire, contract.Skip, contract.Override{ID: "k2", Key: gone})
	wantProblem(t, err, httpapi.KindUnprocessable, gone)
}

func TestOverrideAnswers(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	hold := contract.Override{ID: "k", Actor: "kim", Reason: "r"}
	b.temporal.updateErr = temporal.NewNonRetryableApplicationError("no hold is set", contract.ErrorNotApplicable, nil)
	_, err := b.Override(t.Context(), hire, contract.Release, hold)
	if problem := wantProblem(t, err, httpapi.KindRefused, "no hold is set"); problem.Code != contract.ErrorNotApplicable {
		t.Errorf("code = %q, want the journey's type", problem.Code)
	}
	b.temporal.updateErr = errors.New("deadline exceeded")
	_, err = b.Override(t.Context(), hire, contract.Hold, hold)
	wantProblem(t, err, httpapi.KindUnavailable, "Idempotency-Key")
	b.temporal.queryErr = errors.New("no worker polls")
	b.index(store.PersonRow{Realm: "main", Key: "E-1", Journey: "journey/main/E-1", Revision: 1})
	_, err = b.Override(t.Context(), hire, contract.Hold, hold)
	wantProblem(t, err, httpapi.KindUnavailable, "nothing was sent")
	b.temporal.journey(t, "journey/main/E-1").closed = true
	_, err = b.Override(t.Context(), hire, contract.Hold, hold)
	wantProblem(t, err, httpapi.KindGone, "ended")
	_, err = b.Override(t.Context(), httpapi.PersonID{Realm: "main", Key: "E-404"}, contract.Hold, hold)
	wantProblem(t, err, httpapi.KindNotFound, "E-404")
}
