package plan_test

import (
	"slices"
	"testing"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
)

func (j *journey) wanted() plan.WantedAccount {
	j.t.Helper()
	wanted, found := plan.AccountWanted(j.input(), entra)
	if !found {
		j.t.Fatalf("the policy has no target %s", entra)
	}
	return wanted
}

func (j *journey) asksToLook() {
	j.facts.Overrides.Checks = []plan.Check{{By: by(j), Target: entra}}
}

func TestReconcileKnowsWhatIsWanted(t *testing.T) {
	t.Parallel()
	leaving := "start=2026-12-01 last=2026-12-31 status=active kind=employee dept=Sales title=Clerk manager=7"
	for name, tt := range map[string]struct {
		words, now           string
		exists, enabled, cut bool
		written              bool
	}{
		"before the account is made": {words: hire, now: "2026-11-10 12:00", cut: true},
		"a hire to come":             {words: hire, now: "2026-11-28 12:00", exists: true, cut: true, written: true},
		"somebody who works":         {words: hire, now: "2026-12-20 12:00", exists: true, enabled: true, written: true},
		"existing staff":             {words: staff, now: "2026-12-20 12:00", exists: true, enabled: true},
		"somebody who has left":      {words: leaving, now: "2027-01-02 12:00", cut: true, written: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newJourney(t, "2026-11-10 12:00").hears(tt.words)
			got := j.until(tt.now).wanted()
			if got.Exists != tt.exists || got.Enabled != tt.enabled || got.Cut != tt.cut || got.Written != tt.written || got.Line != nil {
				t.Errorf("got exists %t, enabled %t, cut %t (%s), written %t, line %v", got.Exists, got.Enabled, got.Cut, got.Reason, got.Written, got.Line)
			}
			if got.Cut != (got.Reason != "") {
				t.Errorf("cut %t for the reason %q", got.Cut, got.Reason)
			}
		})
	}
	if _, found := plan.AccountWanted(newJourney(t, "2026-11-10 12:00").input(), "fabrikam"); found {
		t.Error("a target that the policy does not have was found")
	}
}

func TestReconcileKnowsTheLineThatIsOpen(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	hold := by(j)
	j.facts.Overrides.Hold = &hold
	j.hears("start=2026-12-01 last=2026-12-19 status=terminated kind=employee dept=Sales title=Clerk manager=7")
	got := j.wanted()
	if got.Line == nil || got.Line.Verb != plan.Cut || got.Line.State != plan.Held || !got.Cut || got.Enabled {
		t.Errorf("a held disable: got cut %t, enabled %t, line %+v", got.Cut, got.Enabled, got.Line)
	}
}

func TestReconcileLooksAtAnAccountAgain(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.asksToLook()
	due := j.result().Due
	if len(due) != 1 || due[0].Tasks[0].Verb != plan.Update {
		t.Fatalf("due: got %+v, want one update", due)
	}
	j.facts.Overrides.Checks[0].Looked = j.now.Add(time.Minute)
	if due := j.result().Due; len(due) != 0 {
		t.Errorf("due once it was looked at: got %+v", due)
	}
}

func TestReconcileCutsALeaverAgain(t *testing.T) {
	t.Parallel()
	leaving := "start=2026-12-01 last=2026-12-31 status=active kind=employee dept=Sales title=Clerk manager=7"
	for name, state := range map[string]plan.AccountState{"disabled": plan.AccountDisabled, "deleted": plan.AccountDeleted} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := active(t, "2026-12-20 12:00").hears(leaving).until("2027-01-10 12:00")
			a := j.account(entra)
			a.State = state
			j.put(a)
			j.run().did()
			j.asksToLook()
			j.run().wantDid("disable")
			j.now = j.now.Add(time.Hour)
			j.run().wantDid()
		})
	}
}

func TestReconcileCutsALeaverWhoseStayIsClosed(t *testing.T) {
	t.Parallel()
	leaving := "start=2026-12-01 last=2026-12-31 status=active kind=employee dept=Sales title=Clerk manager=7"
	j := active(t, "2026-12-20 12:00").hears(leaving).until("2027-01-10 12:00")
	j.facts.Done, j.facts.Through = nil, []plan.Through{{Workflow: "account:entra", Stay: "s1", Generation: 9}}
	j.run().did()
	j.asksToLook()
	j.run().wantDid("disable")
}

