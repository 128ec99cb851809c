package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tenure/internal/lifecycle"
	"tenure/internal/plan"
)

const (
	deleteRule  = `delete:  {on: terminationDate, offset: 30d, minimum: 14d}`
	deleteSoon  = `delete:  {on: terminationDate, offset: 7d, minimum: 1d}`
	disableRule = `disable: {on: lastDayOfWork, at: "24:00"}`
)

// applies makes a policy the next version, applied now. A nil one stands for a
// version that can no longer be loaded.
func (j *journey) applies(policy *lifecycle.Policy) *journey {
	if len(j.forms) == 0 {
		j.forms = []plan.Form{{Policy: j.policy, Version: 1}}
	}
	j.forms = append(j.forms, plan.Form{Policy: policy, Version: j.forms[len(j.forms)-1].Version + 1, Since: j.now})
	j.policy = policy
	return j.run()
}

// approves answers yes to the line of an account verb.
func (j *journey) approves(verb plan.Verb) *journey {
	j.facts.Overrides.Approved = append(j.facts.Overrides.Approved, plan.KeyOverride{By: by(j), Key: j.line(string(verb)).Key})
	return j.run()
}

func (j *journey) wantAsks(verb plan.Verb) {
	j.t.Helper()
	asks := slices.ContainsFunc(j.lines(), func(line plan.Line) bool {
		return line.Verb == verb && line.State == plan.Asks && line.Code == plan.AttentionPolicyChange && strings.Contains(line.Reason, "of the policy")
	})
	if !asks {
		j.t.Errorf("%s at %s does not ask policy-change:\n%s", verb, j.now, explainAll(j.lines()))
	}
}

// left is somebody who left on the last day of December and is disabled since.
func left(t *testing.T, now string) *journey {
	t.Helper()
	j := active(t, "2026-12-20 12:00").hears(leaving).until("2027-01-02 12:00")
	j.hears(strings.Replace(leaving, "status=active", "status=terminated", 1)).until(now)
	j.wantState(plan.AccountDisabled)
	j.did()
	return j
}

func TestS15PolicyChangeDeletesNobodyWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	j := left(t, "2027-01-12 12:00").applies(loadPolicy(t, deleteRule, deleteSoon))
	j.wantAsks(plan.Delete)
	j.wantAttention(plan.AttentionPolicyChange)
	j.until("2027-03-31 12:00").wantDid()
	j.wantAsks(plan.Delete)
	j.approves(plan.Delete).wantDid("delete")
	j.wantState(plan.AccountDeleted)
}

func TestS15PolicyChangeLetsComingLinesComeByThemselves(t *testing.T) {
	t.Parallel()
	j := left(t, "2027-01-04 12:00").applies(loadPolicy(t, deleteRule, deleteSoon))
	j.wantAttention()
	j.until("2027-01-07 23:59").wantDid()
	j.until("2027-01-08 00:01").wantDid("delete")
}

func TestS15PolicyChangeTwiceIsNoAnswer(t *testing.T) {
	t.Parallel()
	j := left(t, "2027-01-12 12:00").applies(loadPolicy(t, deleteRule, deleteSoon))
	j.until("2027-01-13 12:00").applies(loadPolicy(t, deleteRule, strings.Replace(deleteSoon, "7d", "6d", 1)))
	j.wantAsks(plan.Delete)
	j.until("2027-03-31 12:00").wantDid()
}

func TestS15PolicyChangeTakenBackAsksNothing(t *testing.T) {
	t.Parallel()
	j := left(t, "2027-01-12 12:00").applies(loadPolicy(t, deleteRule, deleteSoon))
	j.wantAsks(plan.Delete)
	j.until("2027-01-13 12:00").applies(loadPolicy(t))
	j.wantAttention()
	j.until("2027-01-14 12:00").applies(loadPolicy(t, deleteRule, deleteSoon))
	j.wantAsks(plan.Delete)
	j.until("2027-01-15 12:00").applies(loadPolicy(t))
	j.until("2027-01-30 23:59").wantDid()
	j.until("2027-01-31 00:01").wantDid("delete")
}

func TestS15PolicyChangeSkippedStays(t *testing.T) {
	t.Parallel()
	j := left(t, "2027-01-12 12:00").applies(loadPolicy(t, deleteRule, deleteSoon))
	j.facts.Overrides.Skips = append(j.facts.Overrides.Skips, plan.KeyOverride{By: by(j), Key: j.line("delete").Key})
	j.until("2027-03-31 12:00").wantDid()
	j.wantAttention()
	if got := j.line("delete").State; got != plan.Skipped {
		t.Errorf("a skipped delete is %s", got)
	}
}

