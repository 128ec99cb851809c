package plan_test

import (
	"slices"
	"testing"
	"time"

	"tenure/internal/person"
	"tenure/internal/plan"
)

const (
	staff = "start=2020-03-01 status=active kind=employee dept=Sales title=Clerk"
	hire  = "start=2026-12-01 status=active kind=employee dept=Sales title=Clerk manager=7"
)

func TestS1_ExistingStaffIsNotTouched(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00").hears(staff)
	j.until("2027-11-20 12:00").wantDid("link") // which writes nothing (S14)
	for _, line := range j.lines() {
		if line.Verb != plan.Link && line.State != plan.BeforeBaseline {
			t.Errorf("line of existing staff: got %s, want before baseline", plan.Explain(line))
		}
	}
	if j.line("create").Key != "account:entra/s1/0/create" {
		t.Errorf("create line: got %+v", j.line("create"))
	}
	j.wantAttention()
}

func TestS1_ExistingStaffWhoChangesIsUpdatedAndWhoLeavesIsDisabled(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00").hears(staff)
	j.until("2026-12-01 12:00").hears("start=2020-03-01 status=active kind=employee dept=Sales title=Lead")
	j.wantDid("link", "update")
	j.until("2026-12-02 12:00").wantDid("addUserToGroups", "runCustomTaskExtension", "sendManagerMoveNotification")
	j.hears("start=2020-03-01 last=2026-12-31 status=active kind=employee dept=Sales title=Lead")
	j.until("2027-03-01 12:00").wantDid("sendEmailBeforeLastDay", "revokeAllRefreshTokens", "removeUserFromAllGroups",
		"removeAllLicenseAssignments", "disable", "sendEmailOnLastDay", "delete")
}

func TestS1_LateFactsRunForFourteenDaysThenAsk(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-12-05 12:00").hears(hire) // due 24 November, eleven days ago
	j.wantDid("create", "addUserToGroups", "addUserToGroups#2", "assignLicensesToUser", "sendOnboardingReminderEmail")
	j.wantState(plan.AccountEnabled)

	j = newJourney(t, "2026-12-20 12:00").hears(hire)
	j.wantDid("create") // account lines always converge
	j.wantAttention(plan.AttentionLate)
	if got := j.line("addUserToGroups").State; got != plan.Asks {
		t.Errorf("late line: got %s, want asks", got)
	}
	run := "Prepare a new hire/s1/1"
	j.facts.Overrides.Approved = []plan.KeyOverride{{By: by(j), Key: run}}
	j.run().wantDid("addUserToGroups", "addUserToGroups#2", "assignLicensesToUser", "sendOnboardingReminderEmail")
}

func TestS1_LateSkip(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-12-20 12:00").hears(hire)
	if got := j.line("sendWelcomeEmail").State; got != plan.SkippedLate {
		t.Errorf("welcome nineteen days late: got %s, want skipped late", got)
	}
}

func TestS1_NewWorkflowHasItsOwnBaseline(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-12-05 12:00")
	j.activations = map[string]time.Time{"Prepare a new hire": at(t, "2026-12-03 00:00"), "Welcome": at(t, "2026-11-01 00:00")}
	j.hears(hire).wantDid("create")
	if got := j.line("addUserToGroups").State; got != plan.BeforeBaseline {
		t.Errorf("line before the activation: got %s, want before baseline", got)
	}
	j.facts.Overrides.RunNow = []plan.KeyOverride{{By: by(j), Key: "Prepare a new hire/s1/1/addUserToGroups"}}
	j.run().wantDid("addUserToGroups")
}

func TestS1_WorkflowActivatedAtTheFeedsBaselinePreparesThoseWhoStartJustAfter(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-01 12:00")
	j.activations = map[string]time.Time{"Prepare a new hire": at(t, "2026-11-01 00:00")}
	j.hears("start=2026-11-03 status=active kind=employee dept=Sales title=Clerk").
		wantDid("create", "addUserToGroups", "addUserToGroups#2", "assignLicensesToUser", "sendOnboardingReminderEmail", "generateTemporaryAccessPass")
}

func TestS2_TerminatedPast(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 last=2026-12-10 status=terminated kind=employee dept=Sales title=Clerk manager=7")
	j.wantDid("revokeAllRefreshTokens", "removeUserFromAllGroups", "removeAllLicenseAssignments", "disable", "sendEmailOnLastDay")
	j.wantState(plan.AccountDisabled)
	j.wantPhase(person.PhaseLeft)
	want := at(t, "2027-01-19 12:00") // thirty days from the detection
	if got := j.line("delete"); got.Due.Before(want) {
		t.Errorf("delete: got %s, want not before %s", plan.Explain(got), want)
	}
}

