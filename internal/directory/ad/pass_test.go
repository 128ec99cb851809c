package ad_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/adtest"
	simulated "tenure/internal/sim/ad"
)

// How a controller refuses a bind.
const (
	badPassword = "52e"
	replaceIt   = "773"
)

func firstDay() directory.PassRequest {
	return directory.PassRequest{Start: time.Date(2026, 12, 1, 7, 0, 0, 0, time.UTC), Lifetime: 8 * time.Hour, Once: true}
}

// TestInitialPassword gives the password of a first day: the directory takes it and
// wants another one.
func TestInitialPassword(t *testing.T) {
	t.Parallel()
	controllers(t, simulated.Options{}, func(t *testing.T, controller *adtest.Controller) {
		place := controller.NewPlace(t)
		d := connect(t, place.Config(t))
		a := ensure(t, d, joiner(place, 0))
		if list, err := d.Passes(t.Context(), a.ID); err != nil || len(list) > 0 {
			t.Errorf("passes of a new account = %+v, %v, want none", list, err)
		}
		first, firstSecret, err := d.IssuePass(t.Context(), a.ID, firstDay())
		if err != nil {
			t.Fatal(err)
		}
		second, secret, err := d.IssuePass(t.Context(), a.ID, firstDay())
		if err != nil {
			t.Fatal(err)
		}
		if first.ID == second.ID || firstSecret == secret || !second.Start.Equal(firstDay().Start) || second.Lifetime != firstDay().Lifetime || !second.Usable {
			t.Errorf("passes = %+v and %+v, want two that differ and what was asked", first, second)
		}
		if list, err := d.Passes(t.Context(), a.ID); err != nil || len(list) != 1 || list[0].ID != second.ID {
			t.Errorf("passes = %+v, %v, want the second alone", list, err)
		}
		if got := place.SignIn(t, a.UserName, secret.Reveal()); got != replaceIt {
			t.Errorf("sign in with the initial password: %q, want %s, it has to be replaced", got, replaceIt)
		}
		if got := place.SignIn(t, a.UserName, firstSecret.Reveal()); got != badPassword {
			t.Errorf("sign in with the one before: %q, want %s", got, badPassword)
		}
		if err := d.DeletePass(t.Context(), a.ID, first.ID); err != nil {
			t.Fatal(err)
		}
		if got := place.SignIn(t, a.UserName, secret.Reveal()); got != replaceIt {
			t.Errorf("sign in after the end of the other: %q, want %s", got, replaceIt)
		}
		for range 2 {
			if err := d.DeletePass(t.Context(), a.ID, second.ID); err != nil {
				t.Fatal(err)
			}
		}
		if got := place.SignIn(t, a.UserName, secret.Reveal()); got != badPassword {
			t.Errorf("sign in after the end: %q, want %s", got, badPassword)
		}
		if err := d.DeletePass(t.Context(), nobody, second.ID); err != nil {
			t.Errorf("delete the pass of nobody: %v", err)
		}
		if _, _, err := d.IssuePass(t.Context(), nobody, firstDay()); !errors.Is(err, directory.ErrNotFound) {
			t.Errorf("issue a pass to nobody: %v, want not found", err)
		}
	})
}

// TestInitialPasswordThatWasReplaced stays the person's own.
func TestInitialPasswordThatWasReplaced(t *testing.T) {
	t.Parallel()
	controllers(t, simulated.Options{}, func(t *testing.T, controller *adtest.Controller) {
		place := controller.NewPlace(t)
		d := connect(t, place.Config(t))
		a := ensure(t, d, joiner(place, 0))
		pass, _, err := d.IssuePass(t.Context(), a.ID, firstDay())
		if err != nil {
			t.Fatal(err)
		}
		const own = "My-0wn-Secret-Of-Today"
		place.Set(t, "<GUID="+a.ID+">", "unicodePwd", encoded(own))
		if list, err := d.Passes(t.Context(), a.ID); err != nil || len(list) > 0 {
			t.Errorf("passes = %+v, %v, want none", list, err)
		}
		if err := d.DeletePass(t.Context(), a.ID, pass.ID); err != nil {
			t.Fatal(err)
		}
		if got := place.SignIn(t, a.UserName, own); got != "" {
			t.Errorf("sign in with the person's own password: %q, want in", got)
		}
		facts, err := d.SignInFacts(t.Context(), a.ID)
		if err != nil || !facts.SignedIn || facts.HasRole || facts.OtherMethods != 0 {
			t.Errorf("facts = %+v, %v, want one who has signed in", facts, err)
		}
	})
}

