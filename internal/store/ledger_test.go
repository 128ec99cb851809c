package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

func TestLedgerKeepsRows(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		other := taskRow("k1", outcomeDone)
		other.Journey = journeyBela
		keyless := store.LedgerRow{Journey: journeyAda, Kind: store.LedgerEvent}
		rows := []store.LedgerRow{taskRow("k1", outcomeDone), other, taskRow("k1", "failed"), keyless, keyless}
		for range 2 {
			if err := s.Append(ctx, rows...); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Ledger(ctx, journeyAda, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		want := []store.LedgerRow{taskRow("k1", outcomeDone), taskRow("k1", "failed"), keyless, keyless, keyless, keyless}
		for i := range want {
			want[i].Seq = int64(i + 1)
		}
		ignored := cmpopts.IgnoreFields(store.LedgerRow{}, "Recorded", "Hash")
		if diff := cmp.Diff(want, got, ignored); diff != "" {
			t.Errorf("ledger (-want +got):\n%s", diff)
		}
		page, err := s.Ledger(ctx, journeyAda, 2, 2)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got[1:3], page); diff != "" {
			t.Errorf("page of two from row 2 (-want +got):\n%s", diff)
		}
		head, err := s.Head(ctx, journeyAda)
		if want := (store.LedgerHead{Seq: 6, Hash: got[5].Hash}); err != nil || head != want {
			t.Errorf("head: got %+v, error %v; want %+v", head, err, want)
		}
		if got[0].Recorded.IsZero() {
			t.Error("a row was not stamped with the time it was recorded")
		}
		for _, journey := range []string{journeyAda, journeyBela, "journey/main/nobody"} {
			if err := s.Verify(ctx, journey); err != nil {
				t.Errorf("verify: %v", err)
			}
		}
	})
}

func TestLedgerTakesAnyText(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			n++
			text := rapid.Custom(func(r *rapid.T) string { return string(rapid.SliceOf(rapid.Byte()).Draw(r, "bytes")) })
			journey := fmt.Sprintf("journey/main/%d", n)
			row := store.LedgerRow{
				Journey: journey, Kind: store.LedgerTask, Key: text.Draw(r, "key"), Outcome: text.Draw(r, "outcome"),
				Reason: text.Draw(r, "reason"), RequestID: text.Draw(r, "request"), Actor: text.Draw(r, "actor"),
				Changes: []store.AttributeChange{{Attribute: text.Draw(r, "a"), Before: text.Draw(r, "b"), After: text.Draw(r, "c")}},
			}
			for range 2 {
				if err := s.Append(r.Context(), row); err != nil {
					r.Fatalf("append: %v", err)
				}
			}
			if err := s.Verify(r.Context(), journey); err != nil {
				r.Fatalf("verify: %v", err)
			}
			want := int64(1)
			if row.Key == "" {
				want = 2
			}
			if head, err := s.Head(r.Context(), journey); err != nil || head.Seq != want {
				r.Fatalf("head: got row %d, error %v; want %d", head.Seq, err, want)
			}
		})
	})
}

// tampering is what somebody with access to the database might do, and the row
// that must be named.
var tamperings = map[string]struct {
	statement string
	seq       int64
}{
	"outcome":      {`UPDATE ledger_rows SET outcome = 'skipped' WHERE journey = 'J' AND seq = 2`, 2},
	"actor":        {`UPDATE ledger_rows SET actor = 'nobody' WHERE journey = 'J' AND seq = 3`, 3},
	"time":         {`UPDATE ledger_rows SET at = at + 1 WHERE journey = 'J' AND seq = 1`, 1},
	"recorded":     {`UPDATE ledger_rows SET recorded = recorded - 1 WHERE journey = 'J' AND seq = 4`, 4},
	"policy":       {`UPDATE ledger_rows SET policy_version = 9 WHERE journey = 'J' AND seq = 2`, 2},
	"object":       {`UPDATE ledger_rows SET object_id = 'x' WHERE journey = 'J' AND seq = 5`, 5},
	"attribute":    {`UPDATE ledger_rows SET digests = REPLACE(digests, 'department', 'title') WHERE journey = 'J' AND seq = 2`, 2},
	"digests gone": {`UPDATE ledger_rows SET digests = 'x' WHERE journey = 'J' AND seq = 2`, 2},
	"value":        {`UPDATE ledger_values SET content = REPLACE(content, 'Sales', 'Board') WHERE journey = 'J' AND seq = 3`, 3},
	"reason":       {`UPDATE ledger_values SET content = REPLACE(content, 'near', 'far') WHERE journey = 'J' AND seq = 4`, 4},
	"values gone":  {`UPDATE ledger_values SET content = '{}' WHERE journey = 'J' AND seq = 4`, 4},
	"row removed": {`DELETE FROM ledger_values WHERE journey = 'J' AND seq = 3;
		DELETE FROM ledger_rows WHERE journey = 'J' AND seq = 3`, 3},
	"row moved": {`DELETE FROM ledger_values WHERE journey = 'J';
		UPDATE ledger_rows SET seq = -3 WHERE journey = 'J' AND seq = 3;
		UPDATE ledger_rows SET seq = 3 WHERE journey = 'J' AND seq = 4;
		UPDATE ledger_rows SET seq = 4 WHERE journey = 'J' AND seq = -3`, 3},
	"tail cut": {`DELETE FROM ledger_values WHERE journey = 'J' AND seq > 4;
		DELETE FROM ledger_rows WHERE journey = 'J' AND seq > 4`, 5},
	"tail cut with its head": {`DELETE FROM ledger_values WHERE journey = 'J' AND seq > 4;
		DELETE FROM ledger_rows WHERE journey = 'J' AND seq > 4;
		UPDATE ledger_heads SET seq = 4, hash = (SELECT hash FROM ledger_rows WHERE journey = 'J' AND seq = 4)
		WHERE journey = 'J'`, 5},
	"everything cut": {`DELETE FROM ledger_values WHERE journey = 'J'; DELETE FROM ledger_rows WHERE journey = 'J';
		DELETE FROM ledger_heads WHERE journey = 'J'`, 1},
	"values taken": {`DELETE FROM ledger_values WHERE journey = 'J' AND seq = 3`, 3},
	"head's hash":  {`UPDATE ledger_heads SET hash = 'x' WHERE journey = 'J'`, 6},
}

