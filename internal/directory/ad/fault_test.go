package ad_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/ad"
	"tenure/internal/directory/ad/adtest"
)

func joiner(place *adtest.Place, number int) directory.NewAccount {
	return directory.NewAccount{
		EmployeeID: fmt.Sprintf("E%d", number), UserName: fmt.Sprintf("ines%d@%s", number, place.Suffix), Enabled: true,
		Attributes: map[string]string{"displayName": "Inès Müller", "givenName": "Inès", "sn": "Müller", "title": "Clerk"},
	}
}

// ensure does what the activities do until it is done: look, then create or
// repair. It ends when the test does.
func ensure(t *testing.T, d *ad.Directory, want directory.NewAccount) directory.Account {
	t.Helper()
	var last error
	for t.Context().Err() == nil {
		found, err := d.AccountsByEmployeeID(t.Context(), want.EmployeeID)
		last = err
		switch {
		case err != nil:
		case len(found) > 1:
			t.Errorf("%d accounts carry number %s, want one", len(found), want.EmployeeID)
			return directory.Account{}
		case len(found) == 0:
			var made directory.Account
			if made, last = d.CreateAccount(t.Context(), want); last == nil {
				return made
			}
		case found[0].Enabled != want.Enabled:
			last = d.UpdateAccount(t.Context(), found[0].ID, directory.Change{Enabled: &want.Enabled})
		default:
			return found[0]
		}
		if last != nil && !errors.Is(last, directory.ErrUnavailable) && !errors.Is(last, directory.ErrConflict) {
			t.Errorf("ensure an account: %v, want nothing but what a look settles", last)
			return directory.Account{}
		}
	}
	t.Errorf("the account was not made in time: %v", last)
	return directory.Account{}
}

// wantWhole checks in the controller itself that each number has one account,
// which can be used: it is enabled and has a password.
func wantWhole(t *testing.T, place *adtest.Place, numbers int) {
	t.Helper()
	seen := map[string]int{}
	for _, e := range place.Below(t) {
		number := e.GetAttributeValue("employeeID")
		seen[number]++
		if got := e.GetAttributeValue("userAccountControl"); got != "512" {
			t.Errorf("userAccountControl of %s = %s, want 512", number, got)
		}
		if e.GetAttributeValue("pwdLastSet") == "0" {
			t.Errorf("account %s has no password", number)
		}
	}
	for i := range numbers {
		if n := seen[fmt.Sprintf("E%d", i)]; n != 1 {
			t.Errorf("number E%d has %d accounts, want one", i, n)
		}
	}
	if len(seen) != numbers {
		t.Errorf("%d numbers have accounts, want %d", len(seen), numbers)
	}
}

// TestCreateCutShort breaks each request of a create in each way: what comes of
// it is one whole account.
func TestCreateCutShort(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	number := 0
	for _, mishap := range []adtest.Mishap{adtest.CutBefore, adtest.CutAfter, adtest.Swallow} {
		for _, at := range [][]adtest.Operation{
			{adtest.Search, adtest.Search}, // the first is the look before the create
			{adtest.Add},
			{adtest.Search, adtest.Search, adtest.Search},
			{adtest.Modify}, // the password
			{adtest.Modify, adtest.Modify},
		} {
			t.Run(fmt.Sprintf("%s request %d of kind %d", mishap, len(at), at[0]), func(t *testing.T) {
				cutter := place.NewCutter(t)
				cfg := place.Through(t, cutter)
				if mishap == adtest.Swallow {
					cfg.RequestTimeout = 2 * time.Second
				}
				for range len(at) - 1 {
					cutter.Plant(at[0], adtest.Pass)
				}
				cutter.Plant(at[0], mishap)
				ensure(t, connect(t, cfg), joiner(place, number))
				number++
				if cutter.Pending() > 0 {
					t.Error("the mishap did not happen")
				}
			})
		}
	}
	wantWhole(t, place, number)
}

