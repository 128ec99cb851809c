package lifecycle

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// richPolicy uses what the first policy leaves out.
const richPolicy = `version: 1
feeds:
  hr:
    kind: csv
    realm: main
    baseline: 2026-11-01
    key: {column: Mail, hmac: file:/run/secrets/key}
    zone: Europe/Paris
    mode: delta
    dates: DD.MM.YYYY
    encoding: windows-1252
    delimiter: ";"
    nulls: ["", "NULL"]
    asOf: {fileName: 'hr-(?<date>\d{8})\.csv'}
    absent: ask-leaver
    holdWhen: {fewerPeople: 2.5%, rejects: 0%}
    bridge: 2w
    fields:
      employeeId: Number
      employment.startDate: Start
      employment.contractEndDate: {from: End, optional: true}
      employment.kind: {from: Type, values: {1: employee, NO: contingent, true: intern}}
      assignment.location.country: Country
  extra:
    kind: webhook
    realm: main
    owns: [assignment.costCenter.id, ext.badge]
    signature: {scheme: standard-webhooks, secrets: [env:NEW, env:OLD], tolerance: 90s}
zones:
  - {when: 'assignment.location.country == "US"', zone: America/New_York}
targets:
  entra:
    kind: entra
    tenant: contoso.example
    credential: {kind: certificate, client: 3f0c1a52-7f0b-4c57-9d55-1f3f6f6b0001, certificate: file:/run/secrets/app.pem}
    mode: enforce
    domain: contoso.example
    scope: 'employment.kind in ["employee", "contingent"]'
    outOfScope: ask
    match: [employeeId]
    account:
      create: {on: startDate, offset: -12h}
      enable: {on: startDate, zone: feed}
      disable: {on: lastDayOfWork, offset: 1d, zone: Asia/Tokyo}
      delete: {on: terminationDate, offset: 7d, minimum: 2w}
      leave: disable
      rehire: ask
    names: {quarantine: 52w}
    groups: {sales: 91aa6d0e-52c1-4a0e-8a55-1f3f6f6b0002}
    mapping:
      userPrincipalName: {unique: [given.family], apply: create}
      displayName: {attribute: person.displayName, clear: true}
      companyName: {constant: Contoso}
      manager: {reference: managerRef}
  second:
    kind: entra
    tenant: env:OTHER
    credential: {kind: workload, client: env:CLIENT}
    mode: enforce
    domain: fabrikam.example
    account:
      create: {on: startDate}
      enable: {on: startDate}
      disable: {on: terminationDate}
    mapping:
      userPrincipalName: {unique: [g.family#], apply: create}
      displayName: {attribute: person.displayName}
workflows:
  - name: Contract ends
    category: leaver
    scope: 'employment.kind == "contingent"'
    trigger: {on: contractEndDate, offset: -2w}
    late: skip
    tasks:
      - sendEmailBeforeLastDay: {to: hr@contoso.example, template: contractEnds, locale: de}
  - name: Cost centre
    category: mover
    trigger: {change: [{attribute: assignment.costCenter.id, from: "100", to: "200"}], settle: 1h}
    late: {run: 2d, then: skip}
    tasks:
      - revokeAllRefreshTokens: {target: second}
        continueOnError: false
      - removeUserFromGroups: {groups: [sales], target: entra}
  - name: Out now
    category: leaver
    trigger: {demand: {roles: [operator]}}
    late: ask
    tasks:
      - disableUserAccount: {target: entra}
      - enableUserAccount: {target: second}
      - removeUserFromAllGroups: {except: [sales], target: entra}
  - name: Hello
    category: joiner
    trigger: {on: startDate, offset: -3d}
    tasks:
      - sendWelcomeEmail: {}
notifications: {from: it@contoso.example, via: smtp, server: "127.0.0.1:2525", user: env:MAIL_USER, secret: env:MAIL_SECRET}
`

