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

func importOf(id string) store.FeedImport {
	return store.FeedImport{
		ID: id, Feed: "hr", FileName: "staff.csv", Hash: "h1", AsOf: at, Received: at.Add(time.Minute), State: store.ImportHeld,
		Rows: 10, Accepted: 7, Rejected: 3, Unchanged: 2, Missing: 1, HeldReasons: []string{"30 % of the rows are rejected"}, Actor: "ada",
	}
}

// TestS11HeldFileWaitsForOneRelease: a held file is kept whole, one human of
// several releases it, and its content goes when it is done.
func TestS11HeldFileWaitsForOneRelease(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		content := []byte("key;name\r\n1;B\xe9la\x00\r\n")
		rejects := []store.Reject{
			{ImportID: "i1", Row: 9, Key: "1**", Problems: []string{"duplicate key", "no start date"}},
			{ImportID: "i1", Row: 4, Key: "", Problems: []string{"no key"}},
		}
		for range 2 {
			if err := s.SaveImport(ctx, importOf("i1"), content, rejects); err != nil {
				t.Fatal(err)
			}
		}
		var group sync.WaitGroup
		var released atomic.Int64
		for i := range 10 {
			group.Go(func() {
				err := s.SetImportState(ctx, "i1", store.ImportHeld, store.ImportRunning, fmt.Sprint("human", i))
				if err == nil {
					released.Add(1)
				} else if !errors.Is(err, store.ErrConflict) {
					t.Errorf("release: %v", err)
				}
			})
		}
		group.Wait()
		if released.Load() != 1 {
			t.Errorf("got %d who released the file, want 1", released.Load())
		}
		got, err := s.ImportContent(ctx, "i1")
		if err != nil || string(got) != string(content) {
			t.Errorf("content of the released file: got %q, error %v", got, err)
		}
		if err := s.SetImportState(ctx, "i1", store.ImportRunning, store.ImportAccepted, "tenure"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ImportContent(ctx, "i1"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("content of the accepted file: got %v, want ErrNotFound", err)
		}
		listed, err := s.Rejects(ctx, "i1")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]store.Reject{rejects[1], rejects[0]}, listed); diff != "" {
			t.Errorf("rejects (-want +got):\n%s", diff)
		}
		if err := s.SetImportState(ctx, "none", store.ImportHeld, store.ImportRunning, "a"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("release of an unknown import: got %v, want ErrNotFound", err)
		}
	})
}

func TestImportsAndStatus(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		if status, err := s.FeedStatus(ctx, "hr"); err != nil || status.LastImport.ID != "" || !status.LastSuccess.IsZero() {
			t.Errorf("status of a new feed: got %+v, error %v", status, err)
		}
		var want []store.FeedImport
		for i, state := range []store.ImportState{store.ImportAccepted, store.ImportHeld, store.ImportDryRun} {
			in := importOf(fmt.Sprint("i", i))
			in.State, in.Received = state, at.Add(time.Duration(i)*time.Hour)
			if err := s.SaveImport(ctx, in, []byte("x"), nil); err != nil {
				t.Fatal(err)
			}
			want = append([]store.FeedImport{in}, want...)
		}
		other := importOf("other")
		other.Feed, other.HeldReasons = "agency", nil
		if err := s.SaveImport(ctx, other, nil, nil); err != nil {
			t.Fatal(err)
		}
		got, err := s.Imports(ctx, "hr")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("imports (-want +got):\n%s", diff)
		}
		if all, err := s.Imports(ctx, ""); err != nil || len(all) != 4 {
			t.Errorf("imports of all feeds: got %d, error %v; want 4", len(all), err)
		}
		if _, err := s.ImportContent(ctx, "i0"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("content of an accepted file: got %v, want ErrNotFound", err)
		}
		people := []store.FeedPerson{{Key: "1", AsOf: at}, {Key: "2", AsOf: at}, {Key: "3", AsOf: at, AbsentSince: at, AbsentCount: 1}}
		if err := s.UpdateFeedPeople(ctx, "hr", people); err != nil {
			t.Fatal(err)
		}
		hook := store.Webhook{Feed: "hr", ID: "m1", Digest: "d1", Received: at.Add(time.Second)}
		if _, err := s.RecordWebhook(ctx, hook); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.CountReusedWebhook(ctx, "hr", "m1"); err != nil {
				t.Fatal(err)
			}
		}
		status, err := s.FeedStatus(ctx, "hr")
		if err != nil {
			t.Fatal(err)
		}
		wantStatus := store.FeedStatus{
			Feed: "hr", LastImport: want[1], LastSuccess: at, LastWebhook: at.Add(time.Second), People: 2, Absent: 1, Reused: 2,
		}
		if diff := cmp.Diff(wantStatus, status); diff != "" {
			t.Errorf("status (-want +got):\n%s", diff)
		}
	})
}

