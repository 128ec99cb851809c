package ad_test

import (
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/ad"
	"tenure/internal/directory/ad/adtest"
)

func wantConflict(t *testing.T, err error, attribute string) {
	t.Helper()
	conflict, ok := errors.AsType[*directory.ConflictError](err)
	if !ok || conflict.Attribute != attribute {
		t.Errorf("error = %v, want a conflict about %s", err, attribute)
	}
}

// TestUniqueness checks what Active Directory refuses, and what it should.
func TestUniqueness(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	d := connect(t, place.Config(t))
	local, _, _ := strings.Cut(place.Suffix, ".") // nobody else's in the domain
	first := joiner(place, 0)
	first.UserName = local + "@" + place.Suffix
	first.Attributes["mail"] = "ines@" + place.Suffix
	first.Attributes["proxyAddresses"] = "SMTP:ines@" + place.Suffix + ";smtp:old@" + place.Suffix
	one := ensure(t, d, first)
	if got := mustRead(t, d, one.ID).Attributes; got["cn"] != "Inès Müller" || got["sAMAccountName"] != local {
		t.Errorf("attributes = %v, want the display name and a name of the user's", got)
	}
	// The display name is another's in this container: that is no reason to refuse.
	second := joiner(place, 1)
	second.Attributes["sAMAccountName"] = "2-" + local
	two := ensure(t, d, second)
	if got := place.Entry(t, "<GUID="+two.ID+">").GetAttributeValue("cn"); got != "Inès Müller (ines1)" {
		t.Errorf("cn = %q, want one apart from the first", got)
	}
	if got := mustRead(t, d, two.ID).Attributes["cn"]; got != "Inès Müller" {
		t.Errorf("cn = %q, want the name that was asked for", got)
	}
	// Asking again for the name it has changes nothing.
	if err := d.UpdateAccount(t.Context(), two.ID, directory.Change{Set: map[string]string{"cn": "Inès Müller"}}); err != nil {
		t.Error(err)
	}
	for attribute, value := range map[string]string{
		"mail": "INES@" + place.Suffix, "sAMAccountName": local, "userPrincipalName": strings.ToUpper(first.UserName),
	} {
		err := d.UpdateAccount(t.Context(), two.ID, directory.Change{Set: map[string]string{attribute: value}})
		wantConflict(t, err, attribute)
		err = d.UpdateAccount(t.Context(), one.ID, directory.Change{Set: map[string]string{attribute: value}})
		if err != nil {
			t.Errorf("%s: write what is the account's own: %v", attribute, err)
		}
	}
	third := joiner(place, 2)
	third.Attributes["mail"] = "old@" + place.Suffix
	_, err := d.CreateAccount(t.Context(), third)
	wantConflict(t, err, "mail")
	if n := len(place.Below(t)); n != 2 {
		t.Errorf("%d accounts, want two", n)
	}
}

// TestRefusedBeforeAsking refuses what laxer servers take.
func TestRefusedBeforeAsking(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	d := connect(t, place.Config(t))
	a := ensure(t, d, joiner(place, 0))
	for name, value := range map[string]string{
		"sAMAccountName": strings.Repeat("x", 21), "userPrincipalName": "nobody", "cn": strings.Repeat("x", 65), "title": "",
		"userAccountControl": "512", "unicodePwd": "x", "adminCount": "1", "memberOf": "x", "servicePrincipalName": "x/y",
		"accountExpires": "tomorrow", "msExchHideFromAddressLists": "yes", "employeeId": strings.Repeat("1", 17), "manager": "x",
	} {
		err := d.UpdateAccount(t.Context(), a.ID, directory.Change{Set: map[string]string{name: value}})
		if !errors.Is(err, directory.ErrInvalid) {
			t.Errorf("%s: error = %v, want invalid", name, err)
		}
		if err != nil && value != "" && len(value) > 4 && strings.Contains(err.Error(), value) {
			t.Errorf("%s: error %q shows the value", name, err)
		}
	}
	for _, name := range []string{"x.", "a/b", "a@b", " a", "a\x00b", "a*"} {
		err := d.UpdateAccount(t.Context(), a.ID, directory.Change{Set: map[string]string{"sAMAccountName": name}})
		if !errors.Is(err, directory.ErrInvalid) {
			t.Errorf("account name %q: error = %v, want invalid", name, err)
		}
	}
	elsewhere := joiner(place, 1)
	elsewhere.UserName = "ines@elsewhere.example"
	nowhere := joiner(place, 2)
	nowhere.Attributes["parentDistinguishedName"] = "OU=nowhere," + place.OU
	for _, in := range []directory.NewAccount{elsewhere, nowhere} {
		if _, err := d.CreateAccount(t.Context(), in); !errors.Is(err, directory.ErrInvalid) {
			t.Errorf("create: error = %v, want invalid", err)
		}
	}
	err := d.UpdateAccount(t.Context(), a.ID, directory.Change{Set: map[string]string{"parentDistinguishedName": "OU=nowhere," + place.OU}})
	if !errors.Is(err, directory.ErrInvalid) {
		t.Errorf("move to nowhere: error = %v, want invalid", err)
	}
}

