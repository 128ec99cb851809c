package plan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/plan"
)

// The container that the synchronisation leaves out, in the hybrid policy.
const (
	unsynced      = `    containers: [{under: "OU=Leavers,OU=Staff,DC=contoso,DC=example", synced: false}]` + "\n    groups: {team"
	moveLeavers   = `      - disableUserAndMoveToContainer: {container: "OU=Leavers,OU=Staff,DC=contoso,DC=example", target: corp}` + "\n      - removeUserFromAllGroups: {target: corp}"
	moveTask      = "disableUserAndMoveToContainer"
	byDepartment  = "      parentDistinguishedName: {expression: 'Switch([assignment.department.name], \"OU=Staff,DC=contoso,DC=example\", \"Gone\", \"OU=Leavers,OU=Staff,DC=contoso,DC=example\")'}\n      title:"
	deletesWords  = "; deletes the account and the mailbox in cloud"
	cloudDeletion = "      delete:  {on: terminationDate, offset: 30d, minimum: 14d}\n    groups: {all-staff"
)

// leaver is somebody who leaves the hybrid organisation on the 20th.
func hybridLeaver(t *testing.T, replace ...string) *journey {
	t.Helper()
	j := newHybrid(t, append([]string{"    groups: {team", unsynced, "      - removeUserFromAllGroups: {target: corp}", moveLeavers}, replace...)...)
	j.merge(record(t, "start=2026-12-01 last=2026-12-20 status=active kind=employee country=DE"))
	return j.until("2026-12-21 00:00")
}

// TestS17_MoveOutOfSyncWaitsForTheDelete: a leaver moves to a container that is not
// synchronised only once the delete in the cloud is let through; what follows in
// the run does not wait.
func TestS17_MoveOutOfSyncWaitsForTheDelete(t *testing.T) {
	t.Parallel()
	j := hybridLeaver(t)
	line := j.lineIn(corp, moveTask)
	if line.State != plan.Waiting || !strings.HasSuffix(line.Reason, deletesWords+"; waits for the delete there") {
		t.Fatalf("line %+v, want it to wait for the delete in the cloud", line)
	}
	if got := j.lineIn(corp, "removeUserFromAllGroups#2").State; got != plan.Finished {
		t.Errorf("the groups in the domain are %s, want them gone", got)
	}
	j.parksIn = map[string]map[plan.Verb]string{cloud: {plan.Delete: plan.CodeSynced}}
	j.until("2027-01-19 23:00")
	if got := j.lineIn(corp, moveTask).State; got != plan.Waiting {
		t.Errorf("the move is %s before the delete is due, want it to wait", got)
	}
	j.now = at(t, "2027-01-20 00:00")
	result := plan.Build(j.input())
	j.take(result)
	for _, batch := range result.Due {
		if batch.Target == cloud {
			j.perform(batch)
		}
	}
	found := false
	for _, batch := range plan.Build(j.input()).Due {
		for _, task := range batch.Tasks {
			if task.Task == moveTask {
				found = true
				if !task.Unsyncs || batch.Counterpart != cloud {
					t.Errorf("task %+v of %+v, want the move agreed to", task, batch)
				}
			}
		}
	}
	if !found {
		t.Errorf("the move is not due once the delete is let through: %+v", j.lineIn(corp, moveTask))
	}
}

// TestS17_MoveOutOfSyncAsksWhereNothingIsDeleted: without a delete line in the cloud
// a human decides, and a hold that keeps deletes keeps the move.
func TestS17_MoveOutOfSyncAsksWhereNothingIsDeleted(t *testing.T) {
	t.Parallel()
	j := hybridLeaver(t, cloudDeletion, "    groups: {all-staff")
	if line := j.lineIn(corp, moveTask); line.State != plan.Asks || line.Code != plan.AttentionLeavesSync || !strings.HasSuffix(line.Reason, deletesWords) {
		t.Fatalf("line %+v, want it to ask", line)
	}
	if got := j.attention(); !slices.Contains(got, plan.AttentionLeavesSync) {
		t.Errorf("attention %v, want %s", got, plan.AttentionLeavesSync)
	}
	j.facts.Overrides.Holds = []plan.Hold{{By: by(j), Kind: plan.HoldLegal}}
	if got := j.lineIn(corp, moveTask).State; got != plan.Held {
		t.Errorf("the move is %s under a legal hold, want it held", got)
	}
	j.facts.Overrides.Holds = nil
	j.facts.Overrides.Approved = []plan.KeyOverride{{By: by(j), Key: j.lineIn(corp, moveTask).Key}}
	if got := j.lineIn(corp, moveTask).State; got != plan.Due {
		t.Errorf("the move is %s once it is approved, want it due", got)
	}
}