func TestS15PolicyChangeWantsAnAnswerOfItsOwn(t *testing.T) {
	t.Parallel()
	j := left(t, "2027-01-12 12:00")
	j.facts.Overrides.Approved = append(j.facts.Overrides.Approved, plan.KeyOverride{By: by(j), Key: j.line("delete").Key})
	j.until("2027-01-12 13:00").applies(loadPolicy(t, deleteRule, deleteSoon))
	j.wantAsks(plan.Delete)
}

// A disable that a change made earlier asks; at the instant of the former rule it
// is done whatever was answered.
func TestS15PolicyChangeLeavesNoAccessOpen(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00").hears(leaving).until("2026-12-31 15:00")
	j.did()
	j.applies(loadPolicy(t, disableRule, `disable: {on: lastDayOfWork, at: "12:00"}`))
	j.wantAsks(plan.Cut)
	j.wantAttention(plan.AttentionPolicyChange)
	j.until("2026-12-31 16:00").applies(loadPolicy(t, disableRule, `disable: {on: lastDayOfWork, at: "11:00"}`))
	j.wantAsks(plan.Cut)
	j.until("2026-12-31 23:59").wantState(plan.AccountEnabled)
	j.until("2027-01-01 00:00").wantState(plan.AccountDisabled)
	j.wantAttention()
}

func TestS15PolicyChangeDoesNotAskAboutWhatWasDueBefore(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00").hears(leaving)
	j.fail[plan.Cut] = false
	j.until("2027-01-01 09:30").wantState(plan.AccountEnabled)
	j.applies(loadPolicy(t, disableRule, `disable: {on: lastDayOfWork, at: "12:00"}`))
	delete(j.fail, plan.Cut)
	j.until("2027-01-01 12:00").wantState(plan.AccountDisabled)
}

func TestS15PolicyChangeDoesNotAskAboutWhatHRSaysLater(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00").hears("start=2026-12-01 status=active kind=employee dept=Sales title=Clerk manager=7")
	j.applies(loadPolicy(t, disableRule, `disable: {on: lastDayOfWork, at: "12:00"}`))
	j.until("2027-01-05 12:00")
	j.fail[plan.Cut] = false
	j.hears("start=2026-12-01 last=2026-12-15 status=terminated kind=employee dept=Sales title=Clerk manager=7")
	j.until("2027-01-05 12:10").applies(loadPolicy(t, disableRule, `disable: {on: lastDayOfWork, at: "11:00"}`))
	j.wantState(plan.AccountEnabled)
	delete(j.fail, plan.Cut)
	j.until("2027-01-05 14:00")
	j.wantState(plan.AccountDisabled)
}

// A disable that a change moved into the future would enable whom it had disabled.
func TestS15PolicyChangeEnablesNobodyAgain(t *testing.T) {
	t.Parallel()
	j := left(t, "2027-01-03 12:00").applies(loadPolicy(t, disableRule, `disable: {on: lastDayOfWork, offset: 7d, at: "24:00"}`))
	j.wantAsks(plan.Enable)
	j.until("2027-01-20 12:00").wantState(plan.AccountDisabled)
	if slices.Contains(j.did(), "enable") {
		t.Error("a change of the policy enabled somebody who had left")
	}
}

func TestS15PolicyChangeOfScopeAsksBeforeItCreates(t *testing.T) {
	t.Parallel()
	const scoped = "    mode: enforce\n    scope: 'employment.kind == \"employee\"'"
	narrow := loadPolicy(t, "    mode: enforce", scoped)
	j := newJourney(t, "2026-12-10 12:00")
	j.policy = narrow
	intern := strings.Replace(hire, "kind=employee", "kind=intern", 1)
	j.hears(intern)
	j.wantState(plan.AccountUnknown)
	j.until("2026-12-11 12:00").applies(loadPolicy(t))
	j.wantAsks(plan.Create)
	j.until("2026-12-30 12:00").wantState(plan.AccountUnknown)
	j.approves(plan.Create).wantState(plan.AccountEnabled)

	later := newJourney(t, "2026-12-10 12:00")
	later.policy = narrow
	later.applies(loadPolicy(t))
	later.until("2026-12-12 12:00").hears(intern).wantState(plan.AccountEnabled)
}

// What is due is a matter of the journey's clock, not of that of the policy.
func TestS15PolicyChangeCountsByTheClockOfTheJourney(t *testing.T) {
	t.Parallel()
	j := left(t, "2027-01-12 12:00").applies(loadPolicy(t, deleteRule, deleteSoon))
	early := left(t, "2027-01-12 12:00")
	early.forms = slices.Clone(j.forms)
	early.forms[1].Since = at(t, "2026-12-22 12:00")
	early.policy = j.policy
	early.run().wantAsks(plan.Delete)
	early.until("2027-03-01 12:00").wantDid()
}

