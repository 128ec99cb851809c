package plan_test

import (
	"slices"
	"strings"
	"testing"

	"tenure/internal/lifecycle"
	"tenure/internal/plan"
)

// inMode is the package's policy with its target in another mode.
func inMode(t *testing.T, mode string) *lifecycle.Policy {
	t.Helper()
	return loadPolicy(t, "    mode: enforce", "    mode: "+mode)
}

func observed(t *testing.T, now string) *journey {
	t.Helper()
	j := newJourney(t, now)
	j.policy = inMode(t, lifecycle.ModeObserve)
	return j
}

// becomes puts another mode in force and plans.
func (j *journey) becomes(t *testing.T, mode string) *journey {
	t.Helper()
	j.policy = inMode(t, mode)
	return j.run()
}

func TestS14_ObserveShowsEverythingAndDoesNothing(t *testing.T) {
	t.Parallel()
	for name, words := range map[string]string{"a hire": hire, "existing staff": staff} {
		j := observed(t, "2026-11-20 12:00").hears(words)
		j.until("2026-12-10 12:00").hears(words + " title=Lead")
		j.until("2026-12-20 12:00").hears(words + " last=2026-12-31")
		j.until("2027-02-20 12:00").wantDid()
		for _, line := range j.lines() {
			switch line.State {
			case plan.Observed, plan.OutOfScope, plan.BeforeBaseline, plan.Future:
			default:
				t.Errorf("%s: got %s, want it observed", name, plan.Explain(line))
			}
		}
		if len(j.result().Due) > 0 {
			t.Errorf("%s: due %v, want nothing", name, j.result().Due)
		}
	}
	j := observed(t, "2026-11-25 12:00").hears(hire)
	if got := j.line("create"); got.State != plan.Observed || !strings.HasSuffix(got.Reason, "would run: target entra is in mode observe") {
		t.Errorf("create: got %s, want observed and the mode as reason", plan.Explain(got))
	}
}

func TestS14_MailsWaitForEveryTargetThePersonIsInScopeOf(t *testing.T) {
	t.Parallel()
	j := observed(t, "2026-11-30 12:00").hears(hire)
	if got := j.line("sendOnboardingReminderEmail"); got.State != plan.Observed {
		t.Errorf("mail: got %s, want observed", plan.Explain(got))
	}
	j = newJourney(t, "2026-11-30 12:00")
	j.policy = loadPolicy(t, "    mode: enforce", "    mode: observe\n    scope: 'employment.kind == \"contingent\"'")
	j.hears(hire)
	if got := j.line("sendOnboardingReminderEmail"); got.State == plan.Observed {
		t.Errorf("mail of somebody out of scope: got %s, want it done", plan.Explain(got))
	}
}

func TestS14_WhatFellDueWhileObservedIsNotDoneAtEnforce(t *testing.T) {
	t.Parallel()
	j := observed(t, "2026-11-20 12:00").hears(hire)
	j.until("2026-12-05 12:00").becomes(t, lifecycle.ModeAdopt)
	j.until("2026-12-06 12:00")
	j.found = plan.AccountUnknown
	j.becomes(t, lifecycle.ModeEnforce).wantDid("link")
	if got := j.line("sendOnboardingReminderEmail"); got.State != plan.BeforeEnforce {
		t.Errorf("mail: got %s, want before enforce", plan.Explain(got))
	}
	// What comes later is done: the leave.
	j.hears(hire + " last=2026-12-31")
	j.until("2027-01-02 12:00").wantDid("sendEmailBeforeLastDay", "revokeAllRefreshTokens", "removeUserFromAllGroups",
		"removeAllLicenseAssignments", "disable", "sendEmailOnLastDay")
}

func TestS14_PreHireOfBeforeEnforceGetsTheAccount(t *testing.T) {
	t.Parallel()
	j := observed(t, "2026-11-10 12:00").hears(hire)
	j.until("2026-11-20 12:00").becomes(t, lifecycle.ModeEnforce).wantDid("create")
	j.until("2026-12-02 12:00").wantState(plan.AccountEnabled)
}

