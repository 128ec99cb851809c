package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

const (
	kindDisable   = "disable"
	kindRemoveAll = "remove-all"
	lineDisable   = "account:entra/s1/disable"
	approver      = "vera@contoso.example"
	otherApprover = "omar@contoso.example"
)

func budget(kind string, allowed int) store.Budget {
	return store.Budget{
		Target: targetEntra, Kind: kind, Window: time.Hour, Approvals: 1,
		Allows: func(int) (int, bool) { return allowed, true },
	}
}

func journeyOf(n int) string { return fmt.Sprintf("journey/main/%04d", n) }

// disable is the take of one leaver.
func disable(n, allowed int) store.Take {
	return store.Take{
		Budget: budget(kindDisable, allowed), Key: journeyOf(n) + "/account:entra/s1/3/disable", Journey: journeyOf(n),
		Line: lineDisable, Due: at, At: at, Reason: "last day 2026-11-20",
	}
}

func removeAll(n, allowed int) store.Take {
	take := disable(n, allowed)
	take.Kind, take.Key, take.Line = kindRemoveAll, journeyOf(n)+"/Last day/s1/1/removeUserFromAllGroups", "Last day/s1/1"
	take.Leave = &store.Leave{Budget: budget(kindDisable, allowed), Line: lineDisable}
	return take
}

func wanted(kind, line string, due time.Time) store.Wanted {
	return store.Wanted{Target: targetEntra, Kind: kind, Line: line, Due: due, Reason: "last day 2026-11-20", Counts: true}
}

// demand records the disables of people, as their plans do.
func demand(t *testing.T, s *store.Store, from, to int, due, now time.Time) {
	t.Helper()
	for n := from; n <= to; n++ {
		if err := s.SettleDemand(t.Context(), store.Settlement{Journey: journeyOf(n), Now: now, Wanted: []store.Wanted{wanted(kindDisable, lineDisable, due)}}); err != nil {
			t.Fatal(err)
		}
	}
}

func take(t *testing.T, s *store.Store, take store.Take) store.Verdict {
	t.Helper()
	verdict, err := s.Take(t.Context(), take)
	if err != nil {
		t.Fatal(err)
	}
	return verdict
}

func wantVerdict(t *testing.T, what string, got store.Verdict, want store.VerdictState) {
	t.Helper()
	if got.State != want {
		t.Errorf("%s: %s (gate %q), want %s", what, got.State, got.Gate, want)
	}
}

func states(t *testing.T, s *store.Store, gate string) map[store.MemberState]int {
	t.Helper()
	members, err := s.GateMembers(t.Context(), gate)
	if err != nil {
		t.Fatal(err)
	}
	out := map[store.MemberState]int{}
	for _, m := range members {
		out[m.State]++
	}
	return out
}

func onlyGate(t *testing.T, s *store.Store, open bool) store.Gate {
	t.Helper()
	gates, err := s.Gates(t.Context(), open)
	if err != nil || len(gates) != 1 {
		t.Fatalf("gates: %+v, error %v; want one", gates, err)
	}
	return gates[0]
}

func decide(t *testing.T, s *store.Store, decision store.GateDecision) []store.GateMember {
	t.Helper()
	if decision.Actor == "" {
		decision.Actor = approver
	}
	decision.Reason, decision.At = "looked at", at
	members, err := s.DecideGate(t.Context(), decision)
	if err != nil {
		t.Fatal(err)
	}
	return members
}

// Sixty leavers are due at once: nobody passes, all are frozen with a reason.
func TestS15AWholeCohortIsFrozen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		demand(t, s, 1, 60, at, at.Add(-30*24*time.Hour))
		for n := 1; n <= 60; n++ {
			wantVerdict(t, journeyOf(n), take(t, s, disable(n, 25)), store.VerdictFrozen)
		}
		gate := onlyGate(t, s, true)
		if gate.ID != "entra-disable-1" || gate.Counted != 60 || gate.Allowed != 25 {
			t.Errorf("gate = %+v", gate)
		}
		members, err := s.GateMembers(t.Context(), gate.ID)
		if err != nil || len(members) != 60 {
			t.Fatalf("%d members, error %v; want 60", len(members), err)
		}
		for _, m := range members {
			if m.Reason == "" || m.Line != lineDisable || m.State != store.MemberFrozen {
				t.Errorf("member = %+v", m)
			}
		}
	})
}

