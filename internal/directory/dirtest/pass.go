package dirtest

import (
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory"
)

func passCases() []testCase {
	return []testCase{
		{"issue and delete a pass", needs(needWriter(), needPasses()), issueAndDelete},
		{"keep one pass only", needs(needWriter(), needPasses()), onePass},
		{"tell the sign-in facts", needs(needWriter(), needPasses(), needFacts()), signInFacts},
		{"revoke sessions twice", needs(needWriter(), needSessions()), revokeSessions},
	}
}

func needFacts() need {
	return need{NeedFacts, func(s suite) bool { return s.SetSignInFacts != nil }}
}

func needSessions() need {
	return need{NeedSessions, func(s suite) bool { return s.Sessions != nil }}
}

func (s suite) passRequest() directory.PassRequest {
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	// A start in another zone must arrive as the same instant.
	start := now().Add(time.Hour).Truncate(time.Second).In(time.FixedZone("UTC+14", 14*60*60))
	return directory.PassRequest{Start: start, Lifetime: 8 * time.Hour, Once: true}
}

func issueAndDelete(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	in := s.passRequest()
	pass, secret, err := s.Passes.IssuePass(t.Context(), a.ID, in)
	mustDo(t, "issue pass", err)
	if len(secret.Reveal()) < 8 {
		t.Errorf("secret has %d characters, want 8 or more", len(secret.Reveal()))
	}
	if pass.ID == "" || !pass.Start.Equal(in.Start) || pass.Lifetime != in.Lifetime || !pass.Once || pass.Usable != s.NoPassTerms {
		t.Errorf("pass = %+v, want what was asked and not usable yet", pass)
	}
	list, err := s.Passes.Passes(t.Context(), a.ID)
	mustDo(t, "list passes", err)
	if len(list) != 1 || list[0].ID != pass.ID || !s.NoPassTerms && !list[0].Start.Equal(in.Start) {
		t.Errorf("passes = %+v, want the one issued", list)
	}
	for range 2 {
		mustDo(t, "delete pass", s.Passes.DeletePass(t.Context(), a.ID, pass.ID))
	}
	mustDo(t, "delete the pass of nobody", s.Passes.DeletePass(t.Context(), unknownID, pass.ID))
	list, err = s.Passes.Passes(t.Context(), a.ID)
	if err != nil || len(list) != 0 {
		t.Errorf("passes after delete = %+v, %v, want none", list, err)
	}
	_, _, err = s.Passes.IssuePass(t.Context(), unknownID, in)
	wantErr(t, "issue a pass to nobody", err, directory.ErrNotFound)
}

func onePass(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	first, firstSecret, err := s.Passes.IssuePass(t.Context(), a.ID, s.passRequest())
	mustDo(t, "issue the first pass", err)
	second, secondSecret, err := s.Passes.IssuePass(t.Context(), a.ID, s.passRequest())
	mustDo(t, "issue the second pass", err)
	if firstSecret == secondSecret {
		t.Error("two passes have the same secret")
	}
	list, err := s.Passes.Passes(t.Context(), a.ID)
	mustDo(t, "list passes", err)
	if len(list) != 1 || list[0].ID != second.ID {
		t.Errorf("passes = %+v, want only the second (%s), not the first (%s)", list, second.ID, first.ID)
	}
}

func signInFacts(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	_, _, err := s.Passes.IssuePass(t.Context(), a.ID, s.passRequest())
	mustDo(t, "issue pass", err)
	for _, want := range []directory.SignInFacts{
		{}, {SignedIn: true}, {OtherMethods: 1, SignedIn: true, HasRole: true},
	} {
		s.SetSignInFacts(t, a.ID, want)
		got, err := s.Passes.SignInFacts(t.Context(), a.ID)
		mustDo(t, "read sign-in facts", err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("facts differ (-want +got):\n%s", diff)
		}
	}
	_, err = s.Passes.SignInFacts(t.Context(), unknownID)
	wantErr(t, "facts of nobody", err, directory.ErrNotFound)
}

func revokeSessions(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	for range 2 {
		mustDo(t, "revoke sessions", s.Sessions.RevokeSessions(t.Context(), a.ID))
	}
	wantErr(t, "revoke the sessions of nobody", s.Sessions.RevokeSessions(t.Context(), unknownID), directory.ErrNotFound)
}

// leaks reports which of the values shows in an error's text.
func leaks(err error, values ...string) string {
	for _, v := range values {
		if v != "" && strings.Contains(strings.ToLower(err.Error()), strings.ToLower(v)) {
			return v
		}
	}
	return ""
}