// TestWritesCutShort breaks the writes that change an account: the call says
// so, and its repetition finds the work done or does it.
func TestWritesCutShort(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	target := "OU=elsewhere," + place.OU
	place.AddOU(t, target)
	cutter := place.NewCutter(t)
	d := connect(t, place.Through(t, cutter))
	group := place.AddGroup(t, "team", false)
	boss := ensure(t, d, joiner(place, 0))
	a := ensure(t, d, joiner(place, 1))
	disabled := false
	for _, tc := range []struct {
		name      string
		operation adtest.Operation
		call      func() error
	}{
		{"attributes", adtest.Modify, func() error {
			return d.UpdateAccount(t.Context(), a.ID, directory.Change{Set: map[string]string{"title": "Lead"}, Clear: []string{"givenName"}})
		}},
		{"manager", adtest.Modify, func() error { return d.SetManager(t.Context(), a.ID, boss.ID) }},
		{"disable", adtest.Modify, func() error { return d.UpdateAccount(t.Context(), a.ID, directory.Change{Enabled: &disabled}) }},
		{"rename and move", adtest.Rename, func() error {
			return d.UpdateAccount(t.Context(), a.ID, directory.Change{Set: map[string]string{"cn": "Inès Meyer", "parentDistinguishedName": target}})
		}},
		{"join", adtest.Modify, func() error { return d.AddToGroup(t.Context(), a.ID, group) }},
		{"leave", adtest.Modify, func() error { return d.RemoveFromGroup(t.Context(), a.ID, group) }},
		{"delete", adtest.Delete, func() error { return d.DeleteAccount(t.Context(), a.ID) }},
	} {
		for _, mishap := range []adtest.Mishap{adtest.CutBefore, adtest.CutAfter} {
			cutter.Plant(tc.operation, mishap)
			if err := tc.call(); tc.name != "delete" && !errors.Is(err, directory.ErrUnavailable) {
				t.Errorf("%s, %s: error = %v, want unavailable", tc.name, mishap, err)
			}
			if tc.name != "delete" && cutter.Pending() > 0 {
				t.Errorf("%s, %s: the mishap did not happen", tc.name, mishap)
			}
		}
		if err := tc.call(); err != nil {
			t.Errorf("%s again: %v", tc.name, err)
		}
		if tc.name == "rename and move" {
			got, err := d.Account(t.Context(), a.ID)
			if err != nil || got.Enabled || got.ManagerID != boss.ID || got.Attributes["cn"] != "Inès Meyer" || got.Attributes["title"] != "Lead" ||
				got.Attributes["givenName"] != "" || !strings.EqualFold(got.Attributes["parentDistinguishedName"], target) {
				t.Errorf("account = %+v, %v, want every change once", got, err)
			}
		}
	}
	if _, err := d.Account(t.Context(), a.ID); !errors.Is(err, directory.ErrNotFound) {
		t.Errorf("read a deleted account: %v, want not found", err)
	}
}

// TestFailover takes controllers away under work: it goes on at the other, and
// nothing is lost or doubled.
func TestFailover(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	one, two := place.NewCutter(t), place.NewCutter(t)
	d := connect(t, place.Through(t, one, two))
	const people = 24
	inParallel(t, d, place, people, func(made int) {
		switch made {
		case people / 4:
			one.Down()
		case people / 2:
			one.Up()
			two.Down()
		case people * 3 / 4:
			two.Up()
		}
	})
	wantWhole(t, place, people)
	if one.Seen(adtest.Add) == 0 || two.Seen(adtest.Add) == 0 {
		t.Errorf("accounts were made at one of two controllers only: %d and %d", one.Seen(adtest.Add), two.Seen(adtest.Add))
	}
}

// inParallel makes people by several hands and calls after with how many are
// there, one call at a time.
func inParallel(t *testing.T, d *ad.Directory, place *adtest.Place, people int, after func(made int)) {
	t.Helper()
	const hands = 4
	var next, made atomic.Int64
	var one sync.Mutex
	var work sync.WaitGroup
	for range hands {
		work.Go(func() {
			for i := int(next.Add(1)) - 1; i < people; i = int(next.Add(1)) - 1 {
				ensure(t, d, joiner(place, i))
				one.Lock()
				after(int(made.Add(1)))
				one.Unlock()
			}
		})
	}
	work.Wait()
}

// TestHangingController swallows the first controller's answers: after the
// request's time the call fails, and the next goes to the other controller.
func TestHangingController(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	one, two := place.NewCutter(t), place.NewCutter(t)
	cfg := place.Through(t, one, two)
	cfg.RequestTimeout = 2 * time.Second
	d := connect(t, cfg)
	a := ensure(t, d, joiner(place, 0))
	before := two.Seen(adtest.Search) // the create has asked both who has the name
	one.Plant(adtest.Search, adtest.Swallow)
	for two.Seen(adtest.Search) == before && t.Context().Err() == nil {
		if _, err := d.Account(t.Context(), a.ID); err != nil && !errors.Is(err, directory.ErrUnavailable) {
			t.Fatalf("read at a controller that hangs: %v, want unavailable", err)
		}
	}
	if one.Pending() > 0 {
		t.Error("the controller did not hang")
	}
}

