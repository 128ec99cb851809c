package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"tenure/activities"
	"tenure/internal/catalog"
	"tenure/internal/directory"
	"tenure/internal/directory/memory"
	"tenure/internal/lifecycle"
	"tenure/internal/notify"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows"
	"tenure/workflows/contract"
)

// scenario runs one person's journey from day to day: what HR and humans say is
// scheduled at instants, time is skipped, and renewals are followed.
type scenario struct {
	t      *testing.T
	key    string
	policy *lifecycle.Policy
	store  *store.Store
	dir    *memory.Directory
	// corp is the domain from which the accounts of a hybrid organisation come.
	corp  *memory.Directory
	mail  *mailbox
	calls []activities.ExtensionCall
	woken []string

	// What every worker shares: made once.
	policies  *activities.Policies
	templates *notify.Templates
	planStore activities.PlanStore
	callers   activities.Callers
	// While noPlan is set every plan fails; while stuck is set updates of the
	// account never end. A retry of a run that is over may still read them.
	noPlan, stuck atomic.Bool
	// While mute is set accounts are made and nobody is told.
	mute atomic.Bool
	// planless counts the attempts at a plan that failed.
	planless atomic.Int64

	now     time.Time
	state   workflows.State
	view    workflows.View
	pending []event
	events  int
	renewed int
	// ended is set once the journey has ended; a run that follows begins anew.
	ended bool
	env   *testsuite.TestWorkflowEnvironment
	// renewEvery, where it is set, asks for a renewal again and again, so that a
	// journey is shown to be the same across runs.
	renewEvery time.Duration
}

// event is something that happens to the journey at an instant.
type event struct {
	number int
	at     time.Time
	do     func(env *testsuite.TestWorkflowEnvironment)
}

const (
	testRealm = "main"
	testKey   = "2001"
	allStaff  = "3f0c1a52-7f0b-4c57-9d55-1f3f6f6b0001"
	sales     = "91aa6d0e-52c1-4a0e-8a55-1f3f6f6b0002"
	engineers = "5b7d2b7c-9c1e-4b43-a3c1-1f3f6f6b0003"
	skuE3     = "6fd2c87f-b296-42f0-b197-1e91e994b900"
)

// newScenario starts at an instant with the shipped policy and the baseline
// 2026-11-01.
func newScenario(t *testing.T, start string, edits ...func(string) string) *scenario {
	t.Helper()
	s := &scenario{t: t, key: testKey, now: instant(t, start), state: workflows.NewState(testRealm, testKey), mail: &mailbox{}}
	s.dir = memory.New(memory.Options{Name: "entra", Clock: func() time.Time { return s.clock() }})
	for id, name := range map[string]string{allStaff: "all-staff", sales: "sales", engineers: "engineering"} {
		s.dir.AddGroup(directory.Group{ID: id, Name: name, Kind: directory.GroupAssigned})
	}
	s.dir.AddLicense(skuE3, 10)
	var err error
	s.store, err = store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() { _ = s.store.Close() })
	s.policies, s.planStore = activities.NewPolicies(s.store, catalog.LoadStored), s.store
	if s.templates, err = notify.Default(); err != nil {
		t.Fatalf("load templates: %v", err)
	}
	s.apply(edits...)
	return s
}

// peer is another person's journey in the same organisation.
func (s *scenario) peer(key string) *scenario {
	return &scenario{
		t: s.t, key: key, now: s.now, state: workflows.NewState(testRealm, key), mail: s.mail, dir: s.dir, store: s.store,
		policy: s.policy, policies: s.policies, planStore: s.planStore, callers: s.callers, templates: s.templates, renewEvery: s.renewEvery,
	}
}

