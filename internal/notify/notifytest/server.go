package notifytest

import (
	"net"
	netmail "net/mail"
	"testing"

	"tenure/internal/sim/mail"
)

// Received is what the simulator got, for [Fixture.Delivered].
func Received(server *mail.Server) []Delivered {
	var out []Delivered
	for _, m := range server.Messages() {
		d := Delivered{
			MessageID: m.MessageID, From: address(m.From), Recipients: m.Recipients, Subject: m.Subject, Text: m.Text,
			HTML: m.HTML, Headers: map[string]string{},
		}
		for _, a := range m.To {
			d.To = append(d.To, address(a))
		}
		for _, a := range m.Cc {
			d.Cc = append(d.Cc, address(a))
		}
		for _, name := range []string{"X-Tenure-Task", "Auto-Submitted"} {
			if v := m.Headers[name]; len(v) == 1 {
				d.Headers[name] = v[0]
			}
		}
		out = append(out, d)
	}
	return out
}

func address(a mail.Address) netmail.Address { return netmail.Address{Name: a.Name, Address: a.Email} }

// DeadAddress is an address of this machine where nobody listens.
func DeadAddress(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
