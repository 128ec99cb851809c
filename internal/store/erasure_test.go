package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

// fillPerson leaves something of a person in every table that keeps people.
func fillPerson(t *testing.T, s *store.Store, key string) store.LedgerHead {
	t.Helper()
	ctx, journey := t.Context(), "journey/main/"+key
	head := fillLedger(t, s, journey)
	name := "ada" + key + ".lovelace@contoso.example"
	_, err := s.UpsertPerson(ctx, store.PersonRow{
		Realm: "main", Key: key, Journey: journey, DisplayName: "Ada Lovelace", Email: name, Revision: 1,
	})
	effect := store.Effect{Key: journey + "/k", Journey: journey, TaskKey: "k", Target: targetEntra, Kind: "create", ReservedName: name, OpenedAt: at}
	_, _, opened := s.OpenEffect(ctx, effect)
	_, _, claimed := s.ClaimDelivery(ctx, store.Delivery{Key: journey + "/m", RecipientMasked: "a***@contoso.example", At: at})
	err = errors.Join(err, opened, claimed,
		s.AddWaiter(ctx, store.Waiter{Target: targetEntra, Ref: "main/email:" + name, Journey: journey, At: at}),
		s.Announce(ctx, []store.Demand{{Target: targetEntra, Kind: "disable", Journey: journey, Due: at, Reason: "Ada Lovelace leaves"}}),
		s.UpdateFeedPeople(ctx, "hr", []store.FeedPerson{{Feed: "hr", Key: key, Hash: "lovelace", AsOf: at}}))
	for value, state := range map[string]store.ClaimState{name: store.ClaimQuarantined, "old." + name: store.ClaimQuarantined, "now." + name: store.ClaimHeld} {
		claim := store.Claim{Target: targetEntra, Attribute: "userPrincipalName", Value: value, Owner: journey, State: state, At: at, Until: at.AddDate(0, 0, 30)}
		if strings.HasPrefix(value, "old.") {
			claim.Until = at.AddDate(0, 0, -30)
		}
		err = errors.Join(err, s.Hold(ctx, claim))
		if state == store.ClaimQuarantined {
			err = errors.Join(err, s.Quarantine(ctx, claim))
		}
	}
	if err != nil {
		t.Fatalf("fill: %v", err)
	}
	return head
}

// TestS13ErasureKeepsTheChainVerifiable: nothing of the person is left but the
// chain, the marker and a name that must not be used yet.
func TestS13ErasureKeepsTheChainVerifiable(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		witness := fillPerson(t, s, "1001")
		fillPerson(t, s, "1002")
		order := store.Erasure{
			ID: "e1", Journey: journeyAda, Realm: "main", Key: "1001", Feeds: []string{"hr"}, Actor: "dana", Reason: "request 12", At: at,
		}
		marker, err := s.Erase(ctx, order)
		if err != nil || marker.Seq != 6 {
			t.Fatalf("erase: %+v, error %v", marker, err)
		}
		again, err := s.Erase(ctx, order)
		if err != nil || again != marker {
			t.Errorf("the same order again: %+v, error %v", again, err)
		}
		if found, err := s.Marker(ctx, journeyAda); err != nil || found != marker {
			t.Errorf("marker: %+v, error %v", found, err)
		}
		report, err := s.Check(ctx, journeyAda, witness)
		if err != nil || report.Broken != nil || report.Erased != 5 || report.Rows != 6 {
			t.Errorf("verify after the erasure: %+v, error %v", report, err)
		}
		// A later chain of the same person counts its keys anew.
		if err := s.Append(ctx, taskRow("k1", outcomeDone)); err != nil {
			t.Fatal(err)
		}
		if head, err := s.Head(ctx, journeyAda); err != nil || head.Seq != 7 {
			t.Errorf("a key that comes again behind the erasure: head %+v, error %v", head, err)
		}
		rows, err := s.Ledger(ctx, journeyAda, 1, 0)
		if err != nil || !rows[0].Erased || rows[0].Reason != "" || rows[0].Changes[0].After != "" || rows[0].Changes[0].Attribute != "department" {
			t.Errorf("erased row: got %+v, error %v; want its attribute names only", rows[0], err)
		}
		if rows[5].Erased || rows[5].Reason != "request 12" {
			t.Errorf("the row of the erasure: %+v", rows[5])
		}
		left := mentions(t, db, "lovelace", "sales", "a***@")
		want := map[string]int{"claims": 3 + 1, "people": 1, "effects": 1, "waiters": 1, "demand": 1, "feed_people": 1, "deliveries": 1, "ledger_values": 5 + 1}
		for table, n := range left {
			if n != want[table] {
				t.Errorf("%s: %d rows still speak of people, want %d: those of the other person", table, n, want[table])
			}
		}
		claim := store.Claim{Target: targetEntra, Attribute: "userPrincipalName", Value: "ada1001.lovelace@contoso.example", Owner: "journey/main/9", At: at}
		if current, mine, err := s.Reserve(ctx, claim); err != nil || mine || current.Owner != "erased" {
			t.Errorf("a name that is kept from others: %+v, mine %v, error %v", current, mine, err)
		}
		claim.Value = "old." + claim.Value
		if _, mine, err := s.Reserve(ctx, claim); err != nil || !mine {
			t.Errorf("a name that is free again: mine %v, error %v", mine, err)
		}
	})
}

// mentions counts the rows of every table that hold one of the words.
func mentions(t *testing.T, db storetest.Database, words ...string) map[string]int {
	t.Helper()
	out := map[string]int{}
	columns := map[string]string{
		"claims": "value", "people": "display_name || email || searched", "effects": "reserved_name || intent || before_image || result",
		"waiters": "ref", "demand": "reason", "feed_people": "hash", "deliveries": "recipient_masked", "ledger_values": "content",
		"ledger_rows": "actor || outcome || row_key || digests || task", "findings": "user_name || names", "erasures": "journey || actor",
	}
	behind := db.SQL(t)
	for table, text := range columns {
		var conditions []string
		for _, word := range words {
			conditions = append(conditions, fmt.Sprintf("lower(%s) LIKE '%%%s%%'", text, word))
		}
		var n int
		query := "SELECT COUNT(*) FROM " + table + " WHERE " + strings.Join(conditions, " OR ")
		if err := behind.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
			t.Fatalf("look into %s: %v", table, err)
		}
		out[table] = n
	}
	return out
}

func TestErasureNeedsAnOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		if _, err := s.Erase(t.Context(), store.Erasure{ID: "e", Journey: journeyAda, Actor: "dana", At: time.Now()}); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := s.Marker(t.Context(), journeyAda); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("marker of somebody who was not erased: %v", err)
		}
	})
}
