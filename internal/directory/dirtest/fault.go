package dirtest

import (
	"context"
	"errors"
	"testing"

	"tenure/internal/directory"
)

func faultCases() []testCase {
	return []testCase{
		{"throttled once then fine", needs(needFaults(), needThrottling()), throttledOnce},
		{"unavailable once then fine", needs(needFaults()), unavailableOnce},
		{"lost answer of a create", needs(needFaults()), lostCreate},
		{"lost answers of writes", needs(needFaults()), lostWrites},
		{"lost answer of a delete and a restore", needs(needFaults(), needRemover(), needRestore()), lostDelete},
		{"lost answers of group changes", needs(needFaults(), needGroups()), lostGroupChanges},
		{"lost answer of a licence change", needs(needFaults(), needLicenses()), lostLicenseChange},
		{"lost answer of a pass", needs(needFaults(), needPasses()), lostPass},
	}
}

func errorCases() []testCase {
	return []testCase{
		{"cancelled context", needs(needWriter()), cancelled},
		{"no value in an error", needs(needWriter()), noValueInErrors},
	}
}

func throttledOnce(s suite) {
	t := s.t
	in := s.person("zoe", "E1")
	s.Inject(t, directory.VerbCreateAccount, Throttled)
	_, err := s.Writer.CreateAccount(t.Context(), in)
	wantThrottled(t, "create", err)
	a := s.create(t, in)
	s.Inject(t, directory.VerbAccount, Throttled)
	_, err = s.Account(t.Context(), a.ID)
	wantThrottled(t, "read", err)
	s.read(t, a.ID)
	s.Inject(t, directory.VerbUpdateAccount, Throttled)
	change := directory.Change{Set: map[string]string{jobTitle: "Lead"}}
	wantThrottled(t, "update", s.Writer.UpdateAccount(t.Context(), a.ID, change))
	mustDo(t, "update", s.Writer.UpdateAccount(t.Context(), a.ID, change))
	wantAttributes(t, s.read(t, a.ID), change.Set)
}

func wantThrottled(t *testing.T, what string, err error) {
	t.Helper()
	wantErr(t, what, err, directory.ErrUnavailable)
	var throttled *directory.ThrottledError
	if !errors.As(err, &throttled) {
		t.Fatalf("%s: error %v is no *ThrottledError", what, err)
	}
	if throttled.After != ThrottleAfter {
		t.Errorf("%s: wait = %s, want %s", what, throttled.After, ThrottleAfter)
	}
}

func unavailableOnce(s suite) {
	t := s.t
	in := s.person("zoe", "E1")
	s.Inject(t, directory.VerbCreateAccount, Unavailable)
	_, err := s.Writer.CreateAccount(t.Context(), in)
	wantErr(t, "create at a broken gateway", err, directory.ErrUnavailable)
	found, err := s.AccountsByEmployeeID(t.Context(), "E1")
	if err != nil || len(found) != 0 {
		t.Errorf("accounts after a refused create = %v, %v, want none", found, err)
	}
	s.create(t, in)
}

// lost plants a lost answer and checks that the call reports one.
func (s suite) lost(t *testing.T, verb directory.Verb, call func() error) {
	t.Helper()
	s.Inject(t, verb, LostAnswer)
	wantErr(t, string(verb)+" with a lost answer", call(), directory.ErrUnavailable)
}

func lostCreate(s suite) {
	t := s.t
	in := s.person("zoe", "E1")
	s.lost(t, directory.VerbCreateAccount, func() error {
		_, err := s.Writer.CreateAccount(t.Context(), in)
		return err
	})
	byNumber, err := s.AccountsByEmployeeID(t.Context(), "E1")
	mustDo(t, "look by employee number", err)
	byName, err := s.AccountByUserName(t.Context(), in.UserName)
	mustDo(t, "look by user name", err)
	if len(byNumber) != 1 || byNumber[0].ID != byName.ID {
		t.Errorf("found %v by number and %s by name, want the same one account", ids(byNumber), byName.ID)
	}
	_, err = s.Writer.CreateAccount(t.Context(), in)
	wantConflict(t, "create again without looking", err)
}

func lostWrites(s suite) {
	t := s.t
	boss := s.create(t, s.person("boss", "E1"))
	a := s.create(t, s.person("zoe", "E2"))
	change := directory.Change{Set: map[string]string{jobTitle: "Lead"}, Clear: []string{department}}
	update := func() error { return s.Writer.UpdateAccount(t.Context(), a.ID, change) }
	s.lost(t, directory.VerbUpdateAccount, update)
	wantAttributes(t, s.read(t, a.ID), map[string]string{jobTitle: "Lead", department: ""})
	mustDo(t, "update again", update())
	link := func() error { return s.Writer.SetManager(t.Context(), a.ID, boss.ID) }
	s.lost(t, directory.VerbSetManager, link)
	if got := s.read(t, a.ID).ManagerID; got != boss.ID {
		t.Errorf("manager = %q, want %q", got, boss.ID)
	}
	mustDo(t, "set manager again", link())
}

