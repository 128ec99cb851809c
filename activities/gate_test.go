package activities_test

import (
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"tenure/activities"
	"tenure/internal/catalog"
	"tenure/internal/directory"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// limited activates the shipped policy with limits, as version 2.
func (o *office) limited(limits string) {
	o.t.Helper()
	version, err := o.store.ActivePolicy(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	source := strings.Replace(string(version.Source), "    mode: enforce\n", "    mode: enforce\n    limits: "+limits+"\n", 1)
	if _, _, err = o.store.SavePolicy(o.t.Context(), store.PolicyVersion{
		Source: []byte(source), Hash: lifecycle.Hash(lifecycle.Source{Content: []byte(source)}), Actor: "test", Reason: "test", AppliedAt: o.now,
	}); err != nil {
		o.t.Fatal(err)
	}
}

// leaver is somebody with an enabled account in a group, whose disable is due
// and known to the gate.
func (o *office) leaver(key string) activities.TaskInput {
	o.t.Helper()
	id := o.dir.AddAccount(directory.Account{EmployeeID: key, UserName: key + "@contoso.example", Enabled: true})
	o.dir.Join(id, "5b7d2b7c-9c1e-4b43-a3c1-1f3f6f6b0003")
	in := o.input("account:entra", "disable", plan.ActivityCut, "entra")
	in.Journey, in.Key, in.PolicyVersion = contract.JourneyID("main", key), key, 2
	in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountEnabled}
	in.Record.Attributes = in.Record.Attributes.With(person.Attribute{Name: "employeeId", Value: key})
	err := o.store.SettleDemand(o.t.Context(), store.Settlement{
		Journey: in.Journey, Now: o.now,
		Wanted: []store.Wanted{{
			Target: "entra", Kind: string(lifecycle.LimitDisable), Line: plan.LeaveLine("entra", "s1"), Due: o.now, Counts: true,
			Reason: "lastDayOfWork 2026-11-20, stated by feed hr at 2026-11-22 10:00 UTC",
		}},
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return in
}

func (o *office) organisation() {
	o.dir.AddGroup(directory.Group{ID: "5b7d2b7c-9c1e-4b43-a3c1-1f3f6f6b0003", Name: "engineering", Kind: directory.GroupAssigned})
}

func (o *office) wantEnabled(in activities.TaskInput, want bool) {
	o.t.Helper()
	live, err := o.dir.Account(o.t.Context(), in.Account.ID)
	if err != nil || live.Enabled != want {
		o.t.Errorf("account of %s: enabled %v, error %v; want %v", in.Key, live.Enabled, err, want)
	}
}

// wantUntouched: what a gate or a pause stops leaves no half state.
func (o *office) wantUntouched(in activities.TaskInput, got activities.TaskOutcome, code string, human bool) {
	o.t.Helper()
	if got.Status != activities.Failed || got.Code != code || got.Human != human || got.Retryable {
		o.t.Errorf("outcome of %s = %+v, want %s", in.Key, got, code)
	}
	effects, err := o.store.OpenEffects(o.t.Context(), in.Journey)
	if err != nil || len(effects) > 0 {
		o.t.Errorf("%s has open effects %+v, error %v; want none", in.Key, effects, err)
	}
	o.wantEnabled(in, true)
}

func (o *office) decide(gate string, approve bool, except ...string) {
	o.t.Helper()
	_, err := o.store.DecideGate(o.t.Context(), store.GateDecision{
		Gate: gate, Approve: approve, Actor: "vera@contoso.example", Reason: "looked at", At: o.now, Except: except,
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// S15: what a leave takes away without a budget of its own waits with the
// disable, and is rejected with it. What a human runs is not about the file.
func TestS15NobodyOfAWrongFileIsSignedOut(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.organisation()
	o.limited("{disable: {count: 1}}")
	people := []activities.TaskInput{o.leaver("3000"), o.leaver("3001")}
	revoke := func(in activities.TaskInput) activities.TaskOutcome {
		in.Batch.Activity = plan.ActivityAccount
		in.Batch.Tasks = []plan.Task{{
			Key: plan.TaskKey("Last day", "s1", 1, "revokeAllRefreshTokens"), Workflow: "Last day", Stay: "s1", Generation: 1,
			Task: "revokeAllRefreshTokens", Verb: plan.Verb(lifecycle.RevokeAllRefreshTokens), Due: o.now,
		}}
		result, err := o.tasks.ChangeAccount(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return result.Outcomes[0]
	}
	for _, in := range people {
		o.wantUntouched(in, revoke(in), activities.CodeGated, true)
	}
	byHand := people[0]
	byHand.ByHand = true
	if got := revoke(byHand); got.Status != activities.Done {
		t.Errorf("run by hand: %+v", got)
	}
	o.decide("entra-disable-1", true, people[0].Journey)
	if got := revoke(people[1]); got.Status != activities.Done {
		t.Errorf("approved: %+v", got)
	}
	third := o.leaver("3002")
	third.Terminated = true
	if got := revoke(third); got.Status != activities.Done {
		t.Errorf("terminated by hand: %+v", got)
	}
}

func TestS15NobodyOfAWrongFileIsDisabled(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.organisation()
	o.limited("{disable: {count: 2}}")
	var people []activities.TaskInput
	for n := range 4 {
		people = append(people, o.leaver(strconv.Itoa(3000+n)))
	}
	for _, in := range people {
		o.wantUntouched(in, o.cut(in), activities.CodeGated, true)
	}
	groups := people[1]
	groups.Batch.Activity = plan.ActivityAccount
	groups.Batch.Tasks = []plan.Task{{
		Key: plan.TaskKey("Last day", "s1", 1, "removeUserFromAllGroups"), Workflow: "Last day", Stay: "s1", Generation: 1,
		Task: "removeUserFromAllGroups", Verb: plan.Verb(lifecycle.RemoveUserFromAllGroups), Due: o.now,
	}}
	result, err := o.tasks.ChangeAccount(t.Context(), groups)
	if err != nil {
		t.Fatal(err)
	}
	o.wantUntouched(groups, result.Outcomes[0], activities.CodeGated, true)
	members, err := o.store.GateMembers(t.Context(), "entra-disable-1")
	if err != nil || len(members) != 4 || !strings.Contains(members[0].Reason, "stated by feed hr") {
		t.Fatalf("members = %+v, error %v; want four with the reason of their plans", members, err)
	}
	o.decide("entra-disable-1", true, people[3].Journey)
	if result, err = o.tasks.ChangeAccount(t.Context(), groups); err != nil || result.Outcomes[0].Status != activities.Done {
		t.Errorf("groups of an approved leaver: %+v, error %v", result, err)
	}
	for _, in := range people[:3] {
		for range 2 { // the retry of a worker that was killed
			if got := o.cut(in); got.Status != activities.Done {
				t.Errorf("%s after the approval: %+v", in.Key, got)
			}
		}
		o.wantEnabled(in, false)
	}
	o.wantUntouched(people[3], o.cut(people[3]), activities.CodeGateRejected, true)
	byHand := people[3]
	byHand.ByHand, byHand.Actor = true, "operator"
	if got := o.cut(byHand); got.Status != activities.Done {
		t.Errorf("run by hand after the rejection: %+v", got)
	}
}

func TestS15TerminateAsksNoGate(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.organisation()
	o.limited("{disable: {count: 0}}")
	in := o.leaver("3001")
	o.wantUntouched(in, o.cut(in), activities.CodeGated, true)
	in.Terminated = true
	if got := o.cut(in); got.Status != activities.Done {
		t.Errorf("outcome = %+v, want done", got)
	}
	o.wantEnabled(in, false)
}

// What changes nothing takes nothing.
func TestS15NothingIsTakenForNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.organisation()
	o.limited("{disable: {count: 0}, create: {count: 0}, enable: {count: 0}, delete: {count: 0}, remove-all: {count: 0}}")
	in := o.leaver("3001")
	if err := o.dir.UpdateAccount(t.Context(), in.Account.ID, directory.Change{Enabled: no()}); err != nil {
		t.Fatal(err)
	}
	if got := o.cut(in); got.Status != activities.Done {
		t.Errorf("disabled already: %+v, want done", got)
	}
	in.Account = plan.Account{Target: "entra", ID: "gone", State: plan.AccountUnknown}
	in.Batch.Tasks[0].Verb, in.Batch.Tasks[0].Key = plan.Delete, "account:entra/s1/2/delete"
	result, err := o.tasks.DeleteAccount(t.Context(), in)
	if err != nil || result.Outcomes[0].Status != activities.Done {
		t.Errorf("gone already: %+v, error %v; want done", result, err)
	}
}

func TestS15PauseStopsEveryEffect(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.organisation()
	o.limited("{}")
	in := o.leaver("3001")
	_, err := o.store.PauseTarget(t.Context(), store.Pause{Target: "entra", Actor: "vera@contoso.example", Reason: "look first", At: o.now})
	if err != nil {
		t.Fatal(err)
	}
	o.wantUntouched(in, o.cut(in), activities.CodePaused, false)
	terminated := in
	terminated.Terminated = true
	o.wantUntouched(terminated, o.cut(terminated), activities.CodePaused, false)
	update := in
	update.Batch.Activity = plan.ActivityAccount
	update.Batch.Tasks = []plan.Task{{Key: "account:entra/s1/2/update", Workflow: "account:entra", Stay: "s1", Task: "update", Verb: plan.Update, Due: o.now}}
	result, err := o.tasks.ChangeAccount(t.Context(), update)
	if err != nil {
		t.Fatal(err)
	}
	o.wantUntouched(update, result.Outcomes[0], activities.CodePaused, false)
	if _, err := o.store.ResumeTarget(t.Context(), "entra", "vera@contoso.example", "looked", o.now); err != nil {
		t.Fatal(err)
	}
	if got := o.cut(in); got.Status != activities.Done {
		t.Errorf("after resume: %+v, want done", got)
	}
	// What is done stays done while the target is paused.
	if _, err := o.store.PauseTarget(t.Context(), store.Pause{Target: "entra", Actor: "vera@contoso.example", Reason: "again", At: o.now}); err != nil {
		t.Fatal(err)
	}
	if got := o.cut(in); got.Status != activities.Done {
		t.Errorf("a retry of what is done: %+v, want done", got)
	}
}

// Without the store nobody can tell what is allowed: effects wait.
func TestS15EffectsWaitForTheStore(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.organisation()
	o.limited("{}")
	in := o.leaver("3001")
	if _, err := o.tasks.CutAccess(t.Context(), in); err != nil { // the policy is known from now on
		t.Fatal(err)
	}
	later := o.leaver("3002")
	if err := o.store.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := o.tasks.CutAccess(t.Context(), later)
	var failed *temporal.ApplicationError
	if !errors.As(err, &failed) || failed.Type() != activities.CodeStore || failed.NonRetryable() {
		t.Errorf("error = %v, want one of the store that is tried again", err)
	}
	o.wantEnabled(later, true)
}

// A worker that is killed between its token and its effect took once.
func TestS15AKilledWorkerTookOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.organisation()
	o.limited("{disable: {count: 2}}")
	first, second := o.leaver("3001"), o.leaver("3002")
	verdict, err := o.store.Take(t.Context(), store.Take{
		Budget: store.Budget{
			Target: "entra", Kind: string(lifecycle.LimitDisable), Window: time.Hour, Allows: func(int) (int, bool) { return 2, true },
		},
		Key: first.Journey + "/" + first.Batch.Tasks[0].Key, Journey: first.Journey, Line: plan.LeaveLine("entra", "s1"), Due: o.now, At: o.now,
	})
	if err != nil || verdict.State != store.Granted {
		t.Fatalf("verdict = %+v, error %v", verdict, err)
	}
	for _, in := range []activities.TaskInput{first, second} {
		if got := o.cut(in); got.Status != activities.Done {
			t.Errorf("%s: %+v, want done", in.Key, got)
		}
	}
	third := o.leaver("3003")
	o.wantUntouched(third, o.cut(third), activities.CodeGated, true)
}

// A deleted account is none of those whose share a budget counts.
func TestS15ADeletedAccountIsHeldNoLonger(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.organisation()
	o.limited("{}")
	in := o.leaver("3001")
	if got := o.cut(in); got.Status != activities.Done {
		t.Fatalf("cut: %+v", got)
	}
	in.Batch.Activity = plan.ActivityDelete
	in.Batch.Tasks = []plan.Task{{Key: "account:entra/s1/2/delete", Workflow: "account:entra", Stay: "s1", Task: "delete", Verb: plan.Delete, Due: o.now}}
	in.Account.State, in.Account.DisabledAt = plan.AccountDisabled, o.now.AddDate(0, 0, -30)
	for _, want := range []store.ClaimState{store.ClaimHeld, store.ClaimQuarantined} {
		claims, err := o.store.Claims(t.Context(), in.Journey)
		if err != nil || len(claims) != 1 || claims[0].Attribute != store.ObjectIDAttribute || claims[0].State != want {
			t.Errorf("claims = %+v, %v; want the account %s", claims, err, want)
		}
		if result, err := o.tasks.DeleteAccount(t.Context(), in); err != nil || result.Outcomes[0].Status != activities.Done {
			t.Fatalf("delete: %+v, %v", result, err)
		}
	}
}

// A create that finds an account and enables it waits at the gate of its own
// kind: at another one the plan would not know it, and ask again without end.
func TestS15ACreateWaitsAtItsOwnGate(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.organisation()
	o.limited("{create: {count: 0}, enable: {count: 0}}")
	o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example"})
	got, _ := o.change(plan.Create, func(in *activities.TaskInput, task *plan.Task) {
		in.PolicyVersion, task.Staff, task.Enabled = 2, true, true
	})
	members, err := o.store.Standing(t.Context(), contract.JourneyID("main", personKey))
	if err != nil || len(members) != 1 || got.Code != activities.CodeGated || members[0].Kind != string(lifecycle.LimitCreate) {
		t.Errorf("create = %+v at %+v, error %v; want it at the gate of creates", got, members, err)
	}
}

// S15: HR corrects the record while a task of the plan before is on its way: what
// the gate said of the leave holds until that has ended.
func TestS15ANewPlanLeavesTheGateToWhatIsInFlight(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.organisation()
	o.limited("{disable: {count: 1}}")
	people := []activities.TaskInput{o.leaver("3000"), o.leaver("3001")}
	cut := func(in activities.TaskInput) activities.TaskOutcome {
		result, err := o.tasks.CutAccess(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return result.Outcomes[0]
	}
	o.wantUntouched(people[0], cut(people[0]), activities.CodeGated, true)
	o.decide("entra-disable-1", false)
	planner := activities.NewPlanner(activities.NewPolicies(o.store, catalog.LoadStored), o.store, activities.Callers{}, slog.New(slog.DiscardHandler))
	corrected := activities.PlanInput{Journey: people[0].Journey, Now: o.now, Facts: plan.Facts{
		Realm: "main", Key: "3000", Running: []string{people[0].Batch.Tasks[0].Key},
	}}
	for _, want := range []store.MemberState{store.MemberRejected, store.MemberClosed} {
		if _, err := planner.BuildPlan(t.Context(), corrected); err != nil {
			t.Fatal(err)
		}
		members, err := o.store.GateMembers(t.Context(), "entra-disable-1")
		if err != nil {
			t.Fatal(err)
		}
		for _, member := range members {
			if member.Journey == people[0].Journey && member.State != want {
				t.Errorf("in flight %v: the gate says %s of the person, want %s", corrected.Facts.Running, member.State, want)
			}
		}
		if want == store.MemberRejected {
			o.wantUntouched(people[0], cut(people[0]), activities.CodeGateRejected, true)
		}
		corrected.Facts.Running = nil
	}
}