func TestS15PolicyChangeAfterAVersionThatCannotBeLoaded(t *testing.T) {
	t.Parallel()
	j := left(t, "2027-01-12 12:00")
	j.forms = []plan.Form{{Version: 1}}
	j.until("2027-01-12 13:00")
	j.forms = append(j.forms, plan.Form{Policy: loadPolicy(t, deleteRule, deleteSoon), Version: 2, Since: j.now})
	j.policy = j.forms[1].Policy
	j.run().wantAsks(plan.Delete)
}

// A removed target keeps the memory of its account: what comes back goes on
// where it was, and no key is used twice.
func TestS15PolicyChangeRemovesATargetAndBringsItBack(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00").hears("start=2026-12-01 status=active kind=employee dept=Sales title=Clerk manager=7")
	before := j.account(entra)
	without := *j.policy
	without.Targets, without.Workflows = nil, nil
	had := j.policy
	j.did()
	j.until("2026-12-21 12:00").applies(&without).wantDid()
	j.until("2026-12-22 12:00").applies(had).wantDid()
	if got := j.account(entra); got.ID != before.ID || got.Operations != before.Operations || got.State != before.State {
		t.Errorf("account = %+v, want it as it was: %+v", got, before)
	}
	j.hears(leaving).until("2027-01-01 12:00").wantState(plan.AccountDisabled)
	seen := map[string]bool{}
	for _, done := range j.facts.Done {
		if seen[done.Key] {
			t.Errorf("the key %s was used twice", done.Key)
		}
		seen[done.Key] = true
	}
}

// A trigger that goes and comes back goes on counting the generations of its date.
func TestS15PolicyChangeKeepsTheGenerationsOfAnAnchor(t *testing.T) {
	t.Parallel()
	const anniversary = "      - sendEmailOnLastDay: {to: manager}\n  - name: Contract ends\n    category: leaver\n    scope: 'employment.kind == \"employee\"'\n    trigger: {on: contractEndDate, offset: -30d, at: \"09:00\"}\n    tasks:\n      - sendEmailBeforeLastDay: {to: manager}"
	const field = "      employment.lastDayOfWork"
	with := loadPolicy(t, "      - sendEmailOnLastDay: {to: manager}", anniversary, field, "      employment.contractEndDate: {from: ContractEnd, optional: true}\n"+field)
	const base = "start=2026-12-01 status=active kind=employee dept=Sales title=Clerk manager=7"
	j := active(t, "2026-12-20 12:00")
	j.policy = with
	j.hears(base + " employment.contractEndDate=2027-06-30")
	j.until("2026-12-21 12:00").hears(base)
	j.until("2026-12-22 12:00").hears(base + " employment.contractEndDate=2027-08-31")
	want := j.line("sendEmailBeforeLastDay").Generation
	j.until("2026-12-23 12:00").applies(loadPolicy(t))
	j.until("2026-12-24 12:00").applies(with)
	if got := j.line("sendEmailBeforeLastDay").Generation; got != want || want < 2 {
		t.Errorf("generation = %d, want %d as before the policy went without the trigger", got, want)
	}
}

func TestS15PolicyChangeAppliesToUnchangedFormsNothing(t *testing.T) {
	t.Parallel()
	old, same := loadPolicy(t), loadPolicy(t, "name: Welcome", "name: Warm welcome")
	now := at(t, "2026-12-01 00:00")
	instants, activated := lifecycle.Activate(old, nil, same, now)
	if !slices.Equal(activated, []string{"Warm welcome"}) || len(instants) != 1 || !instants["Warm welcome"].Equal(now) {
		t.Errorf("activated %v at %v, want the renamed workflow alone", activated, instants)
	}
	_, activated = lifecycle.Activate(old, nil, loadPolicy(t, deleteRule, deleteSoon), now)
	if !slices.Equal(activated, []string{"account:entra/delete"}) {
		t.Errorf("activated %v, want the delete line alone", activated)
	}
	if lifecycle.AccountForm(old) != lifecycle.AccountForm(same) {
		t.Error("a renamed workflow changed the form of account lines")
	}
	if lifecycle.AccountForm(old) == lifecycle.AccountForm(loadPolicy(t, disableRule, `disable: {on: lastDayOfWork, at: "12:00"}`)) {
		t.Error("another time of the disable is no other form")
	}
}

