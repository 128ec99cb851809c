package plan_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

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

// hybridHire is a hire whose account the domain has since the create line was
// due, while the cloud has none.
func hybridHire(t *testing.T, replace ...string) *journey {
	t.Helper()
	j := newHybrid(t, replace...)
	j.parksIn = map[string]map[plan.Verb]string{cloud: {plan.Create: plan.CodeNoCounterpart}}
	j.merge(record(t, "start=2026-12-01 status=active kind=employee country=DE"))
	j.now = at(t, "2026-11-17 06:00")
	return j.run()
}

// TestS17_CounterpartIsWaitedForInSight: what is waited for stands in the line and
// in the result with its term; past the term somebody is told, and it goes on.
func TestS17_CounterpartIsWaitedForInSight(t *testing.T) {
	t.Parallel()
	for within, replace := range map[time.Duration][]string{
		3 * time.Hour:  nil,
		30 * time.Hour: {"syncedFrom: corp", "syncedFrom: corp\n    counterpart: {within: 30h}"},
		24 * time.Hour: {"syncedFrom: corp", "syncedFrom: fabrikam"},
	} {
		j := hybridHire(t, replace...)
		since, until := j.now, j.now.Add(within)
		source := corp
		if within == 24*time.Hour {
			source = "fabrikam"
		}
		want := plan.Wait{Key: j.lineIn(cloud, "create").Key, For: "the counterpart of the account in " + source, Since: since, Until: until}
		result := j.result()
		if !slices.Equal(result.Waits, []plan.Wait{want}) {
			t.Errorf("waits %+v, want %+v", result.Waits, want)
		}
		words := "; waits for " + want.For + " since " + since.Format("2006-01-02 15:04") + " UTC, due by " + until.Format("2006-01-02 15:04") + " UTC"
		if line := j.lineIn(cloud, "create"); line.State != plan.ParkedState || !strings.HasSuffix(line.Reason, words) {
			t.Errorf("line %+v, want it parked with %q", line, words)
		}
		j.now = until.Add(-time.Minute)
		j.facts.Parked[0].Retry = j.now.Add(24 * time.Hour)
		if j.wantAttention(); !j.result().Next.Equal(until) {
			t.Errorf("next %s, want the term %s", j.result().Next, until)
		}
		j.now = until
		j.wantAttention(plan.AttentionNoCounterpart)
		delete(j.parksIn, cloud)
		j.facts.Parked[0].Retry = j.now
		j.run().wantAttention()
		if len(j.result().Waits) != 0 || j.account(cloud).ID == "" {
			t.Errorf("waits %+v with account %+v, want an end of it", j.result().Waits, j.account(cloud))
		}
	}
}

// TestS17_TasksInTheDomainWaitForNoCounterpart: those of the cloud, and what is
// told of them, come after the link; those of the domain come when they are due.
func TestS17_TasksInTheDomainWaitForNoCounterpart(t *testing.T) {
	t.Parallel()
	j := hybridHire(t)
	j.until("2026-11-24 09:00")
	state := func(target, task string) plan.LineState { j.t.Helper(); return j.lineIn(target, task).State }
	if got := state(corp, "addUserToGroups#2"); got != plan.Finished {
		t.Errorf("the group in the domain is %s, want it done\n%s", got, strings.Join(j.log, "\n"))
	}
	for target, tasks := range map[string][]string{cloud: {"addUserToGroups", "assignLicensesToUser", "generateTemporaryAccessPass"}, "": {"sendOnboardingReminderEmail"}} {
		for _, task := range tasks {
			if got := state(target, task); got != plan.Waiting {
				t.Errorf("%s in %q is %s, want it to wait for the account in the cloud", task, target, got)
			}
		}
	}
	delete(j.parksIn, cloud)
	j.facts.Parked[0].Retry = j.now
	j.run()
	for _, task := range []string{"addUserToGroups", "assignLicensesToUser", "generateTemporaryAccessPass"} {
		if got := state(cloud, task); got != plan.Finished {
			t.Errorf("%s in the cloud is %s once the account has come, want it done", task, got)
		}
	}
}

