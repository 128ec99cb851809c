package plan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/internal/plan"
	"tenure/workflows/contract"
)

func TestRunNowGoesOutOfTurn(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears(hire)
	j.facts.Overrides.RunNow = []plan.KeyOverride{{By: by(j), Key: "Prepare a new hire/s1/1/sendOnboardingReminderEmail"}}
	j.run().wantDid("sendOnboardingReminderEmail")
	j.until("2026-12-02 12:00")
	if got := j.did(); slices.Contains(got, "sendOnboardingReminderEmail") {
		t.Errorf("a task run by hand was done twice: %v", got)
	}
}

func TestRunNowOfCreateAndDisable(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears(hire)
	j.facts.Overrides.RunNow = []plan.KeyOverride{{By: by(j), Key: j.line("create").Key}}
	j.run().wantDid("create")
	j.facts.Overrides.RunNow = nil
	j.until("2026-12-20 12:00").did()
	j.hears(leaving)
	j.facts.Overrides.RunNow = []plan.KeyOverride{{By: by(j), Key: j.line("disable").Key}}
	j.run().wantDid("disable")
	j.facts.Overrides.RunNow = nil // used up
	j.until("2026-12-23 12:00").wantState(plan.AccountDisabled)
	// A leave that is taken back gives access back.
	j.hears(hire)
	j.wantState(plan.AccountEnabled)
}

func TestRunNowOfCreateForExistingStaff(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00")
	j.found = plan.AccountUnknown
	j.hears(staff)
	j.facts.Overrides.RunNow = []plan.KeyOverride{{By: by(j), Key: "account:entra/s1/0/create"}}
	j.run().wantDid("create")
	j.wantState(plan.AccountEnabled)
}

// TestS19_PostponedDisableIsTold: anybody who may postpone, a signal too, can
// keep access open for two weeks, but not in silence.
func TestS19_PostponedDisableIsTold(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 last=2026-12-31 status=active kind=employee dept=Sales title=Clerk manager=7")
	key := j.line("disable").Key
	j.facts.Overrides.Postponed = []plan.Postponed{{By: by(j), Key: key, To: at(t, "2027-01-10 09:00")}}
	j.until("2026-12-31 12:00").wantAttention()
	j.until("2027-01-02 12:00").wantState(plan.AccountEnabled)
	if !slices.Contains(j.attention(), plan.AttentionDisablePostponed) {
		t.Errorf("attention = %v, want disable-postponed", j.attention())
	}
	j.until("2027-01-10 12:00").wantState(plan.AccountDisabled)
	if slices.Contains(j.attention(), plan.AttentionDisablePostponed) {
		t.Errorf("attention = %v after the disable", j.attention())
	}
}

func TestPostpone(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears(hire)
	j.facts.Overrides.Postponed = []plan.Postponed{
		{By: by(j), Key: "Prepare a new hire/s1/1", To: at(t, "2026-11-26 10:00")},
		{By: by(j), Key: j.line("create").Key, To: at(t, "2026-11-20 10:00")},
	}
	j.until("2026-11-20 09:00").wantDid()
	j.until("2026-11-20 10:00").wantDid("create")
	j.until("2026-11-26 09:00").wantDid()
	j.until("2026-11-26 10:00").wantDid("addUserToGroups", "addUserToGroups#2", "assignLicensesToUser", "sendOnboardingReminderEmail", "generateTemporaryAccessPass")
}

func TestSkip(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears(hire)
	j.facts.Overrides.Skips = []plan.KeyOverride{{By: by(j), Key: "Prepare a new hire/s1/1"}}
	j.until("2026-12-02 12:00").wantDid("create", "enable", "sendWelcomeEmail")
	j.hears("start=2026-12-01 last=2026-12-31 status=active kind=employee dept=Sales title=Clerk manager=7")
	j.facts.Overrides.Skips = append(j.facts.Overrides.Skips, plan.KeyOverride{By: by(j), Key: j.line("disable").Key})
	j.until("2027-01-01 12:00").wantState(plan.AccountEnabled)
	j.wantAttention(plan.AttentionDisableSkipped)
}