// apply activates the shipped policy with edits of its text.
func (s *scenario) apply(edits ...func(string) string) {
	s.t.Helper()
	content, err := os.ReadFile("../deploy/policy/first.yaml")
	if err != nil {
		s.t.Fatalf("read shipped policy: %v", err)
	}
	text := regexp.MustCompile(`(?m)^(\s*baseline: )\S+`).ReplaceAllString(string(content), "${1}2026-11-01")
	for _, edit := range edits {
		text = edit(text)
	}
	if s.policy, err = catalog.LoadStored([]byte(text)); err != nil {
		s.t.Fatalf("load policy: %v", err)
	}
	_, _, err = s.store.SavePolicy(s.t.Context(), store.PolicyVersion{
		Source: []byte(text), Hash: lifecycle.Hash(lifecycle.Source{Name: "policy.yaml", Content: []byte(text)}), Actor: "test", Reason: "test", AppliedAt: s.now,
	})
	if err != nil {
		s.t.Fatalf("save policy: %v", err)
	}
}

func replacing(old, replacement string) func(string) string {
	return func(text string) string {
		if !strings.Contains(text, old) {
			panic("the shipped policy has no line like " + old)
		}
		return strings.Replace(text, old, replacement, 1)
	}
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatalf("parse instant: %v", err)
	}
	return at
}

func (s *scenario) clock() time.Time {
	if s.env != nil {
		return s.env.Now()
	}
	return s.now
}

// manager puts an active manager into directory and index.
func (s *scenario) manager(employeeID, given string) string {
	s.t.Helper()
	id := s.dir.AddAccount(directory.Account{
		EmployeeID: employeeID, UserName: strings.ToLower(given) + "@contoso.example", Enabled: true,
		Attributes: map[string]string{"mail": strings.ToLower(given) + "@contoso.example", "displayName": given},
	})
	journey := contract.JourneyID(testRealm, employeeID)
	_, err := s.store.UpsertPerson(s.t.Context(), store.PersonRow{
		Realm: testRealm, Key: employeeID, Journey: journey, DisplayName: given, EmployeeID: employeeID,
		Phase: string(person.PhaseActive), Revision: 1, At: s.now,
		Accounts: []store.AccountRow{{Target: "entra", ID: id, UserName: strings.ToLower(given) + "@contoso.example", State: "enabled"}},
	})
	if err != nil {
		s.t.Fatalf("index manager: %v", err)
	}
	return id
}

// at schedules something.
func (s *scenario) at(when string, do func(env *testsuite.TestWorkflowEnvironment)) *scenario {
	s.events++
	s.pending = append(s.pending, event{number: s.events, at: instant(s.t, when), do: do})
	return s
}

// hr schedules a full record. Names without a dot are those of the record's
// usual attributes.
func (s *scenario) hr(when string, attributes ...map[string]string) *scenario {
	s.t.Helper()
	return s.event(when, eventOf(s.t, "hr", instant(s.t, when), person.Full, attributes...))
}

// event schedules an HR event as intake would send it.
func (s *scenario) event(when string, event person.Event) *scenario {
	s.t.Helper()
	return s.at(when, func(env *testsuite.TestWorkflowEnvironment) {
		env.SignalWorkflow(contract.SignalEvent, event)
	})
}

// hired is the usual record, changed.
func hired(start string, changes ...string) map[string]string {
	record := map[string]string{
		"employeeId": testKey, "person.legalName.given": "Zoë", "person.legalName.family": "Müller",
		"person.privateEmail": "zoe@fabrikam.example", "employment.kind": "employee", "employment.status": "active",
		"employment.startDate": start, "assignment.department.name": "Engineering", "assignment.jobTitle": "Engineer",
		"assignment.location.name": "Berlin", "assignment.location.country": "DE",
		"managerRef.kind": "employeeId", "managerRef.value": "1002",
	}
	for i := 0; i+1 < len(changes); i += 2 {
		if changes[i+1] == "-" {
			delete(record, changes[i])
			continue
		}
		record[changes[i]] = changes[i+1]
	}
	return record
}