// TestS17_UpdateOutOfSyncAsks: nobody who works here loses a mailbox by a change of
// department; a synchronised container and a person without an account in the
// cloud are moved as ever.
func TestS17_UpdateOutOfSyncAsks(t *testing.T) {
	t.Parallel()
	mover := func(department string, parks map[plan.Verb]string) *journey {
		j := newHybrid(t, "    groups: {team", unsynced, "      title:", byDepartment)
		j.parksIn = map[string]map[plan.Verb]string{cloud: parks}
		j.merge(record(t, "start=2026-12-01 status=active kind=employee country=DE dept=Sales"))
		j.until("2026-12-10 12:00")
		j.merge(record(t, "start=2026-12-01 status=active kind=employee country=DE dept="+department))
		return j.run()
	}
	j := mover("Gone", nil)
	line := j.lineIn(corp, "update")
	if line.State != plan.Asks || line.Code != plan.AttentionLeavesSync || !strings.HasSuffix(line.Reason, deletesWords) {
		t.Errorf("line %+v, want it to ask", line)
	}
	j.now = j.now.Add(time.Minute)
	j.facts.Overrides.Approved = []plan.KeyOverride{{By: by(j), Key: line.Key}}
	agreed := slices.ContainsFunc(plan.Build(j.input()).Due, func(b plan.Batch) bool { return b.Target == corp && b.Tasks[0].Unsyncs })
	if !agreed {
		t.Errorf("due %+v, want the move that was approved", plan.Build(j.input()).Due)
	}
	for name, other := range map[string]*journey{
		"synchronised":  mover("Marketing", nil),
		"not there yet": mover("Gone", map[plan.Verb]string{plan.Create: plan.CodeNoCounterpart}),
	} {
		if slices.Contains(other.attention(), plan.AttentionLeavesSync) {
			t.Errorf("%s: attention %v, want the move without a question", name, other.attention())
		}
	}
}

// TestS17_MoveOutOfSyncUsesUpADelete: what a human lets go takes from the budget of
// deletes of the target that loses the account, and is counted before it is done; a
// gate there keeps it. Behind the delete line there it takes nothing more.
func TestS17_MoveOutOfSyncUsesUpADelete(t *testing.T) {
	t.Parallel()
	j := newHybrid(t, "    groups: {team", unsynced, "      title:", byDepartment)
	j.merge(record(t, "start=2026-12-01 status=active kind=employee country=DE dept=Sales"))
	j.until("2026-12-10 12:00")
	j.merge(record(t, "start=2026-12-01 status=active kind=employee country=DE dept=Gone"))
	j.run()
	line := j.lineIn(corp, "update")
	if line.Deletes != cloud {
		t.Errorf("line %+v, want it shown as a delete in the cloud", line)
	}
	j.wantBudget("delete 12-10 11:00 false")
	j.now = j.now.Add(time.Minute)
	j.facts.Overrides.Approved = []plan.KeyOverride{{By: by(j), Key: line.Key}}
	j.wantBudget("delete 12-10 11:00 true")
	_, lines := plan.BuildWithBudget(j.input())
	result := j.result()
	if task := result.Due[0].Tasks[0]; lines[0].Target != cloud || task.Loses != cloud || !task.Unsyncs {
		t.Fatalf("budget %+v for task %+v, want that of the cloud", lines, task)
	}
	j.park(result.Due[0].Tasks[0], plan.AttentionGated)
	input := j.input()
	for name, gate := range map[string]plan.GateLine{
		"its own":       {Target: cloud, Kind: lifecycle.LimitDelete, Line: lines[0].Line},
		"another's":     {Target: cloud, Kind: lifecycle.LimitDelete, Line: "account:cloud/s9/delete"},
		"of the domain": {Target: corp, Kind: lifecycle.LimitDelete, Line: lines[0].Line},
	} {
		input.Brakes = plan.Brakes{Known: true, Gates: []plan.GateLine{gate}}
		if frozen := len(plan.Build(input).Due) == 0; frozen != (name == "its own") {
			t.Errorf("%s gate: frozen %t", name, frozen)
		}
	}
	j = hybridLeaver(t)
	j.parksIn = map[string]map[plan.Verb]string{cloud: {plan.Delete: plan.CodeSynced}}
	j.until("2027-01-20 00:00")
	for _, batch := range j.result().Due {
		for _, task := range batch.Tasks {
			if task.Task == moveTask && task.Loses != "" {
				t.Errorf("task %+v behind the delete, want it to use up nothing", task)
			}
		}
	}
}

