package ad_test

import (
	"errors"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/ad"
	"tenure/internal/directory/ad/adtest"
	simulated "tenure/internal/sim/ad"
)

// apart are two controllers of one domain between which nothing replicates while
// the test runs.
type apart struct {
	d      *ad.Directory
	places [2]*adtest.Place
	lines  [2]*adtest.Cutter
}

func controllersApart(t *testing.T, replication time.Duration) apart {
	t.Helper()
	_, one := adtest.Simulated(t, simulated.Options{})
	_, two := adtest.Simulated(t, simulated.Options{})
	first := one.NewPlace(t)
	second := &adtest.Place{Controller: two, OU: first.OU, Suffix: first.Suffix}
	second.AddOU(t, second.OU)
	a := apart{places: [2]*adtest.Place{first, second}}
	a.lines = [2]*adtest.Cutter{first.NewCutter(t), second.NewCutter(t)}
	cfg := first.Through(t, a.lines[:]...)
	cfg.Replication = replication
	a.d = connect(t, cfg)
	return a
}

// forever is more than a test takes.
const forever = time.Hour

// TestNobodyIsMadeTwiceAfterAFailover: the first controller made the account and
// is gone before the other has heard of it.
func TestNobodyIsMadeTwiceAfterAFailover(t *testing.T) {
	t.Parallel()
	a := controllersApart(t, forever)
	made := ensure(t, a.d, joiner(a.places[0], 1))
	a.lines[0].Down()
	for range 3 {
		if found, err := a.d.AccountsByEmployeeID(t.Context(), "E1"); !errors.Is(err, directory.ErrUnavailable) {
			t.Fatalf("look by number at the other controller: %v, %v, want unavailable", found, err)
		}
		if _, err := a.d.Account(t.Context(), made.ID); !errors.Is(err, directory.ErrUnavailable) {
			t.Fatalf("read at the other controller: %v, want unavailable", err)
		}
		if _, err := a.d.AccountByUserName(t.Context(), made.UserName); !errors.Is(err, directory.ErrUnavailable) {
			t.Fatalf("look by name at the other controller: %v, want unavailable", err)
		}
		if _, err := a.d.CreateAccount(t.Context(), joiner(a.places[0], 1)); !errors.Is(err, directory.ErrUnavailable) {
			t.Fatalf("create at the other controller: %v, want unavailable", err)
		}
		if err := a.d.DeleteAccount(t.Context(), made.ID); !errors.Is(err, directory.ErrUnavailable) {
			t.Fatalf("delete at the other controller: %v, want unavailable", err)
		}
	}
	if list := a.places[1].Below(t); len(list) > 0 {
		t.Errorf("the other controller has %d accounts, want none", len(list))
	}
}

// TestTheControllerThatKnowsIsUsed: both answer, and only the one that was left
// knows the account.
func TestTheControllerThatKnowsIsUsed(t *testing.T) {
	t.Parallel()
	a := controllersApart(t, forever)
	made := ensure(t, a.d, joiner(a.places[0], 1))
	a.lines[0].Down()
	_, _ = a.d.AccountsByEmployeeID(t.Context(), "E1") // leaves the first controller
	a.lines[0].Up()
	if again := ensure(t, a.d, joiner(a.places[0], 1)); again.ID != made.ID {
		t.Errorf("found %s, want the account that was made, %s", again.ID, made.ID)
	}
	if err := a.d.DeleteAccount(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	if list := a.places[0].Below(t); len(list) > 0 {
		t.Error("the account is still there")
	}
}

// TestAGoneControllerIsNotWaitedFor: what it had has arrived, or never will.
func TestAGoneControllerIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	a := controllersApart(t, 200*time.Millisecond)
	a.lines[0].Down()
	ensure(t, a.d, joiner(a.places[0], 1)) // refused at first, then made
	if list := a.places[1].Below(t); len(list) != 1 {
		t.Errorf("the other controller has %d accounts, want the new one", len(list))
	}
}

// TestTheSameNameAtTwoControllers: both would take the common name, and one of the
// accounts would lose it when they hear of each other.
func TestTheSameNameAtTwoControllers(t *testing.T) {
	t.Parallel()
	a := controllersApart(t, forever)
	ensure(t, a.d, joiner(a.places[0], 1))
	cfg := a.places[0].Through(t, a.lines[1], a.lines[0]) // another worker, at the other controller
	ensure(t, connect(t, cfg), joiner(a.places[0], 2))
	list := a.places[1].Below(t)
	if len(list) != 1 {
		t.Fatalf("the other controller has %d accounts, want the new one", len(list))
	}
	if got := list[0].GetAttributeValue("cn"); got != "Inès Müller (ines2)" {
		t.Errorf("common name = %q, want one that nobody has anywhere", got)
	}
}

// TestAControllerThatCameBackCounts: it was gone, is used again, makes an account
// and is gone again. What it had the first time has arrived, this account has not.
func TestAControllerThatCameBackCounts(t *testing.T) {
	t.Parallel()
	const replication = 2 * time.Second
	a := controllersApart(t, replication)
	a.lines[0].Down()
	ensure(t, a.d, joiner(a.places[0], 1))
	a.d.Close()
	a.lines[0].Up()
	a.lines[1].Down()
	ensure(t, a.d, joiner(a.places[0], 2))
	a.d.Close()
	a.lines[1].Up()
	a.lines[0].Down()
	if found, err := a.d.AccountsByEmployeeID(t.Context(), "E2"); !errors.Is(err, directory.ErrUnavailable) {
		t.Errorf("look by number at the other controller: %v, %v, want unavailable", found, err)
	}
}

// TestAPassIsNotTakenForEnded by a controller that has not heard of the account, or
// of the pass.
func TestAPassIsNotTakenForEnded(t *testing.T) {
	t.Parallel()
	a := controllersApart(t, forever)
	made := ensure(t, a.d, joiner(a.places[0], 1))
	pass, secret, err := a.d.IssuePass(t.Context(), made.ID, firstDay())
	if err != nil {
		t.Fatal(err)
	}
	a.lines[1].Down()
	if err := a.d.DeletePass(t.Context(), made.ID, "password-99"); !errors.Is(err, directory.ErrUnavailable) {
		t.Errorf("delete a pass that is newer than what is known: %v, want unavailable", err)
	}
	a.lines[1].Up()
	a.lines[0].Down()
	a.d.Close()
	if err := a.d.DeletePass(t.Context(), made.ID, pass.ID); !errors.Is(err, directory.ErrUnavailable) {
		t.Errorf("delete the pass at the other controller: %v, want unavailable", err)
	}
	if got := a.places[0].SignIn(t, made.UserName, secret.Reveal()); got != replaceIt {
		t.Errorf("sign in: %q, want %s, the pass is good", got, replaceIt)
	}
}