// eventOf makes an event; more than one record are more than one employment.
func eventOf(t *testing.T, feed string, at time.Time, completeness person.Completeness, records ...map[string]string) person.Event {
	t.Helper()
	event := person.Event{
		ID: fmt.Sprintf("e-%d", at.UnixNano()), Feed: feed, AsOf: at, Completeness: completeness, OwnsStatus: feed == "hr",
	}
	for _, record := range records {
		employment, assignment := spanOf(t, &event.Record, record)
		event.Record.Employments = append(event.Record.Employments, employment)
		event.Record.Assignments = append(event.Record.Assignments, assignment)
	}
	return event
}

// spanOf sorts a record's attributes into the person, the employment and the
// assignment.
func spanOf(t *testing.T, into *person.Record, attributes map[string]string) (person.Employment, person.Assignment) {
	t.Helper()
	var employment person.Employment
	var assignment person.Assignment
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		value, err := person.Canonical(name, attributes[name])
		if err != nil {
			t.Fatalf("attribute %s: %v", name, err)
		}
		attribute := person.Attribute{Name: name, Value: value}
		switch {
		case name == "employment.id":
			employment.ID, assignment.EmploymentID = value, value
		case strings.HasPrefix(name, "employment."):
			employment.Attributes = employment.Attributes.With(attribute)
		case strings.HasPrefix(name, "assignment."):
			assignment.Attributes = assignment.Attributes.With(attribute)
		default:
			into.Attributes = into.Attributes.With(attribute)
		}
	}
	return employment, assignment
}

// say schedules an override as an update that must be accepted.
func (s *scenario) say(when string, kind contract.Kind, o contract.Override) *scenario {
	return s.override(when, kind, o, func(answer contract.Answer, err error) {
		if err != nil {
			s.t.Errorf("%s at %s: %v", kind, when, err)
		}
	})
}

func (s *scenario) override(when string, kind contract.Kind, o contract.Override, got func(contract.Answer, error)) *scenario {
	if o.Actor == "" {
		o.Actor = "operator"
	}
	if o.Reason == "" {
		o.Reason = "test"
	}
	if o.ID == "" {
		o.ID = string(kind) + when
	}
	return s.at(when, func(env *testsuite.TestWorkflowEnvironment) {
		env.UpdateWorkflow(string(kind), o.ID, &testsuite.TestUpdateCallback{
			OnAccept:   func() {},
			OnReject:   func(err error) { got(contract.Answer{}, err) },
			OnComplete: func(answer any, err error) { got(asAnswer(answer), err) },
		}, o)
	})
}

func asAnswer(answer any) contract.Answer {
	out, _ := answer.(contract.Answer)
	return out
}

// until runs the journey up to an instant, across renewals.
func (s *scenario) until(end string) *scenario {
	s.t.Helper()
	last := instant(s.t, end)
	for finished := false; !finished; {
		finished = s.run(last)
	}
	return s
}

// run is one run of the workflow; it reports whether the end was reached.
func (s *scenario) run(last time.Time) bool {
	s.t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestWorkflowEnvironment()
	s.env = env
	env.SetStartTime(s.now)
	env.SetTestTimeout(time.Minute)
	s.register(env)
	finished := false
	rest := s.pending
	s.pending = nil
	for _, e := range rest {
		if e.at.After(last) {
			s.pending = append(s.pending, e)
			continue
		}
		s.schedule(env, e)
	}
	renewal := contract.Override{Actor: "test", Reason: "end of the test"}
	renew := func(id string) {
		renewal.ID = id
		env.UpdateWorkflow(string(contract.Renew), id, &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { s.t.Errorf("renew: %v", err) }, OnComplete: func(any, error) {},
		}, renewal)
	}
	if every := s.renewal(); every > 0 {
		env.RegisterDelayedCallback(func() { renew(fmt.Sprintf("renew-%d", s.renewed)) }, every)
	}
	env.RegisterDelayedCallback(func() {
		finished = true
		s.query(env)
		renew("end-" + last.String())
	}, max(last.Sub(s.now), time.Second))
	env.ExecuteWorkflow(contract.JourneyWorkflow, s.state)
	if env.GetWorkflowError() == nil {
		s.now, s.state, s.env, s.ended = env.Now(), workflows.NewState(testRealm, s.key), nil, true
		return true
	}
	var again *workflow.ContinueAsNewError
	if err := env.GetWorkflowError(); !errors.As(err, &again) {
		s.t.Fatalf("the journey ended: %v", err)
	}
	s.now = env.Now()
	s.state = workflows.State{}
	if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &s.state); err != nil {
		s.t.Fatalf("decode state: %v", err)
	}
	s.env = nil
	s.renewed++
	return finished
}

