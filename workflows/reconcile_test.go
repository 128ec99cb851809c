package workflows_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"go.temporal.io/sdk/testsuite"

	"tenure/activities"
	"tenure/internal/directory"
	"tenure/internal/directory/memory"
	"tenure/internal/lifecycle"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows"
	"tenure/workflows/contract"
)

// behind schedules a change of the account that Tenure does not make.
func (s *scenario) behind(when string, change directory.Change) *scenario {
	return s.at(when, func(*testsuite.TestWorkflowEnvironment) {
		hits, err := s.dir.AccountsByEmployeeID(s.t.Context(), s.key)
		if err == nil && len(hits) == 1 {
			err = s.dir.UpdateAccount(s.t.Context(), hits[0].ID, change)
		}
		if err != nil || len(hits) != 1 {
			s.t.Errorf("change %d accounts behind Tenure's back: %v", len(hits), err)
		}
	})
}

func setEnabled(enabled bool) directory.Change { return directory.Change{Enabled: &enabled} }

var lookAgain = contract.Override{Target: "entra"}

func TestReconcileMendsDrift(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.behind("2027-01-10T08:00:00Z", directory.Change{Set: map[string]string{"jobTitle": "Emperor"}})
		s.expect("2027-01-11T08:00:00Z", "enabled")
		if got := s.account().Attributes["jobTitle"]; got != "Emperor" {
			s.t.Fatalf("title before anybody asks = %q: the drift was not made", got)
		}
		s.say("2027-01-12T08:00:00Z", contract.ReEvaluate, lookAgain)
		s.expect("2027-01-12T08:10:00Z", "enabled").expectAttention("")
		if got := s.account().Attributes["jobTitle"]; got != "Engineer" {
			s.t.Errorf("title = %q, want what HR says\n%s", got, s.story())
		}
		s.expectLooked()
	})
}

func TestReconcileAsksBeforeItEnables(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2027-01-09T08:00:00Z", "enabled")
		s.behind("2027-01-10T08:00:00Z", setEnabled(false))
		s.say("2027-01-12T08:00:00Z", contract.ReEvaluate, lookAgain)
		s.expect("2027-01-12T08:10:00Z", "disabled").expectAttention("disabled-elsewhere")
		s.say("2027-01-13T08:00:00Z", contract.Approve, contract.Override{})
		s.expect("2027-01-13T08:10:00Z", "enabled").expectAttention("")
	})
}

func TestReconcileDisablesALeaverAgain(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-04-02T08:00:00Z", "disabled")
		s.behind("2027-04-03T08:00:00Z", setEnabled(true))
		s.expect("2027-04-03T09:00:00Z", "enabled")
		s.say("2027-04-04T08:00:00Z", contract.ReEvaluate, lookAgain)
		s.expect("2027-04-04T08:10:00Z", "disabled")
		s.expectLooked()
	})
}

func TestReconcileRestoresAMissingAccount(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2027-01-09T08:00:00Z", "enabled")
		before := s.account().ID
		s.at("2027-01-10T08:00:00Z", func(*testsuite.TestWorkflowEnvironment) {
			if err := s.dir.DeleteAccount(s.t.Context(), before); err != nil {
				s.t.Errorf("delete the account behind Tenure's back: %v", err)
			}
		})
		s.say("2027-01-12T08:00:00Z", contract.ReEvaluate, lookAgain)
		s.expect("2027-01-12T08:10:00Z", "enabled")
		if got := s.account().ID; got != before {
			s.t.Errorf("account = %s, want the deleted one back, %s\n%s", got, before, s.story())
		}
	})
}

// expectLooked wants every wish to look at an account to be met, once.
func (s *scenario) expectLooked() {
	s.t.Helper()
	checks := s.view.Facts.Overrides.Checks
	if len(checks) != 1 || checks[0].Looked.IsZero() {
		s.t.Errorf("wishes to look = %+v, want one that was met", checks)
	}
	for _, line := range s.view.Last.Due {
		s.t.Errorf("still due: %+v", line)
	}
}

// lister lets a directory in memory be listed.
type lister struct{ dir *memory.Directory }

func (l lister) ListAccounts(_ context.Context, visit func(directory.Account) error) error {
	for _, account := range l.dir.Accounts() {
		if !account.DeletedAt.IsZero() {
			continue
		}
		if err := visit(account); err != nil {
			return err
		}
	}
	return nil
}

// compareTarget runs the nightly comparison at an instant and returns what
// stands then. Journeys answer with what they know at the end of the scenario.
func (s *scenario) compareTarget(at string, journeys ...*scenario) (activities.ReconcileResult, []store.Finding) {
	s.t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(instant(s.t, at))
	workflows.Register(env)
	env.RegisterActivity(activities.NewReconciler(activities.ReconcilerDeps{
		Store: s.store, Policies: s.policies, Log: slog.New(slog.DiscardHandler),
		Target: func(context.Context, *lifecycle.Policy, string) (directory.Target, error) {
			target := directory.Bundle(s.dir)
			target.Lister = lister{s.dir}
			return target, nil
		},
		Facts: func(_ context.Context, journey string) (plan.Facts, error) {
			for _, one := range append(journeys, s) {
				if one.journey() == journey {
					return one.state.Facts, nil
				}
			}
			return plan.Facts{}, errors.New("no worker answered")
		},
	}))
	env.ExecuteWorkflow(contract.ReconcileWorkflow, activities.ReconcileInput{Target: "entra"})
	var result activities.ReconcileResult
	if err := env.GetWorkflowResult(&result); err != nil {
		s.t.Fatalf("compare: %v", err)
	}
	findings, err := s.store.Findings(s.t.Context(), "entra")
	if err != nil {
		s.t.Fatalf("list findings: %v", err)
	}
	return result, findings
}

