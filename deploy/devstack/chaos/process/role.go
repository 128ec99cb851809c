package process

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"tenure/deploy/devstack/chaos/worker"
	"tenure/deploy/devstack/engine"
	"tenure/internal/config"
	"tenure/starter"
	product "tenure/worker"
)

// Role is what a process is.
type Role string

// The roles.
const (
	Worker  Role = "worker"
	Starter Role = "starter"
	Engine  Role = "engine"
)

// The environment in which a process finds what it is.
const (
	envRole     = "TENURE_CHAOS_ROLE"
	envConfig   = "TENURE_CHAOS_CONFIG"
	envTemporal = "TENURE_CHAOS_TEMPORAL"
	envGate     = "TENURE_CHAOS_GATE"
	envDir      = "TENURE_CHAOS_DIR"
	envAddr     = "TENURE_CHAOS_ADDR"
	envPostgres = "TENURE_CHAOS_POSTGRES"
	// readyLine is what a process says once it answers.
	readyLine = "ready"
)

// Assigned is the role of this process; "" where it is the chaos program itself.
func Assigned() Role { return Role(os.Getenv(envRole)) }

// Play plays the role of this process until the context or the standard input
// ends, which it does however the chaos program ends.
func Play(ctx context.Context, role Role) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	switch role {
	case Worker:
		return worker.Run(ctx, worker.Options{
			Config: os.Getenv(envConfig), Temporal: os.Getenv(envTemporal), Gate: os.Getenv(envGate), Ready: sayReady,
		})
	case Starter:
		return runStarter(ctx)
	case Engine:
		return runEngine(ctx)
	default:
		return fmt.Errorf("unknown role %q", role)
	}
}

func sayReady() { _, _ = os.Stdout.WriteString(readyLine + "\n") }

func logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func runStarter(ctx context.Context) error {
	file, err := os.Open(os.Getenv(envConfig)) //nolint:gosec // the path is that of the program that started us
	if err != nil {
		return fmt.Errorf("start starter: %w", err)
	}
	settings, err := config.Load(file.Name(), file)
	_ = file.Close()
	if err != nil {
		return fmt.Errorf("start starter: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", os.Getenv(envAddr))
	if err != nil {
		return fmt.Errorf("start starter: %w", err)
	}
	references, log := config.Environment(), logger()
	return starter.Run(ctx, starter.Options{
		Config: settings, References: references, HostPort: os.Getenv(envTemporal), Log: log, Listener: listener,
		Ready: func(string) { sayReady() }, Target: product.NewTargets(settings, references, log).Target,
	})
}

func runEngine(ctx context.Context) error {
	running, err := engine.Start(ctx, engine.Config{
		Dir: os.Getenv(envDir), Postgres: os.Getenv(envPostgres), Addr: os.Getenv(envAddr), Logger: logger(),
	})
	if err != nil {
		return err
	}
	sayReady()
	<-ctx.Done()
	return running.Close()
}
