package e2e_test

import (
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"tenure/internal/catalog"
	"tenure/internal/config"
	"tenure/internal/directory"
	"tenure/internal/httpapi"
	"tenure/internal/store"
	"tenure/worker"
	"tenure/workflows/contract"
)

// TestReconcile changes a tenant behind Tenure's back: every change is named, a
// fix mends through the journey, adopt links, and ignore hides for a while.
func TestReconcile(t *testing.T) {
	b := begin(t, hooked(t))
	tenant := b.intruder()
	b.reconcileCast()
	before := b.compareNow()
	for _, key := range []string{"8101", "8102", "8103", "8104"} {
		if kinds := about(before, key); kinds != "" {
			t.Errorf("%s was left alone, and is told of: %s", key, kinds)
		}
	}
	ids := b.tamper(tenant)
	found := b.compareNow()
	for key, want := range map[string]string{
		"8101": "drifted jobTitle,manager", "8102": "disabled-should-be-active", "8103": "active-should-be-disabled", "8104": "missing",
	} {
		if got := about(found, key); got != want {
			t.Errorf("told of %s: %q, want %q", key, got, want)
		}
	}
	if len(found.Findings) == 0 || found.Findings[0].Kind != "active-should-be-disabled" {
		t.Errorf("the first finding is %+v, want the loud one", found.Findings)
	}
	for _, stranger := range []string{ids.pia, ids.printer} {
		if b.unowned(found, stranger) == "" {
			t.Errorf("the account %s is nobody's and not told of", stranger)
		}
	}
	t.Run("fix", func(t *testing.T) { b.with(t).fixAll(found, ids) })
	t.Run("adopt and ignore", func(t *testing.T) { b.with(t).adoptAndIgnore(found, ids) })
	t.Run("every night", func(t *testing.T) { b.with(t).nightly() })
}

// intruder has hands on the tenant that are not Tenure's.
func (b *bench) intruder() directory.Target {
	b.t.Helper()
	file, environment := b.Settings()
	opened, err := os.Open(file)
	if err != nil {
		b.t.Fatalf("open settings: %v", err)
	}
	defer func() { _ = opened.Close() }()
	settings, err := config.Load(file, opened)
	if err != nil {
		b.t.Fatalf("read settings: %v", err)
	}
	source, err := os.ReadFile(b.opts.Policy)
	if err != nil {
		b.t.Fatalf("read policy: %v", err)
	}
	policy, err := catalog.LoadStored(source)
	if err != nil {
		b.t.Fatalf("load policy: %v", err)
	}
	targets := worker.NewTargets(settings, config.Fixed(environment), slog.New(slog.DiscardHandler))
	target, err := targets.Target(b.t.Context(), policy, "entra")
	if err != nil {
		b.t.Fatalf("open target: %v", err)
	}
	return target
}

// reconcileCast makes people who work, one who has left, and one of existing
// staff whose account nobody can recognise.
func (b *bench) reconcileCast() {
	b.t.Helper()
	b.hireChief()
	for i, key := range []string{"8101", "8102", "8103", "8104"} {
		given := []string{"Ottilie", "Bruno", "Celeste", "Dario"}[i]
		b.hire(hired{
			Key: key, Given: given, Family: "Winterfeldt", Start: day(b.t, today(), -2), Department: "Sales", Title: "Clerk", Manager: "1003",
		})
		b.eventually(key+" has an account that is enabled", func() bool {
			live, _ := b.accounts(key)
			return len(live) == 1 && enabled(live[0])
		})
	}
	b.say("leave-8103", hired{
		Key: "8103", Given: "Celeste", Family: "Winterfeldt", Start: day(b.t, today(), -2), Last: day(b.t, today(), -1),
		Department: "Sales", Title: "Clerk", Manager: "1003",
	})
	b.eventually("8103 is disabled", func() bool { return !enabled(b.account("8103")) })
	for _, key := range []string{"8101", "8102", "8103", "8104"} {
		b.idle(hooks, key)
	}
	b.hire(hired{Key: "8105", Given: "Pia", Family: "Quist", Start: "2019-03-01", Department: "Sales", Title: "Clerk"})
}

// tampered are the accounts that were changed, by object ID.
type tampered struct{ drifted, disabled, enabled, deleted, pia, printer string }

