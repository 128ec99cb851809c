package plan_test

import (
	"slices"
	"testing"
	"time"

	"tenure/internal/person"
	"tenure/internal/plan"
)

// What HR says while an update is in flight is written by the next one.
func TestS8_ChangeWhileAnUpdateIsInFlightIsWrittenToo(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	words := func(title string) person.Record {
		return record(t, "start=2026-12-01 status=active kind=employee dept=Sales title="+title+" manager=7")
	}
	j.merge(words("Lead"))
	first := plan.Build(j.input())
	j.take(first)
	if len(first.Due) != 1 || first.Due[0].Tasks[0].Verb != plan.Update {
		t.Fatalf("due = %+v, want one update", first.Due)
	}
	j.facts.Running = []string{first.Due[0].Tasks[0].Key}
	j.merge(words("Head"))
	j.take(plan.Build(j.input()))
	j.facts.Running = nil
	j.perform(first.Due[0])
	j.did()
	j.run()
	if got := j.did(); !slices.Contains(got, "update") {
		t.Errorf("did %v, want the second title to be written too", got)
	}
}

// A skip speaks of the disable that asked, not of the leave that comes later.
func TestS5_SkippedDisableOfAMovedStartDoesNotKeepALeaverEnabled(t *testing.T) {
	t.Parallel()
	const term = " last=2027-03-31 status=active kind=employee dept=Sales title=Clerk manager=7"
	j := newJourney(t, "2026-11-10 12:00").hears("start=2026-12-01" + term)
	j.until("2026-12-20 12:00").wantState(plan.AccountEnabled)
	j.hears("start=2027-03-01" + term)
	j.wantAttention(plan.AttentionStartMoved)
	j.facts.Overrides.Skips = []plan.KeyOverride{{By: by(j), Key: j.line("disable").Key}}
	j.run().wantState(plan.AccountEnabled)
	j.until("2026-12-21 12:00").hears("start=2026-12-01" + term)
	j.until("2027-04-01 12:00").wantState(plan.AccountDisabled)
}

// HR's later word that cuts access earlier wins, whichever date says so (S4).
func TestS4_EarlierTerminationDateWinsOverALastDaySetByHand(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.facts.Overrides.Dates = []plan.DateOverride{{By: by(j), Stay: "s1", On: plan.AnchorLastDay, Date: day(t, "2027-03-31")}}
	j.run().until("2027-01-05 12:00").wantState(plan.AccountEnabled)
	j.hears("start=2026-12-01 end=2027-01-10 status=active kind=employee dept=Sales title=Clerk manager=7")
	j.wantAttention(plan.AttentionDateDiffers)
	j.until("2027-01-11 12:00").wantState(plan.AccountDisabled)
}

// An enable whose answer was lost may have happened: the cut is made all the same.
func TestS5_TerminateCutsAnAccountThatSeemsDisabled(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.policy = loadPolicy(t, "      enable:  {on: startDate, at: \"00:00\"}", "      enable:  {on: startDate, at: \"00:00\"}\n      leave: disable")
	j.hears("start=2026-12-01 status=leave kind=employee dept=Sales title=Clerk manager=7 leave=2027-01-10 back=2027-02-01")
	j.until("2027-01-20 12:00").wantState(plan.AccountDisabled)
	j.fail[plan.Enable] = false
	j.until("2027-02-01 12:00").did()
	blocked := by(j)
	j.facts.Overrides.Blocked = &blocked
	j.run().wantDid("disable")
	j.until("2027-02-03 12:00").wantDid()
}

// The day is not over when access ends at 18:00, yet a changed zone alone does
// not give it back (S9).
func TestS9_ChangedZoneAfterAnEarlyDisableDoesNotEnable(t *testing.T) {
	t.Parallel()
	const words = "start=2026-12-01 last=2027-01-10 status=active kind=employee dept=Sales title=Clerk manager=7 zone="
	j := newJourney(t, "2026-11-10 12:00")
	j.policy = loadPolicy(t, `disable: {on: lastDayOfWork, at: "24:00"}`, `disable: {on: lastDayOfWork, at: "18:00"}`)
	j.hears(words + "Europe/Berlin")
	j.until("2027-01-10 20:00").wantState(plan.AccountDisabled)
	j.did()
	j.hears(words + "America/New_York")
	j.wantDid()
	j.wantState(plan.AccountDisabled)
}

