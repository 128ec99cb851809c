package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"tenure/internal/directory"
	"tenure/internal/extension"
	"tenure/internal/notify"
	"tenure/internal/store"
)

func TestOutcomeOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err       error
		code      string
		retryable bool
		human     bool
		after     time.Duration
	}{
		{directory.ErrDenied, CodeDenied, false, false, 0},
		{directory.ErrInvalid, CodeInvalid, false, false, 0},
		{directory.ErrExhausted, CodeExhausted, false, false, 0},
		{directory.ErrConflict, CodeConflict, true, false, 0},
		{directory.ErrNotFound, CodeNotFound, true, false, 0},
		{directory.ErrUnavailable, CodeUnavailable, true, false, 0},
		{&directory.ThrottledError{After: 90 * time.Second}, CodeThrottled, true, false, 90 * time.Second},
		{&notify.ThrottledError{After: time.Minute}, CodeThrottled, true, false, time.Minute},
		{notify.ErrRejected, CodeMailRejected, false, false, 0},
		{notify.ErrDenied, CodeMailDenied, false, false, 0},
		{notify.ErrUnavailable, CodeUnavailable, true, false, 0},
		{store.ErrConflict, CodeConflict, true, false, 0},
		{extension.ErrUnreachable, CodeUnavailable, true, false, 0},
		{context.DeadlineExceeded, CodeTimeout, true, false, 0},
		{errors.New("something new"), CodeUnavailable, true, false, 0},
		{fail(CodeNoName, "none"), CodeNoName, false, false, 0},
		{failForNow(CodeNoAccount, "none"), CodeNoAccount, true, false, 0},
		{failForHuman(CodePassRefused, "role"), CodePassRefused, false, true, 0},
	} {
		got := outcomeOf("k", fmt.Errorf("do it: %w", tt.err))
		if got.Code != tt.code || got.Retryable != tt.retryable || got.Human != tt.human || got.After != tt.after || got.Status != Failed {
			t.Errorf("outcomeOf(%v) = %+v, want %s, retryable %t, human %t, after %s", tt.err, got, tt.code, tt.retryable, tt.human, tt.after)
		}
	}
}

func TestTemporalError(t *testing.T) {
	t.Parallel()
	err := temporalError(TaskOutcome{Code: CodeThrottled, Detail: "wait", Retryable: true, After: time.Minute})
	var application *temporal.ApplicationError
	if !errors.As(err, &application) || application.Type() != CodeThrottled || application.NonRetryable() || application.NextRetryDelay() != time.Minute {
		t.Errorf("error = %#v, want a retryable throttled after a minute", err)
	}
	if err := temporalError(TaskOutcome{Code: CodeDenied}); !errors.As(err, &application) || !application.NonRetryable() {
		t.Errorf("error = %#v, want one that is not retried", err)
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	if got := clip(strings.Repeat("ü", 600)); len(got) > 510 || !strings.HasSuffix(got, "...") || strings.Contains(got, "\uFFFD") || !isValid(got) {
		t.Errorf("clip leaves %d bytes ending %q", len(got), got[len(got)-6:])
	}
	if got := clip("short"); got != "short" {
		t.Errorf("clip(short) = %q", got)
	}
}

func isValid(text string) bool { return strings.ToValidUTF8(text, "?") == text }
