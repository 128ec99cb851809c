package plan_test

import (
	"strings"
	"testing"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
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

// outside is somebody who moved on to the other domain while the policy asks.
func outside(t *testing.T) *journey {
	t.Helper()
	j := newJourney(t, "2026-11-10 12:00")
	j.policy = twoDomains(t, "ask")
	for i := range j.policy.Targets {
		j.policy.Targets[i].Mapping = append(j.policy.Targets[i].Mapping, lifecycle.Mapping{To: "title", Attribute: person.JobTitleAttribute})
	}
	j.hears(stays).until("2026-12-20 12:00")
	return j.hears(moved).until("2026-12-21 12:00")
}

// answers has a human answer the question about the old account.
func (j *journey) answers(into *[]plan.KeyOverride) {
	j.t.Helper()
	j.now = j.now.Add(time.Minute)
	line := j.lineIn(entra, string(plan.Cut))
	if line.State != plan.Asks || line.Code != plan.AttentionOutOfScope {
		j.t.Fatalf("line %+v, want the question", line)
	}
	*into = append(*into, plan.KeyOverride{By: by(j), Key: line.Key})
	j.run()
}

// TestS10_LeftScopeAsksAboutTheOldAccount: the new account waits for no answer; the old
// one is as it was until somebody approves, also where it is skipped, and comes back
// with the person. The answer is about this leave of the scope alone.
func TestS10_LeftScopeAsksAboutTheOldAccount(t *testing.T) {
	t.Parallel()
	j := outside(t)
	if got := j.account("emea").State; got != plan.AccountEnabled {
		t.Errorf("the account in the new domain is %q, want it enabled whatever is answered", got)
	}
	j.wantState(plan.AccountEnabled)
	j.wantAttention(plan.AttentionOutOfScope)
	j.answers(&j.facts.Overrides.Approved)
	j.wantState(plan.AccountDisabled)
	j.wantAttention()
	j.facts.Overrides.Approved = nil // used up by the disable
	j.until("2026-12-23 12:00").wantState(plan.AccountDisabled)
	j.hears(stays).until("2026-12-24 12:00").wantState(plan.AccountEnabled)
	j.hears(moved).until("2026-12-26 12:00").wantState(plan.AccountEnabled)
	j.wantAttention(plan.AttentionOutOfScope)

	j = outside(t)
	j.answers(&j.facts.Overrides.Skips)
	j.wantState(plan.AccountEnabled)
	j.wantAttention()
	j.did()
	j.hears(strings.Replace(moved, "Clerk", "Boss", 1)).until("2026-12-23 12:00")
	j.wantDid("update", "update")
	j.hears(moved + " last=2027-01-15").until("2027-01-16 12:00").wantState(plan.AccountDisabled)
}

// TestS10_LeftScopeOfAnAccountThatIsToCome: until it is answered the account goes on as
// ever, enabled on the first day too; approved before, it never is.
func TestS10_LeftScopeOfAnAccountThatIsToCome(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]plan.AccountState{"": plan.AccountEnabled, "approve": plan.AccountDisabled} {
		j := newJourney(t, "2026-11-10 12:00")
		j.policy = twoDomains(t, "ask")
		j.hears(stays).until("2026-11-20 12:00")
		j.hears(moved).run()
		if answer != "" {
			j.answers(&j.facts.Overrides.Approved)
		}
		j.until("2026-12-02 12:00").wantState(want)
	}
}

// TestS10_LeftScopeAskedAboutThenDisabled: a policy that no longer asks disables nobody unseen
// who was asked about, and one that begins to ask gives nothing back (S15).
func TestS10_LeftScopeAskedAboutThenDisabled(t *testing.T) {
	t.Parallel()
	j := outside(t)
	j.applies(twoDomains(t, "disable")).wantState(plan.AccountEnabled)
	j.wantAttention(plan.AttentionPolicyChange)

	j = newJourney(t, "2026-11-10 12:00")
	j.policy = twoDomains(t, "disable")
	j.hears(stays).until("2026-12-20 12:00")
	j.hears(moved).until("2026-12-21 12:00").wantState(plan.AccountDisabled)
	j.applies(twoDomains(t, "ask")).wantState(plan.AccountDisabled)
	j.wantAttention()
}
