package platform

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"go.temporal.io/sdk/client"

	"tenure/internal/metrics"
)

// Metered is what a process counts, and where the SDK counts.
type Metered struct {
	// Metrics is nil where nobody looks.
	Metrics *metrics.Metrics
	SDK     client.MetricsHandler
	close   io.Closer
}

// OpenMetrics serves the metrics of a process on an address; without an address
// nothing is counted. It ends with the context; Close ends the SDK's reports.
func OpenMetrics(ctx context.Context, address string, log *slog.Logger) (Metered, error) {
	var counted *metrics.Metrics
	if address != "" {
		counted = metrics.New()
		if _, err := counted.Serve(ctx, address, log); err != nil {
			return Metered{}, fmt.Errorf("open metrics: %w", err)
		}
	}
	sdk, closer := Metrics(counted.Registry(), log)
	return Metered{Metrics: counted, SDK: sdk, close: closer}, nil
}

// Close ends the reports of the SDK.
func (m Metered) Close() { _ = m.close.Close() }
