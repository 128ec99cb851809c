package graph

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"tenure/internal/sim/authority"
)

const headTimeout = 10 * time.Second

// listener is the HTTPS side of a Server.
type listener struct {
	mu   sync.Mutex
	ca   []byte
	srv  *http.Server
	addr string
	done chan struct{}
}

// Start serves HTTPS on addr (port 0 picks a free one) until Close.
func (s *Server) Start(ctx context.Context, addr string) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listen for graph: %w", err)
	}
	if err := s.ListenTLS(ln); err != nil {
		return errors.Join(err, ln.Close())
	}
	return nil
}

// ListenTLS serves HTTPS on a listener until Close. It speaks HTTP/1.1 only, so that the faults that drop a connection
// hit exactly one request.
func (s *Server) ListenTLS(ln net.Listener) error {
	ca, err := s.authorityKey()
	if err != nil {
		return err
	}
	leaf, err := ca.Leaf("Tenure Graph simulator", s.opts.Hosts)
	if err != nil {
		return err
	}
	s.listen.mu.Lock()
	defer s.listen.mu.Unlock()
	if s.listen.srv != nil {
		return errors.New("listen for graph: already listening")
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	srv := &http.Server{
		Handler: s, ReadHeaderTimeout: headTimeout, Protocols: protocols,
		ErrorLog:  slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12},
	}
	done := make(chan struct{})
	s.listen.ca, s.listen.srv, s.listen.addr, s.listen.done = ca.PEM(), srv, ln.Addr().String(), done
	go func() {
		defer close(done)
		if err := srv.ServeTLS(ln, "", ""); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("graph simulator stopped listening", "error", err)
		}
	}()
	return nil
}

// URL returns https://host:port of the listening server, or "".
func (s *Server) URL() string {
	s.listen.mu.Lock()
	defer s.listen.mu.Unlock()
	if s.listen.addr == "" {
		return ""
	}
	return "https://" + s.listen.addr
}

// CA returns the PEM of the certificate authority of a listening server; it is also the file graph-ca.pem in Options.Dir.
func (s *Server) CA() []byte {
	s.listen.mu.Lock()
	defer s.listen.mu.Unlock()
	return append([]byte(nil), s.listen.ca...)
}

// Client returns an HTTP client that trusts the server's authority. Its caller closes its idle connections.
func (s *Server) Client() *http.Client {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.CA())
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
	}}
}

func (l *listener) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.srv == nil {
		return nil
	}
	err := l.srv.Close()
	<-l.done
	l.srv = nil
	if err != nil {
		return fmt.Errorf("stop graph simulator: %w", err)
	}
	return nil
}

// authorityKey reads the authority kept with the state, or makes one.
func (s *Server) authorityKey() (*authority.Authority, error) {
	const name = "Tenure Graph simulator CA"
	if s.opts.Dir == "" {
		return authority.New(name)
	}
	return authority.Keep(s.opts.Dir, "graph-ca", name)
}
