package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

func policyOf(source string) store.PolicyVersion {
	return store.PolicyVersion{
		Source: []byte(source), Actor: "ada", Reason: "first", AppliedAt: at,
		Activations: map[string]time.Time{"joiner": at},
	}
}

func TestSavePolicy(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		if _, err := s.ActivePolicy(ctx); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("active policy of an empty store: got %v, want ErrNotFound", err)
		}
		for i, step := range []struct {
			source  string
			number  int
			created bool
		}{{"a\x00\xff", 1, true}, {"a\x00\xff", 1, false}, {"b", 2, true}, {"a\x00\xff", 3, true}} {
			got, created, err := s.SavePolicy(ctx, policyOf(step.source))
			if err != nil || got.Number != step.number || created != step.created {
				t.Fatalf("step %d: got version %d, created %v, error %v; want %d, %v", i, got.Number, created, err, step.number, step.created)
			}
			active, err := s.ActivePolicy(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, active); diff != "" {
				t.Errorf("step %d: active policy (-want +got):\n%s", i, diff)
			}
		}
		want := policyOf("b")
		got, err := s.Policy(ctx, 2)
		if err != nil {
			t.Fatal(err)
		}
		want.Number, want.Hash = 2, got.Hash
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("policy 2 (-want +got):\n%s", diff)
		}
		all, err := s.Policies(ctx)
		if err != nil || len(all) != 3 || all[0].Number != 3 {
			t.Errorf("policies: got %d, error %v; want 3, the newest first", len(all), err)
		}
		stale := policyOf("c")
		stale.Number = 3
		if _, _, err := s.SavePolicy(ctx, stale); !errors.Is(err, store.ErrConflict) {
			t.Errorf("save version 3 when it is there: got %v, want ErrConflict", err)
		}
		if _, err := s.Policy(ctx, 9); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("policy 9: got %v, want ErrNotFound", err)
		}
	})
}

func TestPoliciesAreNumberedWithoutGaps(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				if _, _, err := s.SavePolicy(t.Context(), policyOf(fmt.Sprint("policy ", i))); err != nil {
					t.Errorf("save: %v", err)
				}
			})
		}
		group.Wait()
		all, err := s.Policies(t.Context())
		if err != nil || len(all) != 20 || all[0].Number != 20 {
			t.Fatalf("got %d policies, error %v; want 20", len(all), err)
		}
	})
}
