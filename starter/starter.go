package starter

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"go.temporal.io/sdk/client"

	"tenure/activities"
	"tenure/internal/config"
	"tenure/internal/directory"
	"tenure/internal/hr/webhook"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/platform"
	"tenure/internal/store"
	"tenure/workflows"
)

const (
	// dialWithin is how long a starter tries to reach Temporal at its start.
	dialWithin = 2 * time.Minute
	// stopWithin is how long requests in flight may take to end.
	// It is longer than an event may take to become durable.
	stopWithin = signalWithin + 5*time.Second
)

// Options say what a starter runs with.
type Options struct {
	Config     config.Config
	References config.References
	// HostPort reaches a Temporal server in this process or machine; empty
	// means Temporal's own configuration.
	HostPort string
	Log      *slog.Logger
	// Listener, where it is set, is listened on instead of Config.Listen.
	Listener net.Listener
	// Dev, where it is set, makes this a development stack: time can be moved,
	// and HR may speak of days that lie ahead of the real clock.
	Dev httpapi.Dev
	// Target, where it is set, reaches a target of the policy, which the starter
	// only reads from.
	Target func(ctx context.Context, policy *lifecycle.Policy, name string) (directory.Target, error)
	// Ready, where it is set, is called with the address once it listens.
	Ready func(addr string)
}

// Run serves until the context ends, then lets requests in flight end. It
// refuses to start where the active policy names a secret that is not there.
func Run(ctx context.Context, o Options) error {
	codec, err := platform.ParseCodec(o.Config.Codec)
	if err != nil {
		return fmt.Errorf("start starter: %w", err)
	}
	url, err := o.References.Resolve(o.Config.Store)
	if err != nil {
		return fmt.Errorf("start starter: %w", err)
	}
	db, err := store.Open(ctx, url)
	if err != nil {
		return fmt.Errorf("start starter: %w", err)
	}
	defer func() { _ = db.Close() }()
	metered, err := platform.OpenMetrics(ctx, o.Config.Metrics.Starter, o.Log)
	if err != nil {
		return fmt.Errorf("start starter: %w", err)
	}
	defer metered.Close()
	metered.Metrics.People(ctx, db.CountAttention)
	options, err := platform.ClientOptions(platform.ClientConfig{
		HostPort: o.HostPort, Logger: o.Log, Codec: codec, Inputs: []any{workflows.State{}}, Metrics: metered.SDK,
	})
	if err != nil {
		return fmt.Errorf("start starter: %w", err)
	}
	temporal, err := platform.Dial(ctx, options, dialWithin, o.Log)
	if err != nil {
		return fmt.Errorf("start starter: %w", err)
	}
	defer temporal.Close()
	if err := activities.RefuseLostStore(ctx, db, temporal); err != nil {
		return fmt.Errorf("start starter: %w", err)
	}
	registerAttributes(ctx, temporal, options.Namespace, o.Log)
	payloads, err := platform.NewConverter(codec, workflows.State{})
	if err != nil {
		return fmt.Errorf("start starter: %w", err)
	}
	s := newService(o, db, newEngine(temporal, options.Namespace, payloads))
	s.codec, s.metrics = codec, metered.Metrics
	return serve(ctx, o, s)
}

// registerAttributes makes a fresh namespace usable. Where the server refuses,
// the readiness names what is missing and the doctor says what to do.
func registerAttributes(ctx context.Context, temporal client.Client, namespace string, log *slog.Logger) {
	const within = 20 * time.Second
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if err := platform.EnsureSearchAttributes(ctx, temporal.OperatorService(), namespace); err != nil {
		log.WarnContext(ctx, "search attributes could not be registered", "error", err)
	}
}

// serve answers requests, and carries on what an earlier process left behind.
func serve(ctx context.Context, o Options, s *service) error {
	if err := s.checkActive(ctx); err != nil {
		return fmt.Errorf("start starter: %w", err)
	}
	api, err := httpapi.New(httpapi.Options{
		Journeys: s, Dev: o.Dev, EventSchema: webhook.Schema(), Access: s.credentials.authenticator(), Recorder: s.record,
		Doors: httpapi.Doors{Events: o.Config.API.AtOnce.Events, Imports: o.Config.API.AtOnce.Imports}, Log: o.Log,
		Decode: o.Config.API.Decode, UIOrigin: o.Config.UIOrigin(), Seen: s.metrics.Request,
	})
	if err != nil {
		return fmt.Errorf("start starter: %w", err)
	}
	listener, err := listen(ctx, o)
	if err != nil {
		return fmt.Errorf("start starter: %w", err)
	}
	s.background.start(ctx)
	defer s.background.stop()
	s.background.do(s.takeOver) //nolint:contextcheck // as below
	s.background.do(s.sweep)    //nolint:contextcheck // as below
	s.carryOn()                 //nolint:contextcheck // the work outlives the request: it has the process's context

	server := newServer(ctx, api)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	if o.Ready != nil {
		o.Ready(listener.Addr().String())
	}
	o.Log.InfoContext(ctx, "starter listens", "address", listener.Addr().String())
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		api.Drain()
		o.Log.InfoContext(ctx, "starter drains", "for", o.Config.API.Drain)
		return shutdown(ctx, server, ended, o.Config.API.Drain)
	}
}

// listen opens the API's address, with TLS where the configuration has a
// certificate.
func listen(ctx context.Context, o Options) (net.Listener, error) {
	secure, err := serverTLS(o)
	if err != nil {
		return nil, err
	}
	listener := o.Listener
	if listener == nil {
		var config net.ListenConfig
		if listener, err = config.Listen(ctx, "tcp", o.Config.Listen); err != nil {
			return nil, err
		}
	}
	if err := checkAddress(listener.Addr(), o.Config.API); err != nil {
		_ = listener.Close()
		return nil, err
	}
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	return listener, nil
}

// checkAddress holds the rule of the configuration against the address that is
// really listened on (S19).
func checkAddress(addr net.Addr, api config.API) error {
	if tcp, is := addr.(*net.TCPAddr); is && tcp.IP.IsLoopback() || api.Credentials() {
		return nil
	}
	return fmt.Errorf("listen on %s: without credentials the starter listens on loopback only", addr)
}

// serverTLS is nil where the starter does not speak TLS itself.
func serverTLS(o Options) (*tls.Config, error) {
	if !o.Config.API.TLS.Serves() {
		return nil, nil //nolint:nilnil // no TLS is no error
	}
	certificate, err := o.References.Bytes(o.Config.API.TLS.Certificate)
	if err != nil {
		return nil, fmt.Errorf("read api.tls.certificate: %w", err)
	}
	key, err := o.References.Bytes(o.Config.API.TLS.Key)
	if err != nil {
		return nil, fmt.Errorf("read api.tls.key: %w", err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("read api.tls: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

func newServer(ctx context.Context, api http.Handler) *http.Server {
	// Requests in flight outlive the end of the context for a while.
	requests := context.WithoutCancel(ctx)
	return &http.Server{
		Handler:           api,
		BaseContext:       func(net.Listener) context.Context { return requests },
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       2 * time.Minute,
		WriteTimeout:      10 * time.Minute, // a fast-forward over years takes a while
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
}

// shutdown serves on while balancers take the process out, then lets what is in
// hand end: nobody who was sent here is refused.
func shutdown(ctx context.Context, server *http.Server, ended <-chan error, drain time.Duration) error {
	timer := time.NewTimer(drain)
	defer timer.Stop()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-timer.C:
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	if serveErr := <-ended; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	if err != nil {
		return fmt.Errorf("stop starter: %w", err)
	}
	return nil
}
