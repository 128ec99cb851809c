package activities

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"

	"tenure/internal/directory"
	"tenure/internal/directory/with"
	"tenure/internal/extension"
	"tenure/internal/notify"
	"tenure/internal/store"
)

// longestWait is the longest Retry-After that an activity waits out; a longer
// one parks the task.
const longestWait = 2 * time.Minute

// taskError is a failure that already knows its code.
type taskError struct {
	code   string
	detail string
	human  bool
	retry  bool
}

func (e *taskError) Error() string { return e.code + ": " + e.detail }

// fail makes a failure that only another fact or a human can mend.
func fail(code, detail string) error { return &taskError{code: code, detail: detail} }

// failForHuman makes a failure that must never be repeated by itself.
func failForHuman(code, detail string) error {
	return &taskError{code: code, detail: detail, human: true}
}

// failForNow makes a failure that time may mend.
func failForNow(code, detail string) error {
	return &taskError{code: code, detail: detail, retry: true}
}

// outcomeOf is the only place where an error becomes an outcome. The detail is
// the error's text: connectors keep values and secrets out of it.
func outcomeOf(key string, err error) TaskOutcome {
	outcome := TaskOutcome{Key: key, Status: Failed, Detail: clip(err.Error())}
	var own *taskError
	var throttled *directory.ThrottledError
	var slow *notify.ThrottledError
	var answer *extension.StatusError
	var unknown *directory.UnknownAttributeError
	switch {
	case errors.As(err, &own):
		outcome.Code, outcome.Detail = own.code, own.detail
		outcome.Human, outcome.Retryable = own.human, own.retry
	case errors.As(err, &throttled):
		outcome.Code, outcome.Retryable, outcome.After = CodeThrottled, true, throttled.After
	case errors.As(err, &slow):
		outcome.Code, outcome.Retryable, outcome.After = CodeThrottled, true, slow.After
	case errors.As(err, &answer):
		outcome.Code, outcome.Retryable, outcome.After = CodeExtension, answer.Retryable(), answer.After
	case errors.As(err, &unknown):
		outcome.Code = CodeNoAttribute
	case errors.Is(err, context.DeadlineExceeded):
		outcome.Code, outcome.Retryable = CodeTimeout, true
	default:
		outcome.Code, outcome.Retryable = sentinelOf(err)
	}
	return outcome
}

func sentinelOf(err error) (code string, retryable bool) {
	table := []struct {
		is        error
		code      string
		retryable bool
	}{
		{notify.ErrRejected, CodeMailRejected, false},
		{notify.ErrDenied, CodeMailDenied, false},
		{notify.ErrUnavailable, CodeUnavailable, true},
		{with.ErrReadOnly, CodeObserved, false},
		{directory.ErrProtected, CodeProtected, false},
		{directory.ErrDenied, CodeDenied, false},
		{directory.ErrInvalid, CodeInvalid, false},
		{directory.ErrExhausted, CodeExhausted, false},
		{directory.ErrConflict, CodeConflict, true},
		// A new account may not have replicated yet.
		{directory.ErrNotFound, CodeNotFound, true},
		{directory.ErrUnavailable, CodeUnavailable, true},
		{store.ErrConflict, CodeConflict, true},
		{extension.ErrUnreachable, CodeUnavailable, true},
	}
	for _, row := range table {
		if errors.Is(err, row.is) {
			return row.code, row.retryable
		}
	}
	return CodeUnavailable, true
}

// temporalError makes Temporal try an activity again that has decided nothing.
func temporalError(outcome TaskOutcome) error {
	return temporal.NewApplicationErrorWithOptions(outcome.Detail, outcome.Code, temporal.ApplicationErrorOptions{
		NonRetryable:   !outcome.Retryable,
		NextRetryDelay: outcome.After,
	})
}

// clip keeps a message short: the server cuts longer ones and bodies of answers
// do not belong into it.
func clip(text string) string {
	const limit = 500
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "..."
}
