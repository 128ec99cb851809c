package workflows_test

import (
	"testing"

	"tenure/internal/directory"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// TestS18_RescindedTerminationRestores: groups and licences come back, of this
// leave alone; what was there stands in the ledger before it goes.
func TestS18_RescindedTerminationRestores(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-04-05T09:00:00Z", "disabled").expectGroups("").expectLicenses(0)
		rows := s.ledger(store.LedgerPlan, "about to take away")
		if len(rows) != 2 || len(rows[0].Changes) != 2 || len(rows[1].Changes) != 1 {
			s.t.Errorf("the ledger has %+v, want the groups and the licence before they went\n%s", rows, s.story())
		}
		s.say("2027-04-05T10:00:00Z", contract.Rescind, contract.Override{What: "termination"})
		s.expect("2027-04-05T11:00:00Z", "enabled").expectGroups("all-staff engineering").expectLicenses(1).expectTimes("restoreAccess", "2027-04-05 10:00")
		s.expect("2027-06-05T11:00:00Z", "enabled").expectOneAccount()
		if got := s.view.Facts.Accounts[0].Removed; len(got) != 0 {
			s.t.Errorf("%v is still to be given back\n%s", got, s.story())
		}
	})
}

// TestS18_WhatALeaveTookByNameComesBack: a week before the last day some access
// goes by name. It stays away while the leave lies ahead, also when its date
// moves, and comes back once the leave is taken back.
func TestS18_WhatALeaveTookByNameComesBack(t *testing.T) {
	early := replacing("  - name: Last day\n", `  - name: A week before
    category: leaver
    trigger: {on: lastDayOfWork, offset: -7d, at: "09:00"}
    tasks:
      - removeUserFromGroups: {groups: [engineering, sales]}
      - removeLicensesFromUser: {licenses: [e3]}

  - name: Last day
`)
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-03-24T09:00:00Z", "enabled").expectGroups("all-staff").expectLicenses(0).expectTimes("restoreAccess")
		s.hr("2027-03-25T10:00:00Z", hired("2026-12-01", lastDay, "2027-04-15"))
		s.expect("2027-03-26T09:00:00Z", "enabled").expectGroups("all-staff").expectTimes("restoreAccess")
		s.hr("2027-03-27T10:00:00Z", hired("2026-12-01"))
		s.expect("2027-03-27T11:00:00Z", "enabled").expectGroups("all-staff engineering").expectLicenses(1)
		if got := s.view.Facts.Accounts[0].Removed; len(got) != 0 {
			s.t.Errorf("%v is still to be given back\n%s", got, s.story())
		}
		// Of the whole leave both come back: what went early and what went at its end.
		s.hr("2027-05-01T10:00:00Z", hired("2026-12-01", lastDay, "2027-05-31"))
		s.expect("2027-06-02T09:00:00Z", "disabled").expectGroups("").expectLicenses(0)
		s.say("2027-06-02T10:00:00Z", contract.Rescind, contract.Override{What: "termination"})
		s.expect("2027-06-02T11:00:00Z", "enabled").expectGroups("all-staff engineering").expectLicenses(1)
	}, early)
}

func TestS18_RehireRestoresNothing(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-04-10T09:00:00Z", "disabled").expectGroups("")
		s.hr("2027-04-12T09:00:00Z", hired("2027-05-03", "assignment.department.name", "Sales"))
		s.expect("2027-05-05T09:00:00Z", "enabled").expectGroups("all-staff sales").expectTimes("restoreAccess")
		// A second leave that is taken back gives back what it took, not what the first did.
		s.hr("2027-06-01T09:00:00Z", hired("2027-05-03", "assignment.department.name", "Sales", lastDay, "2027-06-30"))
		s.expect("2027-07-02T09:00:00Z", "disabled").expectGroups("")
		s.hr("2027-07-02T10:00:00Z", hired("2027-05-03", "assignment.department.name", "Sales"))
		s.expect("2027-07-02T11:00:00Z", "enabled").expectGroups("all-staff sales")
	})
}

// TestS18_GroupsFollowTheDepartment: by a value map, with one value it does not know.
func TestS18_GroupsFollowTheDepartment(t *testing.T) {
	teams := func(text string) string {
		for _, edit := range []func(string) string{
			replacing("    mapping:                          # attribute", "    values:\n      team: {from: assignment.department.name, values: {Sales: sales, Engineering: engineering}}\n    mapping:                          # attribute"),
			replacing("      - addUserToGroups: {groups: [sales]}\n        when: 'assignment.department.name == \"Sales\"'\n      - addUserToGroups: {groups: [engineering]}\n        when: 'assignment.department.name == \"Engineering\"'\n", "      - addUserToGroups: {groups: [team]}\n"),
			replacing("      - removeUserFromGroups: {groups: [sales]} ", "      - addUserToGroups: {groups: [after.team]}\n      - removeUserFromGroups: {groups: [before.team]}\n      - removeUserFromGroups: {groups: [sales]} "),
		} {
			text = edit(text)
		}
		return text
	}
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-25T08:00:00Z", "disabled").expectGroups("all-staff engineering")
		s.hr("2027-01-11T08:00:00Z", hired("2026-12-01", "assignment.department.name", "Sales"))
		s.expect("2027-01-11T09:00:00Z", "enabled").expectGroups("all-staff sales").expectAttention("")
		s.hr("2027-02-11T08:00:00Z", hired("2026-12-01", "assignment.department.name", "Slaes"))
		s.expect("2027-02-11T09:00:00Z", "enabled").expectGroups("all-staff").expectAttention("value-unmapped")
		s.hr("2027-02-12T08:00:00Z", hired("2026-12-01", "assignment.department.name", "Engineering"))
		s.expect("2027-02-12T09:00:00Z", "enabled").expectGroups("all-staff engineering")
	}, teams)
}

