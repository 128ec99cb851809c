package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

func TestDeliveryIsSentOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		mail := store.Delivery{Key: "k", MessageID: "<1@contoso.example>", Template: "welcome", RecipientMasked: "a***@contoso.example", At: at}
		var group sync.WaitGroup
		var mine atomic.Int64
		for range 20 {
			group.Go(func() {
				_, existed, err := s.ClaimDelivery(ctx, mail)
				if err != nil {
					t.Errorf("claim: %v", err)
				}
				if !existed {
					mine.Add(1)
				}
			})
		}
		group.Wait()
		if mine.Load() != 1 {
			t.Errorf("got %d who may send, want 1", mine.Load())
		}
		for i, step := range []struct {
			from, to store.DeliveryState
			want     error
		}{
			{store.DeliveryClaimed, store.DeliveryFailed, nil},
			{store.DeliveryClaimed, store.DeliveryFailed, nil}, // the answer was lost
			{store.DeliveryFailed, store.DeliveryClaimed, nil},
			{store.DeliveryFailed, store.DeliveryClaimed, store.ErrConflict}, // somebody else sends it
			{store.DeliveryClaimed, store.DeliverySent, nil},
			{store.DeliveryClaimed, store.DeliveryUnknown, store.ErrConflict},
			{store.DeliverySent, store.DeliveryClaimed, store.ErrConflict},
			{store.DeliveryClaimed, store.DeliverySent, nil},
		} {
			if err := s.SetDelivery(ctx, "k", step.from, step.to, at.Add(time.Minute)); !errors.Is(err, step.want) {
				t.Errorf("step %d, %s to %s: got %v, want %v", i, step.from, step.to, err, step.want)
			}
		}
		mail.State, mail.At = store.DeliverySent, at.Add(time.Minute)
		got, existed, err := s.ClaimDelivery(ctx, store.Delivery{Key: "k", MessageID: "<2@contoso.example>"})
		if err != nil || !existed {
			t.Fatalf("claim again: existed %v, error %v", existed, err)
		}
		if diff := cmp.Diff(mail, got); diff != "" {
			t.Errorf("delivery (-want +got):\n%s", diff)
		}
		err = s.SetDelivery(ctx, "none", store.DeliveryClaimed, store.DeliverySent, at)
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("unknown delivery: got %v, want ErrNotFound", err)
		}
	})
}
