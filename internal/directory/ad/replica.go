package ad

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tenure/internal/directory"
)

// replica is one of a domain's controllers, asked for what another does not know.
type replica struct {
	pool *pool

	mu sync.Mutex
	// away is since when it does not answer, zero while it does; asked is when it was
	// last asked.
	away, asked time.Time
}

// newReplicas are the controllers of a domain, each by itself; none where there is
// one alone.
func newReplicas(cfg Config) []*replica {
	if len(cfg.Hosts) == 1 {
		return nil
	}
	var out []*replica
	for _, host := range cfg.Hosts {
		one := cfg
		one.Hosts = []string{host}
		out = append(out, &replica{pool: newPool(&one)})
	}
	return out
}

// elsewhere asks the other controllers for what the one at host does not know: what
// was written a moment ago may not have replicated, and taking it for absent would
// make it twice. One that knows it is used from now on. One that does not answer
// may know it until what it had would have arrived.
func (d *Directory) elsewhere(ctx context.Context, host int, known func(*link) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, d.cfg.CallTimeout)
	defer cancel()
	for i, r := range d.replicas {
		if i == host {
			r.answered() // what is written there from now on counts anew
			continue
		}
		knows, answers := r.ask(ctx, d.cfg.Replication, known)
		if knows {
			d.pool.prefer(i)
			return fmt.Errorf("look at %s, which knows what %s does not yet: %w", d.cfg.Hosts[i], d.cfg.Hosts[host], directory.ErrUnavailable)
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("look at %s: %w", d.cfg.Hosts[i], err)
		}
		if !answers && r.mayKnow(d.cfg.Replication) {
			return fmt.Errorf("look at %s, which does not answer and may know what %s does not yet: %w", d.cfg.Hosts[i], d.cfg.Hosts[host], directory.ErrUnavailable)
		}
	}
	return nil
}

// mayKnow reports whether what was last written at a controller that is away may not
// have reached the others.
func (r *replica) mayKnow(within time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.away.IsZero() && time.Since(r.away) < within
}

// ask asks one controller, unless it did not answer a moment ago: who waits for
// one that is gone shall not wait each time.
func (r *replica) ask(ctx context.Context, within time.Duration, known func(*link) (bool, error)) (knows, answers bool) {
	if !r.due(within) {
		return false, false
	}
	err := r.pool.use(ctx, func(l *link) error {
		var err error
		knows, err = known(l)
		return err
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		r.away = time.Time{}
	case errors.Is(ctx.Err(), context.Canceled):
		// Who asked is gone, which says nothing about the controller.
	case r.away.IsZero():
		r.away = time.Now()
	}
	return knows && err == nil, err == nil
}

// answered notes that a controller does.
func (r *replica) answered() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.away = time.Time{}
}

// due reports whether a controller is to be asked, and takes it for asked then.
func (r *replica) due(within time.Duration) bool {
	const tries = 6 // until it counts as gone
	r.mu.Lock()
	defer r.mu.Unlock()
	now, pause := time.Now(), within/tries
	if !r.away.IsZero() && now.Sub(r.away) >= within {
		pause = within
	}
	if !r.away.IsZero() && now.Sub(r.asked) < pause {
		return false
	}
	r.asked = now
	return true
}
