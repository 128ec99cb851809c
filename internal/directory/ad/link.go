package ad

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
)

// link is a bound connection to one domain controller.
type link struct {
	*ldap.Conn

	raw  timed
	host int // index in Config.Hosts
}

// connect reaches a controller, turns TLS on and binds, all within the
// connection's time-out.
func connect(ctx context.Context, cfg *Config, host int) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, cfg.ConnectTimeout)
	defer cancel()
	address := cfg.Hosts[host]
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, directory.ErrInvalid)
	}
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w: %w", address, directory.ErrUnavailable, err)
	}
	l := &link{raw: timed{Conn: raw, within: cfg.RequestTimeout}, host: host}
	// Whatever hangs from here on ends with the context: its connection is cut.
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	err = l.secure(ctx, cfg, &tls.Config{ServerName: name, RootCAs: cfg.RootCAs, MinVersion: tls.VersionTLS12})
	if err == nil {
		err = l.signIn(ctx, cfg)
	}
	if !stop() && err == nil {
		err = fmt.Errorf("time is up: %w", directory.ErrUnavailable)
	}
	if err != nil {
		l.cut()
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	return l, nil
}

// secure turns TLS on, first thing or by StartTLS.
func (l *link) secure(ctx context.Context, cfg *Config, settings *tls.Config) error {
	if cfg.Security == LDAPS {
		secured := tls.Client(l.raw, settings)
		if err := secured.HandshakeContext(ctx); err != nil {
			return fmt.Errorf("agree on TLS: %w: %w", directory.ErrUnavailable, err)
		}
		l.Conn = ldap.NewConn(secured, true)
		l.Start()
		return nil
	}
	l.Conn = ldap.NewConn(l.raw, false)
	l.Start()
	if err := l.StartTLS(settings); err != nil {
		return fmt.Errorf("agree on TLS: %w: %w", directory.ErrUnavailable, err)
	}
	return nil
}

// cut ends the connection without a farewell, which a controller that hangs
// would not hear.
func (l *link) cut() {
	_ = l.raw.Close()
	if l.Conn != nil {
		_ = l.Close()
	}
}
