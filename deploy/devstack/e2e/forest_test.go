package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tenure/deploy/devstack/stack"
	"tenure/internal/config"
	"tenure/internal/directory/ad/adtest"
	"tenure/internal/httpapi"
	simulated "tenure/internal/sim/ad"
)

// forestPolicy has two domains of one forest, between which the record decides.
const forestPolicy = `version: 1
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
    forest: contoso
    credential: {kind: bind, user: env:CORP_USER, secret: env:CORP_PASSWORD}
    mode: enforce
    domain: contoso.example
    base: "CORP"
    under: "CORPPLACE"
    scope: 'assignment.department.name == "Sales"'
    outOfScope: disable
    account: {create: {on: startDate}, enable: {on: startDate}, disable: {on: lastDayOfWork}}
    protect: {containers: ["OU=Admins,CORPPLACE"]}
    mapping:
      userPrincipalName: {unique: [given.family, given.family#], apply: create}
      displayName: {attribute: person.displayName}
      title: {attribute: assignment.jobTitle}
      manager: {reference: managerRef}
      parentDistinguishedName: {constant: "OU=Staff,CORPPLACE"}
  emea:
    kind: ad
    forest: contoso
    credential: {kind: bind, user: env:EMEA_USER, secret: env:EMEA_PASSWORD}
    mode: enforce
    domain: contoso.example
    base: "EMEA"
    under: "EMEAPLACE"
    scope: '!(assignment.department.name == "Sales")'
    account: {create: {on: startDate}, enable: {on: startDate}, disable: {on: lastDayOfWork}}
    mapping:
      userPrincipalName: {unique: [given.family, given.family#], apply: create}
      displayName: {attribute: person.displayName}
      title: {attribute: assignment.jobTitle}
      manager: {reference: managerRef}
      parentDistinguishedName: {constant: "OU=Staff,EMEAPLACE"}
`

// beginForest starts a stack with two domains of one forest.
func beginForest(t *testing.T) (corp, emea *domain) {
	t.Helper()
	first, one := adtest.Simulated(t, simulated.Options{Domain: "corp.contoso.example"})
	second, two := adtest.Simulated(t, simulated.Options{Domain: "emea.contoso.example"})
	gc, err := first.StartCatalog(t.Context(), "127.0.0.1:0", second)
	if err != nil {
		t.Fatalf("start catalogue: %v", err)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, slices.Concat(one.CA, two.CA), 0o600); err != nil {
		t.Fatalf("write certificates: %v", err)
	}
	corp, emea = &domain{place: one.NewPlace(t)}, &domain{place: two.NewPlace(t)}
	for _, d := range []*domain{corp, emea} {
		d.place.AddOU(t, "OU=Staff,"+d.place.OU)
	}
	corp.place.AddOU(t, "OU=Admins,"+corp.place.OU)
	text := strings.NewReplacer(
		"BASELINE", day(t, today(), -21), "CORPPLACE", corp.place.OU, "EMEAPLACE", emea.place.OU, `"CORP"`, `"`+one.BaseDN+`"`, `"EMEA"`, `"`+two.BaseDN+`"`,
	).Replace(forestPolicy)
	catalog := []string{strings.TrimPrefix(gc.URL(), "ldaps://")}
	b := begin(t, text, func(o *stack.Options) {
		o.Sample = false
		o.Targets = map[string]config.Connection{
			"corp": {Hosts: []string{one.Address}, Catalog: catalog, CAFile: ca}, "emea": {Hosts: []string{two.Address}, Catalog: catalog, CAFile: ca},
		}
		o.Values = map[string]string{
			"CORP_USER": one.BindName, "CORP_PASSWORD": one.Password, "EMEA_USER": two.BindName, "EMEA_PASSWORD": two.Password,
		}
	})
	corp.bench, emea.bench = b, b
	return corp, emea
}

