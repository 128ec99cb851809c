package ad_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/adtest"
)

// difference is where Samba 4.17 is known to answer otherwise than Active
// Directory is documented to. The connector must not depend on either answer.
type difference struct {
	what, activeDirectory string
	// code is Samba's.
	code uint16
	ask  func(t *testing.T, conn *ldap.Conn, place *adtest.Place) error
}

// differences is the one table of them. A test that fails says that Samba has
// changed: then an entry goes, and what it excused is tested.
func differences() []difference {
	modify := func(attribute string, values ...string) func(*testing.T, *ldap.Conn, *adtest.Place) error {
		return func(t *testing.T, conn *ldap.Conn, place *adtest.Place) error {
			t.Helper()
			m := ldap.NewModifyRequest("<GUID="+place.AddBareUser(t, "u-"+attribute)+">", nil)
			m.Replace(attribute, values)
			return conn.Modify(m)
		}
	}
	const tooLong = "a text of more than sixty-four characters, which is what the schema has for it"
	return []difference{
		{"enable an account without a password", "53", ldap.LDAPResultSuccess, modify("userAccountControl", "512")},
		{"an account name of 21 characters", "refused for users", ldap.LDAPResultSuccess, modify("sAMAccountName", "abcdefghijklmnopqrstu")},
		{"a user name without @", "refused", ldap.LDAPResultSuccess, modify("userPrincipalName", "nobody-there")},
		{"a value longer than the schema allows", "19", ldap.LDAPResultInvalidAttributeSyntax, modify("givenName", tooLong)},
		{"a common name of 65 characters", "19", ldap.LDAPResultSuccess, func(t *testing.T, conn *ldap.Conn, place *adtest.Place) error {
			t.Helper()
			dn := place.Entry(t, "<GUID="+place.AddBareUser(t, "short")+">").DN
			return conn.ModifyDN(ldap.NewModifyDNRequest(dn, "CN="+strings.Repeat("x", 65), true, ""))
		}},
		{"move to a container that is not there", "32", ldap.LDAPResultOther, func(t *testing.T, conn *ldap.Conn, place *adtest.Place) error {
			t.Helper()
			dn := place.Entry(t, "<GUID="+place.AddBareUser(t, "mover")+">").DN
			return conn.ModifyDN(ldap.NewModifyDNRequest(dn, "CN=mover", true, "OU=nowhere,"+place.OU))
		}},
		{"end a membership of a group without members", "53", ldap.LDAPResultNoSuchAttribute, func(t *testing.T, conn *ldap.Conn, place *adtest.Place) error {
			t.Helper()
			m := ldap.NewModifyRequest("<GUID="+place.AddGroup(t, "empty", false)+">", nil)
			m.Delete("member", []string{"<GUID=" + place.AddBareUser(t, "nobody") + ">"})
			return conn.Modify(m)
		}},
		{"a search for more than the size limit", "4", ldap.LDAPResultSuccess, func(t *testing.T, conn *ldap.Conn, place *adtest.Place) error {
			t.Helper()
			place.AddBareUsers(t, 3)
			_, err := conn.Search(ldap.NewSearchRequest(place.OU, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 1, 0, false, "(objectClass=user)", nil, nil))
			return err
		}},
		{"memberships at any depth with a member in the bin", "followed", ldap.LDAPResultOperationsError, func(t *testing.T, conn *ldap.Conn, place *adtest.Place) error {
			t.Helper()
			gone := place.AddBareUser(t, "gone")
			place.Join(t, gone, place.AddGroup(t, "around", false))
			if err := conn.Del(ldap.NewDelRequest("<GUID="+gone+">", nil)); err != nil {
				t.Fatal(err)
			}
			dn := place.Entry(t, "<GUID="+place.AddBareUser(t, "stays")+">").DN
			_, err := conn.Search(ldap.NewSearchRequest(place.BaseDN, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false,
				"(member:1.2.840.113556.1.4.1941:="+ldap.EscapeFilter(dn)+")", nil, nil))
			return err
		}},
	}
}

