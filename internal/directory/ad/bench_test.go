package ad_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
	"tenure/internal/directory/ad"
	"tenure/internal/directory/ad/adtest"
)

// TestRequests counts what the calls ask of a controller: no write more than the
// work needs, and two searches for a create.
func TestRequests(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	cutter := place.NewCutter(t)
	d := connect(t, place.Through(t, cutter))
	count := func() [5]int {
		return [5]int{
			cutter.Seen(adtest.Search), cutter.Seen(adtest.Add), cutter.Seen(adtest.Modify), cutter.Seen(adtest.Rename), cutter.Seen(adtest.Delete),
		}
	}
	var a directory.Account
	on := true
	group := place.AddGroup(t, "team", false)
	for _, tc := range []struct {
		name string
		want [5]int // searches, adds, modifies, renames, deletes
		call func() error
	}{
		{"create", [5]int{2, 1, 2, 0, 0}, func() (err error) { a, err = d.CreateAccount(t.Context(), joiner(place, 0)); return err }},
		{"attributes", [5]int{1, 0, 1, 0, 0}, func() error {
			return d.UpdateAccount(t.Context(), a.ID, directory.Change{Set: map[string]string{"title": "Lead", "l": "Ulm"}, Clear: []string{"sn"}})
		}},
		{"nothing", [5]int{}, func() error { return d.UpdateAccount(t.Context(), a.ID, directory.Change{}) }},
		{"already enabled", [5]int{1, 0, 0, 0, 0}, func() error { return d.UpdateAccount(t.Context(), a.ID, directory.Change{Enabled: &on}) }},
		{"rename", [5]int{2, 0, 0, 1, 0}, func() error {
			return d.UpdateAccount(t.Context(), a.ID, directory.Change{Set: map[string]string{"cn": "Inès Meyer"}})
		}},
		{"manager", [5]int{1, 0, 1, 0, 0}, func() error { return d.SetManager(t.Context(), a.ID, "") }},
		{"join", [5]int{2, 0, 1, 0, 0}, func() error { return d.AddToGroup(t.Context(), a.ID, group) }},
		{"delete", [5]int{1, 0, 0, 0, 1}, func() error { return d.DeleteAccount(t.Context(), a.ID) }},
	} {
		before := count()
		if err := tc.call(); err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		got := count()
		for i := range got {
			got[i] -= before[i]
		}
		if got != tc.want {
			t.Errorf("%s asks %v, want %v (searches, adds, modifies, renames, deletes)", tc.name, got, tc.want)
		}
	}
}

func benchmarked(b *testing.B) (*ad.Directory, *adtest.Place, *ldap.Conn) {
	b.Helper()
	place := adtest.Samba(b).NewPlace(b)
	d, err := ad.New(place.Config(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(d.Close)
	return d, place, place.Admin(b)
}

// BenchmarkCreate compares a create with its password to the same writes made
// by hand.
func BenchmarkCreate(b *testing.B) {
	d, place, raw := benchmarked(b)
	made := 0 // over all runs: a name is taken once
	b.Run("tenure", func(b *testing.B) {
		for range b.N {
			made++
			in := joiner(place, made)
			in.UserName = fmt.Sprintf("t%d@%s", made, place.Suffix)
			in.Attributes["displayName"] = in.UserName
			if _, err := d.CreateAccount(b.Context(), in); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("raw", func(b *testing.B) {
		for range b.N {
			made++
			name := fmt.Sprintf("r%d", made)
			dn := "CN=" + name + "," + place.OU
			r := ldap.NewAddRequest(dn, nil)
			r.Attribute("objectClass", []string{"top", "person", "organizationalPerson", "user"})
			for attribute, value := range map[string]string{
				"sAMAccountName": name + place.Suffix[:8], "userAccountControl": "514", "userPrincipalName": name + "@" + place.Suffix, "employeeID": "E1",
				"displayName": name, "givenName": "Inès", "sn": "Müller", "title": "Clerk",
			} {
				r.Attribute(attribute, []string{value})
			}
			password := ldap.NewModifyRequest(dn, nil)
			password.Replace("unicodePwd", []string{encoded(fmt.Sprintf("S0me-l0ng-Passw0rd-of-%s!", "nobody"))})
			enable := ldap.NewModifyRequest(dn, nil)
			enable.Replace("userAccountControl", []string{"512"})
			for _, err := range []error{raw.Add(r), raw.Modify(password), raw.Modify(enable)} {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// BenchmarkUpdate compares an update of three attributes to the same write made
// by hand, and to that write with the look before it that keeps protected accounts.
func BenchmarkUpdate(b *testing.B) {
	d, place, raw := benchmarked(b)
	id := place.AddBareUser(b, "bench")
	at := "<GUID=" + id + ">"
	look := func() error {
		_, err := raw.Search(ldap.NewSearchRequest(at, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false,
			"(objectClass=*)", []string{"adminCount", "isCriticalSystemObject"}, nil))
		return err
	}
	write := func(i int) error {
		text := []string{fmt.Sprintf("r%d", i)}
		m := ldap.NewModifyRequest(at, nil)
		for _, name := range []string{"title", "l", "department"} {
			m.Replace(name, text)
		}
		return raw.Modify(m)
	}
	update := func(i int) error {
		text := fmt.Sprintf("t%d", i)
		return d.UpdateAccount(b.Context(), id, directory.Change{Set: map[string]string{"title": text, "l": text, "department": text}})
	}
	// They take turns, so that a machine that is busy is so for all; a few at a time,
	// since a connection's first request after another's write costs more.
	const turn = 10
	ways := []func(i int) error{update, write, func(i int) error { return errors.Join(look(), write(i)) }}
	took := make([][]time.Duration, len(ways))
	for i := range b.N {
		for way, do := range ways {
			begin := time.Now()
			for j := range turn {
				if err := do(i*turn + j); err != nil {
					b.Fatal(err)
				}
			}
			took[way] = append(took[way], time.Since(begin)/turn)
		}
	}
	median := func(way int) float64 {
		slices.Sort(took[way])
		return float64(took[way][len(took[way])/2])
	}
	b.ReportMetric(0, "ns/op") // of all three, which says nothing
	b.ReportMetric(median(0)/1e6, "ms")
	b.ReportMetric(median(1)/1e6, "raw-ms")
	b.ReportMetric(median(1)/median(0), "of-raw")
	b.ReportMetric(median(1)/median(2), "raw-with-look-of-raw")
}
