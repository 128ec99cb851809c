package dirtest

import (
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
}

// Fixture is one directory under test with what was prepared in it.
type Fixture struct {
	Directory directory.Directory
	// Domain is where user names may be made.
	Domain string
	// Groups holds the ID of an empty group of each kind, assigned at least,
	// where the directory has groups.
	Groups map[directory.GroupKind]string
	// SKU has two free seats or more, ExhaustedSKU none. Members of the group
	// LicenseGroup inherit GroupSKU.
	SKU, ExhaustedSKU      string
	GroupSKU, LicenseGroup string
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
	for _, c := range allCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := h.New(t)
			s := suite{Fixture: f, Target: directory.Bundle(f.Directory), t: t}
			if why := c.missing(s); why != "" {
				t.Skip("the fixture offers no " + why)
			}
			c.run(s)
		})
	}
}

type testCase struct {
	name  string
	needs []need
	run   func(s suite)
}

func (c testCase) missing(s suite) string {
	for _, n := range c.needs {
		if !n.has(s) {
			return n.name
		}
	}
	return ""
}

type need struct {
	name string
	has  func(suite) bool
}

func needs(list ...need) []need { return list }

func allCases() []testCase {
	var out []testCase
	for _, cases := range [][]testCase{
		lookCases(), writeCases(), removeCases(), groupCases(), licenseCases(),
		passCases(), listCases(), protectionCases(), faultCases(), errorCases(),
	} {
		out = append(out, cases...)
	}
	return out
}