func TestS14_RunNowWhileObservedIsNotDoneAtEnforce(t *testing.T) {
	t.Parallel()
	j := observed(t, "2026-11-20 12:00").hears(staff)
	j.facts.Overrides.RunNow = []plan.KeyOverride{
		{By: by(j), Key: "account:entra/s1/0/disable"}, {By: by(j), Key: "Welcome/s1/1/sendWelcomeEmail"},
	}
	j.run().wantDid()
	j.until("2026-11-21 12:00").becomes(t, lifecycle.ModeEnforce).wantDid("link")
	j.until("2027-03-01 12:00").wantDid()
}

func TestS14_AdoptLinksAndWritesNothing(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00")
	j.policy = inMode(t, lifecycle.ModeAdopt)
	j.hears(staff).wantDid("link")
	j.until("2026-12-20 12:00").hears(staff + " title=Lead")
	j.until("2026-12-30 12:00").hears(staff + " last=2026-12-31")
	j.until("2027-03-01 12:00").wantDid()
	j = newJourney(t, "2026-11-20 12:00")
	j.policy = inMode(t, lifecycle.ModeAdopt)
	j.hears(hire).until("2026-11-30 12:00").wantDid()
}

// TestS14_WhoComesBackIsMatchedLikeAHire: the report of the matches says what
// the journey will do.
func TestS14_WhoComesBackIsMatchedLikeAHire(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00").hears("start=2020-03-01 last=2020-12-31 status=terminated kind=employee dept=Sales title=Clerk")
	if got := j.result().Matches; len(got) != 1 || !got[0].Staff {
		t.Errorf("matches of who has left = %+v, want existing staff", got)
	}
	j.hears("start=2026-12-01 status=active kind=employee dept=Sales title=Clerk")
	if got := j.result().Matches; len(got) != 1 || got[0].Staff {
		t.Errorf("matches of who comes back = %+v, want a hire", got)
	}
}

func TestS14_UnmatchedStaffIsAskedAbout(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00")
	j.found = plan.AccountUnknown
	j.hears(staff).wantDid()
	j.until("2027-01-20 12:00").wantDid()
	j.wantAttention(plan.AttentionUnmatched)
	asks := j.line("link")
	if asks.State != plan.Asks {
		t.Fatalf("link: got %s, want asks", plan.Explain(asks))
	}
	j.facts.Overrides.Approved = []plan.KeyOverride{{By: by(j), Key: asks.Key}}
	j.run().wantDid("create")
	j.wantAttention()

	skipped := newJourney(t, "2026-11-20 12:00")
	skipped.found = plan.AccountUnknown
	skipped.hears(staff)
	skipped.facts.Overrides.Skips = []plan.KeyOverride{{By: by(skipped), Key: skipped.line("link").Key}}
	skipped.run().until("2027-01-20 12:00").wantDid()
	skipped.wantAttention()
}

func TestS14_AmbiguousWaitsForAHuman(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00")
	j.parks[plan.Link] = plan.CodeAmbiguous
	j.hears(staff).until("2026-12-20 12:00").wantDid()
	j.wantAttention(plan.AttentionAmbiguous)
	delete(j.parks, plan.Link)
	j.facts.Overrides.Links = []plan.LinkOverride{{By: by(j), Target: entra, ObjectID: "o-7"}}
	j.run().wantDid("link")
	if got := j.account(entra); got.ID != "o-7" || got.Linked != plan.LinkedByHuman {
		t.Errorf("account: got %+v, want o-7 linked by a human", got)
	}
	j.wantAttention()
}

func TestS14_ProposedHireIsAskedAbout(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00")
	j.parks[plan.Create] = plan.CodeProposed
	j.hears(hire).wantDid()
	j.wantAttention(plan.AttentionProposed)
	delete(j.parks, plan.Create)
	j.until("2026-11-20 18:00").wantDid() // not by itself before the next look
	j.facts.Overrides.Approved = []plan.KeyOverride{{By: by(j), Key: j.line("create").Key}}
	j.run().wantDid("create")
}

