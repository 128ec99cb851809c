package worker

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/activities"
	"tenure/internal/catalog"
	"tenure/internal/config"
	"tenure/internal/directory"
	"tenure/internal/directory/ad/adtest"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
	simulated "tenure/internal/sim/ad"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

const (
	inCorp, inEmea = "corp", "emea"
	bossKey        = "1002"
	reportKey      = "2001"
)

// forestTarget is one domain of the forest in a policy.
const forestTarget = `  NAME:
    kind: ad
    forest: contoso
    credential: {kind: bind, user: env:NAME_USER, secret: env:NAME_PASSWORD}
    mode: enforce
    domain: contoso.example
    base: "BASE"
    account: {create: {on: startDate}, enable: {on: startDate}, disable: {on: lastDayOfWork}}
    names: {quarantine: 90d}
    mapping:
      userPrincipalName: {unique: [given.family, given.family#], apply: create}
      displayName: {attribute: person.displayName}
      manager: {reference: managerRef}
      parentDistinguishedName: {constant: "OU=Staff,BASE"}
`

// forestOffice is a worker without Temporal, and two domains of one forest.
type forestOffice struct {
	t      *testing.T
	store  *store.Store
	policy *lifecycle.Policy
	target func(ctx context.Context, policy *lifecycle.Policy, name string) (directory.Target, error)
	tasks  *activities.Tasks
	now    time.Time
	// away is a target that cannot be reached.
	away     string
	revision int64
	// woken and asked are the journeys that were woken, and asked to look at an
	// account again.
	woken, asked []string
}

// forestFeed is what stands before the targets of a policy.
const forestFeed = `version: 1
feeds:
  hris:
    kind: webhook
    realm: main
    baseline: 2026-01-01
    zone: Europe/Berlin
    signature: {scheme: standard-webhooks, secrets: [env:HRIS]}
targets:
`

func newForestOffice(t *testing.T) *forestOffice {
	t.Helper()
	o := &forestOffice{t: t, now: time.Now().UTC()}
	first, corp := adtest.Simulated(t, simulated.Options{Domain: "corp.contoso.example"})
	second, emea := adtest.Simulated(t, simulated.Options{Domain: "emea.contoso.example"})
	gc, err := first.StartCatalog(t.Context(), "127.0.0.1:0", second)
	if err != nil {
		t.Fatal(err)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, slices.Concat(corp.CA, emea.CA), 0o600); err != nil {
		t.Fatal(err)
	}
	settings := config.Config{Targets: map[string]config.Connection{}}
	values, text := map[string]string{}, []string{forestFeed}
	for _, domain := range []struct {
		name   string
		server *simulated.Server
		dc     *adtest.Controller
	}{{inCorp, first, corp}, {inEmea, second, emea}} {
		if err := domain.server.Seed(simulated.Seed{Units: []string{"OU=Staff," + domain.dc.BaseDN}}); err != nil {
			t.Fatal(err)
		}
		settings.Targets[domain.name] = config.Connection{
			Hosts: []string{domain.dc.Address}, Catalog: []string{strings.TrimPrefix(gc.URL(), "ldaps://")}, CAFile: ca,
		}
		values[domain.name+"_USER"], values[domain.name+"_PASSWORD"] = domain.dc.BindName, domain.dc.Password
		text = append(text, strings.NewReplacer("NAME", domain.name, "BASE", domain.dc.BaseDN).Replace(forestTarget))
	}
	o.open(strings.Join(text, ""))
	targets := opened(values, settings)
	o.target = func(ctx context.Context, policy *lifecycle.Policy, name string) (directory.Target, error) {
		if name == o.away {
			return directory.Target{}, directory.ErrUnavailable
		}
		return targets.Target(ctx, policy, name)
	}
	o.tasks = activities.NewTasks(activities.Deps{
		Store: o.store, Policies: activities.NewPolicies(o.store, catalog.LoadStored), Log: slog.New(slog.DiscardHandler), Target: o.target,
		Wake: func(_ context.Context, journey string) error {
			o.woken = append(o.woken, journey)
			return nil
		},
		LookAgain: func(_ context.Context, journey, target, _ string) error {
			o.asked = append(o.asked, journey+" "+target)
			return nil
		},
	})
	return o
}

