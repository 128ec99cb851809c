package ad_test

import (
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"tenure/internal/sim/ad"
)

const (
	managerName = "manager"
	extendedOID = "1.2.840.113556.1.4.529"
	titleName   = "title"
)

// extending asks for names with the identifiers of their objects.
type extending struct{ flag int64 }

func (extending) GetControlType() string { return extendedOID }
func (extending) String() string         { return extendedOID }

func (x extending) Encode() *ber.Packet {
	p := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	p.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, extendedOID, ""))
	if x.flag >= 0 {
		flag := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
		flag.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, x.flag, ""))
		value := ber.Encode(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, nil, "")
		value.AppendChild(flag)
		p.AppendChild(value)
	}
	return p
}

// one reads an attribute of one object.
func (h *harness) one(base, attribute string, controls ...ldap.Control) (name, value string) {
	h.t.Helper()
	found, err := h.conn.Search(ldap.NewSearchRequest(base, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", []string{attribute}, controls))
	if err != nil || len(found.Entries) != 1 {
		h.t.Fatalf("read %s: %v, %v", base, found, err)
	}
	return found.Entries[0].DN, found.Entries[0].GetAttributeValue(attribute)
}

// guidOf is the text of an objectGUID, taken from an extended name.
func (h *harness) guidOf(dn string) string {
	h.t.Helper()
	name, _ := h.one(dn, titleName, extending{1})
	rest, ok := strings.CutPrefix(name, "<GUID=")
	guid, _, _ := strings.Cut(rest, ">")
	if !ok || len(guid) != 36 {
		h.t.Fatalf("%s: name %q, want one with a GUID", dn, name)
	}
	return guid
}

// neighbours are two domains of one forest.
func neighbours(t *testing.T, change ...func(*ad.Options)) (corp, emea *harness) {
	t.Helper()
	corp = start(t, change...)
	emea = start(t, func(o *ad.Options) { o.Domain = "emea.contoso.example" })
	if _, err := corp.StartCatalog(t.Context(), "127.0.0.1:0", emea.Server); err != nil {
		t.Fatal(err)
	}
	return corp, emea
}

func TestExtendedNames(t *testing.T) {
	t.Parallel()
	h := start(t)
	boss := h.user("Boss", "boss")
	dn := h.user("Ada", "ada", managerName, boss)
	guid := h.guidOf(boss)
	if name, value := h.one(dn, managerName); name != dn || value != boss {
		t.Errorf("plain: %q, %q", name, value)
	}
	_, value := h.one(dn, managerName, extending{1})
	if !strings.HasPrefix(value, "<GUID="+guid+">;<SID=S-1-5-21-") || !strings.HasSuffix(value, ">;"+boss) {
		t.Errorf("as text: %q", value)
	}
	for _, flag := range []int64{-1, 0} {
		_, value = h.one(dn, managerName, extending{flag})
		if !strings.HasPrefix(value, "<GUID=") || strings.Contains(value, guid) || !strings.Contains(value, ">;<SID=0105") || !strings.HasSuffix(value, ">;"+boss) {
			t.Errorf("in hexadecimal: %q", value)
		}
	}
	if _, value = h.one(boss, "directReports", extending{1}); !strings.HasSuffix(value, ">;"+dn) || !strings.HasPrefix(value, "<GUID=") {
		t.Errorf("back link: %q", value)
	}
	if name, _ := h.one("OU=People,"+h.base, titleName, extending{1}); strings.Contains(name, "SID=") || !strings.HasPrefix(name, "<GUID=") {
		t.Errorf("a unit, which has no SID: %q", name)
	}
	if _, err := h.conn.Search(ldap.NewSearchRequest(h.base, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", nil, []ldap.Control{extending{2}})); err == nil {
		t.Error("a flag that nobody knows is taken")
	}
}

func TestLinkToAnotherDomain(t *testing.T) {
	t.Parallel()
	corp, emea := neighbours(t)
	boss := corp.user("Boss", "boss")
	guid := corp.guidOf(boss)
	dn := emea.user("Ada", "ada", managerName, boss)
	want := func(step, name string) {
		t.Helper()
		_, value := emea.one(dn, managerName, extending{1})
		if !strings.HasPrefix(value, "<GUID="+guid+">;<SID=S-1-5-21-") || !strings.HasSuffix(value, ">;"+name) {
			t.Errorf("%s: %q, want %q", step, value, name)
		}
	}
	want("at first", boss)
	wantCode(t, "nobody", emea.replace(dn, managerName, "CN=Nobody,OU=People,"+corp.base), ldap.LDAPResultConstraintViolation)
	wantCode(t, "no GUID", emea.replace(dn, managerName, "<GUID=00000000-0000-4000-8000-000000000001>"), ldap.LDAPResultConstraintViolation)
	emea.must(emea.replace(dn, managerName, ""))
	emea.must(emea.replace(dn, managerName, "<GUID="+guid+">"))
	want("by GUID", boss)
	if found := emea.find("(" + managerName + "=" + boss + ")"); len(found) != 1 {
		t.Errorf("by the manager's name: %d accounts, want one", len(found))
	}
	if _, value := corp.one(boss, "directReports"); value != "" {
		t.Errorf("directReports = %q: a domain controller knows those of its own domain alone", value)
	}

	corp.must(corp.conn.ModifyDN(ldap.NewModifyDNRequest(boss, "CN=Chief", true, "")))
	want("right after a rename", boss)
	emea.Advance(47 * time.Hour)
	want("before anybody looks", boss)
	emea.Advance(time.Hour)
	chief := strings.Replace(boss, "CN=Boss", "CN=Chief", 1)
	want("after two days", chief)
	corp.must(corp.conn.Del(ldap.NewDelRequest(chief, nil)))
	want("right after a delete", chief)
	emea.Advance(48 * time.Hour)
	if _, value := emea.one(dn, managerName); value != "" {
		t.Errorf("manager = %q, want none once the delete was seen", value)
	}
}

func TestMembersOfAnotherDomain(t *testing.T) {
	t.Parallel()
	corp, emea := neighbours(t)
	ada := emea.user("Ada", "ada")
	wantCode(t, "global group", corp.replace(corp.group("global", "-2147483646"), "member", ada), ldap.LDAPResultUnwillingToPerform)
	universal := corp.group("universal", "-2147483640")
	corp.must(corp.replace(universal, "member", ada))
	if _, value := corp.one(universal, "member"); value != ada {
		t.Errorf("member = %q, want %q", value, ada)
	}
	if found := corp.find("(member:1.2.840.113556.1.4.1941:=" + corp.base + ")"); len(found) != 0 {
		t.Errorf("chain: %d objects, want none", len(found))
	}
}

func TestLinksToAnotherDomainOutliveKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	corp, emea := neighbours(t, keptIn(dir))
	boss := emea.user("Boss", "boss")
	dn := corp.user("Ada", "ada", managerName, boss)
	again := openedCopy(t, dir)
	_, value := again.one(dn, managerName, extending{1})
	if !strings.HasPrefix(value, "<GUID="+emea.guidOf(boss)+">;<SID=") || !strings.HasSuffix(value, ">;"+boss) {
		t.Errorf("after a kill: %q", value)
	}
}

// TestCatalogTellsOfObjectsByName: the name of any object of the forest is found by its GUID.
func TestCatalogTellsOfObjectsByName(t *testing.T) {
	t.Parallel()
	corp, emea := neighbours(t)
	gc, err := corp.StartCatalog(t.Context(), "127.0.0.1:0", emea.Server)
	if err != nil {
		t.Fatal(err)
	}
	boss := emea.user("Boss", "boss", titleName, "Chief")
	own := *corp
	own.dc = gc
	own.conn = own.bind(corp.Administrator(), adminPass)
	if name, title := own.one("<GUID="+emea.guidOf(boss)+">", titleName); name != boss || title != "" {
		t.Errorf("name %q and title %q, want %q and none", name, title, boss)
	}
	_, err = own.conn.Search(ldap.NewSearchRequest("<GUID=00000000-0000-4000-8000-000000000001>", ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", nil, nil))
	wantCode(t, "no object", err, ldap.LDAPResultNoSuchObject)
}

// TestUserNameOfAnotherDomain: a forest has each user name once, for a new account, a renamed one and one that comes back.
func TestUserNameOfAnotherDomain(t *testing.T) {
	t.Parallel()
	corp, emea := neighbours(t)
	const attribute, name = "userPrincipalName", "zoe@contoso.example"
	zoe := corp.user("Zoe", "zoe", attribute, name)
	other := emea.user("Zoë", "zoe", attribute, "zoe2@contoso.example")
	wantCode(t, "create", emea.conn.Add(newUser(emea.dn("Bea", "People"), "bea", attribute, "ZOË@contoso.example")), ldap.LDAPResultConstraintViolation)
	wantCode(t, "rename", emea.replace(other, attribute, name), ldap.LDAPResultConstraintViolation)
	emea.must(emea.replace(other, attribute, "zoe2@contoso.example"))
	guid := "<GUID=" + corp.guidOf(zoe) + ">"
	corp.must(corp.conn.Del(ldap.NewDelRequest(zoe, nil)))
	emea.must(emea.replace(other, attribute, name))
	back := func() error {
		m := ldap.NewModifyRequest(guid, []ldap.Control{ldap.NewControlMicrosoftShowDeleted()})
		m.Delete("isDeleted", nil)
		m.Replace("distinguishedName", []string{zoe})
		return corp.conn.Modify(m)
	}
	wantCode(t, "restore", back(), ldap.LDAPResultConstraintViolation)
	emea.must(emea.replace(other, attribute, ""))
	corp.must(back())
}
