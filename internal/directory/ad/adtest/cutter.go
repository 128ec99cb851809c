package adtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// Operation is the kind of an LDAP request.
type Operation int

// The operations that a cutter tells apart.
const (
	Any    Operation = -1
	Search Operation = ldap.ApplicationSearchRequest
	Modify Operation = ldap.ApplicationModifyRequest
	Add    Operation = ldap.ApplicationAddRequest
	Delete Operation = ldap.ApplicationDelRequest
	Rename Operation = ldap.ApplicationModifyDNRequest
	Bind   Operation = ldap.ApplicationBindRequest
)

// Mishap is what happens to a request.
type Mishap string

// The mishaps.
const (
	// CutBefore cuts the connection, and the request never arrives.
	CutBefore Mishap = "cut before"
	// CutAfter cuts the connection when the answer is on its way.
	CutAfter Mishap = "cut after"
	// Swallow loses the answer and leaves the connection standing.
	Swallow Mishap = "swallow"
	// Pass lets a request through, so that a later one is meant.
	Pass Mishap = "pass"
)

// planted is a mishap that waits for its request.
type planted struct {
	operation Operation
	mishap    Mishap
}

// Cutter stands between a client and a controller and makes things go wrong. It
// ends TLS on both sides, so that it knows what it cuts.
type Cutter struct {
	// Address is HOST:PORT for LDAPS.
	Address string

	leaf     *x509.Certificate // its own authority
	listener net.Listener
	upstream string
	settings *tls.Config

	mu    sync.Mutex
	wait  []planted
	seen  map[Operation]int
	conns map[net.Conn]bool
	down  bool
}

// NewCutter puts a cutter before the controller. It ends with the test.
func (c *Controller) NewCutter(tb testing.TB) *Cutter {
	tb.Helper()
	certificate := certify(tb)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	if err != nil {
		tb.Fatal(err)
	}
	host, _, _ := net.SplitHostPort(c.Address)
	k := &Cutter{
		Address: listener.Addr().String(), leaf: certificate.Leaf, listener: listener, upstream: c.Address,
		settings: &tls.Config{RootCAs: c.Roots(tb), ServerName: host, MinVersion: tls.VersionTLS12},
		seen:     map[Operation]int{}, conns: map[net.Conn]bool{},
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { k.serve(conn) })
		}
	})
	tb.Cleanup(func() {
		_ = listener.Close()
		k.Down()
		running.Wait()
	})
	return k
}

// Plant lets a mishap happen to the next request of a kind.
func (k *Cutter) Plant(operation Operation, mishap Mishap) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.wait = append(k.wait, planted{operation, mishap})
}

// Pending counts the mishaps that did not happen yet.
func (k *Cutter) Pending() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.wait)
}

// Seen counts the requests of a kind.
func (k *Cutter) Seen(operation Operation) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.seen[operation]
}

// Down cuts everything and accepts no connection until Up.
func (k *Cutter) Down() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.down = true
	for conn := range k.conns {
		_ = conn.Close()
	}
}

// Up ends Down.
func (k *Cutter) Up() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.down = false
}

// keep remembers a connection for Down, or refuses it.
func (k *Cutter) keep(conn net.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.down {
		return false
	}
	k.conns[conn] = true
	return true
}

func (k *Cutter) forget(conn net.Conn) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.conns, conn)
}

// due takes the mishap of a request.
func (k *Cutter) due(operation Operation) Mishap {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen[operation]++
	for i, p := range k.wait {
		if p.operation == operation || p.operation == Any && operation != Bind {
			k.wait = append(k.wait[:i], k.wait[i+1:]...)
			if p.mishap == Pass {
				return ""
			}
			return p.mishap
		}
	}
	return ""
}

func (k *Cutter) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	if !k.keep(client) {
		return
	}
	defer k.forget(client)
	server, err := tls.Dial("tcp", k.upstream, k.settings) //nolint:noctx // ends with its connection
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	back := &answers{client: client}
	var copying sync.WaitGroup
	copying.Go(func() {
		_, _ = io.Copy(back, server)
		_ = client.Close()
	})
	k.requests(client, server, back)
	_ = server.Close()
	copying.Wait()
}

// requests passes requests on, one by one.
func (k *Cutter) requests(client, server net.Conn, back *answers) {
	for {
		var raw bytes.Buffer
		packet, err := ber.ReadPacket(io.TeeReader(client, &raw))
		if err != nil || len(packet.Children) < 2 {
			return
		}
		mishap := k.due(Operation(packet.Children[1].Tag)) //nolint:gosec // a tag of LDAP is small
		if mishap == CutBefore {
			return
		}
		back.set(mishap)
		if _, err := server.Write(raw.Bytes()); err != nil {
			return
		}
	}
}

// answers passes answers back unless something happens to them.
type answers struct {
	client net.Conn

	mu     sync.Mutex
	mishap Mishap
}

func (a *answers) set(m Mishap) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.mishap == "" {
		a.mishap = m
	}
}

// Write is given what the controller answers.
func (a *answers) Write(b []byte) (int, error) {
	a.mu.Lock()
	mishap := a.mishap
	a.mu.Unlock()
	switch mishap {
	case CutAfter:
		return 0, io.ErrClosedPipe
	case Swallow:
		return len(b), nil
	default:
		return a.client.Write(b)
	}
}

// certify makes an authority that is its own server.
func certify(tb testing.TB) tls.Certificate {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
