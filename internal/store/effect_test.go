package store_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

const outcomeDone = "done"

func effect(key string) store.Effect {
	return store.Effect{
		Key: key, Journey: journeyAda, TaskKey: "joiner/s1/g1/account", Target: targetEntra, Kind: "ensure account",
		Intent: []byte(`{"set":{"department":"Sales"}}`), Before: []byte(`{"department":"Support"}`),
		ReservedName: "ada@contoso.example", OpenedAt: at,
	}
}

func taskRow(key, outcome string) store.LedgerRow {
	return store.LedgerRow{
		Journey: journeyAda, At: at, Key: key, Kind: store.LedgerTask, Run: "joiner/s1/g1", Task: "account", Actor: "policy",
		Reason: "because the start is near", Target: targetEntra, ObjectID: "5f0c", Outcome: outcome,
		Changes:   []store.AttributeChange{{Attribute: "department", Before: "Support", After: "Sales"}},
		RequestID: "req-1", PolicyVersion: 3,
	}
}

func TestEffectKeepsItsFirstBeforeImage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		opened, existed, err := s.OpenEffect(t.Context(), effect("k"))
		if err != nil || existed {
			t.Fatalf("open: existed %v, error %v", existed, err)
		}
		if diff := cmp.Diff(effect("k"), opened); diff != "" {
			t.Errorf("opened effect (-want +got):\n%s", diff)
		}
		retry := effect("k")
		retry.Before, retry.OpenedAt = []byte(`{"department":"Sales"}`), at.Add(time.Minute)
		found, existed, err := s.OpenEffect(t.Context(), retry)
		if err != nil || !existed || found.Closed() {
			t.Fatalf("open again: existed %v, closed %v, error %v; want an open one", existed, found.Closed(), err)
		}
		if diff := cmp.Diff(effect("k"), found); diff != "" {
			t.Errorf("effect of the retry (-want +got):\n%s", diff)
		}
	})
}

func TestCloseEffect(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		if _, _, err := s.OpenEffect(ctx, effect("k")); err != nil {
			t.Fatal(err)
		}
		if err := s.SetReservedName(ctx, "k", "ada2@contoso.example"); err != nil {
			t.Fatal(err)
		}
		for _, result := range []string{`{"id":"5f0c"}`, `{"id":"of a retry"}`, ``} {
			if err := s.CloseEffect(ctx, "k", outcomeDone, []byte(result), taskRow("k", outcomeDone)); err != nil {
				t.Fatalf("close: %v", err)
			}
		}
		if err := s.CloseEffect(ctx, "k", "failed", nil, taskRow("k", "failed")); !errors.Is(err, store.ErrConflict) {
			t.Errorf("close with another outcome: got %v, want ErrConflict", err)
		}
		if err := s.SetReservedName(ctx, "k", "other"); !errors.Is(err, store.ErrConflict) {
			t.Errorf("set the name of a closed effect: got %v, want ErrConflict", err)
		}
		got, existed, err := s.OpenEffect(ctx, effect("k"))
		if err != nil || !existed || !got.Closed() {
			t.Fatalf("open a closed effect: existed %v, closed %v, error %v", existed, got.Closed(), err)
		}
		if string(got.Result) != `{"id":"5f0c"}` || got.Outcome != outcomeDone || got.ReservedName != "ada2@contoso.example" {
			t.Errorf("closed effect: got result %s, outcome %q, name %q", got.Result, got.Outcome, got.ReservedName)
		}
		rows, err := s.Ledger(ctx, journeyAda, 1, 0)
		if err != nil || len(rows) != 1 {
			t.Fatalf("ledger: got %d rows, error %v; want the one of the first close", len(rows), err)
		}
		if open, err := s.OpenEffects(ctx, journeyAda); err != nil || len(open) != 0 {
			t.Errorf("open effects: got %d, error %v; want none", len(open), err)
		}
	})
}

