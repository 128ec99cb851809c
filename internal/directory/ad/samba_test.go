package ad_test

import (
	"testing"

	"tenure/internal/directory"
	"tenure/internal/directory/ad"
	"tenure/internal/directory/ad/adtest"
	"tenure/internal/directory/dirtest"
)

// connect makes a target and closes it with the test.
func connect(t *testing.T, cfg ad.Config) *ad.Directory {
	t.Helper()
	d, err := ad.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// names are Active Directory's for the suite's.
func names() map[string]string {
	return map[string]string{"surname": "sn", "jobTitle": "title", "usageLocation": "c", "mobilePhone": "mobile"}
}

// operations are the requests that do a verb's work.
func operations() map[directory.Verb]adtest.Operation {
	return map[directory.Verb]adtest.Operation{
		directory.VerbCreateAccount: adtest.Add, directory.VerbUpdateAccount: adtest.Modify,
		directory.VerbSetManager: adtest.Modify, directory.VerbDeleteAccount: adtest.Delete,
		directory.VerbRestoreAccount: adtest.Modify, directory.VerbAddToGroup: adtest.Modify,
		directory.VerbRemoveFromGroup: adtest.Modify, directory.VerbReplacePassword: adtest.Modify,
		directory.VerbIssuePass: adtest.Modify, directory.VerbDeletePass: adtest.Modify,
	}
}

func operation(verb directory.Verb) adtest.Operation {
	if o, ok := operations()[verb]; ok {
		return o
	}
	return adtest.Search
}

func sambaFixture(t *testing.T) dirtest.Fixture {
	t.Helper()
	place := adtest.Samba(t).NewPlace(t)
	cutter := place.NewCutter(t)
	return dirtest.Fixture{
		Directory: connect(t, place.Through(t, cutter)), Domain: place.Suffix, Names: names(),
		Groups: map[directory.GroupKind]string{
			directory.GroupAssigned:       place.AddGroup(t, "team", false),
			directory.GroupRoleAssignable: place.AddGroup(t, "admins", true),
		},
		OuterGroup:   place.AddGroup(t, "everybody", false),
		NoThrottling: true, NoPassTerms: true,
		Inject: func(_ *testing.T, verb directory.Verb, fault dirtest.Fault) {
			mishap := adtest.CutBefore
			if fault == dirtest.LostAnswer {
				mishap = adtest.CutAfter
			}
			cutter.Plant(operation(verb), mishap)
		},
		Passwords: func(t *testing.T, id string) int { t.Helper(); return place.Passwords(t, id) },
		AnchorOf:  func(t *testing.T, id string) string { t.Helper(); return place.AnchorOf(t, id) },
		SetAnchor: func(t *testing.T, id string) string { t.Helper(); return place.SetAnchor(t, id) },
		Guard:     func(t *testing.T, id string) { t.Helper(); place.Set(t, "<GUID="+id+">", "adminCount", "1") },
		Join:      func(t *testing.T, id, groupID string) { t.Helper(); place.Join(t, id, groupID) },
		Own:       func(t *testing.T, id, groupID string) { t.Helper(); place.Own(t, id, groupID) },
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	dirtest.Run(t, dirtest.Harness{New: sambaFixture, Lacks: lacks()})
}

// lacks is what Active Directory does not have, or Samba of it.
func lacks() []dirtest.Need {
	return []dirtest.Need{
		dirtest.NeedLicenses, dirtest.NeedGroupSKU, dirtest.NeedExhausted, // the cloud's
		dirtest.NeedFacts,                                                             // set by people who sign in, in tests of its own
		dirtest.NeedSessions,                                                          // the cloud's
		dirtest.NeedRoles, dirtest.NeedSynced, dirtest.NeedAnchors, dirtest.NeedGuest, // the cloud's
		dirtest.NeedThrottling, // a controller does not ask to wait
		dirtest.NeedRestore,    // Samba 4.17 cannot restore from its recycle bin
		dirtest.NeedClock,      // Samba's is the machine's
	}
}
