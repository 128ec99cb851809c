package plan_test

import (
	"testing"

	"tenure/internal/person"
	"tenure/internal/plan"
)

func TestStandardJourney(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00").hears("start=2026-12-01 status=active kind=employee dept=Sales title=Clerk manager=7")
	j.wantPhase(person.PhasePreHire)
	j.wantDid()
	j.until("2026-11-17 06:00").wantDid("create")
	j.wantState(plan.AccountDisabled)
	j.until("2026-11-24 09:00").wantDid("addUserToGroups", "addUserToGroups#2", "assignLicensesToUser", "sendOnboardingReminderEmail", "generateTemporaryAccessPass")
	j.until("2026-12-01 00:00").wantDid("enable")
	j.wantPhase(person.PhaseActive)
	j.until("2026-12-01 08:00").wantDid("sendWelcomeEmail")
	j.until("2026-12-02 08:00").hears("start=2026-12-01 status=active kind=employee dept=Engineering title=Clerk manager=7")
	j.wantDid("update")
	j.until("2026-12-02 08:15").wantDid("removeUserFromGroups", "addUserToGroups#2", "runCustomTaskExtension", "sendManagerMoveNotification")
	j.until("2027-02-01 08:00").hears("start=2026-12-01 last=2027-03-31 status=active kind=employee dept=Engineering title=Clerk manager=7")
	j.until("2027-03-24 09:00").wantDid("sendEmailBeforeLastDay")
	j.until("2027-04-01 00:00").wantDid("revokeAllRefreshTokens", "removeUserFromAllGroups", "removeAllLicenseAssignments", "disable", "sendEmailOnLastDay")
	j.wantPhase(person.PhaseLeft)
	j.until("2027-05-01 00:00").wantDid("delete")
	j.wantPhase(person.PhaseDeleted)
	if next := j.result().Next; !next.IsZero() {
		t.Errorf("next after the delete: got %s, want none (S13)", next)
	}
}