// renewal is when the run is to be renewed. Long stories are renewed less often
// once they have been many times: the waits are the same, the hours of testing
// are not.
func (s *scenario) renewal() time.Duration {
	const often, rarely = 24, 9 * 24 * time.Hour
	if s.renewed > often {
		return max(s.renewEvery, min(s.renewEvery*6, rarely))
	}
	return s.renewEvery
}

// schedule lets an event happen in this run, and in the next one where the run
// is over before.
func (s *scenario) schedule(env *testsuite.TestWorkflowEnvironment, e event) {
	s.pending = append(s.pending, e)
	env.RegisterDelayedCallback(func() {
		s.pending = slices.DeleteFunc(s.pending, func(other event) bool { return other.number == e.number })
		e.do(env)
	}, max(e.at.Sub(s.now), 0))
}

func (s *scenario) query(env *testsuite.TestWorkflowEnvironment) {
	s.view = workflows.View{}
	answer, err := env.QueryWorkflow(contract.QueryFacts)
	if err == nil {
		err = answer.Get(&s.view)
	}
	if err != nil {
		s.t.Errorf("query facts: %v", err)
	}
}

func (s *scenario) register(env *testsuite.TestWorkflowEnvironment) {
	log := slog.New(slog.DiscardHandler)
	workflows.Register(env)
	env.RegisterActivityWithOptions(&planner{activities.NewPlanner(s.policies, s.planStore, s.callers, log), s}, activity.RegisterOptions{})
	env.RegisterActivityWithOptions(&tasks{s: s, Tasks: activities.NewTasks(activities.Deps{
		Store: s.store, Policies: s.policies, Log: log,
		Target: func(_ context.Context, _ *lifecycle.Policy, name string) (directory.Target, error) {
			if name == "corp" {
				return directory.Bundle(s.corp), nil
			}
			return directory.Bundle(s.dir), nil
		},
		Mail: func(context.Context, *lifecycle.Policy) (activities.Mail, error) {
			return activities.Mail{Sender: s.mail, Templates: s.templates}, nil
		},
		Extension: func(_ context.Context, _ *lifecycle.Policy, call activities.ExtensionCall) error {
			s.calls = append(s.calls, call)
			return nil
		},
		Wake: func(_ context.Context, journey string) error {
			s.woken = append(s.woken, journey)
			return nil
		},
	})}, activity.RegisterOptions{})
}

// planner is the real one, unless the scenario makes it fail.
type planner struct {
	*activities.Planner
	s *scenario
}

func (p *planner) BuildPlan(ctx context.Context, in activities.PlanInput) (activities.PlanOutput, error) {
	if p.s.noPlan.Load() {
		p.s.planless.Add(1)
		return activities.PlanOutput{}, errors.New("load policy version 9: line 3: unknown key")
	}
	return p.Planner.BuildPlan(ctx, in)
}

// tasks are the real ones, unless the scenario lets an update hang.
type tasks struct {
	*activities.Tasks
	s *scenario
}

func (a *tasks) ChangeAccount(ctx context.Context, in activities.TaskInput) (activities.TaskResult, error) {
	if a.s.stuck.Load() && in.Batch.Tasks[0].Verb == plan.Update {
		return activities.TaskResult{}, activity.ErrResultPending
	}
	result, err := a.Tasks.ChangeAccount(ctx, in)
	if in.Batch.Tasks[0].Verb == plan.Create && a.s.mute.Load() {
		return activities.TaskResult{}, activity.ErrResultPending // made, and never told
	}
	return result, err
}

func (s *scenario) journey() string { return contract.JourneyID(testRealm, s.key) }