// What an import announces counts before any journey has planned.
func TestS15AnnouncedLeaversAreFrozenTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		var rows []store.Demand
		for n := 1; n <= 60; n++ {
			rows = append(rows, store.Demand{
				Target: targetEntra, Kind: kindDisable, Journey: journeyOf(n), Due: at, Reason: "stated by feed hr", Feed: "hr", Stated: at,
			})
		}
		if err := s.Announce(t.Context(), rows); err != nil {
			t.Fatal(err)
		}
		later := at.Add(time.Second)
		first := disable(1, 25)
		first.At = later
		wantVerdict(t, "the first", take(t, s, first), store.VerdictFrozen)
		gate := onlyGate(t, s, true)
		if got := states(t, s, gate.ID)[store.MemberFrozen]; got != 60 {
			t.Errorf("%d are frozen, want 60", got)
		}
		// A journey that has not heard of the statement yet leaves the row alone; one
		// that has, and leaves nobody, ends its membership.
		heard := map[string]time.Time{"hr": at.Add(-time.Hour)}
		for _, want := range []int{60, 59} {
			if err := s.SettleDemand(t.Context(), store.Settlement{Journey: journeyOf(2), Now: later, Heard: heard}); err != nil {
				t.Fatal(err)
			}
			if got := states(t, s, gate.ID)[store.MemberFrozen]; got != want {
				t.Errorf("heard of %s: %d are frozen, want %d", heard["hr"], got, want)
			}
			heard["hr"] = at
		}
	})
}

func TestS15ApproveAllButOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		demand(t, s, 1, 60, at, at)
		gate := take(t, s, disable(1, 25)).Gate
		decided := decide(t, s, store.GateDecision{Gate: gate, Approve: true, Except: []string{journeyOf(60)}})
		if len(decided) != 60 {
			t.Errorf("%d were decided, want 60", len(decided))
		}
		for n := 1; n <= 59; n++ {
			wantVerdict(t, journeyOf(n), take(t, s, disable(n, 25)), store.Granted)
		}
		wantVerdict(t, "the exception", take(t, s, disable(60, 25)), store.VerdictRefused)
		if onlyGate(t, s, false).Open {
			t.Error("the gate is open though everybody is decided")
		}
		// Approved people use up nothing: the next leaver is not asked about.
		wantVerdict(t, "the next leaver", take(t, s, disable(61, 25)), store.Granted)
		rows, err := s.Ledger(t.Context(), journeyOf(7), 0, 0)
		if err != nil || len(rows) != 1 || rows[0].Actor != approver || rows[0].Outcome != "approved" {
			t.Errorf("ledger = %+v, error %v; want the approval", rows, err)
		}
		if _, err := s.DecideGate(t.Context(), store.GateDecision{Gate: gate, Actor: otherApprover, Reason: "again", At: at}); !errors.Is(err, store.ErrConflict) {
			t.Errorf("decide again: %v, want ErrConflict", err)
		}
	})
}

// An approval speaks of one line: one that has moved since counts anew.
func TestS15AnApprovalIsCheckedAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		demand(t, s, 1, 5, at, at)
		gate := take(t, s, disable(1, 2)).Gate
		decide(t, s, store.GateDecision{Gate: gate, Approve: true})
		for n := 1; n <= 4; n++ { // HR states another day for four of them
			moved := at.Add(-24 * time.Hour)
			again := disable(n, 2)
			again.Due = moved
			want := store.Granted
			if n > 2 {
				want = store.VerdictFrozen
			}
			wantVerdict(t, "moved "+journeyOf(n), take(t, s, again), want)
		}
		wantVerdict(t, "unmoved", take(t, s, disable(5, 2)), store.Granted)
	})
}

