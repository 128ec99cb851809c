package connect_test

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory/ad/adtest"
	simulated "tenure/internal/sim/ad"
	"tenure/internal/sim/connect"
	"tenure/internal/sim/graph"
)

const (
	patience = 60 * time.Second
	control  = "userAccountControl"
	disabled = "514"
)

// rig is a place in a domain, a tenant, and the synchronisation between them.
type rig struct {
	*connect.Sync
	*adtest.Place

	t      *testing.T
	tenant *graph.Server
}

func newRig(t *testing.T, controller *adtest.Controller, change ...func(*connect.Options)) *rig {
	t.Helper()
	place := controller.NewPlace(t)
	tenant, err := graph.New(graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tenant.Close() })
	if err := tenant.Seed(graph.Seed{Domains: []string{"contoso.example", place.Suffix}}); err != nil {
		t.Fatal(err)
	}
	o := connect.Options{
		URL: "ldaps://" + place.Address, RootCAs: place.Roots(t), BindName: place.BindName, Password: place.Password,
		BaseDN: place.BaseDN, In: []string{place.OU}, Out: []string{"OU=Unsynced," + place.OU},
	}
	place.AddOU(t, "OU=Unsynced,"+place.OU)
	for _, c := range change {
		c(&o)
	}
	sync, err := connect.New(tenant, o)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{Sync: sync, Place: place, t: t, tenant: tenant}
}

// both runs a test on the simulated domain and on Samba.
func both(t *testing.T, test func(t *testing.T, controller *adtest.Controller)) {
	t.Helper()
	t.Run("simulator", func(t *testing.T) {
		t.Parallel()
		_, controller := adtest.Simulated(t, simulated.Options{})
		test(t, controller)
	})
	t.Run("samba", func(t *testing.T) {
		t.Parallel()
		test(t, adtest.Samba(t))
	})
}

// hire makes a disabled account and returns its name.
func (r *rig) hire(name string, attributes map[string]string) string {
	r.t.Helper()
	r.AddBareUser(r.t, name)
	dn := "CN=" + name + "," + r.OU
	for attribute, value := range attributes {
		r.Set(r.t, dn, attribute, value)
	}
	return dn
}

// enable gives an account a password and lets it in.
func (r *rig) enable(dn string) {
	r.t.Helper()
	var encoded strings.Builder
	for _, c := range []byte(`"Correct-Horse7"`) {
		encoded.WriteByte(c)
		encoded.WriteByte(0)
	}
	r.Set(r.t, dn, "unicodePwd", encoded.String())
	r.Set(r.t, dn, control, "512")
}

func (r *rig) rename(dn, newName, parent string) {
	r.t.Helper()
	if err := r.Admin(r.t).ModifyDN(ldap.NewModifyDNRequest(dn, newName, true, parent)); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) cycle(want graph.SyncResult) {
	r.t.Helper()
	got, err := r.Cycle(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	if want.Refused == nil {
		want.Refused = map[string]string{}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.t.Fatalf("cycle differs (-want +got):\n%s", diff)
	}
}

// user finds a user by employee number, live or deleted.
func (r *rig) user(number string) (user graph.UserState, live bool) {
	r.t.Helper()
	state := r.tenant.State()
	for _, list := range [][]graph.UserState{state.Users, state.Deleted} {
		if i := slices.IndexFunc(list, func(u graph.UserState) bool { return u.Props["employeeId"] == number }); i >= 0 {
			return list[i], list[i].DeletedAt == nil
		}
	}
	r.t.Fatalf("nobody has the number %s", number)
	return user, false
}

// TestCycle follows two people through everything that a synchronisation brings.
func TestCycle(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, controller *adtest.Controller) {
		r := newRig(t, controller)
		boss := r.hire("Boss", map[string]string{"employeeID": "E1", "userPrincipalName": "boss@" + r.Suffix, "displayName": "Bo Boss"})
		zoe := r.hire("Zoe", map[string]string{
			"employeeID": "E2", "userPrincipalName": "zoe@" + r.Suffix, "displayName": "Zoë Doe", "title": "Lead",
			"department": "Sales", "mail": "zoe@" + r.Suffix, "manager": boss, "telephoneNumber": "+49 30 1", "l": "Berlin",
		})
		r.enable(zoe)
		r.cycle(graph.SyncResult{Created: 2})
		first, _ := r.user("E2")
		manager, _ := r.user("E1")
		anchor := base64.StdEncoding.EncodeToString(r.Entry(t, zoe).GetRawAttributeValue("objectGUID"))
		for name, want := range map[string]any{
			"onPremisesSyncEnabled": true, "onPremisesImmutableId": anchor, "userPrincipalName": "zoe@" + r.Suffix,
			"displayName": "Zoë Doe", "jobTitle": "Lead", "department": "Sales", "mail": "zoe@" + r.Suffix, "city": "Berlin",
			"accountEnabled": true, "onPremisesDomainName": r.Domain,
		} {
			if diff := cmp.Diff(want, first.Props[name]); diff != "" {
				t.Errorf("%s differs (-want +got):\n%s", name, diff)
			}
		}
		if first.Manager != manager.ID || manager.Props["accountEnabled"] != false {
			t.Errorf("manager = %s, who is enabled: %v; want %s, disabled", first.Manager, manager.Props["accountEnabled"], manager.ID)
		}
		if raw := r.Entry(t, zoe).GetEqualFoldRawAttributeValue("mS-DS-ConsistencyGuid"); base64.StdEncoding.EncodeToString(raw) != anchor {
			t.Errorf("the anchor was not written: %x", raw)
		}
		r.cycle(graph.SyncResult{})

		r.Set(t, zoe, "title", "Head")
		r.Set(t, zoe, "department")
		r.Set(t, zoe, control, disabled)
		r.Set(t, zoe, "manager")
		r.cycle(graph.SyncResult{Changed: 1})
		changed, _ := r.user("E2")
		if p := changed.Props; changed.ID != first.ID || p["jobTitle"] != "Head" || p["department"] != nil || p["accountEnabled"] != false || changed.Manager != "" {
			t.Errorf("user = %+v, want it changed, disabled and without a manager", changed)
		}

		// Out of scope, and back.
		r.rename(zoe, "CN=Zoe", "OU=Unsynced,"+r.OU)
		r.cycle(graph.SyncResult{Deleted: 1})
		if _, live := r.user("E2"); live {
			t.Error("the user is there, whose account is not synchronised any more")
		}
		r.cycle(graph.SyncResult{})
		r.rename("CN=Zoe,OU=Unsynced,"+r.OU, "CN=Zoe Doe", r.OU)
		r.cycle(graph.SyncResult{Restored: 1, Changed: 1}) // the distinguished name
		if back, live := r.user("E2"); !live || back.ID != first.ID {
			t.Errorf("user = %s, live %v, want %s again", back.ID, live, first.ID)
		}

		if err := r.Admin(t).Del(ldap.NewDelRequest(boss, nil)); err != nil {
			t.Fatal(err)
		}
		r.cycle(graph.SyncResult{Deleted: 1})
	})
}