// TestS17_MoveOutOfSyncJumpsOverNoDelete: an approval goes before a delete that lies
// ahead, and not before one that is due and waits, at a gate for one.
func TestS17_MoveOutOfSyncJumpsOverNoDelete(t *testing.T) {
	t.Parallel()
	j := hybridLeaver(t)
	j.facts.Overrides.Approved = []plan.KeyOverride{{By: by(j), Key: j.lineIn(corp, moveTask).Key}}
	if got := j.lineIn(corp, moveTask).State; got != plan.Due {
		t.Errorf("the move is %s once it is approved, want it due", got)
	}
	j.now = at(t, "2027-01-20 00:00")
	j.parksIn = map[string]map[plan.Verb]string{cloud: {plan.Delete: plan.AttentionGated}}
	for _, batch := range plan.Build(j.input()).Due {
		if batch.Target == cloud {
			j.perform(batch)
		}
	}
	if got := j.lineIn(corp, moveTask).State; got != plan.Waiting {
		t.Errorf("the move is %s while the delete waits at a gate, want it to wait too", got)
	}
}

// TestS17_PreviewShowsWhoLosesTheAccount: a change of the policy that moves people
// out of the synchronisation, or ends it for where they are moved, is shown as the
// delete that it is.
func TestS17_PreviewShowsWhoLosesTheAccount(t *testing.T) {
	t.Parallel()
	const leavers = "      - removeUserFromAllGroups: {target: corp}"
	deletes := func(j *journey, policy *lifecycle.Policy) []string {
		after := j.input()
		after.Policy = policy
		var out []string
		for _, d := range plan.Compare(j.input(), after) {
			if d.Line.Deletes != "" {
				out = append(out, string(d.Change)+" "+d.Line.Task+" in "+d.Line.Target+" deletes in "+d.Line.Deletes)
			}
		}
		return out
	}
	j := newHybrid(t, "    groups: {team", unsynced)
	j.merge(record(t, "start=2026-12-01 last=2027-03-31 status=active kind=employee country=DE dept=Gone"))
	j.until("2026-12-10 12:00")
	mapped := hybridPolicy(t, "    groups: {team", unsynced, "      title:", byDepartment)
	if got, want := deletes(j, mapped), []string{"newly due update in corp deletes in cloud"}; !slices.Equal(got, want) {
		t.Errorf("a slip in the mapping: %q, want %q", got, want)
	}
	moves := hybridPolicy(t, "    groups: {team", unsynced, leavers, moveLeavers)
	if got, want := deletes(j, moves), []string{"added " + moveTask + " in corp deletes in cloud"}; !slices.Equal(got, want) {
		t.Errorf("a new task: %q, want %q", got, want)
	}
	j.policy = hybridPolicy(t, leavers, moveLeavers)
	if got, want := deletes(j, moves), []string{"now deletes " + moveTask + " in corp deletes in cloud"}; !slices.Equal(got, want) {
		t.Errorf("a container that is synchronised no more: %q, want %q", got, want)
	}
}

// outsideSync is a hire whose account in the domain comes to lie where no
// synchronisation sees it.
func outsideSync(t *testing.T, replace ...string) *journey {
	t.Helper()
	j := newHybrid(t, append([]string{"    groups: {team", unsynced, "      title:", byDepartment}, replace...)...)
	j.parksIn = map[string]map[plan.Verb]string{cloud: {plan.Create: plan.CodeNoCounterpart}}
	j.merge(record(t, "start=2026-12-01 status=active kind=employee country=DE dept=Gone"))
	return j
}

