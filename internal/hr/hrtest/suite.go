package hrtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/hr"
	"tenure/internal/person"
)

// Fact is what HR says of one person at one moment, as attribute and value;
// "" is an explicit empty value. Only attributes of [Attributes] are used.
type Fact struct {
	// ID is the delivery's; feeds without IDs of their own ignore it.
	ID           string
	Key          string
	AsOf         time.Time
	Completeness person.Completeness
	Values       map[string]string
}

// Attributes are those that a harness must be able to carry.
func Attributes() []string {
	return []string{
		person.EmployeeIDAttribute, person.DisplayNameAttribute,
		person.StatusAttribute, person.StartDateAttribute, person.LastDayAttribute,
		person.DepartmentAttribute, person.JobTitleAttribute,
	}
}

// Harness brings facts into a feed.
type Harness struct {
	// Feed is the name that events must carry.
	Feed string
	// Read writes the fact in the feed's wire form and reads that.
	Read func(t testing.TB, fact Fact) (hr.Statement, error)
}

// Run runs the whole suite.
func Run(t *testing.T, h Harness) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Harness){
		"event":                       testEvent,
		"duplicate":                   testDuplicate,
		"replayed":                    testReplayed,
		"out of order":                testOutOfOrder,
		"future-dated":                testFutureDated,
		"correction":                  testCorrection,
		"rescind":                     testRescind,
		"partial never clears":        testPartialNeverClears,
		"explicit empty clears":       testExplicitEmpty,
		"unknown code is rejected":    testUnknownCode,
		"impossible date is rejected": testImpossibleDate,
		"text is kept":                testText,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, h)
		})
	}
}

func day(n int) time.Time { return time.Date(2026, 11, n, 6, 0, 0, 0, time.UTC) }

// full is a whole record with changes, given as attribute and value.
func full(n int, changes ...string) Fact {
	values := map[string]string{
		person.EmployeeIDAttribute: "1513", person.DisplayNameAttribute: "Ana Lima",
		person.StatusAttribute: person.StatusActive, person.StartDateAttribute: "2026-12-01", person.LastDayAttribute: "",
		person.DepartmentAttribute: "Sales", person.JobTitleAttribute: "Clerk",
	}
	return Fact{ID: fmt.Sprintf("msg-%d", n), Key: "1513", AsOf: day(n), Completeness: person.Full, Values: changed(values, changes)}
}

func partial(n int, changes ...string) Fact {
	fact := full(n)
	fact.Completeness = person.Partial
	fact.Values = changed(map[string]string{}, changes)
	return fact
}

func changed(values map[string]string, changes []string) map[string]string {
	for i := 0; i < len(changes); i += 2 {
		values[changes[i]] = changes[i+1]
	}
	return values
}

func (h Harness) read(t *testing.T, fact Fact) person.Event {
	t.Helper()
	statement, err := h.Read(t, fact)
	if err != nil {
		t.Fatalf("read fact of %s: %v", fact.AsOf.Format(time.DateOnly), err)
	}
	if statement.Key != fact.Key {
		t.Fatalf("key = %q, want %q", statement.Key, fact.Key)
	}
	return statement.Event
}

// tell merges facts in the order in which they arrive.
func (h Harness) tell(t *testing.T, facts ...Fact) (person.Merged, person.MergeResult) {
	t.Helper()
	var m person.Merged
	var result person.MergeResult
	for _, fact := range facts {
		m, result = person.Merge(m, h.read(t, fact))
	}
	return m, result
}

// expect compares attributes of the record, given as name and value.
func expect(t *testing.T, m person.Merged, want ...string) {
	t.Helper()
	stays := person.Stays(m.Record, nil, person.StayRules{Bridge: 5, Today: person.DateOf(day(22))})
	if len(stays) != 1 {
		t.Fatalf("stays = %+v, want one", stays)
	}
	view := person.View(m.Record, stays[0], stays[0].Start)
	for pair := range slices.Chunk(want, 2) {
		if got, found := view.Get(pair[0]); got != pair[1] || !found {
			t.Errorf("%s = %q, %v; want %q", pair[0], got, found, pair[1])
		}
	}
}

func testEvent(t *testing.T, h Harness) {
	e := h.read(t, full(1))
	if e.Feed != h.Feed || e.ID == "" || !e.AsOf.Equal(day(1)) || e.Completeness != person.Full || !e.OwnsStatus {
		t.Errorf("event = %+v, want a full one of feed %s as of %s", e, h.Feed, day(1))
	}
	m, _ := h.tell(t, full(1))
	for name, want := range full(1).Values {
		expect(t, m, name, want)
	}
	for _, list := range []person.Attributes{e.Record.Attributes, e.Record.Employments[0].Attributes, e.Record.Assignments[0].Attributes} {
		if !slices.IsSortedFunc(list, func(a, b person.Attribute) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("attributes are not sorted: %+v", list)
		}
	}
}

