package dirtest

import (
	"slices"
	"testing"
	"time"

	"tenure/internal/directory"
)

// ThrottleAfter is the wait that a Throttled fault asks for.
const ThrottleAfter = 7 * time.Second

// Fault is a mishap that a fixture plants for the next call of a verb.
type Fault string

// The mishaps.
const (
	// Throttled refuses the call and asks to wait for ThrottleAfter.
	Throttled Fault = "throttled"
	// Unavailable refuses the call as a broken gateway does.
	Unavailable Fault = "unavailable"
	// LostAnswer does what was asked and loses the answer.
	LostAnswer Fault = "lost answer"
)

// Harness tells Run how to make directories.
type Harness struct {
	// New makes a directory without accounts. It is called once per case.
	New func(t *testing.T) Fixture
	// Lacks names what the directory lacks by its nature. The cases that need
	// it are left out in silence; what is missing and not named here is skipped
	// aloud, and what is named here and not missing is an error.
	Lacks []Need
}

// Need is what a case needs of a fixture.
type Need string

// The needs that a directory may lack by its nature.
const (
	NeedLicenses   Need = "licence"
	NeedGroupSKU   Need = "licence by group"
	NeedExhausted  Need = "licence without seats"
	NeedPasses     Need = "access pass"
	NeedFacts      Need = "sign-in facts"
	NeedSessions   Need = "session revoker"
	NeedRoles      Need = "roles"
	NeedSynced     Need = "synced account"
	NeedAnchors    Need = "finder by anchor"
	NeedOrigin     Need = "anchors of its own"
	NeedPasswords  Need = "passwords of its own"
	NeedClock      Need = "clock to move"
	NeedRestore    Need = "restorable account"
	NeedThrottling Need = "throttling"
	NeedFaults     Need = "fault injection"
	NeedGuest      Need = "guest"
	NeedGuarded    Need = "guarded account"
)

// Fixture is one directory under test with what was prepared in it.
type Fixture struct {
	Directory directory.Directory
	// Domain is where user names may be made.
	Domain string
	// Names maps the names that the cases call attributes by to the directory's,
	// where they differ.
	Names map[string]string
	// Groups holds the ID of an empty group of each kind, assigned at least,
	// where the directory has groups.
	Groups map[directory.GroupKind]string
	// OuterGroup is another assigned group, where there is no dynamic one.
	OuterGroup string
	// SKU has two free seats or more, ExhaustedSKU none. Members of the group
	// LicenseGroup inherit GroupSKU.
	SKU, ExhaustedSKU      string
	GroupSKU, LicenseGroup string
	// NoPassTerms says that the system does not keep from when to when a pass is
	// good: it is from the moment it is issued.
	NoPassTerms bool
	// NoThrottling says that nothing throttles here: there is no such fault.
	NoThrottling bool
	// Inject plants a fault for the next call of a verb.
	Inject func(t *testing.T, verb directory.Verb, fault Fault)
	// Advance moves the directory's clock. Now reads it.
	Advance func(t *testing.T, by time.Duration)
	Now     func() time.Time
	// SetSignInFacts prepares what is known of an account's sign-ins.
	SetSignInFacts func(t *testing.T, id string, facts directory.SignInFacts)
	// AddGuest makes a live account of nobody in the organisation.
	AddGuest func(t *testing.T) string
	// AddSynced makes an account that is mastered on premises, disabled.
	AddSynced func(t *testing.T) string
	// AnchorOf is what a synchronisation takes from the directory as the anchor of
	// an account by itself; SetAnchor states another one and returns it.
	AnchorOf, SetAnchor func(t *testing.T, id string) string
	// Guard marks an account as one that only administrators may change.
	Guard func(t *testing.T, id string)
	// Passwords is how many passwords an account has had.
	Passwords func(t *testing.T, id string) int
	// SetRoles gives an account roles, active and eligible ones, by the names
	// in Roles.
	SetRoles func(t *testing.T, id string, active, eligible []string)
	// Roles are two names of roles.
	Roles [2]string
	// Join makes an account or a group a member of a group of any kind, Own an
	// account the owner of a group, as the system's own tools do.
	Join, Own func(t *testing.T, id, groupID string)
}

// suite is one case's view of its fixture.
type suite struct {
	Fixture
	directory.Target
	t *testing.T
}

// Run runs every case against the harness's directories.
func Run(t *testing.T, h Harness) {
	t.Helper()
	h.checkLacks(t)
	for _, c := range allCases() {
		if c.without(h.Lacks) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSuite(t, h.New(t))
			if why := c.missing(s); why != "" {
				t.Skipf("the fixture offers no %s", why)
			}
			c.run(s)
		})
	}
}

func newSuite(t *testing.T, f Fixture) suite {
	t.Helper()
	return suite{Fixture: f, Target: callingNames(directory.Bundle(f.Directory), f.Names), t: t}
}

// checkLacks keeps the list of what is lacking true.
func (h Harness) checkLacks(t *testing.T) {
	t.Helper()
	if len(h.Lacks) == 0 {
		return
	}
	s := newSuite(t, h.New(t))
	known := map[Need]bool{}
	for _, c := range allCases() {
		for _, n := range c.needs {
			known[n.name] = true
			if slices.Contains(h.Lacks, n.name) && n.has(s) {
				t.Errorf("the harness lacks %q, but the fixture offers it", n.name)
			}
		}
	}
	for _, name := range h.Lacks {
		if !known[name] {
			t.Errorf("the harness lacks %q, which no case needs", name)
		}
	}
}

type testCase struct {
	name  string
	needs []need
	run   func(s suite)
}

func (c testCase) without(lacks []Need) bool {
	return slices.ContainsFunc(c.needs, func(n need) bool { return slices.Contains(lacks, n.name) })
}

func (c testCase) missing(s suite) Need {
	for _, n := range c.needs {
		if !n.has(s) {
			return n.name
		}
	}
	return ""
}

type need struct {
	name Need
	has  func(suite) bool
}

func needs(list ...need) []need { return list }

func allCases() []testCase {
	var out []testCase
	for _, cases := range [][]testCase{
		lookCases(), writeCases(), removeCases(), groupCases(), licenseCases(),
		passCases(), listCases(), anchorCases(), passwordCases(), protectionCases(), faultCases(), errorCases(),
	} {
		out = append(out, cases...)
	}
	return out
}
