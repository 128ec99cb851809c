package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Effect is one call that changes something outside. It is open from before the
// call until its outcome is known.
type Effect struct {
	// Key is the idempotency key, "<journey>/<task key>".
	Key     string
	Journey string
	TaskKey string
	Target  string
	// Kind is the verb, such as "ensure account".
	Kind string
	// Intent says in JSON what was going to be done, without secrets.
	Intent []byte
	// Before is the before-image in JSON, as the first attempt saw it.
	Before []byte
	// ReservedName is the claim the call is about to use.
	ReservedName string
	OpenedAt     time.Time
	// ClosedAt is zero while the effect is open.
	ClosedAt time.Time
	Outcome  string
	// Result is a small JSON value for a retry that finds the effect closed.
	Result []byte
}

// Closed reports whether the outcome is known.
func (e Effect) Closed() bool { return !e.ClosedAt.IsZero() }

const effectColumns = `effect_key, journey, task_key, target, kind, intent, before_image,
	reserved_name, opened_at, closed_at, outcome, result`

// OpenEffect records the intent of a call before it is made. Where the effect
// exists it is returned as it is, with existed set: an open one must be
// confirmed by looking and keeps its first Before, a closed one must be skipped.
func (s *Store) OpenEffect(ctx context.Context, effect Effect) (current Effect, existed bool, err error) {
	if effect.Key == "" || effect.Journey == "" {
		return Effect{}, false, fmt.Errorf("open effect: %w: key and journey are needed", ErrInvalid)
	}
	for _, text := range [][]byte{effect.Intent, effect.Before} {
		if len(text) > 0 && !json.Valid(text) {
			return Effect{}, false, fmt.Errorf("open effect %s: %w: not JSON", effect.Key, ErrInvalid)
		}
	}
	changed, err := s.writes(ctx, `INSERT INTO effects (`+effectColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '', '') ON CONFLICT (effect_key) DO NOTHING`,
		effect.Key, effect.Journey, effect.TaskKey, effect.Target, effect.Kind, string(effect.Intent),
		string(effect.Before), effect.ReservedName, effect.OpenedAt.UnixMicro())
	if err != nil {
		return Effect{}, false, fmt.Errorf("open effect %s: %w", effect.Key, err)
	}
	if changed == 1 {
		effect.OpenedAt, effect.ClosedAt = storedInstant(effect.OpenedAt), time.Time{}
		effect.Outcome, effect.Result = "", nil
		return effect, false, nil
	}
	current, err = s.Effect(ctx, effect.Key)
	return current, true, err
}

// Effect reads one effect. ErrNotFound where it was never opened.
func (s *Store) Effect(ctx context.Context, key string) (Effect, error) {
	effect, err := get(ctx, s.reader(), scanEffect, `SELECT `+effectColumns+` FROM effects WHERE effect_key = ?`, key)
	if err != nil {
		return Effect{}, fmt.Errorf("read effect %s: %w", key, err)
	}
	return effect, nil
}

// OpenEffects lists the effects of a journey whose outcome is not known, oldest
// first.
func (s *Store) OpenEffects(ctx context.Context, journey string) ([]Effect, error) {
	effects, err := list(ctx, s.reader(), scanEffect, `SELECT `+effectColumns+` FROM effects
		WHERE journey = ? AND closed_at IS NULL ORDER BY opened_at, effect_key`, journey)
	if err != nil {
		return nil, fmt.Errorf("list open effects of %s: %w", journey, err)
	}
	return effects, nil
}

// SetReservedName records that the call is going to use another name, before it
// does. ErrConflict where the effect is closed, ErrNotFound where there is none.
func (s *Store) SetReservedName(ctx context.Context, key, name string) error {
	changed, err := s.writes(ctx,
		`UPDATE effects SET reserved_name = ? WHERE effect_key = ? AND closed_at IS NULL`, name, key)
	if err != nil {
		return fmt.Errorf("set reserved name of effect %s: %w", key, err)
	}
	if changed == 1 {
		return nil
	}
	if _, err := s.Effect(ctx, key); err != nil {
		return err
	}
	return fmt.Errorf("set reserved name of effect %s: %w", key, ErrConflict)
}

// CloseEffect records the outcome of a call and appends its ledger rows in one
// transaction. Repeating it with the same outcome is harmless and keeps the
// first result; another outcome is ErrConflict and changes nothing.
func (s *Store) CloseEffect(ctx context.Context, key, outcome string, result []byte, rows ...LedgerRow) error {
	if outcome == "" || (len(result) > 0 && !json.Valid(result)) {
		return fmt.Errorf("close effect %s: %w: an outcome and a result in JSON are needed", key, ErrInvalid)
	}
	err := s.inTx(ctx, func(tx session) error {
		changed, err := tx.exec(ctx, `UPDATE effects SET closed_at = ?, outcome = ?, result = ?
			WHERE effect_key = ? AND closed_at IS NULL`, s.now().UnixMicro(), outcome, string(result), key)
		if err != nil {
			return err
		}
		if changed == 0 {
			current, err := get(ctx, tx, scanText, `SELECT outcome FROM effects WHERE effect_key = ?`, key)
			if err != nil {
				return err
			}
			if current != outcome {
				return ErrConflict
			}
		}
		return s.appendRows(ctx, tx, rows)
	})
	if err != nil {
		return fmt.Errorf("close effect %s: %w", key, err)
	}
	return nil
}

func scanEffect(row scanner) (Effect, error) {
	var e Effect
	err := row.Scan(&e.Key, &e.Journey, &e.TaskKey, &e.Target, &e.Kind, raw{&e.Intent}, raw{&e.Before},
		&e.ReservedName, instant{&e.OpenedAt}, instant{&e.ClosedAt}, &e.Outcome, raw{&e.Result})
	return e, err
}
