package store

import (
	"context"
	"fmt"
	"time"
)

// DeliveryState says what is known of a mail.
type DeliveryState string

// The states of a delivery.
const (
	// DeliveryClaimed is about to be sent; whoever finds it so after a crash
	// must take its outcome for unknown.
	DeliveryClaimed DeliveryState = "claimed"
	// DeliverySent is final.
	DeliverySent DeliveryState = "sent"
	// DeliveryUnknown may have been sent.
	DeliveryUnknown DeliveryState = "unknown"
	// DeliveryFailed was certainly not sent.
	DeliveryFailed DeliveryState = "failed"
)

// Delivery is one mail.
type Delivery struct {
	// Key is the idempotency key of the task that sends it.
	Key string
	// MessageID is the same however often the mail is sent again.
	MessageID string
	Template  string
	// RecipientMasked is enough to recognise the address, not to use it.
	RecipientMasked string
	State           DeliveryState
	At              time.Time
}

const deliveryColumns = `delivery_key, message_id, template, recipient_masked, state, at`

// ClaimDelivery records that a mail is about to be sent. Where it exists it is
// returned as it is, with existed set.
func (s *Store) ClaimDelivery(ctx context.Context, delivery Delivery) (current Delivery, existed bool, err error) {
	changed, err := s.writes(ctx, `INSERT INTO deliveries (`+deliveryColumns+`) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (delivery_key) DO NOTHING`, delivery.Key, delivery.MessageID, delivery.Template,
		clean(delivery.RecipientMasked), string(DeliveryClaimed), micros(delivery.At))
	if err != nil {
		return Delivery{}, false, fmt.Errorf("claim delivery %s: %w", delivery.Key, err)
	}
	current, err = s.Delivery(ctx, delivery.Key)
	return current, changed == 0, err
}

// Delivery reads one delivery. ErrNotFound where it was never claimed.
func (s *Store) Delivery(ctx context.Context, key string) (Delivery, error) {
	delivery, err := get(ctx, s.reader(), scanDelivery, `SELECT `+deliveryColumns+` FROM deliveries
		WHERE delivery_key = ?`, key)
	if err != nil {
		return Delivery{}, fmt.Errorf("read delivery %s: %w", key, err)
	}
	return delivery, nil
}

// SetDelivery moves a delivery from one state to another at an instant.
// ErrConflict where it is in a third one or was sent. An outcome may be recorded
// again; a mail is claimed again only once: of two who want to send a failed one
// only one may.
func (s *Store) SetDelivery(ctx context.Context, key string, from, to DeliveryState, at time.Time) error {
	changed, err := s.writes(ctx, `UPDATE deliveries SET state = ?, at = ?
		WHERE delivery_key = ? AND state = ? AND state <> 'sent'`, string(to), micros(at), key, string(from))
	if err != nil {
		return fmt.Errorf("set delivery %s to %s: %w", key, to, err)
	}
	if changed == 1 {
		return nil
	}
	current, err := s.Delivery(ctx, key)
	if err != nil {
		return err
	}
	if current.State == to && to != DeliveryClaimed {
		return nil
	}
	return fmt.Errorf("set delivery %s to %s: %w: it is %s", key, to, ErrConflict, current.State)
}

func scanDelivery(row scanner) (Delivery, error) {
	var d Delivery
	err := row.Scan(&d.Key, &d.MessageID, &d.Template, &d.RecipientMasked, &d.State, instant{&d.At})
	return d, err
}
