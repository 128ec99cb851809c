package lifecycle

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// basePolicy is small and valid; each malformed policy differs from it in one
// place.
const basePolicy = `version: 1
feeds:
  hr:
    kind: csv
    realm: main
    baseline: 2026-11-01
    key: WorkerID
    zone: Europe/Berlin
    fields:
      employeeId: WorkerID
      person.legalName.given: FirstName
      employment.startDate: StartDate
      employment.lastDayOfWork: LastDay
      employment.kind: Kind
      assignment.department.name: Department
      assignment.location.country: Country
      ext.badge: Badge
      managerRef: {from: ManagerID, kind: employeeId}
zones:
  - {when: 'assignment.location.country == "JP"', zone: Asia/Tokyo}
targets:
  entra:
    kind: entra
    tenant: env:TENANT
    credential: {kind: secret, client: env:CLIENT, secret: env:SECRET}
    mode: enforce
    domain: contoso.example
    account:
      create: {on: startDate, offset: -14d, at: "06:00"}
      enable: {on: startDate}
      disable: {on: lastDayOfWork}
      delete: {on: terminationDate, offset: 30d, minimum: 14d}
    groups: {Sales: 91aa6d0e-52c1-4a0e-8a55-1f3f6f6b0002}
    licenses: {e3: 6fd2c87f-b296-42f0-b197-1e91e994b900}
    mapping:
      userPrincipalName: {unique: [given.family, given.family#], apply: create}
      displayName: {attribute: person.displayName}
workflows:
  - name: Prepare
    category: joiner
    scope: 'employment.kind == "employee"'
    trigger: {on: startDate, offset: -7d, at: "09:00"}
    tasks:
      - addUserToGroups: {groups: [Sales]}
      - generateTemporaryAccessPass: {start: {on: startDate, at: "08:00"}, lifetime: 8h}
  - name: Moved
    category: mover
    trigger: {change: [assignment.department.name]}
    tasks:
      - runCustomTaskExtension: {extension: badges}
        when: 'before.assignment.department.name == "Sales"'
  - name: Last day
    category: leaver
    trigger: {on: lastDayOfWork}
    tasks:
      - removeUserFromAllGroups: {}
      - sendEmailOnLastDay: {to: manager}
extensions:
  badges: {url: https://badges.contoso.example/tenure, secret: env:BADGES}
notifications: {from: it@contoso.example, via: smtp, fallback: desk@contoso.example}
`

// malformed is one mistake and what is said about it.
type malformed struct {
	name     string
	old, new string
	want     []string
	// schema is set where the JSON Schema sees the mistake too.
	schema bool
}

func (m malformed) source(tb testing.TB) Source {
	tb.Helper()
	if strings.Count(basePolicy, m.old) != 1 {
		tb.Fatalf("%q stands in the base policy %d times, want once", m.old, strings.Count(basePolicy, m.old))
	}
	return Source{Name: "policy.yaml", Content: []byte(strings.Replace(basePolicy, m.old, m.new, 1))}
}

func TestBasePolicyIsValid(t *testing.T) {
	t.Parallel()
	p := mustLoad(t, Source{Name: "policy.yaml", Content: []byte(basePolicy)})
	if len(p.Warnings) > 0 {
		t.Errorf("warnings:\n%v", p.Warnings)
	}
}

func TestMalformedPolicies(t *testing.T) {
	t.Parallel()
	for _, m := range malformedPolicies() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(m.source(t))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(strings.Join(m.want, "\n"), got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
