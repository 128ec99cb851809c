package dirtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory"
)

func listCases() []testCase {
	return []testCase{
		{"list every live account once", needs(needRemover(), needLister()), listLive},
		{"list no guests", needs(needWriter(), needLister(), needGuest()), listNoGuests},
		{"end a list at the visitor's error", needs(needWriter(), needLister()), listUntilError},
		{"end a list with its context", needs(needWriter(), needLister()), listCancelled},
		{"list again after a refusal", needs(needLister(), needFaults()), listAgain},
		{"refuse writes to a synced account", needs(needWriter(), needSynced()), syncedAccount},
	}
}

func needLister() need {
	return need{"account lister", func(s suite) bool { return s.Lister != nil }}
}

func needGuest() need {
	return need{NeedGuest, func(s suite) bool { return s.AddGuest != nil }}
}

func needSynced() need {
	return need{NeedSynced, func(s suite) bool { return s.AddSynced != nil }}
}

// listed is how many accounts the cases list: more than one page where pages
// are small.
const listed = 5

func (s suite) listAll(t *testing.T) []directory.Account {
	t.Helper()
	var out []directory.Account
	err := s.Lister.ListAccounts(t.Context(), func(a directory.Account) error {
		out = append(out, a)
		return nil
	})
	mustDo(t, "list accounts", err)
	return out
}

func listLive(s suite) {
	t := s.t
	if got := s.listAll(t); len(got) != 0 {
		t.Errorf("accounts of an empty directory = %v, want none", ids(got))
	}
	boss := s.create(t, s.person("boss", "E0"))
	want := []string{boss.ID}
	for i := range listed {
		in := s.person(fmt.Sprintf("zoe%d", i), "E1") // one number may be there several times
		in.ManagerID, in.Enabled = boss.ID, i%2 == 0
		want = append(want, s.create(t, in).ID)
	}
	want = append(want, s.create(t, s.person("unnumbered", "")).ID)
	gone := s.create(t, s.person("gone", "E2"))
	mustDo(t, "delete", s.Remover.DeleteAccount(t.Context(), gone.ID))
	got := s.listAll(t)
	slices.Sort(want)
	if diff := cmp.Diff(want, ids(got)); diff != "" {
		t.Fatalf("accounts differ (-want +got):\n%s", diff)
	}
	for _, a := range got {
		read := s.read(t, a.ID)
		if diff := cmp.Diff(read, a); diff != "" {
			t.Errorf("listed account differs from the one that is read (-read +listed):\n%s", diff)
		}
	}
}

func listNoGuests(s suite) {
	t := s.t
	s.AddGuest(t)
	a := s.create(t, s.person("zoe", "E1"))
	if diff := cmp.Diff([]string{a.ID}, ids(s.listAll(t))); diff != "" {
		t.Errorf("accounts differ (-want +got):\n%s", diff)
	}
}

func listUntilError(s suite) {
	t := s.t
	for i := range listed {
		s.create(t, s.person(fmt.Sprintf("zoe%d", i), ""))
	}
	enough := errors.New("enough")
	visited := 0
	err := s.Lister.ListAccounts(t.Context(), func(directory.Account) error {
		visited++
		if visited == 2 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || visited != 2 {
		t.Errorf("error = %v after %d accounts, want the visitor's after 2", err, visited)
	}
}

func listCancelled(s suite) {
	t := s.t
	s.create(t, s.person("zoe", "E1"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := s.Lister.ListAccounts(ctx, func(directory.Account) error {
		t.Error("an account was visited after the end of the context")
		return nil
	})
	wantErr(t, "list with a cancelled context", err, context.Canceled)
}

func listAgain(s suite) {
	t := s.t
	s.create(t, s.person("zoe", "E1"))
	nobody := func(directory.Account) error { return nil }
	if !s.NoThrottling {
		s.Inject(t, directory.VerbListAccounts, Throttled)
		wantThrottled(t, "list", s.Lister.ListAccounts(t.Context(), nobody))
	}
	s.Inject(t, directory.VerbListAccounts, Unavailable)
	wantErr(t, "list at a broken gateway", s.Lister.ListAccounts(t.Context(), nobody), directory.ErrUnavailable)
	if got := s.listAll(t); len(got) != 1 {
		t.Errorf("accounts = %v, want one", ids(got))
	}
}

func syncedAccount(s suite) {
	t := s.t
	id := s.AddSynced(t)
	before := s.read(t, id)
	if !before.Synced || before.Enabled {
		t.Fatalf("account = %+v, want a synced one that is disabled", before)
	}
	boss := s.create(t, s.person("boss", "E1"))
	enabled := true
	for what, change := range map[string]directory.Change{
		"an attribute": {Set: map[string]string{jobTitle: "Lead"}},
		"a number":     {Set: map[string]string{directory.EmployeeIDAttribute: "E9"}},
		"its name":     {Set: map[string]string{directory.UserNameAttribute: "other@" + s.Domain}},
		"nothing":      {Clear: []string{department}},
		"its state":    {Enabled: &enabled},
	} {
		wantErr(t, "write "+what, s.Writer.UpdateAccount(t.Context(), id, change), directory.ErrInvalid)
	}
	wantErr(t, "set its manager", s.Writer.SetManager(t.Context(), id, boss.ID), directory.ErrInvalid)
	if diff := cmp.Diff(before, s.read(t, id)); diff != "" {
		t.Errorf("a refused write changed the account (-before +after):\n%s", diff)
	}
	// What belongs to the cloud can be written.
	mustDo(t, "write its usage location", s.Writer.UpdateAccount(t.Context(), id, directory.Change{
		Set: map[string]string{usageLocation: "AT"},
	}))
	if s.Sessions != nil {
		mustDo(t, "revoke its sessions", s.Sessions.RevokeSessions(t.Context(), id))
	}
	if needGroups().has(s) {
		mustDo(t, "add it to a group", s.Target.Groups.AddToGroup(t.Context(), id, s.assigned()))
	}
}
