package e2e_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"tenure/deploy/devstack/leak"
	"tenure/deploy/devstack/stack"
	"tenure/internal/config"
	"tenure/internal/directory/ad/adtest"
	"tenure/internal/httpapi"
	"tenure/internal/platform"
	simulated "tenure/internal/sim/ad"
)

// domainPolicy is a policy whose only target is a domain of Active Directory.
const domainPolicy = `version: 1
feeds:
  hris:
    kind: webhook
    realm: hooks
    baseline: BASELINE
    zone: Europe/Berlin
    signature: {scheme: standard-webhooks, secrets: ["env:TENURE_HRIS_SECRET"]}
targets:
  corp:
    kind: ad
    credential: {kind: bind, user: env:CORP_USER, secret: env:CORP_PASSWORD}
    mode: enforce
    domain: SUFFIX
    base: "BASE"
    under: "PLACE"
    account:
      create: {on: startDate, offset: -14d, at: "06:00"}
      enable: {on: startDate, at: "00:00"}
      disable: {on: lastDayOfWork, at: "24:00"}
      delete: {on: terminationDate, offset: 30d, minimum: 14d}
    limits: {create: {count: unlimited}, enable: {count: unlimited}, pass: {count: unlimited}, disable: {count: unlimited}, remove-all: {count: unlimited}, delete: {count: unlimited}}
    groups: {team: TEAM}
    mapping:
      userPrincipalName: {unique: [given.family, given.family#], apply: create}
      displayName: {attribute: person.displayName}
      givenName: {attribute: person.legalName.given}
      sn: {attribute: person.legalName.family}
      department: {attribute: assignment.department.name}
      title: {attribute: assignment.jobTitle}
      mail: {expression: 'Join("@", [employeeId], "SUFFIX")'}
      parentDistinguishedName: {expression: 'Switch([assignment.department.name], "OU=Others,PLACE", "Sales", "OU=Sales,PLACE")'}
      manager: {reference: managerRef}
notifications: {via: smtp, from: it@contoso.example, fallback: it-desk@contoso.example}
workflows:
  - name: Let in
    category: joiner
    trigger: {on: startDate, offset: -7d, at: "09:00"}
    tasks:
      - generateInitialPassword: {start: {on: startDate, at: "00:00"}, lifetime: 2d}
  - name: First day
    category: joiner
    trigger: {on: startDate, at: "08:00"}
    tasks:
      - addUserToGroups: {groups: [team]}
  - name: Last day
    category: leaver
    trigger: {on: lastDayOfWork, at: "24:00"}
    tasks:
      - removeUserFromAllGroups: {}
      - disableUserAndMoveToContainer: {container: "OU=Leavers,PLACE"}
      - setUserAttributes: {attributes: {info: {expression: 'Join(" ", "left", [employeeId])'}}}
      - hideUserFromAddressLists: {}
`

// TestDomain lives a journey whose account is in Active Directory, on the strict
// simulator and on Samba.
func TestDomain(t *testing.T) {
	t.Run("simulator", func(t *testing.T) {
		_, controller := adtest.Simulated(t, simulated.Options{Exchange: true})
		domainJourney(t, controller, true)
	})
	t.Run("samba", func(t *testing.T) { domainJourney(t, adtest.Samba(t), false) })
}

// domain is a running stack whose accounts lie in a place of a domain.
type domain struct {
	*bench
	place *adtest.Place
	group string
	// exchange is set where the schema knows of address lists.
	exchange bool
}

// beginDomain starts a stack under a policy that names a place of the domain.
func beginDomain(t *testing.T, controller *adtest.Controller, policy string, changes ...func(*stack.Options)) *domain {
	t.Helper()
	d := &domain{place: controller.NewPlace(t)}
	for _, unit := range []string{"Sales", "Others", "Leavers"} {
		d.place.AddOU(t, "OU="+unit+","+d.place.OU)
	}
	d.group = d.place.AddGroup(t, "team", false)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, controller.CA, 0o600); err != nil {
		t.Fatalf("write certificates: %v", err)
	}
	text := strings.NewReplacer(
		"BASELINE", day(t, today(), -21), "SUFFIX", d.place.Suffix, "BASE", d.place.BaseDN, "PLACE", d.place.OU, "TEAM", d.group,
	).Replace(policy)
	d.bench = begin(t, text, func(o *stack.Options) {
		o.Sample = false
		o.Targets = map[string]config.Connection{"corp": {Hosts: []string{controller.Address}, CAFile: ca}}
		o.Values = map[string]string{"CORP_USER": controller.BindName, "CORP_PASSWORD": controller.Password}
		for _, change := range changes {
			change(o)
		}
	})
	return d
}

