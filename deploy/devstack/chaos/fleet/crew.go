package fleet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Crew is a number of members that are replaced one by one.
type Crew struct {
	start func(ctx context.Context) (*Member, error)
	// Joined, where it is set, is waited for before the next member is replaced.
	Joined func(ctx context.Context, m *Member) error

	mu       sync.Mutex
	members  []*Member
	replaced int
}

// NewCrew starts so many members.
func NewCrew(ctx context.Context, count int, start func(ctx context.Context) (*Member, error)) (*Crew, error) {
	c := &Crew{start: start}
	for range count {
		m, err := start(ctx)
		if err != nil {
			return nil, errors.Join(err, c.Stop())
		}
		c.members = append(c.members, m)
	}
	return c, nil
}

// Members are those that run, or are about to stop.
func (c *Crew) Members() []*Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*Member(nil), c.members...)
}

// Replaced counts the members that were stopped and replaced.
func (c *Crew) Replaced() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.replaced
}

// Roll replaces every member once: each is stopped gracefully and has ended
// before its successor starts.
func (c *Crew) Roll(ctx context.Context) error {
	for _, old := range c.Members() {
		if err := old.Stop(); err != nil {
			return fmt.Errorf("stop a member: %w", err)
		}
		c.drop(old)
		m, err := c.start(ctx)
		if err != nil {
			return err
		}
		c.mu.Lock()
		c.members, c.replaced = append(c.members, m), c.replaced+1
		c.mu.Unlock()
		if c.Joined == nil {
			continue
		}
		if err := c.Joined(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (c *Crew) drop(old *Member) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, m := range c.members {
		if m == old {
			c.members = append(c.members[:i:i], c.members[i+1:]...)
			return
		}
	}
}

// RollUntil replaces members again and again, with a pause between the rounds,
// until the context ends or all were replaced so often.
func (c *Crew) RollUntil(ctx context.Context, pause time.Duration, rounds int) error {
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for range rounds {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if err := c.Roll(context.WithoutCancel(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// Stop stops all.
func (c *Crew) Stop() error {
	var problems []error
	for _, m := range c.Members() {
		problems = append(problems, m.Stop())
		c.drop(m)
	}
	return errors.Join(problems...)
}