func TestVerifyNamesTheFirstBrokenRow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s, behind := db.Open(t), db.SQL(t)
		n := 0
		for name, tampering := range tamperings {
			n++
			journey := fmt.Sprintf("journey/main/t%d", n)
			witness := fillLedger(t, s, journey)
			if err := s.Verify(t.Context(), journey, witness); err != nil {
				t.Fatalf("%s: verify before: %v", name, err)
			}
			tamper(t, behind, strings.ReplaceAll(tampering.statement, "'J'", "'"+journey+"'"))
			var broken *store.ChainError
			if err := s.Verify(t.Context(), journey, witness); !errors.As(err, &broken) || broken.Seq != tampering.seq {
				t.Errorf("%s: got %v, want a *ChainError for row %d", name, err, tampering.seq)
			}
		}
	})
}

func tamper(t *testing.T, db *sql.DB, statements string) {
	t.Helper()
	for statement := range strings.SplitSeq(statements, ";") {
		result, err := db.ExecContext(t.Context(), statement)
		if err != nil {
			t.Fatalf("tamper: %v", err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			t.Fatalf("tamper: %s changed %d rows, error %v", statement, n, err)
		}
	}
}

// fillLedger appends five rows and returns the head as a journey would keep it.
func fillLedger(t *testing.T, s *store.Store, journey string) store.LedgerHead {
	t.Helper()
	for i := range 5 {
		row := taskRow(fmt.Sprint("k", i), outcomeDone)
		row.Journey = journey
		if err := s.Append(t.Context(), row); err != nil {
			t.Fatalf("append: %v", err)
		}
	}
	head, err := s.Head(t.Context(), journey)
	if err != nil {
		t.Fatal(err)
	}
	return head
}

// TestAppendByManyKeepsOneChain appends to two journeys at once, in both orders,
// through two stores, with some rows sent twice.
func TestAppendByManyKeepsOneChain(t *testing.T) {
	t.Parallel()
	const writers, rows = 8, 10
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		stores := []*store.Store{db.Open(t), db.Open(t)}
		var group sync.WaitGroup
		for w := range writers {
			group.Go(func() {
				for i := range rows {
					// Two writers share each key.
					a, b := taskRow(fmt.Sprintf("k%d/%d", w/2, i), outcomeDone), taskRow(fmt.Sprintf("k%d/%d", w/2, i), outcomeDone)
					b.Journey = journeyBela
					if w%2 == 1 {
						a, b = b, a
					}
					if err := stores[w%2].Append(t.Context(), a, b); err != nil {
						t.Errorf("append: %v", err)
					}
				}
			})
		}
		group.Wait()
		for _, journey := range []string{journeyAda, journeyBela} {
			if err := stores[0].Verify(t.Context(), journey); err != nil {
				t.Errorf("verify: %v", err)
			}
			if head, err := stores[1].Head(t.Context(), journey); err != nil || head.Seq != writers/2*rows {
				t.Errorf("head: got row %d, error %v; want %d", head.Seq, err, writers/2*rows)
			}
		}
	})
}