// TestS17_HireOutsideTheSynchronisationIsToldAtOnce: the line says it weeks ahead,
// and asks once it is due instead of waiting for what cannot come; what the domain
// does goes on. Corrected it waits as ever.
func TestS17_HireOutsideTheSynchronisationIsToldAtOnce(t *testing.T) {
	t.Parallel()
	const words = "; the account in corp is to lie in a container that is not synchronised, so that none comes"
	j := outsideSync(t)
	if line := j.lineIn(cloud, "create"); line.State != plan.Future || line.Code != plan.AttentionOutsideSync || !strings.HasSuffix(line.Reason, words) {
		t.Errorf("line %+v, want it told ahead", line)
	}
	j.wantAttention()
	j.now = at(t, "2026-11-17 06:00")
	if line := j.lineIn(cloud, "create"); line.State != plan.Asks || line.Code != plan.AttentionOutsideSync {
		t.Errorf("line %+v, want it to ask before the domain has the account", line)
	}
	j.run().wantAttention(plan.AttentionOutsideSync)
	if len(j.result().Waits) != 0 || j.account(corp).State != plan.AccountDisabled {
		t.Errorf("waits %+v, account %+v; want no wait, and the account in the domain", j.result().Waits, j.account(corp))
	}
	corrected := *j
	corrected.merge(record(t, "start=2026-12-01 status=active kind=employee country=DE dept=Sales"))
	corrected.run().wantAttention()
	if len(corrected.result().Waits) != 1 {
		t.Errorf("waits %+v once the department is corrected, want the counterpart", corrected.result().Waits)
	}
	approved := *j
	approved.now = j.now.Add(time.Minute)
	approved.facts.Overrides.Approved = []plan.KeyOverride{{By: by(&approved), Key: approved.lineIn(cloud, "create").Key}}
	if approved.run(); len(approved.result().Waits) != 1 {
		t.Errorf("waits %+v once it is approved, want the counterpart", approved.result().Waits)
	}
	skipped := *j
	skipped.facts.Overrides.Skips = []plan.KeyOverride{{By: by(j), Key: j.lineIn(cloud, "create").Key}}
	skipped.until("2026-12-02 12:00").wantAttention()
	if got := skipped.lineIn(cloud, "addUserToGroups"); got.State != plan.OutOfScope {
		t.Errorf("line %+v of somebody without an account in the cloud, want it out of scope", got)
	}
}

// TestS17_WhereTheAccountLiesIsKnown: told only of what is sure.
func TestS17_WhereTheAccountLiesIsKnown(t *testing.T) {
	t.Parallel()
	const container = "      parentDistinguishedName: {expression: 'Switch([assignment.department.name], \"OU=Staff,DC=contoso,DC=example\", \"Gone\", \"OU=Leavers,OU=Staff,DC=contoso,DC=example\")'"
	for name, tt := range map[string]struct {
		replace []string
		edit    func(j *journey)
		want    bool
	}{
		"by the mapping":           {nil, nil, true},
		"by the mapping at create": {[]string{container + "}", container + ", apply: create}"}, nil, true},
		"by where all lie":         {[]string{container + "}\n", "", "OU=Leavers,OU=Staff,DC=contoso,DC=example\", synced", "OU=Staff,DC=contoso,DC=example\", synced"}, nil, true},
		"another's container":      {[]string{`under: "OU=Leavers,OU=Staff,DC=contoso,DC=example", synced`, `under: "OU=Other,DC=contoso,DC=example", synced`}, nil, false},
		"the domain is observed":   {[]string{"mode: enforce\n    domain: contoso.example\n    under", "mode: observe\n    domain: contoso.example\n    under"}, nil, false},
		"linked, placed by others": {[]string{container + "}", container + ", apply: create}"}, func(j *journey) {
			j.put(plan.Account{Target: corp, ID: "o-1", State: plan.AccountDisabled, Linked: plan.LinkedByHuman, Stay: "s1"})
		}, false},
	} {
		j := outsideSync(t, tt.replace...)
		if tt.edit != nil {
			tt.edit(j)
		}
		j.now = at(t, "2026-11-17 06:00")
		if got := slices.Contains(j.attention(), plan.AttentionOutsideSync); got != tt.want {
			t.Errorf("%s: told %t, want %t; %v", name, got, tt.want, j.attention())
		}
	}
}

// TestS17_PreviewShowsWhoWillHaveNone: a container that is synchronised no more is
// shown with those whose accounts cannot come.
func TestS17_PreviewShowsWhoWillHaveNone(t *testing.T) {
	t.Parallel()
	for _, now := range []string{"2026-11-12 12:00", "2026-11-17 07:00"} {
		j := outsideSync(t)
		after := j.policy
		j.policy = hybridPolicy(t, "      title:", byDepartment)
		j.until(now)
		in := j.input()
		in.Policy = after
		found := slices.ContainsFunc(plan.Compare(j.input(), in), func(d plan.Difference) bool {
			return d.Change == plan.NowAsks && d.Line.Target == cloud && d.Line.Task == "create" && d.Asks
		})
		if !found {
			t.Errorf("at %s: differences %+v, want the account in the cloud", now, plan.Compare(j.input(), in))
		}
	}
}
