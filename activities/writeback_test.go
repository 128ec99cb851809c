package activities_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/activities"
	"tenure/internal/catalog"
	"tenure/internal/directory"
	"tenure/internal/extension"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// payroll is an HR system that is told of accounts.
type payroll struct {
	calls []activities.WriteBackCall
	// err is what the next call answers, once; it counts as heard where lost is set.
	err  error
	lost bool
}

func (p *payroll) Key(string) ([]byte, error) { return []byte("a key of the tests"), nil }

func (p *payroll) Tell(_ context.Context, call activities.WriteBackCall) error {
	err := p.err
	p.err = nil
	if err == nil || p.lost {
		p.calls = append(p.calls, call)
	}
	return err
}

// said is what the last call told.
func (p *payroll) said(t *testing.T) map[string]any {
	t.Helper()
	if len(p.calls) == 0 {
		t.Fatal("HR was told nothing")
	}
	var body struct {
		Data struct {
			Attributes map[string]any `json:"attributes"`
		} `json:"data"`
	}
	if err := json.Unmarshal(p.calls[len(p.calls)-1].Body, &body); err != nil {
		t.Fatal(err)
	}
	return body.Data.Attributes
}

// tellOffice is an office whose policy writes back, with an account of the person.
type tellOffice struct {
	*office
	hr *payroll
	id string
	in activities.TaskInput
}

const toldMail = "zoe.muller@contoso.example"

