package ad

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"
	"pgregory.net/rapid"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/schema"
)

func TestGUIDText(t *testing.T) {
	t.Parallel()
	raw := []byte{0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}
	if got := guidText(raw); got != "00112233-4455-6677-8899-aabbccddeeff" {
		t.Errorf("guid = %s", got)
	}
	if got := guidText(raw[1:]); got != "" {
		t.Errorf("guid of 15 bytes = %q, want none", got)
	}
	for _, id := range []string{"", "x", "{00112233-4455-6677-8899-aabbccddeeff}", "00112233445566778899aabbccddeeff", "CN=x"} {
		if _, err := byGUID(id); !errors.Is(err, directory.ErrNotFound) {
			t.Errorf("object ID %q: %v, want not found", id, err)
		}
	}
}

func TestSplitExtended(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"CN=a,DC=x":                                  {"", "CN=a,DC=x"},
		"<GUID=AB-1>;<SID=S-1-5>;CN=a,DC=x":          {"ab-1", "CN=a,DC=x"},
		"<GUID=ab-1>;CN=a\\;b,DC=x":                  {"ab-1", "CN=a\\;b,DC=x"},
		"<GUID=ab-1>;CN=\\<GUID\\=cd\\>\\;evil,DC=x": {"ab-1", "CN=\\<GUID\\=cd\\>\\;evil,DC=x"},
	} {
		guid, dn := splitExtended(name)
		if guid != want[0] || dn != want[1] {
			t.Errorf("parts of %s = %q, %q, want %q", name, guid, dn, want)
		}
	}
}

// TestCertificateRemedies names what to do about each way in which a certificate
// does not verify.
func TestCertificateRemedies(t *testing.T) {
	t.Parallel()
	leaf := &x509.Certificate{DNSNames: []string{"dc1.corp.contoso.example"}}
	for want, err := range map[string]error{
		"caFile":          x509.UnknownAuthorityError{},
		"targets.NAME":    x509.HostnameError{Certificate: leaf, Host: "10.0.0.1"},
		"renew":           x509.CertificateInvalidError{Cert: leaf, Reason: x509.Expired},
		"controller runs": nil,
		"as the domain":   directory.ErrDenied,
	} {
		cause := errors.Join(directory.ErrUnavailable, err)
		if errors.Is(err, directory.ErrDenied) {
			cause = err
		}
		got := connectFinding("controller ", "dc1:636", fmt.Errorf("connect to dc1:636: agree on TLS: %w", cause))
		if got.State != directory.FindingFailed || !strings.Contains(got.Remedy, want) {
			t.Errorf("finding = %+v, want the remedy with %q", got, want)
		}
		if isCertificate := strings.HasPrefix(got.Name, "certificate of "); isCertificate != strings.Contains(got.Detail, "does not verify") {
			t.Errorf("finding = %+v, want a certificate told as such", got)
		}
	}
}