// account reads what the domain holds of a person, nil where there is nothing.
func (d *domain) account(number string) *domainAccount {
	d.t.Helper()
	var out *domainAccount
	for _, entry := range d.place.Below(d.t) {
		if entry.GetAttributeValue("employeeID") != number {
			continue
		}
		if out != nil {
			d.t.Fatalf("%s has two accounts: %s and %s", number, out.dn, entry.DN)
		}
		out = domainAccountOf(d.t, entry)
	}
	return out
}

func domainAccountOf(t *testing.T, entry *ldap.Entry) *domainAccount {
	t.Helper()
	control, err := strconv.Atoi(entry.GetAttributeValue("userAccountControl"))
	if err != nil {
		t.Fatalf("read userAccountControl: %v", err)
	}
	const disabled = 2
	return &domainAccount{
		dn: entry.DN, name: entry.GetAttributeValue("userPrincipalName"), title: entry.GetAttributeValue("title"),
		manager: entry.GetAttributeValue("manager"), info: entry.GetAttributeValue("info"),
		hidden: entry.GetAttributeValue("msExchHideFromAddressLists"), enabled: control&disabled == 0, groups: entry.GetAttributeValues("memberOf"),
	}
}

type domainAccount struct {
	dn, name, title, manager, info, hidden string
	enabled                                bool
	groups                                 []string
}

func (a *domainAccount) liesIn(unit string) bool {
	return strings.Contains(strings.ToLower(a.dn), strings.ToLower(",OU="+unit+","))
}

func domainJourney(t *testing.T, controller *adtest.Controller, exchange bool) {
	t.Helper()
	w := &witness{words: map[leak.Word]bool{}}
	d := beginDomain(t, controller, domainPolicy, func(o *stack.Options) { o.Codec, o.Log = platform.CodecNone, w.handler() })
	d.exchange = exchange
	manager := joiner(t, "4001", "Ingrid", "Vasquez", -1)
	manager.Manager = ""
	d.hire(manager)
	d.eventually("the manager works", func() bool { a := d.account("4001"); return a != nil && a.enabled })
	h := joiner(t, "4002", "Zoë", "O'Neill, Jr.", 20)
	h.Manager = "4001"
	d.hire(h)
	d.forward(hooks, h.Key, berlin(t, day(t, h.Start, -14), "05:59"))
	if a := d.account(h.Key); a != nil {
		t.Fatalf("there is an account before its time: %+v", a)
	}
	d.joins(h)
	d.moves(&h)
	d.letsIn(w)
	d.leaves(&h)
}

// letsIn mails an initial password to the manager. It opens the account for the
// first logon alone, and nothing once its time is over.
func (d *domain) letsIn(w *witness) {
	t := d.t
	t.Helper()
	h := joiner(t, "4003", "Odile", "Ferrand", 20)
	h.Manager = "4001"
	d.hire(h)
	d.forward(hooks, h.Key, berlin(t, day(t, h.Start, -7), "09:01"))
	password := d.secret("Odile Ferrand", "Initial password: ")
	name := d.account(h.Key).name
	const disabled, mustReplace, wrong = "533", "773", "52e"
	if got := d.place.SignIn(t, name, password); got != disabled {
		t.Errorf("sign in before the first day: %q, want %s", got, disabled)
	}
	d.forward(hooks, h.Key, berlin(t, h.Start, "00:01"))
	if got := d.place.SignIn(t, name, password); got != mustReplace {
		t.Errorf("sign in on the first day: %q, want %s", got, mustReplace)
	}
	d.forward(hooks, h.Key, berlin(t, day(t, h.Start, 2), "00:01"))
	if got := d.place.SignIn(t, name, password); got != wrong {
		t.Errorf("sign in after two days without a logon: %q, want %s", got, wrong)
	}
	d.tellsNobody(w, password)
}