func TestRichPolicy(t *testing.T) {
	t.Parallel()
	p := mustLoad(t, Source{Name: "policy.yaml", Content: []byte(richPolicy)})
	feed, _ := p.Feed("hr")
	feed.Fields, feed.Zone = nil, nil
	want := Feed{
		Name: "hr", Kind: FeedCSV, Realm: "main", Baseline: feed.Baseline, Key: "Mail", KeyHMAC: "file:/run/secrets/key",
		Dates: "DD.MM.YYYY", ZoneName: "Europe/Paris", Mode: ModeDelta, Encoding: "windows-1252", Delimiter: ';',
		Nulls: []string{"", "NULL"}, AsOf: AsOfRule{FileName: `hr-(?<date>\d{8})\.csv`}, Absent: AbsentAskLeaver,
		HoldWhen: HoldWhen{FewerPeople: 2.5}, Bridge: 14, Signature: Signature{Tolerance: 5 * time.Minute},
	}
	if diff := cmp.Diff(want, feed); diff != "" {
		t.Errorf("feed (-want +got):\n%s", diff)
	}
	extra, _ := p.Feed("extra")
	wantSignature := Signature{Scheme: SchemeStandardWebhooks, Secrets: []string{"env:NEW", "env:OLD"}, Tolerance: 90 * time.Second}
	if diff := cmp.Diff(wantSignature, extra.Signature); diff != "" || extra.OwnsStatus() {
		t.Errorf("signature (-want +got):\n%s\nowns status: %t", diff, extra.OwnsStatus())
	}
	if owner, found := p.StatusFeed("main"); !found || owner.Name != "hr" {
		t.Errorf("status of realm main belongs to %q", owner.Name)
	}
	kind := p.Feeds[0].Fields[3]
	if diff := cmp.Diff(map[string]string{"1": "employee", "NO": "contingent", "true": "intern"}, kind.Values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	change, _ := p.Workflow("Cost centre")
	from, to := "100", "200"
	wantTrigger := Trigger{Change: []ChangeRule{{"assignment.costCenter.id", &from, &to}}, Settle: time.Hour}
	if diff := cmp.Diff(wantTrigger, change.Trigger); diff != "" {
		t.Errorf("trigger (-want +got):\n%s", diff)
	}
	if change.Late != (Late{Within: Duration{Days: 2}, Then: LateSkip}) {
		t.Errorf("late = %v", change.Late)
	}
	if task := change.Tasks[0]; task.Target != "second" || task.ContinueOnError {
		t.Errorf("task = %+v", task)
	}
	target, _ := p.Target("entra")
	if target.Account.Disable.ZoneLocation.String() != "Asia/Tokyo" || target.Names != (NameRules{Quarantine: Duration{Days: 364}}) {
		t.Errorf("disable zone %v, names %+v", target.Account.Disable.ZoneLocation, target.Names)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	p := mustLoad(t, Source{Name: "policy.yaml", Content: []byte(richPolicy)})
	want := []string{
		`policy.yaml:30: US has several time zones, and this rule gives everybody there America/New_York: add rules for its places before it`,
		`policy.yaml:44: access stays open for 1d after lastDayOfWork`,
		`policy.yaml:45: the minimum of 14d after our own disable is longer than the offset of 7d, so it decides when people leave on time`,
		`policy.yaml:51: no name form ends in #, so the journey asks when all forms of a name are taken`,
		`policy.yaml:90: this leaver enables an account: access stays open until its disable line`,
		`policy.yaml:96: sendWelcomeEmail goes to people before their first day, who may have no mailbox: state notifications.preHireAddress`,
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), p.Warnings.Error()); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// With several targets a task says which one it works on.
func TestTargetIsStatedAmongSeveral(t *testing.T) {
	t.Parallel()
	text := strings.Replace(richPolicy, "disableUserAccount: {target: entra}", "disableUserAccount: {}", 1)
	_, err := Load(Source{Name: "policy.yaml", Content: []byte(text)})
	want := `policy.yaml:89: there are several targets: say which one disableUserAccount works on, such as target: entra`
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

// Every default has its own line here, so that none changes unseen.
func TestDefaults(t *testing.T) {
	t.Parallel()
	p := mustLoad(t, Source{Name: "policy.yaml", Content: []byte(basePolicy)})
	feed := p.Feeds[0]
	feed.Fields, feed.Zone = nil, nil
	wantFeed := Feed{
		Name: "hr", Kind: FeedCSV, Realm: "main", Baseline: feed.Baseline, Key: "WorkerID", Dates: "YYYY-MM-DD",
		ZoneName: "Europe/Berlin", Mode: ModeFull, Encoding: "utf-8", Delimiter: ',', Nulls: []string{""},
		Absent: AbsentReport, HoldWhen: HoldWhen{FewerPeople: 10, Rejects: 5}, Bridge: 5, Signature: Signature{Tolerance: 5 * time.Minute},
	}
	if diff := cmp.Diff(wantFeed, feed); diff != "" {
		t.Errorf("feed (-want +got):\n%s", diff)
	}
	target := p.Targets[0]
	if target.OutOfScope != OutOfScopeKeep || target.Account.Leave != LeaveKeep || target.Account.Rehire != RehireReactivate || !target.Names.QuarantineNever {
		t.Errorf("target: outOfScope %s, leave %s, rehire %s, names %+v", target.OutOfScope, target.Account.Leave, target.Account.Rehire, target.Names)
	}
	if diff := cmp.Diff([]string{"employeeId"}, target.Match); diff != "" {
		t.Errorf("match (-want +got):\n%s", diff)
	}
	type taskDefaults struct {
		Name     string
		Continue bool
		To       string
		Template string
		Target   string
	}
	var got []taskDefaults
	for _, w := range p.Workflows {
		if w.Late != (Late{Within: Duration{Days: 14}, Then: LateAsk}) {
			t.Errorf("%s: late = %v", w.Name, w.Late)
		}
		for _, task := range w.Tasks {
			got = append(got, taskDefaults{task.Name, task.ContinueOnError, task.To.String(), task.Template, task.Target})
		}
	}
	want := []taskDefaults{
		{"addUserToGroups", true, "", "", "entra"},
		{"generateTemporaryAccessPass", false, "manager", "generateTemporaryAccessPass", "entra"},
		{"runCustomTaskExtension", false, "", "", ""},
		{"removeUserFromAllGroups", true, "", "", "entra"},
		{"sendEmailOnLastDay", true, "manager", "sendEmailOnLastDay", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	if moved := p.Workflows[1].Trigger; moved.Settle != 15*time.Minute {
		t.Errorf("settle = %s", moved.Settle)
	}
	if pass := p.Workflows[0].Tasks[1].Pass; !pass.Once {
		t.Error("a pass can be used more than once by default")
	}
	if e, _ := p.Extension("badges"); e.Timeout != 30*time.Second {
		t.Errorf("timeout = %s", e.Timeout)
	}
}
