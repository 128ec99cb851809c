package starter

import (
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"tenure/activities"
	"tenure/internal/httpapi"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// finds records a comparison of the target entra.
func (b *bench) finds(findings ...store.Finding) {
	b.t.Helper()
	for i := range findings {
		findings[i].Target, findings[i].LastSeen, findings[i].Reason = "entra", testNow, "for a reason"
	}
	if err := b.db.SaveFindings(b.t.Context(), findings); err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.db.CloseFindings(b.t.Context(), store.Comparison{Target: "entra", At: testNow, Accounts: 3, People: 2}); err != nil {
		b.t.Fatal(err)
	}
}

func drifted() store.Finding {
	return store.Finding{ID: "aaaaaaaaaaaa", Kind: "drifted", Realm: "main", Key: "E-1", ObjectID: "o-1", Names: []string{"jobTitle"}}
}

func (b *bench) decide(choice httpapi.FindingChoice) httpapi.FindingOutcome {
	b.t.Helper()
	outcomes, err := b.DecideFindings(b.t.Context(), "entra", []httpapi.FindingChoice{choice}, httpapi.Decision{Actor: "kim", Reason: "looked at it"})
	if err != nil || len(outcomes) != 1 {
		b.t.Fatalf("DecideFindings() = %+v, %v", outcomes, err)
	}
	return outcomes[0]
}

func (b *bench) findings(all bool) httpapi.Findings {
	b.t.Helper()
	found, err := b.Findings(b.t.Context(), "entra", all)
	if err != nil {
		b.t.Fatalf("Findings() = %v", err)
	}
	return found
}

func TestReconcileShowsWhatMustBeLookedAtFirst(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	if got := b.findings(false); got.Comparison != nil || len(got.Findings) != 0 || got.Mode != "enforce" {
		t.Errorf("before the first comparison: %+v", got)
	}
	b.index(store.PersonRow{Realm: "main", Key: "E-1", Journey: "journey/main/E-1", DisplayName: "Ada Example", Revision: 1, At: testNow})
	b.finds(
		store.Finding{ID: "cccccccccccc", Kind: "unowned", ObjectID: "o-9", Protection: "yes"}, drifted(),
		store.Finding{ID: "bbbbbbbbbbbb", Kind: "active-should-be-disabled", Realm: "main", Key: "E-1"},
	)
	got := b.findings(false)
	var order []string
	for _, f := range got.Findings {
		order = append(order, f.Kind)
	}
	if !slices.Equal(order, []string{"active-should-be-disabled", "drifted", "unowned"}) {
		t.Errorf("order = %v", order)
	}
	if f := got.Findings[1]; f.DisplayName != "Ada Example" || f.Person == nil || f.Person.Key != "E-1" || f.Links.Timeline == "" || f.Decided != nil {
		t.Errorf("finding = %+v", f)
	}
	if f := got.Findings[2]; f.Person != nil || f.Protection != "yes" {
		t.Errorf("unowned = %+v", f)
	}
	if got.Comparison == nil || got.Comparison.Accounts != 3 || got.Comparison.Counts == nil {
		t.Errorf("comparison = %+v", got.Comparison)
	}
	_, err := b.Findings(t.Context(), "entry", false)
	wantProblem(t, err, httpapi.KindNotFound, `did you mean "entra"`)
}

func TestReconcileIgnoresUntil(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	b.finds(drifted())
	until := testNow.Add(time.Hour)
	if got := b.decide(httpapi.FindingChoice{ID: drifted().ID, Decision: httpapi.FindingIgnore, Until: &until}); !got.Done {
		t.Fatalf("ignore: %+v", got)
	}
	if got := b.findings(false); len(got.Findings) != 0 || got.Hidden != 1 {
		t.Errorf("ignored: %+v", got)
	}
	all := b.findings(true).Findings
	if len(all) != 1 || all[0].Decided == nil || all[0].Decided.Actor != "kim" || all[0].Decided.Reason != "looked at it" || !all[0].Decided.Until.Equal(until) {
		t.Errorf("all: %+v", all)
	}
	if got := b.decide(httpapi.FindingChoice{ID: drifted().ID, Decision: httpapi.FindingShow}); !got.Done || len(b.findings(false).Findings) != 1 {
		t.Errorf("shown again: %+v", got)
	}
	b.decide(httpapi.FindingChoice{ID: drifted().ID, Decision: httpapi.FindingIgnore, Until: &until})
	b.now = func() time.Time { return until }
	if got := b.findings(false); len(got.Findings) != 1 {
		t.Errorf("once the time is over: %+v", got)
	}
	for _, wrong := range []time.Time{testNow.Add(-time.Hour), until.Add(400 * 24 * time.Hour)} {
		if got := b.decide(httpapi.FindingChoice{ID: drifted().ID, Decision: httpapi.FindingIgnore, Until: &wrong}); got.Done {
			t.Errorf("ignored until %s: %+v", wrong, got)
		}
	}
}

func TestReconcileFixAsksTheJourney(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	b.finds(drifted(), store.Finding{ID: "cccccccccccc", Kind: "unowned", ObjectID: "o-9"})
	for range 2 {
		if got := b.decide(httpapi.FindingChoice{ID: drifted().ID, Decision: httpapi.FindingFix}); !got.Done || got.Text != "in force" {
			t.Fatalf("fix: %+v", got)
		}
	}
	sent := b.temporal.updates
	if len(sent) != 2 || sent[0].UpdateName != string(contract.ReEvaluate) || sent[0].UpdateID != sent[1].UpdateID {
		t.Fatalf("updates = %+v, want the same one twice", sent)
	}
	if o := sent[0].Args[0].(contract.Override); o.Target != "entra" || o.Actor != "kim" || o.Reason != "looked at it" {
		t.Errorf("override = %+v", o)
	}
	if f := b.findings(false).Findings[0]; f.Decided == nil || f.Decided.Decision != httpapi.FindingFix {
		t.Errorf("finding = %+v, want what was decided", f)
	}
	for _, id := range []string{"cccccccccccc", "nothing"} {
		if got := b.decide(httpapi.FindingChoice{ID: id, Decision: httpapi.FindingFix}); got.Done || got.Text == "" {
			t.Errorf("fix %s: %+v, want it refused with a reason", id, got)
		}
	}
	b.temporal.updateErr = temporal.NewApplicationError("a hold is set", contract.ErrorNotApplicable)
	if got := b.decide(httpapi.FindingChoice{ID: drifted().ID, Decision: httpapi.FindingFix}); got.Done || !strings.Contains(got.Text, "a hold is set") {
		t.Errorf("fix that the journey refuses: %+v", got)
	}
	if len(b.temporal.updates) != 3 {
		t.Errorf("%d updates, want none for what was refused here", len(b.temporal.updates))
	}
}

func TestReconcileAdoptLinksTheAccount(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	b.finds(
		drifted(), store.Finding{ID: "cccccccccccc", Kind: "unowned", ObjectID: "o-9"},
		store.Finding{ID: "dddddddddddd", Kind: "unowned", ObjectID: "o-10", Realm: "main", Key: "E-1"},
	)
	adopt := func(id string, who *httpapi.PersonID) httpapi.FindingOutcome {
		t.Helper()
		return b.decide(httpapi.FindingChoice{ID: id, Decision: httpapi.FindingAdopt, Person: who})
	}
	if got := adopt("cccccccccccc", &hire); !got.Done {
		t.Errorf("adopt for somebody: %+v", got)
	}
	if got := adopt("dddddddddddd", nil); !got.Done {
		t.Errorf("adopt for whom the finding names: %+v", got)
	}
	var linked []string
	for _, sent := range b.temporal.updates {
		o := sent.Args[0].(contract.Override)
		linked = append(linked, sent.UpdateName+" "+sent.WorkflowID+" "+o.Target+" "+o.ObjectID)
	}
	if want := []string{"link journey/main/E-1 entra o-9", "link journey/main/E-1 entra o-10"}; !slices.Equal(linked, want) {
		t.Errorf("overrides = %v, want %v", linked, want)
	}
	b.finds(drifted(), store.Finding{ID: "cccccccccccc", Kind: "unowned", ObjectID: "o-9"})
	for id, who := range map[string]*httpapi.PersonID{"cccccccccccc": nil, "aaaaaaaaaaaa": &hire} {
		if got := adopt(id, who); got.Done || got.Text == "" {
			t.Errorf("adopt %s: %+v, want it refused with a reason", id, got)
		}
	}
}

func TestReconcileOnlyReportsWhereNothingIsEnforced(t *testing.T) {
	t.Parallel()
	for mode, mayAdopt := range map[string]bool{"observe": false, "adopt": true} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			b := withHire(t)
			b.apply(strings.Replace(policyText(t), "mode: enforce", "mode: "+mode, 1))
			b.finds(drifted(), store.Finding{ID: "cccccccccccc", Kind: "unowned", ObjectID: "o-9"})
			if got := b.decide(httpapi.FindingChoice{ID: drifted().ID, Decision: httpapi.FindingFix}); got.Done || !strings.Contains(got.Text, "mode "+mode) {
				t.Errorf("fix: %+v, want it refused for the mode", got)
			}
			got := b.decide(httpapi.FindingChoice{ID: "cccccccccccc", Decision: httpapi.FindingAdopt, Person: &hire})
			if got.Done != mayAdopt {
				t.Errorf("adopt: %+v, want done %t", got, mayAdopt)
			}
			if sent := len(b.temporal.updates); sent > 1 || sent == 1 && !mayAdopt {
				t.Errorf("%d overrides were sent", sent)
			}
			if got := b.findings(false).Mode; got != mode {
				t.Errorf("mode = %q", got)
			}
		})
	}
}

