package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Erasure is the order to forget a person.
type Erasure struct {
	// ID makes a repeated order count once.
	ID      string
	Journey string
	Realm   string
	Key     string
	// Feeds are those that spoke of the person.
	Feeds  []string
	Actor  string
	Reason string
	// At is journey time.
	At time.Time
}

// Marker says that a person was erased. It holds nothing about them but the
// journey's ID, which the rows of the ledger have too.
type Marker struct {
	Journey string
	ID      string
	At      time.Time
	Actor   string
	// Seq is the ledger row that says so.
	Seq int64
}

// erasedOwner owns the names of erased people that must not be used yet.
const erasedOwner = "erased"

// Erase removes what the store knows of a person, in one transaction: values and
// reasons of the ledger, the row of the index, effects, deliveries, demand,
// findings, presence in feeds and names. The rows of the ledger and their chain
// stay, and one more says who erased. A user name that is kept from others stays
// kept, owned by nobody. The marker is left for a later chain.
func (s *Store) Erase(ctx context.Context, order Erasure) (Marker, error) {
	if order.ID == "" || order.Journey == "" || order.Actor == "" || order.Reason == "" {
		return Marker{}, fmt.Errorf("erase: %w: id, journey, actor and reason are needed", ErrInvalid)
	}
	var marker Marker
	err := s.inTx(ctx, func(tx session) error {
		head, err := lockHead(ctx, tx, order.Journey)
		if err != nil {
			return err
		}
		marker, err = get(ctx, tx, scanMarker, `SELECT `+markerColumns+` FROM erasures WHERE journey = ?`, order.Journey)
		if err == nil && marker.ID == order.ID || err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err := eraseRows(ctx, tx, order); err != nil {
			return err
		}
		head, err = s.insertRow(ctx, tx, head, LedgerRow{
			Journey: order.Journey, At: order.At, Key: "erasure/" + order.ID, Kind: LedgerErasure, Actor: order.Actor,
			Reason: order.Reason, Outcome: "erased",
		})
		if err != nil {
			return err
		}
		if err := setHead(ctx, tx, order.Journey, head); err != nil {
			return err
		}
		marker = Marker{Journey: order.Journey, ID: order.ID, At: order.At, Actor: order.Actor, Seq: head.Seq}
		_, err = tx.exec(ctx, `INSERT INTO erasures (`+markerColumns+`) VALUES (?, ?, ?, ?, ?) ON CONFLICT (journey)
			DO UPDATE SET id = excluded.id, erased_at = excluded.erased_at, actor = excluded.actor, seq = excluded.seq`,
			marker.Journey, marker.ID, marker.At.UnixMicro(), clean(marker.Actor), marker.Seq)
		return err
	})
	if err != nil {
		return Marker{}, fmt.Errorf("erase %s: %w", order.Journey, err)
	}
	return marker, nil
}

// erasing is a statement and its arguments.
type erasing struct {
	statement string
	args      []any
}

func eraseRows(ctx context.Context, tx session, order Erasure) error {
	at := order.At.UnixMicro()
	statements := []erasing{
		{`DELETE FROM ledger_values WHERE journey = ?`, []any{order.Journey}},
		{`DELETE FROM people WHERE realm = ? AND person_key = ?`, []any{order.Realm, order.Key}},
		{`DELETE FROM effects WHERE journey = ?`, []any{order.Journey}},
		{`DELETE FROM deliveries WHERE substr(delivery_key, 1, ?) = ?`, []any{len(order.Journey) + 1, order.Journey + "/"}},
		{`DELETE FROM waiters WHERE journey = ?`, []any{order.Journey}},
		{`DELETE FROM demand WHERE journey = ?`, []any{order.Journey}},
		{`DELETE FROM budget_tokens WHERE journey = ?`, []any{order.Journey}},
		{`UPDATE gate_members SET reason = '', why = '' WHERE journey = ?`, []any{order.Journey}},
		{`DELETE FROM findings WHERE realm = ? AND person_key = ?`, []any{order.Realm, order.Key}},
		{`UPDATE claims SET owner = '` + erasedOwner + `' WHERE owner = ? AND state = 'quarantined' AND attribute <> ?
			AND (until IS NULL OR until > ?)`, []any{order.Journey, ObjectIDAttribute, at}},
		{`DELETE FROM claims WHERE owner = ?`, []any{order.Journey}},
	}
	for _, feed := range order.Feeds {
		statements = append(statements,
			erasing{`DELETE FROM feed_people WHERE feed = ? AND person_key = ?`, []any{feed, order.Key}},
			erasing{`DELETE FROM rejects WHERE person_key = ? AND import_id IN (SELECT id FROM imports WHERE feed = ?)`, []any{order.Key, feed}})
	}
	for _, one := range statements {
		if _, err := tx.exec(ctx, one.statement, one.args...); err != nil {
			return err
		}
	}
	return nil
}

const markerColumns = `journey, id, erased_at, actor, seq`

// Marker reads whether a person was erased. ErrNotFound where not.
func (s *Store) Marker(ctx context.Context, journey string) (Marker, error) {
	marker, err := get(ctx, s.reader(), scanMarker, `SELECT `+markerColumns+` FROM erasures WHERE journey = ?`, journey)
	if err != nil {
		return Marker{}, fmt.Errorf("read erasure of %s: %w", journey, err)
	}
	return marker, nil
}

func scanMarker(row scanner) (Marker, error) {
	var m Marker
	err := row.Scan(&m.Journey, &m.ID, instant{&m.At}, &m.Actor, &m.Seq)
	return m, err
}
