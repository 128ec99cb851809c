package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	enumspb "go.temporal.io/api/enums/v1"

	"tenure/internal/httpapi"
	"tenure/internal/sim/graph"
)

// header are the columns of the shipped policy's feed.
const header = "WorkerID,WorkerType,WorkerStatus,FirstName,LastName,PrivateEmail,WorkEmail,StartDate,LastDay," +
	"Department,JobTitle,Location,CountryCode,TimeZone,ManagerID\n"

func row(fields ...string) string { return strings.Join(fields, ",") + "\n" }

// TestTwoYearJourney lives two years of one person: hired by a file, prepared,
// enabled, moved, left, deleted.
func TestTwoYearJourney(t *testing.T) {
	b := begin(t, shipped(t))
	start := day(t, today(), 30)
	manager := row("1003", "Employee", "Active", "Ingrid", "Vasquez", "", "ingrid.vasquez@contoso.example", day(t, today(), -1500), "",
		"Sales", "Head of Sales", "New York", "US", "America/New_York", "")
	person := func(department, title, last string) string {
		return header + manager + row("9001", "Employee", "Active", "Amélie", "Duarte", "amelie@fabrikam.example", "", start, last,
			department, title, "Berlin", "DE", "Europe/Berlin", "1003")
	}
	began := time.Now()
	b.importCSV("hr", "hired.csv", time.Now().UTC().Format(time.RFC3339), person("Sales", "Account Manager", ""))
	b.eventually("the person is known", func() bool { return b.knows(main, "9001") })
	b.prepared(start)
	b.started(start)
	b.moved(person)
	b.left(person)
	b.forward(main, "9001", berlin(t, day(t, today(), 731), "12:00"))
	b.wholeStory()
	t.Logf("two years took %s", time.Since(began).Round(time.Millisecond))
}

// prepared: the account two weeks before, the access one week before the start.
func (b *bench) prepared(start string) {
	t := b.t
	t.Helper()
	b.forward(main, "9001", berlin(t, day(t, start, -14), "05:59"))
	if live, _ := b.accounts("9001"); len(live) != 0 {
		t.Fatalf("there is an account before its time: %+v", live)
	}
	b.Graph().ResetRequests()
	b.forward(main, "9001", berlin(t, day(t, start, -14), "06:01"))
	b.createCost()
	account := b.account("9001")
	if enabled(account) || account.Manager != b.account("1003").ID || len(account.Groups) != 0 {
		t.Errorf("two weeks before the start: enabled %t, manager %q, groups %v", enabled(account), account.Manager, account.Groups)
	}
	b.forward(main, "9001", berlin(t, day(t, start, -7), "09:01"))
	account = b.account("9001")
	b.has(account, []string{allStaff, sales}, []string{licenceE3})
	if enabled(account) || len(account.Passes) != 1 {
		t.Fatalf("a week before the start: enabled %t, passes %+v", enabled(account), account.Passes)
	}
	pass := account.Passes[0]
	if from, to := berlin(t, start, "08:00"), berlin(t, start, "16:00"); !pass.Start.Equal(from) || !pass.Expires.Equal(to) || !pass.Once {
		t.Errorf("pass = %+v, want once between %s and %s", pass, from, to)
	}
}

// maxRequests is what a new account with its manager may cost.
const maxRequests = 6

// createCost measures the requests since the last reset, tokens apart.
func (b *bench) createCost() {
	b.t.Helper()
	total := 0
	for request, count := range b.Graph().Counts() {
		if !strings.Contains(request, "oauth2") && !strings.Contains(request, "openid") {
			total += count
		}
	}
	b.t.Logf("a new account with its manager: %d requests %v", total, b.Graph().Counts())
	if total > maxRequests {
		b.t.Errorf("a new account needed %d requests, want at most %d", total, maxRequests)
	}
}