func TestS2_TerminatedPastWithoutAnAccountGetsNone(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-12-20 12:00").hears("start=2026-12-01 last=2026-12-10 status=terminated kind=employee dept=Sales title=Clerk")
	for _, task := range j.did() {
		if task == "create" || task == "enable" || task == "addUserToGroups" || task == "generateTemporaryAccessPass" {
			t.Errorf("terminated person got %s", task)
		}
	}
	j.wantState(plan.AccountNone)
}

func TestS2_TerminatedWithoutDate(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 status=terminated kind=employee dept=Sales title=Clerk manager=7")
	j.wantState(plan.AccountEnabled)
	j.until("2026-12-21 00:00").wantState(plan.AccountDisabled)
	j.until("2027-01-20 12:00").wantState(plan.AccountDeleted)
}

func TestS2_TerminatedWithoutDateAsksForExistingStaff(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-12-20 12:00").hears("start=2020-03-01 status=terminated kind=employee dept=Sales title=Clerk")
	j.until("2026-12-22 12:00").wantDid("link")
	if got := j.attention(); !slices.Contains(got, plan.AttentionTerminatedNoDate) {
		t.Errorf("attention: got %v, want %s", got, plan.AttentionTerminatedNoDate)
	}
	cut := j.line("disable")
	if cut.State != plan.Asks {
		t.Fatalf("disable: got %s, want asks", plan.Explain(cut))
	}
	j.facts.Overrides.Approved = []plan.KeyOverride{{By: by(j), Key: cut.Key}}
	j.run().wantDid("disable")
}

func TestS2_TerminatedFuture(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 last=2026-12-31 status=terminated kind=employee dept=Sales title=Clerk manager=7")
	j.wantState(plan.AccountEnabled)
	j.wantAttention(plan.AttentionTerminatedAhead)
	j.until("2027-01-01 00:00").wantState(plan.AccountDisabled)
}

func TestS2_TerminatedBeforeTheStart(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00").hears("start=2026-12-01 last=2026-11-15 status=terminated kind=employee dept=Sales title=Clerk")
	j.wantPhase(person.PhasePreHire)
	j.wantAttention(plan.AttentionTerminatedPreHire)
	j.wantState(plan.AccountDisabled)
	j.until("2026-12-02 12:00").wantState(plan.AccountDisabled) // never enabled: the leave lies before the start
	j.wantPhase(person.PhaseLeft)
}

func TestS2_ActiveWithPastDateUnchangedForADay(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 last=2026-12-31 status=active kind=employee dept=Sales title=Clerk manager=7")
	j.until("2027-01-01 12:00").wantState(plan.AccountDisabled)
	j.wantAttention()
	j.until("2027-01-02 12:00").wantState(plan.AccountDisabled)
	j.wantAttention(plan.AttentionActiveAfterLeave)
}

func TestS2_ActiveWithDateOfBeforeTheBaselineAtFirstSight(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00").hears("start=2015-03-01 last=2019-12-31 status=active kind=employee dept=Sales title=Clerk")
	j.until("2027-01-20 12:00").wantDid("link")
	j.wantPhase(person.PhaseActive)
	j.wantAttention(plan.AttentionActiveAfterLeave)
}

func TestS2_ActiveNewlySetToAPastDate(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 last=2026-12-15 status=active kind=employee dept=Sales title=Clerk manager=7")
	j.wantState(plan.AccountDisabled)
	j.until("2026-12-22 12:00").wantState(plan.AccountDisabled)
	j.wantAttention(plan.AttentionActiveAfterLeave)
}

func TestS2_UnknownStatusChangesNothing(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 last=2026-12-15 status=gone kind=employee dept=Sales title=Clerk manager=7")
	j.until("2027-03-01 12:00").wantDid()
	j.wantPhase(person.PhaseUnknown)
	j.wantAttention(plan.AttentionStatusUnknown)
}

func TestS3_ConversionInsideAStayIsNoLeaver(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 last=2026-12-31 status=active kind=contingent dept=Sales title=Clerk manager=7")
	j.until("2026-12-29 12:00").did()
	j.hears("start=2026-12-01 last=2026-12-31 status=active kind=contingent dept=Sales title=Clerk manager=7")
	j.until("2026-12-31 12:00")
	record := record(t, "start=2027-01-01 status=active kind=employee dept=Sales title=Lead manager=7")
	j.merge(record)
	j.run().until("2027-02-01 12:00")
	if got := j.did(); slices.Contains(got, "disable") {
		t.Errorf("a conversion disabled the account: %v", got)
	}
	j.wantState(plan.AccountEnabled)
	if got := len(j.facts.Memory.Stays); got != 1 {
		t.Errorf("stays: got %d, want 1", got)
	}
}

