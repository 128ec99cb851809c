package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"tenure/internal/config"
	"tenure/internal/httpapi"
	"tenure/internal/store"
)

// Process is a long-running process: it works until the context ends.
type Process func(ctx context.Context, c config.Config, log *slog.Logger) error

// HeadReader asks one journey, or with "" every one, which head of its ledger it
// keeps, and names those that did not answer.
type HeadReader func(ctx context.Context, c config.Config, log *slog.Logger, journey string) (heads map[string]store.LedgerHead, silent []string, err error)

// Environment is everything the commands take from the machine.
type Environment struct {
	Stdout, Stderr io.Writer
	// Stdin is read where a command asks; nil is the process's.
	Stdin  io.Reader
	Getenv func(name string) string
	// User is the actor where --actor is not given.
	User string
	// ConfigDir is the user's configuration folder, "" where there is none.
	ConfigDir string
	// Worker and Starter are the processes.
	Worker, Starter Process
	// Heads asks the journeys for the heads of the ledger that they keep.
	Heads HeadReader
	// Rebuild builds the store again from the journeys.
	Rebuild Rebuilder
	// Poll is the time between two looks at what runs; 0 means half a second.
	Poll time.Duration
}

// The exit codes.
const (
	exitOK       = 0
	exitError    = 1
	exitUsage    = 2
	exitFindings = 3
	exitGate     = 4
)

// Run runs one command line and returns the exit code: 0 done, 1 an error, 2
// wrong usage, 3 done, with findings, 4 refused by the gate.
func Run(ctx context.Context, args []string, env Environment) int {
	a := newApp(env)
	root := a.root() //nolint:contextcheck // commands take the context from cobra, which is given it below
	root.SetArgs(args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		err = a.out.err
	}
	return a.end(ctx, command, err)
}

// end says what went wrong and returns the exit code.
func (a *app) end(ctx context.Context, command *cobra.Command, err error) int {
	var usage *usageError
	var found *findings
	var refused *gateError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &found):
		return exitFindings
	case errors.As(err, &usage):
		a.errs.line("%s: %s", command.CommandPath(), usage.message)
		if usage.help {
			a.errs.line("%s --help explains it with examples.", command.CommandPath())
		}
		return exitUsage
	case errors.As(err, &refused):
		a.errs.line("%s: %s", command.CommandPath(), refused.text)
		return exitGate
	case ctx.Err() != nil:
		a.errs.line("%s: interrupted", command.CommandPath())
		return exitError
	default:
		a.explainError(command, err)
		if problem, ok := errors.AsType[*httpapi.Problem](err); ok && problem.Code == httpapi.CodeGateRefused {
			return exitGate
		}
		return exitError
	}
}