func TestS15WhoJoinsAnOpenGateIsNotApprovedUnseen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		demand(t, s, 1, 3, at, at)
		gate := take(t, s, disable(1, 2)).Gate
		wantVerdict(t, "who joins", take(t, s, disable(9, 2)), store.VerdictFrozen)
		decide(t, s, store.GateDecision{Gate: gate, Approve: true, Through: 3})
		wantVerdict(t, "who was seen", take(t, s, disable(2, 2)), store.Granted)
		wantVerdict(t, "who was not", take(t, s, disable(9, 2)), store.VerdictFrozen)
		if !onlyGate(t, s, true).Open {
			t.Error("the gate is decided though somebody waits")
		}
		decide(t, s, store.GateDecision{Gate: gate})
		wantVerdict(t, "rejected", take(t, s, disable(9, 2)), store.VerdictRefused)
	})
}

func TestS15TwoDifferentPeopleApprove(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		demand(t, s, 1, 3, at, at)
		first := disable(1, 2)
		first.Approvals = 2
		gate := take(t, s, first).Gate
		for _, name := range []string{"kim", "Kim ", "oidc:kim"} { // the same person twice does not count
			decide(t, s, store.GateDecision{Gate: gate, Approve: true, Actor: name})
			wantVerdict(t, "one approval", take(t, s, first), store.VerdictFrozen)
		}
		decide(t, s, store.GateDecision{Gate: gate, Approve: true, Actor: otherApprover})
		wantVerdict(t, "two approvals", take(t, s, first), store.Granted)
		decisions, err := s.GateDecisions(t.Context(), gate)
		if err != nil || len(decisions) != 4 || decisions[3].Actor != otherApprover {
			t.Errorf("decisions = %+v, error %v; want four", decisions, err)
		}
	})
}

// A leaver keeps groups and licences as long as the disable is not decided, and
// counts once for both.
func TestS15RemoveAllFollowsTheLeave(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		demand(t, s, 1, 30, at, at)
		verdict := take(t, s, removeAll(1, 25))
		wantVerdict(t, "groups of a cohort", verdict, store.VerdictFrozen)
		if gate := onlyGate(t, s, true); gate.Kind != kindDisable || verdict.Gate != gate.ID {
			t.Errorf("gate = %+v, verdict = %+v; want the gate of the disable", gate, verdict)
		}
		decide(t, s, store.GateDecision{Gate: verdict.Gate, Approve: true, Except: []string{journeyOf(2)}})
		wantVerdict(t, "approved", take(t, s, removeAll(1, 25)), store.Granted)
		wantVerdict(t, "approved, disabled", take(t, s, disable(1, 25)), store.Granted)
		wantVerdict(t, "rejected", take(t, s, removeAll(2, 25)), store.VerdictRefused)
		// Without a disable that is due its own budget counts, one person once.
		for n := 101; n <= 102; n++ {
			groups, licences := removeAll(n, 2), removeAll(n, 2)
			licences.Key += "/licences"
			wantVerdict(t, "groups", take(t, s, groups), store.Granted)
			wantVerdict(t, "licences", take(t, s, licences), store.Granted)
		}
		wantVerdict(t, "one too many", take(t, s, removeAll(103, 2)), store.VerdictFrozen)
	})
}

func TestS15TokensAreTakenOnceAndExpireWithTheWindow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		for range 3 {
			wantVerdict(t, "a retry", take(t, s, disable(1, 2)), store.Granted)
		}
		other := disable(1, 2)
		other.Key = journeyOf(1) + "/account:entra/s1/4/disable" // another operation came between
		wantVerdict(t, "the same line under another key", take(t, s, other), store.Granted)
		wantVerdict(t, "a second person", take(t, s, disable(2, 2)), store.Granted)
		wantVerdict(t, "a third", take(t, s, disable(3, 2)), store.VerdictFrozen)
		decide(t, s, store.GateDecision{Gate: onlyGate(t, s, true).ID})
		late := disable(4, 2)
		late.At = at.Add(time.Hour)
		wantVerdict(t, "after the window", take(t, s, late), store.Granted)
		elsewhere := disable(5, 0)
		elsewhere.Target = "second"
		elsewhere.Allows = func(int) (int, bool) { return 1, true }
		wantVerdict(t, "another target", take(t, s, elsewhere), store.Granted)
	})
}

