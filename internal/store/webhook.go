package store

import (
	"context"
	"fmt"
	"time"
)

// webhookMemory is how long the ID of a webhook delivery is remembered. The
// journey drops duplicates for itself: the memory saves work, and tells a repeat
// from another message under the same ID.
const webhookMemory = 7 * 24 * time.Hour

// Webhook is a delivery that is safe with the journey.
type Webhook struct {
	Feed string
	ID   string
	// Digest tells the body from others; "" where none was kept. It must be
	// keyed: what HR says of a person can be guessed.
	Digest   string
	Received time.Time
}

// Webhook reads a delivery. ErrNotFound where none of this ID was recorded, or it
// is forgotten.
func (s *Store) Webhook(ctx context.Context, feed, id string) (Webhook, error) {
	delivery, err := webhookIn(ctx, s.reader(), feed, id)
	if err != nil {
		return Webhook{}, fmt.Errorf("look for webhook delivery of feed %s: %w", feed, err)
	}
	return delivery, nil
}

// RecordWebhook remembers a delivery once it is safe with the journey, and forgets
// those received a week before it. It returns the delivery that is remembered under
// the ID: another one where somebody was first.
func (s *Store) RecordWebhook(ctx context.Context, delivery Webhook) (Webhook, error) {
	var kept Webhook
	err := s.inTx(ctx, func(tx session) error {
		_, err := tx.exec(ctx, `DELETE FROM webhooks WHERE received < ?`, delivery.Received.Add(-webhookMemory).UnixMicro())
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO webhooks (feed, id, received, digest) VALUES (?, ?, ?, ?) ON CONFLICT (feed, id) DO NOTHING`,
			delivery.Feed, clean(delivery.ID), delivery.Received.UnixMicro(), delivery.Digest)
		if err != nil {
			return err
		}
		kept, err = webhookIn(ctx, tx, delivery.Feed, delivery.ID)
		return err
	})
	if err != nil {
		return Webhook{}, fmt.Errorf("record webhook delivery of feed %s: %w", delivery.Feed, err)
	}
	return kept, nil
}

// CountReusedWebhook counts a message that came under the ID of another one.
func (s *Store) CountReusedWebhook(ctx context.Context, feed, id string) error {
	_, err := s.writes(ctx, `UPDATE webhooks SET reused = reused + 1 WHERE feed = ? AND id = ?`, feed, clean(id))
	if err != nil {
		return fmt.Errorf("count reused webhook ID of feed %s: %w", feed, err)
	}
	return nil
}

func webhookIn(ctx context.Context, in session, feed, id string) (Webhook, error) {
	return get(ctx, in, scanWebhook, `SELECT feed, id, digest, received FROM webhooks WHERE feed = ? AND id = ?`, feed, clean(id))
}

func scanWebhook(row scanner) (Webhook, error) {
	var w Webhook
	err := row.Scan(&w.Feed, &w.ID, &w.Digest, instant{&w.Received})
	return w, err
}
