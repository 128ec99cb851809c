package person_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tenure/internal/person"
)

func attrs(pairs ...string) person.Attributes {
	var out person.Attributes
	for i := 0; i < len(pairs); i += 2 {
		out = out.With(person.Attribute{Name: pairs[i], Value: pairs[i+1]})
	}
	return out
}

func asOf(dayOfMonth int) time.Time { return time.Date(2026, 11, dayOfMonth, 0, 0, 0, 0, time.UTC) }

func full(id string, dayOfMonth int, record person.Record) person.Event {
	return person.Event{
		ID: id, Feed: "hr", AsOf: asOf(dayOfMonth), Completeness: person.Full, OwnsStatus: true, Record: record,
	}
}

func partial(id string, dayOfMonth int, record person.Record) person.Event {
	e := full(id, dayOfMonth, record)
	e.Completeness = person.Partial
	return e
}

func people(pairs ...string) person.Record { return person.Record{Attributes: attrs(pairs...)} }

func mergeAll(t testing.TB, events ...person.Event) person.Merged {
	t.Helper()
	var m person.Merged
	for _, e := range events {
		m, _ = person.Merge(m, e)
	}
	return m
}

func values(a person.Attributes) map[string]string {
	out := make(map[string]string)
	for _, attribute := range a {
		out[attribute.Name] = attribute.Value
	}
	return out
}

