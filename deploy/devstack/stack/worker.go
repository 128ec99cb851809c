package stack

import (
	"context"
	"errors"

	"tenure/internal/catalog"
	"tenure/internal/lifecycle"
	"tenure/worker"
)

func checkPolicy(source lifecycle.Source) error {
	_, err := catalog.Load(source)
	return err
}

// startWorker runs the product's own worker in this process.
func (s *Stack) startWorker(ctx context.Context) error {
	if !s.opts.Worker {
		return nil
	}
	ready := make(chan struct{})
	return s.serve(ctx, "the worker", ready, func(ctx context.Context) error {
		return worker.Run(ctx, worker.Options{
			Config: s.settings, References: s.references(), HostPort: s.addrs.Temporal, Log: s.log,
			Ready: func() { close(ready) }, Unthrottled: s.opts.Unthrottled,
		})
	})
}

// Rebuild rebuilds the store from the journeys; neither worker nor starter may run.
func (s *Stack) Rebuild(ctx context.Context, order worker.RebuildOptions) (worker.RebuildReport, error) {
	order.Options = s.outside()
	return worker.Rebuild(ctx, order)
}

// Heads asks the journeys which heads of the ledger they keep.
func (s *Stack) Heads(ctx context.Context) (worker.Heads, error) {
	return worker.ReadHeads(ctx, s.outside(), "")
}

// outside is what a command runs with that speaks to Temporal itself.
func (s *Stack) outside() worker.Options {
	return worker.Options{Config: s.settings, References: s.references(), HostPort: s.addrs.Temporal, Log: s.log}
}

// serve runs a part of the product until the stack is closed, and waits until
// it is ready.
func (s *Stack) serve(ctx context.Context, part string, ready <-chan struct{}, run func(context.Context) error) error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() {
		err := run(ctx)
		done <- err
		if ctx.Err() == nil {
			select {
			case s.failed <- errors.Join(errors.New(part+" ended"), err):
			default:
			}
		}
	}()
	s.onClose(part, func() error {
		cancel()
		return <-done
	})
	select {
	case <-ready:
		return nil
	case err := <-done:
		done <- nil
		return errors.Join(errors.New(part+" ended before it was ready"), err)
	}
}
