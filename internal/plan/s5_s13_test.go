package plan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
)

const leaving = "start=2026-12-01 last=2026-12-31 status=active kind=employee dept=Sales title=Clerk manager=7"

func TestS5_DisableDoesNotWaitForAParkedRun(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.fail[plan.Verb(lifecycle.RevokeAllRefreshTokens)] = true
	j.fail[plan.Verb(lifecycle.SendEmailBeforeLastDay)] = true
	j.hears(leaving)
	j.until("2027-01-01 00:00").wantState(plan.AccountDisabled)
	j.wantAttention(plan.AttentionParked)
}

func TestS5_OrderAtOneInstant(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00")
	j.policy = loadPolicy(t, `trigger: {on: startDate, offset: -7d, at: "09:00"}`, `trigger: {on: startDate, at: "00:00"}`)
	j.hears("start=2026-12-01 last=2026-12-31 status=active kind=employee dept=Sales title=Clerk manager=7")
	var order []string
	for _, line := range j.lines() {
		if line.Due.Equal(at(t, "2026-12-01 00:00")) || line.Due.Equal(at(t, "2027-01-01 00:00")) {
			order = append(order, line.Task)
		}
	}
	want := []string{
		"enable", "addUserToGroups", "addUserToGroups#2", "addUserToGroups#3", "assignLicensesToUser",
		"sendOnboardingReminderEmail", "generateTemporaryAccessPass",
		"revokeAllRefreshTokens", "removeUserFromAllGroups", "removeAllLicenseAssignments", "sendEmailOnLastDay", "disable",
	}
	if !slices.Equal(order, want) {
		t.Errorf("order: got %v\nwant %v", order, want)
	}
}

func TestS5_LeaverMailsDoNotStopTheRun(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.policy = loadPolicy(t, "      - sendEmailOnLastDay: {to: manager}", "      - sendEmailOnLastDay: {to: manager}\n      - runCustomTaskExtension: {extension: badge-office}")
	j.fail[plan.Verb(lifecycle.SendEmailOnLastDay)] = true
	j.hears(leaving)
	j.until("2027-01-01 00:00")
	if got := j.did(); !slices.Contains(got, "runCustomTaskExtension") {
		t.Errorf("a parked mail stopped the leaver run: %v", got)
	}
}

func TestS5_OneActivityForAccountGroupsAndLicences(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-12-02 12:00")
	j.merge(record(t, hire))
	due := j.result().Due
	if len(due) != 2 || len(due[0].Tasks) != 4 || due[0].Activity != plan.ActivityAccount || !due[0].Tasks[0].Enabled {
		t.Fatalf("late joiner: got %+v, want one account activity of four tasks, enabled, and the welcome", due)
	}
	batches := 0
	for range 20 {
		result := j.result()
		j.take(result)
		batches += len(result.Due)
		for _, batch := range result.Due {
			j.perform(batch)
		}
	}
	if batches > 5 {
		t.Errorf("activities of a joiner: got %d, want at most 5", batches)
	}
}

func TestS5_AParkedTaskStopsTheRestOfItsRun(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears(hire)
	j.fail[plan.Verb(lifecycle.SendOnboardingReminderEmail)] = true
	j.until("2026-11-25 12:00")
	if got := j.line("generateTemporaryAccessPass"); got.State != plan.Waiting {
		t.Errorf("after a parked task: got %s, want waiting", plan.Explain(got))
	}
	j.wantAttention(plan.AttentionParked)
	j.facts.Overrides.Skips = []plan.KeyOverride{{By: by(j), Key: j.line("sendOnboardingReminderEmail").Key}}
	j.did()
	j.run().wantDid("generateTemporaryAccessPass")
}

func TestS6_ValidityIsRelativeToTheStart(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears(hire)
	j.until("2026-11-24 12:00")
	passes := j.account(entra).Passes
	if len(passes) != 1 || !passes[0].Start.Equal(at(t, "2026-12-01 08:00")) || !passes[0].Expires.Equal(at(t, "2026-12-01 16:00")) {
		t.Errorf("pass: got %+v, want 2026-12-01 08:00 to 16:00 Berlin", passes)
	}
}

