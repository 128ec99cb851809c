package dirtest

import (
	"slices"
	"strings"

	"tenure/internal/directory"
)

func anchorCases() []testCase {
	return []testCase{
		{"find a synced account by its anchor", needs(needAnchors(), needSynced()), findByAnchor},
		{"find nothing by an anchor of nobody", needs(needAnchors(), needWriter()), findNoAnchor},
		{"look by anchor again after a refusal", needs(needAnchors(), needSynced(), needFaults()), anchorAgain},
		{"tell the anchor of an account", needs(needWriter(), needOrigin()), tellAnchor},
	}
}

func needAnchors() need {
	return need{NeedAnchors, func(s suite) bool { return s.Anchors != nil }}
}

func needOrigin() need {
	return need{NeedOrigin, func(s suite) bool { return s.AnchorOf != nil && s.SetAnchor != nil }}
}

func findByAnchor(s suite) {
	t := s.t
	want := s.read(t, s.AddSynced(t))
	if want.Anchor == "" {
		t.Fatalf("account = %+v, want the anchor of a synced one", want)
	}
	s.create(t, s.person("zoe", want.EmployeeID))
	got, err := s.Anchors.AccountsByAnchor(t.Context(), want.Anchor)
	mustDo(t, "look by anchor", err)
	if len(got) != 1 || got[0].ID != want.ID || !got[0].Synced || got[0].Anchor != want.Anchor || got[0].UserName != want.UserName {
		t.Errorf("accounts = %+v, want %+v alone", got, want)
	}
	// An anchor is no text: case tells two apart.
	other := strings.ToUpper(want.Anchor)
	if other == want.Anchor {
		other = strings.ToLower(want.Anchor)
	}
	got, err = s.Anchors.AccountsByAnchor(t.Context(), other)
	if err != nil || len(got) != 0 {
		t.Errorf("accounts of the anchor in other case = %v, %v, want none", ids(got), err)
	}
}

func findNoAnchor(s suite) {
	t := s.t
	s.create(t, s.person("zoe", "E1"))
	for _, anchor := range []string{"", "AAAAAAAAAAAAAAAAAAAAAA==", "o'neil"} {
		got, err := s.Anchors.AccountsByAnchor(t.Context(), anchor)
		if err != nil || len(got) != 0 {
			t.Errorf("accounts of anchor %q = %v, %v, want none", anchor, ids(got), err)
		}
	}
}

func anchorAgain(s suite) {
	t := s.t
	want := s.read(t, s.AddSynced(t))
	s.Inject(t, directory.VerbAccountsByAnchor, Unavailable)
	_, err := s.Anchors.AccountsByAnchor(t.Context(), want.Anchor)
	wantErr(t, "look by anchor at a broken gateway", err, directory.ErrUnavailable)
	got, err := s.Anchors.AccountsByAnchor(t.Context(), want.Anchor)
	mustDo(t, "look by anchor again", err)
	if !slices.Equal(ids(got), []string{want.ID}) {
		t.Errorf("accounts = %v, want %s", ids(got), want.ID)
	}
}

// tellAnchor: what a synchronisation takes where nothing else is stated, and
// what an administrator states.
func tellAnchor(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	if want := s.AnchorOf(t, a.ID); a.Anchor != want || want == "" || s.read(t, a.ID).Anchor != want {
		t.Errorf("anchor = %q at the create and %q then, want %q", a.Anchor, s.read(t, a.ID).Anchor, want)
	}
	stated := s.SetAnchor(t, a.ID)
	byNumber, err := s.AccountsByEmployeeID(t.Context(), "E1")
	mustDo(t, "look by employee number", err)
	if got := s.read(t, a.ID).Anchor; got != stated || stated == a.Anchor || len(byNumber) != 1 || byNumber[0].Anchor != stated {
		t.Errorf("anchor = %q and %+v, want %q", got, byNumber, stated)
	}
}