func TestS3_RehireIsANewStayAndCancelsTheDelete(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 last=2026-12-31 status=terminated kind=employee dept=Sales title=Clerk manager=7")
	j.until("2027-01-10 12:00").did()
	j.hears("start=2027-03-01 status=active kind=employee dept=Engineering title=Dev manager=8")
	j.wantPhase(person.PhasePreHire)
	j.until("2027-02-25 12:00").wantState(plan.AccountDisabled)
	j.wantDid("addUserToGroups", "addUserToGroups#3", "assignLicensesToUser", "sendOnboardingReminderEmail", "generateTemporaryAccessPass")
	j.until("2027-03-01 09:00").wantState(plan.AccountEnabled)
	j.wantDid("update", "enable", "sendWelcomeEmail")
	if got := j.facts.Memory.Changes; len(got) != 0 {
		t.Errorf("a rehire made a change across stays: %+v", got)
	}
}

func TestS3_RehireAfterTheDelete(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 last=2026-12-31 status=terminated kind=employee dept=Sales title=Clerk manager=7")
	j.until("2027-02-10 12:00").wantState(plan.AccountDeleted)
	j.did()
	j.hears("start=2027-03-01 status=active kind=employee dept=Engineering title=Dev manager=8")
	j.until("2027-02-20 12:00").wantDid("create")
	j.until("2027-03-01 09:00").wantState(plan.AccountEnabled)
}

func TestS3_RehireNewAndAsk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, wantState, wantTask string }{{"new", "disabled", "create"}, {"ask", "disabled", ""}} {
		j := active(t, "2026-12-20 12:00")
		j.policy = loadPolicy(t, "      enable:  {on: startDate, at: \"00:00\"}", "      enable:  {on: startDate, at: \"00:00\"}\n      rehire: "+c.rule)
		j.hears("start=2026-12-01 last=2026-12-31 status=terminated kind=employee dept=Sales title=Clerk manager=7")
		j.until("2027-01-10 12:00").did()
		j.hears("start=2027-02-01 status=active kind=employee dept=Engineering title=Dev manager=8")
		j.until("2027-01-19 12:00")
		if got := j.did(); c.wantTask != "" && !slices.Equal(got, []string{c.wantTask}) {
			t.Errorf("rehire %s: got %v, want %s", c.rule, got, c.wantTask)
		}
		j.until("2027-02-02 12:00")
		if c.rule == "new" {
			j.wantState(plan.AccountEnabled)
			continue
		}
		j.wantState(plan.AccountDisabled)
		line := j.line("enable")
		if line.State != plan.Asks || line.Code != plan.AttentionRehire {
			t.Fatalf("rehire ask: got %s", plan.Explain(line))
		}
		j.facts.Overrides.Approved = []plan.KeyOverride{{By: by(j), Key: line.Key}}
		j.run().wantState(plan.AccountEnabled)
	}
}

func TestS4_TerminateBlocksForGood(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	blocked := by(j)
	j.facts.Overrides.Blocked = &blocked
	result := j.result()
	if len(result.Due) != 1 || !result.Due[0].Urgent || result.Due[0].Activity != plan.ActivityCut {
		t.Fatalf("due after terminate: got %+v, want one urgent cut", result.Due)
	}
	j.holds(plan.HoldHRError) // no hold blocks terminate
	j.run().wantDid("disable")
	j.holds()
	j.wantAttention(plan.AttentionBlockedNoDate)
	j.hears("start=2026-12-01 status=active kind=employee dept=Engineering title=Clerk manager=7")
	j.until("2027-06-01 12:00").wantDid()
	j.hears("start=2026-12-01 last=2027-06-10 status=terminated kind=employee dept=Engineering title=Clerk manager=7")
	j.until("2027-06-12 12:00").did()
	j.hears("start=2027-09-01 status=active kind=employee dept=Engineering title=Clerk manager=7")
	j.until("2027-10-01 12:00").wantState(plan.AccountDisabled)
	for _, task := range j.did() {
		t.Errorf("blocked person got %s", task)
	}
}