// told writes findings of a person as "kind names", joined.
func told(findings []store.Finding, key string) string {
	var out []string
	for _, f := range findings {
		if f.Key == key {
			out = append(out, strings.TrimSpace(f.Kind+" "+strings.Join(f.Names, ",")))
		}
	}
	return strings.Join(out, "; ")
}

func TestReconcileReportsAndMendsNothing(t *testing.T) {
	t.Parallel()
	s := newScenario(t, "2026-11-05T08:00:00Z")
	s.manager("1002", "Tobias")
	s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
	s.expect("2027-01-11T08:00:00Z", "enabled")
	result, findings := s.compareTarget("2027-01-11T09:00:00Z")
	if got := told(findings, testKey); got != "" || result.Drifted != 0 || result.Accounts != 2 || result.People != 2 {
		t.Errorf("an account as Tenure left it: %q, %+v", got, result)
	}
	// The manager was indexed by the test and has no journey that could answer.
	if result.Unanswered != 1 {
		t.Errorf("%d journeys did not answer, want the manager's", result.Unanswered)
	}
	id := s.account().ID
	if err := s.dir.UpdateAccount(t.Context(), id, directory.Change{Set: map[string]string{"jobTitle": "Emperor"}}); err != nil {
		t.Fatal(err)
	}
	if err := s.dir.SetManager(t.Context(), id, ""); err != nil {
		t.Fatal(err)
	}
	stranger := s.dir.AddAccount(directory.Account{UserName: "printer@contoso.example", Enabled: true})
	before := s.dir.Calls(directory.VerbUpdateAccount)
	_, findings = s.compareTarget("2027-01-12T09:00:00Z")
	if got := told(findings, testKey); got != "drifted jobTitle,manager" {
		t.Errorf("told of the drifted account: %q", got)
	}
	if i := slices.IndexFunc(findings, func(f store.Finding) bool { return f.ObjectID == stranger }); i < 0 || findings[i].Kind != "unowned" {
		t.Errorf("the stranger's account is not told of: %+v", findings)
	}
	// What was found stands while the journey is silent.
	if _, findings = s.peer("another").compareTarget("2027-01-12T10:00:00Z"); told(findings, testKey) != "drifted jobTitle,manager" {
		t.Errorf("told while the journey is silent: %q", told(findings, testKey))
	}
	s.behindNow(setEnabled(false))
	result, findings = s.compareTarget("2027-01-13T09:00:00Z")
	if got := told(findings, testKey); got != "disabled-should-be-active; drifted jobTitle,manager" || result.DisabledShouldBeActive != 1 {
		t.Errorf("told of the disabled account: %q", got)
	}
	if err := s.dir.DeleteAccount(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	result, findings = s.compareTarget("2027-01-14T09:00:00Z")
	if got := told(findings, testKey); got != "missing" || result.Closed != 2 {
		t.Errorf("told of the deleted account: %q, closed %d", got, result.Closed)
	}
	if calls := s.dir.Calls(directory.VerbUpdateAccount); calls != before+1 { // the test's own
		t.Errorf("%d updates: a comparison must write nothing", calls-before-1)
	}
}

func TestReconcileIsLoudAboutLeavers(t *testing.T) {
	t.Parallel()
	s := newScenario(t, "2026-11-05T08:00:00Z")
	leaver(s)
	s.expect("2027-04-02T08:00:00Z", "disabled")
	if _, findings := s.compareTarget("2027-04-02T09:00:00Z"); told(findings, testKey) != "" {
		t.Errorf("told of a leaver whose account is disabled: %q", told(findings, testKey))
	}
	s.behindNow(setEnabled(true))
	_, findings := s.compareTarget("2027-04-03T09:00:00Z")
	if got := told(findings, testKey); got != "active-should-be-disabled" {
		t.Errorf("told of a leaver whose account is enabled: %q", got)
	}
	// What was found stands while the journey is silent.
	silent := s.peer("another")
	_, findings = silent.compareTarget("2027-04-04T09:00:00Z")
	if got := told(findings, testKey); got != "active-should-be-disabled" {
		t.Errorf("told while the journey is silent: %q", got)
	}
}

// behindNow changes the account at once.
func (s *scenario) behindNow(change directory.Change) {
	s.t.Helper()
	if err := s.dir.UpdateAccount(s.t.Context(), s.account().ID, change); err != nil {
		s.t.Fatalf("change the account behind Tenure's back: %v", err)
	}
}
