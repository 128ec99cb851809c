package e2e_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/deploy/devstack/sample"
	"tenure/deploy/devstack/sample/existing"
	"tenure/deploy/devstack/stack"
	"tenure/deploy/policy"
	"tenure/internal/httpapi"
	"tenure/internal/plan"
	"tenure/internal/sim/graph"
)

// crowd are people of the existing organisation whose rows and accounts hold no
// mistake, under a target that is enforced.
type crowd struct {
	*bench
	*existing.Organisation
	// before is the tenant once everybody was known.
	before graph.State
	header []string
	rows   [][]string
	keys   []string
}

// The columns of the export that a crowd's file changes.
const (
	keyColumn    = 0
	statusColumn = 3
	lastColumn   = 9
)

// beginCrowd imports so many people, who all have an account.
func beginCrowd(t *testing.T, size int, edits ...func(string) string) *crowd {
	t.Helper()
	day := time.Now().UTC()
	content, err := existing.Policy(policy.First(), day, "env:TENURE_BADGE_URL")
	if err != nil {
		t.Fatalf("adapt the policy: %v", err)
	}
	text := replacing("mode: observe", "mode: enforce")(string(content))
	text = replacing("baseline: "+day.Format(time.DateOnly), "baseline: "+sample.Baseline(day))(text)
	for _, edit := range edits {
		text = edit(text)
	}
	c := &crowd{Organisation: existing.New(day)}
	c.bench = begin(t, text, func(o *stack.Options) { o.Onboarding, o.Day = true, day })
	c.choose(size)
	c.state(0, c.rows)
	for _, key := range c.keys {
		if account := c.account(c.number(key)); account.ID != c.Account(key).ID() {
			t.Fatalf("%s has not the account that was there", key)
		}
	}
	c.before = c.Graph().State()
	return c
}

// TestS15_SixtyLeaversInOneFile: the file trips the gate for everybody in it and
// nobody is disabled. What is approved is looked at again when it goes on: who
// came back meanwhile stays, a paused target waits, who was excepted is untouched.
func TestS15_SixtyLeaversInOneFile(t *testing.T) {
	const leaving = 60
	c := beginCrowd(t, 80)
	c.state(1, c.leavers(leaving))
	gates := c.gates()
	if gone := c.disabled(); len(gone) > 0 || gates["disable"].Frozen != leaving {
		t.Fatalf("%d are disabled, and the gate froze %+v; want nobody and %d", len(gone), gates["disable"], leaving)
	}
	if mails := c.Mail().Messages(); len(mails) > 0 {
		t.Errorf("%d mails before anybody decided, the first: %s", len(mails), mails[0].Subject)
	}
	shown := c.ok("gate", "show", gates["disable"].ID)
	for _, key := range c.keys[:leaving] {
		if !strings.Contains(shown, key) {
			t.Errorf("the gate does not show %s", key)
		}
	}
	if !strings.Contains(shown, "stated by feed hr") {
		t.Error("the gate does not say who stated the leaves")
	}

	stays, back := c.keys[7], c.keys[8]
	rows := c.leavers(leaving)
	rows[8] = c.rows[8]
	c.state(2, rows)
	c.ok("pause", "--target", "entra", "--reason", "first the works council")
	for _, kind := range []string{"disable", "remove-all"} {
		if gate, open := c.gates()[kind]; open {
			c.ok("gate", "approve", gate.ID, "--except", stays, "--reason", "the Lyon office is closed", "--yes")
		}
	}
	c.quiet()
	if gone := c.disabled(); len(gone) > 0 {
		t.Fatalf("%d are disabled in a paused target", len(gone))
	}
	c.ok("resume", "--target", "entra", "--reason", "agreed")
	want := slices.DeleteFunc(slices.Clone(c.keys[:leaving]), func(key string) bool { return key == stays || key == back })
	c.inTime("everybody who was approved is disabled", func() bool { return len(c.disabled()) >= len(want) })
	c.approveRest(stays)
	c.quiet()
	if got := c.disabled(); !slices.Equal(got, want) {
		t.Errorf("%d are disabled: %v; want %d: %v", len(got), got, len(want), want)
	}
	before := byID(c.before.Users)
	for _, user := range c.Graph().State().Users {
		for _, key := range []string{stays, back} {
			if changed := differences(before[user.ID], user); user.ID == c.Account(key).ID() && len(changed) > 0 {
				t.Errorf("%s: %v was written", key, changed)
			}
		}
	}
	if detail := c.person(main, stays); !slices.Contains(detail.Attention, plan.AttentionGateRejected) {
		t.Errorf("who was excepted raises %v", detail.Attention)
	}
	c.recorded(gates["disable"].ID, want[0])
}

// approveRest lets what the leaver workflows take away go, which has a budget of
// its own.
func (c *crowd) approveRest(except string) {
	c.t.Helper()
	for kind, gate := range c.gates() {
		if kind != "disable" {
			c.ok("gate", "approve", gate.ID, "--except", except, "--reason", "as before", "--yes")
		}
	}
}

// gates are the open ones by kind.
func (c *crowd) gates() map[string]httpapi.Gate {
	c.t.Helper()
	var list []httpapi.Gate
	c.must("GET", "/v1/gates?open=true", nil, &list)
	out := map[string]httpapi.Gate{}
	for _, gate := range list {
		out[gate.Kind] = gate
	}
	return out
}

