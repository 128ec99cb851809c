package starter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tenure/internal/store"
	"tenure/workflows/contract"
)

// wakePage is how many people are read at a time.
const wakePage = 500

// wakeJourneys lets every journey that has not planned with the active policy
// plan again. It is called after an apply and at every start: what the people
// index says is all that is to be remembered.
func (s *service) wakeJourneys() {
	s.mu.Lock()
	begun := s.waking
	s.waking, s.wakeAgain = true, begun
	s.mu.Unlock()
	if begun {
		return // that one looks again before it ends
	}
	if !s.background.do(s.wakeUntilQuiet) {
		s.endWaking()
	}
}

// wakeUntilQuiet wakes journeys as long as that is asked for while it does.
func (s *service) wakeUntilQuiet(ctx context.Context) {
	for again := true; again; again = s.endWaking() {
		policy, err := s.db.ActivePolicy(ctx)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err == nil {
			s.schedule(ctx)
			err = s.wakeBehind(ctx, policy)
		}
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "journeys could not all be woken; the next start goes on", "error", err)
		}
	}
}

// schedule lets the nightly comparisons follow the active policy.
func (s *service) schedule(ctx context.Context) {
	policy, err := s.policies.Active(ctx)
	if err == nil {
		err = s.engine.schedules(ctx, policy.Policy)
	}
	if err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "comparisons could not all be scheduled; the next start goes on", "error", err)
	}
}

// endWaking ends the waking, unless it was asked for again meanwhile.
func (s *service) endWaking() (again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	again, s.wakeAgain = s.wakeAgain, false
	s.waking = again
	return again
}

// wakeBehind wakes who planned with an older version. The signal's ID is that of
// the version, so that a second one changes nothing.
func (s *service) wakeBehind(ctx context.Context, policy store.PolicyVersion) error {
	why := contract.Override{
		ID: fmt.Sprintf("policy-%d", policy.Number), Actor: contract.ActorPolicy,
		Reason: fmt.Sprintf("policy version %d, applied by %s: %s", policy.Number, policy.Actor, policy.Reason),
	}
	ticker := time.NewTicker(s.wakeEvery)
	defer ticker.Stop()
	woken := 0
	for cursor := ""; ; {
		rows, next, err := s.db.People(ctx, store.PeopleFilter{Limit: wakePage, Cursor: cursor})
		if err != nil {
			return fmt.Errorf("wake journeys: %w", err)
		}
		for _, row := range rows {
			if row.PolicyVersion >= policy.Number {
				continue
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-ticker.C:
			}
			if err := s.engine.wake(ctx, row.Journey, why); err != nil {
				return fmt.Errorf("wake journeys: %w", err)
			}
			woken++
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if woken > 0 {
		s.log.InfoContext(ctx, "journeys woken", "policy", policy.Number, "count", woken)
	}
	return nil
}