// tellsNobody searches what was written for the secrets of the domain: nothing but the
// mail holds any.
func (d *domain) tellsNobody(w *witness, password string) {
	w.add(kindPass, password)
	w.add(kindSecret, d.place.Password)
	s := &scene{bench: d.bench, witness: w, leastRuns: 3}
	s.search("logs", false, s.logs)
	s.searchStore()
	s.searchTemporal()
}

// joins: the account in its unit two weeks before, enabled on the day, then in
// the group.
func (d *domain) joins(h hired) {
	t := d.t
	t.Helper()
	d.forward(hooks, h.Key, berlin(t, day(t, h.Start, -14), "06:01"))
	a := d.account(h.Key)
	if a == nil || a.enabled || !a.liesIn("Sales") || !strings.EqualFold(a.manager, d.account("4001").dn) || a.title != h.Title {
		t.Fatalf("two weeks before the start: %+v", a)
	}
	if want := "zoe.oneill-jr@" + d.place.Suffix; a.name != want {
		t.Errorf("userPrincipalName = %q, want %q", a.name, want)
	}
	d.forward(hooks, h.Key, berlin(t, h.Start, "08:01"))
	if a = d.account(h.Key); !a.enabled || len(a.groups) != 1 {
		t.Errorf("on the first day: %+v", a)
	}
}

// moves: another title is written, another department moves the account.
func (d *domain) moves(h *hired) {
	t := d.t
	t.Helper()
	h.Department, h.Title = "Engineering", "Engineer"
	d.say("moves", *h)
	d.eventually("the account is moved", func() bool { a := d.account(h.Key); return a.title == h.Title && a.liesIn("Others") })
}

// leaves: disabled at the end of the last day, out of the group and among the
// leavers, deleted thirty days later.
func (d *domain) leaves(h *hired) {
	t := d.t
	t.Helper()
	h.Last = day(t, h.Start, 10)
	d.say("leaves", *h)
	d.forward(hooks, h.Key, berlin(t, h.Last, "23:59"))
	if a := d.account(h.Key); !a.enabled {
		t.Errorf("disabled before the day was over: %+v", a)
	}
	d.forward(hooks, h.Key, berlin(t, day(t, h.Last, 1), "00:01"))
	if a := d.account(h.Key); a.enabled || len(a.groups) != 0 || !a.liesIn("Leavers") || a.info != "left "+h.Key {
		t.Errorf("after the last day: %+v", a)
	}
	d.hides(h)
	d.forward(hooks, h.Key, berlin(t, day(t, h.Last, 32), "00:00"))
	if a := d.account(h.Key); a != nil {
		t.Errorf("thirty days later there still is %+v", a)
	}
	kinds := []string{}
	for _, entry := range d.timeline(hooks, h.Key).Entries {
		kinds = append(kinds, entry.Kind)
	}
	if !slices.Contains(kinds, httpapi.EntryEvent) || d.exchange && len(d.person(hooks, h.Key).Parked) != 0 {
		t.Errorf("the timeline has %v; parked: %+v", kinds, d.person(hooks, h.Key).Parked)
	}
}

// hides: where the schema has no such attribute the task says so, and keeps nothing
// else from being done.
func (d *domain) hides(h *hired) {
	t := d.t
	t.Helper()
	hidden := d.account(h.Key).hidden
	if d.exchange {
		if hidden != "TRUE" {
			t.Errorf("hidden = %q after the last day, want TRUE", hidden)
		}
		return
	}
	parked := d.person(hooks, h.Key).Parked
	if hidden != "" || len(parked) != 1 || parked[0].Code != "no-such-attribute" {
		t.Errorf("hidden = %q, parked: %+v, want the task parked since the schema has no such attribute", hidden, parked)
	}
}