// TestS17_CloudFollowsTheDomain: enabled, disabled and deleted in the domain, the
// cloud has an hour to show it; nobody is sent to the domain meanwhile.
func TestS17_CloudFollowsTheDomain(t *testing.T) {
	t.Parallel()
	for verb, words := range map[plan.Verb]string{plan.Enable: "enabled", plan.Cut: "disabled", plan.Delete: "deleted"} {
		j := newHybrid(t)
		j.parksIn = map[string]map[plan.Verb]string{cloud: {verb: plan.CodeSynced}}
		j.merge(record(t, "start=2026-12-01 last=2026-12-20 status=active kind=employee country=DE"))
		when := map[plan.Verb]string{plan.Enable: "2026-12-01 00:00", plan.Cut: "2026-12-21 00:00", plan.Delete: "2027-01-20 00:00"}[verb]
		j.until(when)
		waits := j.result().Waits
		if len(waits) != 1 || waits[0].For != "the cloud to show the account "+words+" as in corp" || waits[0].Until.Sub(waits[0].Since) != time.Hour {
			t.Errorf("%s: waits %+v, want an hour for the cloud\n%s", verb, waits, strings.Join(j.log, "\n"))
			continue
		}
		j.now = waits[0].Until.Add(-time.Minute)
		j.facts.Parked[0].Retry = waits[0].Until.Add(24 * time.Hour)
		for _, code := range []string{plan.AttentionSyncOverdue, plan.AttentionDisableOnPremises, plan.AttentionParked} {
			if slices.Contains(j.attention(), code) {
				t.Errorf("%s: attention %v within the term, want no %s", verb, j.attention(), code)
			}
		}
		j.now = waits[0].Until
		if !slices.Contains(j.attention(), plan.AttentionSyncOverdue) {
			t.Errorf("%s: attention %v past the term, want %s", verb, j.attention(), plan.AttentionSyncOverdue)
		}
	}
}

// TestS17_CloudIsGivenItsHourOnceTheDomainEnabled: however late the domain enables,
// at a gate for one, the cloud is not overdue for what has not been done there.
func TestS17_CloudIsGivenItsHourOnceTheDomainEnabled(t *testing.T) {
	t.Parallel()
	j := newHybrid(t)
	j.parksIn = map[string]map[plan.Verb]string{cloud: {plan.Enable: plan.CodeSynced}, corp: {plan.Enable: plan.AttentionGated}}
	j.merge(record(t, "start=2026-12-01 status=active kind=employee country=DE"))
	j.until("2026-12-01 00:00")
	j.now = j.now.Add(5 * time.Hour)
	if line := j.lineIn(cloud, "enable"); !strings.HasSuffix(line.Reason, "; waits for the account in corp to be enabled") || len(j.result().Waits) != 0 {
		t.Errorf("line %+v, waits %+v; want no term before the domain has enabled the account", line, j.result().Waits)
	}
	if got := j.attention(); slices.Contains(got, plan.AttentionSyncOverdue) {
		t.Errorf("attention %v, want nothing overdue", got)
	}
	delete(j.parksIn, corp)
	for i := range j.facts.Parked {
		j.facts.Parked[i].Retry = j.now.Add(24 * time.Hour)
		if strings.HasPrefix(j.facts.Parked[i].Key, "account:corp/") {
			j.facts.Parked[i].Retry = j.now
		}
	}
	j.run()
	waits := j.result().Waits
	if len(waits) != 1 || !waits[0].Since.Equal(j.now) || !waits[0].Until.Equal(j.now.Add(time.Hour)) {
		t.Errorf("waits %+v, want an hour from when the domain enabled the account, %s", waits, j.now)
	}
}

// TestS17_DomainThatIsNotDisabledIsTold: where the account in the domain stays
// enabled and nothing is under way there, somebody has to disable it.
func TestS17_DomainThatIsNotDisabledIsTold(t *testing.T) {
	t.Parallel()
	j := newHybrid(t)
	j.parksIn = map[string]map[plan.Verb]string{cloud: {plan.Cut: plan.CodeSynced}, corp: {plan.Cut: plan.CodeProtected}}
	j.merge(record(t, "start=2026-12-01 last=2026-12-20 status=active kind=employee country=DE"))
	j.until("2026-12-21 00:00")
	if got := j.attention(); !slices.Contains(got, plan.AttentionDisableOnPremises) || !slices.Contains(got, plan.AttentionProtected) {
		t.Errorf("attention %v, want the disable in the domain asked for", got)
	}
}

