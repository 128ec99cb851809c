package person_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tenure/internal/person"
)

// job writes an employment as "id start..end status".
func job(t testing.TB, text string) person.Employment {
	t.Helper()
	id, rest, _ := strings.Cut(text, " ")
	dates, status, _ := strings.Cut(rest, " ")
	start, end, _ := strings.Cut(dates, "..")
	e := person.Employment{ID: strings.Trim(id, "-")}
	for name, value := range map[string]string{
		"employment.startDate": start, "employment.lastDayOfWork": end, "employment.status": status,
	} {
		if value != "" {
			e.Attributes = e.Attributes.With(person.Attribute{Name: name, Value: value, By: person.Stamp{AsOf: asOf(20)}})
		}
	}
	return e
}

func show(stays []person.Stay) string {
	var out []string
	for _, s := range stays {
		text := fmt.Sprintf("%s:%s..%s", s.ID, s.Start, s.LastDay)
		if s.Closed {
			text += " closed"
		}
		out = append(out, text)
	}
	return strings.Join(out, " | ")
}

// Each step is what HR says next; "-" stands for no employment ID.
func TestStays(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		steps [][]string
		want  string
	}{
		{"S3 one", [][]string{{"e1 2026-01-01.. active"}}, "e1:2026-01-01.."},
		{"S3 conversion is one stay", [][]string{{"e1 2020-01-01..2026-05-31 terminated", "e2 2026-06-01.. active"}}, "e1:2020-01-01.."},
		{"S3 gap of the bridge", [][]string{{"e1 2020-01-01..2026-05-31 ", "e2 2026-06-06.. active"}}, "e1:2020-01-01.."},
		{"S3 gap over the bridge", [][]string{{"e1 2020-01-01..2026-05-31 ", "e2 2026-06-07.. active"}}, "e1:2020-01-01..2026-05-31 | e2:2026-06-07.."},
		{"order of the list has no meaning", [][]string{{"e2 2026-06-07.. active", "e1 2020-01-01..2026-05-31 "}}, "e1:2020-01-01..2026-05-31 | e2:2026-06-07.."},
		{"second job inside the first", [][]string{{"e1 2020-01-01.. active", "e2 2026-01-01..2026-02-01 terminated"}}, "e1:2020-01-01.."},
		{"ID survives a correction", [][]string{{"e1 2020-01-01..2026-05-31 ", "e2 2026-06-01.. active"}, {"e1 2026-07-01..2026-07-31 ", "e2 2026-06-01.. active"}}, "e1:2026-06-01.."},
		{"ID stays with its employment", [][]string{
			{"e1 2020-01-01..2026-05-31 ", "e2 2026-06-01.. active"},
			{"e1 2026-07-01..2026-07-31 ", "e2 2026-06-01.. active"},
			{"e1 2027-07-01.. ", "e2 2026-06-01..2026-06-30 "},
		}, "e2:2026-06-01..2026-06-30 | e1:2027-07-01.."},
		{"vanished employment is known", [][]string{{"e1 2020-01-01..2026-05-31 "}, {"e2 2026-09-01.. active"}}, "e1:2020-01-01..2026-05-31 closed | e2:2026-09-01.."},
		{"vanished employment of one stay", [][]string{{"e1 2020-01-01..2026-05-31 "}, {"e2 2026-06-01.. active"}}, "e1:2020-01-01.."},
		{"all vanished", [][]string{{"e1 2020-01-01.. active"}, {}}, "e1:2020-01-01.. closed"},
		{"all vanished and back", [][]string{{"e1 2020-01-01.. active"}, {}, {"e1 2020-01-01.. active"}}, "e1:2020-01-01.."},
		{"rescinded conversion", [][]string{{"e1 2020-01-01..2026-12-31 active", "e2 2027-01-01.. rescinded"}}, "e1:2020-01-01..2026-12-31"},
		{"rescinded hire", [][]string{{"e1 2027-01-01.. rescinded"}}, "e1:2027-01-01.."},
		{"rescinded first employment", [][]string{{"e1 2026-01-01.. rescinded", "e2 2026-02-01.. active"}}, "e1:2026-02-01.."},
		{"terminated without a date", [][]string{{"e1 2020-01-01.. terminated"}, {"e1 2020-01-01.. terminated", "e2 2026-12-24.. pre_hire"}}, "e1:2020-01-01.. | e2:2026-12-24.."},
		{"flat", [][]string{{"- 2026-01-01.. active"}}, "s1:2026-01-01.."},
		{"flat start moved", [][]string{{"- 2027-01-01.. "}, {"- 2027-02-01.. "}}, "s1:2027-02-01.."},
		{"flat start and end moved before the start", [][]string{{"- 2027-01-01..2027-01-31 "}, {"- 2027-03-01..2027-03-31 "}}, "s1:2027-03-01..2027-03-31"},
		{"flat start moved within the bridge before the start", [][]string{{"- 2027-01-01..2027-01-31 "}, {"- 2027-02-03..2027-03-31 "}}, "s1:2027-02-03..2027-03-31"},
		{"S3 flat rehire", [][]string{{"- 2020-01-01..2026-05-31 "}, {"- 2026-12-01.. "}}, "s1:2020-01-01..2026-05-31 closed | s2:2026-12-01.."},
		{"S3 flat rehire corrected", [][]string{{"- 2020-01-01..2026-05-31 "}, {"- 2026-12-01.. "}, {"- 2026-12-15.. "}}, "s1:2020-01-01..2026-05-31 closed | s2:2026-12-15.."},
		{"flat rehire taken back", [][]string{{"- 2020-01-01..2026-05-31 "}, {"- 2026-12-01.. "}, {"- 2020-01-01..2026-05-31 "}}, "s1:2020-01-01..2026-05-31 | s2:2026-12-01.. closed"},
		{"S3 flat conversion", [][]string{{"- 2020-01-01..2026-05-31 "}, {"- 2026-06-01.. "}, {"- 2026-06-01.. "}}, "s1:2020-01-01.."},
		{"S3 flat open, start changes", [][]string{{"- 2020-01-01.. active"}, {"- 2020-02-01.. active"}}, "s1:2020-02-01.."},
		{"flat start lost", [][]string{{"- 2020-01-01.. active"}, {"- .. active"}}, "s1:2020-01-01.."},
		{"flat without employments", [][]string{{"- 2020-01-01.. active"}, {}}, "s1:2020-01-01.. closed"},
		{"feed learns IDs", [][]string{{"- 2020-01-01.. active"}, {"e9 2020-01-01.. active"}}, "s1:2020-01-01.."},
		{"feed learns IDs, start corrected", [][]string{{"- 2020-01-01.. active"}, {"e9 2020-01-01.. active"}, {"e9 2020-03-01.. active"}}, "s1:2020-03-01.."},
		{"feed learns IDs after a leave", [][]string{{"- 2020-01-01..2024-01-01 "}, {"e9 2026-01-01.. active"}}, "s1:2020-01-01..2024-01-01 closed | e9:2026-01-01.."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stays []person.Stay
			for _, step := range tt.steps {
				var record person.Record
				for _, text := range step {
					record.Employments = append(record.Employments, job(t, text))
				}
				stays = person.Stays(record, stays, person.StayRules{Bridge: 5, Today: day(t, "2026-11-22")})
				again := person.Stays(record, stays, person.StayRules{Bridge: 5, Today: day(t, "2026-11-22")})
				if show(again) != show(stays) {
					t.Errorf("computed twice: %s, then %s", show(stays), show(again))
				}
			}
			if got := show(stays); got != tt.want {
				t.Errorf("stays = %s\nwant    %s", got, tt.want)
			}
		})
	}
}

