package ad_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"tenure/internal/directory"
	"tenure/internal/directory/ad"
	"tenure/internal/directory/ad/adtest"
)

// hostileNames are names that break out of distinguished names and filters that
// are put together without care, or that a server might fold into another.
func hostileNames() []string {
	return []string{
		"O'Neil, Zoë", "Müller+Meyer", `Anna "Ann" Weber`, `back\slash`, "a=b", "=leading", "trailing=", "CN=Nested,OU=x",
		" leading blank", "trailing blank ", "#hash", "##", "semi;colon", "<angle>", "slash/ed", "star*", "(paren)", ")(cn=*", "*)(objectClass=*",
		"\\2a", `\00`, "tab\there", "line\nfeed", "李小龍", "Łukasz Żółć", "Zoe\u0308 decomposed", "Zoë composed",
		"مرحبا بكم", "שלום", "\u202eright to left", "👩‍🚀 astronaut", "ﬁ ligature", "ß sharp", "İstanbul", "ıdotless", "null", "admin'--",
		"${jndi:ldap://x}", "../../etc/passwd", strings.Repeat("long ", 12) + "name", "\u00a0nbsp\u00a0", "\u200ezero\u200bwidth", ".", "..", "-", "@at",
	}
}

// TestHostileNames creates, renames, moves and deletes people of such names and
// finds back what it wrote.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	target := `OU=odd\, \"place\" \+ \=,` + place.OU
	place.AddOU(t, target)
	d := connect(t, place.Config(t))
	if len(hostileNames()) < 40 {
		t.Fatalf("%d names, want 40", len(hostileNames()))
	}
	for i, name := range hostileNames() {
		in := joiner(place, i)
		in.Attributes = map[string]string{"displayName": name, "sn": name}
		if strings.TrimSpace(name) != name || strings.ContainsAny(name, "\x00") {
			in.Attributes["sn"] = "Plain"
		}
		a, err := d.CreateAccount(t.Context(), in)
		if err != nil {
			t.Errorf("create %q: %v", name, err)
			continue
		}
		wantCalled(t, d, a.ID, "displayName", name)
		other := fmt.Sprintf("x%d %s", i, name)
		if len([]rune(other)) > 64 {
			other = string([]rune(other)[:64])
		}
		other = strings.TrimSpace(other)
		change := directory.Change{Set: map[string]string{"cn": other}}
		if err := d.UpdateAccount(t.Context(), a.ID, change); err != nil {
			t.Errorf("rename to %q: %v", other, err)
			continue
		}
		wantCalled(t, d, a.ID, "cn", other)
		change = directory.Change{Set: map[string]string{"parentDistinguishedName": target, "title": "Moved"}}
		for range 2 {
			if err := d.UpdateAccount(t.Context(), a.ID, change); err != nil {
				t.Errorf("move %q: %v", other, err)
			}
		}
		wantCalled(t, d, a.ID, "cn", other)
		wantCalled(t, d, a.ID, "title", "Moved")
		for range 2 {
			if err := d.DeleteAccount(t.Context(), a.ID); err != nil {
				t.Errorf("delete %q: %v", other, err)
			}
		}
		if _, err := d.Account(t.Context(), a.ID); !errors.Is(err, directory.ErrNotFound) {
			t.Errorf("read %q after delete: %v, want not found", other, err)
		}
	}
	if left := place.Below(t); len(left) != 0 {
		t.Errorf("%d accounts are left, want none", len(left))
	}
}

func wantCalled(t *testing.T, d *ad.Directory, id, attribute, want string) {
	t.Helper()
	if got := mustRead(t, d, id).Attributes[attribute]; got != want {
		t.Errorf("%s = %q, want %q", attribute, got, want)
	}
}

// TestHostileKeys looks for people by keys that break out of filters.
func TestHostileKeys(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	d := connect(t, place.Config(t))
	ensure(t, d, joiner(place, 0))
	for _, key := range append(hostileNames(), "*", "E*", "E0)(|(cn=*", "\x00") {
		found, err := d.AccountsByEmployeeID(t.Context(), key)
		if err != nil || len(found) != 0 {
			t.Errorf("accounts of number %q = %v, %v, want none", key, found, err)
		}
		if _, err := d.AccountByUserName(t.Context(), key); !errors.Is(err, directory.ErrNotFound) {
			t.Errorf("account of name %q: %v, want not found", key, err)
		}
		for _, err := range []error{
			d.SetManager(t.Context(), key, ""), d.UpdateAccount(t.Context(), key, directory.Change{Set: map[string]string{"title": "x"}}),
		} {
			if !errors.Is(err, directory.ErrNotFound) {
				t.Errorf("write to object %q: %v, want not found", key, err)
			}
		}
	}
}
