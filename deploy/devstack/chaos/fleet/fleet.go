package fleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"tenure/deploy/devstack/stack"
	"tenure/internal/config"
	"tenure/starter"
	"tenure/worker"
)

// Fleet starts members with the settings of a stack.
type Fleet struct {
	settings   config.Config
	references config.References
	hostPort   string
	log        *slog.Logger
	file       *os.File
}

// Outside makes the stack leave worker and starter to a fleet.
func Outside(o *stack.Options) { o.Worker, o.Starter = false, false }

// New makes a fleet for a stack that runs neither worker nor starter itself. It
// writes what the members have to say into a folder.
func New(s *stack.Stack, dir string) (*Fleet, error) {
	name, environment := s.Settings()
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	settings, err := config.Load(name, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	settings.Listen = "127.0.0.1:0"
	file, err := os.OpenFile(filepath.Join(dir, "fleet.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	return &Fleet{
		settings: settings, references: config.Fixed(environment), hostPort: s.Addresses().Temporal, file: file,
		log: slog.New(slog.NewTextHandler(file, nil)),
	}, nil
}

// Close ends the log. Members are stopped by whoever started them.
func (f *Fleet) Close() error { return f.file.Close() }

// Member is one worker or starter.
type Member struct {
	// Addr is where a starter listens.
	Addr  string
	stop  context.CancelFunc
	ended chan error
}

// Stop tells the member to stop, as SIGTERM does, and waits until it has.
func (m *Member) Stop() error {
	m.stop()
	return <-m.ended
}

// Worker starts a worker and waits until it polls.
func (f *Fleet) Worker(ctx context.Context) (*Member, error) {
	return begin(ctx, "worker", func(ctx context.Context, ready func(string)) error {
		return worker.Run(ctx, worker.Options{
			Config: f.settings, References: f.references, HostPort: f.hostPort, Log: f.log, Ready: func() { ready("") },
		})
	})
}

// Starter starts a starter and waits until it listens. Change, where it is set,
// changes its configuration.
func (f *Fleet) Starter(ctx context.Context, change func(*config.API)) (*Member, error) {
	settings := f.settings
	if change != nil {
		change(&settings.API)
	}
	return begin(ctx, "starter", func(ctx context.Context, ready func(string)) error {
		return starter.Run(ctx, starter.Options{
			Config: settings, References: f.references, HostPort: f.hostPort, Log: f.log, Ready: ready,
		})
	})
}

// startWithin is how long a member may take to be ready.
const startWithin = 2 * time.Minute

func begin(ctx context.Context, what string, run func(ctx context.Context, ready func(string)) error) (*Member, error) {
	own, stop := context.WithCancel(context.WithoutCancel(ctx))
	m := &Member{stop: stop, ended: make(chan error, 1)}
	ready := make(chan string, 1)
	go func() { m.ended <- run(own, func(addr string) { ready <- addr }) }()
	timer := time.NewTimer(startWithin)
	defer timer.Stop()
	select {
	case m.Addr = <-ready:
		return m, nil
	case err := <-m.ended:
		stop()
		return nil, errors.Join(fmt.Errorf("the %s ended before it was ready", what), err)
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil, errors.Join(fmt.Errorf("the %s was not ready in time", what), m.Stop())
}
