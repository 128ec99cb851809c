package ad_test

import (
	"slices"
	"testing"

	"tenure/internal/directory"
	"tenure/internal/directory/ad"
	"tenure/internal/directory/ad/adtest"
	simulated "tenure/internal/sim/ad"
)

// TestMailAndDistributionGroups are groups as others are, unlike in the cloud, which
// refuses to change the members of what Exchange looks after.
func TestMailAndDistributionGroups(t *testing.T) {
	t.Parallel()
	// The bits of groupType: global, universal, and security as a negative number.
	const globalDistribution, universalDistribution, universalSecurity = "2", "8", "-2147483640"
	for name, controller := range map[string]func(t *testing.T) *adtest.Controller{
		"samba": func(t *testing.T) *adtest.Controller { t.Helper(); return adtest.Samba(t) },
		"simulator": func(t *testing.T) *adtest.Controller {
			t.Helper()
			_, c := adtest.Simulated(t, simulated.Options{})
			return c
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := controller(t).NewPlace(t)
			d := connect(t, place.Config(t))
			a := ensure(t, d, joiner(place, 0))
			for kind, groupType := range map[string]string{
				"distribution": globalDistribution, "mail": universalSecurity, "mail-distribution": universalDistribution,
			} {
				dn := "CN=" + kind + "," + place.OU
				id := place.AddGroup(t, kind, false)
				if groupType == globalDistribution {
					place.Set(t, dn, "groupType", groupType)
				} else {
					place.Set(t, dn, "groupType", universalSecurity) // a global group becomes a universal one first
					place.Set(t, dn, "groupType", groupType)
					place.Set(t, dn, "mail", kind+"@"+place.Suffix)
					place.Set(t, dn, "proxyAddresses", "SMTP:"+kind+"@"+place.Suffix, "smtp:all-"+kind+"@"+place.Suffix)
				}
				wantGroupChanged(t, d, a.ID, id)
			}
		})
	}
}

// wantGroupChanged joins, leaves and comes back, each twice, as a journey does after a
// lost answer, a leave and its rescission.
func wantGroupChanged(t *testing.T, d *ad.Directory, id, groupID string) {
	t.Helper()
	g, err := d.Group(t.Context(), groupID)
	if err != nil || g.Kind != directory.GroupAssigned {
		t.Fatalf("group = %+v, error %v; want an assigned one", g, err)
	}
	for _, member := range []bool{true, false, true} {
		change := d.RemoveFromGroup
		if member {
			change = d.AddToGroup
		}
		for range 2 {
			if err := change(t.Context(), id, groupID); err != nil {
				t.Fatalf("%s: member %t: %v", g.Name, member, err)
			}
		}
		for what, list := range map[string]func() ([]directory.Group, error){
			"memberships": func() ([]directory.Group, error) { return d.Memberships(t.Context(), id) },
			"member of":   func() ([]directory.Group, error) { return d.MemberOf(t.Context(), id) },
		} {
			groups, err := list()
			found := slices.ContainsFunc(groups, func(g directory.Group) bool { return g.ID == groupID && g.Kind == directory.GroupAssigned })
			if err != nil || found != member {
				t.Errorf("%s: %s = %+v, error %v; want it among them: %t", g.Name, what, groups, err, member)
			}
		}
	}
}
