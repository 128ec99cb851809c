package smtp

import (
	"context"
	"net"
)

// Over makes the sender use a connection of the test.
func (s *Sender) Over(conn net.Conn) {
	s.dial = func(context.Context, string, string) (net.Conn, error) { return conn, nil }
}