// TestS5_ADisableIsPostponedForTwoWeeks: not for longer, however often, and who
// has lost access does not get it back by it.
func TestS5_ADisableIsPostponedForTwoWeeks(t *testing.T) {
	t.Parallel()
	leave := func() *journey {
		j := active(t, "2026-12-20 12:00")
		return j.hears("start=2026-12-01 last=2026-12-31 status=active kind=employee dept=Sales title=Clerk manager=7")
	}
	postpone := func(j *journey, to string) {
		j.facts.Overrides.Postponed = []plan.Postponed{{By: by(j), Key: j.line("disable").Key, To: at(t, to)}}
		j.run()
	}
	j := leave()
	postpone(j, "2027-03-01 12:00")
	j.until("2027-01-14 12:00").wantState(plan.AccountEnabled)
	postpone(j, "2027-04-01 12:00")
	j.until("2027-01-15 12:00").wantState(plan.AccountDisabled)

	k := leave().until("2027-01-01 12:00")
	k.wantState(plan.AccountDisabled)
	k.facts.Overrides.Postponed = []plan.Postponed{{By: by(k), Key: "account:entra/s1/9/disable", To: at(t, "2027-01-05 12:00")}}
	k.run().wantState(plan.AccountDisabled)
	k.until("2027-01-10 12:00").wantState(plan.AccountDisabled)
}

func TestHoldAndRelease(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears(hire)
	j.holds(plan.HoldHRError)
	j.until("2026-12-02 12:00").wantDid()
	j.holds()
	j.run().wantDid("create", "addUserToGroups", "addUserToGroups#2", "assignLicensesToUser", "sendWelcomeEmail", "sendOnboardingReminderEmail")
}

func TestDemand(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.policy = loadPolicy(t, "extensions:", "  - name: Badge again\n    category: mover\n    trigger: {demand: {roles: [operator]}}\n    tasks:\n      - runCustomTaskExtension: {extension: badge-office}\n\nextensions:")
	j.policy.Workflows[len(j.policy.Workflows)-1].Trigger.Demand.Approvals = 1
	demand := plan.Demand{By: by(j), Workflow: "Badge again", Stay: "s1"}
	j.facts.Overrides.Demands = []plan.Demand{demand}
	j.run().wantDid()
	j.wantAttention(plan.AttentionApproval)
	key, err := plan.ParseKey(j.line("runCustomTaskExtension").Key)
	if err != nil || key.Demand != demand.ID || key.Generation != 1 {
		t.Fatalf("key of an on-demand task: got %+v, %v", key, err)
	}
	approved := plan.KeyOverride{By: by(j), Key: key.Run()}
	j.facts.Overrides.Approved = []plan.KeyOverride{approved}
	j.run().wantDid() // nobody approves what they asked for
	// Nor under another spelling or another proof of the same name (S19).
	for _, name := range []string{strings.ToUpper(approved.Actor), " " + approved.Actor + " ", contract.IssuerPrefix + approved.Actor} {
		same := approved
		same.Actor = name
		j.facts.Overrides.Approved = append(j.facts.Overrides.Approved, same)
		j.run().wantDid()
	}
	// To run it now is no approval either.
	for _, now := range []string{key.Run(), j.line("runCustomTaskExtension").Key} {
		j.facts.Overrides.RunNow = []plan.KeyOverride{{By: by(j), Key: now}}
		j.run().wantDid()
		j.wantAttention(plan.AttentionApproval)
	}
	approved.Actor = "approver"
	j.facts.Overrides.Approved = append(j.facts.Overrides.Approved, approved)
	j.run().wantDid("runCustomTaskExtension")
	// The place in the list does not matter: it is done.
	j.facts.Overrides.Demands = []plan.Demand{{By: plan.By{ID: "other", Actor: "x", At: j.now}, Workflow: "Badge again", Stay: "s1"}, demand}
	j.run().wantDid()
}

