package adtest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
	"tenure/internal/directory/ad"
)

// patience is how long a request may take on a machine that is busy with tests.
const patience = 60 * time.Second

// Admin connects as the administrator, without the connector.
func (c *Controller) Admin(tb testing.TB) *ldap.Conn {
	tb.Helper()
	conn, err := c.dial(tb)
	if err != nil {
		tb.Fatalf("connect to samba: %v", err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return conn
}

func (c *Controller) dial(tb testing.TB) (*ldap.Conn, error) {
	tb.Helper()
	host, _, _ := net.SplitHostPort(c.Address)
	conn, err := ldap.DialURL("ldaps://"+c.Address, ldap.DialWithTLSConfig(&tls.Config{
		RootCAs: c.Roots(tb), ServerName: host, MinVersion: tls.VersionTLS12,
	}))
	if err != nil {
		return nil, err
	}
	conn.SetTimeout(patience)
	return conn, conn.Bind(c.BindName, c.Password)
}

var bindData = regexp.MustCompile(`\bdata ([0-9a-fA-F]{3,4})\b`)

// SignIn tries a name and a password. It returns the code that the controller gives
// for its refusal, "" where it lets them in.
func (c *Controller) SignIn(tb testing.TB, name, password string) string {
	tb.Helper()
	who := *c
	who.BindName, who.Password = name, password
	conn, err := who.dial(tb)
	if err == nil {
		_ = conn.Close()
		return ""
	}
	data := bindData.FindStringSubmatch(err.Error())
	if data == nil {
		tb.Fatalf("sign in: %v", err)
	}
	return strings.ToLower(data[1])
}

// Roots is the controller's certificate authority.
func (c *Controller) Roots(tb testing.TB) *x509.CertPool {
	tb.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(c.CA) {
		tb.Fatal("samba's certificate authority is no PEM")
	}
	return pool
}

// Place is an organizational unit of a test's own, and a domain for its user
// names: many tests share one controller.
type Place struct {
	*Controller

	// OU is the unit's distinguished name, Suffix the domain of user names.
	OU, Suffix string
}

// NewPlace makes an empty place.
func (c *Controller) NewPlace(tb testing.TB) *Place {
	tb.Helper()
	name := "t" + random()
	p := &Place{Controller: c, OU: "OU=" + name + "," + c.BaseDN, Suffix: name + "." + c.Domain}
	p.AddOU(tb, p.OU)
	return p
}

// Config is a target for the place, straight to the controller.
func (p *Place) Config(tb testing.TB) ad.Config {
	tb.Helper()
	return ad.Config{
		Name: "corp", Hosts: []string{p.Address}, RootCAs: p.Roots(tb),
		BindName: p.BindName, Secret: directory.NewSecret(p.Password),
		BaseDN: p.BaseDN, Under: p.OU, OU: p.OU, Domain: p.Suffix,
		ConnectTimeout: patience, RequestTimeout: patience, CallTimeout: 2 * patience,
	}
}

// Through is a target for the place through cutters, one per host.
func (p *Place) Through(tb testing.TB, cutters ...*Cutter) ad.Config {
	tb.Helper()
	cfg := p.Config(tb)
	cfg.Hosts = nil
	cfg.RootCAs = x509.NewCertPool()
	// All of them lead to one controller: there is nothing to wait for.
	cfg.Replication = time.Millisecond
	for _, k := range cutters {
		cfg.Hosts = append(cfg.Hosts, k.Address)
		cfg.RootCAs.AddCert(k.leaf)
	}
	return cfg
}

// AddOU makes an organizational unit.
func (p *Place) AddOU(tb testing.TB, dn string) {
	tb.Helper()
	r := ldap.NewAddRequest(dn, nil)
	r.Attribute("objectClass", []string{"top", "organizationalUnit"})
	p.do(tb, func(conn *ldap.Conn) error { return conn.Add(r) })
}

// AddGroup makes a group and returns its GUID. A protected one carries the mark
// of AdminSDHolder.
func (p *Place) AddGroup(tb testing.TB, name string, protected bool) string {
	tb.Helper()
	dn := "CN=" + name + "," + p.OU
	r := ldap.NewAddRequest(dn, nil)
	r.Attribute("objectClass", []string{"top", "group"})
	r.Attribute("sAMAccountName", []string{name + "-" + random()})
	if protected {
		r.Attribute("adminCount", []string{"1"})
	}
	p.do(tb, func(conn *ldap.Conn) error { return conn.Add(r) })
	return p.GUID(tb, dn)
}

// Join makes an account or a group a member of a group, Own an account its
// owner, as an administrator does.
func (p *Place) Join(tb testing.TB, id, groupID string) {
	tb.Helper()
	m := ldap.NewModifyRequest("<GUID="+groupID+">", nil)
	m.Add("member", []string{"<GUID=" + id + ">"})
	p.do(tb, func(conn *ldap.Conn) error { return conn.Modify(m) })
}

// Own makes an account the manager of a group.
func (p *Place) Own(tb testing.TB, id, groupID string) {
	tb.Helper()
	m := ldap.NewModifyRequest("<GUID="+groupID+">", nil)
	m.Replace("managedBy", []string{"<GUID=" + id + ">"})
	p.do(tb, func(conn *ldap.Conn) error { return conn.Modify(m) })
}

// GUID reads the GUID of a distinguished name.
func (p *Place) GUID(tb testing.TB, dn string) string {
	tb.Helper()
	b := p.Entry(tb, dn).GetRawAttributeValue("objectGUID")
	if len(b) != 16 {
		tb.Fatalf("objectGUID has %d bytes, want 16", len(b))
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", []byte{b[3], b[2], b[1], b[0]}, []byte{b[5], b[4]}, []byte{b[7], b[6]}, b[8:10], b[10:])
}

// Entry reads an object by its distinguished name or, as <GUID=...>, its GUID.
func (p *Place) Entry(tb testing.TB, dn string) *ldap.Entry {
	tb.Helper()
	var found *ldap.SearchResult
	p.do(tb, func(conn *ldap.Conn) error {
		var err error
		found, err = conn.Search(ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false,
			"(objectClass=*)", []string{"*", "msDS-KeyVersionNumber"}, nil))
		return err
	})
	return found.Entries[0]
}

// Below lists the users of the place.
func (p *Place) Below(tb testing.TB) []*ldap.Entry {
	tb.Helper()
	var found *ldap.SearchResult
	p.do(tb, func(conn *ldap.Conn) error {
		var err error
		found, err = conn.SearchWithPaging(ldap.NewSearchRequest(p.OU, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false,
			"(objectClass=user)", []string{"*"}, nil), 500)
		return err
	})
	return found.Entries
}

// do asks the controller as its administrator, on a connection of its own.
func (p *Place) do(tb testing.TB, ask func(*ldap.Conn) error) {
	tb.Helper()
	conn, err := p.dial(tb)
	if err != nil {
		tb.Fatalf("connect to samba: %v", err)
	}
	defer func() { _ = conn.Close() }()
	if err := ask(conn); err != nil {
		tb.Fatalf("arrange in samba: %v", err)
	}
}

// NeedKerberos skips where nobody reaches the controller's Kerberos service: without
// the rights of root only LDAP leads to it.
func (c *Controller) NeedKerberos(tb testing.TB) {
	tb.Helper()
	host, _, err := net.SplitHostPort(c.Address)
	if err != nil {
		tb.Fatalf("read address: %v", err)
	}
	const within = 5 * time.Second
	conn, err := (&net.Dialer{Timeout: within}).DialContext(tb.Context(), "tcp", net.JoinHostPort(host, "88"))
	if err != nil {
		tb.Skipf("the controller's Kerberos service cannot be reached without root: %v", err)
	}
	_ = conn.Close()
}

// AddServiceAccount makes an account to bind with, changed afterwards as said.
// It may read what everybody may read, and nothing more.
func (p *Place) AddServiceAccount(tb testing.TB, change map[string]string) (bindName string, password directory.Secret) {
	tb.Helper()
	name, secret := "svc-"+random(), "S3cret-"+random()
	dn := "CN=" + name + ",CN=Users," + p.BaseDN
	p.do(tb, func(conn *ldap.Conn) error { return conn.Add(bareUser(dn, name)) })
	encoded := []byte{}
	for _, c := range []byte(`"` + secret + `"`) {
		encoded = append(encoded, c, 0)
	}
	p.Set(tb, dn, "unicodePwd", string(encoded))
	p.Set(tb, dn, "userAccountControl", "512")
	for attribute, value := range change {
		p.Set(tb, dn, attribute, value)
	}
	return dn, directory.NewSecret(secret)
}

// Set replaces an attribute of an object.
func (p *Place) Set(tb testing.TB, dn, attribute string, values ...string) {
	tb.Helper()
	m := ldap.NewModifyRequest(dn, nil)
	m.Replace(attribute, values)
	p.do(tb, func(conn *ldap.Conn) error { return conn.Modify(m) })
}

// AddBareUser makes a disabled account without a password, as a create leaves it
// that was cut short, and returns its GUID.
func (p *Place) AddBareUser(tb testing.TB, name string) string {
	tb.Helper()
	dn := "CN=" + name + "," + p.OU
	p.do(tb, func(conn *ldap.Conn) error { return conn.Add(bareUser(dn, name+"-"+random())) })
	return p.GUID(tb, dn)
}

// AddBareUsers makes many.
func (p *Place) AddBareUsers(tb testing.TB, count int) {
	tb.Helper()
	p.do(tb, func(conn *ldap.Conn) error {
		for i := range count {
			if err := conn.Add(bareUser(fmt.Sprintf("CN=many%d,%s", i, p.OU), fmt.Sprintf("m%d-%s", i, random()))); err != nil {
				return err
			}
		}
		return nil
	})
}

func bareUser(dn, accountName string) *ldap.AddRequest {
	r := ldap.NewAddRequest(dn, nil)
	r.Attribute("objectClass", []string{"top", "person", "organizationalPerson", "user"})
	r.Attribute("sAMAccountName", []string{accountName})
	r.Attribute("userAccountControl", []string{"514"})
	return r
}

// AnchorOf is what a synchronisation takes from an account by itself: the octets
// of its objectGUID.
func (p *Place) AnchorOf(tb testing.TB, id string) string {
	tb.Helper()
	return base64.StdEncoding.EncodeToString(p.Entry(tb, "<GUID="+id+">").GetRawAttributeValue("objectGUID"))
}

// SetAnchor states another anchor of an account and returns it.
func (p *Place) SetAnchor(tb testing.TB, id string) string {
	tb.Helper()
	octets := []byte(id)[:16]
	p.Set(tb, "<GUID="+id+">", "mS-DS-ConsistencyGuid", string(octets))
	return base64.StdEncoding.EncodeToString(octets)
}

// Passwords is how many passwords an account has had.
func (p *Place) Passwords(tb testing.TB, id string) int {
	tb.Helper()
	text := p.Entry(tb, "<GUID="+id+">").GetAttributeValue("msDS-KeyVersionNumber")
	n, err := strconv.Atoi(text)
	if err != nil {
		tb.Fatalf("msDS-KeyVersionNumber is %q", text)
	}
	return n
}