func TestS6_MovedStartAndChangedManagerMakeItDueAgain(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears(hire)
	j.until("2026-11-25 12:00").did()
	j.hears("start=2026-12-15 status=active kind=employee dept=Sales title=Clerk manager=7")
	j.wantDid("withdrawPass")
	j.until("2026-12-08 09:00").wantDid("generateTemporaryAccessPass")
	if key := j.account(entra).Passes[0].TaskKey; key != "Prepare a new hire/s1/2/generateTemporaryAccessPass" {
		t.Errorf("pass again: got %s, want generation 2", key)
	}
	j.until("2026-12-09 12:00").hears("start=2026-12-15 status=active kind=employee dept=Sales title=Clerk manager=8")
	got := j.did()
	slices.Sort(got)
	if want := []string{"generateTemporaryAccessPass", "update", "withdrawPass"}; !slices.Equal(got, want) {
		t.Errorf("changed manager: got %v, want %v", got, want)
	}
}

func TestS6_TerminateAndRescindWithdrawAndDoNotIssueAgain(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears(hire)
	j.until("2026-11-25 12:00").did()
	blocked := by(j)
	j.facts.Overrides.Blocked = &blocked
	j.run().wantDid("disable") // the unit deletes passes
	j.until("2026-12-20 12:00").wantDid()
}

func TestS6_LatePassIsNotIssued(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-12-02 12:00").hears(hire)
	line := j.line("generateTemporaryAccessPass")
	if line.State != plan.SkippedLate || line.Code != plan.AttentionPassLate {
		t.Fatalf("pass after its validity: got %s", plan.Explain(line))
	}
	j.did()
	j.facts.Overrides.RunNow = []plan.KeyOverride{{By: by(j), Key: line.Key}}
	j.run().wantDid("generateTemporaryAccessPass")
	if got := j.account(entra).Passes[0]; !got.Start.Equal(j.now) || got.Expires.Sub(got.Start) != 8*time.Hour {
		t.Errorf("pass by hand: got %+v, want eight hours from now", got)
	}
}

func TestS7_DeleteCountsFromTerminationNotLastDay(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 last=2026-12-31 end=2027-02-28 status=active kind=employee dept=Sales title=Clerk manager=7")
	j.until("2027-03-29 12:00").wantState(plan.AccountDisabled)
	j.until("2027-03-31 00:00").wantState(plan.AccountDeleted)
}

func TestS7_MinimumCountsFromOurOwnDisable(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.fail[plan.Cut] = false
	j.hears(leaving)
	j.until("2027-01-25 12:00").wantState(plan.AccountEnabled)
	delete(j.fail, plan.Cut)
	j.until("2027-02-05 12:00").wantState(plan.AccountDisabled)
	j.until("2027-02-08 14:00").wantState(plan.AccountDeleted)
}

func TestS7_DeleteAsksWhereWeDidNotDisable(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears(leaving)
	j.until("2027-01-02 12:00")
	a := j.account(entra)
	a.DisabledAt, a.DisabledFor = time.Time{}, ""
	j.put(a)
	j.until("2027-03-01 12:00").wantState(plan.AccountDisabled)
	j.wantAttention(plan.AttentionActiveAfterLeave, plan.AttentionDelete)
}

func TestS7_HoldStopsTheDelete(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears(leaving)
	j.until("2027-01-02 12:00")
	j.holds(plan.HoldHRError)
	j.until("2027-03-01 12:00").wantState(plan.AccountDisabled)
	if got := j.line("delete").State; got != plan.Held {
		t.Errorf("delete under a hold: got %s, want held", got)
	}
	j.holds()
	j.run().wantState(plan.AccountDeleted)
}

func TestHeldDisableRaisesAttention(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears(leaving)
	j.holds(plan.HoldHRError)
	j.until("2027-01-01 12:00").wantState(plan.AccountEnabled)
	j.wantAttention(plan.AttentionHeldDisable)
}