func TestMergeOfOneFeed(t *testing.T) {
	t.Parallel()
	a1 := full("a", 1, people("person.displayName", "Ana", "contact.mobile", "1"))
	tests := []struct {
		name   string
		events []person.Event
		want   map[string]string
	}{
		{"newest full wins", []person.Event{full("b", 2, people("person.displayName", "Bea")), a1}, map[string]string{"person.displayName": "Bea"}},
		{"partial sets", []person.Event{a1, partial("b", 2, people("contact.mobile", "2"))}, map[string]string{"person.displayName": "Ana", "contact.mobile": "2"}},
		{"partial never clears", []person.Event{a1, partial("b", 2, people("contact.mobile", ""))}, map[string]string{"person.displayName": "Ana", "contact.mobile": "1"}},
		{"late partial loses", []person.Event{full("b", 3, people()), partial("c", 2, people("contact.mobile", "2"))}, map[string]string{}},
		{"early partial is kept", []person.Event{partial("c", 2, people("contact.mobile", "2")), a1}, map[string]string{"person.displayName": "Ana", "contact.mobile": "2"}},
		{"explicit empty stays", []person.Event{a1, full("b", 2, people("contact.mobile", ""))}, map[string]string{"contact.mobile": ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := values(mergeAll(t, tt.events...).Record.Attributes)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("record differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMergeOutcomes(t *testing.T) {
	t.Parallel()
	m := mergeAll(t, full("b", 2, people("person.displayName", "Bea", "personKey", "p1", "person.legalName.family", "Lima", "person.birthDate", "1990-01-01")))
	tests := []struct {
		name  string
		event person.Event
		want  person.MergeResult
	}{
		{"duplicate", full("b", 2, people()), person.MergeResult{Outcome: person.Duplicate}},
		{"stale", full("a", 1, people("person.displayName", "Ana", "personKey", "p2")), person.MergeResult{Outcome: person.Stale}},
		{"applied", partial("c", 3, people("person.displayName", "Cea")), person.MergeResult{Outcome: person.Applied, Changed: []string{"person.displayName"}}},
		{"nothing new", partial("c", 3, people("person.displayName", "Bea")), person.MergeResult{Outcome: person.Applied}},
		{"cleared", full("c", 3, people("person.displayName", "Bea")), person.MergeResult{Outcome: person.Applied, Changed: []string{"person.birthDate", "person.legalName.family", "personKey"}}},
		{"S12 other person key", full("c", 3, people("personKey", "p2")), person.MergeResult{Outcome: person.Conflict, Reason: person.ConflictPersonKey}},
		{"S12 other name and birth", partial("c", 3, people("person.legalName.family", "Silva", "person.birthDate", "1991-01-01")), person.MergeResult{Outcome: person.Conflict, Reason: person.ConflictNameBirth}},
		{"other name alone", partial("c", 3, people("person.legalName.family", "Silva", "person.birthDate", "1990-01-01")), person.MergeResult{Outcome: person.Applied, Changed: []string{"person.legalName.family"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			next, got := person.Merge(m, tt.event)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("result differs (-want +got):\n%s", diff)
			}
			if got.Outcome != person.Applied && !cmp.Equal(next.Record, m.Record) {
				t.Errorf("record changed though the event was %s", got.Outcome)
			}
		})
	}
}

func TestMergeAccepted(t *testing.T) {
	t.Parallel()
	m := mergeAll(t, full("a", 1, people("personKey", "p1")))
	e := full("b", 2, people("personKey", "p2"))
	m, refused := person.Merge(m, e)
	m, accepted := person.MergeAccepted(m, e)
	if refused.Outcome != person.Conflict || accepted.Outcome != person.Applied {
		t.Errorf("outcomes = %s then %s, want conflict then applied", refused.Outcome, accepted.Outcome)
	}
	if got, _ := m.Record.Attributes.Get("personKey"); got != "p2" {
		t.Errorf("personKey = %q, want p2", got)
	}
}

func TestMergeOrdersBySequence(t *testing.T) {
	t.Parallel()
	first, second := full("a", 9, people("person.displayName", "Ana")), full("b", 1, people("person.displayName", "Bea"))
	first.Sequence, second.Sequence = 1, 2
	m, _ := person.Merge(person.Merged{}, second)
	m, result := person.Merge(m, first)
	if got, _ := m.Record.Attributes.Get("person.displayName"); got != "Bea" || result.Outcome != person.Stale {
		t.Errorf("after sequence 2 then 1: %q, %s; want Bea, stale", got, result.Outcome)
	}
}

func TestMergeOfTwoFeeds(t *testing.T) {
	t.Parallel()
	hr := full("a", 1, person.Record{
		Attributes:  attrs("person.displayName", "Ana", "contact.mobile", "1"),
		Employments: []person.Employment{{Attributes: attrs("employment.status", "active")}},
		Assignments: []person.Assignment{{Attributes: attrs("assignment.costCenter.id", "1", "assignment.jobTitle", "Chef")}},
	})
	finance := person.Event{
		ID: "f", Feed: "finance", AsOf: asOf(5), Completeness: person.Full,
		Record: person.Record{
			Attributes:  attrs("ext.badge", "7", "contact.mobile", "2"),
			Employments: []person.Employment{{Attributes: attrs("employment.status", "terminated")}},
			Assignments: []person.Assignment{{Attributes: attrs("assignment.costCenter.id", "2", "assignment.to", "2026-01-01")}},
		},
	}
	hr2 := hr
	hr2.ID, hr2.AsOf = "b", asOf(6)
	m := mergeAll(t, hr, finance, hr2)
	stays := person.Stays(m.Record, nil, person.StayRules{})
	got := values(person.View(m.Record, stays[0], day(t, "2026-12-01")))
	want := map[string]string{
		"person.displayName": "Ana", "contact.mobile": "2", "ext.badge": "7",
		"employment.status": "active", "assignment.costCenter.id": "2", "assignment.jobTitle": "Chef",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("view differs (-want +got):\n%s", diff)
	}
	finance2 := finance
	finance2.ID, finance2.AsOf, finance2.Record = "g", asOf(7), person.Record{}
	m, result := person.Merge(m, finance2)
	if diff := cmp.Diff([]string{"assignment.costCenter.id", "contact.mobile", "ext.badge"}, result.Changed); diff != "" {
		t.Errorf("changed differs (-want +got):\n%s", diff)
	}
	if cost, _ := m.Record.Assignments[0].Attributes.Get("assignment.costCenter.id"); cost != "1" {
		t.Errorf("cost centre after the other feed fell silent = %q, want HR's 1", cost)
	}
}

func TestMergeAddressesEmploymentsByID(t *testing.T) {
	t.Parallel()
	record := person.Record{
		Employments: []person.Employment{
			{ID: "e2", Attributes: attrs("employment.startDate", "2026-06-01", "employment.status", "active")},
			{ID: "e1", Attributes: attrs("employment.startDate", "2020-01-01", "employment.lastDayOfWork", "2026-05-31", "employment.status", "terminated")},
		},
		Assignments: []person.Assignment{
			{ID: "a2", EmploymentID: "e2", From: day(t, "2026-06-01"), Primary: true, Attributes: attrs("assignment.jobTitle", "Lead")},
			{ID: "a1", EmploymentID: "e1", To: day(t, "2026-06-01"), Attributes: attrs("assignment.jobTitle", "Clerk")},
		},
	}
	named := partial("b", 2, person.Record{Employments: []person.Employment{{ID: "e1", Attributes: attrs("employment.endReason", "moved")}}})
	unnamed := partial("c", 3, person.Record{
		Employments: []person.Employment{{Attributes: attrs("employment.lastDayOfWork", "2026-12-31")}},
		Assignments: []person.Assignment{{Attributes: attrs("assignment.jobTitle", "Head")}},
	})
	for _, order := range [][]person.Event{{full("a", 1, record), named, unnamed}, {unnamed, named, full("a", 1, record)}} {
		m := mergeAll(t, order...)
		got := []any{len(m.Record.Employments), len(m.Record.Assignments)}
		for _, e := range m.Record.Employments {
			last, _ := e.Attributes.Get("employment.lastDayOfWork")
			reason, _ := e.Attributes.Get("employment.endReason")
			got = append(got, e.ID, last, reason)
		}
		for _, a := range m.Record.Assignments {
			title, _ := a.Attributes.Get("assignment.jobTitle")
			got = append(got, a.ID, title, a.From, a.To, a.Primary, a.EmploymentID)
		}
		want := "2 2 e1 2026-05-31 moved e2 2026-12-31  a1 Clerk  2026-06-01 false e1 a2 Head 2026-06-01  true e2"
		if got := strings.TrimSuffix(fmt.Sprintln(got...), "\n"); got != want {
			t.Errorf("record =\n %s, want\n %s", got, want)
		}
	}
}

func TestMergeKeepsStatusStamp(t *testing.T) {
	t.Parallel()
	m := mergeAll(t, full("a", 4, person.Record{Employments: []person.Employment{{Attributes: attrs("employment.status", "terminated", "employment.kind", "employee")}}}))
	for _, a := range m.Record.Employments[0].Attributes {
		if (a.Name == "employment.status") != a.By.AsOf.Equal(asOf(4)) {
			t.Errorf("%s has stamp %+v; only the status has one", a.Name, a.By)
		}
	}
}

func TestMergedSurvivesJSON(t *testing.T) {
	t.Parallel()
	m := mergeAll(t,
		full("a", 1, person.Record{
			Attributes:  attrs("person.displayName", "Ana"),
			Employments: []person.Employment{{ID: "e1", Attributes: attrs("employment.status", "active")}},
			Assignments: []person.Assignment{{ID: "a1", EmploymentID: "e1", From: day(t, "2026-01-01"), Primary: true}},
		}),
		partial("b", 2, people("contact.mobile", "2")))
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var back person.Merged
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, back); diff != "" {
		t.Errorf("after JSON (-want +got):\n%s", diff)
	}
	if _, result := person.Merge(back, partial("b", 2, people("contact.mobile", "2"))); result.Outcome != person.Duplicate {
		t.Errorf("replay after JSON = %s, want duplicate", result.Outcome)
	}
}

func TestMergeBoundsSeen(t *testing.T) {
	t.Parallel()
	var m person.Merged
	for i := range 600 {
		e := partial(fmt.Sprintf("%03d", i), 1, people("contact.mobile", "1"))
		e.Sequence = int64(i + 1)
		m, _ = person.Merge(m, e)
	}
	if len(m.Seen) != 256 || m.Seen[255] != "hr/599" {
		t.Errorf("seen holds %d, last %q; want 256, hr/599", len(m.Seen), m.Seen[len(m.Seen)-1])
	}
	old := partial("000", 1, people("contact.mobile", "1"))
	old.Sequence = 1
	if _, result := person.Merge(m, old); result.Outcome != person.Stale {
		t.Errorf("an event forgotten by seen = %s, want stale", result.Outcome)
	}
}

// Any order of arrival of the same events, duplicates included, gives the same
// record, and no merge changes its argument.
func TestMergeIsOrderFree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		events := rapid.SliceOfN(eventGenerator(), 1, 8).Draw(rt, "events")
		for i := range events {
			events[i].ID = fmt.Sprint("e", i)
		}
		shuffled := rapid.Permutation(slices.Concat(events, events[:len(events)/2])).Draw(rt, "arrival")
		one, other := mergeAll(t, events...), mergeAll(t, shuffled...)
		if diff := cmp.Diff(one.Record, other.Record); diff != "" {
			rt.Fatalf("records differ by order of arrival:\n%s", diff)
		}
		if diff := cmp.Diff(one.Feeds, other.Feeds); diff != "" {
			rt.Fatalf("feeds differ by order of arrival:\n%s", diff)
		}
		before, err := json.Marshal(one)
		if err != nil {
			rt.Fatal(err)
		}
		extra := eventGenerator().Draw(rt, "extra")
		extra.ID = "extra"
		next, result := person.Merge(one, extra)
		if after, _ := json.Marshal(one); string(before) != string(after) {
			rt.Fatal("Merge changed its argument")
		}
		if got := person.Changed(one.Record, next.Record); !slices.Equal(got, result.Changed) {
			rt.Fatalf("changed = %v, want %v", result.Changed, got)
		}
	})
}