// TestPasswords gives a password to whom a create left without one, and leaves
// the one alone that somebody gave to a person before the first day.
func TestPasswords(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	d := connect(t, place.Config(t))
	in := joiner(place, 0)
	in.Enabled = false
	a := ensure(t, d, in)
	if e := place.Entry(t, "<GUID="+a.ID+">"); e.GetAttributeValue("userAccountControl") != "514" || e.GetAttributeValue("pwdLastSet") == "0" {
		t.Errorf("account = %v, want it disabled and with a password", e.Attributes)
	}
	// The help desk gives a first password that must be changed.
	at := "<GUID=" + a.ID + ">"
	place.Set(t, at, "unicodePwd", encoded("First-Day-2026!"))
	place.Set(t, at, "pwdLastSet", "0")
	before := place.Entry(t, at).GetAttributeValue("msDS-KeyVersionNumber")
	on := true
	if err := d.UpdateAccount(t.Context(), a.ID, directory.Change{Enabled: &on}); err != nil {
		t.Fatal(err)
	}
	if got := place.Entry(t, at).GetAttributeValue("msDS-KeyVersionNumber"); got != before {
		t.Errorf("password was written %s times, want %s: the help desk's stays", got, before)
	}
	// A create that was cut short left no password.
	bare := place.AddBareUser(t, "bare")
	if err := d.UpdateAccount(t.Context(), bare, directory.Change{Enabled: &on}); err != nil {
		t.Fatal(err)
	}
	if e := place.Entry(t, "<GUID="+bare+">"); e.GetAttributeValue("pwdLastSet") == "0" || e.GetAttributeValue("userAccountControl") != "512" {
		t.Errorf("account = %v, want a password and enabled", e.Attributes)
	}
}

func encoded(password string) string {
	var b strings.Builder
	for _, c := range `"` + password + `"` {
		b.WriteRune(c)
		b.WriteByte(0)
	}
	return b.String()
}

// TestAttributeKinds writes and reads each form of text.
func TestAttributeKinds(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	d := connect(t, place.Config(t))
	a := ensure(t, d, joiner(place, 0))
	set := map[string]string{
		"accountExpires": "2030-06-30T22:00:00Z", "otherTelephone": "1;2;3", "msDS-cloudExtensionAttribute3": "Werk Süd",
		"departmentNumber": "4711", "countryCode": "276",
	}
	if err := d.UpdateAccount(t.Context(), a.ID, directory.Change{Set: set}); err != nil {
		t.Fatal(err)
	}
	got := mustRead(t, d, a.ID).Attributes
	for name, want := range set {
		if name == "otherTelephone" {
			if len(strings.Split(got[name], ";")) != 3 {
				t.Errorf("%s = %q, want three", name, got[name])
			}
			continue
		}
		if got[name] != want {
			t.Errorf("%s = %q, want %q", name, got[name], want)
		}
	}
	for range 2 {
		err := d.UpdateAccount(t.Context(), a.ID, directory.Change{Clear: []string{"accountExpires", "otherTelephone", "departmentNumber"}})
		if err != nil {
			t.Fatal(err)
		}
	}
	got = mustRead(t, d, a.ID).Attributes
	if got["accountExpires"]+got["otherTelephone"]+got["departmentNumber"] != "" {
		t.Errorf("attributes = %v, want three without a value", got)
	}
}

