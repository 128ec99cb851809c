package plan_test

import (
	"strings"
	"testing"

	"tenure/internal/lifecycle"
	"tenure/internal/plan"
)

// twoDomains has two domains, between which the department decides.
func twoDomains(t *testing.T, outOfScope string) *lifecycle.Policy {
	t.Helper()
	head, rest, _ := strings.Cut(domainPolicy, "targets:\n")
	target, _, _ := strings.Cut(rest, "workflows:\n")
	first := strings.Replace(target, "    mode: enforce\n", "    mode: enforce\n    scope: 'assignment.department.name == \"Sales\"'\n    outOfScope: "+outOfScope+"\n", 1)
	second := strings.NewReplacer("  entra:\n", "  emea:\n", `"Sales"`, `"Research"`).Replace(first)
	policy, err := lifecycle.Load(lifecycle.Source{Name: "policy.yaml", Content: []byte(head + "targets:\n" + first + second)})
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

const moved = "start=2026-12-01 status=active kind=employee dept=Research title=Clerk manager=7"

// TestTwoDomains: the record chooses the domain; who moves on gets a new account, and
// the old one is disabled, kept, or asked about.
func TestTwoDomains(t *testing.T) {
	t.Parallel()
	for outOfScope, want := range map[string]plan.AccountState{"disable": plan.AccountDisabled, "keep": plan.AccountEnabled, "ask": plan.AccountEnabled} {
		j := newJourney(t, "2026-11-10 12:00")
		j.policy = twoDomains(t, outOfScope)
		j.hears(stays).until("2026-12-20 12:00").wantState(plan.AccountEnabled)
		if got := j.account("emea").State; got != "" && got != plan.AccountNone {
			t.Errorf("%s: the other domain has an account that is %s", outOfScope, got)
		}
		j.did()
		j.hears(moved).until("2026-12-21 12:00").wantState(want)
		if got := j.account("emea").State; got != plan.AccountEnabled {
			t.Errorf("%s: the account in the new domain is %q, want enabled", outOfScope, got)
		}
		asks := false
		for _, attention := range plan.Build(j.input()).Attention {
			asks = asks || attention.Code == plan.AttentionOutOfScope
		}
		if asks != (outOfScope == "ask") {
			t.Errorf("%s: attention %v", outOfScope, asks)
		}
		j.hears(stays).until("2026-12-22 12:00").wantState(plan.AccountEnabled)
	}
}

// TestOutOfScopeDisableUsesItsBudget: it is a disable like any other, kept by holds.
func TestOutOfScopeDisableUsesItsBudget(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00")
	j.policy = twoDomains(t, "disable")
	j.hears(stays).until("2026-12-20 12:00")
	j.merge(record(t, moved))
	_, budget := plan.BuildWithBudget(j.input())
	found := false
	for _, line := range budget {
		found = found || line.Target == entra && line.Kind == lifecycle.LimitDisable && line.Counts && strings.Contains(line.Reason, "left the scope")
	}
	if !found {
		t.Errorf("budget = %+v, want the disable to count", budget)
	}
	j.facts.Overrides.Holds = []plan.Hold{{Kind: plan.HoldHRError, By: plan.By{Actor: "x", At: j.now}}}
	j.run().wantState(plan.AccountEnabled)
}

// TestOutOfScopeByPolicyAsks: a scope that was made narrower takes nobody's access
// before a human agrees (S15).
func TestOutOfScopeByPolicyAsks(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00")
	j.policy = twoDomains(t, "disable")
	j.hears(moved).until("2026-12-20 12:00")
	before := j.policy
	j.policy = twoDomains(t, "disable")
	for i := range j.policy.Targets {
		j.policy.Targets[i].Scope = before.Targets[0].Scope
	}
	j.forms = []plan.Form{{Policy: before, Version: 1}, {Policy: j.policy, Version: 2, Since: j.now}}
	j.run()
	if got := j.account("emea").State; got != plan.AccountEnabled {
		t.Fatalf("the account is %s, want it enabled until a human agrees", got)
	}
	asks := false
	for _, attention := range plan.Build(j.input()).Attention {
		asks = asks || attention.Code == plan.AttentionPolicyChange
	}
	if !asks {
		t.Error("nobody is asked")
	}
}