func TestFeedPeople(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		const people = 1001 // more than a statement takes
		var want []store.FeedPerson
		for i := range people {
			want = append(want, store.FeedPerson{Feed: "hr", Key: fmt.Sprintf("k%04d", i), Hash: "h", AsOf: at, LastImport: "i1"})
		}
		if err := s.UpdateFeedPeople(ctx, "hr", want); err != nil {
			t.Fatal(err)
		}
		if err := s.UpdateFeedPeople(ctx, "agency", want[:1]); err != nil {
			t.Fatal(err)
		}
		want[3].AbsentSince, want[3].AbsentCount = at.Add(24*time.Hour), 1
		older := want[4]
		older.Hash, older.AsOf = "old", at.Add(-time.Hour)
		if err := s.UpdateFeedPeople(ctx, "hr", []store.FeedPerson{want[3], older}); err != nil {
			t.Fatal(err)
		}
		if err := s.UpdateFeedPeople(ctx, "hr", []store.FeedPerson{older, older}); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("a key twice: got %v, want ErrInvalid", err)
		}
		got, err := s.FeedPeople(ctx, "hr")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("people of the feed (-want +got):\n%s", diff)
		}
		one, err := s.FeedPerson(ctx, "hr", "k0003")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[3], one); diff != "" {
			t.Errorf("absent person (-want +got):\n%s", diff)
		}
		if _, err := s.FeedPerson(ctx, "hr", "nobody"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("unknown person: got %v, want ErrNotFound", err)
		}
	})
}

func TestWebhooksAreForgotten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		for id, received := range map[string]time.Time{"old": at.Add(-8 * 24 * time.Hour), "young": at.Add(-6 * 24 * time.Hour)} {
			for range 2 {
				if _, err := s.RecordWebhook(ctx, store.Webhook{Feed: "hr", ID: id, Received: received}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := s.RecordWebhook(ctx, store.Webhook{Feed: "hr", ID: "new", Received: at}); err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string]error{"old": store.ErrNotFound, "young": nil, "new": nil, "never": store.ErrNotFound} {
			if _, err := s.Webhook(ctx, "hr", id); !errors.Is(err, want) {
				t.Errorf("delivery %s: got %v, want %v", id, err, want)
			}
		}
		if _, err := s.Webhook(ctx, "agency", "new"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("delivery of another feed: got %v, want ErrNotFound", err)
		}
	})
}

// TestWebhookKeepsItsFirstBody: whoever is second under an ID learns what the first
// one brought, and a delivery of before digests were kept stays without one.
func TestWebhookKeepsItsFirstBody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		first := store.Webhook{Feed: "hr", ID: "m1", Digest: "d1", Received: at}
		second := store.Webhook{Feed: "hr", ID: "m1", Digest: "d2", Received: at.Add(time.Minute)}
		for _, delivery := range []store.Webhook{first, second} {
			kept, err := s.RecordWebhook(ctx, delivery)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(first, kept); diff != "" {
				t.Errorf("recorded with %s (-want +got):\n%s", delivery.Digest, diff)
			}
		}
		old := fmt.Sprintf(`INSERT INTO webhooks (feed, id, received) VALUES ('hr', 'm0', %d)`, at.UnixMicro())
		if _, err := db.SQL(t).ExecContext(ctx, old); err != nil {
			t.Fatal(err)
		}
		kept, err := s.RecordWebhook(ctx, store.Webhook{Feed: "hr", ID: "m0", Digest: "d0", Received: at})
		if err != nil || kept.Digest != "" {
			t.Errorf("delivery of before: got digest %q, error %v; want it as it was", kept.Digest, err)
		}
	})
}
