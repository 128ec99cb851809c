package ad_test

import (
	"strings"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"tenure/internal/sim/ad"
)

func TestRootDSE(t *testing.T) {
	t.Parallel()
	h := start(t)
	got, err := h.dial().Search(h.query("", ldap.ScopeBaseObject, "(objectClass=*)"))
	h.must(err)
	e := got.Entries[0]
	if base := e.GetAttributeValue("defaultNamingContext"); base != h.base {
		t.Errorf("defaultNamingContext = %q, want %q", base, h.base)
	}
	if n := len(e.GetAttributeValues("supportedControl")); n < 5 {
		t.Errorf("%d controls, want some", n)
	}
	_, err = h.dial().Search(h.query(h.base, ldap.ScopeBaseObject, "(objectClass=*)"))
	wantCode(t, "search by nobody", err, 1)
}

func TestJoiner(t *testing.T) {
	t.Parallel()
	h := start(t)
	dn := h.user("Zoe Doe", "zoe", "userPrincipalName", "zoe@contoso.example", "userAccountControl", "514", "employeeID", "E1")
	wantCode(t, "enable without a password", h.replace(dn, "userAccountControl", "512"), 53)
	wantCode(t, "weak password", h.replace(dn, "unicodePwd", quoted("simple")), 19)
	wantCode(t, "password with the logon name", h.replace(dn, "unicodePwd", quoted("Best-zoe-2026")), 19)
	wantCode(t, "password without quotes", h.replace(dn, "unicodePwd", password), 53)
	h.must(h.replace(dn, "unicodePwd", quoted(password), "pwdLastSet", "0"))
	h.must(h.replace(dn, "userAccountControl", "512"))
	wantCode(t, "bind before the first change", h.dial().Bind("zoe@contoso.example", password), 49)
	h.must(h.replace(dn, "pwdLastSet", "-1"))
	for _, name := range []string{"zoe@contoso.example", "ZOE@contoso.example", `CORP\zoe`, dn, "zoe@" + domainName} {
		if err := h.dial().Bind(name, password); err != nil {
			t.Errorf("bind as %s: %v", name, err)
		}
	}
	e := h.read(dn)
	want := map[string]string{
		"userAccountControl": "512", "sAMAccountName": "zoe", "employeeID": "E1", "primaryGroupID": "513",
		"accountExpires": "9223372036854775807", "sAMAccountType": "805306368", "name": "Zoe Doe",
	}
	for name, value := range want {
		if got := e.GetAttributeValue(name); got != value {
			t.Errorf("%s = %q, want %q", name, got, value)
		}
	}
	if len(e.GetRawAttributeValue("objectGUID")) != 16 || len(e.GetRawAttributeValue("objectSid")) != 28 {
		t.Error("the account has no objectGUID or no objectSid")
	}
	state := h.State()
	if len(state.Accounts) != 1 || !state.Accounts[0].Enabled || state.Accounts[0].PasswordSets != 1 {
		t.Errorf("accounts = %+v, want one, enabled, with one password", state.Accounts)
	}
	if state.Accounts[0].ID != h.ID("zoe") || strings.Contains(strings.Join(state.Accounts[0].Attributes["unicodepwd"], ""), password) {
		t.Error("the state has another account, or its password")
	}
}

func TestBindRefused(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *ad.Options) { o.LockoutThreshold = 3 })
	h.must(h.Seed(ad.Seed{Users: []ad.UserSeed{{Name: "Zoe Doe", Logon: "zoe", Password: password}}}))
	dn := "CN=Zoe Doe,CN=Users," + h.base
	say := func(what, name, pass, data string) {
		t.Helper()
		err := h.dial().Bind(name, pass)
		wantCode(t, what, err, 49)
		if err != nil && !strings.Contains(err.Error(), "data "+data+",") {
			t.Errorf("%s: %v, want data %s", what, err, data)
		}
	}
	say("unknown", `CORP\nobody`, password, "525")
	say("bare name", "zoe", password, "525")
	say("wrong password", `CORP\zoe`, "wrong", "52e")
	h.must(h.replace(dn, "userAccountControl", "514"))
	say("disabled", `CORP\zoe`, password, "533")
	h.must(h.replace(dn, "userAccountControl", "512", "accountExpires", "132000000000000000"))
	say("expired", `CORP\zoe`, password, "701")
	h.must(h.replace(dn, "accountExpires", "0", "pwdLastSet", "0"))
	say("must change", `CORP\zoe`, password, "773")
	h.must(h.replace(dn, "pwdLastSet", "-1"))
	say("wrong again", `CORP\zoe`, "wrong", "52e")
	say("wrong the third time", `CORP\zoe`, "wrong", "52e")
	say("locked", `CORP\zoe`, password, "775")
	wantCode(t, "lock an account", h.replace(dn, "lockoutTime", "1"), 80)
	h.must(h.replace(dn, "lockoutTime", "0"))
	h.must(h.dial().Bind(`CORP\zoe`, password))
}

