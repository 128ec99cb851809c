package ad_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"tenure/internal/directory"
	"tenure/internal/directory/ad"
	"tenure/internal/directory/ad/adtest"
	simulated "tenure/internal/sim/ad"
	"tenure/internal/sim/fault"
)

// forest is two domains with one global catalogue, and a target in each.
func forest(t *testing.T) (corp, emea *ad.Directory, places [2]*adtest.Place, second *simulated.Server) {
	t.Helper()
	first, one := adtest.Simulated(t, simulated.Options{Domain: "corp.contoso.example"})
	var two *adtest.Controller
	second, two = adtest.Simulated(t, simulated.Options{Domain: "emea.contoso.example"})
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
	return connected[0], connected[1], places, second
}

// TestForest: a user name is given once in a forest, an account name once in each
// domain.
func TestForest(t *testing.T) {
	t.Parallel()
	corp, emea, _, _ := forest(t)
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

// TestCatalogThatBreaksOff in the middle of a call says nothing about the controller,
// whose connection is kept.
func TestCatalogThatBreaksOff(t *testing.T) {
	t.Parallel()
	_, controller := adtest.Simulated(t, simulated.Options{})
	place := controller.NewPlace(t)
	line, catalog := place.NewCutter(t), place.NewCutter(t)
	cfg := place.Through(t, line, catalog)
	cfg.Hosts = cfg.Hosts[:1]
	a := ensure(t, connect(t, cfg), joiner(place, 0))
	cfg.Catalog = []string{catalog.Address}
	d := connect(t, cfg)
	mustRead(t, d, a.ID)
	before := line.Seen(adtest.Bind)
	catalog.Plant(adtest.Search, adtest.CutBefore)
	if err := d.SetManager(t.Context(), a.ID, nobody); !errors.Is(err, directory.ErrUnavailable) || catalog.Pending() != 0 {
		t.Errorf("link a manager whom the catalogue may know: %v, want unavailable", err)
	}
	mustRead(t, d, a.ID)
	if binds := line.Seen(adtest.Bind) - before; binds != 0 {
		t.Errorf("the controller was signed in to %d times again, want its connection kept", binds)
	}
}

// member is somebody whose user name is one of the forest.
func member(place *adtest.Place, number int) directory.NewAccount {
	in := joiner(place, number)
	in.UserName = fmt.Sprintf("%s.ines%d@contoso.example", place.Suffix[:4], number)
	return in
}

// nobody is a GUID that no object has.
const nobody = "00000000-0000-4000-8000-000000000001"

// TestManagerInAnotherDomain links a manager of another domain of the forest, at a
// create and later, and reads the link back.
func TestManagerInAnotherDomain(t *testing.T) {
	t.Parallel()
	corp, emea, places, _ := forest(t)
	boss := ensure(t, corp, member(places[0], 0))
	in := member(places[1], 1)
	in.ManagerID = boss.ID
	a := ensure(t, emea, in)
	want := func(step, manager string) {
		t.Helper()
		if got := mustRead(t, emea, a.ID).ManagerID; got != manager {
			t.Errorf("%s: manager = %q, want %q", step, got, manager)
		}
		var listed string
		err := emea.ListAccounts(t.Context(), func(account directory.Account) error {
			if account.ID == a.ID {
				listed = account.ManagerID
			}
			return nil
		})
		if err != nil || listed != manager {
			t.Errorf("%s: listed with manager %q, %v, want %q", step, listed, err, manager)
		}
	}
	set := func(manager string) error { return emea.SetManager(t.Context(), a.ID, manager) }
	want("create", boss.ID)
	for _, manager := range []string{"", boss.ID, boss.ID} {
		if err := set(manager); err != nil {
			t.Fatal(err)
		}
		want("link", manager)
	}
	if err := set(nobody); !errors.Is(err, directory.ErrNotFound) {
		t.Errorf("a manager whom no domain knows: %v", err)
	}
	want("after a refusal", boss.ID)
}

// TestManagerByNameOfTheCatalogue: where a controller does not find the account of
// another domain by its GUID, the global catalogue says its name.
func TestManagerByNameOfTheCatalogue(t *testing.T) {
	t.Parallel()
	corp, emea, places, second := forest(t)
	boss := ensure(t, corp, member(places[0], 0))
	does := func(what, op, path string, do func() (string, error)) {
		t.Helper()
		if err := second.SetFaults(fault.Rule{Method: op, Path: path, Kind: fault.NotFound}); err != nil {
			t.Fatal(err)
		}
		id, err := do()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := mustRead(t, emea, id).ManagerID; got != boss.ID {
			t.Errorf("%s: manager = %q, want %q", what, got, boss.ID)
		}
		if rules := second.Faults().Standing(); len(rules) != 1 || rules[0].Hits != 1 {
			t.Errorf("%s: the controller was to refuse once: %v", what, rules)
		}
	}
	does("create", simulated.OpAdd, "/user", func() (string, error) {
		in := member(places[1], 1)
		in.ManagerID = boss.ID
		a, err := emea.CreateAccount(t.Context(), in)
		return a.ID, err
	})
	does("link", simulated.OpModify, "/user/manager", func() (string, error) {
		a := ensure(t, emea, member(places[1], 2))
		return a.ID, emea.SetManager(t.Context(), a.ID, boss.ID)
	})
}

// TestManagerWithoutACatalogue: the error says what the configuration lacks.
func TestManagerWithoutACatalogue(t *testing.T) {
	t.Parallel()
	_, controller := adtest.Simulated(t, simulated.Options{})
	place := controller.NewPlace(t)
	d := connect(t, place.Config(t))
	a := ensure(t, d, joiner(place, 0))
	err := d.SetManager(t.Context(), a.ID, nobody)
	if !errors.Is(err, directory.ErrNotFound) || !strings.Contains(err.Error(), "catalog") {
		t.Errorf("error = %v, want not found, and the setting that finds others", err)
	}
}

// TestRestoreUnderAnOldNameOfTheForest: a name that another domain has given away
// meanwhile is not given twice by a restore.
func TestRestoreUnderAnOldNameOfTheForest(t *testing.T) {
	t.Parallel()
	corp, emea, places, _ := forest(t)
	name := "zoe@contoso.example"
	in := member(places[0], 0)
	in.UserName = name
	a := ensure(t, corp, in)
	if err := corp.DeleteAccount(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	other := member(places[1], 1)
	other.UserName = name
	ensure(t, emea, other)
	_, err := corp.RestoreAccount(t.Context(), a.ID, "")
	wantConflict(t, err, directory.UserNameAttribute)
	if back, err := corp.RestoreAccount(t.Context(), a.ID, "zoe2@contoso.example"); err != nil || back.ID != a.ID {
		t.Errorf("restore under another name: %+v, %v", back, err)
	}
}

// TestNameThatTheCatalogueDoesNotKnowYet: the forest refuses what the catalogue took
// for free, and that is a name to leave alone, not a mistake in the request.
func TestNameThatTheCatalogueDoesNotKnowYet(t *testing.T) {
	t.Parallel()
	corp, _, places, second := forest(t)
	behind, err := second.StartCatalog(t.Context(), "127.0.0.1:0") // tells of one domain alone
	if err != nil {
		t.Fatal(err)
	}
	cfg := places[1].Config(t)
	cfg.Catalog, cfg.Domain = []string{strings.TrimPrefix(behind.URL(), "ldaps://")}, "contoso.example"
	emea := connect(t, cfg)
	in := member(places[0], 0)
	a := ensure(t, corp, in)
	in.EmployeeID = "E9"
	_, err = emea.CreateAccount(t.Context(), in)
	wantConflict(t, err, directory.UserNameAttribute)
	b := ensure(t, emea, member(places[1], 1))
	err = emea.UpdateAccount(t.Context(), b.ID, directory.Change{Set: map[string]string{directory.UserNameAttribute: a.UserName}})
	wantConflict(t, err, directory.UserNameAttribute)
	if err := emea.DeleteAccount(t.Context(), b.ID); err != nil {
		t.Fatal(err)
	}
	_, err = emea.RestoreAccount(t.Context(), b.ID, a.UserName)
	wantConflict(t, err, directory.UserNameAttribute)
}
