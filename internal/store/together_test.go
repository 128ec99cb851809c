package store_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

// TestWritersAtTheSameTime lets many write at once, every third of whom fails
// half-way: only their own writes are undone.
func TestWritersAtTheSameTime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		const writers = 90
		fails := func(i int) bool { return i%3 == 0 }
		failures := make([]error, writers)
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				key := strconv.Itoa(i)
				if _, _, err := s.OpenEffect(t.Context(), effect(key)); err != nil {
					t.Errorf("open effect %s: %v", key, err)
				}
				row := taskRow(key, outcomeDone)
				if fails(i) {
					row.Kind = "" // found wrong after the effect is closed
				}
				failures[i] = s.CloseEffect(t.Context(), key, outcomeDone, nil, row)
			})
		}
		wg.Wait()
		for i, err := range failures {
			if fails(i) != errors.Is(err, store.ErrInvalid) || !fails(i) && err != nil {
				t.Errorf("writer %d: error = %v", i, err)
			}
			got, err := s.Effect(t.Context(), strconv.Itoa(i))
			if err != nil || got.Closed() == fails(i) {
				t.Errorf("effect %d: closed %t, error %v", i, got.Closed(), err)
			}
		}
		rows, err := s.Ledger(t.Context(), effect("").Journey, 1, 0)
		if err != nil || len(rows) != writers-writers/3 {
			t.Errorf("%d rows in the ledger, error %v; want %d", len(rows), err, writers-writers/3)
		}
		if err := s.Verify(t.Context(), effect("").Journey); err != nil {
			t.Errorf("the chain does not verify: %v", err)
		}
	})
}

// TestAWriterWhoGaveUp does not begin, and disturbs nobody.
func TestAWriterWhoGaveUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := s.OpenEffect(gone, effect("1")); !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that has ended: error = %v", err)
		}
		if _, err := s.Effect(t.Context(), "1"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("it wrote all the same: error = %v", err)
		}
		if _, _, err := s.OpenEffect(t.Context(), effect("2")); err != nil {
			t.Errorf("the next one: %v", err)
		}
	})
}
