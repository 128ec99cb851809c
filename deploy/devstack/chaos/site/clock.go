package site

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"tenure/deploy/devstack/engine"
	"tenure/deploy/devstack/timeskip"
	"tenure/workflows/contract"
)

// clocks are those of people whose time was moved.
type clocks struct {
	temporal client.Client

	mu sync.Mutex
	// ahead is how far what is theirs in the tenant was moved.
	ahead map[string]time.Duration
}

// openClocks does not ask for an answer: Temporal may be killed at any time.
func openClocks(addr string) (*clocks, error) {
	temporal, err := client.NewLazyClient(client.Options{HostPort: addr, Namespace: engine.Namespace})
	if err != nil {
		return nil, fmt.Errorf("open clocks: %w", err)
	}
	return &clocks{temporal: temporal, ahead: map[string]time.Duration{}}, nil
}

const (
	// moveWithin bounds one attempt to move a clock, movedWithin all of them.
	moveWithin  = time.Minute
	movedWithin = 2 * Patience
	// drift is less than any move: two readings of a clock are never the same.
	drift = time.Second
)

// Advance moves a person's clock, and what is theirs in the tenant with it. It
// goes on where that is cut short: by tasks that are tried again and again, or by
// processes that are killed.
func (s *Site) Advance(ctx context.Context, key string, by time.Duration) error {
	journey := contract.JourneyID(Realm, key)
	var target time.Time
	var problem error
	err := AwaitWithin(ctx, movedWithin, "the clock of "+key+" is moved by "+by.String(), func(ctx context.Context) (bool, error) {
		now, err := timeskip.Now(ctx, s.clocks.temporal, engine.Namespace, journey)
		if err != nil {
			problem = err
			return false, nil //nolint:nilerr // Temporal may be away
		}
		if target.IsZero() {
			target = now.Add(by)
		}
		if left := target.Sub(now); left > 0 {
			problem = s.forward(ctx, journey, left)
			return false, nil // the next look tells how far it came
		}
		return true, s.follow(key, now)
	})
	if errors.Is(err, ErrWaited) {
		return errors.Join(err, problem)
	}
	return err
}

func (s *Site) forward(ctx context.Context, journey string, by time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, moveWithin)
	defer cancel()
	_, err := timeskip.FastForward(ctx, s.clocks.temporal, engine.Namespace, journey, by)
	return err
}

// follow moves what is somebody's in the tenant to where the journey is.
func (s *Site) follow(key string, now time.Time) error {
	s.clocks.mu.Lock()
	defer s.clocks.mu.Unlock()
	ahead := time.Until(now)
	if ahead-s.clocks.ahead[key] < drift {
		return nil
	}
	if err := s.Graph().AdvanceEmployee(key, ahead-s.clocks.ahead[key]); err != nil {
		return fmt.Errorf("move the clock of the account: %w", err)
	}
	s.clocks.ahead[key] = ahead
	return nil
}
