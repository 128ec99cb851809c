package workflows_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.temporal.io/sdk/testsuite"

	"tenure/internal/directory"
	"tenure/internal/directory/memory"
	"tenure/internal/plan"
	"tenure/workflows/contract"
)

// inHybrid makes the organisation a hybrid one: the journey's directory is the
// cloud, and beside it there is a domain. Edits are texts of the policy, old then new.
func inHybrid(s *scenario, edits ...string) {
	s.t.Helper()
	source, err := os.ReadFile("../internal/plan/testdata/hybrid.yaml")
	if err != nil {
		s.t.Fatal(err)
	}
	s.apply(func(string) string { return strings.NewReplacer(edits...).Replace(string(source)) })
	s.corp = memory.New(memory.Options{Name: "corp", Clock: s.clock})
	s.corp.AddGroup(directory.Group{ID: engineers, Name: "team", Kind: directory.GroupAssigned})
}

// inCorp is the person's account in the domain.
func (s *scenario) inCorp() directory.Account {
	s.t.Helper()
	for _, a := range s.corp.Accounts() {
		if a.EmployeeID == s.key {
			return a
		}
	}
	return directory.Account{}
}

// synchronised lets the synchronisation run at an instant: what the domain has of
// the person, the cloud has then.
func (s *scenario) synchronised(when string) *scenario {
	return s.at(when, func(*testsuite.TestWorkflowEnvironment) {
		origin := s.inCorp()
		for _, a := range s.dir.Accounts() {
			if a.Anchor != origin.Anchor || !a.Synced {
				continue
			}
			s.dir.Edit(a.ID, func(a *directory.Account) { a.Enabled, a.DeletedAt = origin.Enabled, origin.DeletedAt })
			return
		}
		s.dir.AddAccount(directory.Account{
			EmployeeID: s.key, UserName: origin.UserName, Enabled: origin.Enabled, Synced: true, Anchor: origin.Anchor,
			Attributes: map[string]string{"displayName": origin.Attributes["displayName"]},
		})
	})
}

// expectShown looks for words in the live description.
func (s *scenario) expectShown(words string) *scenario {
	s.t.Helper()
	if !slices.ContainsFunc(s.view.Last.Waits, func(w plan.Wait) bool { return w.For == words }) {
		s.t.Errorf("waits %+v at %s, want %q\n%s", s.view.Last.Waits, s.now, words, s.story())
	}
	return s
}

// TestS17_HybridJourney is a whole life: made in the domain, found in the cloud
// when the synchronisation has run, and out of both again.
func TestS17_HybridJourney(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		inHybrid(s)
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01", "employment.lastDayOfWork", "2027-03-31"))
		s.until("2026-11-17T05:10:00Z").expectShown("the counterpart of the account in corp").expectAttention("")
		if a := s.inCorp(); a.ID == "" || a.Enabled {
			s.t.Fatalf("account in the domain %+v, want it there and disabled\n%s", a, s.story())
		}
		s.expect("2026-11-17T08:05:00Z", "none").expectAttention("no-counterpart")
		s.synchronised("2026-11-17T08:30:00Z")
		s.expect("2026-11-24T09:00:00Z", "disabled").expectGroups("all-staff").expectLicenses(1).expectOneAccount()
		if got := strings.Join(s.corpGroups(), " "); got != "team" {
			s.t.Errorf("groups in the domain %q, want team\n%s", got, s.story())
		}
		s.synchronised("2026-11-30T23:20:00Z")
		s.until("2026-11-30T23:10:00Z").expectShown("the cloud to show the account enabled as in corp")
		s.expect("2026-12-01T09:00:00Z", "enabled").expectPhase("active")
		if got := s.dir.Calls(directory.VerbUpdateAccount); got > 1 {
			s.t.Errorf("%d writes to the account in the cloud, want the usage location alone", got)
		}
		s.hybridLeave()
	})
}