// tamper changes the tenant behind Tenure's back.
func (b *bench) tamper(tenant directory.Target) tampered {
	b.t.Helper()
	ids := tampered{
		drifted: b.account("8101").ID, disabled: b.account("8102").ID, enabled: b.account("8103").ID, deleted: b.account("8104").ID,
	}
	ctx, on, off := b.t.Context(), true, false
	problems := []error{
		tenant.Writer.UpdateAccount(ctx, ids.drifted, directory.Change{Set: map[string]string{"jobTitle": "Emperor"}}),
		tenant.Writer.SetManager(ctx, ids.drifted, ""),
		tenant.Writer.UpdateAccount(ctx, ids.disabled, directory.Change{Enabled: &off}),
		tenant.Writer.UpdateAccount(ctx, ids.enabled, directory.Change{Enabled: &on}),
		tenant.Remover.DeleteAccount(ctx, ids.deleted),
	}
	for _, err := range problems {
		if err != nil {
			b.t.Fatalf("change the tenant: %v", err)
		}
	}
	// Accounts that were there before Tenure: one is a person's, one is nobody's.
	for name, id := range map[string]*string{"p.quist": &ids.pia, "lobby.printer": &ids.printer} {
		account, err := tenant.Writer.CreateAccount(ctx, directory.NewAccount{
			EmployeeID: "B-" + name[:1], UserName: name + "@contoso.example", Enabled: true, Attributes: map[string]string{"displayName": name},
		})
		if err != nil {
			b.t.Fatalf("make an account: %v", err)
		}
		*id = account.ID
	}
	return ids
}

// compareNow compares the target and reads what stands.
func (b *bench) compareNow() httpapi.Findings {
	b.t.Helper()
	var done httpapi.Comparison
	b.must(http.MethodPost, "/v1/targets/entra/reconcile", encode(b.t, httpapi.Decision{Actor: actor, Reason: "for a test"}), &done)
	if done.Unanswered != 0 || done.Accounts == 0 || done.People == 0 {
		b.t.Errorf("comparison = %+v", done)
	}
	return b.standing(false)
}

func (b *bench) standing(all bool) httpapi.Findings {
	b.t.Helper()
	path := "/v1/targets/entra/findings"
	if all {
		path += "?all=true"
	}
	var found httpapi.Findings
	b.must(http.MethodGet, path, nil, &found)
	return found
}

// about is what is told of a person, the unowned accounts apart.
func about(found httpapi.Findings, key string) string {
	var out []string
	for _, f := range found.Findings {
		if f.Person != nil && f.Person.Key == key && f.Kind != "unowned" {
			out = append(out, strings.TrimSpace(f.Kind+" "+strings.Join(f.Attributes, ",")))
		}
	}
	return strings.Join(out, "; ")
}

// unowned is the ID of the finding about an account that is nobody's.
func (b *bench) unowned(found httpapi.Findings, objectID string) string {
	for _, f := range found.Findings {
		if f.Kind == "unowned" && strings.EqualFold(f.ObjectID, objectID) {
			return f.ID
		}
	}
	return ""
}

// decide sends one decision that must be carried out.
func (b *bench) decide(choice httpapi.FindingChoice) {
	b.t.Helper()
	var outcomes []httpapi.FindingOutcome
	b.must(http.MethodPost, "/v1/targets/entra/findings/decisions", encode(b.t, httpapi.FindingChoices{
		Decision: httpapi.Decision{Actor: actor, Reason: "for a test"}, Decisions: []httpapi.FindingChoice{choice},
	}), &outcomes)
	if len(outcomes) != 1 || !outcomes[0].Done {
		b.t.Fatalf("%s of %s: %+v", choice.Decision, choice.ID, outcomes)
	}
}