// TestInitialPasswordOfTheProtected is given to nobody, and what speaks against one
// is told.
func TestInitialPasswordOfTheProtected(t *testing.T) {
	t.Parallel()
	controllers(t, simulated.Options{}, func(t *testing.T, controller *adtest.Controller) {
		place := controller.NewPlace(t)
		d := connect(t, place.Config(t))
		a := ensure(t, d, joiner(place, 0))
		at := "<GUID=" + a.ID + ">"
		if facts, err := d.SignInFacts(t.Context(), a.ID); err != nil || facts != (directory.SignInFacts{}) {
			t.Errorf("facts = %+v, %v, want none", facts, err)
		}
		pass, _, err := d.IssuePass(t.Context(), a.ID, firstDay())
		if err != nil {
			t.Fatal(err)
		}
		place.Set(t, at, "userAccountControl", "262656") // a normal account that needs a smart card
		place.Set(t, at, "adminCount", "1")
		if facts, err := d.SignInFacts(t.Context(), a.ID); err != nil || !facts.HasRole || facts.OtherMethods != 1 || facts.SignedIn {
			t.Errorf("facts = %+v, %v, want a role and a smart card", facts, err)
		}
		if _, _, err := d.IssuePass(t.Context(), a.ID, firstDay()); !errors.Is(err, directory.ErrProtected) {
			t.Errorf("issue: %v, want protected", err)
		}
		if err := d.DeletePass(t.Context(), a.ID, pass.ID); err != nil && !errors.Is(err, directory.ErrProtected) {
			t.Errorf("delete: %v, want protected or nothing to do", err)
		}
		if _, err := d.SignInFacts(t.Context(), nobody); !errors.Is(err, directory.ErrNotFound) {
			t.Errorf("facts of nobody: %v, want not found", err)
		}
	})
}

// TestInitialPasswordCutShort loses each answer on the way: what the next attempt
// gives is the only one, and what nobody was told opens nothing.
func TestInitialPasswordCutShort(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	cutter := place.NewCutter(t)
	d := connect(t, place.Through(t, cutter))
	a := ensure(t, d, joiner(place, 0))
	for _, operation := range []adtest.Operation{adtest.Search, adtest.Modify} {
		for _, mishap := range []adtest.Mishap{adtest.CutBefore, adtest.CutAfter} {
			cutter.Plant(operation, mishap)
			if _, _, err := d.IssuePass(t.Context(), a.ID, firstDay()); !errors.Is(err, directory.ErrUnavailable) {
				t.Fatalf("issue with a cut: %v, want unavailable", err)
			}
			pass, secret, err := d.IssuePass(t.Context(), a.ID, firstDay())
			if err != nil {
				t.Fatal(err)
			}
			if list, err := d.Passes(t.Context(), a.ID); err != nil || len(list) != 1 || list[0].ID != pass.ID {
				t.Errorf("passes = %+v, %v, want the one that was told", list, err)
			}
			if got := place.SignIn(t, a.UserName, secret.Reveal()); got != replaceIt {
				t.Errorf("sign in: %q, want %s", got, replaceIt)
			}
		}
	}
}

// TestInitialPasswordsCanBeTyped: every kind of character, none that is taken for
// another, no part of a name.
func TestInitialPasswordsCanBeTyped(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	d := connect(t, place.Config(t))
	a := ensure(t, d, joiner(place, 0))
	_, secret, err := d.IssuePass(t.Context(), a.ID, firstDay())
	if err != nil {
		t.Fatal(err)
	}
	const length = 4*5 + 3
	if text := secret.Reveal(); len(text) != length || strings.ContainsAny(text, "IlO01") || strings.Count(text, "-") != 3 {
		t.Error("the initial password is none that people can type") // its text is not for logs
	}
}