// hybridLeave: disabled in the domain and out of everything, sessions ended in the
// cloud until it shows that; then deleted in both.
func (s *scenario) hybridLeave() {
	s.t.Helper()
	s.until("2027-03-31T21:59:00Z")
	revoked := s.dir.Revocations(s.account().ID)
	s.synchronised("2027-03-31T22:20:00Z")
	s.until("2027-03-31T22:01:30Z").expectShown("the cloud to show the account disabled as in corp")
	s.expectGroups("").expectLicenses(0)
	if s.inCorp().Enabled || s.dir.Revocations(s.account().ID) <= revoked {
		s.t.Errorf("enabled in the domain: %t; revocations %d, before %d\n%s", s.inCorp().Enabled, s.dir.Revocations(s.account().ID), revoked, s.story())
	}
	s.until("2027-03-31T22:19:00Z")
	before := s.dir.Revocations(s.account().ID)
	s.expect("2027-03-31T22:40:00Z", "disabled")
	if s.dir.Revocations(s.account().ID) <= before {
		s.t.Errorf("sessions were not ended again once the cloud showed the account disabled\n%s", s.story())
	}
	s.synchronised("2027-05-01T00:20:00Z")
	s.expect("2027-05-02T08:00:00Z", "deleted")
	if s.inCorp().DeletedAt.IsZero() || s.dir.Calls(directory.VerbDeleteAccount) != 0 {
		s.t.Errorf("account in the domain %+v, %d deletes in the cloud; want it deleted there alone\n%s",
			s.inCorp(), s.dir.Calls(directory.VerbDeleteAccount), s.story())
	}
}

func (s *scenario) corpGroups() []string {
	s.t.Helper()
	list, err := s.corp.Memberships(s.t.Context(), s.inCorp().ID)
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, g := range list {
		out = append(out, g.Name)
	}
	return out
}

// TestS17_ProposedInTheCloudIsAnsweredOnce: approve says that the account is not the
// person's, and the journey goes on waiting for the one that comes.
func TestS17_ProposedInTheCloudIsAnsweredOnce(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		inHybrid(s)
		s.manager("1002", "Tobias")
		s.dir.AddAccount(directory.Account{EmployeeID: s.key, UserName: "z.mueller@contoso.example", Enabled: true})
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.until("2026-11-17T05:10:00Z").expectAttention("proposed")
		s.say("2026-11-17T05:15:00Z", contract.Approve, contract.Override{Key: s.asks("proposed")})
		s.until("2026-11-17T05:20:00Z").expectShown("the counterpart of the account in corp").expectAttention("")
		s.until("2026-11-17T06:30:00Z").expectShown("the counterpart of the account in corp").expectAttention("")
		s.synchronised("2026-11-17T06:35:00Z")
		s.until("2026-11-17T08:30:00Z")
		linked := slices.ContainsFunc(s.state.Facts.Accounts, func(a plan.Account) bool {
			return a.Target == "cloud" && a.Synced && a.Linked == plan.LinkedByAnchor
		})
		if !linked || s.asks("proposed") != "" {
			s.t.Errorf("accounts %+v, want the one that came\n%s", s.state.Facts.Accounts, s.story())
		}
	})
}

// TestS17_MoveOutOfSyncWaitsAtTheCloudsGate: a change of department that puts somebody
// out of the synchronisation asks; approved it is a delete in the cloud, which stands
// at the gate there and goes on once that is approved.
func TestS17_MoveOutOfSyncWaitsAtTheCloudsGate(t *testing.T) {
	const home, gone = "OU=Staff,DC=contoso,DC=example", "OU=Apart,OU=Staff,DC=contoso,DC=example"
	for decision, want := range map[bool]string{true: gone, false: home} {
		t.Run(strconv.FormatBool(decision), func(t *testing.T) {
			bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
				inHybrid(s,
					"    groups: {team", "    containers: [{under: \""+gone+"\", synced: false}]\n    groups: {team",
					"      title:", "      parentDistinguishedName: {expression: 'Switch([assignment.department.name], \""+home+"\", \"Sales\", \""+gone+"\")'}\n      title:",
					"    groups: {all-staff", "    limits: {delete: {count: 0}}\n    groups: {all-staff")
				s.manager("1002", "Tobias")
				s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
				s.synchronised("2026-11-17T05:20:00Z").synchronised("2026-11-30T23:20:00Z")
				s.expect("2026-12-02T08:00:00Z", "enabled")
				s.hr("2026-12-03T08:00:00Z", hired("2026-12-01", "assignment.department.name", "Sales"))
				s.until("2026-12-03T09:00:00Z")
				s.say("2026-12-03T09:10:00Z", contract.Approve, contract.Override{Key: s.asks("leaves-sync")})
				s.until("2026-12-03T09:20:00Z")
				if got := s.inCorp().Attributes["parentDistinguishedName"]; got != home || s.asks("gated") == "" {
					s.t.Errorf("container %q, attention %+v; want nothing moved, and the gate\n%s", got, s.view.Last.Attention, s.story())
				}
				s.decideAbout("cloud-delete-1", "2026-12-03T10:00:00Z", decision)
				s.until("2026-12-03T10:10:00Z")
				if got := s.inCorp().Attributes["parentDistinguishedName"]; got != want {
					s.t.Errorf("container %q once it is decided, want %q\n%s", got, want, s.story())
				}
			})
		})
	}
}
