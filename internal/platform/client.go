package platform

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	dialFirstWait = 200 * time.Millisecond
	dialMaxWait   = 5 * time.Second
	dialAttempt   = 10 * time.Second
)

// ClientConfig says how this process talks to Temporal.
type ClientConfig struct {
	// HostPort, if set, is a server in this machine or this process: it is
	// reached in clear, and neither Temporal's configuration file nor its
	// environment variables are read. Only the devstack and tests set it.
	HostPort string
	// Namespace, if set, wins over Temporal's own configuration.
	Namespace string
	// Identity is shown by Temporal as who did something; empty means the
	// SDK's default of process and host.
	Identity string
	// Logger receives the SDK's log lines.
	Logger *slog.Logger
	// Codec is how payloads leave this process.
	Codec *Codec
	// Inputs are passed to [NewPlugin].
	Inputs []any
	// Metrics counts what the SDK does; nothing is counted where it is nil.
	Metrics client.MetricsHandler
}

// ClientOptions returns the options of the Temporal client. The connection is
// described where every Temporal tool looks for it: a TOML profile
// (TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE) and TEMPORAL_ADDRESS,
// TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_*. Unknown keys are an
// error. A remote codec configured there is not used: it would be called for
// every payload of every replay.
func ClientOptions(cfg ClientConfig) (client.Options, error) {
	if cfg.Logger == nil {
		return client.Options{}, errors.New("make client options: no logger")
	}
	plugin, err := NewPlugin(cfg.Codec, cfg.Inputs...)
	if err != nil {
		return client.Options{}, fmt.Errorf("make client options: %w", err)
	}
	opts := client.Options{HostPort: cfg.HostPort}
	if cfg.HostPort == "" {
		opts, err = envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{ConfigFileStrict: true})
		if err != nil {
			return client.Options{}, fmt.Errorf("read temporal connection: %w", err)
		}
	}
	if opts.HostPort == "" {
		opts.HostPort = client.DefaultHostPort
	}
	if cfg.Namespace != "" {
		opts.Namespace = cfg.Namespace
	}
	if opts.Namespace == "" {
		opts.Namespace = client.DefaultNamespace
	}
	if cfg.Identity != "" {
		opts.Identity = cfg.Identity
	}
	opts.Logger, opts.MetricsHandler = NewLogger(cfg.Logger), cfg.Metrics
	opts.Plugins = append(opts.Plugins, plugin)
	return opts, nil
}

// Dial connects eagerly and tries again with growing pauses for at most within,
// because a server and a worker are often started together. Refusals that time
// does not heal (wrong credentials, wrong options) end it at once. The error
// names the address and the namespace.
func Dial(ctx context.Context, opts client.Options, within time.Duration, log *slog.Logger) (client.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	wait := dialFirstWait
	for attempt := 1; ; attempt++ {
		c, err := dialOnce(ctx, opts)
		if err == nil {
			return c, nil
		}
		if hopeless(err) {
			return nil, dialError(opts, attempt, err)
		}
		log.WarnContext(ctx, "temporal is not reachable yet", "address", opts.HostPort, "attempt", attempt, "error", err)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, dialError(opts, attempt, err)
		case <-timer.C:
		}
		wait = min(2*wait, dialMaxWait)
	}
}

func dialOnce(ctx context.Context, opts client.Options) (client.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, dialAttempt)
	defer cancel()
	return client.DialContext(ctx, opts)
}

func dialError(opts client.Options, attempts int, err error) error {
	return fmt.Errorf("connect to temporal at %s (namespace %q, %d attempts): %w", opts.HostPort, opts.Namespace, attempts, err)
}

func hopeless(err error) bool {
	switch status.Code(err) {
	case codes.InvalidArgument, codes.PermissionDenied, codes.Unauthenticated, codes.Unimplemented:
		return true
	default:
		return false
	}
}
