package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

func TestWaitersStayUntilSignalled(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		ada := store.Waiter{Target: targetEntra, Ref: "main/employeeId/E1", Journey: journeyAda, TaskKey: "manager", At: at}
		bela := ada
		bela.Journey = journeyBela
		elsewhere := ada
		elsewhere.Target = "fabrikam"
		for _, waiter := range []store.Waiter{ada, bela, elsewhere} {
			if err := s.AddWaiter(ctx, waiter); err != nil {
				t.Fatal(err)
			}
		}
		again := ada
		again.At = at.Add(time.Hour)
		if err := s.AddWaiter(ctx, again); err != nil {
			t.Fatal(err)
		}
		want := []store.Waiter{ada, bela}
		for range 2 { // taking them removes nothing
			got, err := s.TakeWaiters(ctx, targetEntra, ada.Ref)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("waiters (-want +got):\n%s", diff)
			}
		}
		for range 2 {
			if err := s.RemoveWaiter(ctx, ada); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.TakeWaiters(ctx, targetEntra, ada.Ref)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]store.Waiter{bela}, got); diff != "" {
			t.Errorf("waiters after one was signalled (-want +got):\n%s", diff)
		}
	})
}