func testDuplicate(t *testing.T, h Harness) {
	once, _ := h.tell(t, full(1))
	twice, result := h.tell(t, full(1), full(1))
	if result.Outcome != person.Duplicate {
		t.Errorf("the same fact again = %s, want duplicate", result.Outcome)
	}
	if diff := cmp.Diff(once, twice); diff != "" {
		t.Errorf("the same fact again changed what is known:\n%s", diff)
	}
}

func testReplayed(t *testing.T, h Harness) {
	m, result := h.tell(t, full(1), full(2, person.JobTitleAttribute, "Lead"), full(3, person.JobTitleAttribute, "Head"),
		full(1), full(2, person.JobTitleAttribute, "Lead"))
	if result.Outcome != person.Duplicate {
		t.Errorf("a replayed fact = %s, want duplicate", result.Outcome)
	}
	expect(t, m, person.JobTitleAttribute, "Head")
}

func testOutOfOrder(t *testing.T, h Harness) {
	m, result := h.tell(t, full(3, person.JobTitleAttribute, "Head"), full(2, person.JobTitleAttribute, "Lead"))
	if result.Outcome != person.Stale {
		t.Errorf("an older fact = %s, want stale", result.Outcome)
	}
	expect(t, m, person.JobTitleAttribute, "Head")
}

func testFutureDated(t *testing.T, h Harness) {
	m, _ := h.tell(t, full(1, person.StartDateAttribute, "2027-04-01", person.LastDayAttribute, "2027-09-30"))
	expect(t, m, person.StartDateAttribute, "2027-04-01", person.LastDayAttribute, "2027-09-30")
}

func testCorrection(t *testing.T, h Harness) {
	m, result := h.tell(t, full(1), full(2, person.StartDateAttribute, "2026-12-15"))
	if diff := cmp.Diff([]string{person.StartDateAttribute}, result.Changed); diff != "" {
		t.Errorf("changed differs (-want +got):\n%s", diff)
	}
	expect(t, m, person.StartDateAttribute, "2026-12-15")
}

func testRescind(t *testing.T, h Harness) {
	m, result := h.tell(t, full(1), full(2, person.StatusAttribute, person.StatusRescinded))
	if diff := cmp.Diff([]string{person.StatusAttribute}, result.Changed); diff != "" {
		t.Errorf("changed differs (-want +got):\n%s", diff)
	}
	expect(t, m, person.StatusAttribute, person.StatusRescinded)
}

func testPartialNeverClears(t *testing.T, h Harness) {
	m, _ := h.tell(t, full(1), partial(2, person.DepartmentAttribute, "Support", person.JobTitleAttribute, ""))
	expect(t, m, person.DepartmentAttribute, "Support", person.JobTitleAttribute, "Clerk",
		person.StartDateAttribute, "2026-12-01", person.DisplayNameAttribute, "Ana Lima")
}

func testExplicitEmpty(t *testing.T, h Harness) {
	m, result := h.tell(t, full(1), full(2, person.JobTitleAttribute, ""))
	if diff := cmp.Diff([]string{person.JobTitleAttribute}, result.Changed); diff != "" {
		t.Errorf("changed differs (-want +got):\n%s", diff)
	}
	expect(t, m, person.JobTitleAttribute, "")
}

func testUnknownCode(t *testing.T, h Harness) {
	if got, err := h.Read(t, full(1, person.StatusAttribute, "sabbatical")); err == nil {
		t.Errorf("S2: an unknown status was read as %+v, want it rejected", got)
	}
}

func testImpossibleDate(t *testing.T, h Harness) {
	for _, value := range []string{"2026-02-30", "9999-12-31"} {
		if got, err := h.Read(t, full(1, person.StartDateAttribute, value)); err == nil {
			t.Errorf("start date %s was read as %+v, want it rejected", value, got)
		}
	}
}

func testText(t *testing.T, h Harness) {
	for value, want := range map[string]string{
		"=cmd|' /C calc'!A0":            "=cmd|' /C calc'!A0",
		`O'Neil, "Q" <x>; 1`:            `O'Neil, "Q" <x>; 1`,
		"Zoe\u0308 Straße \u674e\u56db": "Zo\u00eb Straße \u674e\u56db",
	} {
		m, _ := h.tell(t, full(1, person.JobTitleAttribute, value))
		expect(t, m, person.JobTitleAttribute, want)
	}
}