// A person whose clock was moved ahead uses up nobody's budget.
func TestS15FastForwardedPeopleTripNobodyElse(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		for n := 1; n <= 5; n++ {
			ahead := disable(n, 1)
			ahead.Due = at.AddDate(1, n, 0)
			ahead.At = ahead.Due
			wantVerdict(t, "ahead", take(t, s, ahead), store.Granted)
		}
		wantVerdict(t, "at present", take(t, s, disable(9, 1)), store.Granted)
	})
}

func TestS15RunByHandCountsAndIsNotFrozen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		demand(t, s, 1, 3, at, at)
		gate := take(t, s, disable(1, 2)).Gate
		decide(t, s, store.GateDecision{Gate: gate})
		byHand := disable(1, 2)
		byHand.ByHand, byHand.Actor = true, approver
		wantVerdict(t, "by hand", take(t, s, byHand), store.Granted)
		wantVerdict(t, "one more", take(t, s, disable(7, 2)), store.Granted)
		wantVerdict(t, "it counted", take(t, s, disable(8, 2)), store.VerdictFrozen)
	})
}

// HR corrects the record of a frozen and of a rejected person: the line is gone
// and so is the membership; where HR insists the rejection stands.
func TestS15AMemberWhoseLineVanishesIsClosed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		demand(t, s, 1, 3, at, at)
		gate := take(t, s, disable(1, 2)).Gate
		if err := s.SettleDemand(t.Context(), store.Settlement{Journey: journeyOf(1), Now: at}); err != nil {
			t.Fatal(err)
		}
		decide(t, s, store.GateDecision{Gate: gate})
		demand(t, s, 2, 2, at, at) // HR insists
		if err := s.SettleDemand(t.Context(), store.Settlement{Journey: journeyOf(3), Now: at}); err != nil {
			t.Fatal(err)
		}
		got := states(t, s, gate)
		if got[store.MemberClosed] != 2 || got[store.MemberRejected] != 1 {
			t.Errorf("members = %v, want two closed and one rejected", got)
		}
		wantVerdict(t, "who is stated again by a later line", take(t, s, disable(3, 2)), store.Granted)
	})
}

// A task of the plan before is still on its way when HR corrects the record: what
// the gate said of it stands until it has ended.
func TestS15WhatIsInFlightIsNotForgotten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		demand(t, s, 1, 3, at, at)
		gate := take(t, s, disable(1, 2)).Gate
		decide(t, s, store.GateDecision{Gate: gate})
		signOut := removeAll(1, 2)
		signOut.Kind, signOut.Follows, signOut.Key = "", true, journeyOf(1)+"/Last day/s1/1/revokeAllRefreshTokens"
		corrected := store.Settlement{Journey: journeyOf(1), Now: at, InFlight: true}
		for range 2 {
			if err := s.SettleDemand(t.Context(), corrected); err != nil {
				t.Fatal(err)
			}
			wantVerdict(t, "the disable in flight", take(t, s, disable(1, 2)), store.VerdictRefused)
			wantVerdict(t, "what follows it", take(t, s, signOut), store.VerdictRefused)
			// Another date does not loosen it either.
			corrected.Wanted = []store.Wanted{wanted(kindDisable, lineDisable, at.Add(time.Hour))}
		}
		corrected.InFlight, corrected.Wanted = false, nil
		if err := s.SettleDemand(t.Context(), corrected); err != nil {
			t.Fatal(err)
		}
		if got := states(t, s, gate); got[store.MemberClosed] != 1 || got[store.MemberRejected] != 2 {
			t.Errorf("members = %v, want one closed and two rejected", got)
		}
	})
}

