package graph

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	caFile      = "graph-ca.pem"
	caKeyFile   = "graph-ca.key"
	caLife      = 10 * 365 * 24 * time.Hour
	leafLife    = 365 * 24 * time.Hour
	publicMode  = 0o644
	headTimeout = 10 * time.Second
	blockCert   = "CERTIFICATE"
	blockKey    = "EC PRIVATE KEY"
)

// listener is the HTTPS side of a Server.
type listener struct {
	mu   sync.Mutex
	ca   []byte
	srv  *http.Server
	addr string
	done chan struct{}
}

// authorityKey is the simulator's own certificate authority.
type authorityKey struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
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
	leaf, err := ca.leaf(s.opts.Hosts)
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
	s.listen.ca, s.listen.srv, s.listen.addr, s.listen.done = ca.pem, srv, ln.Addr().String(), done
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
func (s *Server) authorityKey() (*authorityKey, error) {
	if s.opts.Dir != "" {
		ca, err := readAuthority(s.opts.Dir)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return ca, err
		}
	}
	ca, err := newAuthority()
	if err != nil || s.opts.Dir == "" {
		return ca, err
	}
	raw, err := x509.MarshalECPrivateKey(ca.key)
	if err != nil {
		return nil, fmt.Errorf("encode authority: %w", err)
	}
	key := pem.EncodeToMemory(&pem.Block{Type: blockKey, Bytes: raw})
	// The key first: a certificate without its key would be read as a whole authority.
	if err := writeAtomically(filepath.Join(s.opts.Dir, caKeyFile), key, fileMode); err != nil {
		return nil, err
	}
	return ca, writeAtomically(filepath.Join(s.opts.Dir, caFile), ca.pem, publicMode)
}

func readAuthority(dir string) (*authorityKey, error) {
	certPEM, err := os.ReadFile(filepath.Join(dir, caFile))
	if err != nil {
		return nil, fmt.Errorf("read authority: %w", err)
	}
	keyPEM, err := os.ReadFile(filepath.Join(dir, caKeyFile))
	if err != nil {
		return nil, fmt.Errorf("read authority: %w", err)
	}
	certBlock, _ := pem.Decode(certPEM)
	keyBlock, _ := pem.Decode(keyPEM)
	if certBlock == nil || keyBlock == nil {
		return nil, errors.New("read authority: not PEM")
	}
	cert, err := x509.ParseCertificate(certBlock.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read authority: %w", err)
	}
	key, err := x509.ParseECPrivateKey(keyBlock.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read authority: %w", err)
	}
	return &authorityKey{cert: cert, key: key, pem: certPEM}, nil
}

// newAuthority makes an authority on the machine's clock: certificates are checked against it, not against Options.Now.
func newAuthority() (*authorityKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	tmpl, err := template("Tenure Graph simulator CA", caLife)
	if err != nil {
		return nil, err
	}
	tmpl.IsCA, tmpl.BasicConstraintsValid = true, true
	tmpl.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	return &authorityKey{cert: cert, key: key, pem: pem.EncodeToMemory(&pem.Block{Type: blockCert, Bytes: der})}, nil
}

func template(name string, life time.Duration) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("draw serial number: %w", err)
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(life),
	}, nil
}

// leaf makes the server's certificate for the loopback names and the given hosts.
func (a *authorityKey) leaf(hosts []string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make certificate: %w", err)
	}
	tmpl, err := template("Tenure Graph simulator", leafLife)
	if err != nil {
		return tls.Certificate{}, err
	}
	tmpl.KeyUsage = x509.KeyUsageDigitalSignature
	tmpl.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, host := range append([]string{"localhost", "127.0.0.1", "::1"}, hosts...) {
		if ip := net.ParseIP(host); ip != nil {
			tmpl.IPAddresses = append(tmpl.IPAddresses, ip)
		} else {
			tmpl.DNSNames = append(tmpl.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