func TestReconcileShowsWhatIsToBeLookedAt(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	journey := b.temporal.journey(t, "journey/main/E-1")
	check := plan.Check{By: plan.By{ID: "1", Actor: "kim", Reason: "drift", At: testNow}, Target: "entra"}
	journey.facts.Overrides.Checks = []plan.Check{check}
	shown := func() []httpapi.InForce {
		t.Helper()
		got, err := b.Person(t.Context(), hire)
		if err != nil {
			t.Fatal(err)
		}
		return got.Overrides
	}
	if got := shown(); len(got) != 1 || got[0].Kind != "re-evaluate" || got[0].Key != "entra" {
		t.Errorf("in force = %+v", got)
	}
	journey.facts.Overrides.Checks[0].Looked = testNow
	if got := shown(); len(got) != 0 {
		t.Errorf("in force once it was looked at = %+v", got)
	}
}

func TestReconcileRunWaitsForTheComparison(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.temporal.comparing = func(target string) error {
		b.finds(drifted())
		return nil
	}
	done, err := b.CompareTarget(t.Context(), "entra", httpapi.Decision{Actor: "kim", Reason: "r"})
	if err != nil || done.Accounts != 3 || !slices.Equal(b.temporal.compared, []string{"reconcile/entra/now"}) {
		t.Errorf("CompareTarget() = %+v, %v after %v", done, err, b.temporal.compared)
	}
	b.temporal.comparing = func(string) error {
		return temporal.NewApplicationError("list accounts of entra: denied", activities.CodeDenied)
	}
	_, err = b.CompareTarget(t.Context(), "entra", httpapi.Decision{Actor: "kim", Reason: "r"})
	wantProblem(t, err, httpapi.KindUnavailable, "list accounts of entra: denied")
	_, err = b.CompareTarget(t.Context(), "fabrikam", httpapi.Decision{Actor: "kim", Reason: "r"})
	wantProblem(t, err, httpapi.KindNotFound, "fabrikam")
}