// TestSecurity speaks StartTLS too, and to nobody whose certificate another
// authority signed.
func TestSecurity(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	a := ensure(t, connect(t, place.Config(t)), joiner(place, 0))
	plain := place.Config(t)
	plain.Security, plain.Hosts = ad.StartTLS, []string{place.PlainAddress}
	if _, err := connect(t, plain).Account(t.Context(), a.ID); err != nil {
		t.Errorf("read over StartTLS: %v", err)
	}
	for _, cfg := range []ad.Config{plain, place.Config(t)} {
		cfg.RootCAs = x509.NewCertPool()
		if _, err := connect(t, cfg).Account(t.Context(), a.ID); err == nil {
			t.Errorf("%s: a certificate that nobody signed was taken", orLDAPS(cfg.Security))
		}
	}
}

func orLDAPS(s ad.Security) ad.Security {
	if s == "" {
		return ad.LDAPS
	}
	return s
}

// TestProtected knows who rules the domain, and whose group is the first.
func TestProtected(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	cfg := place.Config(t)
	vault := "OU=vault," + place.OU
	place.AddOU(t, vault)
	cfg.ProtectedOUs = []string{strings.ToLower(vault)}
	d := connect(t, cfg)
	a := ensure(t, d, joiner(place, 0))
	if got, err := d.Protection(t.Context(), a.ID); err != nil || got.Any() {
		t.Errorf("protection = %+v, %v, want none", got, err)
	}
	admins := place.GUID(t, "CN=Domain Admins,CN=Users,"+place.BaseDN)
	g, err := d.Group(t.Context(), admins)
	if err != nil || g.Kind != directory.GroupRoleAssignable {
		t.Errorf("group = %+v, %v, want a protected one", g, err)
	}
	for _, err := range []error{d.AddToGroup(t.Context(), a.ID, admins), d.RemoveFromGroup(t.Context(), a.ID, admins)} {
		if !errors.Is(err, directory.ErrDenied) {
			t.Errorf("change of a protected group: %v, want denied", err)
		}
	}
	// Everybody's first group is no membership that can be ended.
	users := place.GUID(t, "CN=Domain Users,CN=Users,"+place.BaseDN)
	if err := d.AddToGroup(t.Context(), a.ID, users); err != nil {
		t.Errorf("join the primary group: %v", err)
	}
	if err := d.RemoveFromGroup(t.Context(), a.ID, users); !errors.Is(err, directory.ErrInvalid) {
		t.Errorf("leave the primary group: %v, want invalid", err)
	}
	// An operator through a nested group, then through the primary one.
	nested := place.AddGroup(t, "nested", false)
	place.Join(t, nested, admins)
	place.Join(t, a.ID, nested)
	cfg.ProtectedOUs = nil // to put somebody there
	if err := connect(t, cfg).UpdateAccount(t.Context(), a.ID, directory.Change{Set: map[string]string{"parentDistinguishedName": vault}}); err != nil {
		t.Fatal(err)
	}
	place.Set(t, "<GUID="+a.ID+">", "adminCount", "1")
	got, err := d.Protection(t.Context(), a.ID)
	if err != nil || len(got.Roles) != 2 || !holds(got.RoleGroups, admins) {
		t.Errorf("protection = %+v, %v, want the mark, the place and the group", got, err)
	}
	b := ensure(t, d, joiner(place, 1))
	place.Join(t, b.ID, admins)
	place.Set(t, "<GUID="+b.ID+">", "primaryGroupID", "512")
	if got, err = d.Protection(t.Context(), b.ID); err != nil || !holds(got.RoleGroups, admins) {
		t.Errorf("protection by the primary group = %+v, %v, want the group", got, err)
	}
	admin := place.GUID(t, "CN=Administrator,CN=Users,"+place.BaseDN)
	if got, err = d.Protection(t.Context(), admin); err != nil || len(got.Roles) == 0 {
		t.Errorf("protection of the administrator = %+v, %v, want a role", got, err)
	}
}

func holds(groups []directory.Group, id string) bool {
	for _, g := range groups {
		if g.ID == id {
			return true
		}
	}
	return false
}

// TestPages lists more accounts than one page holds.
func TestPages(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	const people = 1003 // more than two pages
	place.AddBareUsers(t, people)
	cfg := place.Config(t)
	cfg.CallTimeout = time.Millisecond // is for calls, not for walks
	d := connect(t, cfg)
	seen := map[string]bool{}
	err := d.ListAccounts(t.Context(), func(a directory.Account) error {
		seen[a.ID] = true
		return nil
	})
	if err != nil || len(seen) != people {
		t.Errorf("listed %d accounts, %v, want %d", len(seen), err, people)
	}
}