// account is the person's account as the directory shows it, live or not.
func (s *scenario) account() *directory.Account {
	s.t.Helper()
	for _, account := range s.dir.Accounts() {
		if account.EmployeeID == s.key {
			return &account
		}
	}
	return nil
}

// groups are the names of the person's groups, sorted.
func (s *scenario) groups() string {
	s.t.Helper()
	account := s.account()
	if account == nil || !account.DeletedAt.IsZero() {
		return "no account"
	}
	memberships, err := s.dir.Memberships(s.t.Context(), account.ID)
	if err != nil {
		s.t.Fatalf("memberships: %v", err)
	}
	names := make([]string, 0, len(memberships))
	for _, group := range memberships {
		names = append(names, group.Name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// standing says in a word how the account stands.
func (s *scenario) standing() string {
	s.t.Helper()
	account := s.account()
	switch {
	case account == nil:
		return "none"
	case !account.DeletedAt.IsZero():
		return "deleted"
	case account.Enabled:
		return "enabled"
	default:
		return "disabled"
	}
}

// expect runs up to an instant and compares how the account stands then.
func (s *scenario) expect(at, standing string) *scenario {
	s.t.Helper()
	s.until(at)
	if got := s.standing(); got != standing {
		s.t.Errorf("at %s the account is %s, want %s\n%s", at, got, standing, s.story())
	}
	return s
}

// story is the ledger, for failure messages.
func (s *scenario) story() string {
	rows, err := s.store.Ledger(s.t.Context(), s.journey(), 0, 0)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, row := range rows {
		fmt.Fprintf(&b, "  %s %s %s %s %s: %s\n", row.At.UTC().Format(time.RFC3339), row.Kind, row.Actor, row.Run, row.Task, row.Outcome)
	}
	for _, parked := range s.state.Facts.Parked {
		fmt.Fprintf(&b, "  parked %s: %s %s\n", parked.Key, parked.Code, parked.Detail)
	}
	for _, attention := range s.view.Last.Attention {
		fmt.Fprintf(&b, "  attention %s %s\n", attention.Code, attention.Key)
	}
	return b.String()
}

// attention lists the codes raised at the end of the last run, sorted.
func (s *scenario) attention() string {
	var codes []string
	for _, a := range append(slices.Clone(s.view.Raised), s.view.Last.Attention...) {
		codes = append(codes, a.Code)
	}
	slices.Sort(codes)
	return strings.Join(slices.Compact(codes), " ")
}

// times lists when a task was done, from the ledger.
func (s *scenario) times(task string) []string {
	s.t.Helper()
	rows, err := s.store.Ledger(s.t.Context(), s.journey(), 0, 0)
	if err != nil {
		s.t.Fatalf("ledger: %v", err)
	}
	var out []string
	for _, row := range rows {
		if row.Kind == store.LedgerTask && row.Task == task {
			out = append(out, row.At.UTC().Format("2006-01-02 15:04"))
		}
	}
	return out
}

// mailbox is a sender that keeps what it is given.
type mailbox struct {
	mu       sync.Mutex
	messages []notify.Message
	fail     []error
	// broken, where it is set, is the answer to every mail.
	broken error
}

func (m *mailbox) Name() string { return "mailbox" }

func (m *mailbox) Send(_ context.Context, message notify.Message) (notify.Receipt, error) {
	if err := message.Validate(); err != nil {
		return notify.Receipt{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var err error
	if len(m.fail) > 0 {
		err, m.fail = m.fail[0], m.fail[1:]
	}
	if m.broken != nil {
		err = m.broken
	}
	if notify.OutcomeOf(err) != notify.OutcomeNotSent {
		m.messages = append(m.messages, message)
	}
	return notify.Receipt{}, err
}

// to lists the subjects sent to an address.
func (m *mailbox) to(address string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for _, message := range m.messages {
		if message.To.Address == address {
			out = append(out, message.Subject)
		}
	}
	return out
}

// quiet drops the SDK's log lines.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
