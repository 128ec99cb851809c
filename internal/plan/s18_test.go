package plan_test

import (
	"slices"
	"testing"

	"tenure/internal/plan"
)

// withTeams is the standard policy with groups by value instead of conditions.
func withTeams(t *testing.T, values string) *journey {
	t.Helper()
	j := newJourney(t, "2026-11-10 12:00")
	j.policy = loadPolicy(t,
		"    mapping:                          # attribute", "    values:\n      team: {from: assignment.department.name, values: {"+values+"}}\n    mapping:                          # attribute",
		`      - addUserToGroups: {groups: [sales]}
        when: 'assignment.department.name == "Sales"'
      - addUserToGroups: {groups: [engineering]}
        when: 'assignment.department.name == "Engineering"'
`, "      - addUserToGroups: {groups: [team]}\n        continueOnError: false\n",
		`      - removeUserFromGroups: {groups: [sales]}            # what the old job gave is taken away
        when: 'before.assignment.department.name == "Sales" && !(after.assignment.department.name == "Sales")'
      - removeUserFromGroups: {groups: [engineering]}
        when: 'before.assignment.department.name == "Engineering" && !(after.assignment.department.name == "Engineering")'
      - addUserToGroups: {groups: [sales]}                 # and what the new one needs is given
        when: 'after.assignment.department.name == "Sales"'
      - addUserToGroups: {groups: [engineering]}
        when: 'after.assignment.department.name == "Engineering"'
`, "      - removeUserFromGroups: {groups: [before.team]}\n      - addUserToGroups: {groups: [after.team]}\n",
		"      - removeUserFromAllGroups: {}\n", "      - removeUserFromGroups: {groups: [team]}\n      - removeUserFromAllGroups: {}\n",
	)
	return j
}

// groupsOf collects the labels with which tasks were sent.
func (j *journey) groupsOf(words string) map[string][]string {
	j.t.Helper()
	out := map[string][]string{}
	j.merge(record(j.t, words))
	for range 20 {
		result := plan.Build(j.input())
		j.take(result)
		for _, batch := range result.Due {
			for _, task := range batch.Tasks {
				if len(task.Groups) > 0 {
					out[task.Task] = task.Groups
				}
			}
			j.perform(batch)
		}
		if len(result.Due) == 0 && len(result.Settled) == 0 {
			break
		}
	}
	return out
}

func TestS18_GroupsByWhatHRSays(t *testing.T) {
	t.Parallel()
	j := withTeams(t, "Sales: sales, R&D: engineering")
	j.hears(hire)
	j.until("2026-11-24 08:59")
	j.now = at(t, "2026-11-24 09:00")
	got := j.groupsOf(hire)
	if !slices.Equal(got["addUserToGroups#2"], []string{"sales"}) {
		t.Errorf("groups of a hire in sales: got %v, want sales by the value map", got)
	}
	j.until("2026-12-20 12:00")
	j.hears("start=2026-12-01 status=active kind=employee dept=R&D title=Clerk manager=7")
	j.now = at(t, "2026-12-20 12:15")
	got = j.groupsOf("start=2026-12-01 status=active kind=employee dept=R&D title=Clerk manager=7")
	if !slices.Equal(got["removeUserFromGroups"], []string{"sales"}) || !slices.Equal(got["addUserToGroups"], []string{"engineering"}) {
		t.Errorf("groups of a mover: got %v, want sales taken and engineering given", got)
	}
}

// TestS18_LeaverKeepsTheLastValue: HR systems empty the job of those who left.
func TestS18_LeaverKeepsTheLastValue(t *testing.T) {
	t.Parallel()
	j := withTeams(t, "Sales: sales").hears(hire).until("2026-12-20 12:00")
	j.did()
	got := j.groupsOf("start=2026-12-01 last=2026-12-19 status=terminated kind=employee")
	if !slices.Equal(got["removeUserFromGroups"], []string{"sales"}) {
		t.Errorf("groups of a leaver whose department is gone: got %v, want sales", got)
	}
}

func TestS18_ValueWithoutAnEntryIsToldAndHoldsNothingUp(t *testing.T) {
	t.Parallel()
	j := withTeams(t, "R&D: engineering")
	j.hears(hire).until("2026-11-24 12:00")
	j.wantDid("create", "addUserToGroups", "assignLicensesToUser", "sendOnboardingReminderEmail", "generateTemporaryAccessPass")
	j.wantAttention(plan.AttentionValueUnmapped)
	if got := j.line("addUserToGroups#2"); got.State != plan.ParkedState || got.Code != plan.AttentionValueUnmapped {
		t.Errorf("the line: got %s, want parked", plan.Explain(got))
	}
	// An entry in the policy mends it.
	j.policy = withTeams(t, "R&D: engineering, Sales: sales").policy
	j.run().wantDid("addUserToGroups#2")
	j.wantAttention()
}

func TestS18_ValueWithoutAnEntryIsGivenUpAfterTwoWeeks(t *testing.T) {
	t.Parallel()
	j := withTeams(t, "R&D: engineering").hears(hire).until("2026-12-08 10:00")
	if got := j.line("addUserToGroups#2"); got.State != plan.FailedState || got.Code != plan.AttentionValueUnmapped {
		t.Errorf("the line: got %s, want failed", plan.Explain(got))
	}
	j.wantAttention(plan.AttentionValueUnmapped)
	j.did()
	// An entry that comes later gives nothing by itself, but to who asks.
	j.policy = withTeams(t, "R&D: engineering, Sales: sales").policy
	j.run().wantDid()
	j.now = at(t, "2026-12-08 11:00")
	j.facts.Overrides.RunNow = []plan.KeyOverride{{By: by(j), Key: j.line("addUserToGroups#2").Key}}
	j.run().wantDid("addUserToGroups#2")
}

// TestS18_ChangeToAValueWithoutAnEntry: of a change only the part that is known is
// done, and an entry that comes later changes nothing of it.
func TestS18_ChangeToAValueWithoutAnEntry(t *testing.T) {
	t.Parallel()
	j := withTeams(t, "Sales: sales").hears(hire).until("2026-12-20 12:00")
	j.did()
	j.hears("start=2026-12-01 status=active kind=employee dept=Legal title=Clerk manager=7").until("2026-12-20 12:30")
	j.wantDid("update", "removeUserFromGroups", "runCustomTaskExtension", "sendManagerMoveNotification")
	j.wantAttention(plan.AttentionValueUnmapped)
	j.policy = withTeams(t, "Sales: sales, Legal: engineering").policy
	j.until("2026-12-21 12:30").wantDid()
}

func TestS18_ValueThatIsMeantToHaveNoGroup(t *testing.T) {
	t.Parallel()
	j := withTeams(t, "Sales: none, R&D: engineering").hears(hire).until("2026-12-20 12:00")
	j.wantAttention()
	if got := j.line("addUserToGroups#2"); got.State != plan.OutOfScope {
		t.Errorf("the line: got %s, want out of scope", plan.Explain(got))
	}
}
