package plan_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"tenure/internal/lifecycle"
	"tenure/internal/plan"
)

// The targets of the hybrid organisation.
const (
	cloud = "cloud"
	corp  = "corp"
)

// hybridPolicy loads the policy of a hybrid organisation with texts replaced, old
// then new.
func hybridPolicy(t testing.TB, replace ...string) *lifecycle.Policy {
	t.Helper()
	raw, err := os.ReadFile("testdata/hybrid.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			t.Fatalf("policy has no %q", replace[i])
		}
		text = strings.Replace(text, replace[i], replace[i+1], 1)
	}
	policy, err := lifecycle.Load(lifecycle.Source{Name: "policy.yaml", Content: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// newHybrid is a hire two weeks ahead in a hybrid organisation.
func newHybrid(t *testing.T, replace ...string) *journey {
	t.Helper()
	j := newJourney(t, "2026-11-10 12:00")
	j.policy = hybridPolicy(t, replace...)
	return j
}

// lineIn is the open line of a task in a target.
func (j *journey) lineIn(target, task string) plan.Line {
	j.t.Helper()
	lines, _, _ := plan.Lines(j.input())
	for _, line := range lines {
		if line.Target == target && line.Task == task {
			return line
		}
	}
	j.t.Fatalf("no line %s in %s", task, target)
	return plan.Line{}
}

// TestS17_CounterpartWaitsForTheAccountItComesFrom: the cloud is asked only once
// the domain has the account, and is told which one that is.
func TestS17_CounterpartWaitsForTheAccountItComesFrom(t *testing.T) {
	t.Parallel()
	j := newHybrid(t)
	j.merge(record(t, "start=2026-12-01 status=active"))
	j.now = at(t, "2026-11-17 06:00")
	result := plan.Build(j.input())
	j.take(result)
	if len(result.Due) != 1 || result.Due[0].Target != corp || result.Due[0].Source != "" {
		t.Fatalf("due %+v, want the account in the domain alone", result.Due)
	}
	if line := j.lineIn(cloud, "create"); line.State != plan.Waiting || !strings.HasSuffix(line.Reason, "; waits for the account in corp") {
		t.Errorf("line %+v, want it to wait for the account in the domain", line)
	}
	j.parks[plan.Create] = plan.CodeNoCounterpart
	j.effect(corp, result.Due[0].Tasks[0])
	j.done(plan.Done{Key: result.Due[0].Tasks[0].Key, At: j.now, Outcome: plan.OutcomeDone})
	result = plan.Build(j.input())
	if len(result.Due) != 1 || result.Due[0].Target != cloud || result.Due[0].Source != corp {
		t.Fatalf("due %+v, want the look for the counterpart of the account in corp", result.Due)
	}
}

// TestS17_CounterpartOfAnAccountThatNeverComes: where the domain makes none, the
// look begins at once and tells somebody in the end.
func TestS17_CounterpartOfAnAccountThatNeverComes(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string][]string{
		"the domain is only observed": {"mode: enforce\n    domain: contoso.example\n    under", "mode: observe\n    domain: contoso.example\n    under"},
		"out of the domain's scope":   {"    under:", "    scope: 'employment.kind == \"contingent\"'\n    under:"},
		"another's directory":         {"syncedFrom: corp", "syncedFrom: fabrikam"},
	} {
		j := newHybrid(t, replace...)
		j.merge(record(t, "start=2026-12-01 status=active kind=employee"))
		j.now = at(t, "2026-11-17 06:00")
		result := plan.Build(j.input())
		if !slices.ContainsFunc(result.Due, func(b plan.Batch) bool { return b.Target == cloud }) {
			t.Errorf("%s: due %+v, want the look for the counterpart", name, result.Due)
		}
	}
}

// TestS17_LinkOfStaffWaitsForTheDomain: existing staff is matched in the domain
// first, and by its anchor in the cloud then.
func TestS17_LinkOfStaffWaitsForTheDomain(t *testing.T) {
	t.Parallel()
	j := newHybrid(t)
	j.merge(record(t, "start=2024-12-01 status=active"))
	result := plan.Build(j.input())
	j.take(result)
	if len(result.Due) != 1 || result.Due[0].Target != corp {
		t.Fatalf("due %+v, want the link in the domain alone", result.Due)
	}
	j.run()
	if got := j.account(cloud); got.ID == "" {
		t.Errorf("the account in the cloud is not linked: %+v", got)
	}
	// Nobody answers for the domain: the cloud is matched all the same.
	j = newHybrid(t)
	j.found = plan.AccountUnknown
	j.merge(record(t, "start=2024-12-01 status=active"))
	j.run()
	if !slices.ContainsFunc(j.facts.Parked, func(p plan.Parked) bool { return strings.HasPrefix(p.Key, "account:cloud/") }) {
		t.Errorf("parked %+v, want the cloud looked at too", j.facts.Parked)
	}
}
