package plan_test

import (
	"slices"
	"testing"
	"time"

	"tenure/internal/plan"
)

// holds puts a hold of each kind in force now.
func (j *journey) holds(kinds ...plan.HoldKind) *journey {
	j.facts.Overrides.Holds = nil
	for _, kind := range kinds {
		j.facts.Overrides.Holds = append(j.facts.Overrides.Holds, plan.Hold{By: by(j), Kind: kind})
	}
	return j
}

func TestS16_LegalKeepsWhatIsThereAndAccessStillEnds(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears(leaving)
	j.did()
	j.holds(plan.HoldLegal)
	j.until("2027-03-01 12:00").wantState(plan.AccountDisabled)
	j.wantDid("sendEmailBeforeLastDay", "revokeAllRefreshTokens", "disable", "sendEmailOnLastDay")
	for _, task := range []string{"removeUserFromAllGroups", "removeAllLicenseAssignments", "delete"} {
		if got := j.line(task); got.State != plan.Held {
			t.Errorf("%s under a legal hold: got %s, want held", task, plan.Explain(got))
		}
	}
	j.holds().run().wantDid("removeUserFromAllGroups", "removeAllLicenseAssignments", "delete")
}

func TestS16_LegalKeepsOnlyTheRemovalsOfAMover(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00").holds(plan.HoldLegal)
	j.hears("start=2026-12-01 status=active kind=employee dept=Engineering title=Clerk manager=7")
	j.until("2026-12-20 13:00").wantDid("update", "addUserToGroups#2", "runCustomTaskExtension", "sendManagerMoveNotification")
	j.holds().run().wantDid("removeUserFromGroups")
}

func TestS16_LegalIsNotPassedByRunNow(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears(leaving).until("2027-01-05 12:00").wantState(plan.AccountDisabled)
	j.holds(plan.HoldLegal)
	j.facts.Overrides.RunNow = []plan.KeyOverride{{By: by(j), Key: j.line("delete").Key}}
	j.run().wantState(plan.AccountDisabled)
}

func TestS16_SecurityDisablesAtOnceAndKeepsItSo(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.did()
	j.now = j.now.Add(time.Minute)
	j.holds(plan.HoldSecurity).run().wantDid("disable")
	j.wantState(plan.AccountDisabled)
	j.until("2027-02-01 12:00").wantState(plan.AccountDisabled)
	j.wantDid()
	// What HR says meanwhile is written all the same; it opens nothing.
	j.hears("start=2026-12-01 status=active kind=employee dept=Sales title=Lead manager=7")
	j.until("2027-02-01 13:00").wantDid("update", "addUserToGroups", "runCustomTaskExtension", "sendManagerMoveNotification")
	j.holds().run().wantDid("enable")
	j.wantState(plan.AccountEnabled)
}

func TestS16_SecurityBeforeTheFirstDay(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears(hire).holds(plan.HoldSecurity)
	j.until("2026-12-05 12:00").wantState(plan.AccountDisabled)
	done := j.did()
	for _, task := range []string{"enable", "generateTemporaryAccessPass"} {
		if slices.Contains(done, task) {
			t.Errorf("%s was done under a security hold: %v", task, done)
		}
	}
	for _, task := range []string{"create", "addUserToGroups", "sendOnboardingReminderEmail"} {
		if !slices.Contains(done, task) {
			t.Errorf("%s was not done, which a security hold does not keep: %v", task, done)
		}
	}
	if got := j.line("generateTemporaryAccessPass"); got.State != plan.Held {
		t.Errorf("the pass: got %s, want held", plan.Explain(got))
	}
}

func TestS16_SecurityWithdrawsThePass(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears(hire).until("2026-11-25 12:00")
	if len(j.account(entra).Passes) == 0 {
		t.Fatal("no pass was issued")
	}
	j.did()
	j.holds(plan.HoldSecurity).run().wantDid("disable")
	if got := j.account(entra).Passes; len(got) > 0 {
		t.Errorf("passes under a security hold: %v", got)
	}
}