func TestS4_SetDateHoldsUntilHRSaysTheSame(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 last=2026-12-31 status=active kind=employee dept=Sales title=Clerk manager=7")
	j.facts.Overrides.Dates = []plan.DateOverride{{By: by(j), Stay: "s1", On: plan.AnchorLastDay, Date: day(t, "2027-01-15"), HR: day(t, "2026-12-31")}}
	j.until("2027-01-05 12:00").wantState(plan.AccountEnabled)
	// Another HR date that is later raises attention and does not count.
	j.hears("start=2026-12-01 last=2027-01-31 status=active kind=employee dept=Sales title=Clerk manager=7")
	j.wantAttention(plan.AttentionDateDiffers)
	j.until("2027-01-16 00:00").wantState(plan.AccountDisabled)

	k := active(t, "2026-12-20 12:00")
	k.hears("start=2026-12-01 last=2026-12-31 status=active kind=employee dept=Sales title=Clerk manager=7")
	k.facts.Overrides.Dates = []plan.DateOverride{{By: by(k), Stay: "s1", On: plan.AnchorLastDay, Date: day(t, "2027-01-15"), HR: day(t, "2026-12-31")}}
	k.until("2027-01-05 12:00")
	// One that cuts access earlier always wins.
	k.hears("start=2026-12-01 last=2027-01-08 status=active kind=employee dept=Sales title=Clerk manager=7")
	k.until("2027-01-09 00:00").wantState(plan.AccountDisabled)
}

func TestS4_RescindNamesWhatItRescinds(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	leave := "start=2026-12-01 last=2026-12-31 status=terminated kind=employee dept=Sales title=Clerk manager=7"
	j.hears(leave)
	j.until("2027-01-02 12:00").did()
	j.facts.Overrides.Rescinded = []plan.Rescind{{By: by(j), Stay: "s1", What: plan.RescindTermination, Date: day(t, "2026-12-31")}}
	j.run().wantDid("enable", "restoreAccess")
	j.wantState(plan.AccountEnabled)
	j.hears(leave) // the same date again changes nothing
	j.until("2027-02-10 12:00").wantState(plan.AccountEnabled)
	j.did()
	// Another date stated later counts, and the leaver run is due again.
	j.hears("start=2026-12-01 last=2027-02-20 status=terminated kind=employee dept=Sales title=Clerk manager=7")
	j.until("2027-02-22 12:00").wantDid("sendEmailBeforeLastDay", "revokeAllRefreshTokens", "removeUserFromAllGroups", "removeAllLicenseAssignments", "disable", "sendEmailOnLastDay")
}

func TestS4_RescindedHire(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]func(j *journey){
		"by HR": func(j *journey) {
			j.hears("start=2026-12-01 status=rescinded kind=employee dept=Sales title=Clerk manager=7")
		},
		"by hand": func(j *journey) {
			j.facts.Overrides.Rescinded = []plan.Rescind{{By: by(j), Stay: "s1", What: plan.RescindHire, Date: day(j.t, "2026-12-01")}}
			j.run()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newJourney(t, "2026-11-20 12:00").hears(hire)
			j.until("2026-11-26 12:00").did()
			take(j)
			j.wantPhase(person.PhaseRescinded)
			if got := j.did(); !slices.Contains(got, "disable") || !slices.Contains(got, "removeUserFromAllGroups") || slices.Contains(got, "sendEmailOnLastDay") {
				t.Errorf("rescinded hire: got %v, want cut and groups removed, no goodbye", got)
			}
			j.until("2026-12-20 12:00").wantState(plan.AccountDisabled)
			j.until("2026-12-27 12:00").wantState(plan.AccountDeleted)
			j.wantDid("delete")
		})
	}
}

func TestS4_EnableAndDisableTasksSetAnOverride(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00")
	j.policy = loadPolicy(t, "      - sendWelcomeEmail: {to: person}", "      - sendWelcomeEmail: {to: person}\n\n  - name: Early access\n    category: joiner\n    trigger: {on: startDate, offset: -2d}\n    tasks:\n      - enableUserAccount: {}\n\n  - name: Early goodbye\n    category: leaver\n    trigger: {on: lastDayOfWork, offset: -1d, at: \"12:00\"}\n    tasks:\n      - disableUserAccount: {}")
	j.hears("start=2026-12-01 last=2027-03-31 status=active kind=employee dept=Sales title=Clerk manager=7")
	j.until("2026-11-28 12:00").wantState(plan.AccountDisabled)
	j.until("2026-11-29 12:00").wantState(plan.AccountEnabled)
	j.until("2027-03-30 11:00").wantState(plan.AccountEnabled)
	j.until("2027-03-30 12:00").wantState(plan.AccountDisabled)
	j.until("2027-04-20 12:00").wantState(plan.AccountDisabled)
}

