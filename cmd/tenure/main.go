package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"os/user"
	"syscall"
	// People have zones, also where the machine has none installed.
	_ "time/tzdata"

	"tenure/internal/cli"
	"tenure/internal/config"
	"tenure/internal/store"
	"tenure/starter"
	"tenure/worker"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the next one ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(cli.Run(ctx, os.Args[1:], cli.Environment{
		Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, User: userName(), ConfigDir: configDir(),
		Worker: runWorker, Starter: runStarter, Heads: readHeads, Rebuild: rebuild,
	}))
}

func runWorker(ctx context.Context, c config.Config, log *slog.Logger) error {
	return worker.Run(ctx, worker.Options{Config: c, References: config.Environment(), Log: log})
}

func runStarter(ctx context.Context, c config.Config, log *slog.Logger) error {
	references := config.Environment()
	return starter.Run(ctx, starter.Options{
		Config: c, References: references, Log: log, Target: worker.NewTargets(c, references, log).Target,
	})
}

func readHeads(ctx context.Context, c config.Config, log *slog.Logger, journey string) (map[string]store.LedgerHead, []string, error) {
	heads, err := worker.ReadHeads(ctx, worker.Options{Config: c, References: config.Environment(), Log: log}, journey)
	return heads.Journeys, heads.Silent, err
}

func rebuild(ctx context.Context, c config.Config, log *slog.Logger, order cli.RebuildOrder) (cli.Rebuilt, error) {
	report, err := worker.Rebuild(ctx, worker.RebuildOptions{
		Options: worker.Options{Config: c, References: config.Environment(), Log: log},
		Policy:  order.Policy, Actor: order.Actor, Reason: order.Reason, Existing: order.Existing, LeaveOut: order.LeaveOut,
	})
	return cli.Rebuilt(report), err
}

// configDir is the user's configuration folder, "" where the machine does not
// say.
func configDir() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return dir
}

// userName is who runs the command, "" where the machine does not say.
func userName() string {
	current, err := user.Current()
	if err != nil {
		return ""
	}
	return current.Username
}