func TestSID(t *testing.T) {
	t.Parallel()
	admins := sid{1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0}
	if !admins.builtIn() || admins.rid() != 544 || !privileged(admins) {
		t.Errorf("S-1-5-32-544 = built-in %v, %d, privileged %v", admins.builtIn(), admins.rid(), privileged(admins))
	}
	user := sid{1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0x20, 2, 0, 0}
	if user.builtIn() || privileged(user) {
		t.Error("RID 544 of a domain was taken for the administrators of the machine")
	}
	if got := user.sibling(512); !strings.HasSuffix(got, `\00\02\00\00`) || strings.Count(got, `\`) != len(user) {
		t.Errorf("sibling = %s", got)
	}
	if sid(nil).rid() != 0 || sid(nil).sibling(1) != "" {
		t.Error("an absent identifier has parts")
	}
}

// TestCommonNameRoundTrips holds for every name: what is escaped is read back,
// and the first comma that is not escaped ends it.
func TestCommonNameRoundTrips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringN(1, 64, -1).Filter(utf8.ValidString).Draw(t, "name")
		rdn := commonName(name)
		dn := rdn + ",OU=x,DC=y"
		if rdnOf(dn) != rdn || parentOf(dn) != "OU=x,DC=y" {
			t.Fatalf("parts of %q = %q and %q", dn, rdnOf(dn), parentOf(dn))
		}
		parsed, err := ldap.ParseDN(dn)
		if err != nil || len(parsed.RDNs) != 3 || parsed.RDNs[0].Attributes[0].Value != name {
			t.Fatalf("parsed %q = %v, %v, want the name %q", dn, parsed, err, name)
		}
	})
}

// TestMadeNames holds for every user name: the names made from it are allowed,
// stable and, the second ones, as unique as it is.
func TestMadeNames(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		local := rapid.StringN(1, 64, -1).Filter(utf8.ValidString).Draw(t, "local")
		userName := strings.ReplaceAll(local, "@", "") + "@contoso.example"
		for _, name := range accountNames(userName) {
			if err := checkAccountName(name); err != nil {
				t.Fatalf("account name %q of %q: %v", name, userName, err)
			}
		}
		name := rapid.StringN(0, 100, -1).Filter(utf8.ValidString).Draw(t, "name")
		for _, cn := range commonNames(name, userName) {
			if n := utf8.RuneCountInString(cn); n > maxCommonName {
				t.Fatalf("common name %q has %d characters", cn, n)
			}
		}
	})
	if got := accountNames("a.very.long.name.indeed@x"); got[0] != "a.very.long.name.ind" || len(got[1]) != 20 || !strings.HasPrefix(got[1], "a.very.long.n-") {
		t.Errorf("account names = %q", got)
	}
	if got := accountNames("ends.with.a.dot.at.twe@x"); strings.HasSuffix(got[0], ".") {
		t.Errorf("account names = %q, want none that ends with a dot", got)
	}
	if a, b := accountNames("zoe@a.example")[1], accountNames("zoe@b.example")[1]; a == b {
		t.Errorf("two user names make the same account name %q", a)
	}
	if got := plainName(apart("Zoë", "zoe2"), "zoe2@x"); got != "Zoë" {
		t.Errorf("plain name = %q, want what was put apart", got)
	}
}

func TestPassword(t *testing.T) {
	t.Parallel()
	const names = "a-b c"
	seen := map[string]bool{}
	for range 500 {
		p := newPassword("abc", names, "Q1w", "")
		if seen[p] || len(p) < 40 || strings.Contains(strings.ToLower(p), "abc") || strings.Contains(strings.ToLower(p), "q1w") {
			t.Fatalf("password %q is short, was there before or holds a name", p)
		}
		seen[p] = true
	}
	if !holdsPart("xxMüLLeryy", []string{"Anna Müller"}) || holdsPart("xxanyy", []string{"An Na"}) {
		t.Error("parts of three characters and more are looked for, without case, and no shorter ones")
	}
	if got := encodedPassword("aß"); got != "\"\x00a\x00\xdf\x00\"\x00" {
		t.Errorf("encoded = %q", got)
	}
}

func TestFileTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.November, 30, 22, 59, 59, 0, time.UTC)
	const text = "134405531990000000"
	if got := toFileTime(at); got != text {
		t.Errorf("file time = %s, want %s", got, text)
	}
	if got, ok := fromFileTime(text); !ok || !got.Equal(at) {
		t.Errorf("time = %s, %v, want %s", got, ok, at)
	}
	for _, never := range []string{"0", "", fileTimeNever, "x", "-1"} {
		if _, ok := fromFileTime(never); ok {
			t.Errorf("%q is a time, want never", never)
		}
	}
}

// TestMeaning is the table of result codes.
func TestMeaning(t *testing.T) {
	t.Parallel()
	for code, want := range map[uint16]error{
		1: directory.ErrUnavailable, 3: directory.ErrUnavailable, 4: directory.ErrUnavailable, 8: directory.ErrDenied,
		10: directory.ErrInvalid, 11: directory.ErrUnavailable, 12: directory.ErrInvalid, 16: directory.ErrInvalid, 19: directory.ErrInvalid,
		20: directory.ErrConflict, 21: directory.ErrInvalid, 32: directory.ErrNotFound, 34: directory.ErrInvalid, 49: directory.ErrDenied,
		50: directory.ErrDenied, 51: directory.ErrUnavailable, 52: directory.ErrUnavailable, 53: directory.ErrInvalid, 64: directory.ErrInvalid,
		65: directory.ErrInvalid, 66: directory.ErrInvalid, 67: directory.ErrInvalid, 68: directory.ErrConflict, 80: directory.ErrUnavailable,
		200: directory.ErrUnavailable, 201: directory.ErrInvalid,
	} {
		err := translate(ldap.NewError(code, errors.New("0000052D: Zoë's secret, CN=Zoë,DC=x")))
		if !errors.Is(err, want) {
			t.Errorf("code %d: %v, want %v", code, err, want)
		}
		if strings.Contains(err.Error(), "Zoë") {
			t.Errorf("error %q shows what the server said", err)
		}
	}
	if err := translate(io.ErrUnexpectedEOF); !errors.Is(err, errLost) {
		t.Errorf("a broken read: %v, want a lost connection", err)
	}
	if err := translate(ldap.NewError(49, errors.New("80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 775, v1db1"))); !strings.Contains(err.Error(), "locked") {
		t.Errorf("error = %v, want that the account is locked", err)
	}
}

// TestControlIsCriticalForStrictServers checks the byte of a true.
func TestControlIsCriticalForStrictServers(t *testing.T) {
	t.Parallel()
	if got := showDeleted().(control).Encode().Bytes(); !bytes.Contains(got, []byte{1, 1, 0xff}) {
		t.Errorf("control = %x, want a true of ff", got)
	}
	if got := extendedDN().(control).Encode().Bytes(); !bytes.HasSuffix(got, []byte{4, 5, 0x30, 3, 2, 1, 1}) {
		t.Errorf("control = %x, want the flag 1", got)
	}
}

func TestConfigTellsEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := New(Config{
		Hosts: []string{"ldaps://x", ""}, Security: "plain", BaseDN: "DC=x", OU: "OU=a,DC=y", Under: "x", Attributes: []string{"unicodePwd"}, Connections: -1,
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"name is missing", "bind name is missing", "secret is missing", `"ldaps://x"`, `security "plain"`, `"OU=a,DC=y" does not lie in "DC=x"`,
		`"x" is no distinguished name`, `"unicodePwd" cannot be mapped`, "negative",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
	d, err := New(Config{
		Name: "corp", Hosts: []string{"dc1", "dc2:1636", "[2001:db8::1]"}, BindName: "x", Secret: directory.NewSecret("x"), BaseDN: "DC=x",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(d.cfg.Hosts, " "); got != "dc1:636 dc2:1636 [2001:db8::1]:636" || d.cfg.OU != "DC=x" || d.Name() != "corp" {
		t.Errorf("hosts = %s, OU = %s", got, d.cfg.OU)
	}
	d, err = New(Config{
		Name: "corp", Hosts: []string{"dc1"}, Catalog: []string{"gc1", "gc2:13268"}, Security: StartTLS,
		BindName: "x", Secret: directory.NewSecret("x"), BaseDN: "DC=x",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(append(d.cfg.Hosts, d.cfg.Catalog...), " "); got != "dc1:389 gc1:3268 gc2:13268" {
		t.Errorf("hosts with StartTLS = %s", got)
	}
	d.Close()
}

func TestSchemaNamesAreUnique(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, a := range schema.Attributes() {
		name := strings.ToLower(a.Name)
		if seen[name] || a.Kind == "" || schema.Forbidden(a.Name) {
			t.Errorf("attribute %+v is there twice, has no kind or is forbidden", a)
		}
		seen[name] = true
	}
	if !schema.Forbidden("UNICODEPWD") || schema.Forbidden("title") {
		t.Error("a password may be mapped, or a title may not")
	}
	if got := schema.Find("TITLE"); got.Name != "title" || got.MaxLength != 128 {
		t.Errorf("title = %+v", got)
	}
	if got := schema.Find("contosoBadge"); got.Name != "contosoBadge" || got.Kind != directory.KindString {
		t.Errorf("an attribute of one's own = %+v", got)
	}
}

// TestLateRefusal: nobody waits for the realm any more when it says that the password
// is wrong, and it has counted that.
func TestLateRefusal(t *testing.T) {
	t.Parallel()
	s := NewSignIns(time.Now)
	wrong := Credential{Secret: directory.NewSecret("wr0ng-S3cret!")}
	s.note(wrong, &ticketError{code: wrongTicket})
	tried := false
	err := s.try(t.Context(), wrong, func() error { tried = true; return nil })
	if tried || !errors.Is(err, directory.ErrDenied) {
		t.Errorf("tried again: %t, %v, want it refused untried", tried, err)
	}
	if err := s.try(t.Context(), Credential{Secret: directory.NewSecret("An0ther-S3cret!")}, func() error { return nil }); err != nil {
		t.Errorf("another password: %v", err)
	}
}
