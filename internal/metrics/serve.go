package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Path is where the metrics are.
const Path = "/metrics"

// Handler answers scrapes. What one collector cannot tell does not keep the rest
// away.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+Path, promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: scrapesAtOnce, Registry: m.registry,
	}))
	return mux
}

// scrapesAtOnce is more than any number of Prometheus servers need.
const scrapesAtOnce = 4

// Serve answers scrapes on an address until the context ends. It returns once it
// listens; addr is where.
func (m *Metrics) Serve(ctx context.Context, address string, log *slog.Logger) (addr string, err error) {
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", address)
	if err != nil {
		return "", fmt.Errorf("serve metrics: %w", err)
	}
	const within = 10 * time.Second
	server := &http.Server{
		Handler: m.Handler(), ReadHeaderTimeout: within, ReadTimeout: within, WriteTimeout: 3 * within, IdleTimeout: time.Minute,
		MaxHeaderBytes: 16 << 10,
	}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.ErrorContext(ctx, "metrics are served no more", "error", err)
		}
	}()
	log.InfoContext(ctx, "metrics are served", "address", listener.Addr().String())
	return listener.Addr().String(), nil
}
