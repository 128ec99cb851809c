package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

// at is an instant of the tests, with more than microseconds on purpose where
// equality must survive the database.
var at = time.Date(2026, 11, 22, 8, 30, 0, 123456000, time.UTC)

const (
	journeyAda  = "journey/main/1001"
	journeyBela = "journey/main/1002"
	targetEntra = "entra"
)

func TestOpenMigratesOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		if err := s.Ping(t.Context()); err != nil {
			t.Fatalf("ping: %v", err)
		}
		if err := s.AddWaiter(t.Context(), store.Waiter{Target: targetEntra, Ref: "r", Journey: journeyAda, At: at}); err != nil {
			t.Fatal(err)
		}
		again := db.Open(t)
		waiters, err := again.TakeWaiters(t.Context(), targetEntra, "r")
		if err != nil || len(waiters) != 1 {
			t.Fatalf("after opening again: got %d waiters, error %v; want the one written before", len(waiters), err)
		}
	})
}

func TestOpenByManyAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		var group sync.WaitGroup
		for range 6 {
			group.Go(func() {
				s, err := store.Open(t.Context(), db.URL)
				if err != nil {
					t.Errorf("open: %v", err)
					return
				}
				if err := s.Ping(t.Context()); err != nil {
					t.Errorf("ping: %v", err)
				}
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
		}
		group.Wait()
	})
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", "tenure.db", "mysql://root:hunter2@db/x", "sqlite:", "sqlite::memory:",
		"postgres://tenure:hunter2@host:notaport/db", "sqlite:/nonexistent/folder/tenure.db",
	} {
		s, err := store.Open(t.Context(), url)
		if err == nil {
			_ = s.Close()
			t.Errorf("open %q: got no error", url)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("open %q: the error shows the password: %v", url, err)
		}
	}
}

func TestUnreachableDatabase(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	s, err := store.Open(ctx, "postgres://tenure:hunter2@127.0.0.1:1/tenure?connect_timeout=1")
	if err == nil {
		_ = s.Close()
		t.Fatal("got no error from a port where nobody listens")
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error shows the password: %v", err)
	}
}

func TestPathWithOddCharacters(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "sqlite:"+t.TempDir()+"/ünter? 100%#1.db")
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

func TestClosedStoreAnswersWithErrors(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s, err := store.Open(t.Context(), db.URL)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for name, call := range callsOf(t.Context(), s) {
			err := call()
			if err == nil {
				t.Errorf("%s on a closed store: got no error", name)
			}
			for _, decided := range []error{store.ErrNotFound, store.ErrConflict, store.ErrInvalid, store.ErrNoCandidate} {
				if errors.Is(err, decided) {
					t.Errorf("%s on a closed store: got %v, which says that the store answered", name, err)
				}
			}
		}
	})
}