func TestManagerIsLookedForAgain(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	a := j.account(entra)
	a.WaitingFor, a.WaitingUntil = "employeeId:7", at(t, "2026-12-20 18:00")
	j.put(a)
	j.until("2026-12-20 17:00").wantDid()
	j.now = at(t, "2026-12-20 18:00")
	if due := j.result().Due; len(due) != 1 || due[0].Tasks[0].Verb != plan.Update {
		t.Errorf("when the manager is looked for again: got %+v, want an update", due)
	}
}

func TestKeysReadBack(t *testing.T) {
	t.Parallel()
	for _, key := range []plan.Key{
		{Workflow: "a/b %", Stay: "E/1", Generation: 3, Task: "t#2"},
		{Workflow: "a\x01", Stay: "", Generation: 0, Task: "50%2F"},
		{Workflow: "w", Stay: "s", Generation: 1, Demand: "o:1/2", Task: "t"},
	} {
		got, err := plan.ParseKey(key.String())
		if err != nil || got != key {
			t.Errorf("%q: got %+v, %v, want %+v", key.String(), got, err, key)
		}
	}
	for _, bad := range []string{"", "a/b", "a/b/x/t", "a/b/1/t/u", "a/b/1/%4", "a/b/1/%zz"} {
		if _, err := plan.ParseKey(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
	if got, want := plan.TaskKey("Last day", "s1", 1, "x"), "Last day/s1/1/x"; got != want {
		t.Errorf("TaskKey: got %q, want %q", got, want)
	}
}

func TestAccountDisabledBySomebodyElseIsNotEnabledAgainUnasked(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	a := j.account(entra)
	a.State, a.DisabledAt, a.DisabledFor = plan.AccountDisabled, j.now.Add(-240*time.Hour), ""
	j.put(a)
	j.run().wantState(plan.AccountDisabled)
	j.wantAttention(plan.AttentionDisabledElsewhere)
	j.facts.Overrides.Approved = []plan.KeyOverride{{By: by(j), Key: j.line("enable").Key}}
	j.run().wantState(plan.AccountEnabled)
}

// An account that was made disabled for a start ahead is not one that somebody
// else disabled, once HR says that the start was earlier.
func TestStartMovedBackPastTheMakingOfTheAccountEnables(t *testing.T) {
	t.Parallel()
	words := "status=active kind=employee dept=Sales title=Clerk manager=7"
	j := newJourney(t, "2026-11-12 09:00").hears("start=2026-11-20 " + words).run()
	j.wantState(plan.AccountDisabled)
	j.now = j.now.Add(time.Hour)
	j.hears("start=2026-11-03 " + words).run().wantState(plan.AccountEnabled)
	a := j.account(entra)
	a.State = plan.AccountDisabled
	j.put(a)
	j.run().wantState(plan.AccountDisabled)
	j.wantAttention(plan.AttentionDisabledElsewhere, plan.AttentionLate)
}

// Somebody disabled the account, HR stated a leave and took it back: the first
// had a reason that the second says nothing of.
func TestS4_TakingALeaveBackEnablesNobodyWhomSomebodyElseDisabled(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	a := j.account(entra)
	a.State, a.DisabledAt, a.DisabledFor, a.FoundDisabled = plan.AccountDisabled, j.now.Add(-time.Hour), "s1", true
	j.put(a)
	j.run().wantState(plan.AccountDisabled)
	j.wantAttention(plan.AttentionDisabledElsewhere)
	j.facts.Overrides.Approved = []plan.KeyOverride{{By: by(j), Key: j.line("enable").Key}}
	j.run().wantState(plan.AccountEnabled)
}

func TestParkingOfAnEarlierOperationIsForgottenOnceTheLineWasDone(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.facts.Parked = []plan.Parked{{Key: "account:entra/s1/0/enable", Code: "denied", Since: at(t, "2026-11-30 23:00"), Attempts: 1}}
	a := j.account(entra)
	a.State, a.DisabledAt, a.DisabledFor = plan.AccountDisabled, j.now, "s1"
	j.put(a)
	j.run().wantState(plan.AccountEnabled)
}
