package store

import (
	"context"
	"fmt"
	"time"
)

// webhookMemory is how long the ID of a webhook delivery is remembered. The
// memory only saves work: the journey drops duplicates for itself.
const webhookMemory = 7 * 24 * time.Hour

// SeenWebhook reports whether a webhook delivery was recorded before.
func (s *Store) SeenWebhook(ctx context.Context, feed, id string) (bool, error) {
	n, err := get(ctx, s.reader(), scanCount, `SELECT COUNT(*) FROM webhooks WHERE feed = ? AND id = ?`, feed, clean(id))
	if err != nil {
		return false, fmt.Errorf("look for webhook delivery of feed %s: %w", feed, err)
	}
	return n > 0, nil
}

// RecordWebhook remembers a webhook delivery once it is safe with the journey,
// and forgets those received a week before it.
func (s *Store) RecordWebhook(ctx context.Context, feed, id string, received time.Time) error {
	err := s.inTx(ctx, func(tx session) error {
		_, err := tx.exec(ctx, `DELETE FROM webhooks WHERE received < ?`, received.Add(-webhookMemory).UnixMicro())
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO webhooks (feed, id, received) VALUES (?, ?, ?) ON CONFLICT (feed, id) DO NOTHING`,
			feed, clean(id), received.UnixMicro())
		return err
	})
	if err != nil {
		return fmt.Errorf("record webhook delivery of feed %s: %w", feed, err)
	}
	return nil
}