func eventGenerator() *rapid.Generator[person.Event] {
	return rapid.Custom(func(t *rapid.T) person.Event {
		value := rapid.SampledFrom([]string{"", "x", "y", "z"})
		set := func(label string, names ...string) person.Attributes {
			var out person.Attributes
			for _, name := range names {
				if rapid.Bool().Draw(t, label+name) {
					out = out.With(person.Attribute{Name: name, Value: value.Draw(t, label+name+"=")})
				}
			}
			return out
		}
		e := person.Event{
			Feed:         rapid.SampledFrom([]string{"finance", "hr", "former"}).Draw(t, "feed"),
			AsOf:         asOf(rapid.IntRange(1, 6).Draw(t, "asOf")),
			Sequence:     rapid.Int64Range(0, 3).Draw(t, "sequence"),
			Completeness: rapid.SampledFrom([]person.Completeness{person.Full, person.Partial}).Draw(t, "completeness"),
		}
		e.OwnsStatus = e.Feed != "finance"
		e.Record.Attributes = set("p", "contact.mobile", "person.displayName")
		for _, id := range rapid.SampledFrom([][]string{nil, {""}, {"e2", "e1"}, {"e1"}}).Draw(t, "ids") {
			e.Record.Employments = append(e.Record.Employments, person.Employment{ID: id, Attributes: set(id, "employment.kind", "employment.status")})
			assignment := person.Assignment{ID: id, EmploymentID: id, Attributes: set(id, "assignment.jobTitle", "assignment.grade")}
			if rapid.Bool().Draw(t, id+"from") {
				assignment.From = person.DateOf(asOf(rapid.IntRange(1, 6).Draw(t, id+"day")))
			}
			e.Record.Assignments = append(e.Record.Assignments, assignment)
		}
		return e
	})
}
