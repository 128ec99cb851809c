package stack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"

	"tenure/deploy/devstack/engine"
	"tenure/internal/config"
	"tenure/internal/lifecycle"
	"tenure/internal/sim/ad"
	"tenure/internal/sim/extension"
	"tenure/internal/sim/graph"
	"tenure/internal/sim/mail"
)

// Stack is the running parts. They are started in order, each may use those
// before it, and stopped in reverse.
type Stack struct {
	opts  Options
	addrs Addresses
	// stops undo the starts, in the order of the starts.
	stops []stop
	// failed receives the error of a part that ended by itself. It holds one:
	// the first ends the process.
	failed chan error

	// listener is where the starter will answer. It is claimed first, because the
	// Web UI must know where payloads are decoded.
	listener net.Listener

	graph  *graph.Server
	mail   *mail.Server
	badges *extension.Server
	domain *ad.Server // nil without a hybrid organisation
	// domainPassword is that of the accounts of the domain's own.
	domainPassword string
	log            *slog.Logger
	// settings is what worker and starter run with, in this process or outside.
	settings config.Config
	values   map[string]string
	// changed is a policy that differs from the active one.
	changed *lifecycle.Source
}

// stop ends one part.
type stop struct {
	part string
	do   func() error
}

// Start starts every part that the options ask for and returns when all of them
// answer. If one fails, those before it are stopped again.
func Start(ctx context.Context, opts Options) (_ *Stack, err error) {
	s := &Stack{opts: opts, failed: make(chan error, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	for _, part := range []struct {
		name  string
		start func(context.Context) error
	}{
		{"the folder", s.startFolder},
		{"the log", s.startLog},
		{"the keys", s.startKeys},
		{"the address of the API", s.startListener},
		{"Temporal", s.startEngine},
		{"the Graph simulator", s.startGraph},
		{"the domain simulator", s.startDomain},
		{"the mail simulator", s.startMail},
		{"the badge office", s.startBadges},
		{"the settings", s.startSettings},
		{"the policy", s.startPolicy},
		{"the worker", s.startWorker},
		{"the starter", s.startStarter},
		{"the changed policy", s.startChange},
		{"the export", s.startExport},
		{"the ready file", s.startReadyFile},
		{"the sample", s.startSample},
	} {
		if err := part.start(ctx); err != nil {
			return nil, fmt.Errorf("start %s: %w", part.name, err)
		}
	}
	return s, nil
}

// Addresses returns where the parts listen.
func (s *Stack) Addresses() Addresses { return s.addrs }

// Wait returns nil when the context ends, or the error of a part that failed.
func (s *Stack) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

// Close stops the parts in reverse order.
func (s *Stack) Close() error {
	var problems []error
	for _, stop := range slices.Backward(s.stops) {
		if err := stop.do(); err != nil {
			problems = append(problems, fmt.Errorf("stop %s: %w", stop.part, err))
		}
	}
	s.stops = nil
	return errors.Join(problems...)
}

// onClose registers how a part is stopped.
func (s *Stack) onClose(part string, do func() error) {
	s.stops = append(s.stops, stop{part: part, do: do})
}

// startFolder makes the folder, private because it holds simulated people's
// data and passes. A ready file that a killed process left says nothing.
func (s *Stack) startFolder(context.Context) error {
	if s.opts.ReadyFile != "" {
		if err := os.Remove(s.opts.ReadyFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return os.MkdirAll(s.opts.Dir, 0o700)
}

func (s *Stack) startEngine(ctx context.Context) error {
	if s.opts.Temporal != "" {
		s.addrs.Temporal = s.opts.Temporal
		return nil
	}
	log, closeLog, err := openLog(filepath.Join(s.opts.Dir, "temporal.log"))
	if err != nil {
		return err
	}
	s.onClose("the log of Temporal", closeLog)
	e, err := engine.Start(ctx, engine.Config{
		Dir:      filepath.Join(s.opts.Dir, "temporal"),
		Postgres: s.opts.Engine,
		Addr:     s.opts.TemporalAddr,
		UIAddr:   s.opts.UIAddr,
		Logger:   log,

		CodecEndpoint: s.codecEndpoint(),
	})
	if err != nil {
		return err
	}
	s.onClose("Temporal", e.Close)
	s.addrs.Temporal, s.addrs.UI = e.Addr(), e.UIAddr()
	return nil
}

// startReadyFile comes last: who finds the file finds everything ready.
func (s *Stack) startReadyFile(context.Context) error {
	if s.opts.ReadyFile == "" {
		return nil
	}
	if err := writeReady(s.opts.ReadyFile, s.addrs); err != nil {
		return err
	}
	s.onClose("the ready file", func() error { return os.Remove(s.opts.ReadyFile) })
	return nil
}