func newTellOffice(t *testing.T) *tellOffice {
	t.Helper()
	o := &tellOffice{office: newOffice(t), hr: &payroll{}}
	source, err := os.ReadFile("../deploy/policy/first.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(source), "\nzones:", `
  payroll:
    kind: webhook
    realm: main
    owns: [contact.userName, ext.login]
    signature: {scheme: standard-webhooks, secrets: [env:PAYROLL]}
    writeBack:
      mapping:
        contact.workEmail: {expression: 'ToLower([mail])', clear: true}
        contact.userName: {attribute: userPrincipalName}
        contact.mobile: {attribute: mobilePhone}
        ext.login: {expression: 'IIF([displayName] = "broken", Error("x"), [displayName])'}

zones:
`, 1)
	text = strings.Replace(text, "mode: observe", "mode: enforce", 1)
	version := lifecycle.Source{Name: "policy.yaml", Content: []byte(text)}
	if _, _, err := o.store.SavePolicy(t.Context(), store.PolicyVersion{
		Source: version.Content, Hash: lifecycle.Hash(version), Actor: "test", Reason: "test", AppliedAt: o.now,
	}); err != nil {
		t.Fatal(err)
	}
	o.tasks = activities.NewTasks(activities.Deps{
		Store: o.store, Policies: activities.NewPolicies(o.store, catalog.LoadStored), Log: slog.New(slog.DiscardHandler),
		Target: func(context.Context, *lifecycle.Policy, string) (directory.Target, error) {
			return directory.Bundle(o.dir), nil
		},
		WriteBacks: o.hr,
	})
	o.id = o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: toldMail, Enabled: true, Attributes: map[string]string{
		"mail": "Zoe.Muller@contoso.example", "displayName": "Zoë Müller",
	}})
	key := plan.TaskKey(plan.WriteBackWorkflow+"payroll", "s1", 0, string(plan.WriteBack))
	o.in = activities.TaskInput{
		Journey: contract.JourneyID("main", personKey), Realm: "main", Key: personKey, Now: o.now, PolicyVersion: 2,
		Record: person.Record{Attributes: person.Attributes{}.With(attribute("employeeId", personKey))},
		Stays:  []person.Stay{{ID: "s1"}}, Zone: "Europe/Berlin",
		Account: plan.Account{Target: "entra", ID: o.id, State: plan.AccountEnabled},
		Batch: plan.Batch{Activity: plan.ActivityWriteBack, Target: "entra", Tasks: []plan.Task{{
			Key: key, Workflow: plan.WriteBackWorkflow + "payroll", Stay: "s1", Task: string(plan.WriteBack), Verb: plan.WriteBack,
			Due: o.now, Digest: "basis",
		}}},
	}
	return o
}

// next is the input of the next look, which knows what HR was told.
func (o *tellOffice) next(result activities.TaskResult) {
	o.in.Told = result.Told
	task := &o.in.Batch.Tasks[0]
	task.Generation++
	task.Key = plan.TaskKey(task.Workflow, task.Stay, task.Generation, task.Task)
}

func (o *tellOffice) tell() activities.TaskResult {
	o.t.Helper()
	result, err := o.tasks.WriteBack(o.t.Context(), o.in)
	if err != nil {
		o.t.Fatalf("WriteBack() = %v", err)
	}
	if result.Account != nil {
		o.t.Error("the account is described by an activity that runs beside others on it")
	}
	return result
}

func (o *tellOffice) set(attributes map[string]string, empty ...string) {
	o.t.Helper()
	if err := o.dir.UpdateAccount(o.t.Context(), o.id, directory.Change{Set: attributes, Clear: empty}); err != nil {
		o.t.Fatal(err)
	}
}

func TestHRIsToldWhatTheAccountHas(t *testing.T) {
	t.Parallel()
	o := newTellOffice(t)
	result := o.tell()
	want := map[string]any{"contact.workEmail": toldMail, "contact.userName": toldMail, "ext.login": "Zoë Müller"}
	if diff := cmp.Diff(want, o.hr.said(t)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if result.Told == nil || !result.Told.Missing || result.Told.Basis != "basis" || result.Outcomes[0].Status != activities.Done {
		t.Errorf("result: got %+v, want a mobile phone to be missing", result)
	}
	stored, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.ToLower(string(stored)), "muller") {
		t.Errorf("the result holds what HR was told: %s", stored)
	}
	if id := o.hr.calls[0].ID; !strings.HasPrefix(id, "wb_") || strings.Contains(id, personKey) {
		t.Errorf("ID of the call: got %q, want one that names nobody", id)
	}
}

func TestHRIsNotToldTwice(t *testing.T) {
	t.Parallel()
	o := newTellOffice(t)
	o.next(o.tell())
	result := o.tell()
	if len(o.hr.calls) != 1 || !activities.IsUnchanged(o.in.Batch.Tasks[0], result.Outcomes[0]) {
		t.Errorf("told %d times, outcome %+v; want once, unchanged", len(o.hr.calls), result.Outcomes[0])
	}
	if _, err := o.store.Effect(t.Context(), o.in.Journey+"/"+o.in.Batch.Tasks[0].Key); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a look that told nothing left an effect: %v", err)
	}
	o.next(result)
	o.set(map[string]string{"mail": "zoe@contoso.example"})
	o.next(o.tell())
	o.set(nil, "mail")
	if o.tell(); len(o.hr.calls) != 3 {
		t.Fatalf("told %d times, want three times", len(o.hr.calls))
	}
	if value, stated := o.hr.said(t)["contact.workEmail"]; value != nil || !stated {
		t.Errorf("an address that is gone: told %v, want null", value)
	}
}

func TestWhatHRWasToldOfAnAttributeThatIsLeftOutStays(t *testing.T) {
	t.Parallel()
	o := newTellOffice(t)
	o.set(map[string]string{"mobilePhone": "+49 30 1"})
	o.next(o.tell())
	o.set(nil, "mobilePhone")
	result := o.tell()
	if len(o.hr.calls) != 1 {
		t.Fatalf("told %d times, want once: an empty value without clear says nothing", len(o.hr.calls))
	}
	o.next(result)
	o.set(map[string]string{"mobilePhone": "+49 30 1"})
	if o.tell(); len(o.hr.calls) != 1 {
		t.Errorf("told %d times, want once: HR has the number still", len(o.hr.calls))
	}
}

func TestALostAnswerIsRepeatedUnderTheSameID(t *testing.T) {
	t.Parallel()
	o := newTellOffice(t)
	o.hr.err, o.hr.lost = extension.ErrUnreachable, true
	if _, err := o.tasks.WriteBack(t.Context(), o.in); err == nil {
		t.Fatal("a lost answer counts as heard")
	}
	o.tell()
	if len(o.hr.calls) != 2 || o.hr.calls[0].ID != o.hr.calls[1].ID || string(o.hr.calls[0].Body) != string(o.hr.calls[1].Body) {
		t.Errorf("calls: got %d, want the same one twice", len(o.hr.calls))
	}
}

// An attempt whose answer was lost may have told something that is not so any
// more, and that nobody remembers to have told.
func TestWhatALostAttemptToldIsTakenBack(t *testing.T) {
	t.Parallel()
	o := newTellOffice(t)
	o.next(o.tell())
	o.set(map[string]string{"mail": "wrong@contoso.example"})
	o.hr.err, o.hr.lost = extension.ErrUnreachable, true
	if _, err := o.tasks.WriteBack(t.Context(), o.in); err == nil {
		t.Fatal("a lost answer counts as heard")
	}
	o.set(map[string]string{"mail": "Zoe.Muller@contoso.example"})
	o.tell()
	if got := o.hr.said(t)["contact.workEmail"]; len(o.hr.calls) != 3 || got != toldMail {
		t.Errorf("HR was told %d times, lastly of %v; want %s again", len(o.hr.calls), got, toldMail)
	}
	if o.hr.calls[1].ID == o.hr.calls[2].ID {
		t.Error("another address goes under the same ID: a receiver drops it as a repeat")
	}
}

func TestAClosedWriteBackIsNotRepeated(t *testing.T) {
	t.Parallel()
	o := newTellOffice(t)
	first := o.tell()
	again := o.tell() // the worker died before the journey heard of it
	if len(o.hr.calls) != 1 {
		t.Errorf("told %d times, want once", len(o.hr.calls))
	}
	if diff := cmp.Diff(first.Told, again.Told); diff != "" {
		t.Errorf("what is remembered differs (-first +again):\n%s", diff)
	}
}

func TestHowHRMayAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		code string
		soon bool
	}{
		"refused":     {&extension.StatusError{Status: http.StatusBadRequest}, activities.CodeExtension, false},
		"broken":      {&extension.StatusError{Status: http.StatusInternalServerError}, activities.CodeExtension, true},
		"busy":        {&extension.StatusError{Status: http.StatusTooManyRequests, After: time.Hour}, activities.CodeExtension, false},
		"unreachable": {extension.ErrUnreachable, activities.CodeUnavailable, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newTellOffice(t)
			o.hr.err = c.err
			result, err := o.tasks.WriteBack(t.Context(), o.in)
			if c.soon != (err != nil) {
				t.Fatalf("WriteBack() = %v, want an error only where seconds may mend it", err)
			}
			if !c.soon && (result.Outcomes[0].Status != activities.Failed || result.Outcomes[0].Code != c.code) {
				t.Errorf("outcome: got %+v, want %s", result.Outcomes[0], c.code)
			}
		})
	}
}

func TestAMappingThatFailsIsToldAndTheOthersAreWrittenBack(t *testing.T) {
	t.Parallel()
	o := newTellOffice(t)
	o.set(map[string]string{"displayName": "broken"})
	result := o.tell()
	if _, stated := o.hr.said(t)["ext.login"]; stated || o.hr.said(t)["contact.userName"] != toldMail {
		t.Errorf("told %v, want all but what has no value", o.hr.said(t))
	}
	if len(result.Attention) != 1 || result.Attention[0].Code != plan.AttentionMapping || !strings.Contains(result.Attention[0].Text, "ext.login") {
		t.Errorf("attention: got %+v, want mapping-error about ext.login", result.Attention)
	}
}

func TestHRIsNotToldOfSomebodyElsesAccount(t *testing.T) {
	t.Parallel()
	o := newTellOffice(t)
	o.in.Record.Attributes = person.Attributes{}.With(attribute("employeeId", "9009"))
	if result := o.tell(); len(o.hr.calls) != 0 || result.Outcomes[0].Code != activities.CodeLinkDiffers {
		t.Errorf("told %d times, outcome %+v; want never, link-differs", len(o.hr.calls), result.Outcomes[0])
	}
}

func TestHRIsNotToldWhileTheTargetIsPaused(t *testing.T) {
	t.Parallel()
	o := newTellOffice(t)
	if _, err := o.store.PauseTarget(t.Context(), store.Pause{Target: "entra", Actor: "operator", Reason: "test", At: o.now}); err != nil {
		t.Fatal(err)
	}
	if result := o.tell(); len(o.hr.calls) != 0 || result.Outcomes[0].Code != activities.CodePaused {
		t.Errorf("told %d times, outcome %+v; want never, paused", len(o.hr.calls), result.Outcomes[0])
	}
}
