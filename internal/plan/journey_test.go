package plan_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
)

const entra = "entra"

// loadPolicy loads the package's policy with texts replaced, old then new.
func loadPolicy(t testing.TB, replace ...string) *lifecycle.Policy {
	t.Helper()
	raw, err := os.ReadFile("testdata/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			t.Fatalf("policy has no %q", replace[i])
		}
		text = strings.Replace(text, replace[i], replace[i+1], 1)
	}
	policy, err := lifecycle.Load(lifecycle.Source{Name: "policy.yaml", Content: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

var standardPolicy = sync.OnceValue(func() *lifecycle.Policy {
	raw, err := os.ReadFile("testdata/policy.yaml")
	if err != nil {
		panic(err)
	}
	policy, err := lifecycle.Load(lifecycle.Source{Name: "policy.yaml", Content: raw})
	if err != nil {
		panic(err)
	}
	return policy
})

// journey is a journey without Temporal: it records what plans ask for, as
// package workflows does.
type journey struct {
	t      testing.TB
	policy *lifecycle.Policy
	facts  plan.Facts
	now    time.Time
	events int
	log    []string
	// fail names verbs that fail, with whether they park for good.
	fail        map[plan.Verb]bool
	activations map[string]time.Time
	forms       []plan.Form
	// found is the state of the account that existing staff has; "" is none.
	found plan.AccountState
	// parks names verbs that park, with the code.
	parks map[plan.Verb]string
	// parksIn is parks of one target alone.
	parksIn map[string]map[plan.Verb]string
	// missing is set while accounts lack what HR is to be told.
	missing bool
}

func newJourney(t testing.TB, now string) *journey {
	t.Helper()
	return &journey{
		t: t, policy: standardPolicy(), now: at(t, now), fail: map[plan.Verb]bool{},
		found: plan.AccountEnabled, parks: map[plan.Verb]string{},
		facts: plan.Facts{Realm: "main", Key: "1001"},
	}
}

// at reads "2026-11-20 09:00" in Berlin, or an RFC 3339 instant.
func at(t testing.TB, text string) time.Time {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, layout := range []string{"2006-01-02 15:04", time.RFC3339} {
		if when, err := time.ParseInLocation(layout, text, berlin); err == nil {
			return when.UTC()
		}
	}
	t.Fatalf("no instant: %q", text)
	return time.Time{}
}

func day(t testing.TB, text string) person.Date {
	t.Helper()
	d, err := person.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// record reads "employment.startDate=2026-12-01 ..." words; names without a
// dot are short for common attributes.
func record(t testing.TB, words string) person.Record {
	t.Helper()
	short := map[string]string{
		"start": person.StartDateAttribute, "last": person.LastDayAttribute, "end": person.TerminationDateAttribute,
		"status": person.StatusAttribute, "kind": person.KindAttribute, "dept": person.DepartmentAttribute,
		"title": person.JobTitleAttribute, "zone": person.LocationTimeZone, "ownzone": person.TimeZoneAttribute,
		"manager": person.ManagerValueAttribute, "place": "assignment.location.name", "country": person.LocationCountry,
		"leave": person.LeaveStartAttribute, "back": person.LeaveReturnAttribute, "keeps": person.LeaveKeepsAccess,
	}
	attributes := person.Attributes{}.
		With(person.Attribute{Name: person.EmployeeIDAttribute, Value: "1001"}).
		With(person.Attribute{Name: person.GivenNameAttribute, Value: "Nora"}).
		With(person.Attribute{Name: person.FamilyNameAttribute, Value: "Falk"})
	var employment, assignment person.Attributes
	for word := range strings.FieldsSeq(words) {
		name, value, _ := strings.Cut(word, "=")
		if long, found := short[name]; found {
			name = long
		}
		a := person.Attribute{Name: name, Value: value}
		switch {
		case strings.HasPrefix(name, "employment."):
			employment = employment.With(a)
		case strings.HasPrefix(name, "assignment."):
			assignment = assignment.With(a)
		default:
			attributes = attributes.With(a)
		}
		if name == person.ManagerValueAttribute {
			attributes = attributes.With(person.Attribute{Name: person.ManagerKindAttribute, Value: person.ReferenceEmployeeID})
		}
	}
	return person.Record{
		Attributes:  attributes,
		Employments: []person.Employment{{Attributes: employment}},
		Assignments: []person.Assignment{{Attributes: assignment, Primary: true}},
	}
}

// hears merges a full record and plans until nothing is due.
func (j *journey) hears(words string) *journey {
	j.t.Helper()
	j.merge(record(j.t, words))
	return j.run()
}

func (j *journey) merge(r person.Record) {
	j.t.Helper()
	j.events++
	var result person.MergeResult
	j.facts.Person, result = person.Merge(j.facts.Person, person.Event{
		ID: fmt.Sprintf("e%d", j.events), Feed: "hr", AsOf: j.now, Sequence: int64(j.events),
		Completeness: person.Full, OwnsStatus: true, Record: r,
	})
	if result.Outcome != person.Applied {
		j.t.Fatalf("merge: got %s (%s), want applied", result.Outcome, result.Reason)
	}
}

func (j *journey) input() plan.Input {
	return plan.Input{Policy: j.policy, Version: 1, Activations: j.activations, Forms: j.forms, Facts: j.facts, Now: j.now}
}

// run plans and performs until nothing is due.
func (j *journey) run() *journey {
	j.t.Helper()
	for range 60 {
		result := plan.Build(j.input())
		j.take(result)
		if len(result.Due) == 0 {
			if len(result.Settled) > 0 {
				continue
			}
			return j
		}
		for _, batch := range result.Due {
			j.perform(batch)
		}
	}
	j.t.Fatalf("plan does not come to rest at %s; log:\n%s", j.now, strings.Join(j.log[max(0, len(j.log)-12):], "\n"))
	return j
}

func (j *journey) take(result plan.Result) {
	if result.Memory != nil {
		j.facts.Memory = *result.Memory
	}
	for _, settled := range result.Settled {
		j.done(settled)
		j.logf("%s %s", settled.Outcome, settled.Key)
	}
}

func (j *journey) done(done plan.Done) {
	j.facts.Parked = slices.DeleteFunc(slices.Clone(j.facts.Parked), func(p plan.Parked) bool { return p.Key == done.Key })
	j.facts.Done = append(slices.Clone(j.facts.Done), done)
}

func (j *journey) logf(format string, args ...any) {
	j.log = append(j.log, j.now.UTC().Format("01-02 15:04 ")+fmt.Sprintf(format, args...))
}

// until goes through the instants that plans ask for.
func (j *journey) until(text string) *journey {
	j.t.Helper()
	end := at(j.t, text)
	for range 500 {
		next := plan.Build(j.input()).Next
		if next.IsZero() || next.After(end) {
			break
		}
		if !next.After(j.now) {
			j.t.Fatalf("next %s is not after now %s", next, j.now)
		}
		j.now = next
		j.run()
	}
	j.now = end
	return j.run()
}

func (j *journey) perform(batch plan.Batch) {
	for _, task := range batch.Tasks {
		if forGood, fails := j.fail[task.Verb]; fails {
			parked := plan.Parked{Key: task.Key, Code: "unavailable", Since: j.now, Retry: j.now.Add(time.Hour), Attempts: task.Attempt + 1, Tried: j.now}
			if forGood {
				parked.Retry = time.Time{}
			}
			j.facts.Parked = append(slices.DeleteFunc(slices.Clone(j.facts.Parked), func(p plan.Parked) bool { return p.Key == task.Key }), parked)
			j.logf("parked %s", task.Key)
			return
		}
		code := cmp.Or(j.parks[task.Verb], j.parksIn[batch.Target][task.Verb])
		if task.Verb == plan.Link && task.ObjectID == "" && j.found == plan.AccountUnknown {
			code = plan.CodeUnmatched
		}
		if code != "" {
			j.park(task, code)
			return
		}
		j.effect(batch.Target, task)
		j.done(plan.Done{Key: task.Key, At: j.now, Outcome: plan.OutcomeDone, Shut: task.Verb == plan.Create && !task.Enabled})
		j.logf("done %s", task.Key)
	}
}

// park is what becomes of a task that finds no account it may take.
func (j *journey) park(task plan.Task, code string) {
	j.facts.Parked = append(slices.DeleteFunc(slices.Clone(j.facts.Parked), func(p plan.Parked) bool { return p.Key == task.Key }),
		plan.Parked{Key: task.Key, Code: code, Since: j.now, Retry: j.now.Add(24 * time.Hour), Attempts: task.Attempt + 1, Tried: j.now})
	j.logf("parked %s", task.Key)
}

// effect is what activities leave behind.
func (j *journey) effect(target string, task plan.Task) {
	if target == "" {
		return
	}
	a := j.account(target)
	switch task.Verb {
	case plan.Create:
		a = plan.Account{Target: target, ID: "o-1", State: plan.AccountDisabled, Stay: task.Stay, Operations: a.Operations, Written: task.Digest, Removed: a.Removed}
		if task.Enabled {
			a.State = plan.AccountEnabled
		}
	case plan.Link:
		a.ID, a.State, a.AdoptedAt, a.Linked = "o-1", j.found, j.now, plan.LinkedByNumber
		if task.ObjectID != "" {
			a.ID, a.Linked, a.Unlinked = task.ObjectID, plan.LinkedByHuman, false
			j.facts.Overrides.Links = nil
		}
	case plan.Unlink:
		a = plan.Account{Target: target, State: plan.AccountNone, Operations: a.Operations, Unlinked: true}
		j.facts.Overrides.Links = nil
	case plan.Update:
		a.Written = task.Digest
	case plan.Enable:
		a.State, a.Stay, a.DisabledFor = plan.AccountEnabled, task.Stay, ""
	case plan.Cut:
		if a.State == plan.AccountUnknown {
			a.State = plan.AccountNone
			break
		}
		a.State, a.DisabledAt, a.DisabledFor, a.Passes = plan.AccountDisabled, j.now, task.Stay, nil
	case plan.Delete:
		a.State, a.DeletedAt = plan.AccountDeleted, j.now
	case plan.WithdrawPass:
		a.Passes = nil
	case plan.Restore:
		a.Removed = nil
	case plan.Verb(lifecycle.RemoveUserFromAllGroups):
		a.Removed = append(slices.Clone(a.Removed), plan.Removed{Kind: "group", ID: "g-1", Stay: task.Stay, Leave: task.Leave})
	case plan.Verb(lifecycle.GenerateTemporaryAccessPass), plan.Verb(lifecycle.GenerateInitialPassword):
		a.Passes = []plan.Pass{{ID: "p", TaskKey: task.Key, Start: task.Pass.Start, Expires: task.Pass.Expires, StartDate: task.Pass.StartDate, Manager: task.Pass.Manager}}
	case plan.WriteBack:
		key, err := plan.ParseKey(task.Key)
		if err != nil {
			j.t.Fatal(err)
		}
		j.facts.WrittenBack = []plan.WrittenBack{{
			Feed: strings.TrimPrefix(key.Workflow, plan.WriteBackWorkflow), Stay: key.Stay, Generation: key.Generation,
			At: j.now, Basis: task.Digest, Missing: j.missing,
		}}
	default:
	}
	if plan.IsAccountVerb(task.Verb) {
		a.Operations++
		j.looked(target)
	}
	j.put(a)
}

// looked notes that an account was looked at.
func (j *journey) looked(target string) {
	j.facts.Overrides.Checks = slices.Clone(j.facts.Overrides.Checks)
	for i := range j.facts.Overrides.Checks {
		if check := &j.facts.Overrides.Checks[i]; check.Target == target && check.Looked.IsZero() {
			check.Looked = j.now
		}
	}
}

func (j *journey) account(target string) plan.Account {
	for _, a := range j.facts.Accounts {
		if a.Target == target {
			return a
		}
	}
	return plan.Account{Target: target}
}

func (j *journey) put(account plan.Account) {
	accounts := slices.DeleteFunc(slices.Clone(j.facts.Accounts), func(a plan.Account) bool { return a.Target == account.Target })
	j.facts.Accounts = append(accounts, account)
}

// did lists what was done since the last call, without times.
func (j *journey) did() []string {
	var out []string
	for _, line := range j.log {
		if _, key, found := strings.Cut(line, " done "); found {
			parsed, err := plan.ParseKey(key)
			if err != nil {
				j.t.Fatal(err)
			}
			out = append(out, parsed.Task)
		}
	}
	j.log = nil
	return out
}

func (j *journey) result() plan.Result { return plan.Build(j.input()) }

func (j *journey) lines() []plan.Line {
	lines, _, _ := plan.Lines(j.input())
	return lines
}

// line finds the line of a task; the last one where there are several.
func (j *journey) line(task string) plan.Line {
	j.t.Helper()
	for _, line := range slices.Backward(j.lines()) {
		if line.Task == task {
			return line
		}
	}
	j.t.Fatalf("no line for %s at %s:\n%s", task, j.now, explainAll(j.lines()))
	return plan.Line{}
}

func explainAll(lines []plan.Line) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(plan.Explain(line) + "\n")
	}
	return b.String()
}

func (j *journey) attention() []string {
	var out []string
	for _, a := range j.result().Attention {
		if !slices.Contains(out, a.Code) {
			out = append(out, a.Code)
		}
	}
	return out
}

func (j *journey) wantAttention(codes ...string) {
	j.t.Helper()
	if got := j.attention(); !slices.Equal(got, codes) {
		j.t.Errorf("attention at %s: got %v, want %v\n%s", j.now, got, codes, explainAll(j.lines()))
	}
}

func (j *journey) wantDid(tasks ...string) {
	j.t.Helper()
	log := strings.Join(j.log, "\n")
	if got := j.did(); !slices.Equal(got, tasks) {
		j.t.Errorf("done until %s:\n got %v\nwant %v\nlog:\n%s\n%s", j.now, got, tasks, log, explainAll(j.lines()))
	}
}

func (j *journey) wantPhase(phase person.Phase) {
	j.t.Helper()
	if got := j.result().Phase; got != phase {
		j.t.Errorf("phase at %s: got %s, want %s", j.now, got, phase)
	}
}

func (j *journey) wantState(state plan.AccountState) {
	j.t.Helper()
	if got := j.account(entra).State; got != state {
		j.t.Errorf("account at %s: got %q, want %q\n%s", j.now, got, state, explainAll(j.lines()))
	}
}

func by(j *journey) plan.By {
	return plan.By{ID: fmt.Sprintf("o%d", j.now.UnixNano()), Actor: "operator", Reason: "test", At: j.now}
}
