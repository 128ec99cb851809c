package ad

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"tenure/internal/directory"
)

// pool keeps bound connections and chooses the domain controller.
type pool struct {
	cfg *Config
	// slots bounds how many calls go on at once.
	slots chan struct{}

	mu   sync.Mutex
	idle []*link
	host int // the controller to try first
}

func newPool(cfg *Config) *pool {
	return &pool{cfg: cfg, slots: make(chan struct{}, cfg.Connections)}
}

// use gives a connection to do. It is kept for the next call unless something
// is wrong with it, which the error tells.
func (p *pool) use(ctx context.Context, do func(*link) error) error {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("wait for a connection: %w", directory.ErrUnavailable)
	}
	defer func() { <-p.slots }()
	l := p.take()
	if l == nil {
		var err error
		if l, err = p.dial(ctx); err != nil {
			return err
		}
	}
	return p.with(ctx, l, do)
}

// apart gives do a connection that no other call waits for.
func (p *pool) apart(ctx context.Context, do func(*link) error) error {
	l, err := p.dial(ctx)
	if err != nil {
		return err
	}
	return p.with(ctx, l, do)
}

func (p *pool) with(ctx context.Context, l *link, do func(*link) error) error {
	stop := context.AfterFunc(ctx, func() { _ = l.raw.Close() })
	err := do(l)
	// A late answer on a connection would be taken for that of another request.
	failed := isBroken(err)
	if !stop() || failed || l.raw.rest() != nil || l.IsClosing() {
		l.cut()
		if failed {
			p.shun(l.host)
		}
		return err
	}
	p.put(l)
	return err
}

func (p *pool) take() *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 {
		l := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if !l.IsClosing() {
			return l
		}
		l.cut()
	}
	return nil
}

// put keeps a connection, but for one too many and those to a controller that
// was left.
func (p *pool) put(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) < p.cfg.Connections && l.host == p.host {
		p.idle = append(p.idle, l)
		return
	}
	l.cut()
}

// dial connects to the first controller that answers. A refused credential is
// not tried elsewhere: all controllers count the failures of one account.
func (p *pool) dial(ctx context.Context) (*link, error) {
	p.mu.Lock()
	first := p.host
	p.mu.Unlock()
	var failures []error
	for i := range p.cfg.Hosts {
		l, err := connect(ctx, p.cfg, (first+i)%len(p.cfg.Hosts))
		if err == nil {
			p.prefer(l.host)
			return l, nil
		}
		failures = append(failures, err)
		if ctx.Err() != nil || !errors.Is(err, directory.ErrUnavailable) {
			break
		}
	}
	return nil, errors.Join(failures...)
}

// prefer makes a controller the one to try first.
func (p *pool) prefer(host int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.host != host {
		p.host = host
		p.drop(func(l *link) bool { return l.host != host })
	}
}

// shun leaves a controller that failed: its other connections hang too.
func (p *pool) shun(host int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(func(l *link) bool { return l.host == host })
	if p.host == host {
		p.host = (host + 1) % len(p.cfg.Hosts)
	}
}

// drop cuts the idle connections that are meant.
func (p *pool) drop(meant func(*link) bool) {
	p.idle = slices.DeleteFunc(p.idle, func(l *link) bool {
		if !meant(l) {
			return false
		}
		l.cut()
		return true
	})
}

// close cuts every idle connection.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(func(*link) bool { return true })
}