// TestMemberInTheBin finds groups around groups where somebody was deleted as a
// member, which Samba cannot follow in one question.
func TestMemberInTheBin(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	d := connect(t, place.Config(t))
	inner, outer, ruling := place.AddGroup(t, "inner", false), place.AddGroup(t, "outer", false), place.AddGroup(t, "ruling", true)
	place.Join(t, inner, outer)
	place.Join(t, outer, ruling)
	stays, gone := ensure(t, d, joiner(place, 0)), ensure(t, d, joiner(place, 1))
	for _, a := range []directory.Account{stays, gone} {
		if err := d.AddToGroup(t.Context(), a.ID, inner); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.DeleteAccount(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	groups, err := d.MemberOf(t.Context(), stays.ID)
	got := map[string]bool{}
	for _, g := range groups {
		got[g.ID] = true
	}
	if err != nil || len(groups) != 3 || !got[inner] || !got[outer] || !got[ruling] {
		t.Errorf("groups at any depth = %v, %v, want three", groups, err)
	}
	protection, err := d.Protection(t.Context(), stays.ID)
	if err != nil || len(protection.RoleGroups) != 1 || protection.RoleGroups[0].ID != ruling {
		t.Errorf("protection = %+v, %v, want the ruling group around the others", protection, err)
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	for _, d := range differences() {
		t.Run(d.what, func(t *testing.T) {
			t.Parallel()
			err := d.ask(t, place.Admin(t), place)
			var got uint16
			if refused, ok := errors.AsType[*ldap.Error](err); ok {
				got = refused.ResultCode
			} else if err != nil {
				t.Fatal(err)
			}
			if got != d.code {
				t.Errorf("samba answers %d, want %d as recorded (Active Directory: %s)", got, d.code, d.activeDirectory)
			}
		})
	}
}

// TestRecycleBin finds deleted people with what they had. Samba 4.17 refuses to
// restore them, which is the last known difference.
func TestRecycleBin(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	cfg := place.Config(t)
	const window = 180 * 24 * time.Hour
	cfg.RestoreWindow = window
	d := connect(t, cfg)
	if got := d.Capabilities().RestoreWindow; got != window {
		t.Errorf("restore window = %s, want the configured one", got)
	}
	boss, a := ensure(t, d, joiner(place, 0)), ensure(t, d, joiner(place, 1))
	if err := d.SetManager(t.Context(), a.ID, boss.ID); err != nil {
		t.Fatal(err)
	}
	if err := d.DeleteAccount(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	for what, look := range map[string]func() ([]directory.Account, error){
		"number": func() ([]directory.Account, error) { return d.DeletedAccounts(t.Context(), "E1") },
		"name": func() ([]directory.Account, error) {
			return d.DeletedByUserName(t.Context(), strings.ToUpper(a.UserName))
		},
	} {
		got, err := look()
		if err != nil || len(got) != 1 || got[0].ID != a.ID || got[0].UserName != a.UserName || got[0].DeletedAt.IsZero() || got[0].ManagerID != boss.ID {
			t.Errorf("deleted accounts by %s = %+v, %v, want the one with its name, its manager and a time", what, got, err)
		}
	}
	if got, err := d.DeletedAccounts(t.Context(), "E0"); err != nil || len(got) != 0 {
		t.Errorf("deleted accounts of a live number = %v, %v, want none", got, err)
	}
	if _, err := d.DeletedAccounts(t.Context(), ""); !errors.Is(err, directory.ErrNoEmployeeID) {
		t.Errorf("deleted accounts of no number: %v, want that it is empty", err)
	}
	if _, err := d.RestoreAccount(t.Context(), a.ID, ""); !errors.Is(err, directory.ErrNotFound) {
		t.Errorf("restore: %v; Samba 4.17 cannot, a newer one is tested by the suite", err)
	}
	ensure(t, d, joiner(place, 2))
	taken := joiner(place, 2).UserName
	_, err := d.RestoreAccount(t.Context(), a.ID, taken)
	wantConflict(t, err, directory.UserNameAttribute)
	live, err := d.RestoreAccount(t.Context(), boss.ID, "")
	if err != nil || live.ID != boss.ID {
		t.Errorf("restore of a live account = %+v, %v, want it as it is", live, err)
	}
}
