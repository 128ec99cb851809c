package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/server/temporal"

	"tenure/internal/platform"
)

const (
	// Namespace is the one namespace of the engine.
	Namespace = "default"

	databaseName = "temporal.db"
	startTimeout = 60 * time.Second
	stopTimeout  = 15 * time.Second
)

// Config says where the engine keeps its state and where it listens.
type Config struct {
	// Dir is the folder of the database. It is created if missing. One process
	// at a time may use it.
	Dir string
	// Postgres, if set, is the PostgreSQL server that keeps the state instead of a
	// file in Dir: a URL of a database that exists and is empty or was made by an
	// engine before. A second database beside it, its name with _visibility, must
	// exist too.
	Postgres string
	// Addr is the loopback address of Temporal's gRPC frontend; port 0 takes a
	// free one.
	Addr string
	// UIAddr is the loopback address of the Web UI; port 0 takes a free one.
	// Without it there is no Web UI.
	UIAddr string
	// CodecEndpoint, if set, is where the Web UI's pages decode payloads.
	CodecEndpoint string
	// Logger receives what the server has to say: a lot.
	Logger *slog.Logger
}

// Engine is a running Temporal server, with its Web UI if one was asked for.
type Engine struct {
	addr   string
	log    *slog.Logger
	server temporal.Server
	ui     *webUI

	closing sync.Once
	closed  error
}

// Start starts the server on the folder and waits until it answers for the
// namespace, has the search attributes and serves the Web UI. On failure
// nothing keeps running.
func Start(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Logger == nil {
		return nil, errors.New("start temporal: no logger")
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("start temporal: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	at, err := claim(ctx, cfg.Addr, cfg.UIAddr)
	if err != nil {
		return nil, fmt.Errorf("start temporal: %w", err)
	}
	server, err := newServer(at, cfg)
	if err != nil {
		return nil, fmt.Errorf("start temporal: %w", err)
	}
	e := &Engine{addr: at.frontend.String(), log: cfg.Logger, server: server}
	if err := e.start(ctx, cfg, at); err != nil {
		return nil, errors.Join(fmt.Errorf("start temporal: %w", err), e.Close())
	}
	return e, nil
}

func (e *Engine) start(ctx context.Context, cfg Config, at addresses) error {
	if err := e.server.Start(); err != nil {
		return err
	}
	if at.ui.IsValid() {
		ui, err := startUI(at.ui, e.addr, cfg.CodecEndpoint)
		if err != nil {
			return err
		}
		e.ui = ui
	}
	return e.awaitReady(ctx)
}

// Addr returns host:port of the gRPC frontend.
func (e *Engine) Addr() string { return e.addr }

// UIAddr returns host:port of the Web UI, or nothing where there is none.
func (e *Engine) UIAddr() string {
	if e.ui == nil {
		return ""
	}
	return e.ui.addr
}

// Dial connects a client, for tools and tests. Address and namespace are the
// engine's; without a logger the engine's is used.
func (e *Engine) Dial(ctx context.Context, opts client.Options) (client.Client, error) {
	opts.HostPort, opts.Namespace = e.addr, Namespace
	if opts.Logger == nil {
		opts.Logger = platform.NewLogger(e.log)
	}
	c, err := client.DialContext(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("connect to temporal at %s: %w", e.addr, err)
	}
	return c, nil
}

// Close stops the Web UI and the server. Clients and workers should be closed
// before. What was accepted is on disk. Calls after the first one return the
// same.
func (e *Engine) Close() error {
	e.closing.Do(func() {
		if e.ui != nil {
			e.ui.stop()
		}
		done := make(chan error, 1)
		go func() { done <- e.server.Stop() }()
		timer := time.NewTimer(stopTimeout)
		defer timer.Stop()
		select {
		case err := <-done:
			if err != nil {
				e.closed = fmt.Errorf("stop temporal: %w", err)
			}
		case <-timer.C:
			e.closed = fmt.Errorf("stop temporal: still running after %s", stopTimeout)
		}
	})
	return e.closed
}