func TestReconcileSchedulesFollowThePolicy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	policy, err := b.policies.Active(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	schedules := func() *client.Schedule {
		t.Helper()
		if err := b.engine.schedules(t.Context(), policy.Policy); err != nil {
			t.Fatalf("schedules() = %v", err)
		}
		return b.temporal.schedules["reconcile/entra"]
	}
	made := schedules()
	if made == nil || made.Spec.Jitter == 0 || made.Spec.TimeZoneName != "Europe/Berlin" || made.Policy.Overlap.String() != "Skip" {
		t.Fatalf("schedule = %+v", made)
	}
	action := made.Action.(*client.ScheduleWorkflowAction)
	if action.Workflow != contract.ReconcileWorkflow || action.Args[0].(activities.ReconcileInput).Target != "entra" {
		t.Errorf("action = %+v", action)
	}
	// What somebody changed by hand comes back, but for a pause.
	made.Spec.Jitter, made.State = 0, &client.ScheduleState{Paused: true, Note: "maintenance"}
	if again := schedules(); again.Spec.Jitter == 0 || !again.State.Paused {
		t.Errorf("schedule once more = %+v, %+v", again.Spec, again.State)
	}
	made.State.Paused = false
	gone := *policy.Policy
	targets := gone.Targets
	gone.Targets = nil
	if err := b.engine.schedules(t.Context(), &gone); err != nil || !b.temporal.schedules["reconcile/entra"].State.Paused {
		t.Errorf("a target that is gone: %v, %+v", err, b.temporal.schedules["reconcile/entra"].State)
	}
	gone.Targets = targets
	if back := schedules(); back.State.Paused || back.State.Note != "" {
		t.Errorf("a target that is back: %+v", back.State)
	}
}

func TestReconcileIsScheduledWhenAPolicyIsApplied(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.eventually("a schedule", func() bool {
		b.temporal.mu.Lock()
		defer b.temporal.mu.Unlock()
		return b.temporal.schedules["reconcile/entra"] != nil
	})
}

func (b *bench) eventually(what string, holds func() bool) {
	b.t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for range 1000 {
		if holds() {
			return
		}
		<-ticker.C
	}
	b.t.Fatalf("waited in vain for %s", what)
}