func TestCloseEffectIsOneTransaction(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		if _, _, err := s.OpenEffect(ctx, effect("k")); err != nil {
			t.Fatal(err)
		}
		bad := taskRow("k2", outcomeDone)
		bad.Kind = ""
		err := s.CloseEffect(ctx, "k", outcomeDone, nil, taskRow("k", outcomeDone), bad)
		if !errors.Is(err, store.ErrInvalid) {
			t.Fatalf("close with a row that cannot be stored: got %v, want ErrInvalid", err)
		}
		// A row that the database refuses comes after the update and the insert.
		if _, err := db.SQL(t).ExecContext(ctx, `CREATE UNIQUE INDEX one_request ON ledger_rows (request_id)`); err != nil {
			t.Fatal(err)
		}
		if err := s.CloseEffect(ctx, "k", outcomeDone, nil, taskRow("k", outcomeDone), taskRow("k2", outcomeDone)); err == nil {
			t.Fatal("close with two rows of one request: got no error")
		}
		if open, err := s.OpenEffects(ctx, journeyAda); err != nil || len(open) != 1 {
			t.Errorf("open effects: got %d, error %v; want the effect still open", len(open), err)
		}
		if head, err := s.Head(ctx, journeyAda); err != nil || head != (store.LedgerHead{}) {
			t.Errorf("ledger head: got %+v, error %v; want none", head, err)
		}
	})
}

func TestEffectRefuses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		notJSON := effect("k")
		notJSON.Intent = []byte("{")
		for name, test := range map[string]struct {
			got  error
			want error
		}{
			"no key":          {second(s.OpenEffect(ctx, store.Effect{Journey: journeyAda})), store.ErrInvalid},
			"intent not JSON": {second(s.OpenEffect(ctx, notJSON)), store.ErrInvalid},
			"close unknown":   {s.CloseEffect(ctx, "none", outcomeDone, nil), store.ErrNotFound},
			"no outcome":      {s.CloseEffect(ctx, "none", "", nil), store.ErrInvalid},
			"result not JSON": {s.CloseEffect(ctx, "none", outcomeDone, []byte("x")), store.ErrInvalid},
			"name of unknown": {s.SetReservedName(ctx, "none", "n"), store.ErrNotFound},
		} {
			if !errors.Is(test.got, test.want) {
				t.Errorf("%s: got %v, want %v", name, test.got, test.want)
			}
		}
	})
}

func second(_ store.Effect, _ bool, err error) error { return err }

// TestOneOfManyOpensAnEffect also closes effects through two stores at once,
// which reads before it writes.
func TestOneOfManyOpensAnEffect(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		stores := []*store.Store{db.Open(t), db.Open(t)}
		var group sync.WaitGroup
		var first atomic.Int64
		for i := range 40 {
			group.Go(func() {
				s, in := stores[i%2], effect("k")
				in.Before = fmt.Appendf(nil, `{"try":%d}`, i)
				_, existed, err := s.OpenEffect(t.Context(), in)
				if err != nil {
					t.Errorf("open: %v", err)
				}
				if !existed {
					first.Add(1)
				}
				if err := s.CloseEffect(t.Context(), "k", outcomeDone, nil, taskRow("k", outcomeDone)); err != nil {
					t.Errorf("close: %v", err)
				}
				own := effect(fmt.Sprint("k", i))
				if _, _, err := s.OpenEffect(t.Context(), own); err != nil {
					t.Errorf("open: %v", err)
				}
				if err := s.CloseEffect(t.Context(), own.Key, outcomeDone, nil); err != nil {
					t.Errorf("close: %v", err)
				}
			})
		}
		group.Wait()
		if first.Load() != 1 {
			t.Errorf("got %d who opened it first, want 1", first.Load())
		}
		if head, err := stores[0].Head(t.Context(), journeyAda); err != nil || head.Seq != 1 {
			t.Errorf("ledger head: got row %d, error %v; want 1", head.Seq, err)
		}
	})
}
