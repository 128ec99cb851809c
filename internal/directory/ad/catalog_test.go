package ad_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"tenure/internal/directory"
	"tenure/internal/directory/ad"
	"tenure/internal/directory/ad/adtest"
	simulated "tenure/internal/sim/ad"
)

// forest is two domains with one global catalogue, and a target in each.
func forest(t *testing.T) (corp, emea *ad.Directory, places [2]*adtest.Place) {
	t.Helper()
	first, one := adtest.Simulated(t, simulated.Options{Domain: "corp.contoso.example"})
	second, two := adtest.Simulated(t, simulated.Options{Domain: "emea.contoso.example"})
	gc, err := first.StartCatalog(t.Context(), "127.0.0.1:0", second)
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimPrefix(gc.URL(), "ldaps://")
	places = [2]*adtest.Place{one.NewPlace(t), two.NewPlace(t)}
	connected := [2]*ad.Directory{}
	for i, place := range places {
		cfg := place.Config(t)
		cfg.Catalog, cfg.Domain = []string{address}, "contoso.example"
		cfg.RootCAs.AppendCertsFromPEM(one.CA)
		connected[i] = connect(t, cfg)
	}
	return connected[0], connected[1], places
}

// TestForest: a user name is given once in a forest, an account name once in each
// domain.
func TestForest(t *testing.T) {
	t.Parallel()
	corp, emea, _ := forest(t)
	person := func(number, userName string) directory.NewAccount {
		return directory.NewAccount{EmployeeID: number, UserName: userName, Attributes: map[string]string{"displayName": "Zoë Doe", "sAMAccountName": "zdoe"}}
	}
	a := ensure(t, corp, person("E1", "zoe.doe@contoso.example"))
	_, err := emea.CreateAccount(t.Context(), person("E2", "ZOE.doe@contoso.example"))
	wantConflict(t, err, directory.UserNameAttribute)
	b := ensure(t, emea, person("E2", "zoe.doe2@contoso.example"))
	if got := mustRead(t, emea, b.ID).Attributes["sAMAccountName"]; got != "zdoe" {
		t.Errorf("sAMAccountName = %q, want the one that is free in this domain", got)
	}
	rename := func(d *ad.Directory, id, to string) error {
		return d.UpdateAccount(t.Context(), id, directory.Change{Set: map[string]string{directory.UserNameAttribute: to}})
	}
	wantConflict(t, rename(emea, b.ID, "zoe.doe@contoso.example"), directory.UserNameAttribute)
	if err := rename(emea, b.ID, "zoe.doe2@contoso.example"); err != nil {
		t.Errorf("its own name: %v", err)
	}
	if err := rename(corp, a.ID, "zoe.meyer@contoso.example"); err != nil {
		t.Error(err)
	}
	if err := emea.DeleteAccount(t.Context(), b.ID); err != nil {
		t.Fatal(err)
	}
	_, err = emea.RestoreAccount(t.Context(), b.ID, "zoe.meyer@contoso.example")
	wantConflict(t, err, directory.UserNameAttribute)
	if back, err := emea.RestoreAccount(t.Context(), b.ID, "zoe.doe@contoso.example"); err != nil || back.ID != b.ID {
		t.Errorf("restore under a free name: %+v, %v", back, err)
	}
}

// TestCatalogOfSamba asks a real one.
func TestCatalogOfSamba(t *testing.T) {
	t.Parallel()
	controller := adtest.Samba(t)
	host, _, err := net.SplitHostPort(controller.Address)
	if err != nil {
		t.Fatal(err)
	}
	reached, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", net.JoinHostPort(host, "3269"))
	if err != nil {
		t.Skip("Samba's catalogue cannot be reached from here: it runs in a network of its own")
	}
	_ = reached.Close()
	place := controller.NewPlace(t)
	cfg := place.Config(t)
	cfg.Catalog = []string{host}
	d := connect(t, cfg)
	a := ensure(t, d, joiner(place, 0))
	_, err = d.CreateAccount(t.Context(), joiner(place, 0))
	wantConflict(t, err, directory.UserNameAttribute)
	if err := d.UpdateAccount(t.Context(), a.ID, directory.Change{Set: map[string]string{directory.UserNameAttribute: a.UserName}}); err != nil {
		t.Errorf("its own name: %v", err)
	}
}

// TestCatalogIsAway: nobody gets a name that nobody looked for.
func TestCatalogIsAway(t *testing.T) {
	t.Parallel()
	_, controller := adtest.Simulated(t, simulated.Options{})
	place := controller.NewPlace(t)
	cfg := place.Config(t)
	nobody, err := (&net.ListenConfig{}).Listen(context.WithoutCancel(t.Context()), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Catalog = []string{nobody.Addr().String()}
	if err := nobody.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err = connect(t, cfg).CreateAccount(t.Context(), joiner(place, 0)); err == nil || len(place.Below(t)) != 0 {
		t.Errorf("create without a catalogue: %v and %d accounts, want none", err, len(place.Below(t)))
	}
}