func TestS4_LeaveOfAbsence(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.policy = loadPolicy(t, "      enable:  {on: startDate, at: \"00:00\"}", "      enable:  {on: startDate, at: \"00:00\"}\n      leave: disable")
	away := "start=2026-12-01 status=leave kind=employee dept=Sales title=Clerk manager=7 leave=2027-01-10 back="
	j.hears(away + "2027-02-01")
	j.until("2027-01-09 12:00").wantState(plan.AccountEnabled)
	j.until("2027-01-10 00:00").wantState(plan.AccountDisabled)
	j.wantPhase(person.PhaseLeave)
	j.until("2027-01-20 12:00").hears(away + "2027-03-01") // extended
	j.until("2027-02-20 12:00").wantState(plan.AccountDisabled)
	j.until("2027-03-01 00:00").wantState(plan.AccountEnabled)
	j.wantPhase(person.PhaseActive)
	j.did()
	j.hears(away + "2027-05-01 keeps=true")
	j.until("2027-04-01 12:00").wantState(plan.AccountEnabled)
}

func TestS4_TerminatedDuringLeaveOfAbsence(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.policy = loadPolicy(t, "      enable:  {on: startDate, at: \"00:00\"}", "      enable:  {on: startDate, at: \"00:00\"}\n      leave: disable")
	j.hears("start=2026-12-01 status=leave kind=employee dept=Sales title=Clerk manager=7 leave=2027-01-10 back=2027-06-01")
	j.until("2027-01-20 12:00").did()
	j.hears("start=2026-12-01 last=2027-01-31 status=terminated kind=employee dept=Sales title=Clerk manager=7 leave=2027-01-10 back=2027-06-01")
	j.until("2027-02-10 12:00").wantState(plan.AccountDisabled)
	j.until("2027-03-05 12:00").wantState(plan.AccountDeleted)
}

// active is a journey of a hire who has started, at an instant after it.
func active(t testing.TB, now string) *journey {
	t.Helper()
	j := newJourney(t, "2026-11-10 12:00").hears(hire)
	j.until(now).did()
	j.log = nil
	j.wantState(plan.AccountEnabled)
	return j
}

func TestS3_MovedStartOfSomebodyWhoWorksAsks(t *testing.T) {
	t.Parallel()
	moved := "start=2027-03-01 status=active kind=employee dept=Sales title=Clerk manager=7"
	// Shortly after the first day the interval decides (S4).
	j := active(t, "2026-12-02 12:00").hears(moved)
	j.wantState(plan.AccountDisabled)
	// Later it is rather a slip, and disabling would hurt.
	j = active(t, "2026-12-20 12:00").hears(moved)
	j.wantState(plan.AccountEnabled)
	j.wantAttention(plan.AttentionStartMoved)
	j.facts.Overrides.Approved = []plan.KeyOverride{{By: by(j), Key: j.line("disable").Key}}
	j.run().wantState(plan.AccountDisabled)
}

func TestS1_CorrectedStartDoesNotMakeExistingStaffAHire(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00").hears(staff)
	j.hears("start=2026-12-01 status=active kind=employee dept=Sales title=Clerk manager=7")
	j.wantAttention(plan.AttentionStartMoved)
	j.until("2026-11-25 12:00")
	if got := j.did(); slices.Contains(got, "create") {
		t.Errorf("a corrected start made an account for existing staff: %v", got)
	}
}

func TestNothingChangesWhereThePolicyHasNoFeedForThePerson(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00")
	policy := *loadPolicy(t)
	policy.Feeds = slices.Clone(policy.Feeds)
	policy.Feeds[0].Name = "renamed"
	j.policy = &policy
	j.hears(hire)
	j.until("2027-01-20 12:00").wantDid()
	j.wantAttention(plan.AttentionFeedUnknown)
}

func TestS3_StayThatHRTakesBackNeverWas(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00").hears(leaving)
	j.until("2027-01-10 12:00").hears("start=2027-01-11 status=active kind=employee dept=Sales title=Clerk manager=7 last=2027-02-20")
	j.until("2027-01-12 12:00")
	j.hears(hire) // the first stay goes on after all
	j.until("2027-06-01 12:00").wantState(plan.AccountEnabled)
	j.wantPhase(person.PhaseActive)
}
