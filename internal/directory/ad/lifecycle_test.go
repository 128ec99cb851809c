package ad_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/adtest"
	simulated "tenure/internal/sim/ad"
)

// controllers runs a test on the strict simulator and on Samba.
func controllers(t *testing.T, o simulated.Options, run func(*testing.T, *adtest.Controller)) {
	t.Helper()
	t.Run("simulator", func(t *testing.T) {
		t.Parallel()
		_, controller := adtest.Simulated(t, o)
		run(t, controller)
	})
	t.Run("samba", func(t *testing.T) {
		t.Parallel()
		run(t, adtest.Samba(t))
	})
}

const hidden = "msExchHideFromAddressLists"

// TestAmongLeavers does to an account what the tasks of a leaver do, twice.
func TestAmongLeavers(t *testing.T) {
	t.Parallel()
	controllers(t, simulated.Options{}, func(t *testing.T, controller *adtest.Controller) {
		place := controller.NewPlace(t)
		leavers := "OU=Leavers," + place.OU
		place.AddOU(t, leavers)
		cfg := place.Config(t)
		cfg.Attributes = []string{"displayName", "parentDistinguishedName", "info", "description"}
		d := connect(t, cfg)
		in := joiner(place, 0)
		in.Attributes = map[string]string{"displayName": "Inès Müller", "description": "Desk 12"}
		a := ensure(t, d, in)
		off := false
		change := directory.Change{
			Set: map[string]string{"parentDistinguishedName": strings.ToLower(leavers), "info": "left"}, Clear: []string{"description"}, Enabled: &off,
		}
		for range 2 {
			if err := d.UpdateAccount(t.Context(), a.ID, change); err != nil {
				t.Fatal(err)
			}
			got := mustRead(t, d, a.ID)
			if got.Enabled || got.Attributes["info"] != "left" || got.Attributes["description"] != "" ||
				!strings.EqualFold(got.Attributes["parentDistinguishedName"], leavers) {
				t.Errorf("account = %+v, want it disabled among the leavers", got)
			}
		}
	})
}

// TestHiddenNeedsExchange names the attribute that the schema lacks, alone or beside
// others, and writes none of them.
func TestHiddenNeedsExchange(t *testing.T) {
	t.Parallel()
	controllers(t, simulated.Options{}, func(t *testing.T, controller *adtest.Controller) {
		place := controller.NewPlace(t)
		d := connect(t, place.Config(t))
		a := ensure(t, d, joiner(place, 0))
		for _, change := range []directory.Change{
			{Set: map[string]string{hidden: "true"}},
			{Set: map[string]string{hidden: "true", "info": "x", "mail": "zoe@" + place.Suffix}},
			{Clear: []string{hidden}},
		} {
			err := d.UpdateAccount(t.Context(), a.ID, change)
			unknown, ok := errors.AsType[*directory.UnknownAttributeError](err)
			if !ok || unknown.Attribute != hidden || !errors.Is(err, directory.ErrInvalid) {
				t.Errorf("%v: error = %v, want one that names %s", change, err, hidden)
			}
		}
		if got := mustRead(t, d, a.ID).Attributes; got["info"] != "" {
			t.Errorf("attributes = %v, want nothing of a refused change", got)
		}
	})
	t.Run("with exchange", func(t *testing.T) {
		t.Parallel()
		_, controller := adtest.Simulated(t, simulated.Options{Exchange: true})
		place := controller.NewPlace(t)
		d := connect(t, place.Config(t))
		a := ensure(t, d, joiner(place, 0))
		for _, value := range []string{"true", "true", "false"} {
			if err := d.UpdateAccount(t.Context(), a.ID, directory.Change{Set: map[string]string{hidden: value}}); err != nil {
				t.Fatal(err)
			}
			if got := place.Entry(t, "<GUID="+a.ID+">").GetAttributeValue(hidden); got != strings.ToUpper(value) {
				t.Errorf("%s = %s, want %s", hidden, got, strings.ToUpper(value))
			}
		}
	})
}

// TestProtectedContainers: nothing in one is written to, and nobody is put there.
func TestProtectedContainers(t *testing.T) {
	t.Parallel()
	controllers(t, simulated.Options{}, func(t *testing.T, controller *adtest.Controller) {
		place := controller.NewPlace(t)
		admins := "OU=Admins," + place.OU
		place.AddOU(t, admins)
		cfg := place.Config(t)
		in := joiner(place, 0)
		in.Attributes["parentDistinguishedName"] = admins
		a := ensure(t, connect(t, cfg), in)
		cfg.ProtectedOUs = []string{strings.ToLower(admins)}
		d := connect(t, cfg)
		other := ensure(t, d, joiner(place, 1))
		move := func(container string) directory.Change {
			return directory.Change{Set: map[string]string{"parentDistinguishedName": container}}
		}
		another := joiner(place, 2)
		another.Attributes["parentDistinguishedName"] = admins
		_, created := d.CreateAccount(t.Context(), another)
		for what, err := range map[string]error{
			"an attribute": d.UpdateAccount(t.Context(), a.ID, directory.Change{Set: map[string]string{"title": "Chief"}}),
			"a move out":   d.UpdateAccount(t.Context(), a.ID, move(place.OU)),
			"a move in":    d.UpdateAccount(t.Context(), other.ID, move(admins)),
			"a create":     created,
			"a manager":    d.SetManager(t.Context(), a.ID, other.ID),
			"a delete":     d.DeleteAccount(t.Context(), a.ID),
		} {
			if !errors.Is(err, directory.ErrProtected) {
				t.Errorf("%s: error = %v, want %v", what, err, directory.ErrProtected)
			}
		}
		if n := len(place.Below(t)); n != 2 {
			t.Errorf("%d accounts, want two", n)
		}
		if err := d.SetManager(t.Context(), other.ID, a.ID); err != nil {
			t.Errorf("a protected manager: %v", err)
		}
	})
}

