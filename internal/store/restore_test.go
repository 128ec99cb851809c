package store_test

import (
	"errors"
	"testing"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

// remembered is what a journey knows when the store is gone.
func remembered(witness store.LedgerHead) store.Restored {
	return store.Restored{
		Journey: journeyAda, Witness: witness, At: at, Reason: "the disk was lost",
		Decided: []store.AttributeChange{{Attribute: "k1", After: "done"}, {Attribute: "k9", After: "done"}},
		Claims:  []store.Claim{{Target: targetEntra, Attribute: store.ObjectIDAttribute, Value: "o1", Owner: journeyAda, State: store.ClaimHeld, At: at}},
		Open:    []store.Effect{{Key: journeyAda + "/k8", Journey: journeyAda, TaskKey: "k8", Target: targetEntra, Kind: "create", OpenedAt: at}},
		Unknown: []string{journeyAda + "/m1"},
		Feeds:   []store.FeedPerson{{Feed: "hr", Key: "1001", AsOf: at}},
	}
}

func TestLostStoreGoesOnBehindAGap(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		witness := store.LedgerHead{Seq: 7, Hash: "seventh"}
		for i, want := range []bool{true, false} {
			out, err := s.Restore(ctx, remembered(witness))
			if err != nil || out.Gap != want || len(out.Taken) > 0 {
				t.Fatalf("restore %d: %+v, error %v", i, out, err)
			}
		}
		if err := s.Append(ctx, taskRow("later", outcomeDone)); err != nil {
			t.Fatal(err)
		}
		report, err := s.Check(ctx, journeyAda, witness)
		if err != nil || report.Broken != nil || report.Rows != 2 || report.Head.Seq != 9 {
			t.Fatalf("check: %+v, error %v", report, err)
		}
		if len(report.Gaps) != 1 || report.Gaps[0].Row != 8 || report.Gaps[0].From != 1 || report.Gaps[0].To != 7 {
			t.Errorf("gaps: %+v", report.Gaps)
		}
		other := store.LedgerHead{Seq: 7, Hash: "another"}
		if report, err := s.Check(ctx, journeyAda, other); err != nil || report.Broken == nil || report.Broken.Seq != 8 {
			t.Errorf("a gap behind a row that nobody witnessed: %+v, error %v", report, err)
		}
		rows, err := s.Ledger(ctx, journeyAda, 1, 0)
		if err != nil || len(rows[0].Changes) != 2 || rows[0].Changes[1].Attribute != "k9" {
			t.Errorf("what the journey remembers: %+v, error %v", rows, err)
		}
		if _, existed, err := s.OpenEffect(ctx, remembered(witness).Open[0]); err != nil || !existed {
			t.Errorf("the effect in flight is not open: existed %v, error %v", existed, err)
		}
		if d, err := s.Delivery(ctx, journeyAda+"/m1"); err != nil || d.State != store.DeliveryUnknown {
			t.Errorf("the mail in flight: %+v, error %v", d, err)
		}
		if c, err := s.Claim(ctx, targetEntra, store.ObjectIDAttribute, "o1"); err != nil || c.Owner != journeyAda {
			t.Errorf("the claim: %+v, error %v", c, err)
		}
		if p, err := s.FeedPerson(ctx, "hr", "1001"); err != nil || !p.AsOf.Equal(at) {
			t.Errorf("presence: %+v, error %v", p, err)
		}
	})
}