func TestReconcileCutsWhoLeftBeforeTheBaselineOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00").hears("start=2020-03-01 last=2025-03-31 status=terminated kind=employee dept=Sales title=Clerk")
	j.until("2026-12-01 12:00").wantDid()
	if got := j.wanted(); !got.Cut || got.Enabled || got.Exists {
		t.Errorf("wanted: got %+v", got)
	}
	j.asksToLook()
	j.run().wantDid("disable")
}

func TestReconcileAsksBeforeItEnablesExistingStaff(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00")
	j.put(plan.Account{Target: entra, ID: "o-1", State: plan.AccountDisabled})
	j.hears(staff).wantDid()
	j.wantAttention()
	j.asksToLook()
	j.run().wantDid("update")
	j.wantAttention(plan.AttentionDisabledElsewhere)
	j.facts.Overrides.Approved = []plan.KeyOverride{{By: by(j), Key: j.line("enable").Key}}
	j.run().wantState(plan.AccountEnabled)
}

// TestReconcileComparesContainersAsDomainsDo: a domain answers with the names that its
// containers have, in whatever case the policy writes them.
func TestReconcileComparesContainersAsDomainsDo(t *testing.T) {
	t.Parallel()
	wanted := plan.WantedAttributes{Set: map[string]string{"parentDistinguishedName": "ou=staff,dc=contoso,dc=example", "title": "Clerk"}}
	live := map[string]string{"parentDistinguishedName": "OU=Staff,DC=contoso,DC=example", "title": "CLERK"}
	if got := wanted.Difference(live).Names(); !slices.Equal(got, []string{"title"}) {
		t.Errorf("difference in case alone: got %v, want the title", got)
	}
	live["parentDistinguishedName"] = "OU=Sales,DC=contoso,DC=example"
	if got := wanted.Difference(live).Names(); !slices.Equal(got, []string{"parentDistinguishedName", "title"}) {
		t.Errorf("another container: got %v, want it and the title", got)
	}
}

// TestReconcileComparesListsInAnyOrder: no directory promises one.
func TestReconcileComparesListsInAnyOrder(t *testing.T) {
	t.Parallel()
	target := lifecycle.Target{Kind: lifecycle.KindAD, Mapping: []lifecycle.Mapping{
		{To: "otherTelephone", Kind: "list", Constant: "+1 555 0100; +1 555 0101"}, {To: "description", Kind: "string", Constant: "a;b"},
	}}
	wanted := plan.AttributesWanted(&target, plan.MappingScope{Zone: time.UTC})
	live := map[string]string{"otherTelephone": "+1 555 0101;+1 555 0100", "description": "b;a"}
	if got := wanted.Difference(live).Names(); !slices.Equal(got, []string{"description"}) {
		t.Errorf("difference in order alone: got %v, want the description, which is no list", got)
	}
	live["otherTelephone"] = "+1 555 0101"
	if got := wanted.Difference(live).Names(); !slices.Equal(got, []string{"description", "otherTelephone"}) {
		t.Errorf("a value less: got %v, want both", got)
	}
}

func TestReconcileComparesAttributes(t *testing.T) {
	t.Parallel()
	wanted := plan.WantedAttributes{Set: map[string]string{"jobTitle": "Clerk", "department": "Sales"}, Clear: []string{"mobilePhone", "city"}}
	got := wanted.Difference(map[string]string{"jobTitle": "Clerk", "department": "IT", "city": "Ghent", "country": "BE"})
	if names := got.Names(); !slices.Equal(names, []string{"city", "department"}) || got.Set["department"] != "Sales" {
		t.Errorf("difference: got %+v, want department and city", got)
	}
	if got := wanted.Difference(map[string]string{"jobTitle": "Clerk", "department": "Sales"}).Names(); len(got) != 0 {
		t.Errorf("difference of what is as wanted: got %v", got)
	}
	policy := standardPolicy()
	target, _ := policy.Target(entra)
	view := person.Attributes{}.With(person.Attribute{Name: person.JobTitleAttribute, Value: "Clerk"})
	if got := plan.AttributesWanted(&target, plan.MappingScope{View: view, Zone: time.UTC}); got.Set["jobTitle"] != "Clerk" {
		t.Errorf("wanted of a clerk: got %+v", got)
	}
}
