package starter

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

const targetEntra = "entra"

// staff are people whom the index shows with an enabled account.
func (b *bench) staff(phase person.Phase, keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		b.index(store.PersonRow{
			Realm: "main", Key: key, Journey: contract.JourneyID("main", key), DisplayName: "Ada Example", Phase: string(phase),
			Revision: 1, PolicyVersion: 1, Accounts: []store.AccountRow{{Target: targetEntra, ID: "id-" + key, State: "enabled"}},
		})
	}
}

func keysOf(prefix string, n int) []string {
	var keys []string
	for i := range n {
		keys = append(keys, fmt.Sprintf("%s-%02d", prefix, i))
	}
	return keys
}

// leavers states that people left two days before the file.
func leavers(keys ...string) string {
	var text strings.Builder
	for _, key := range keys {
		text.WriteString(key + ",Ada,Example,T,2026-02-02,2026-11-20,Sales\n")
	}
	return text.String()
}

// cut asks for the disable of a person as the activity does.
func (b *bench) cut(key string) store.Verdict {
	b.t.Helper()
	at := testNow.Add(time.Minute)
	verdict, err := b.db.Take(b.t.Context(), store.Take{
		Budget: store.Budget{
			Target: targetEntra, Kind: string(lifecycle.LimitDisable), Window: time.Hour, Approvals: 1,
			Allows: func(int) (int, bool) { return 25, true },
		},
		Key: contract.JourneyID("main", key) + "/account:entra/s1/2/disable", Journey: contract.JourneyID("main", key),
		Line: plan.LeaveLine(targetEntra, "s1"), Due: at, At: at, Reason: "last day 2026-11-20",
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return verdict
}

// wrongFile imports sixty leavers and trips the gate.
func wrongFile(t *testing.T) (*bench, []string, string) {
	t.Helper()
	b := newBench(t)
	keys := keysOf("E", 60)
	b.staff(person.PhaseActive, keys...)
	b.importFile(header+leavers(keys...), "2026-11-22T08:00:00Z")
	return b, keys, b.cut(keys[0]).Gate
}

// All leavers of a file are known to the gate before the first journey hears of it.
func TestS15AFileIsAnnouncedBeforeAnybodyHears(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	keys := keysOf("E", 60)
	b.staff(person.PhaseActive, keys...)
	var once sync.Once
	b.temporal.sendErr = func(person.Event) error {
		once.Do(func() {
			if verdict := b.cut(keys[7]); verdict.State != store.VerdictFrozen {
				t.Errorf("the first leaver: %+v, want it frozen", verdict)
			}
		})
		return nil
	}
	b.importFile(header+leavers(keys...), "2026-11-22T08:00:00Z")
	detail, err := b.Gate(t.Context(), "entra-disable-1")
	if err != nil || detail.Frozen != 60 || len(detail.Members) != 60 {
		t.Fatalf("gate = %+v, %v; want sixty frozen", detail.Gate, err)
	}
	for _, m := range detail.Members[1:] {
		if m.DisplayName != "Ada Example" || !strings.Contains(m.Reason, "last day 2026-11-20, stated by feed hr at 2026-11-22 08:00 UTC") {
			t.Fatalf("member = %+v, want a name and a reason", m)
		}
	}
}

// Whoever left before, was never here, or goes on working is announced by no file.
func TestS15OnlyNewLeaversAreAnnounced(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	gone, here, coming := keysOf("G", 40), keysOf("H", 20), keysOf("C", 40)
	b.staff(person.PhaseLeft, gone...)
	b.staff(person.PhaseActive, append(here, coming...)...)
	ahead := strings.ReplaceAll(strings.ReplaceAll(leavers(coming...), "2026-11-20", "2026-12-31"), ",T,", ",A,")
	b.importFile(header+leavers(gone...)+leavers(here...)+leavers(keysOf("N", 40)...)+ahead, "2026-11-22T08:00:00Z")
	if verdict := b.cut("X-1"); verdict.State != store.Granted {
		t.Errorf("somebody else: %+v, want it granted: twenty have left", verdict)
	}
	b.importFile(header+leavers(gone...)+leavers(here...)+leavers(keysOf("N", 40)...)+leavers(coming...), "2026-11-22T09:00:00Z")
	if verdict := b.cut("X-2"); verdict.State != store.VerdictFrozen {
		t.Errorf("after the second file: %+v, want it frozen: sixty leave", verdict)
	}
}

func TestS15FiftyNineAreApprovedAndOneExcepted(t *testing.T) {
	t.Parallel()
	b, keys, gate := wrongFile(t)
	gates, err := b.Gates(t.Context(), true)
	if err != nil || len(gates) != 1 || gates[0].ID != gate || gates[0].Frozen != 60 {
		t.Fatalf("Gates() = %+v, %v", gates, err)
	}
	decision := httpapi.Decision{Actor: "vera", Reason: "HR confirmed it"}
	_, err = b.DecideGate(t.Context(), gate, httpapi.GateVerdict{Decision: decision, Approve: true, Except: []httpapi.PersonID{{Realm: "main", Key: "E-99"}}})
	wantProblem(t, err, httpapi.KindUnprocessable, "nothing was decided")
	last := httpapi.PersonID{Realm: "main", Key: keys[59]}
	outcome, err := b.DecideGate(t.Context(), gate, httpapi.GateVerdict{Decision: decision, Approve: true, Except: []httpapi.PersonID{last}, Through: 60})
	if err != nil || outcome.Approved != 59 || outcome.Rejected != 1 || outcome.Missing != 0 || outcome.Gate.Open {
		t.Fatalf("DecideGate() = %+v, %v", outcome, err)
	}
	b.background.work.Wait()
	if got := len(b.temporal.wakes); got != 60 {
		t.Errorf("%d journeys were woken, want 60", got)
	}
	why := b.temporal.wakes["journey/main/"+keys[3]][0]
	if why.Actor != "vera" || !strings.Contains(why.Reason, "approved at gate "+gate) || why.Validate(contract.ReEvaluate) != nil {
		t.Errorf("woken with %+v", why)
	}
	if verdict := b.cut(keys[59]); verdict.State != store.VerdictRefused {
		t.Errorf("the exception: %+v", verdict)
	}
	detail, err := b.Gate(t.Context(), gate)
	if err != nil || len(detail.Decisions) != 1 || detail.Decisions[0].Actor != "vera" || detail.Decisions[0].Except[0] != last {
		t.Errorf("decisions = %+v, %v", detail.Decisions, err)
	}
	_, err = b.DecideGate(t.Context(), gate, httpapi.GateVerdict{Decision: decision})
	wantProblem(t, err, httpapi.KindConflict, "is decided")
}

// A process that ends between a decision and the waking leaves it to the next.
func TestS15TheNextProcessWakesWhoWasDecided(t *testing.T) {
	t.Parallel()
	b, _, gate := wrongFile(t)
	_, err := b.db.DecideGate(t.Context(), store.GateDecision{Gate: gate, Actor: "vera", Reason: "a wrong file", At: testNow})
	if err != nil {
		t.Fatal(err)
	}
	next := openBench(t, b.db, b.temporal)
	next.carryOn()
	next.background.work.Wait()
	if got := len(b.temporal.wakes); got != 60 {
		t.Errorf("%d journeys were woken, want 60", got)
	}
	again := openBench(t, b.db, b.temporal)
	again.carryOn()
	again.background.work.Wait()
	for journey, wakes := range b.temporal.wakes {
		if len(wakes) != 1 {
			t.Fatalf("%s was woken %d times, want once", journey, len(wakes))
		}
	}
}

func TestS15TheSamePersonApprovesOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	take := store.Take{
		Budget: store.Budget{
			Target: targetEntra, Kind: string(lifecycle.LimitDelete), Window: time.Hour, Approvals: 2,
			Allows: func(int) (int, bool) { return 0, true },
		},
		Key: "k", Journey: "journey/main/E-1", Line: "account:entra/s1/delete", Due: testNow, At: testNow,
	}
	verdict, err := b.db.Take(t.Context(), take)
	if err != nil {
		t.Fatal(err)
	}
	approve := func(actor string) (httpapi.GateOutcome, error) {
		return b.DecideGate(t.Context(), verdict.Gate, httpapi.GateVerdict{Decision: httpapi.Decision{Actor: actor, Reason: "r"}, Approve: true})
	}
	if outcome, err := approve("vera"); err != nil || outcome.Missing != 1 || outcome.Approved != 0 || !outcome.Gate.Open {
		t.Fatalf("first approval = %+v, %v", outcome, err)
	}
	for _, again := range []string{"vera", "Vera", " vera", "oidc:vera", "unverified: vera"} {
		_, err = approve(again)
		wantProblem(t, err, httpapi.KindConflict, "wants 2 different people")
	}
	if outcome, err := approve("omar"); err != nil || outcome.Missing != 0 || outcome.Approved != 1 || outcome.Gate.Open {
		t.Errorf("second approval = %+v, %v", outcome, err)
	}
}

func TestS15PauseAndResume(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	decision := httpapi.Decision{Actor: "olga", Reason: "look first"}
	_, err := b.BrakeTarget(t.Context(), "entre", true, decision)
	wantProblem(t, err, httpapi.KindNotFound, "no target")
	if state, err := b.BrakeTarget(t.Context(), targetEntra, true, decision); err != nil || !state.Paused {
		t.Fatalf("pause = %+v, %v", state, err)
	}
	_, err = b.BrakeTarget(t.Context(), targetEntra, true, decision)
	wantProblem(t, err, httpapi.KindConflict, "paused already")
	b.importFile(hires("E-1", "E-2"), "2026-11-22T09:00:00Z")
	b.index(store.PersonRow{Realm: "main", Key: "E-1", Journey: "journey/main/E-1", Revision: 1, Attention: []string{"paused"}})
	b.index(store.PersonRow{Realm: "main", Key: "E-2", Journey: "journey/main/E-2", Revision: 1, Attention: []string{"late"}})
	targets, err := b.Targets(t.Context())
	if err != nil || len(targets) != 1 || !targets[0].Paused || targets[0].Pause.Reason != "look first" || targets[0].Waiting != 1 {
		t.Errorf("Targets() = %+v, %v", targets, err)
	}
	state, err := b.BrakeTarget(t.Context(), targetEntra, false, httpapi.Decision{Actor: "vera", Reason: "looked"})
	if err != nil || state.Paused || state.Waiting != 1 {
		t.Fatalf("resume = %+v, %v", state, err)
	}
	b.background.work.Wait()
	woken := b.temporal.wakes
	if len(woken) != 1 || len(woken["journey/main/E-1"]) != 1 || woken["journey/main/E-1"][0].ID != "resume-entra-1" {
		t.Errorf("woken = %v, want who waited, once", woken)
	}
	_, err = b.BrakeTarget(t.Context(), targetEntra, false, decision)
	wantProblem(t, err, httpapi.KindConflict, "is not paused")
}
