package with

import (
	"context"
	"log/slog"
	"time"

	"tenure/internal/directory"
)

// Log is an Around that writes one debug line per call: target, verb, duration
// and, where there is one, the error, which holds no personal data.
func Log(logger *slog.Logger, target string, clock func() time.Time) Around {
	return func(ctx context.Context, verb directory.Verb, next func(context.Context) error) error {
		start := clock()
		err := next(ctx)
		attrs := []slog.Attr{
			slog.String("target", target), slog.String("verb", string(verb)),
			slog.Duration("duration", clock().Sub(start)),
		}
		if err != nil {
			attrs = append(attrs, slog.Any("error", err))
		}
		logger.LogAttrs(ctx, slog.LevelDebug, "directory call", attrs...)
		return err
	}
}
