package sendgrid_test

import (
	"context"
	"testing"
	"time"

	"tenure/internal/notify/notifytest"
	"tenure/internal/notify/sendgrid"
	"tenure/internal/sim/fault"
	"tenure/internal/sim/mail"
)

const apiKey = "SG.test-key-4711"

func startServer(t *testing.T) *mail.Server {
	t.Helper()
	server, err := mail.New(mail.Options{Dir: t.TempDir(), Now: time.Now, APIKey: apiKey})
	if err != nil {
		t.Fatalf("open simulator: %v", err)
	}
	// The context of a test ends before its clean-ups run; the server ends with Close.
	if err := server.Start(context.WithoutCancel(t.Context()), "127.0.0.1:0", "127.0.0.1:0"); err != nil {
		t.Fatalf("start simulator: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 5*time.Second)
		defer cancel()
		if err := server.Close(ctx); err != nil {
			t.Errorf("stop simulator: %v", err)
		}
	})
	return server
}

func newSender(t *testing.T, key, address string) *sendgrid.Sender {
	t.Helper()
	s, err := sendgrid.New(sendgrid.Config{APIKey: key, BaseURL: "http://" + address, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatalf("New error = %v", err)
	}
	return s
}

func TestConformance(t *testing.T) {
	t.Parallel()
	notifytest.Run(t, func(t *testing.T) notifytest.Fixture {
		server := startServer(t)
		arm := func(rule fault.Rule) func() {
			rule.Path = "/v3/mail/send"
			return func() {
				if err := server.Faults().Add(rule); err != nil {
					t.Fatalf("arm fault: %v", err)
				}
			}
		}
		return notifytest.Fixture{
			Sender:          newSender(t, apiKey, server.HTTPAddr()),
			Unreachable:     newSender(t, apiKey, notifytest.DeadAddress(t)),
			Unauthorised:    newSender(t, "SG.wrong", server.HTTPAddr()),
			Delivered:       func() []notifytest.Delivered { return notifytest.Received(server) },
			RejectRecipient: arm(fault.Rule{Kind: fault.NotFound}),
			RefuseBefore:    arm(fault.Rule{Kind: fault.Unavailable}),
			Throttle:        arm(fault.Rule{Kind: fault.Throttled, RetryAfter: 7}),
			LoseAnswer:      arm(fault.Rule{Kind: fault.Lost}),
			Hang:            arm(fault.Rule{Kind: fault.Slow, DelayMillis: time.Hour.Milliseconds()}),
			Secrets:         []string{apiKey},
		}
	})
}
