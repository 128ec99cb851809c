package with

import (
	"context"
	"errors"
	"time"

	"tenure/internal/directory"
)

// Seen is told of a call: what came back is "ok" or a word for the error.
type Seen func(verb directory.Verb, outcome string, took time.Duration)

// Measure is an Around that tells of each call how it ended and how long it took.
func Measure(seen Seen, clock func() time.Time) Around {
	return func(ctx context.Context, verb directory.Verb, next func(context.Context) error) error {
		start := clock()
		err := next(ctx)
		seen(verb, outcome(err), clock().Sub(start))
		return err
	}
}

// outcome is a word of a closed set.
func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	if _, is := errors.AsType[*directory.ThrottledError](err); is {
		return "throttled"
	}
	for _, known := range []struct {
		is   error
		word string
	}{
		{context.Canceled, "cancelled"},
		{context.DeadlineExceeded, "timeout"},
		{ErrReadOnly, "read-only"},
		{directory.ErrNotFound, "not-found"},
		{directory.ErrConflict, "conflict"},
		{directory.ErrInvalid, "invalid"},
		{directory.ErrDenied, "denied"},
		{directory.ErrExhausted, "exhausted"},
	} {
		if errors.Is(err, known.is) {
			return known.word
		}
	}
	return "unavailable"
}
