package stack

import (
	"context"
	"net"

	"tenure/internal/directory"
	"tenure/internal/lifecycle"
	"tenure/starter"
	"tenure/worker"
)

// startStarter runs the product's own starter in this process.
func (s *Stack) startStarter(ctx context.Context) error {
	if !s.opts.Starter {
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.settings.Listen)
	if err != nil {
		return err
	}
	dev, err := s.openClock(ctx)
	if err != nil {
		_ = listener.Close()
		return err
	}
	targets := worker.NewTargets(s.settings, s.references(), s.log)
	ready := make(chan struct{})
	s.addrs.API = listener.Addr().String()
	return s.serve(ctx, "the starter", ready, func(ctx context.Context) error {
		return starter.Run(ctx, starter.Options{
			Config: s.settings, References: s.references(), HostPort: s.addrs.Temporal, Log: s.log,
			Listener: listener, Dev: dev, Ready: func(string) { close(ready) },
			CheckTarget: func(ctx context.Context, policy *lifecycle.Policy, name string) error {
				target, err := targets.Target(ctx, policy, name)
				if err != nil {
					return err
				}
				return reachable(ctx, target)
			},
		})
	})
}

// nobody is an employee number that no one has: asking for it reaches the
// target and reads nothing.
const nobody = "tenure-doctor"

func reachable(ctx context.Context, target directory.Target) error {
	_, err := target.AccountsByEmployeeID(ctx, nobody)
	return err
}
