package ad

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tenure/internal/directory"
)

// replica is one of a domain's controllers, asked for what another does not know.
type replica struct {
	pool *pool

	mu sync.Mutex
	// away is since when it does not answer, zero while it does; asked is when that
	// was last seen.
	away, asked time.Time
}

// replicas are the controllers of a domain each by itself, none where there is one.
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
	for i, r := range d.replicas {
		if i == host {
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
	case r.away.IsZero():
		r.away = r.asked
	}
	return knows && err == nil, err == nil
}

// due reports whether a controller is to be asked, which it then is.
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
