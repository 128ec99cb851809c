package platform

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
	"github.com/uber-go/tally/v4"
	"github.com/uber-go/tally/v4/prometheus"
	"go.temporal.io/sdk/client"
	sdktally "go.temporal.io/sdk/contrib/tally"
)

// reportEvery is how old the SDK's figures may be.
const reportEvery = time.Second

// Metrics lets the SDK count in a registry, under its own names (temporal_...).
// Closing ends the reports. A nil registry counts nothing.
func Metrics(registry *prom.Registry, log *slog.Logger) (client.MetricsHandler, io.Closer) {
	if registry == nil {
		return client.MetricsNopHandler, nothing{}
	}
	reporter := prometheus.NewReporter(prometheus.Options{
		Registerer: registry, DefaultTimerType: prometheus.HistogramTimerType,
		OnRegisterError: func(err error) {
			// Two places of the SDK count one thing with other labels: the first one stands.
			if known := (prom.AlreadyRegisteredError{}); !errors.As(err, &known) {
				log.Warn("a figure of the temporal SDK is not counted", "error", fmt.Errorf("register: %w", err))
			}
		},
	})
	scope, closer := tally.NewRootScope(tally.ScopeOptions{
		CachedReporter: reporter, Separator: prometheus.DefaultSeparator, SanitizeOptions: &sdktally.PrometheusSanitizeOptions,
	}, reportEvery)
	return sdktally.NewMetricsHandler(sdktally.NewPrometheusNamingScope(scope)), closer
}

// nothing is what is closed where nothing was opened.
type nothing struct{}

func (nothing) Close() error { return nil }