// compares plans for the journey with its policy and as if another one were
// applied now.
func (j *journey) compares(policy *lifecycle.Policy) []string {
	after := j.input()
	after.Policy = policy
	after.Forms = []plan.Form{{Policy: j.policy, Version: 1}, {Policy: policy, Version: 2, Since: j.now}}
	after.Activations, _ = lifecycle.Activate(j.policy, j.activations, policy, j.now)
	var out []string
	for _, d := range plan.Compare(j.input(), after) {
		words := fmt.Sprintf("%s %s %s", d.Change, d.Line.Workflow, d.Line.Task)
		if !d.OldDue.IsZero() {
			words += d.OldDue.Format(" 01-02")
		}
		if !d.NewDue.IsZero() {
			words += d.NewDue.Format(" -> 01-02")
		}
		if d.Asks {
			words += ", asks"
		}
		out = append(out, words)
	}
	return out
}

func TestS15PolicyChangeIsCompared(t *testing.T) {
	t.Parallel()
	const lastDay = "      - sendEmailOnLastDay: {to: manager}"
	soon := loadPolicy(t, deleteRule, deleteSoon)
	for name, tt := range map[string]struct {
		now    string
		policy *lifecycle.Policy
		want   []string
	}{
		"the same":             {"2026-12-22 12:00", loadPolicy(t), nil},
		"due at once":          {"2027-01-12 12:00", soon, []string{"newly due account:entra delete 01-30 -> 01-07, asks"}},
		"moved":                {"2026-12-22 12:00", soon, []string{"moved account:entra delete 01-30 -> 01-07"}},
		"what is past is past": {"2027-01-12 12:00", loadPolicy(t, lastDay, lastDay+"\n      - runCustomTaskExtension: {extension: badge-office}"), nil},
		"added and moved": {
			"2026-12-22 12:00",
			loadPolicy(t, lastDay, lastDay+"\n      - runCustomTaskExtension: {extension: badge-office}", `trigger: {on: lastDayOfWork, offset: -7d, at: "09:00"}`, `trigger: {on: lastDayOfWork, offset: -5d, at: "09:00"}`),
			[]string{"moved Last day is near sendEmailBeforeLastDay 12-24 -> 12-26", "added Last day runCustomTaskExtension -> 12-31"},
		},
		"dropped and renamed": {
			"2026-12-22 12:00", loadPolicy(t, "  - name: Last day is near", "  - name: Soon gone"),
			[]string{"dropped Last day is near sendEmailBeforeLastDay 12-24", "added Soon gone sendEmailBeforeLastDay -> 12-24"},
		},
	} {
		j := active(t, "2026-12-20 12:00").hears(leaving).until(tt.now)
		if got := j.compares(tt.policy); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

// Lines of one verb are told apart by their place: a leave of absence disables
// and enables before the last day does.
func TestS15PolicyChangeComparesEachDisable(t *testing.T) {
	t.Parallel()
	rehire := "      delete:  {on: terminationDate, offset: 30d, minimum: 14d}"
	j := active(t, "2026-12-20 12:00")
	j.policy = loadPolicy(t, rehire, "      leave: disable\n"+rehire)
	j.hears("start=2026-12-01 last=2027-06-30 status=active kind=employee dept=Sales title=Clerk manager=7 leave=2027-02-01 back=2027-03-01")
	got := j.compares(loadPolicy(t, rehire, "      leave: disable\n"+rehire, disableRule, `disable: {on: lastDayOfWork, at: "12:00"}`))
	if want := []string{"moved account:entra disable 06-30 -> 06-30"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	got = j.compares(loadPolicy(t))
	want := []string{"dropped account:entra enable 02-28", "dropped account:entra disable 01-31"}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("without the leave: got %q, want %q", got, want)
	}
}

// A target that is enforced from now on is what S14 decides, not a question of
// each person; the preview shows it.
func TestS15PolicyChangeOfAModeIsShownAndAsksNobody(t *testing.T) {
	t.Parallel()
	const enforced, observed = "    mode: enforce", "    mode: observe"
	j := newJourney(t, "2026-11-25 12:00")
	j.policy = loadPolicy(t, enforced, observed)
	j.hears(hire).wantState(plan.AccountUnknown)
	if got := j.compares(loadPolicy(t)); !slices.Contains(got, "newly due account:entra create -> 11-17") {
		t.Errorf("the preview of enforce: got %q, want the create", got)
	}
	j.applies(loadPolicy(t, enforced, observed, deleteRule, deleteSoon))
	j.until("2026-11-26 12:00").applies(loadPolicy(t, deleteRule, deleteSoon))
	j.wantState(plan.AccountDisabled)
	j.wantAttention()
}
