package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"tenure/deploy/devstack/stack"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the next one ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: it returns the exit code when the context
// ends or a part fails.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		_, _ = fmt.Fprintln(stderr, "tenure-devstack:", err)
		return exitUsage
	}
	if err := serve(ctx, opts, stdout); err != nil {
		_, _ = fmt.Fprintln(stderr, "tenure-devstack:", err)
		return exitFailed
	}
	return exitOK
}

// serve starts the stack, says so, and stops it when the context ends.
func serve(ctx context.Context, opts stack.Options, stdout io.Writer) (err error) {
	running, err := stack.Start(ctx, opts)
	if err != nil {
		if ctx.Err() != nil {
			// Interrupted while it started: that is a clean stop.
			return nil
		}
		return err
	}
	defer func() { err = errors.Join(err, running.Close()) }()
	if err := announce(stdout, opts, running.Addresses()); err != nil {
		return err
	}
	return running.Wait(ctx)
}