func TestS8_EditsWithinSettleAreOneChange(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 status=active kind=employee dept=Engineering title=Clerk manager=7")
	j.until("2026-12-20 12:10").hears("start=2026-12-01 status=active kind=employee dept=Engineering title=Dev manager=7")
	j.until("2026-12-20 12:20").wantDid("update", "update")
	j.until("2026-12-20 12:25").wantDid("removeUserFromGroups", "addUserToGroups#2", "runCustomTaskExtension", "sendManagerMoveNotification")
	j.until("2027-01-20 12:00").wantDid()
}

func TestS8_UndoneBeforeItSettlesIsNone(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 status=active kind=employee dept=Engineering title=Clerk manager=7")
	j.until("2026-12-20 12:10").hears(hire)
	j.until("2027-01-20 12:00").wantDid("update", "update")
}

func TestS8_NeverOnFirstSightAndNotBeforeTheStart(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears(hire)
	j.until("2026-11-20 12:00").did()
	j.hears("start=2026-12-01 status=active kind=employee dept=Engineering title=Dev manager=7")
	j.until("2026-12-10 12:00")
	if got := j.did(); slices.Contains(got, "sendManagerMoveNotification") {
		t.Errorf("a change before the start made a mover: %v", got)
	}
}

func TestS8_FutureAssignmentTakesEffectAtItsInstant(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	r := record(t, hire)
	later := r.Assignments[0]
	r.Assignments[0].ID, r.Assignments[0].To = "a1", day(t, "2027-02-01")
	later.ID, later.From = "a2", day(t, "2027-02-01")
	later.Attributes = later.Attributes.With(person.Attribute{Name: person.DepartmentAttribute, Value: "Engineering"})
	r.Assignments = append(r.Assignments, later)
	j.merge(r)
	j.run()
	foretold := j.line("sendManagerMoveNotification")
	if foretold.State != plan.Future || !foretold.Due.Equal(at(t, "2027-02-01 00:15")) {
		t.Errorf("preview: got %s", plan.Explain(foretold))
	}
	j.until("2027-01-31 23:59").wantDid()
	j.until("2027-02-01 00:15").wantDid("update", "removeUserFromGroups", "addUserToGroups#2", "runCustomTaskExtension", "sendManagerMoveNotification")
}

func TestS9_OrderOfZones(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ words, zone, source string }{
		{"ownzone=Asia/Tokyo zone=Europe/Paris place=Perth", "Asia/Tokyo", plan.ZoneOfPerson},
		{"zone=Europe/Paris place=Perth", "Europe/Paris", plan.ZoneOfLocation},
		{"place=Perth", "Australia/Perth", plan.ZoneOfRule},
		{"", "Europe/Berlin", plan.ZoneOfFeed},
	} {
		j := newJourney(t, "2026-11-10 12:00").hears(hire + " " + c.words)
		line := j.line("enable")
		if line.Zone != c.zone || line.ZoneSource != c.source {
			t.Errorf("zone of %q: got %s of the %s, want %s of the %s", c.words, line.Zone, line.ZoneSource, c.zone, c.source)
		}
	}
}

func TestS9_UnknownZoneFallsBackWithAttention(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears(hire + " ownzone=Europe/Nowhere")
	if got := j.line("enable").Zone; got != "Europe/Berlin" {
		t.Errorf("zone: got %s, want the feed's", got)
	}
	j.wantAttention(plan.AttentionZoneUnknown)
}

func TestS9_ChangedZoneAloneNeverReenablesNorDisables(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears(hire + " zone=Asia/Tokyo")
	j.until("2026-12-01 00:30").wantState(plan.AccountEnabled)
	j.hears(hire + " zone=Pacific/Honolulu")
	j.wantState(plan.AccountEnabled)
	j.until("2026-12-20 12:00").hears(leaving + " zone=Asia/Tokyo")
	j.until("2026-12-31 16:30").wantState(plan.AccountDisabled)
	j.did()
	j.hears(leaving + " zone=Pacific/Honolulu")
	j.until("2027-01-01 20:00").wantState(plan.AccountDisabled)
	j.wantDid()
}