// TestS17_PasswordGoesWithTheLeaver: of who has left or is terminated, in the
// domain alone; who is away for a while keeps it.
func TestS17_PasswordGoesWithTheLeaver(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		words string
		block bool
		want  bool
	}{
		"left":            {"start=2026-12-01 last=2026-12-20 status=active", false, true},
		"terminated":      {"start=2026-12-01 status=active", true, true},
		"on leave":        {"start=2026-12-01 status=leave leave=2026-12-21 back=2027-03-01", false, false},
		"the start moved": {"start=2026-12-24 status=active", false, false},
	} {
		j := newHybrid(t)
		j.policy.Targets[0].Account.Leave, j.policy.Targets[1].Account.Leave = lifecycle.LeaveDisable, lifecycle.LeaveDisable
		j.merge(record(t, "start=2026-12-01 status=active"))
		j.until("2026-12-21 00:00")
		j.merge(record(t, tt.words))
		if tt.block {
			blocked := by(j)
			j.facts.Overrides.Blocked = &blocked
		}
		found := false
		for _, batch := range plan.Build(j.input()).Due {
			for _, task := range batch.Tasks {
				found = found || task.Verb == plan.Cut && batch.Target == corp
				if want := tt.want && batch.Target == corp; task.Verb == plan.Cut && task.Leaves != want {
					t.Errorf("%s: disable in %s takes the password: %t, want %t", name, batch.Target, task.Leaves, want)
				}
			}
		}
		if !found && name != "the start moved" {
			t.Errorf("%s: nothing is disabled in the domain: %v", name, j.attention())
		}
	}
}

// TestS17_RehireAmongLeaversComesWithTheFirstDay: the account lies where no
// synchronisation sees it until it is enabled, so that nothing is overdue before.
func TestS17_RehireAmongLeaversComesWithTheFirstDay(t *testing.T) {
	t.Parallel()
	const gone = "OU=Leavers,OU=Staff,DC=contoso,DC=example"
	for _, tt := range []struct {
		wrote       string
		skip, early bool
	}{{gone, false, false}, {gone, true, false}, {"OU=Desk,OU=Staff,DC=contoso,DC=example", false, true}} {
		wrote, early := tt.wrote, tt.early
		j := newHybrid(t, "    groups: {team", unsynced)
		j.merge(record(t, "start=2026-12-01 last=2026-12-20 status=active kind=employee country=DE"))
		j.until("2026-12-22 12:00")
		account := j.account(corp)
		account.Removed = []plan.Removed{{
			Kind: "attribute", ID: lifecycle.ContainerAttribute, Value: "OU=Staff,DC=contoso,DC=example", Wrote: wrote, Stay: account.Stay, Leave: 1,
		}}
		j.put(account)
		account = j.account(cloud)
		account.State = plan.AccountDeleted
		j.put(account)
		j.parksIn = map[string]map[plan.Verb]string{cloud: {plan.Create: plan.CodeNoCounterpart}}
		j.merge(record(t, "start=2027-02-01 status=active kind=employee country=DE"))
		j.until("2027-01-25 12:00")
		if got := slices.Contains(j.attention(), plan.AttentionNoCounterpart); got != early {
			t.Errorf("%s: attention %v before the first day, want it overdue: %t", wrote, j.attention(), early)
		}
		if waits := len(j.result().Waits) > 0; waits != early {
			t.Errorf("%s: waits %+v before the first day", wrote, j.result().Waits)
		}
		if early {
			continue
		}
		if tt.skip {
			j.facts.Overrides.Skips = []plan.KeyOverride{{By: by(j), Key: plan.TaskKey("account:corp", "s2", 3, "enable")}}
		}
		j.until("2027-02-01 00:00")
		if told := slices.Contains(j.attention(), plan.AttentionNoCounterpart); told != tt.skip {
			t.Errorf("attention %v on the first day, want it told that none comes: %t", j.attention(), tt.skip)
		}
		if tt.skip {
			continue
		}
		account = j.account(corp)
		account.Removed = nil // the enable has moved it back
		j.put(account)
		if waits := j.result().Waits; len(waits) != 1 || !waits[0].Since.Equal(at(t, "2027-02-01 00:00")) {
			t.Errorf("waits %+v once it is enabled, want the counterpart from then on\n%s", waits, strings.Join(j.log, "\n"))
		}
	}
}