// TestNames keeps two people apart who want one name, and gives a name to who has none that the tenant takes.
func TestNames(t *testing.T) {
	t.Parallel()
	_, controller := adtest.Simulated(t, simulated.Options{})
	r := newRig(t, controller, func(o *connect.Options) { o.KeepAnchors = true })
	if err := r.tenant.Seed(graph.Seed{Users: []graph.UserSeed{
		{Props: map[string]any{"userPrincipalName": "mia@contoso.example", "employeeId": "E1"}},
		{Props: map[string]any{"userPrincipalName": "tom@contoso.example"}, Synced: true},
	}}); err != nil {
		t.Fatal(err)
	}
	before, _ := r.user("E1")
	mia := r.hire("mia", map[string]string{"employeeID": "E1", "userPrincipalName": "mia@elsewhere.example"})
	r.hire("tom", map[string]string{"userPrincipalName": "tom@contoso.example"})
	r.hire("ann", map[string]string{"employeeID": "E3"})
	tom := base64.StdEncoding.EncodeToString(r.Entry(t, "CN=tom,"+r.OU).GetRawAttributeValue("objectGUID"))
	got, err := r.Cycle(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.Created != 1 || got.Changed != 1 || len(got.Refused) != 1 || !strings.Contains(got.Refused[tom], "userPrincipalName") {
		t.Errorf("cycle = %+v, want ann made, mia taken over, tom refused for his name", got)
	}
	if after, _ := r.user("E1"); after.ID != before.ID || after.Props["onPremisesSyncEnabled"] != true {
		t.Errorf("mia = %+v, want the user of the cloud taken over", after)
	}
	if ann, _ := r.user("E3"); !strings.HasSuffix(ann.Props["userPrincipalName"].(string), "@contoso.example") { //nolint:forcetypeassert // a string by the service's contract
		t.Errorf("ann = %v, want a name in the tenant's domain", ann.Props)
	}
	if raw := r.Entry(t, mia).GetEqualFoldRawAttributeValue("mS-DS-ConsistencyGuid"); len(raw) > 0 {
		t.Errorf("an anchor was written: %x", raw)
	}
}

// TestUnreadableDomain changes nothing when the domain cannot be read.
func TestUnreadableDomain(t *testing.T) {
	t.Parallel()
	domain, controller := adtest.Simulated(t, simulated.Options{})
	r := newRig(t, controller)
	r.hire("zoe", map[string]string{"employeeID": "E1", "userPrincipalName": "zoe@" + r.Suffix})
	r.cycle(graph.SyncResult{Created: 1})
	if err := domain.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Cycle(t.Context()); err == nil {
		t.Error("a domain that does not answer was synchronised")
	}
	if _, live := r.user("E1"); !live {
		t.Error("a domain that does not answer has cost a user")
	}
	for _, base := range []string{"nonsense", "OU=People"} {
		if _, err := connect.New(r.tenant, connect.Options{BaseDN: base}); err == nil {
			t.Errorf("New took the base %q", base)
		}
	}
	if _, err := connect.New(r.tenant, connect.Options{BaseDN: r.BaseDN, Out: []string{"nonsense"}}); err == nil {
		t.Error("New took a container that is no name")
	}
}

// TestRun repeats cycles until it is told to stop.
func TestRun(t *testing.T) {
	t.Parallel()
	_, controller := adtest.Simulated(t, simulated.Options{})
	r := newRig(t, controller)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.Run(ctx, time.Millisecond)
	}()
	r.hire("zoe", map[string]string{"employeeID": "E1", "userPrincipalName": "zoe@" + r.Suffix})
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); len(r.tenant.State().Users) == 0; {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("no cycle has brought the account")
		}
	}
	stop()
	<-ended
}
