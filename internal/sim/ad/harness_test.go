package ad_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/sim/ad"
)

const (
	domainName = "corp.contoso.example"
	adminPass  = "Adm1n-Passw0rd!"
	password   = "Correct-Horse7"
	waitLimit  = 30 * time.Second
)

// harness is a domain with a client that is bound as its administrator.
type harness struct {
	*ad.Server
	t    *testing.T
	dc   *ad.Controller
	conn *ldap.Conn
	base string
}

func start(t *testing.T, change ...func(*ad.Options)) *harness {
	t.Helper()
	o := ad.Options{Domain: domainName, Password: adminPass}
	for _, c := range change {
		c(&o)
	}
	s, err := ad.New(o)
	if err != nil {
		t.Fatal(err)
	}
	dc, err := s.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Seed(ad.Seed{Units: []string{"OU=People," + s.BaseDN(), "OU=Leavers," + s.BaseDN(), "OU=Groups," + s.BaseDN()}}); err != nil {
		t.Fatal(err)
	}
	h := &harness{Server: s, t: t, dc: dc, base: s.BaseDN()}
	h.conn = h.bind(s.Administrator(), adminPass)
	return h
}

func (h *harness) tls() *tls.Config {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(h.CA())
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12, ServerName: "127.0.0.1"}
}

// dial opens a connection that nobody is bound to.
func (h *harness) dial() *ldap.Conn {
	h.t.Helper()
	c, err := ldap.DialURL(h.dc.URL(), ldap.DialWithTLSConfig(h.tls()), ldap.DialWithDialer(&net.Dialer{Timeout: waitLimit}))
	if err != nil {
		h.t.Fatal(err)
	}
	c.SetTimeout(waitLimit)
	h.t.Cleanup(func() { _ = c.Close() })
	return c
}

func (h *harness) bind(name, pass string) *ldap.Conn {
	h.t.Helper()
	c := h.dial()
	if err := c.Bind(name, pass); err != nil {
		h.t.Fatalf("bind: %v", err)
	}
	return c
}

func (h *harness) dn(name, unit string) string {
	return "CN=" + strings.ReplaceAll(ldap.EscapeDN(name), "=", `\=`) + ",OU=" + unit + "," + h.base
}

// user makes a disabled account in People and returns its name.
func (h *harness) user(name, logon string, pairs ...string) string {
	h.t.Helper()
	dn := h.dn(name, "People")
	h.must(h.conn.Add(newUser(dn, logon, pairs...)))
	return dn
}

func newUser(dn, logon string, pairs ...string) *ldap.AddRequest {
	r := ldap.NewAddRequest(dn, nil)
	r.Attribute("objectClass", []string{"top", "person", "organizationalPerson", "user"})
	r.Attribute("sAMAccountName", []string{logon})
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Attribute(pairs[i], []string{pairs[i+1]})
	}
	return r
}

func (h *harness) group(name string, kind string) string {
	h.t.Helper()
	dn := h.dn(name, "Groups")
	r := ldap.NewAddRequest(dn, nil)
	r.Attribute("objectClass", []string{"group"})
	r.Attribute("sAMAccountName", []string{name})
	r.Attribute("groupType", []string{kind})
	h.must(h.conn.Add(r))
	return dn
}

func (h *harness) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// replace changes attributes of one object in one request; "" clears.
func (h *harness) replace(dn string, pairs ...string) error {
	return h.conn.Modify(replacing(dn, pairs...))
}

func replacing(dn string, pairs ...string) *ldap.ModifyRequest {
	r := ldap.NewModifyRequest(dn, nil)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			r.Replace(pairs[i], nil)
			continue
		}
		r.Replace(pairs[i], []string{pairs[i+1]})
	}
	return r
}

func quoted(pass string) string {
	var out strings.Builder
	for _, u := range utf16.Encode([]rune(`"` + pass + `"`)) {
		out.WriteString(string([]byte{byte(u), byte(u >> 8)}))
	}
	return out.String()
}

func (h *harness) query(base string, scope int, filter string, attrs ...string) *ldap.SearchRequest {
	return ldap.NewSearchRequest(base, scope, ldap.NeverDerefAliases, 0, 0, false, filter, attrs, nil)
}

// find lists the names of what a search of the whole domain finds.
func (h *harness) find(filter string, controls ...ldap.Control) []string {
	h.t.Helper()
	q := h.query(h.base, ldap.ScopeWholeSubtree, filter, "cn")
	q.Controls = controls
	got, err := h.conn.Search(q)
	h.must(err)
	out := []string{}
	for _, e := range got.Entries {
		out = append(out, e.GetAttributeValue("cn"))
	}
	return out
}

// read reads one object.
func (h *harness) read(dn string, attrs ...string) *ldap.Entry {
	h.t.Helper()
	got, err := h.conn.Search(h.query(dn, ldap.ScopeBaseObject, "(objectClass=*)", attrs...))
	h.must(err)
	if len(got.Entries) != 1 {
		h.t.Fatalf("read: %d objects, want one", len(got.Entries))
	}
	return got.Entries[0]
}

// code is the LDAP result of an error, 0 for none and -1 for a broken connection.
func code(err error) int {
	if err == nil {
		return 0
	}
	if le, ok := errors.AsType[*ldap.Error](err); ok {
		return int(le.ResultCode)
	}
	return -1
}

func wantCode(t *testing.T, what string, err error, want int) {
	t.Helper()
	if got := code(err); got != want {
		t.Errorf("%s: code %d (%v), want %d", what, got, err, want)
	}
}
