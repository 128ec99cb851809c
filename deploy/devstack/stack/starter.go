package stack

import (
	"context"
	"net"

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
			Target: targets.Target,
		})
	})
}