// TestForest moves somebody from one domain to the other: a new account under a name
// that is free in the forest, and the old one disabled. An administrator is not
// touched, whatever HR says.
func TestForest(t *testing.T) {
	corp, emea := beginForest(t)
	b := corp.bench
	h := joiner(t, "4101", "Ana", "Moreau", -1)
	h.Manager = ""
	b.hire(h)
	b.eventually("she works in the one domain", func() bool { a := corp.account(h.Key); return a != nil && a.enabled })
	if a := emea.account(h.Key); a != nil {
		t.Fatalf("an account in the other domain too: %+v", a)
	}
	h.Department, h.Title = "Engineering", "Engineer"
	b.say("moves", h)
	b.eventually("she works in the other domain, and no more in the first", func() bool {
		old, now := corp.account(h.Key), emea.account(h.Key)
		return old != nil && !old.enabled && now != nil && now.enabled
	})
	if old, now := corp.account(h.Key), emea.account(h.Key); old.name != "ana.moreau@contoso.example" || now.name != "ana.moreau2@contoso.example" || old.title == "Engineer" {
		t.Errorf("names %q and %q, old title %q: want one name each in the forest, and an old account left alone", old.name, now.name, old.title)
	}
	corp.protects()
}

// TestForestManager: who is hired before their manager is linked once the manager
// has an account, in whatever domain, and goes along when the manager moves.
func TestForestManager(t *testing.T) {
	corp, emea := beginForest(t)
	b := corp.bench
	boss := joiner(t, "4201", "Ruth", "Adler", -1)
	boss.Manager = ""
	here, there := joiner(t, "4202", "Tom", "Becker", -1), joiner(t, "4203", "Ines", "Costa", -1)
	here.Manager, there.Manager, there.Department = boss.Key, boss.Key, "Engineering"
	for _, h := range []hired{here, there} {
		b.hire(h)
	}
	b.eventually("both work, without a manager", func() bool {
		one, two := corp.account(here.Key), emea.account(there.Key)
		return one != nil && two != nil && one.enabled && two.enabled && one.manager == "" && two.manager == ""
	})
	linked := func(what string, manager func() *domainAccount) {
		t.Helper()
		b.eventually(what, func() bool {
			dn := manager()
			return dn != nil && dn.enabled && corp.account(here.Key).manager == dn.dn && emea.account(there.Key).manager == dn.dn
		})
	}
	b.hire(boss)
	linked("both have the manager who came", func() *domainAccount { return corp.account(boss.Key) })
	boss.Department, boss.Title = "Engineering", "Chief Engineer"
	b.say("moves", boss)
	linked("both have the manager who moved on", func() *domainAccount { return emea.account(boss.Key) })
	for _, target := range []string{"corp", "emea"} {
		var done httpapi.Comparison
		b.must(http.MethodPost, "/v1/targets/"+target+"/reconcile", encode(t, httpapi.Decision{Actor: actor, Reason: "for a test"}), &done)
		if done.People != 3 || done.Unanswered != 0 || done.Counts["drifted"] != 0 {
			t.Errorf("comparison of %s = %+v, want three people and nothing that drifted", target, done)
		}
	}
}

// protects: once an administrator marks an account, HR changes nothing of it.
func (d *domain) protects() {
	t := d.t
	t.Helper()
	h := joiner(t, "4102", "Ruth", "Adler", -1)
	h.Manager = ""
	d.hire(h)
	d.eventually("the administrator works", func() bool { a := d.account(h.Key); return a != nil && a.enabled })
	before := d.account(h.Key)
	d.place.Set(t, before.dn, "adminCount", "1")
	h.Title = "Chief"
	d.say("title", h)
	d.eventually("the update waits", func() bool {
		parked := d.person(hooks, h.Key).Parked
		return len(parked) == 1 && parked[0].Code == "protected"
	})
	h.Last = today()
	d.say("leaves", h)
	d.forward(hooks, h.Key, berlin(t, day(t, h.Last, 1), "00:01"))
	if a := d.account(h.Key); !a.enabled || a.title != before.title {
		t.Errorf("account = %+v, want it as it was", a)
	}
}
