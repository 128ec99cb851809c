package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Restored is what a journey knows that the store should.
type Restored struct {
	Journey string
	// Witness is the newest head of the ledger that the journey saw.
	Witness LedgerHead
	// Decided are the tasks that the journey knows as decided, by key, with their
	// outcomes as the ledger would call them.
	Decided []AttributeChange
	Claims  []Claim
	// Open are effects whose outcome nobody knows: the next attempt looks first.
	Open []Effect
	// Unknown are the keys of mails that may have been sent.
	Unknown []string
	Feeds   []FeedPerson
	Waiters []Waiter
	// At is journey time, Reason why the store is rebuilt.
	At     time.Time
	Reason string
}

// Restoration is what became of it.
type Restoration struct {
	// Gap is set where a row of the kind gap was written.
	Gap bool
	// Taken are the attributes of claims that another journey has.
	Taken []string
}

// Restore writes what one journey knows, in one transaction. It may be repeated.
// Rows that are there stay, but for names of the same owner and mails that were
// known as not sent.
func (s *Store) Restore(ctx context.Context, known Restored) (Restoration, error) {
	var out Restoration
	err := s.inTx(ctx, func(tx session) error {
		out = Restoration{}
		var err error
		if out.Gap, err = s.restoreChain(ctx, tx, known); err != nil {
			return err
		}
		if out.Taken, err = restoreClaims(ctx, tx, known.Claims); err != nil {
			return err
		}
		return errors.Join(restoreEffects(ctx, tx, known), restorePresence(ctx, tx, known))
	})
	if err != nil {
		return Restoration{}, fmt.Errorf("restore %s: %w", known.Journey, err)
	}
	return out, nil
}

// restoreChain states a gap where the journey knows of rows that are not there,
// and keeps in its row what the journey remembers of them.
func (s *Store) restoreChain(ctx context.Context, tx session, known Restored) (bool, error) {
	head, err := lockHead(ctx, tx, known.Journey)
	if err != nil {
		return false, err
	}
	row, keys := LedgerRow{At: known.At, Reason: known.Reason}, []string{}
	for _, task := range known.Decided {
		there, err := get(ctx, tx, scanCount, `SELECT COUNT(*) FROM ledger_rows WHERE journey = ? AND row_key = ?`,
			known.Journey, clean(task.Attribute))
		if err != nil {
			return false, err
		}
		if there == 0 {
			row.Changes, keys = append(row.Changes, task), append(keys, task.Attribute)
		}
	}
	if len(keys) > 0 {
		row.Key = "gap/" + digest(keys...) // what is stated once is not stated again
	}
	stated, err := hasRow(ctx, tx, LedgerRow{Journey: known.Journey, Key: row.Key, Outcome: gapOutcome})
	switch {
	case err != nil:
		return false, err
	case known.Witness.Seq > head.Seq:
		return true, s.insertGap(ctx, tx, known.Journey, known.Witness, row)
	case len(keys) > 0 && !stated:
		return true, s.insertGap(ctx, tx, known.Journey, head, row)
	default:
		return false, nil
	}
}

func restoreClaims(ctx context.Context, tx session, claims []Claim) ([]string, error) {
	var taken []string
	for _, claim := range claims {
		changed, err := tx.exec(ctx, `INSERT INTO claims (`+claimColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (target, attribute, value) DO UPDATE SET owner = excluded.owner, state = excluded.state, until = excluded.until,
			claimed_at = excluded.claimed_at WHERE claims.owner = excluded.owner OR claims.state = 'foreign'`,
			claim.Target, claim.Attribute, Fold(claim.Value), claim.Owner, string(claim.State), micros(claim.Until), micros(claim.At))
		if err != nil {
			return nil, err
		}
		if changed == 0 {
			taken = append(taken, claim.Attribute+" on "+claim.Target)
		}
	}
	return taken, nil
}

func restoreEffects(ctx context.Context, tx session, known Restored) error {
	for _, effect := range known.Open {
		_, err := tx.exec(ctx, `INSERT INTO effects (`+effectColumns+`)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '', '') ON CONFLICT (effect_key) DO NOTHING`,
			effect.Key, effect.Journey, effect.TaskKey, effect.Target, effect.Kind, string(effect.Intent), "", "", effect.OpenedAt.UnixMicro())
		if err != nil {
			return err
		}
	}
	for _, key := range known.Unknown {
		_, err := tx.exec(ctx, `INSERT INTO deliveries (`+deliveryColumns+`) VALUES (?, '', '', '', ?, ?)
			ON CONFLICT (delivery_key) DO UPDATE SET state = excluded.state WHERE deliveries.state = 'failed'`,
			key, string(DeliveryUnknown), micros(known.At))
		if err != nil {
			return err
		}
	}
	return nil
}

func restorePresence(ctx context.Context, tx session, known Restored) error {
	for _, p := range known.Feeds {
		_, err := tx.exec(ctx, `INSERT INTO feed_people (`+feedPersonColumns+`) VALUES (?, ?, ?, ?, ?, NULL, 0)
			ON CONFLICT (feed, person_key) DO NOTHING`, p.Feed, clean(p.Key), p.Hash, micros(p.AsOf), p.LastImport)
		if err != nil {
			return err
		}
	}
	for _, w := range known.Waiters {
		_, err := tx.exec(ctx, `INSERT INTO waiters (target, ref, journey, task_key, since) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (target, ref, journey, task_key) DO NOTHING`, w.Target, w.Ref, w.Journey, w.TaskKey, micros(w.At))
		if err != nil {
			return err
		}
	}
	return nil
}
