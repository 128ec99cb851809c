package dirtest

import (
	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory"
)

func passwordCases() []testCase {
	return []testCase{
		{"replace a password twice", needs(needWriter(), needPasswords()), replacePassword},
		{"replace no password of a guarded account", needs(needWriter(), needPasswords(), needGuarded()), replaceGuarded},
		{"replace a password again after a lost answer", needs(needWriter(), needPasswords(), needFaults()), replaceAgain},
	}
}

func needPasswords() need {
	return need{NeedPasswords, func(s suite) bool { return s.Target.Passwords != nil && s.Fixture.Passwords != nil }}
}

func replacePassword(s suite) {
	t := s.t
	for _, enabled := range []bool{true, false} {
		in := s.person("zoe", "E1")
		if !enabled {
			in = s.person("nora", "E2")
		}
		in.Enabled = enabled
		a := s.create(t, in)
		shown, had := s.read(t, a.ID), s.Fixture.Passwords(t, a.ID)
		mustDo(t, "replace password", s.Target.Passwords.ReplacePassword(t.Context(), a.ID))
		if got := s.Fixture.Passwords(t, a.ID); got != had+2 {
			t.Errorf("the account has had %d passwords, want two more than %d", got, had)
		}
		if diff := cmp.Diff(shown, s.read(t, a.ID)); diff != "" {
			t.Errorf("more than the password changed (-before +after):\n%s", diff)
		}
		mustDo(t, "replace password again", s.Target.Passwords.ReplacePassword(t.Context(), a.ID))
	}
	wantErr(t, "replace the password of an unknown account", s.Target.Passwords.ReplacePassword(t.Context(), unknownID), directory.ErrNotFound)
}

func replaceGuarded(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	s.Guard(t, a.ID)
	had := s.Fixture.Passwords(t, a.ID)
	wantErr(t, "replace password", s.Target.Passwords.ReplacePassword(t.Context(), a.ID), directory.ErrProtected)
	if got := s.Fixture.Passwords(t, a.ID); got != had {
		t.Errorf("a guarded account has had %d passwords, want the %d of before", got, had)
	}
}

func replaceAgain(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	had := s.Fixture.Passwords(t, a.ID)
	s.Inject(t, directory.VerbReplacePassword, LostAnswer)
	wantErr(t, "replace password", s.Target.Passwords.ReplacePassword(t.Context(), a.ID), directory.ErrUnavailable)
	mustDo(t, "replace password again", s.Target.Passwords.ReplacePassword(t.Context(), a.ID))
	if got := s.Fixture.Passwords(t, a.ID); got < had+3 {
		t.Errorf("the account has had %d passwords, want three more than %d at least", got, had)
	}
}