// Many workers race for the last tokens, each with a connection of its own.
func TestS15RacingWorkersNeverExceedTheBudget(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		stores := []*store.Store{db.Open(t), db.Open(t), db.Open(t)}
		var group sync.WaitGroup
		var granted atomic.Int64
		var mu sync.Mutex
		gates := map[string]bool{}
		for n := range 80 {
			group.Go(func() {
				for range 2 { // the second attempt of a worker that was killed
					verdict, err := stores[n%len(stores)].Take(t.Context(), disable(n, 25))
					if err != nil {
						t.Errorf("take: %v", err)
						return
					}
					if verdict.State == store.VerdictFrozen {
						mu.Lock()
						gates[verdict.Gate] = true
						mu.Unlock()
						return
					}
				}
				granted.Add(1)
			})
		}
		group.Wait()
		if granted.Load() != 25 || len(gates) != 1 {
			t.Errorf("%d passed and %d gates opened, want 25 and 1", granted.Load(), len(gates))
		}
	})
}

// Decisions and takes that race end with everybody decided and nobody lost.
func TestS15DecisionsRaceWithTakes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s, other := db.Open(t), db.Open(t)
		demand(t, s, 1, 30, at, at)
		gate := take(t, s, disable(1, 2)).Gate
		var group sync.WaitGroup
		for n := 1; n <= 30; n++ {
			group.Go(func() {
				if _, err := other.Take(t.Context(), disable(n, 2)); err != nil {
					t.Errorf("take: %v", err)
				}
				if err := other.SettleDemand(t.Context(), store.Settlement{Journey: journeyOf(n), Now: at, Wanted: []store.Wanted{wanted(kindDisable, lineDisable, at)}}); err != nil {
					t.Errorf("settle: %v", err)
				}
			})
		}
		group.Go(func() {
			_, err := s.DecideGate(t.Context(), store.GateDecision{Gate: gate, Approve: true, Actor: approver, Reason: "looked at", At: at})
			if err != nil {
				t.Errorf("decide: %v", err)
			}
		})
		group.Wait()
		got := states(t, s, gate)
		if got[store.MemberApproved]+got[store.MemberPassed] != 30 {
			t.Errorf("members = %v, want 30 approved or passed", got)
		}
	})
}

func TestS15DecidedMembersAreWokenOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		demand(t, s, 1, 3, at, at)
		gate := take(t, s, disable(1, 2)).Gate
		decide(t, s, store.GateDecision{Gate: gate, Approve: true, Except: []string{journeyOf(2)}})
		asleep, err := s.AsleepMembers(t.Context())
		if err != nil || len(asleep) != 3 {
			t.Fatalf("asleep = %+v, error %v; want three", asleep, err)
		}
		if err := s.WokeMember(t.Context(), asleep[1]); err != nil {
			t.Fatal(err)
		}
		if asleep, err = s.AsleepMembers(t.Context()); err != nil || len(asleep) != 2 {
			t.Errorf("asleep = %+v, error %v; want two", asleep, err)
		}
	})
}

// Planning again what is planned already writes nothing.
func TestS15UnchangedDemandIsNotWritten(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	s, coming := db.Open(t), at.AddDate(0, 1, 0)
	demand(t, s, 1, 1, coming, at)
	raw := db.SQL(t)
	if _, err := raw.ExecContext(t.Context(), `CREATE TRIGGER no_insert BEFORE INSERT ON demand BEGIN SELECT RAISE(ABORT, 'written'); END`); err != nil {
		t.Fatal(err)
	}
	demand(t, s, 1, 1, coming, at.Add(time.Hour))
	err := s.SettleDemand(t.Context(), store.Settlement{Journey: journeyOf(1), Now: at, Wanted: []store.Wanted{wanted(kindDisable, lineDisable, coming.Add(time.Hour))}})
	if err == nil || !strings.Contains(err.Error(), "written") {
		t.Errorf("a moved line: %v, want it to be written", err)
	}
}