// S2: the leave date of a person terminated without one is that of the first
// record that said so.
func TestStayKeepsTheFirstStatusDate(t *testing.T) {
	t.Parallel()
	record := func(status string, dayOfMonth int) person.Record {
		return person.Record{Employments: []person.Employment{{Attributes: person.Attributes{
			{Name: "employment.status", Value: status, By: person.Stamp{AsOf: asOf(dayOfMonth)}},
		}}}}
	}
	var stays []person.Stay
	var got []int
	for i, status := range []string{"active", "terminated", "terminated", "active", "terminated"} {
		stays = person.Stays(record(status, i+1), stays, person.StayRules{})
		got = append(got, stays[0].StatusAsOf.Day())
	}
	if want := []int{1, 2, 2, 4, 5}; !slices.Equal(got, want) {
		t.Errorf("days of statusAsOf = %v, want %v", got, want)
	}
}

// Whatever HR says next, every stay keeps its ID: IDs are unique and none is
// given to another first employment.
func TestStayIDsAreUnique(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var stays []person.Stay
		for step := range rapid.IntRange(1, 5).Draw(rt, "steps") {
			var record person.Record
			flat := rapid.Bool().Draw(rt, fmt.Sprint("flat", step))
			ids := []string{"e1", "e2", "e3"}
			if flat {
				ids = []string{""}
			}
			for _, id := range ids {
				if !rapid.Bool().Draw(rt, fmt.Sprint(step, id)) {
					continue
				}
				start := person.Date{Year: 2026, Month: time.January, Day: 1}.AddDays(rapid.IntRange(0, 300).Draw(rt, fmt.Sprint(step, id, "start")))
				e := person.Employment{ID: id, Attributes: attrs("employment.startDate", start.String())}
				if length := rapid.IntRange(-1, 100).Draw(rt, fmt.Sprint(step, id, "length")); length >= 0 {
					e.Attributes = e.Attributes.With(person.Attribute{Name: "employment.lastDayOfWork", Value: start.AddDays(length).String()})
				}
				record.Employments = append(record.Employments, e)
			}
			known := stays
			stays = person.Stays(record, known, person.StayRules{Bridge: 5, Today: person.Date{Year: 2026, Month: time.July, Day: 1}})
			seen := make(map[string]bool)
			for _, s := range stays {
				if s.ID == "" || seen[s.ID] {
					rt.Fatalf("stays %s: IDs are not unique", show(stays))
				}
				seen[s.ID] = true
			}
			for _, e := range record.Employments {
				if !slices.ContainsFunc(stays, func(s person.Stay) bool { return slices.Contains(s.Employments(), e.ID) }) {
					rt.Fatalf("stays %s hold no employment %q", show(stays), e.ID)
				}
			}
			slices.Reverse(record.Employments)
			if again := person.Stays(record, known, person.StayRules{Bridge: 5, Today: person.Date{Year: 2026, Month: time.July, Day: 1}}); show(again) != show(stays) {
				rt.Fatalf("order matters: %s against %s", show(stays), show(again))
			}
		}
	})
}

