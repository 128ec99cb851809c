package directory_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tenure/internal/directory"
)

func TestErrorsAreTheirSentinels(t *testing.T) {
	t.Parallel()
	conflict := fmt.Errorf("create account: %w", &directory.ConflictError{Attribute: directory.UserNameAttribute, RequestID: "r1"})
	throttled := fmt.Errorf("create account: %w", &directory.ThrottledError{After: time.Second, RequestID: "r2"})
	for _, tc := range []struct {
		err  error
		want error
	}{{conflict, directory.ErrConflict}, {throttled, directory.ErrUnavailable}} {
		if !errors.Is(tc.err, tc.want) {
			t.Errorf("errors.Is(%v, %v) = false, want true", tc.err, tc.want)
		}
		if errors.Is(tc.err, directory.ErrNotFound) {
			t.Errorf("errors.Is(%v, not found) = true, want false", tc.err)
		}
	}
}

func TestSecretNeverPrints(t *testing.T) {
	t.Parallel()
	const value = "correct horse"
	s := directory.NewSecret(value)
	encoded, err := json.Marshal(map[string]any{"pass": s})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("issued", slog.Any("pass", s))
	for _, got := range []string{
		fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q %x", s, s, s, s, s, s),
		fmt.Sprintf("%v", struct{ S directory.Secret }{s}), string(encoded), log.String(),
	} {
		if strings.Contains(got, value) || strings.Contains(got, fmt.Sprintf("%x", value)) {
			t.Errorf("secret shows in %q", got)
		}
	}
	if s.Reveal() != value {
		t.Errorf("Reveal() = %q, want the value", s.Reveal())
	}
}

type lookOnly struct{ directory.Directory }

type revoking struct {
	directory.Directory
	directory.SessionRevoker
}

func TestBundleFindsAbilities(t *testing.T) {
	t.Parallel()
	if got := directory.Bundle(lookOnly{}); got.Writer != nil || got.Sessions != nil || got.Groups != nil {
		t.Errorf("Bundle(look only) found an ability that is not there: %+v", got)
	}
	got := directory.Bundle(revoking{})
	if got.Sessions == nil {
		t.Error("Bundle(revoking).Sessions = nil, want the ability")
	}
	got.Writer = nil
	if again := directory.Bundle(got); again.Sessions == nil {
		t.Error("Bundle(Target) lost an ability")
	}
}
