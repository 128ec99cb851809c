package smtp_test

import (
	"context"
	"net"
	"strconv"
	"testing"
	"time"

	"tenure/internal/notify/notifytest"
	"tenure/internal/notify/smtp"
	"tenure/internal/sim/fault"
	"tenure/internal/sim/mail"
)

const (
	username = "tenure"
	password = "correct-horse-battery"
)

func startServer(t *testing.T, opts mail.Options) *mail.Server {
	t.Helper()
	opts.Dir, opts.Now = t.TempDir(), time.Now
	server, err := mail.New(opts)
	if err != nil {
		t.Fatalf("open simulator: %v", err)
	}
	// The context of a test ends before its clean-ups run; the server ends with Close.
	if err := server.Start(context.WithoutCancel(t.Context()), "127.0.0.1:0", "127.0.0.1:0"); err != nil {
		t.Fatalf("start simulator: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Second)
		defer cancel()
		if err := server.Close(ctx); err != nil {
			t.Errorf("stop simulator: %v", err)
		}
	})
	return server
}

func config(t *testing.T, address string) smtp.Config {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatalf("split address: %v", err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatalf("read port: %v", err)
	}
	return smtp.Config{
		Host: host, Port: n, Security: smtp.None, Username: username, Password: password, Timeout: 10 * time.Second,
		Hello: "worker.contoso.example",
	}
}

func newSender(t *testing.T, c smtp.Config) *smtp.Sender {
	t.Helper()
	s, err := smtp.New(c)
	if err != nil {
		t.Fatalf("New error = %v", err)
	}
	return s
}

func TestConformance(t *testing.T) {
	t.Parallel()
	notifytest.Run(t, func(t *testing.T) notifytest.Fixture {
		server := startServer(t, mail.Options{Username: username, Password: password})
		good := config(t, server.SMTPAddr())
		wrong := good
		wrong.Password = "wrong-" + password
		arm := func(rule fault.Rule) func() {
			rule.Method = "SMTP"
			return func() {
				if err := server.Faults().Add(rule); err != nil {
					t.Fatalf("arm fault: %v", err)
				}
			}
		}
		return notifytest.Fixture{
			Sender:          newSender(t, good),
			Unreachable:     newSender(t, config(t, notifytest.DeadAddress(t))),
			Unauthorised:    newSender(t, wrong),
			Delivered:       func() []notifytest.Delivered { return notifytest.Received(server) },
			RejectRecipient: arm(fault.Rule{Path: "/rcpt", Kind: fault.NotFound}),
			RefuseBefore:    arm(fault.Rule{Path: "/mail", Kind: fault.Unavailable}),
			Throttle:        arm(fault.Rule{Path: "/rcpt", Kind: fault.Throttled}),
			LoseAnswer:      arm(fault.Rule{Path: "/data", Kind: fault.Lost}),
			Hang:            arm(fault.Rule{Path: "/data", Kind: fault.Slow, DelayMillis: time.Hour.Milliseconds()}),
			Secrets:         []string{password, username},
		}
	})
}