func TestS10_ConditionErrorAsksAndIsNotOutOfScope(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00")
	policy := *loadPolicy(t)
	policy.Workflows = slices.Clone(policy.Workflows)
	policy.Workflows[0].Scope = brokenCondition(t)
	j.policy = &policy
	j.hears(hire + " employment.voluntary=perhaps")
	j.until("2026-11-25 12:00")
	line := j.line("addUserToGroups")
	if line.State != plan.ParkedState || line.Code != plan.AttentionCondition {
		t.Errorf("condition error: got %s", plan.Explain(line))
	}
	j.wantAttention(plan.AttentionCondition)
}

func TestS10_LeavingTheTargetsScopeNeverDisables(t *testing.T) {
	t.Parallel()
	for rule, attention := range map[string][]string{"keep": nil, "ask": {plan.AttentionOutOfScope}} {
		j := newJourney(t, "2026-11-10 12:00")
		j.policy = loadPolicy(t, "    mode: enforce", "    mode: enforce\n    scope: 'employment.kind == \"employee\"'\n    outOfScope: "+rule)
		j.hears(hire)
		j.until("2026-12-20 12:00").hears(strings.Replace(hire, "kind=employee", "kind=contingent", 1))
		j.until("2027-01-20 12:00").wantState(plan.AccountEnabled)
		j.wantAttention(attention...)
	}
}

func TestS10_OutOfTheTargetsScopeGetsNoAccount(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00")
	j.policy = loadPolicy(t, "    mode: enforce", "    mode: enforce\n    scope: 'employment.kind == \"contingent\"'")
	j.hears(hire)
	j.until("2026-12-20 12:00").wantDid("sendOnboardingReminderEmail", "sendWelcomeEmail")
}

func TestS10_LeaverIsScopedByTheLastRecordBefore(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.policy = loadPolicy(t, "    late: run                         # what ends access is done however late it is known",
		"    late: run\n    scope: 'assignment.department.name == \"Sales\"'")
	j.run()
	j.hears("start=2026-12-01 last=2026-12-22 status=terminated kind=employee dept= title= manager=7")
	j.until("2026-12-23 12:00")
	if got := j.did(); !slices.Contains(got, "removeUserFromAllGroups") {
		t.Errorf("the emptied department took the leaver out of scope: %v", got)
	}
}

func TestS13_AnOldRecordOfSomebodyDeletedChangesNothing(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 last=2026-12-31 status=terminated kind=employee dept=Sales title=Clerk manager=7")
	j.until("2027-03-01 12:00").did()
	j.wantPhase(person.PhaseDeleted)
	j.hears("start=2026-12-01 last=2026-12-31 status=terminated kind=employee dept=Engineering title=Clerk manager=9")
	j.until("2028-03-01 12:00").wantDid()
	if next := j.result().Next; !next.IsZero() {
		t.Errorf("next: got %s, want none", next)
	}
}

func TestS13_RescindAfterTheDeleteMakesTheAccountAgainAndRestores(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 last=2026-12-31 status=terminated kind=employee dept=Sales title=Clerk manager=7")
	j.until("2027-02-10 12:00").wantState(plan.AccountDeleted)
	j.did()
	j.hears(hire)
	j.wantDid("create", "restoreAccess")
	j.wantState(plan.AccountEnabled)
}

func TestS13_ClosedStayIsCompacted(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 last=2026-12-31 status=terminated kind=employee dept=Sales title=Clerk manager=7")
	j.until("2027-02-10 12:00")
	closed := j.result().Close
	if len(closed) == 0 {
		t.Fatal("a deleted person's stay is not closed")
	}
	j.facts.Through, j.facts.Done = closed, nil
	result := j.result()
	if len(result.Due) != 0 || len(result.Settled) != 0 || !result.Next.IsZero() {
		t.Errorf("after compaction: got due %+v, settled %+v, next %s; want nothing", result.Due, result.Settled, result.Next)
	}
}

// brokenCondition is a condition that fails for a record whose voluntary is
// no truth value.
func brokenCondition(t testing.TB) lifecycle.Condition {
	t.Helper()
	return loadPolicy(t, `when: 'employment.kind != "contingent"'`, `when: 'employment.voluntary'`).Workflows[0].Tasks[3].When
}
