package entra_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/sim/fault"
	"tenure/internal/sim/graph"
)

// TestWhatIsNotKnownAndShownIsNotGone: a part of Graph that has not heard of an
// object answers 404 to its removal.
func TestWhatIsNotKnownAndShownIsNotGone(t *testing.T) {
	t.Parallel()
	s := newSimulator(t, graph.Options{})
	d := connect(t, configFor(s))
	group := graph.SeedID(string(directory.GroupAssigned))
	boss, err := d.CreateAccount(t.Context(), newHire("boss", "E1"))
	if err != nil {
		t.Fatal(err)
	}
	in := newHire("zoe", "E2")
	in.ManagerID = boss.ID
	made, err := d.CreateAccount(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.AddToGroup(t.Context(), made.ID, group); err != nil {
		t.Fatal(err)
	}
	pass, _, err := d.IssuePass(t.Context(), made.ID, directory.PassRequest{Lifetime: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, path string
		remove     func() error
		left       func(graph.UserState) bool
	}{
		{
			"member", "/v1.0/groups/*/members/*/$ref", func() error { return d.RemoveFromGroup(t.Context(), made.ID, group) },
			func(u graph.UserState) bool { return len(u.Groups) > 0 },
		},
		{
			"pass", "/v1.0/users/*/authentication/temporaryAccessPassMethods/*", func() error { return d.DeletePass(t.Context(), made.ID, pass.ID) },
			func(u graph.UserState) bool { return len(u.Passes) > 0 },
		},
		{
			"manager", "/v1.0/users/*/manager/$ref", func() error { return d.SetManager(t.Context(), made.ID, "") },
			func(u graph.UserState) bool { return u.Manager != "" },
		},
		{
			"account", "/v1.0/users/*", func() error { return d.DeleteAccount(t.Context(), made.ID) },
			func(graph.UserState) bool { return true },
		},
	} {
		if err := s.SetFaults(fault.Rule{Method: http.MethodDelete, Path: tt.path, Kind: fault.NotFound}); err != nil {
			t.Fatal(err)
		}
		if err := tt.remove(); !errors.Is(err, directory.ErrUnavailable) {
			t.Errorf("%s: %v, want unavailable: it is still there", tt.name, err)
		}
		if err := tt.remove(); err != nil {
			t.Errorf("%s: the next attempt: %v", tt.name, err)
		}
		if err := tt.remove(); err != nil {
			t.Errorf("%s: of what is gone: %v", tt.name, err)
		}
		if slices.ContainsFunc(s.State().Users, func(u graph.UserState) bool { return u.ID == made.ID && tt.left(u) }) {
			t.Errorf("%s is left", tt.name)
		}
	}
}
