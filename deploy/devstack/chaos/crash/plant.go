package crash

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"tenure/deploy/devstack/chaos/point"
	"tenure/deploy/devstack/chaos/process"
	"tenure/deploy/devstack/chaos/site"
	"tenure/deploy/devstack/chaos/tally"
	"tenure/deploy/devstack/stack"
)

// plant is a site whose worker, starter and Temporal server are processes that
// can be killed; the simulators live here and see everything.
type plant struct {
	*site.Site

	databases               *site.Databases
	gate                    *point.Gate
	engine, starter, worker *process.Process
	// kills asks for a kill of the worker where it is held.
	mu    sync.Mutex
	held  []point.Held
	fails []error
	stop  context.CancelFunc
	done  chan struct{}
}

// build starts everything.
func build(ctx context.Context, o tally.Options) (_ *plant, err error) {
	p := &plant{gate: point.NewGate(), done: make(chan struct{})}
	ctx, p.stop = context.WithCancel(ctx)
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("build plant: %w", err), p.Close())
		}
	}()
	temporal := filepath.Join(o.Dir, "temporal")
	if err := os.MkdirAll(temporal, 0o700); err != nil {
		return p, err
	}
	addr, api, err := addresses(ctx)
	if err != nil {
		return p, err
	}
	if p.databases, err = site.OpenDatabases(ctx, o.Database); err != nil {
		return p, err
	}
	if p.engine, err = process.Start(ctx, process.Spec{Role: process.Engine, Dir: temporal, Addr: addr, Postgres: p.databases.Engine}); err != nil {
		return p, err
	}
	p.Site, err = site.Start(ctx, o.Dir, p.databases.Use, func(s *stack.Options) {
		s.Temporal, s.APIAddr, s.Worker, s.Starter = addr, api, false, false
	})
	if err != nil {
		return p, err
	}
	socket := filepath.Join(o.Dir, "gate")
	if err := p.gate.Serve(ctx, socket); err != nil {
		return p, err
	}
	config, environment := p.Settings()
	spec := process.Spec{
		Role: process.Starter, Dir: o.Dir, Addr: api, Config: config, Temporal: addr, Gate: socket, Environment: maps.Clone(environment),
	}
	if p.starter, err = process.Start(ctx, spec); err != nil {
		return p, err
	}
	spec.Role = process.Worker
	if p.worker, err = process.Start(ctx, spec); err != nil {
		return p, err
	}
	go p.watch(ctx)
	return p, p.Open(ctx, api)
}

func addresses(ctx context.Context) (temporal, api string, err error) {
	if temporal, err = process.FreeAddr(ctx); err != nil {
		return "", "", err
	}
	api, err = process.FreeAddr(ctx)
	return temporal, api, err
}

const (
	// quiet is how long nobody passed anything before those who are held are
	// killed: the others have come to their points or to rest.
	quiet = 1500 * time.Millisecond
	// longest is less than the time after which the server takes a workflow task
	// away from a worker that does not answer.
	longest = 6 * time.Second
	// alive is that of an attempt of an activity.
	alive = time.Minute
	look  = 20 * time.Millisecond
)

// watch kills the worker whenever people are held in it.
func (p *plant) watch(ctx context.Context) {
	defer close(p.done)
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if !p.gate.Ready(quiet, longest, alive) {
			continue
		}
		p.killWorker(ctx)
	}
}

// killWorker kills the worker with everybody whom the gate holds in it.
func (p *plant) killWorker(ctx context.Context) {
	err := p.worker.Kill(ctx, func() {
		held := p.gate.Killed()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.held = append(p.held, held...)
	})
	if err != nil && ctx.Err() == nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.fails = append(p.fails, err)
	}
}

// killed are the points at which somebody's worker was killed so far.
func (p *plant) killed() []point.Held {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]point.Held(nil), p.held...)
}

// Close stops everything; Temporal last.
func (p *plant) Close() error {
	p.stop()
	var problems []error
	if p.worker != nil {
		<-p.done
		problems = append(problems, p.worker.Close())
	}
	if p.starter != nil {
		problems = append(problems, p.starter.Close())
	}
	if p.Site != nil {
		problems = append(problems, p.Site.Close())
	}
	if p.engine != nil {
		problems = append(problems, p.engine.Close())
	}
	if p.databases != nil {
		problems = append(problems, p.databases.Close())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return errors.Join(append(problems, p.fails...)...)
}