// TestS16_SecurityOfExistingStaff: the account was linked and never touched; it
// is now.
func TestS16_SecurityOfExistingStaff(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00").hears(staff)
	j.wantDid("link")
	j.holds(plan.HoldSecurity).run().wantDid("disable")
}

func TestS16_SecurityBeforeHRSaysAnything(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-20 12:00").holds(plan.HoldSecurity)
	j.run().wantDid("disable")
}

func TestS16_SecurityGivesNothingBack(t *testing.T) {
	t.Parallel()
	for name, when := range map[string]string{"before the delete": "2027-01-05 12:00", "after the delete": "2027-02-10 12:00"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := active(t, "2026-12-20 12:00")
			j.hears(leaving).until(when)
			state := j.account(entra).State
			j.did()
			j.holds(plan.HoldSecurity)
			j.hears(hire)
			j.wantState(state)
			if removed := j.account(entra).Removed; len(removed) == 0 {
				t.Error("groups were given back under a security hold")
			}
			j.holds().run().wantState(plan.AccountEnabled)
			if removed := j.account(entra).Removed; len(removed) > 0 {
				t.Errorf("after the release %v was not given back", removed)
			}
		})
	}
}

func TestS16_SecurityPassesAnHRErrorHold(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.did()
	j.holds(plan.HoldHRError, plan.HoldSecurity).run().wantDid("disable")
	// And a status that is not known keeps nobody enabled.
	j = active(t, "2026-12-20 12:00")
	j.hears("start=2026-12-01 status=odd kind=employee dept=Sales title=Clerk manager=7")
	j.did()
	j.holds(plan.HoldSecurity).run().wantDid("disable")
}

func TestS16_HRErrorKeepsEverythingAndADisableIsToldWithin15Minutes(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.hears(leaving).holds(plan.HoldHRError).did()
	due := j.line("disable").Due
	j.until(due.Add(-time.Minute).Format(time.RFC3339)).wantAttention()
	j.until(due.Add(15 * time.Minute).Format(time.RFC3339)).wantAttention(plan.AttentionHeldDisable)
	j.wantDid()
	j.wantState(plan.AccountEnabled)
}

// TestS16_HeldDisableTaskIsTold: a task that disables is told as the line is.
func TestS16_HeldDisableTaskIsTold(t *testing.T) {
	t.Parallel()
	j := active(t, "2026-12-20 12:00")
	j.policy = loadPolicy(t, "  - name: Last day is near\n",
		"  - name: Garden leave\n    category: leaver\n    trigger: {on: lastDayOfWork, offset: -7d, at: \"09:00\"}\n    late: run\n    tasks:\n      - disableUserAccount: {}\n\n  - name: Last day is near\n")
	j.hears(leaving).holds(plan.HoldHRError)
	j.until("2026-12-24 09:15").wantAttention(plan.AttentionHeldDisable)
	j.wantState(plan.AccountEnabled)
}

func TestS16_NoHoldKeepsTerminate(t *testing.T) {
	t.Parallel()
	for _, kind := range []plan.HoldKind{plan.HoldLegal, plan.HoldSecurity, plan.HoldHRError, "of the future"} {
		j := active(t, "2026-12-20 12:00").holds(kind)
		blocked := by(j)
		j.facts.Overrides.Blocked = &blocked
		j.run().wantState(plan.AccountDisabled)
	}
}

// TestS16_HoldOfBeforeKinds: a hold without a kind is for an error of HR.
func TestS16_HoldOfBeforeKinds(t *testing.T) {
	t.Parallel()
	hold := plan.By{ID: "1", Actor: "kim", At: at(t, "2026-11-10 12:00")}
	o := plan.Overrides{Hold: &hold, Holds: []plan.Hold{{Kind: plan.HoldLegal}}}
	if got, want := o.HoldKinds(), []plan.HoldKind{plan.HoldHRError, plan.HoldLegal}; !slices.Equal(got, want) {
		t.Errorf("kinds: got %v, want %v", got, want)
	}
	j := newJourney(t, "2026-11-10 12:00").hears(hire)
	j.facts.Overrides.Hold = &hold
	j.until("2026-12-05 12:00").wantDid()
}
