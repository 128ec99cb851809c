package plan_test

import (
	"slices"
	"strings"
	"testing"

	"tenure/internal/lifecycle"
	"tenure/internal/plan"
)

// domainPolicy has a domain of Active Directory for its only target, under the name
// that the helpers look for.
const domainPolicy = `version: 1
feeds:
  hr: {kind: webhook, realm: main, baseline: 2026-11-01, zone: Europe/Berlin, signature: {scheme: standard-webhooks, secrets: ["env:S"]}}
targets:
  entra:
    kind: ad
    credential: {kind: bind, user: env:U, secret: env:P}
    mode: enforce
    domain: contoso.example
    account: {create: {on: startDate, offset: -14d}, enable: {on: startDate}, disable: {on: lastDayOfWork}}
    mapping: {userPrincipalName: {unique: [given.family#], apply: create}, displayName: {attribute: person.displayName}}
workflows:
  - name: Goodbye
    category: leaver
    trigger: {on: lastDayOfWork, offset: -3d, at: "12:00"}
    tasks:
`

// inDomain is a journey in it whose leavers do these tasks three days before they
// leave.
func inDomain(t *testing.T, tasks ...string) *journey {
	t.Helper()
	j := newJourney(t, "2026-11-10 12:00")
	policy, err := lifecycle.Load(lifecycle.Source{Name: "policy.yaml", Content: []byte(domainPolicy + "      - " + strings.Join(tasks, "\n      - ") + "\n")})
	if err != nil {
		t.Fatal(err)
	}
	j.policy = policy
	return j
}

const (
	goes    = "start=2026-12-01 last=2027-03-31 status=active kind=employee dept=Sales title=Clerk manager=7"
	stays   = "start=2026-12-01 status=active kind=employee dept=Sales title=Clerk manager=7"
	leavers = "OU=Leavers,DC=contoso,DC=example"
)

func (j *journey) domainLine(task string) plan.Line {
	j.t.Helper()
	lines, _, _ := plan.Lines(j.input())
	for _, line := range lines {
		if line.Task == task {
			return line
		}
	}
	j.t.Fatalf("the plan has no line %s", task)
	return plan.Line{}
}

// TestS4_MovedAmongLeaversOnceDisabled: the move waits for the one owner of enabled,
// and what comes behind it waits too.
func TestS4_MovedAmongLeaversOnceDisabled(t *testing.T) {
	t.Parallel()
	j := inDomain(t, "disableUserAndMoveToContainer: {container: \""+leavers+"\"}", "hideUserFromAddressLists: {}", "setUserAttributes: {attributes: {info: {constant: Left}}}")
	j.hears(goes)
	line := j.domainLine("disableUserAndMoveToContainer")
	if line.State != plan.Future || !strings.Contains(line.Reason, "to "+leavers) || !strings.Contains(j.domainLine("setUserAttributes").Reason, "writes info") {
		t.Errorf("preview = %s %q", line.State, line.Reason)
	}
	j.until("2027-03-28 11:59").wantState(plan.AccountEnabled)
	j.did()
	j.fail[plan.Cut] = false
	j.now = at(t, "2027-03-28 12:00")
	j.run().wantState(plan.AccountEnabled)
	if line = j.domainLine("disableUserAndMoveToContainer"); line.State != plan.Waiting || line.Code != "disable-first" {
		t.Errorf("while the disable fails: %s %s, want waiting", line.State, line.Code)
	}
	delete(j.fail, plan.Cut)
	j.until("2027-03-28 14:00").wantState(plan.AccountDisabled)
	if got, want := j.did(), []string{"disable", "disableUserAndMoveToContainer", "hideUserFromAddressLists", "setUserAttributes"}; !slices.Equal(got, want) {
		t.Errorf("did %v, want %v", got, want)
	}
	// The leave is taken back: so is the disable that came with the move.
	j.hears(stays)
	j.until("2027-03-28 15:00").wantState(plan.AccountEnabled)
	j.hears("start=2026-12-01 last=2027-04-30 status=active kind=employee dept=Sales title=Clerk manager=7")
	j.until("2027-04-27 11:00").wantState(plan.AccountEnabled)
	j.until("2027-04-27 13:00").wantState(plan.AccountDisabled)
}

// TestS7_DeleteTaskKeepsTheMinimum: the task orders, the account lines delete.
func TestS7_DeleteTaskKeepsTheMinimum(t *testing.T) {
	t.Parallel()
	j := inDomain(t, "deleteUserAccount: {minimum: 20d}")
	j.hears(goes)
	if line := j.domainLine("deleteUserAccount"); !strings.Contains(line.Reason, "not before 20d after the disable") {
		t.Errorf("preview = %q", line.Reason)
	}
	j.until("2027-03-31 23:00").wantState(plan.AccountEnabled)
	j.until("2027-04-20 23:00").wantState(plan.AccountDisabled)
	j.until("2027-04-21 00:01").wantState(plan.AccountDeleted)
}

func TestS7_DeleteTaskIsForgottenWithTheLeave(t *testing.T) {
	t.Parallel()
	j := inDomain(t, "deleteUserAccount: {minimum: 1d}")
	j.hears(goes).until("2027-03-30 12:00").hears(stays)
	if len(j.facts.Memory.Deletes) != 0 {
		t.Errorf("orders = %+v after the leave was taken back, want none", j.facts.Memory.Deletes)
	}
	j.until("2027-05-30 12:00").wantState(plan.AccountEnabled)
	j.hears("start=2026-12-01 last=2027-06-30 status=active kind=employee dept=Sales title=Clerk manager=7")
	j.until("2027-06-30 23:59").wantState(plan.AccountEnabled)
	j.until("2027-07-01 12:00").wantState(plan.AccountDisabled)
	j.until("2027-07-02 12:00").wantState(plan.AccountDeleted)
}

// TestS16_LegalHoldKeepsTheOrderedDelete: a hold keeps it as it keeps a delete line.
func TestS16_LegalHoldKeepsTheOrderedDelete(t *testing.T) {
	t.Parallel()
	j := inDomain(t, "deleteUserAccount: {minimum: 1d}")
	j.hears(goes).until("2027-03-31 12:00")
	j.facts.Overrides.Holds = []plan.Hold{{Kind: plan.HoldLegal, By: plan.By{Actor: "x", At: j.now}}}
	j.until("2027-05-01 12:00").wantState(plan.AccountDisabled)
	j.facts.Overrides.Holds = nil
	j.run().wantState(plan.AccountDeleted)
}