func TestS14_AdoptedStateStandsUntilConfirmed(t *testing.T) {
	t.Parallel()
	disabled := newJourney(t, "2026-11-20 12:00")
	disabled.found = plan.AccountDisabled
	disabled.hears(staff)
	disabled.until("2027-02-20 12:00").wantDid("link")
	disabled.wantAttention(plan.AttentionAdoptedState)
	disabled.facts.Overrides.Approved = []plan.KeyOverride{{By: by(disabled), Key: disabled.line("enable").Key}}
	disabled.run().wantDid("enable")
	disabled.wantAttention()

	left := observed(t, "2026-11-20 12:00").hears(staff + " last=2026-11-30")
	left.until("2026-12-10 12:00").becomes(t, lifecycle.ModeEnforce)
	left.until("2027-03-01 12:00").wantDid("link")
	left.wantState(plan.AccountEnabled)
	left.wantAttention(plan.AttentionActiveAfterLeave, plan.AttentionAdoptedState)
	left.facts.Overrides.Approved = []plan.KeyOverride{{By: by(left), Key: left.line("disable").Key}}
	left.run().wantDid("disable")
}

func TestS14_ALeaveAfterTheAdoptionDisables(t *testing.T) {
	t.Parallel()
	j := observed(t, "2026-11-20 12:00").hears(staff)
	j.until("2026-12-10 12:00").becomes(t, lifecycle.ModeEnforce).wantDid("link")
	j.hears(staff + " last=2026-12-05") // a late fact, but one of after the adoption
	j.wantState(plan.AccountDisabled)
	if did := j.did(); !slices.Contains(did, "removeUserFromAllGroups") {
		t.Errorf("late leave did %v, want its groups removed", did)
	}
	// Taken back, it enables again: what we disabled is ours to enable.
	j.until("2026-12-11 12:00").hears(staff)
	j.wantState(plan.AccountEnabled)
}

func TestS14_UnlinkLetsGo(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00").hears(staff)
	j.wantDid("link")
	j.facts.Overrides.Links = []plan.LinkOverride{{By: by(j), Target: entra}}
	j.run().wantDid("unlink")
	j.wantAttention(plan.AttentionUnlinked)
	j.hears(staff + " last=2026-12-31")
	j.until("2027-03-01 12:00")
	for _, task := range j.did() {
		if task == "disable" || task == "removeUserFromAllGroups" {
			t.Errorf("%s was done to an account that was let go of", task)
		}
	}
}

func TestS14_TerminateInObserveSaysThatNothingIsWritten(t *testing.T) {
	t.Parallel()
	j := observed(t, "2026-11-20 12:00").hears(staff)
	blocked := by(j)
	j.facts.Overrides.Blocked = &blocked
	j.run().wantDid()
	if got := j.attention(); !slices.Contains(got, plan.AttentionObservedCut) {
		t.Errorf("attention: got %v, want %s", got, plan.AttentionObservedCut)
	}
	j.until("2026-11-21 12:00").becomes(t, lifecycle.ModeEnforce).wantDid("disable")
}

// A human who names an account must not be overtaken by the line that makes one.
func TestS14_AnOrderToLinkComesBeforeACreate(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00")
	j.fail[plan.Link] = false // the target is away
	j.facts.Overrides.Links = []plan.LinkOverride{{By: by(j), Target: entra, ObjectID: "o-7"}}
	j.hears(hire).wantDid()
	if got := j.line("create").State; got != plan.Waiting {
		t.Errorf("create: got %s, want it to wait for the link", got)
	}
	delete(j.fail, plan.Link)
	j.until("2026-11-20 13:30").wantDid("link")
}

// What a leaver still has when the mode goes back and forth is not forgotten.
func TestS14_ParkedLeaverTasksOutliveAnObservedTarget(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00").hears(leaving)
	groups := plan.Verb(lifecycle.RemoveUserFromAllGroups)
	j.parks[groups] = plan.AttentionGated
	j.until("2027-01-01 12:00").becomes(t, lifecycle.ModeObserve)
	delete(j.parks, groups)
	j.did()
	j.until("2027-01-01 13:00").wantDid()
	j.becomes(t, lifecycle.ModeEnforce).until("2027-01-04 12:00")
	if did := j.did(); !slices.Contains(did, string(groups)) {
		t.Errorf("did %v, want the groups taken away\n%s", did, explainAll(j.lines()))
	}
}