// callsOf is one call of each method, with arguments that are in order.
func callsOf(ctx context.Context, s *store.Store) map[string]func() error {
	row := store.LedgerRow{Journey: journeyAda, Kind: store.LedgerTask, Key: "k"}
	claim := store.Claim{Target: targetEntra, Attribute: "mail", Value: "ada@contoso.example", Owner: journeyAda, At: at}
	waiter := store.Waiter{Target: targetEntra, Ref: "r", Journey: journeyAda}
	return map[string]func() error{
		"Ping":            func() error { return s.Ping(ctx) },
		"OpenEffect":      func() error { _, _, err := s.OpenEffect(ctx, effect("k")); return err },
		"Effect":          func() error { _, err := s.Effect(ctx, "k"); return err },
		"OpenEffects":     func() error { _, err := s.OpenEffects(ctx, journeyAda); return err },
		"SetReservedName": func() error { return s.SetReservedName(ctx, "k", "n") },
		"CloseEffect":     func() error { return s.CloseEffect(ctx, "k", "done", nil) },
		"Append":          func() error { return s.Append(ctx, row) },
		"Ledger":          func() error { _, err := s.Ledger(ctx, journeyAda, 1, 0); return err },
		"Head":            func() error { _, err := s.Head(ctx, journeyAda); return err },
		"Verify":          func() error { return s.Verify(ctx, journeyAda) },
		"Chains":          func() error { _, err := s.Chains(ctx); return err },
		"Evidence":        func() error { _, err := s.Evidence(ctx, journeyAda, nil); return err },
		"Marker":          func() error { _, err := s.Marker(ctx, journeyAda); return err },
		"AppendKnowing":   func() error { return s.AppendKnowing(ctx, journeyAda, store.LedgerHead{Seq: 1}, row) },
		"Restore":         func() error { _, err := s.Restore(ctx, store.Restored{Journey: journeyAda}); return err },
		"Contents":        func() error { _, err := s.Contents(ctx); return err },
		"BeginRebuild":    func() error { _, err := s.BeginRebuild(ctx, "a", "r"); return err },
		"NewestRebuild":   func() error { _, err := s.NewestRebuild(ctx); return err },
		"EndRebuild":      func() error { return s.EndRebuild(ctx, store.Rebuild{}) },
		"Erase": func() error {
			_, err := s.Erase(ctx, store.Erasure{ID: "e", Journey: journeyAda, Actor: "a", Reason: "r", At: at})
			return err
		},
		"RestorePolicies": func() error {
			return s.RestorePolicies(ctx, store.PolicyVersion{Number: 1, Hash: "h", Source: []byte("x"), AppliedAt: at})
		},
		"Reserve":          func() error { _, _, err := s.Reserve(ctx, claim); return err },
		"ReserveFirst":     func() error { _, err := s.ReserveFirst(ctx, "t", "a", []string{"x"}, "o", at); return err },
		"Hold":             func() error { return s.Hold(ctx, claim) },
		"Quarantine":       func() error { return s.Quarantine(ctx, claim) },
		"MarkForeign":      func() error { _, err := s.MarkForeign(ctx, claim); return err },
		"Release":          func() error { return s.Release(ctx, "t", "a", "v", "o") },
		"Claim":            func() error { _, err := s.Claim(ctx, "t", "a", "v"); return err },
		"Claims":           func() error { _, err := s.Claims(ctx, "o"); return err },
		"AddWaiter":        func() error { return s.AddWaiter(ctx, waiter) },
		"TakeWaiters":      func() error { _, err := s.TakeWaiters(ctx, "t", "r"); return err },
		"RemoveWaiter":     func() error { return s.RemoveWaiter(ctx, waiter) },
		"SavePolicy":       func() error { _, _, err := s.SavePolicy(ctx, policyOf("a")); return err },
		"ActivePolicy":     func() error { _, err := s.ActivePolicy(ctx); return err },
		"Policy":           func() error { _, err := s.Policy(ctx, 1); return err },
		"Policies":         func() error { _, err := s.Policies(ctx); return err },
		"UpsertPerson":     func() error { _, err := s.UpsertPerson(ctx, store.PersonRow{Realm: "main", Key: "1"}); return err },
		"Person":           func() error { _, err := s.Person(ctx, "main", "1"); return err },
		"People":           func() error { _, _, err := s.People(ctx, store.PeopleFilter{}); return err },
		"FindPeople":       func() error { _, err := s.FindPeople(ctx, "main", store.ByName, "n"); return err },
		"SaveImport":       func() error { return s.SaveImport(ctx, importOf("i"), nil, nil) },
		"SetImportState":   func() error { return s.SetImportState(ctx, "i", store.ImportHeld, store.ImportRunning, "a") },
		"Import":           func() error { _, err := s.Import(ctx, "i"); return err },
		"ImportContent":    func() error { _, err := s.ImportContent(ctx, "i"); return err },
		"Imports":          func() error { _, err := s.Imports(ctx, "hr"); return err },
		"Rejects":          func() error { _, err := s.Rejects(ctx, "i"); return err },
		"FeedStatus":       func() error { _, err := s.FeedStatus(ctx, "hr"); return err },
		"FeedPeople":       func() error { _, err := s.FeedPeople(ctx, "hr"); return err },
		"FeedPerson":       func() error { _, err := s.FeedPerson(ctx, "hr", "1"); return err },
		"UpdateFeedPeople": func() error { return s.UpdateFeedPeople(ctx, "hr", []store.FeedPerson{{Key: "1"}}) },
		"Webhook":          func() error { _, err := s.Webhook(ctx, "hr", "1"); return err },
		"RecordWebhook":    func() error { _, err := s.RecordWebhook(ctx, store.Webhook{ID: "1", Received: at}); return err },
		"CountReused":      func() error { return s.CountReusedWebhook(ctx, "hr", "1") },
		"ClaimDelivery":    func() error { _, _, err := s.ClaimDelivery(ctx, store.Delivery{Key: "k"}); return err },
		"Delivery":         func() error { _, err := s.Delivery(ctx, "k"); return err },
		"SetDelivery":      func() error { return s.SetDelivery(ctx, "k", store.DeliveryClaimed, store.DeliverySent, at) },
	}
}