// open makes the store with the policy.
func (o *forestOffice) open(text string) {
	o.t.Helper()
	var err error
	if o.store, err = store.Open(o.t.Context(), "sqlite:"+filepath.Join(o.t.TempDir(), "store.db")); err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { _ = o.store.Close() })
	source := lifecycle.Source{Name: "policy.yaml", Content: []byte(text)}
	if o.policy, err = catalog.Load(source); err != nil {
		o.t.Fatal(err)
	}
	if _, _, err = o.store.SavePolicy(o.t.Context(), store.PolicyVersion{
		Source: source.Content, Hash: lifecycle.Hash(source), Actor: "test", Reason: "test", AppliedAt: o.now,
	}); err != nil {
		o.t.Fatal(err)
	}
}

// indexed writes the row of the people index as the person's journey does.
func (o *forestOffice) indexed(key, manager string, accounts ...plan.Account) {
	o.t.Helper()
	o.revision++
	row := store.PersonRow{
		Realm: "main", Key: key, Journey: contract.JourneyID("main", key), DisplayName: key, EmployeeID: key, Phase: string(person.PhaseActive),
		Revision: o.revision, At: o.now,
	}
	if manager != "" {
		row.ManagerRef = "employeeId:" + manager
	}
	for _, account := range accounts {
		row.Accounts = append(row.Accounts, store.AccountRow{Target: account.Target, ID: account.ID, State: account.State.String()})
	}
	if _, err := o.store.UpsertPerson(o.t.Context(), row); err != nil {
		o.t.Fatal(err)
	}
}

// does performs one task on a person's account in a target.
func (o *forestOffice) does(verb plan.Verb, key, manager string, account plan.Account) plan.Account {
	o.t.Helper()
	o.revision++
	var record person.Record
	for name, value := range map[string]string{
		"employeeId": key, "person.legalName.given": "Ada", "person.legalName.family": "Meyer", "person.displayName": "Ada " + key,
		"managerRef.kind": "employeeId", "managerRef.value": manager,
	} {
		record.Attributes = record.Attributes.With(person.Attribute{Name: name, Value: value})
	}
	workflow := "account:" + account.Target
	in := activities.TaskInput{
		Journey: contract.JourneyID("main", key), Realm: "main", Key: key, Now: o.now, PolicyVersion: 1, Record: record,
		Stays: []person.Stay{{ID: "s1", Start: person.DateOf(o.now)}}, Zone: "Europe/Berlin", ByHand: true, Account: account,
		Batch: plan.Batch{Activity: plan.ActivityAccount, Target: account.Target, Tasks: []plan.Task{{
			Key: plan.TaskKey(workflow, "s1", int(o.revision), string(verb)), Workflow: workflow, Stay: "s1", Task: string(verb), Verb: verb, Due: o.now,
			Enabled: true,
		}}},
	}
	do := o.tasks.ChangeAccount
	if verb == plan.Cut {
		do = o.tasks.CutAccess
	}
	result, err := do(o.t.Context(), in)
	if err != nil || result.Outcomes[0].Status != activities.Done {
		o.t.Fatalf("%s of %s: %+v, %v", verb, key, result.Outcomes, err)
	}
	return *result.Account
}