func TestAssignmentAt(t *testing.T) {
	t.Parallel()
	record := person.Record{
		Employments: []person.Employment{job(t, "e1 2026-01-01..2026-12-31 active"), job(t, "e0 2010-01-01..2011-12-31 terminated")},
		Assignments: []person.Assignment{
			{ID: "old", EmploymentID: "e0", To: day(t, "2012-01-01"), Primary: true},
			{ID: "first", EmploymentID: "e1", From: day(t, "2026-01-01"), To: day(t, "2026-06-01"), Primary: true},
			{ID: "side", EmploymentID: "e1", From: day(t, "2026-05-01")},
			{ID: "second", EmploymentID: "e1", From: day(t, "2026-06-01"), To: day(t, "2027-01-01"), Primary: true},
		},
	}
	stays := person.Stays(record, nil, person.StayRules{Bridge: 5})
	stay := stays[len(stays)-1]
	for _, order := range []int{0, 1, 2, 3} {
		rotated := record
		rotated.Assignments = slices.Concat(record.Assignments[order:], record.Assignments[:order])
		for date, want := range map[string]string{
			"2025-12-01": "first", "2026-01-01": "first", "2026-05-31": "first",
			"2026-06-01": "second", "2026-12-31": "second", "2027-03-01": "second",
		} {
			got, found := person.AssignmentAt(rotated, stay, day(t, date))
			if !found || got.ID != want {
				t.Errorf("assignment at %s = %q, %v; want %q", date, got.ID, found, want)
			}
		}
	}
	if got, found := person.AssignmentAt(person.Record{Assignments: []person.Assignment{{From: day(t, "2027-01-01")}}}, stay, day(t, "2026-02-01")); found {
		t.Errorf("assignment before any holds = %q, want none", got.ID)
	}
}

func TestViewSpeaksOfTheStay(t *testing.T) {
	t.Parallel()
	record := person.Record{
		Attributes: attrs("employeeId", "7", "contact.mobile", ""),
		Employments: []person.Employment{
			job(t, "e1 2020-01-01..2026-05-31 terminated"), job(t, "e2 2026-06-01.. active"),
		},
		Assignments: []person.Assignment{
			{ID: "a1", EmploymentID: "e1", To: day(t, "2026-06-01"), Attributes: attrs("assignment.jobTitle", "Clerk")},
			{ID: "a2", EmploymentID: "e2", From: day(t, "2026-06-01"), Attributes: attrs("assignment.jobTitle", "Lead")},
		},
	}
	stay := person.Stays(record, nil, person.StayRules{Bridge: 5})[0]
	view := person.View(record, stay, day(t, "2026-03-01"))
	for name, want := range map[string]string{
		"employeeId": "7", "contact.mobile": "", "assignment.jobTitle": "Clerk", "assignment.id": "a1", "employment.id": "e1",
		"employment.startDate": "2020-01-01", "employment.status": "terminated", "assignment.to": "2026-06-01",
	} {
		if got, found := view.Get(name); !found || got != want {
			t.Errorf("view of March: %s = %q, %v; want %q", name, got, found, want)
		}
	}
	if got, found := view.Get("employment.lastDayOfWork"); found {
		t.Errorf("last day of an open stay = %q, want none", got)
	}
	if got, _ := person.View(record, stay, day(t, "2026-07-01")).Get("assignment.jobTitle"); got != "Lead" {
		t.Errorf("job in July = %q, want Lead", got)
	}
	if !slices.IsSortedFunc(view, func(a, b person.Attribute) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("view is not sorted")
	}
	if got := fmt.Sprint(person.Boundaries(record)); got != "[2026-06-01]" {
		t.Errorf("boundaries = %s, want [2026-06-01]", got)
	}
}