// A create whose answer was lost may have made an account: a hire that is taken
// back then is cut all the same.
func TestS5_RescindedHireIsCutWhereTheCreateDidNotAnswer(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears(hire)
	j.fail[plan.Create] = false
	j.until("2026-11-18 12:00").wantDid()
	j.facts.Overrides.Rescinded = []plan.Rescind{{By: by(j), Stay: "s1", What: plan.RescindHire, Date: day(t, "2026-12-01")}}
	j.run().wantDid("disable")
	j.until("2027-01-18 12:00").wantDid()
	// Where nothing was tried there is nothing to cut.
	j = newJourney(t, "2026-11-10 12:00").hears(hire)
	j.facts.Overrides.Rescinded = []plan.Rescind{{By: by(j), Stay: "s1", What: plan.RescindHire, Date: day(t, "2026-12-01")}}
	j.until("2026-12-18 12:00").wantDid()
}

// A second employment that is over by its dates, such as one that ends before it
// begins, ends no stay that goes on: the phase and the account say the same.
func TestS4_StayThatIsOverEndsNoneThatGoesOn(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00")
	j.hears("start=2026-12-01 last=2026-12-10 status=active kind=employee dept=Sales title=Clerk manager=7 zone=Pacific/Kiritimati")
	j.until("2026-12-10 05:00").wantState(plan.AccountEnabled)
	j.hears("start=2027-01-19 last=2026-11-30 status=active kind=employee dept=Sales title=Clerk manager=7 zone=Etc/GMT+12")
	j.hears("start=2026-12-02 last=2026-12-01 status=active kind=employee dept=Sales title=Clerk manager=7 zone=Etc/GMT+12")
	if got := plan.Build(j.input()).Phase; got != person.PhaseActive {
		t.Errorf("phase = %s, want active: the first stay goes on until the end of its last day", got)
	}
	j.wantState(plan.AccountEnabled)
	j.until("2026-12-12 12:00").wantState(plan.AccountDisabled)
	if got := plan.Build(j.input()).Phase; got != person.PhaseLeft {
		t.Errorf("phase = %s, want left: both stays are over", got)
	}
}

// A call that did not answer may have been made: what is planned then looks,
// and neither believes that there is no account nor that it is as it was.
func TestS4_WhatDidNotAnswerIsLookedAt(t *testing.T) {
	t.Parallel()
	parks := func(j *journey, verb string) {
		j.facts.Parked = []plan.Parked{{
			Key: plan.TaskKey("account:entra", "s1", 9, verb), Code: "cancelled", Since: j.now, Tried: j.now, Attempts: 1, Retry: j.now.Add(time.Hour),
		}}
	}
	t.Run("create, hire rescinded", func(t *testing.T) {
		t.Parallel()
		j := newJourney(t, "2026-11-10 12:00").hears(hire)
		parks(j, "create")
		j.hears("start=2026-12-01 status=rescinded kind=employee dept=Sales title=Clerk manager=7")
		j.wantDid("disable")
	})
	t.Run("enable, start moved", func(t *testing.T) {
		t.Parallel()
		j := newJourney(t, "2026-11-10 12:00").hears(hire).until("2026-11-30 12:00")
		j.did()
		parks(j, "enable")
		j.hears("start=2026-12-10 status=active kind=employee dept=Sales title=Clerk manager=7")
		j.wantDid("disable")
		j.until("2026-12-10 12:00").wantState(plan.AccountEnabled)
	})
	t.Run("disable, leave taken back", func(t *testing.T) {
		t.Parallel()
		j := active(t, "2026-12-20 12:00")
		parks(j, "disable")
		j.run().wantDid("enable")
		j.until("2027-02-01 12:00").wantDid()
	})
	t.Run("delete, rehired", func(t *testing.T) {
		t.Parallel()
		j := active(t, "2026-12-20 12:00")
		j.hears("start=2026-12-01 last=2026-12-31 status=active kind=employee dept=Sales title=Clerk manager=7")
		j.until("2027-01-02 12:00").wantState(plan.AccountDisabled)
		parks(j, "delete")
		j.did()
		j.hears("start=2026-12-01 status=active kind=employee dept=Sales title=Clerk manager=7")
		if got := j.did(); !slices.Contains(got, "create") || slices.Contains(got, "enable") {
			t.Errorf("did %v, want create, which brings back or makes anew", got)
		}
	})
}
