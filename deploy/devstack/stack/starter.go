package stack

import (
	"context"
	"errors"
	"net"

	"tenure/internal/config"
	"tenure/starter"
	"tenure/worker"
)

// startListener claims the starter's address. Requests wait until it runs.
func (s *Stack) startListener(ctx context.Context) error {
	if !s.opts.Starter {
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", orElse(s.opts.APIAddr, config.Defaults().Listen))
	if err != nil {
		return err
	}
	s.listener, s.addrs.API = listener, listener.Addr().String()
	s.onClose("the address of the API", func() error {
		// The starter closes it where it ran.
		if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return nil
}

// codecEndpoint is where the Web UI's pages decode payloads, "" where there is
// nothing to decode or nobody to do so.
func (s *Stack) codecEndpoint() string {
	switch {
	case orElse(s.opts.Codec, config.CodecNone) == config.CodecNone:
		return ""
	case s.listener != nil:
		return "http://" + s.listener.Addr().String() + codecPath
	default:
		return "http://" + orElse(s.opts.APIAddr, config.Defaults().Listen) + codecPath
	}
}

// codecPath is the API's route without the end that Temporal's tools append.
const codecPath = "/v1/codec"

// startStarter runs the product's own starter in this process.
func (s *Stack) startStarter(ctx context.Context) error {
	if !s.opts.Starter {
		return nil
	}
	dev, err := s.openClock(ctx)
	if err != nil {
		return err
	}
	targets := worker.NewTargets(s.settings, s.references(), s.log)
	ready := make(chan struct{})
	return s.serve(ctx, "the starter", ready, func(ctx context.Context) error {
		return starter.Run(ctx, starter.Options{
			Config: s.settings, References: s.references(), HostPort: s.addrs.Temporal, Log: s.log,
			Listener: s.listener, Dev: dev, Ready: func(string) { close(ready) },
			Target: targets.Target,
		})
	})
}
