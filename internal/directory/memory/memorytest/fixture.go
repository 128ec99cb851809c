package memorytest

import (
	"slices"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/dirtest"
	"tenure/internal/directory/memory"
)

// The licences of the fixture.
const (
	freeSKU      = "e3"
	exhaustedSKU = "e5"
	groupSKU     = "e1"
	seats        = 5
)

// Clock is a clock that tests move.
type Clock interface {
	Now() time.Time
	Advance(by time.Duration)
}

// Fixture is a new directory that offers the suite everything.
func Fixture(c Clock) (*memory.Directory, dirtest.Fixture) {
	d := memory.New(memory.Options{Clock: c.Now})
	groups := map[directory.GroupKind]string{}
	for _, kind := range []directory.GroupKind{
		directory.GroupAssigned, directory.GroupDynamic, directory.GroupSynced,
		directory.GroupRoleAssignable, directory.GroupMailEnabled,
	} {
		groups[kind] = "group-" + string(kind)
		d.AddGroup(directory.Group{ID: groups[kind], Name: "Group " + string(kind), Kind: kind})
	}
	d.AddLicense(freeSKU, seats)
	d.AddLicense(exhaustedSKU, 0)
	d.AddLicense(groupSKU, seats)
	d.LicenseGroup(groups[directory.GroupAssigned], groupSKU)
	return d, dirtest.Fixture{
		Directory: d, Domain: "contoso.example", Groups: groups,
		SKU: freeSKU, ExhaustedSKU: exhaustedSKU, GroupSKU: groupSKU, LicenseGroup: groups[directory.GroupAssigned],
		Inject: func(_ *testing.T, verb directory.Verb, fault dirtest.Fault) {
			d.Inject(verb, map[dirtest.Fault]memory.Fault{
				dirtest.Throttled:   {Before: &directory.ThrottledError{After: dirtest.ThrottleAfter}},
				dirtest.Unavailable: {Before: directory.ErrUnavailable},
				dirtest.LostAnswer:  {LoseAnswer: true},
			}[fault])
		},
		Advance:        func(_ *testing.T, by time.Duration) { c.Advance(by) },
		Now:            c.Now,
		SetSignInFacts: func(_ *testing.T, id string, f directory.SignInFacts) { d.SetSignInFacts(id, f) },
		AddGuest: func(*testing.T) string {
			return d.AddGuest(directory.Account{UserName: "guest#EXT#@contoso.example", Enabled: true})
		},
		AddSynced: func(*testing.T) string {
			return d.AddAccount(directory.Account{UserName: "synced@contoso.example", EmployeeID: "E7", Synced: true, Anchor: "b5N2q0+/vE2ZPt8xk1eYAQ=="})
		},
		AnchorOf: func(_ *testing.T, id string) string { return "anchor of " + id },
		SetAnchor: func(_ *testing.T, id string) string {
			d.Edit(id, func(a *directory.Account) { a.Anchor = "another of " + id })
			return "another of " + id
		},
		Guard:     func(_ *testing.T, id string) { d.Guard(id) },
		Passwords: func(_ *testing.T, id string) int { return d.Passwords(id) },
		Roles:     [2]string{"Keeper", "Watcher"},
		SetRoles: func(_ *testing.T, id string, active, eligible []string) {
			d.SetRoles(id, slices.Concat(active, eligible)...)
		},
		Join: func(_ *testing.T, id, groupID string) {
			d.Join(id, groupID)
			d.Nest(id, groupID)
		},
		Own: func(_ *testing.T, id, groupID string) {
			d.Own(id, directory.Owned{ID: groupID, Kind: "group", Name: "Group"})
		},
	}
}
