package with_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/with"
)

func TestMeasure(t *testing.T) {
	t.Parallel()
	for want, cause := range map[string]error{
		"ok":          nil,
		"throttled":   fmt.Errorf("call: %w", &directory.ThrottledError{After: time.Minute}),
		"not-found":   fmt.Errorf("call: %w", directory.ErrNotFound),
		"conflict":    &directory.ConflictError{Attribute: "userPrincipalName"},
		"invalid":     directory.ErrNoEmployeeID,
		"denied":      directory.ErrDenied,
		"exhausted":   directory.ErrExhausted,
		"unavailable": errors.New("what nobody foresaw"),
		"cancelled":   context.Canceled,
		"timeout":     context.DeadlineExceeded,
		"read-only":   with.ErrReadOnly,
	} {
		now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
		var seen []string
		around := with.Measure(func(verb directory.Verb, outcome string, took time.Duration) {
			seen = append(seen, fmt.Sprintf("%s %s %s", verb, outcome, took))
		}, func() time.Time { now = now.Add(time.Second); return now })
		err := around(t.Context(), directory.VerbGroup, func(context.Context) error { return cause })
		if !errors.Is(err, cause) {
			t.Errorf("%s: the error became %v", want, err)
		}
		if expected := fmt.Sprintf("%s %s 1s", directory.VerbGroup, want); len(seen) != 1 || seen[0] != expected {
			t.Errorf("seen %v, want %s", seen, expected)
		}
	}
}
