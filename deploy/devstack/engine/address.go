package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

const loopback = "127.0.0.1:0"

// addresses are where the parts of one server listen. Only frontend and ui are
// for others; the rest is how the services of the one process find each other.
type addresses struct {
	frontend, history, matching, worker netip.AddrPort
	// ui is the zero value where no Web UI is wanted.
	ui netip.AddrPort
}

// claim settles every address: it listens on all of them at once, so that no
// free port is given twice, and lets go again, because the server wants to
// listen by itself. A port that is taken is found here, with its name, and not
// by a server that ends the process.
func claim(ctx context.Context, frontend, ui string) (_ addresses, err error) {
	var (
		at    addresses
		taken []net.Listener
	)
	defer func() {
		for _, l := range taken {
			err = errors.Join(err, l.Close())
		}
	}()
	for _, part := range []struct {
		name, want string
		got        *netip.AddrPort
	}{
		{"the Temporal frontend", frontend, &at.frontend},
		{"the Temporal history service", loopback, &at.history},
		{"the Temporal matching service", loopback, &at.matching},
		{"the Temporal worker service", loopback, &at.worker},
		{"the Temporal Web UI", ui, &at.ui},
	} {
		if part.want == "" && part.got == &at.ui {
			continue
		}
		l, err := listen(ctx, part.want)
		if err != nil {
			return addresses{}, fmt.Errorf("address of %s: %w", part.name, err)
		}
		taken = append(taken, l)
		tcp, ok := l.Addr().(*net.TCPAddr)
		if !ok {
			return addresses{}, fmt.Errorf("address of %s: %s is not TCP", part.name, l.Addr())
		}
		*part.got = tcp.AddrPort()
	}
	return at, nil
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("want host:port: %w", err)
	}
	if host != "localhost" {
		ip, err := netip.ParseAddr(host)
		if err != nil || !ip.IsLoopback() {
			return nil, fmt.Errorf("%q is not a loopback address: the engine asks nobody who they are", addr)
		}
	}
	var lc net.ListenConfig
	return lc.Listen(ctx, "tcp", addr)
}