// TestRestoreAsTheForestSays: nobody has to state what the forest knows.
func TestRestoreAsTheForestSays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		o      simulated.Options
		back   int
		detail string
	}{
		"on":  {simulated.Options{DeletedLifetime: 40 * 24 * time.Hour}, 1, "what is deleted can be restored for 40 days"},
		"off": {simulated.Options{NoRecycleBin: true}, 0, "it is off: what is deleted does not come back, so who returns gets a new account"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, controller := adtest.Simulated(t, test.o)
			place := controller.NewPlace(t)
			d := connect(t, place.Config(t))
			in := joiner(place, 0)
			a := ensure(t, d, in)
			if err := d.DeleteAccount(t.Context(), a.ID); err != nil {
				t.Fatal(err)
			}
			for _, look := range []func() ([]directory.Account, error){
				func() ([]directory.Account, error) { return d.DeletedAccounts(t.Context(), in.EmployeeID) },
				func() ([]directory.Account, error) { return d.DeletedByUserName(t.Context(), in.UserName) },
			} {
				if got, err := look(); err != nil || len(got) != test.back {
					t.Errorf("deleted = %v, %v, want %d", got, err, test.back)
				}
			}
			_, err := d.RestoreAccount(t.Context(), a.ID, "")
			if (err == nil) != (test.back == 1) || err != nil && !errors.Is(err, directory.ErrNotFound) {
				t.Errorf("restore: %v", err)
			}
			found, err := d.Inspect(t.Context(), directory.Wanted{})
			if err != nil || !slices.ContainsFunc(found, func(f directory.Finding) bool {
				return f.Name == "recycle bin" && f.State == directory.FindingOK && f.Detail == test.detail
			}) {
				t.Errorf("findings = %+v, %v, want %q", found, err, test.detail)
			}
			if test.back == 0 {
				return
			}
			if err := d.DeleteAccount(t.Context(), a.ID); err != nil {
				t.Fatal(err)
			}
			s.Advance(41 * 24 * time.Hour)
			if got, err := d.DeletedAccounts(t.Context(), in.EmployeeID); err != nil || len(got) != 0 {
				t.Errorf("deleted = %v, %v, want none after the window", got, err)
			}
		})
	}
}

// TestUnlock unlocks who typed a wrong password too often, twice, and locks nobody.
func TestUnlock(t *testing.T) {
	t.Parallel()
	s, controller := adtest.Simulated(t, simulated.Options{LockoutThreshold: 2})
	place := controller.NewPlace(t)
	cfg := place.Config(t)
	cfg.Attributes = []string{"displayName", "lockoutTime"}
	d := connect(t, cfg)
	in := joiner(place, 0)
	in.Enabled = true
	a := ensure(t, d, in)
	wrong := cfg
	wrong.BindName, wrong.Secret = in.UserName, directory.NewSecret("wrong")
	for range 3 {
		if _, err := connect(t, wrong).Account(t.Context(), a.ID); !errors.Is(err, directory.ErrDenied) {
			t.Fatalf("bind with a wrong password: %v", err)
		}
	}
	if got := mustRead(t, d, a.ID).Attributes["lockoutTime"]; got == "" || got == "0" {
		t.Fatalf("lockoutTime = %q, want the account locked at %s", got, s.Now())
	}
	for range 2 {
		if err := d.UpdateAccount(t.Context(), a.ID, directory.Change{Set: map[string]string{"lockoutTime": "0"}}); err != nil {
			t.Fatal(err)
		}
		if got := mustRead(t, d, a.ID).Attributes["lockoutTime"]; got != "0" {
			t.Errorf("lockoutTime = %q, want 0", got)
		}
	}
	err := d.UpdateAccount(t.Context(), a.ID, directory.Change{Set: map[string]string{"LockoutTime": "1"}})
	if !errors.Is(err, directory.ErrInvalid) {
		t.Errorf("lock: %v, want invalid", err)
	}
}

// TestUnlockOnSamba writes what is so already.
func TestUnlockOnSamba(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	d := connect(t, place.Config(t))
	a := ensure(t, d, joiner(place, 0))
	for range 2 {
		if err := d.UpdateAccount(t.Context(), a.ID, directory.Change{Set: map[string]string{"lockoutTime": "0"}}); err != nil {
			t.Fatal(err)
		}
	}
}
