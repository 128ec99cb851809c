package smtp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"testing"
	"time"

	"tenure/internal/notify"
	"tenure/internal/notify/notifytest"
	"tenure/internal/notify/smtp"
	"tenure/internal/sim/mail"
)

// certificate makes a certificate for 127.0.0.1 and a pool that trusts it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.contoso.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
	}, pool
}

func TestStartTLS(t *testing.T) {
	t.Parallel()
	serverTLS, pool := certificate(t)
	server := startServer(t, mail.Options{Username: username, Password: password, TLS: serverTLS})
	c := config(t, server.SMTPAddr())
	c.Security, c.RootCAs = smtp.StartTLS, pool
	if _, err := newSender(t, c).Send(t.Context(), notifytest.Message()); err != nil {
		t.Fatalf("Send error = %v", err)
	}
	if got := len(server.Messages()); got != 1 {
		t.Errorf("delivered %d messages, want 1", got)
	}
	c.RootCAs = x509.NewCertPool()
	if _, err := newSender(t, c).Send(t.Context(), notifytest.Message()); !errors.Is(err, notify.ErrDenied) {
		t.Errorf("Send to an untrusted server error = %v, want ErrDenied", err)
	}
}

func TestStartTLSIsMandatory(t *testing.T) {
	t.Parallel()
	server := startServer(t, mail.Options{Username: username, Password: password})
	c := config(t, server.SMTPAddr())
	c.Security = smtp.StartTLS
	if _, err := newSender(t, c).Send(t.Context(), notifytest.Message()); !errors.Is(err, notify.ErrDenied) {
		t.Errorf("Send error = %v, want ErrDenied", err)
	}
	if got := len(server.Messages()); got != 0 {
		t.Errorf("delivered %d messages without protection", got)
	}
}

func TestImplicitTLS(t *testing.T) {
	t.Parallel()
	serverTLS, pool := certificate(t)
	server := startServer(t, mail.Options{Username: username, Password: password})
	c := config(t, terminate(t, serverTLS, server.SMTPAddr()))
	c.Security, c.RootCAs = smtp.Implicit, pool
	if _, err := newSender(t, c).Send(t.Context(), notifytest.Message()); err != nil {
		t.Fatalf("Send error = %v", err)
	}
	if got := len(server.Messages()); got != 1 {
		t.Errorf("delivered %d messages, want 1", got)
	}
	c.RootCAs = x509.NewCertPool()
	if _, err := newSender(t, c).Send(t.Context(), notifytest.Message()); !errors.Is(err, notify.ErrDenied) {
		t.Errorf("Send to an untrusted server error = %v, want ErrDenied", err)
	}
}

// terminate puts TLS before a server that does not speak it.
func terminate(t *testing.T, config *tls.Config, target string) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				secure := tls.Server(conn, config)
				defer func() { _ = secure.Close() }()
				var d net.Dialer
				plain, err := d.DialContext(t.Context(), "tcp", target)
				if err != nil {
					return
				}
				defer func() { _ = plain.Close() }()
				go func() { _, _ = io.Copy(plain, secure) }()
				_, _ = io.Copy(secure, plain)
			}()
		}
	}()
	return l.Addr().String()
}