func TestS15PauseAndResume(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		if _, paused, err := s.Paused(ctx, targetEntra); err != nil || paused {
			t.Fatalf("paused %v, error %v at first", paused, err)
		}
		pause := store.Pause{Target: targetEntra, Actor: approver, Reason: "something is wrong", At: at}
		for range 2 {
			if _, err := s.PauseTarget(ctx, pause); err != nil {
				t.Fatal(err)
			}
			if _, err := s.PauseTarget(ctx, pause); !errors.Is(err, store.ErrConflict) {
				t.Errorf("pause twice: %v, want ErrConflict", err)
			}
			got, paused, err := s.Paused(ctx, targetEntra)
			if err != nil || !paused || got.Reason != pause.Reason {
				t.Errorf("paused %v, %+v, error %v", paused, got, err)
			}
			if _, paused, err := s.Paused(ctx, "second"); err != nil || paused {
				t.Errorf("another target: paused %v, error %v", paused, err)
			}
			ended, err := s.ResumeTarget(ctx, targetEntra, otherApprover, "it is mended", at.Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			asleep, err := s.AsleepResumes(ctx)
			if err != nil || !slices.Contains(asleep, ended) {
				t.Errorf("asleep = %+v, error %v; want %+v", asleep, err, ended)
			}
			if err := s.WokeResume(ctx, ended); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.ResumeTarget(ctx, targetEntra, otherApprover, "again", at); !errors.Is(err, store.ErrConflict) {
			t.Errorf("resume twice: %v, want ErrConflict", err)
		}
	})
}

// A share is one of the accounts that Tenure holds in the target at present.
func TestS15AShareIsOfTheAccountsThatAreHeld(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		for n := range 5 {
			claim := store.Claim{Target: targetEntra, Attribute: store.ObjectIDAttribute, Value: journeyOf(n), Owner: journeyOf(n), At: at}
			if n == 4 {
				claim.Target = "second"
			}
			if err := s.Hold(ctx, claim); err != nil {
				t.Fatal(err)
			}
			if n == 3 {
				if err := s.Quarantine(ctx, claim); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := s.MarkForeign(ctx, store.Claim{Target: targetEntra, Attribute: store.ObjectIDAttribute, Value: "foreign", At: at}); err != nil {
			t.Fatal(err)
		}
		asked := 0
		share := disable(1, 0)
		share.Allows = func(accounts int) (int, bool) { asked = accounts; return 1, true }
		wantVerdict(t, "one", take(t, s, share), store.Granted)
		if asked != 3 {
			t.Errorf("the share is of %d accounts, want 3", asked)
		}
	})
}

// Who was let through once is no exception for ever: a later wrong file takes
// nothing away before its own gate is decided.
func TestS15AnEarlierLeaveDecidesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		demand(t, s, 1, 3, at, at)
		gate := take(t, s, disable(1, 2)).Gate
		decide(t, s, store.GateDecision{Gate: gate, Approve: true})
		wantVerdict(t, "approved", take(t, s, disable(1, 2)), store.Granted)
		wantVerdict(t, "approved, groups", take(t, s, removeAll(1, 2)), store.Granted)
		// The leave is taken back, and weeks later a file says that all leave.
		if err := s.SettleDemand(t.Context(), store.Settlement{Journey: journeyOf(1), Now: at}); err != nil {
			t.Fatal(err)
		}
		later := at.AddDate(0, 0, 30)
		demand(t, s, 1, 1, later, later)
		demand(t, s, 11, 40, later, later)
		for _, follows := range []bool{false, true} {
			groups := removeAll(1, 2)
			groups.Key, groups.Line, groups.Due, groups.At = journeyOf(1)+"/Last day/s1/2/removeUserFromAllGroups", "Last day/s1/2", later, later
			groups.Follows = follows
			verdict := take(t, s, groups)
			wantVerdict(t, "groups of the wrong file", verdict, store.VerdictFrozen)
			if verdict.Gate == gate {
				t.Errorf("it waits at gate %s, want one of its own", gate)
			}
		}
	})
}