func TestBindNeedsEncryption(t *testing.T) {
	t.Parallel()
	h := start(t)
	c, err := ldap.DialURL(h.dc.PlainURL())
	h.must(err)
	t.Cleanup(func() { _ = c.Close() })
	c.SetTimeout(waitLimit)
	wantCode(t, "bind in clear", c.Bind(h.Administrator(), adminPass), 8)
	h.must(c.StartTLS(h.tls()))
	h.must(c.Bind(h.Administrator(), adminPass))
	who, err := c.WhoAmI(nil)
	h.must(err)
	if who.AuthzID != `u:CORP\Administrator` {
		t.Errorf("who am I = %q", who.AuthzID)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *ad.Options) { o.MaxPageSize = 4 })
	for _, n := range []string{"x1", "x2", "x3", "x4", "x5", "x6"} {
		h.user(n, n)
	}
	q := h.query(h.base, ldap.ScopeWholeSubtree, "(sAMAccountName=x*)", "cn")
	got, err := h.conn.Search(q)
	wantCode(t, "more than one answer holds", err, 4)
	if len(got.Entries) != 4 {
		t.Errorf("%d objects came, want 4", len(got.Entries))
	}
	all, err := h.conn.SearchWithPaging(h.query(h.base, ldap.ScopeWholeSubtree, "(&(objectCategory=person)(sAMAccountName=x*))", "cn"), 4)
	h.must(err)
	names := []string{}
	for _, e := range all.Entries {
		names = append(names, e.GetAttributeValue("cn"))
	}
	if d := cmp.Diff([]string{"x1", "x2", "x3", "x4", "x5", "x6"}, names); d != "" {
		t.Errorf("pages (-want +got):\n%s", d)
	}
	foreign := ldap.NewControlPaging(2)
	q.Controls = []ldap.Control{foreign}
	first, err := h.conn.Search(q)
	h.must(err)
	cookie, _ := ldap.FindControl(first.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
	foreign.SetCookie(cookie.Cookie)
	_, err = h.bind(h.Administrator(), adminPass).Search(q)
	wantCode(t, "cookie of another connection", err, 53)
}

func TestComputed(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *ad.Options) { o.Exchange = true })
	a := h.user("a", "a", "extensionAttribute1", "x", "msExchHideFromAddressLists", "TRUE")
	h.group("inner", globalGroup)
	h.group("outer", globalGroup)
	h.must(h.Join("a", "inner"))
	h.must(h.Join("inner", "outer"))
	e := h.read(a, "canonicalName", "tokenGroups", "msDS-User-Account-Control-Computed")
	if got := e.GetAttributeValue("canonicalName"); got != domainName+"/People/a" {
		t.Errorf("canonicalName = %q", got)
	}
	if got := len(e.GetAttributeValues("tokenGroups")); got != 3 { // Domain Users too
		t.Errorf("%d groups at any depth, want 3", got)
	}
	if got := e.GetAttributeValue("msDS-User-Account-Control-Computed"); got != "8388608" {
		t.Errorf("computed control = %q, want that the password has to be changed", got)
	}
	if got := h.read(a).GetAttributeValue("canonicalName"); got != "" {
		t.Error("what is computed on request came without being asked for")
	}
	schema, err := h.conn.Search(h.query("CN=Schema,CN=Configuration,"+h.base, ldap.ScopeSingleLevel, "(lDAPDisplayName=employeeID)", "rangeUpper", "isSingleValued"))
	h.must(err)
	if len(schema.Entries) != 1 || schema.Entries[0].GetAttributeValue("rangeUpper") != "16" || schema.Entries[0].GetAttributeValue("isSingleValued") != "TRUE" {
		t.Errorf("schema of employeeID = %+v, want one value of 16 letters", schema.Entries)
	}
	same, err := h.conn.Compare(a, "cn", "A")
	if err != nil || !same {
		t.Errorf("compare = %v, %v, want true", same, err)
	}
	if same, err = h.conn.Compare(a, "cn", "b"); err != nil || same {
		t.Errorf("compare with another = %v, %v, want false", same, err)
	}
	all, err := h.conn.Search(h.query(h.base, ldap.ScopeWholeSubtree, "(cn=Schema)"))
	h.must(err)
	if len(all.Entries) != 0 || len(all.Referrals) != 1 {
		t.Errorf("%d objects and %d references, want the configuration as a reference", len(all.Entries), len(all.Referrals))
	}
	_, err = h.conn.Search(h.query("DC=fabrikam,DC=example", ldap.ScopeBaseObject, "(objectClass=*)"))
	wantCode(t, "search of another domain", err, 10)
	q := h.query(a, ldap.ScopeBaseObject, "(objectClass=*)")
	q.Controls = []ldap.Control{critical{}}
	_, err = h.conn.Search(q)
	wantCode(t, "unknown critical control", err, 12)
	q.Controls = []ldap.Control{ldap.NewControlString("1.2.3.4", false, "")}
	_, err = h.conn.Search(q)
	h.must(err)
}

// critical is an unknown control that must be known, encoded as RFC 4511 has it.
type critical struct{}

func (critical) GetControlType() string { return "1.2.3.4" }
func (critical) String() string         { return "unknown" }

func (critical) Encode() *ber.Packet {
	p := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	p.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, "1.2.3.4", ""))
	p.AppendChild(ber.NewLDAPBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, true, ""))
	return p
}
