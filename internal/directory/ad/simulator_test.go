package ad_test

import (
	"slices"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/adtest"
	"tenure/internal/directory/dirtest"
	simulated "tenure/internal/sim/ad"
	"tenure/internal/sim/fault"
)

// restoreWindow is how long the simulator's recycle bin keeps an account.
const restoreWindow = 180 * 24 * time.Hour

// simulatedRule is the request of a verb that a mishap hits.
func simulatedRule(verb directory.Verb, mishap dirtest.Fault) fault.Rule {
	rule := map[directory.Verb]fault.Rule{
		directory.VerbCreateAccount:   {Method: simulated.OpAdd, Path: "/user"},
		directory.VerbUpdateAccount:   {Method: simulated.OpModify, Path: "/user/**"},
		directory.VerbReplacePassword: {Method: simulated.OpModify, Path: "/user/**"},
		directory.VerbIssuePass:       {Method: simulated.OpModify, Path: "/user/**"},
		directory.VerbDeletePass:      {Method: simulated.OpModify, Path: "/user/**"},
		directory.VerbSetManager:      {Method: simulated.OpModify, Path: "/user/manager"},
		directory.VerbDeleteAccount:   {Method: simulated.OpDelete, Path: "/user"},
		directory.VerbRestoreAccount:  {Method: simulated.OpModify, Path: "/deleted/**"},
		directory.VerbAddToGroup:      {Method: simulated.OpModify, Path: "/group/member"},
		directory.VerbRemoveFromGroup: {Method: simulated.OpModify, Path: "/group/member"},
	}[verb]
	if rule.Method == "" {
		rule.Method = simulated.OpSearch
	}
	rule.Kind = fault.Unavailable
	if mishap == dirtest.LostAnswer {
		rule.Kind = fault.Lost
	}
	return rule
}

func simulatedFixture(t *testing.T) dirtest.Fixture {
	t.Helper()
	s, controller := adtest.Simulated(t, simulated.Options{})
	place := controller.NewPlace(t)
	cfg := place.Config(t)
	cfg.RestoreWindow = restoreWindow
	return dirtest.Fixture{
		Directory: connect(t, cfg), Domain: place.Suffix, Names: names(),
		Groups: map[directory.GroupKind]string{
			directory.GroupAssigned:       place.AddGroup(t, "team", false),
			directory.GroupRoleAssignable: place.AddGroup(t, "admins", true),
		},
		OuterGroup:   place.AddGroup(t, "everybody", false),
		NoThrottling: true, NoPassTerms: true,
		Inject: func(t *testing.T, verb directory.Verb, mishap dirtest.Fault) {
			t.Helper()
			if err := s.Faults().Add(simulatedRule(verb, mishap)); err != nil {
				t.Fatal(err)
			}
		},
		Advance:   func(_ *testing.T, by time.Duration) { s.Advance(by) },
		Now:       s.Now,
		Passwords: func(*testing.T, string) int { return passwordsSet(s) },
		AnchorOf:  func(t *testing.T, id string) string { t.Helper(); return place.AnchorOf(t, id) },
		SetAnchor: func(t *testing.T, id string) string { t.Helper(); return place.SetAnchor(t, id) },
		Guard:     func(t *testing.T, id string) { t.Helper(); place.Set(t, "<GUID="+id+">", "adminCount", "1") },
		Join:      func(t *testing.T, id, groupID string) { t.Helper(); place.Join(t, id, groupID) },
		Own:       func(t *testing.T, id, groupID string) { t.Helper(); place.Own(t, id, groupID) },
	}
}

// passwordsSet counts the passwords of everybody.
func passwordsSet(s *simulated.Server) int {
	n := 0
	for _, line := range s.Requests() {
		if line.Op == simulated.OpModify && line.Code == 0 && slices.Contains(line.Attributes, "unicodepwd") {
			n++
		}
	}
	return n
}

// TestConformanceOnSimulator runs the suite against a domain that is stricter
// than Samba, has a recycle bin that works and a clock that can be moved.
func TestConformanceOnSimulator(t *testing.T) {
	t.Parallel()
	dirtest.Run(t, dirtest.Harness{New: simulatedFixture, Lacks: []dirtest.Need{
		dirtest.NeedLicenses, dirtest.NeedGroupSKU, dirtest.NeedExhausted, // the cloud's
		dirtest.NeedFacts,                                                             // set by people who sign in, in tests of its own
		dirtest.NeedSessions,                                                          // the cloud's
		dirtest.NeedRoles, dirtest.NeedSynced, dirtest.NeedAnchors, dirtest.NeedGuest, // the cloud's
		dirtest.NeedThrottling, // a controller does not ask to wait
	}})
}

// TestCreateAsksLittle counts what a create takes: the same writes as by hand,
// and two looks at most.
func TestCreateAsksLittle(t *testing.T) {
	t.Parallel()
	s, controller := adtest.Simulated(t, simulated.Options{})
	place := controller.NewPlace(t)
	d := connect(t, place.Config(t))
	in := directory.NewAccount{
		EmployeeID: "E1", UserName: "zoe@" + place.Suffix, Enabled: true,
		Attributes: map[string]string{"displayName": "Zoë Doe", "givenName": "Zoë", "sn": "Doe", "title": "Lead"},
	}
	s.ResetRequests()
	if _, err := d.CreateAccount(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	got := s.Counts()
	if got[simulated.OpAdd] != 1 || got[simulated.OpModify] > 2 || got[simulated.OpSearch] > 2 {
		t.Errorf("a create asked for %v, want one add, two modifies and two searches at most", got)
	}
}