// TestControllerDies stops, continues and kills a controller with writes in
// flight.
func TestControllerDies(t *testing.T) {
	t.Parallel()
	controller := adtest.Start(t)
	place := controller.NewPlace(t)
	cfg := place.Config(t)
	cfg.ConnectTimeout, cfg.RequestTimeout, cfg.CallTimeout = 5*time.Second, 5*time.Second, 20*time.Second
	d := connect(t, cfg)
	const people = 24
	inParallel(t, d, place, people, func(made int) {
		switch made {
		case people / 4:
			controller.Pause(t)
			// Writes pile up until their time is up; what was sent is done later.
			if _, err := d.AccountsByEmployeeID(t.Context(), "E0"); !errors.Is(err, directory.ErrUnavailable) {
				t.Errorf("look at a controller that stands still: %v, want unavailable", err)
			}
			controller.Resume(t)
		case people / 2:
			controller.Kill(t)
			controller.Restart(t)
		}
	})
	wantWhole(t, place, people)
}

// TestRefusedCredential is refused once and at one controller, for all of them
// count it; the error says why and shows no secret.
func TestRefusedCredential(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	one, two := place.NewCutter(t), place.NewCutter(t)
	cfg := place.Through(t, one, two)
	const wrong = "Wr0ng-Passw0rd!"
	cfg.Secret = directory.NewSecret(wrong)
	cfg.BindName = "nobody@" + place.Suffix
	_, err := connect(t, cfg).Account(t.Context(), "ffffffff-ffff-4fff-8fff-ffffffffffff")
	if !errors.Is(err, directory.ErrDenied) || !strings.Contains(err.Error(), "name or password of the bind account is wrong") {
		t.Errorf("error = %v, want denied and why", err)
	}
	if strings.Contains(err.Error(), wrong) || strings.Contains(err.Error(), "nobody") {
		t.Errorf("error %q shows the credential", err)
	}
	if one.Seen(adtest.Bind) != 1 || two.Seen(adtest.Bind) != 0 {
		t.Errorf("binds = %d and %d, want one in all", one.Seen(adtest.Bind), two.Seen(adtest.Bind))
	}
	for name, tc := range map[string]struct{ attribute, value, says string }{
		"expired":     {"accountExpires", "1", "the bind account has expired"},
		"must change": {"pwdLastSet", "0", "the bind account must change its password"},
		"disabled":    {"userAccountControl", "514", "the bind account is disabled"},
	} {
		cfg := place.Config(t)
		cfg.BindName, cfg.Secret = place.AddServiceAccount(t, map[string]string{tc.attribute: tc.value})
		_, err := connect(t, cfg).Account(t.Context(), "ffffffff-ffff-4fff-8fff-ffffffffffff")
		if !errors.Is(err, directory.ErrDenied) || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: error = %v, want %q", name, err, tc.says)
		}
	}
}

// TestExpiryUnderWork lets the credential expire while connections are open:
// they go on, new ones are refused, and a new credential takes over.
func TestExpiryUnderWork(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	cfg := place.Config(t)
	cfg.BindName, cfg.Secret = place.AddServiceAccount(t, nil)
	d := connect(t, cfg)
	a := ensure(t, connect(t, place.Config(t)), joiner(place, 0))
	if _, err := d.Account(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	place.Set(t, cfg.BindName, "accountExpires", "1")
	if _, err := d.Account(t.Context(), a.ID); err != nil {
		t.Errorf("read on a connection that was bound before: %v", err)
	}
	d.Close()
	if _, err := d.Account(t.Context(), a.ID); !errors.Is(err, directory.ErrDenied) {
		t.Errorf("read on a new connection: %v, want denied", err)
	}
	// Nor may it write: it was never given the right.
	place.Set(t, cfg.BindName, "accountExpires", "0")
	err := d.UpdateAccount(t.Context(), a.ID, directory.Change{Set: map[string]string{"title": "Lead"}})
	if !errors.Is(err, directory.ErrDenied) {
		t.Errorf("write without the right: %v, want denied", err)
	}
	if !slices.Contains([]string{"Clerk"}, mustRead(t, d, a.ID).Attributes["title"]) {
		t.Error("a refused write changed the account")
	}
}

func mustRead(t *testing.T, d *ad.Directory, id string) directory.Account {
	t.Helper()
	a, err := d.Account(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