// recorded wants the approver at the gate.
func (c *crowd) recorded(gate, key string) {
	c.t.Helper()
	var detail httpapi.GateDetail
	c.must("GET", "/v1/gates/"+gate, nil, &detail)
	i := slices.IndexFunc(detail.Members, func(m httpapi.GateMember) bool { return m.Key == key })
	if i < 0 || detail.Members[i].State != "passed" || !strings.Contains(detail.Members[i].DecidedBy, actor) {
		c.t.Errorf("the gate keeps %+v of %s", detail.Members[max(i, 0)], key)
	}
	if len(detail.Decisions) != 1 || detail.Decisions[0].Reason != "the Lyon office is closed" || len(detail.Decisions[0].Except) != 1 {
		c.t.Errorf("the gate keeps the decisions %+v", detail.Decisions)
	}
}

// TestS15_WrongFileIsRejectedWhole: HR sent a file that says of sixty people that
// they left. It is rejected with one answer; a corrected file ends it, and nobody
// was touched.
func TestS15_WrongFileIsRejectedWhole(t *testing.T) {
	c := beginCrowd(t, 70)
	c.state(1, c.leavers(60))
	gate := c.gates()["disable"]
	c.ok("gate", "reject", gate.ID, "--reason", "HR sent the wrong file", "--yes")
	c.quiet()
	if gone := c.disabled(); len(gone) > 0 {
		t.Fatalf("%d are disabled", len(gone))
	}
	c.state(2, c.rows)
	c.ok("gate", "status")
	c.inTime("the gates close after the corrected file", func() bool { return len(c.gates()) == 0 })
	before := byID(c.before.Users)
	for _, user := range c.Graph().State().Users {
		if changed := differences(before[user.ID], user); len(changed) > 0 {
			t.Errorf("%v: %v was written", user.Props["userPrincipalName"], changed)
		}
	}
	for _, key := range c.keys {
		c.inTime(key+" raises nothing any more", func() bool { return len(c.person(main, key).Attention) == 0 })
	}
	if mails := c.Mail().Messages(); len(mails) > 0 {
		t.Errorf("%d mails, the first: %s", len(mails), mails[0].Subject)
	}
	// A file that lacks people is held as a whole before anything.
	short := c.importCSV("hr", "hr.csv", c.Day.Add(3*time.Hour).Format(time.RFC3339), c.file(c.rows[:50]))
	if short.State != httpapi.ImportHeld {
		t.Errorf("a file without twenty people is %s", short.State)
	}
}

// choose takes people whose account carries their number and whom no rule
// protects.
func (c *crowd) choose(size int) {
	c.t.Helper()
	export, err := c.Export()
	if err != nil {
		c.t.Fatalf("export: %v", err)
	}
	reader := csv.NewReader(bytes.NewReader(export))
	reader.FieldsPerRecord = -1
	all, err := reader.ReadAll()
	if err != nil {
		c.t.Fatalf("read export: %v", err)
	}
	var odd []string
	for _, report := range c.Reports {
		odd = append(odd, report.Keys...)
	}
	c.header = all[0]
	for _, row := range all[1:] {
		account := c.Account(row[keyColumn])
		plain := account != nil && account.EmployeeID != "" && account.Enabled && !account.Synced && len(account.Roles) == 0 &&
			!slices.Contains(account.Groups, existing.Admins) && !slices.Contains(odd, row[keyColumn]) && row[lastColumn] == ""
		if plain && len(c.rows) < size {
			c.rows, c.keys = append(c.rows, row), append(c.keys, row[keyColumn])
		}
	}
	if len(c.rows) != size {
		c.t.Fatalf("%d people are plain, want %d", len(c.rows), size)
	}
}

// number is the employee number of a person.
func (c *crowd) number(key string) string { return c.Account(key).EmployeeID }

// file is the export of a day.
func (c *crowd) file(rows [][]string) string {
	c.t.Helper()
	var out bytes.Buffer
	writer := csv.NewWriter(&out)
	if err := writer.WriteAll(append([][]string{c.header}, rows...)); err != nil {
		c.t.Fatalf("write file: %v", err)
	}
	return out.String()
}

// state imports a file of so many days later and waits until everybody is quiet.
func (c *crowd) state(days int, rows [][]string) {
	c.t.Helper()
	asOf := c.Day.Add(time.Duration(days) * time.Hour).Format(time.RFC3339)
	if in := c.importCSV("hr", "hr.csv", asOf, c.file(rows)); len(in.HeldReasons) > 0 {
		c.t.Fatalf("the file is held: %v", in.HeldReasons)
	}
	c.inTime("everybody is known", func() bool { return len(c.people()) == len(rows) })
	c.quiet()
}

func (c *crowd) quiet() {
	c.t.Helper()
	for _, key := range c.keys {
		c.idle(main, key)
	}
}

// leavers are the rows with so many of them having left two days before: over
// wherever they work.
func (c *crowd) leavers(count int) [][]string {
	out := make([][]string, 0, len(c.rows))
	for i, row := range c.rows {
		row = slices.Clone(row)
		if i < count {
			row[statusColumn], row[lastColumn] = "Terminated", c.Day.AddDate(0, 0, -2).Format(time.DateOnly)
		}
		out = append(out, row)
	}
	return out
}

// disabled are those whose account is disabled.
func (c *crowd) disabled() []string {
	c.t.Helper()
	var out []string
	users := byID(c.Graph().State().Users)
	for _, key := range c.keys {
		if user := users[c.Account(key).ID()]; !enabled(user) {
			out = append(out, key)
		}
	}
	return out
}
