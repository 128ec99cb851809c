package platform

import (
	"context"
	"log/slog"
	"runtime"
	"strings"
	"time"
	"unicode"

	"go.temporal.io/sdk/log"
)

// callerDepth skips runtime.Callers, write and the level method.
const callerDepth = 3

// logger hands the SDK's log lines to slog. Keys such as WorkflowID become
// workflow_id, so that all lines of a process are searched the same way.
type logger struct {
	handler slog.Handler
	depth   int
}

var (
	_ log.Logger          = (*logger)(nil)
	_ log.WithLogger      = (*logger)(nil)
	_ log.WithSkipCallers = (*logger)(nil)
)

// NewLogger returns the SDK's view of the process's logger.
func NewLogger(l *slog.Logger) log.Logger {
	return &logger{handler: l.Handler(), depth: callerDepth}
}

// Debug implements [log.Logger].
func (l *logger) Debug(msg string, keyvals ...any) { l.write(slog.LevelDebug, msg, keyvals) }

// Info implements [log.Logger].
func (l *logger) Info(msg string, keyvals ...any) { l.write(slog.LevelInfo, msg, keyvals) }

// Warn implements [log.Logger].
func (l *logger) Warn(msg string, keyvals ...any) { l.write(slog.LevelWarn, msg, keyvals) }

// Error implements [log.Logger].
func (l *logger) Error(msg string, keyvals ...any) { l.write(slog.LevelError, msg, keyvals) }

// With implements [log.WithLogger].
func (l *logger) With(keyvals ...any) log.Logger {
	var r slog.Record
	r.Add(snakeKeys(keyvals)...)
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	return &logger{handler: l.handler.WithAttrs(attrs), depth: l.depth}
}

// WithCallerSkip implements [log.WithSkipCallers].
func (l *logger) WithCallerSkip(depth int) log.Logger {
	return &logger{handler: l.handler, depth: l.depth + depth}
}

func (l *logger) write(level slog.Level, msg string, keyvals []any) {
	ctx := context.Background() //nolint:forbidigo // the SDK's log.Logger carries no context
	if !l.handler.Enabled(ctx, level) {
		return
	}
	var pcs [1]uintptr
	runtime.Callers(l.depth, pcs[:])
	r := slog.NewRecord(time.Now(), level, msg, pcs[0])
	r.Add(snakeKeys(keyvals)...)
	// A handler's error has no one to go to.
	_ = l.handler.Handle(ctx, r)
}

func snakeKeys(keyvals []any) []any {
	out := append([]any(nil), keyvals...)
	for i := 0; i+1 < len(out); i += 2 {
		if k, ok := out[i].(string); ok {
			out[i] = snake(k)
		}
	}
	return out
}

// snake turns WorkflowID and DeadlineExceeded into workflow_id and
// deadline_exceeded.
func snake(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		switch {
		case r == ' ' || r == '-':
			b.WriteByte('_')
			continue
		case unicode.IsUpper(r) && i > 0 && runes[i-1] != '_' && runes[i-1] != ' ' &&
			(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