// fixAll: the journeys mend what they may by themselves, and ask for the rest.
func (b *bench) fixAll(found httpapi.Findings, ids tampered) {
	for _, f := range found.Findings {
		if f.Person != nil && f.Kind != "unowned" && strings.HasPrefix(f.Person.Key, "81") && f.Person.Key != "8105" {
			b.decide(httpapi.FindingChoice{ID: f.ID, Decision: httpapi.FindingFix})
		}
	}
	b.eventually("the drift is mended", func() bool {
		u := b.account("8101")
		return u.Props["jobTitle"] == "Clerk" && u.Manager != ""
	})
	b.eventually("the leaver is disabled again", func() bool { return !enabled(b.account("8103")) })
	b.eventually("the account is back", func() bool {
		live, _ := b.accounts("8104")
		return len(live) == 1 && live[0].ID == ids.deleted && enabled(live[0])
	})
	b.eventually("the journey asks before it enables", func() bool {
		return slices.Contains(b.person(hooks, "8102").Attention, "disabled-elsewhere")
	})
	if enabled(b.account("8102")) {
		b.t.Error("an account that somebody else disabled was enabled without an answer")
	}
	left := b.compareNow()
	for key, want := range map[string]string{"8101": "", "8102": "disabled-should-be-active", "8103": "", "8104": ""} {
		if got := about(left, key); got != want {
			b.t.Errorf("told of %s once fixed: %q, want %q", key, got, want)
		}
	}
	at := slices.IndexFunc(left.Findings, func(f httpapi.Finding) bool { return f.Kind == "disabled-should-be-active" })
	if at < 0 || !strings.Contains(left.Findings[at].Waits, "disabled-elsewhere") || left.Findings[at].Decided == nil {
		b.t.Errorf("findings = %+v, want one that says what it waits for and what was decided", left.Findings)
	}
	b.steer("8102", contract.Approve, contract.Override{Key: "disabled-elsewhere"})
	b.eventually("it is enabled once somebody agrees", func() bool { return enabled(b.account("8102")) })
}

// adoptAndIgnore: an account becomes a person's, another one is hidden for a while.
func (b *bench) adoptAndIgnore(found httpapi.Findings, ids tampered) {
	b.decide(httpapi.FindingChoice{
		ID: b.unowned(found, ids.pia), Decision: httpapi.FindingAdopt, Person: &httpapi.PersonID{Realm: hooks, Key: "8105"},
	})
	b.eventually("the account is hers", func() bool {
		return slices.ContainsFunc(b.person(hooks, "8105").Accounts, func(a httpapi.Account) bool { return strings.EqualFold(a.ID, ids.pia) })
	})
	until := time.Now().Add(10 * time.Second)
	b.decide(httpapi.FindingChoice{ID: b.unowned(found, ids.printer), Decision: httpapi.FindingIgnore, Until: &until})
	hidden := b.standing(false)
	if b.unowned(hidden, ids.printer) != "" || hidden.Hidden != 1 || b.unowned(b.standing(true), ids.printer) == "" {
		b.t.Errorf("the ignored finding: %d hidden, %+v", hidden.Hidden, hidden.Findings)
	}
	next := b.compareNow()
	if b.unowned(next, ids.pia) != "" {
		b.t.Error("an adopted account is told of as nobody's")
	}
	b.eventually("it shows again", func() bool { return b.unowned(b.standing(false), ids.printer) != "" })
}

// nightly: a schedule compares by itself.
func (b *bench) nightly() {
	temporal := b.dial(true)
	schedule := temporal.ScheduleClient().GetHandle(b.t.Context(), contract.ReconcileID("entra"))
	described, err := schedule.Describe(b.t.Context())
	if err != nil {
		b.t.Fatalf("describe schedule: %v", err)
	}
	if described.Schedule.State.Paused || len(described.Info.NextActionTimes) == 0 || described.Schedule.Spec.Jitter == 0 {
		b.t.Errorf("schedule: %+v, next %v", described.Schedule.State, described.Info.NextActionTimes)
	}
	last := b.standing(false).Comparison.At
	if err := schedule.Trigger(b.t.Context(), client.ScheduleTriggerOptions{}); err != nil {
		b.t.Fatalf("trigger schedule: %v", err)
	}
	b.eventually("the schedule compares", func() bool { return b.standing(false).Comparison.At.After(last) })
	for _, row := range b.ledger(hooks, "8101") {
		if row.Kind == store.LedgerOverride && strings.HasPrefix(row.Task, "re-evaluate") && strings.HasSuffix(row.Actor, actor) {
			return
		}
	}
	b.t.Error("the ledger does not say who asked for the fix")
}
