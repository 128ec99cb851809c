package store

import (
	"context"
	"fmt"
	"time"
)

// Waiter is a journey that waits for another person's account, such as the one
// of a manager who arrives later.
type Waiter struct {
	Target string
	// Ref is the person waited for, in the form the journey looks people up by.
	Ref     string
	Journey string
	TaskKey string
	At      time.Time
}

// AddWaiter records a wait; repeating it is harmless.
func (s *Store) AddWaiter(ctx context.Context, waiter Waiter) error {
	_, err := s.writes(ctx, `INSERT INTO waiters (target, ref, journey, task_key, since) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (target, ref, journey, task_key) DO NOTHING`,
		waiter.Target, waiter.Ref, waiter.Journey, waiter.TaskKey, micros(waiter.At))
	if err != nil {
		return fmt.Errorf("add waiter %s: %w", waiter.Journey, err)
	}
	return nil
}

// TakeWaiters lists who waits for a person. They stay until [Store.RemoveWaiter]
// is called after the signal, so that a crash between the two loses none.
func (s *Store) TakeWaiters(ctx context.Context, target, ref string) ([]Waiter, error) {
	waiters, err := list(ctx, s.reader(), scanWaiter, `SELECT target, ref, journey, task_key, since FROM waiters
		WHERE target = ? AND ref = ? ORDER BY journey, task_key`, target, ref)
	if err != nil {
		return nil, fmt.Errorf("list waiters on %s: %w", target, err)
	}
	return waiters, nil
}

// RemoveWaiter ends a wait; there may be none.
func (s *Store) RemoveWaiter(ctx context.Context, waiter Waiter) error {
	_, err := s.writes(ctx, `DELETE FROM waiters WHERE target = ? AND ref = ? AND journey = ? AND task_key = ?`,
		waiter.Target, waiter.Ref, waiter.Journey, waiter.TaskKey)
	if err != nil {
		return fmt.Errorf("remove waiter %s: %w", waiter.Journey, err)
	}
	return nil
}

func scanWaiter(row scanner) (Waiter, error) {
	var w Waiter
	err := row.Scan(&w.Target, &w.Ref, &w.Journey, &w.TaskKey, instant{&w.At})
	return w, err
}
