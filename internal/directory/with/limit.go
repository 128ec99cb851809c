package with

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"tenure/internal/directory"
)

// DefaultMaxWait is the longest that a call is held back. A longer wait belongs
// to the workflow engine, which does not occupy a worker with it.
const DefaultMaxWait = 5 * time.Second

const (
	// burstShare is the part of a share that may be drawn at once.
	burstShare = 50
	// maxBurst is the largest part of a share that the dearest verb may make it.
	maxBurst = 2
	// longestTurn bounds how far the turns of callers are spread that were sent back.
	longestTurn = time.Minute
)

// Limiter keeps one target within its budgets. A process has one per target,
// however many callers share it.
type Limiter struct {
	writes, units *rate.Limiter
	costs         map[directory.Verb]directory.Cost
	opts          LimiterOptions

	mu    sync.Mutex
	fence time.Time // no call before this instant
	// turns is when the next caller that is sent back should come again.
	turns time.Time
}

// LimiterOptions configure a Limiter.
type LimiterOptions struct {
	// Workers is how many processes share the budgets; 1 where it is zero.
	Workers int
	// MaxWait defaults to DefaultMaxWait.
	MaxWait time.Duration
	// Clock and Sleep default to the machine's.
	Clock func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error
}

// NewLimiter makes a limiter that gives this process its share of the limits.
func NewLimiter(limits directory.Limits, opts LimiterOptions) *Limiter {
	opts.Workers = max(opts.Workers, 1)
	if opts.MaxWait == 0 {
		opts.MaxWait = DefaultMaxWait
	}
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Sleep == nil {
		opts.Sleep = sleep
	}
	return &Limiter{
		writes: bucket(limits.Writes, opts.Workers, dearest(limits.Costs, func(c directory.Cost) int { return c.Writes })),
		units:  bucket(limits.Units, opts.Workers, dearest(limits.Costs, func(c directory.Cost) int { return c.Units })),
		costs:  limits.Costs, opts: opts,
	}
}

// bucket holds little and refills with the rest of the share: no window of the
// budget's length sees more than the share, and a queue uses nearly all of it. The
// dearest single call fits whatever the share is.
func bucket(b directory.Budget, workers, dearest int) *rate.Limiter {
	if b.Amount == 0 || b.Per == 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	share := float64(b.Amount) / float64(workers)
	burst := max(share/burstShare, float64(dearest))
	return rate.NewLimiter(rate.Limit((share-min(burst, share/maxBurst))/b.Per.Seconds()), int(burst))
}

func dearest(costs map[directory.Verb]directory.Cost, of func(directory.Cost) int) int {
	most := 1
	for _, cost := range costs {
		most = max(most, of(cost))
	}
	return most
}

// Limit is the Around of a limiter. A call that would wait longer than MaxWait
// fails with a *directory.ThrottledError before anything is asked; callers that are
// sent back at the same time are told turns one after the other, since all of them
// at once would be sent back again. A target's own request to wait holds back every
// call of the process.
func Limit(l *Limiter) Around {
	return func(ctx context.Context, verb directory.Verb, next func(context.Context) error) error {
		if err := l.take(ctx, verb); err != nil {
			return fmt.Errorf("%s: %w", verb, err)
		}
		err := next(ctx)
		if throttled, ok := errors.AsType[*directory.ThrottledError](err); ok {
			l.raise(throttled.After)
		}
		return err
	}
}

// take draws the cost of a verb and waits for its turn.
func (l *Limiter) take(ctx context.Context, verb directory.Verb) error {
	now := l.opts.Clock()
	cost := l.costs[verb]
	writes, units := l.writes.ReserveN(now, cost.Writes), l.units.ReserveN(now, cost.Units)
	giveBack := func() {
		writes.CancelAt(now)
		units.CancelAt(now)
	}
	wait := max(writes.DelayFrom(now), units.DelayFrom(now), l.fenced(now))
	if wait > l.opts.MaxWait {
		giveBack()
		return &directory.ThrottledError{After: l.turn(now, wait, cost)}
	}
	if wait <= 0 {
		return nil
	}
	if err := l.opts.Sleep(ctx, wait); err != nil {
		giveBack()
		return err
	}
	return nil
}

// turn is when a caller that has to wait should come again: behind those who were
// sent back before.
func (l *Limiter) turn(now time.Time, wait time.Duration, cost directory.Cost) time.Duration {
	takes := max(float64(cost.Writes)/float64(l.writes.Limit()), float64(cost.Units)/float64(l.units.Limit()))
	l.mu.Lock()
	defer l.mu.Unlock()
	at := now.Add(wait)
	if l.turns.After(at) && l.turns.Before(at.Add(longestTurn)) {
		at = l.turns
	}
	l.turns = at.Add(time.Duration(takes * float64(time.Second)))
	return at.Sub(now)
}

// fenced tells how long the fence still stands.
func (l *Limiter) fenced(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fence.Sub(now)
}

// raise moves the fence, never back.
func (l *Limiter) raise(after time.Duration) {
	until := l.opts.Clock().Add(after)
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.fence) {
		l.fence = until
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