func TestOlderStoreGoesOnBehindAGap(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		before := fillLedger(t, s, journeyAda) // k0 to k4
		// Two rows that the older copy does not have.
		witness := store.LedgerHead{Seq: 7, Hash: "seventh"}
		if err := s.AppendKnowing(ctx, journeyAda, before, taskRow("k5", outcomeDone)); err != nil {
			t.Fatal(err)
		}
		if report, err := s.Check(ctx, journeyAda, before); err != nil || report.Broken != nil || len(report.Gaps) != 0 {
			t.Fatalf("nothing was lost yet: %+v, error %v", report, err)
		}
		if err := s.AppendKnowing(ctx, journeyAda, witness, taskRow("k8", outcomeDone)); err != nil {
			t.Fatal(err)
		}
		report, err := s.Check(ctx, journeyAda, before, witness)
		if err != nil || report.Broken != nil || report.Head.Seq != 9 || len(report.Gaps) != 1 {
			t.Fatalf("check: %+v, error %v", report, err)
		}
		if gap := report.Gaps[0]; gap.From != 7 || gap.To != 7 || gap.Row != 8 {
			t.Errorf("gap: %+v, want row 7 lost", gap)
		}
		// A task that the journey knows as done and of which no row is there.
		known := remembered(report.Head)
		out, err := s.Restore(ctx, known)
		if err != nil || !out.Gap {
			t.Fatalf("restore: %+v, error %v", out, err)
		}
		if out, err = s.Restore(ctx, known); err != nil || out.Gap {
			t.Errorf("restore again: %+v, error %v", out, err)
		}
		rows, err := s.Ledger(ctx, journeyAda, 10, 0)
		if err != nil || len(rows) != 1 || len(rows[0].Changes) != 1 || rows[0].Changes[0].Attribute != "k9" {
			t.Errorf("the row of the gap: %+v, error %v", rows, err)
		}
		if err := s.Verify(ctx, journeyAda, before, witness); err != nil {
			t.Errorf("verify: %v", err)
		}
	})
}

// TestStatedGapHidesNoLostRow: whoever cuts rows out and states a gap in their
// place contradicts the rows that are left.
func TestStatedGapHidesNoLostRow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		witness := fillLedger(t, s, journeyAda)
		tamper(t, db.SQL(t), `DELETE FROM ledger_values WHERE journey = '`+journeyAda+`' AND seq = 3;
			UPDATE ledger_rows SET kind = 'gap', task = 'after 2 x' WHERE journey = '`+journeyAda+`' AND seq = 3`)
		var broken *store.ChainError
		if err := s.Verify(t.Context(), journeyAda, witness); !errors.As(err, &broken) || broken.Seq != 3 {
			t.Errorf("got %v, want row 3", err)
		}
	})
}

func TestRestoreNeverTakesAClaimOfSomebodyElse(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		known := remembered(store.LedgerHead{})
		theirs := known.Claims[0]
		theirs.Owner = journeyBela
		if err := s.Hold(ctx, theirs); err != nil {
			t.Fatal(err)
		}
		out, err := s.Restore(ctx, known)
		if err != nil || len(out.Taken) != 1 {
			t.Fatalf("restore: %+v, error %v; want the claim told", out, err)
		}
		if c, err := s.Claim(ctx, targetEntra, store.ObjectIDAttribute, "o1"); err != nil || c.Owner != journeyBela {
			t.Errorf("the claim went to %s, error %v", c.Owner, err)
		}
	})
}

func TestRebuildIsRecordedAndGoesOn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		if held, err := s.Contents(ctx); err != nil || !held.Empty() {
			t.Fatalf("a new store holds %+v, error %v", held, err)
		}
		first, err := s.BeginRebuild(ctx, "dana", "the disk was lost")
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.BeginRebuild(ctx, "olga", "once more")
		if err != nil || again != first {
			t.Errorf("a rebuild that did not end: %+v, error %v; want it to go on", again, err)
		}
		version := store.PolicyVersion{Number: 3, Source: []byte("x"), Hash: "h", Actor: "dana", Reason: "r", AppliedAt: at}
		for range 2 {
			if err := s.RestorePolicies(ctx, version); err != nil {
				t.Fatal(err)
			}
		}
		if active, err := s.ActivePolicy(ctx); err != nil || active.Number != 3 {
			t.Errorf("active policy: %d, error %v", active.Number, err)
		}
		first.Journeys, first.Gaps = 2, 1
		if err := s.EndRebuild(ctx, first); err != nil {
			t.Fatal(err)
		}
		if newest, err := s.NewestRebuild(ctx); err != nil || newest.Ended.IsZero() || newest.Gaps != 1 {
			t.Errorf("newest rebuild: %+v, error %v", newest, err)
		}
		if next, err := s.BeginRebuild(ctx, "olga", "again"); err != nil || next.Number != 2 {
			t.Errorf("the next rebuild: %+v, error %v", next, err)
		}
	})
}