// managerOf reads the link of an account.
func (o *forestOffice) managerOf(account plan.Account) string {
	o.t.Helper()
	target, err := o.target(o.t.Context(), o.policy, account.Target)
	if err != nil {
		o.t.Fatal(err)
	}
	live, err := target.Account(o.t.Context(), account.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	return live.ManagerID
}

func (o *forestOffice) wantManager(step string, account, manager plan.Account) {
	o.t.Helper()
	if got := o.managerOf(account); got != manager.ID {
		o.t.Errorf("%s: manager = %q, want %q", step, got, manager.ID)
	}
}

func in(target string) plan.Account { return plan.Account{Target: target} }

// TestManagerOfAnotherDomainIsWaitedFor: who was hired before their manager waits,
// and the manager's account in the other domain wakes them.
func TestManagerOfAnotherDomainIsWaitedFor(t *testing.T) {
	t.Parallel()
	o := newForestOffice(t)
	o.indexed(reportKey, bossKey)
	report := o.does(plan.Create, reportKey, bossKey, in(inEmea))
	if report.WaitingFor != "employeeId" || o.managerOf(report) != "" {
		t.Fatalf("account = %+v, want one that waits for its manager", report)
	}
	o.indexed(bossKey, "")
	boss := o.does(plan.Create, bossKey, "", in(inCorp))
	if want := []string{contract.JourneyID("main", reportKey)}; !slices.Equal(o.woken, want) {
		t.Fatalf("woken = %q, want %q", o.woken, want)
	}
	report = o.does(plan.Update, reportKey, bossKey, report)
	o.wantManager("once the manager is there", report, boss)
	if report.WaitingFor != "" {
		t.Errorf("account = %+v, still waits", report)
	}
	if len(o.asked) != 0 {
		t.Errorf("asked = %q, want nobody: the manager has one account", o.asked)
	}
	// A create that knows the manager links at once.
	other := o.does(plan.Create, "2002", bossKey, in(inEmea))
	o.wantManager("created later", other, boss)
}

// TestManagerMovesToAnotherDomain: the account that lets the manager in counts,
// the one in the own domain before others; where none does, the one that came last.
func TestManagerMovesToAnotherDomain(t *testing.T) {
	t.Parallel()
	o := newForestOffice(t)
	old := o.does(plan.Create, bossKey, "", in(inCorp))
	o.indexed(bossKey, "", old)
	one := o.does(plan.Create, reportKey, bossKey, in(inCorp))
	two := o.does(plan.Create, "2002", bossKey, in(inEmea))
	o.indexed(reportKey, bossKey, one)
	o.indexed("2002", bossKey, two)
	o.wantManager("own domain", one, old)
	o.wantManager("other domain", two, old)

	o.now = o.now.Add(time.Hour)
	moved := o.does(plan.Create, bossKey, "", in(inEmea))
	want := []string{contract.JourneyID("main", reportKey) + " corp", contract.JourneyID("main", "2002") + " emea"}
	if !slices.Equal(o.asked, want) {
		t.Errorf("asked = %q, want %q", o.asked, want)
	}
	one, two = o.does(plan.Update, reportKey, bossKey, one), o.does(plan.Update, "2002", bossKey, two)
	o.wantManager("both enabled, own domain", one, old)
	o.wantManager("both enabled, other domain", two, moved)

	o.asked = nil
	old = o.does(plan.Cut, bossKey, "", old)
	if !slices.Equal(o.asked, want) {
		t.Errorf("asked after the disable = %q, want %q", o.asked, want)
	}
	one = o.does(plan.Update, reportKey, bossKey, one)
	o.wantManager("old one disabled", one, moved)

	o.indexed(bossKey, "", old, moved)
	o.does(plan.Cut, bossKey, "", moved)
	one, two = o.does(plan.Update, reportKey, bossKey, one), o.does(plan.Update, "2002", bossKey, two)
	o.wantManager("all disabled", one, moved)
	o.wantManager("all disabled, too", two, moved)
}

// TestManagerIsStaffOfAnotherDomain: nobody's journey has the account, but it
// carries the number. A domain that is away keeps nobody from working.
func TestManagerIsStaffOfAnotherDomain(t *testing.T) {
	t.Parallel()
	o := newForestOffice(t)
	corp, err := o.target(t.Context(), o.policy, inCorp)
	if err != nil {
		t.Fatal(err)
	}
	boss, err := corp.Writer.CreateAccount(t.Context(), directory.NewAccount{
		EmployeeID: bossKey, UserName: "boss@contoso.example", Enabled: true,
		Attributes: map[string]string{"displayName": "Boss", "parentDistinguishedName": "OU=Staff,DC=corp,DC=contoso,DC=example"},
	})
	if err != nil {
		t.Fatal(err)
	}
	o.away = inCorp
	report := o.does(plan.Create, reportKey, bossKey, in(inEmea))
	if report.WaitingFor == "" {
		t.Errorf("account = %+v, want one that looks for its manager again", report)
	}
	o.away = ""
	report = o.does(plan.Update, reportKey, bossKey, report)
	o.wantManager("by number", report, plan.Account{ID: boss.ID})
}

// TestManagerWhomTheForestDoesNotKnowYet: an account in another domain takes a while
// to be known everywhere. Nobody goes without their own account for that.
func TestManagerWhomTheForestDoesNotKnowYet(t *testing.T) {
	t.Parallel()
	o := newForestOffice(t)
	boss := contract.JourneyID("main", bossKey)
	o.indexed(bossKey, "")
	claim := store.Claim{Target: inCorp, Attribute: store.ObjectIDAttribute, Value: "00000000-0000-4000-8000-000000000001", Owner: boss, At: o.now}
	if err := o.store.Hold(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	report := o.does(plan.Create, reportKey, bossKey, in(inEmea))
	for _, step := range []string{"create", "update"} {
		if got := report.WaitingUntil; report.WaitingFor != "employeeId" || !got.Equal(o.now.Add(15*time.Minute)) || report.State != plan.AccountEnabled {
			t.Errorf("%s: account = %+v, want an enabled one that looks for its manager again in a quarter of an hour", step, report)
		}
		report = o.does(plan.Update, reportKey, bossKey, report)
	}
	if err := o.store.Release(t.Context(), inCorp, store.ObjectIDAttribute, claim.Value, boss); err != nil {
		t.Fatal(err)
	}
	manager := o.does(plan.Create, bossKey, "", in(inCorp))
	report = o.does(plan.Update, reportKey, bossKey, report)
	o.wantManager("once it is known", report, manager)
}

// TestNameOfANeighbourIsKept: a name that somebody had in one domain is nobody's in
// another while the policy keeps it, but their own.
func TestNameOfANeighbourIsKept(t *testing.T) {
	t.Parallel()
	o := newForestOffice(t)
	const name = "ada.meyer@contoso.example"
	former := contract.JourneyID("main", "1999")
	if err := o.store.Hold(t.Context(), store.Claim{Target: inCorp, Attribute: "userPrincipalName", Value: name, Owner: former, State: store.ClaimHeld, At: o.now}); err != nil {
		t.Fatal(err)
	}
	if err := o.store.Quarantine(t.Context(), store.Claim{Target: inCorp, Attribute: "userPrincipalName", Value: name, Owner: former, Until: o.now.Add(time.Hour), At: o.now}); err != nil {
		t.Fatal(err)
	}
	if got := o.does(plan.Create, reportKey, "", in(inEmea)).UserName; got != "ada.meyer2@contoso.example" {
		t.Errorf("somebody else is called %q, want the next name", got)
	}
	own := o.does(plan.Create, "1999", "", in(inEmea))
	if own.UserName != name {
		t.Errorf("who had the name is called %q, want %q", own.UserName, name)
	}
	// Nobody tries the name that the person's own account in the other domain has.
	first, second := o.does(plan.Create, "1998", "", in(inEmea)), o.does(plan.Create, "1998", "", in(inCorp))
	if claim, err := o.store.Claim(t.Context(), inCorp, "userPrincipalName", first.UserName); !errors.Is(err, store.ErrNotFound) || second.UserName == first.UserName {
		t.Errorf("accounts %q and %q, claim %+v, %v: want two names, and the first not tried in the other domain", first.UserName, second.UserName, claim, err)
	}
}

// TestNameOfAStrangerInAnotherDomain: an account that nobody's journey has holds the
// name there. An attempt whose answer was lost waits for no account of this domain.
func TestNameOfAStrangerInAnotherDomain(t *testing.T) {
	t.Parallel()
	o := newForestOffice(t)
	corp, err := o.target(t.Context(), o.policy, inCorp)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := corp.Writer.CreateAccount(t.Context(), directory.NewAccount{
		EmployeeID: "77", UserName: "ada.meyer@contoso.example", Attributes: map[string]string{"displayName": "Ada", "parentDistinguishedName": "OU=Staff,DC=corp,DC=contoso,DC=example"},
	}); err != nil {
		t.Fatal(err)
	}
	task := plan.TaskKey("account:"+inEmea, "s1", 1, string(plan.Create))
	journey := contract.JourneyID("main", reportKey)
	if _, _, err := o.store.OpenEffect(t.Context(), store.Effect{Key: journey + "/" + task, Journey: journey, TaskKey: task, Target: inEmea, Kind: string(plan.Create), Intent: []byte("{}"), OpenedAt: o.now}); err != nil {
		t.Fatal(err)
	}
	if got := o.does(plan.Create, reportKey, "", in(inEmea)).UserName; got != "ada.meyer2@contoso.example" {
		t.Errorf("called %q, want the next name", got)
	}
}

// TestForestNeedsACatalogue: the configuration is wrong, and that is said before
// anything is written.
func TestForestNeedsACatalogue(t *testing.T) {
	t.Parallel()
	o := newForestOffice(t)
	targets := opened(map[string]string{"corp_USER": "u", "corp_PASSWORD": "p"}, config.Config{Targets: map[string]config.Connection{inCorp: {Hosts: []string{"dc.example"}}}})
	_, err := targets.Target(t.Context(), o.policy, inCorp)
	if err == nil || !strings.Contains(err.Error(), "names no global catalogue of forest contoso: write targets.corp.catalog") {
		t.Errorf("error = %v, want what the configuration lacks", err)
	}
}