// inDomain is a policy whose only target is a domain of Active Directory, under the
// name that the helpers look for.
const inDomain = `version: 1
feeds:
  hr: {kind: webhook, realm: main, baseline: 2026-11-01, zone: Europe/Berlin, signature: {scheme: standard-webhooks, secrets: ["env:S"]}}
targets:
  entra:
    kind: ad
    credential: {kind: bind, user: env:U, secret: env:P}
    mode: enforce
    domain: contoso.example
    account: {create: {on: startDate, offset: -14d}, enable: {on: startDate}, disable: {on: lastDayOfWork}}
    mapping: {userPrincipalName: {unique: [given.family#], apply: create}, displayName: {attribute: person.displayName}}
workflows:
  - name: Goodbye
    category: leaver
    trigger: {on: lastDayOfWork, at: "24:00"}
    tasks:
      - disableUserAndMoveToContainer: {container: "OU=Leavers,DC=contoso,DC=example"}
      - hideUserFromAddressLists: {}
      - setUserAttributes: {attributes: {info: {expression: 'Join(" ", "left", [assignment.department.name])'}}}
`

// expectAttributes compares what the account shows of a leave.
func (s *scenario) expectAttributes(container, hidden, info string) *scenario {
	s.t.Helper()
	got := s.account().Attributes
	if got["parentDistinguishedName"] != container || got["msExchHideFromAddressLists"] != hidden || got["info"] != info {
		s.t.Errorf("attributes %v at %s, want container %q, hidden %q, info %q\n%s", got, s.now, container, hidden, info, s.story())
	}
	return s
}

// TestS18_RehireIsNoLeaverAnyMore: hidden, marked and among the leavers until the first
// day; then none of it. A leave that is taken back gives all back as it was.
func TestS18_RehireIsNoLeaverAnyMore(t *testing.T) {
	const home, gone = "OU=Staff,DC=contoso,DC=example", "OU=Leavers,DC=contoso,DC=example"
	arrange := func(s *scenario) {
		s.apply(func(string) string { return inDomain })
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-12-02T08:00:00Z", "enabled")
		s.edit("2026-12-03T08:00:00Z", func(a *directory.Account) {
			a.Attributes["parentDistinguishedName"], a.Attributes["info"] = home, "Desk 12"
		})
		s.hr("2027-03-01T10:00:00Z", hired("2026-12-01", lastDay, "2027-03-31"))
		s.expect("2027-04-05T09:00:00Z", "disabled").expectAttributes(gone, "true", "left Engineering")
	}
	t.Run("rehired", func(t *testing.T) {
		bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
			arrange(s)
			s.hr("2027-04-12T09:00:00Z", hired("2027-05-03"))
			s.expect("2027-05-01T09:00:00Z", "disabled").expectAttributes(gone, "true", "left Engineering")
			s.expect("2027-05-05T09:00:00Z", "enabled").expectAttributes(home, "", "").expectOneAccount()
		})
	})
	t.Run("taken back", func(t *testing.T) {
		bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
			arrange(s)
			s.say("2027-04-05T10:00:00Z", contract.Rescind, contract.Override{What: "termination"})
			s.expect("2027-04-05T11:00:00Z", "enabled").expectAttributes(home, "", "Desk 12").expectOneAccount()
		})
	})
}

// TestS10_WhatIsWrittenOfALeaverIsOfBefore: HR systems empty the job of those who left,
// and what a leaver's task writes is made of the record as it was.
func TestS10_WhatIsWrittenOfALeaverIsOfBefore(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.apply(func(string) string { return inDomain })
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.hr("2027-03-01T10:00:00Z", hired("2026-12-01", lastDay, "2027-03-31"))
		s.hr("2027-03-31T20:00:00Z", hired("2026-12-01", lastDay, "2027-03-31", status, "terminated", "assignment.department.name", "Former staff"))
		s.expect("2027-04-05T09:00:00Z", "disabled")
		if got := s.account().Attributes["info"]; got != "left Engineering" {
			s.t.Errorf("info = %q, want the department of before\n%s", got, s.story())
		}
	})
}