// has compares memberships and licences.
func (b *bench) has(account graph.UserState, groups, licences []string) {
	b.t.Helper()
	var held []string
	for _, licence := range account.Licences {
		held = append(held, licence.SkuID)
	}
	slices.Sort(account.Groups)
	if diff := cmp.Diff(groups, account.Groups, cmpopts.EquateEmpty()); diff != "" {
		b.t.Errorf("groups (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(licences, held, cmpopts.EquateEmpty()); diff != "" {
		b.t.Errorf("licences (-want +got):\n%s", diff)
	}
}

// started: enabled at the first moment of the first day, the pass opens it once.
func (b *bench) started(start string) {
	t := b.t
	t.Helper()
	b.forward(main, "9001", berlin(t, day(t, start, -1), "23:59"))
	if enabled(b.account("9001")) {
		t.Error("the account is enabled before the first day")
	}
	b.forward(main, "9001", berlin(t, start, "00:01"))
	account := b.account("9001")
	if !enabled(account) || len(account.Passes) != 1 {
		t.Errorf("on the first day: enabled %t, passes %+v", enabled(account), account.Passes)
	}
	b.standardCost()
	secret := b.secret("Amélie Duarte", "Temporary access pass: ")
	name, _ := account.Props["userPrincipalName"].(string)
	if err := b.Graph().SignIn(name, secret); err == nil {
		t.Error("the pass works before 08:00")
	}
	b.forward(main, "9001", berlin(t, start, "08:30"))
	if err := b.Graph().SignIn(name, secret); err != nil {
		t.Errorf("the pass does not work at 08:30: %v", err)
	}
	if err := b.Graph().SignIn(name, secret); err == nil {
		t.Error("the pass works twice")
	}
}

// secret is what lets somebody in, as the manager was mailed it.
func (b *bench) secret(name, label string) string {
	b.t.Helper()
	for _, m := range b.messages(name) {
		if _, rest, found := strings.Cut(m.Text, label); found {
			return strings.Fields(rest)[0]
		}
	}
	b.t.Fatalf("no mail holds a pass: %v", b.mails(name))
	return ""
}

// moved: a new department moves the groups and tells manager and badge office.
func (b *bench) moved(person func(department, title, last string) string) {
	t := b.t
	t.Helper()
	now := b.person(main, "9001").Now.Add(200 * oneDay)
	b.forward(main, "9001", now)
	b.importCSV("hr", "moved.csv", now.Format(time.RFC3339), person("Engineering", "Engineer", ""))
	b.eventually("the journey heard of the move", func() bool { return b.statements(main, "9001") == 2 })
	b.forward(main, "9001", now.Add(time.Hour))
	account := b.account("9001")
	b.has(account, []string{allStaff, engineering}, []string{licenceE3})
	if account.Props["department"] != "Engineering" || account.Props["jobTitle"] != "Engineer" {
		t.Errorf("department %v, title %v", account.Props["department"], account.Props["jobTitle"])
	}
	calls := b.Badges().Calls()
	if len(calls) != 1 || !strings.Contains(string(calls[0].Body), "9001") {
		t.Errorf("calls of the badge office = %+v, want one about 9001", calls)
	}
}

// left: everything goes in the night after the last day, the account 30 days later.
func (b *bench) left(person func(department, title, last string) string) {
	t := b.t
	t.Helper()
	now := b.person(main, "9001").Now.Add(300 * oneDay)
	b.forward(main, "9001", now)
	last := day(t, now.Format(time.DateOnly), 60)
	b.importCSV("hr", "leaves.csv", now.Format(time.RFC3339), person("Engineering", "Engineer", last))
	b.eventually("the journey heard of the leave", func() bool { return b.statements(main, "9001") == 3 })
	b.forward(main, "9001", berlin(t, last, "23:59"))
	account := b.account("9001")
	if !enabled(account) || account.Revocations != 0 {
		t.Errorf("on the last day: enabled %t, %d revocations", enabled(account), account.Revocations)
	}
	b.forward(main, "9001", berlin(t, day(t, last, 1), "00:01"))
	account = b.account("9001")
	if enabled(account) || account.Revocations == 0 {
		t.Errorf("after the last day: enabled %t, %d revocations", enabled(account), account.Revocations)
	}
	b.has(account, nil, nil)
	b.forward(main, "9001", berlin(t, day(t, last, 30), "23:59"))
	b.account("9001")
	b.forward(main, "9001", berlin(t, day(t, last, 31), "00:01"))
	if live, deleted := b.accounts("9001"); len(live) != 0 || len(deleted) != 1 || deleted[0].ID != account.ID {
		t.Errorf("after the delay: %d accounts and %d deleted ones, want the one deleted", len(live), len(deleted))
	}
}

// wholeStory reads two years back.
func (b *bench) wholeStory() {
	t := b.t
	t.Helper()
	want := map[string]int{
		"Amélie Duarte joins your team soon": 1, "Temporary access pass for Amélie Duarte": 1, "Welcome, Amélie": 1,
		"Change for Amélie Duarte": 1, "Amélie Duarte leaves soon": 1, "Last day of Amélie Duarte": 1,
	}
	if diff := cmp.Diff(want, b.mails("Amélie")); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
	counts := b.Graph().Counts()
	for _, once := range []string{"POST /users", "POST /users/{id}/authentication/temporaryAccessPassMethods", "DELETE /users/{id}"} {
		if counts[once] != 1 {
			t.Errorf("%s was called %d times, want once", once, counts[once])
		}
	}
	if calls := b.Badges().Calls(); len(calls) != 1 || calls[0].Repeats != 0 {
		t.Errorf("calls = %+v", calls)
	}
	timeline := b.timeline(main, "9001")
	for _, e := range timeline.Entries {
		if e.When != httpapi.Past {
			t.Errorf("after all there is still %s %s %s", e.When, e.Title, e.At)
		}
	}
	rows := b.ledger(main, "9001")
	outcomes := map[string]int{}
	for _, r := range rows {
		outcomes[string(r.Kind)+" "+r.Outcome]++
	}
	want = map[string]int{"event applied": 3, "task done": 20, "plan about to take away": 2, "plan out of scope": 3}
	if diff := cmp.Diff(want, outcomes); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
	if timeline.Phase != "deleted" {
		t.Errorf("phase = %s, want deleted", timeline.Phase)
	}
}

// maxActivities is what a standard joiner may cost until the account is enabled:
// account, access, mail, pass, enable. The welcome is one more.
const maxActivities = 5

// maxEvents is what all runs of that joiner may have in their histories, without
// what moving the clock writes: no production cluster does.
const maxEvents = 70

// standardCost measures a joiner who has just started.
func (b *bench) standardCost() {
	b.t.Helper()
	runs := b.histories(b.dial(false), main, "9001")
	events, activities, local := 0, map[string]int{}, 0
	total := 0
	for _, run := range runs {
		for _, e := range run.GetEvents() {
			switch e.GetEventType() {
			case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED:
				continue
			default:
				events++
			}
			if scheduled := e.GetActivityTaskScheduledEventAttributes(); scheduled != nil {
				activities[scheduled.GetActivityType().GetName()]++
				total++
			}
			if e.GetMarkerRecordedEventAttributes().GetMarkerName() == "LocalActivity" {
				local++
			}
		}
	}
	b.t.Logf("a standard joiner up to the first day: %d runs, %d events, %d activities %v, %d plans", len(runs), events, total, activities, local)
	if total > maxActivities {
		b.t.Errorf("a standard joiner needed %d activities, want at most %d: %v", total, maxActivities, activities)
	}
	if events > maxEvents {
		b.t.Errorf("a standard joiner wrote %d events, want at most %d", events, maxEvents)
	}
}