func lostDelete(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	remove := func() error { return s.Remover.DeleteAccount(t.Context(), a.ID) }
	s.lost(t, directory.VerbDeleteAccount, remove)
	mustDo(t, "delete again", remove())
	deleted, err := s.Remover.DeletedAccounts(t.Context(), "E1")
	if err != nil || len(deleted) != 1 {
		t.Errorf("deleted = %v, %v, want one", deleted, err)
	}
	restoreAgain := func() error {
		_, err := s.Remover.RestoreAccount(t.Context(), a.ID, "")
		return err
	}
	s.lost(t, directory.VerbRestoreAccount, restoreAgain)
	mustDo(t, "restore again", restoreAgain())
	s.read(t, a.ID)
}

func lostGroupChanges(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	for _, step := range []struct {
		verb directory.Verb
		call func() error
		want int
	}{
		{directory.VerbAddToGroup, func() error { return s.Target.Groups.AddToGroup(t.Context(), a.ID, s.assigned()) }, 1},
		{directory.VerbRemoveFromGroup, func() error { return s.Target.Groups.RemoveFromGroup(t.Context(), a.ID, s.assigned()) }, 0},
	} {
		s.lost(t, step.verb, step.call)
		mustDo(t, string(step.verb)+" again", step.call())
		got, err := s.Target.Groups.Memberships(t.Context(), a.ID)
		if err != nil || len(got) != step.want {
			t.Errorf("after %s: memberships = %v, %v, want %d", step.verb, got, err, step.want)
		}
	}
}

func lostLicenseChange(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	change := func() error { return s.Licenses.ChangeLicenses(t.Context(), a.ID, []string{s.SKU}, nil) }
	s.lost(t, directory.VerbChangeLicenses, change)
	mustDo(t, "change again", change())
	wantLicenses(t, s, a.ID, directory.License{SKU: s.SKU})
}

func lostPass(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	s.lost(t, directory.VerbIssuePass, func() error {
		_, secret, err := s.Passes.IssuePass(t.Context(), a.ID, s.passRequest())
		if secret.Reveal() != "" {
			t.Error("a secret came with the error")
		}
		return err
	})
	pass, _, err := s.Passes.IssuePass(t.Context(), a.ID, s.passRequest())
	mustDo(t, "issue again", err)
	list, err := s.Passes.Passes(t.Context(), a.ID)
	if err != nil || len(list) != 1 || list[0].ID != pass.ID {
		t.Errorf("passes = %v, %v, want only %s", list, err, pass.ID)
	}
}

func cancelled(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Account(ctx, a.ID)
	wantErr(t, "read with a cancelled context", err, context.Canceled)
	_, err = s.Writer.CreateAccount(ctx, s.person("late", "E2"))
	wantErr(t, "create with a cancelled context", err, context.Canceled)
	found, err := s.AccountsByEmployeeID(t.Context(), "E2")
	if err != nil || len(found) != 0 {
		t.Errorf("accounts after a cancelled create = %v, %v, want none", found, err)
	}
}

func noValueInErrors(s suite) {
	t := s.t
	in := s.person("zoe.secretive", "E4711")
	a := s.create(t, in)
	values := []string{
		in.UserName, "zoe.secretive", in.EmployeeID, in.Attributes[displayName], in.Attributes[surname],
		in.Attributes[jobTitle], "0049-30-99",
	}
	_, taken := s.Writer.CreateAccount(t.Context(), in)
	_, free := s.AccountByUserName(t.Context(), "zoe.secretive2@"+s.Domain)
	errs := []error{
		taken, free,
		s.Writer.UpdateAccount(t.Context(), unknownID, directory.Change{Set: map[string]string{jobTitle: in.Attributes[jobTitle]}}),
		s.Writer.UpdateAccount(t.Context(), a.ID, directory.Change{
			Set: map[string]string{jobTitle: "", surname: in.Attributes[surname], "mobilePhone": "0049-30-99"},
		}),
	}
	for i, err := range errs {
		if err == nil {
			t.Errorf("call %d gave no error, want one", i)
			continue
		}
		if got := leaks(err, values...); got != "" {
			t.Errorf("error %q shows the value %q", err, got)
		}
	}
}
