package hr_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/hr"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

func normaliser(t testing.TB, feed lifecycle.Feed) *hr.Normaliser {
	t.Helper()
	feed.Name = "hr"
	n, err := hr.NewNormaliser(feed)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNewNormaliserReportsEverything(t *testing.T) {
	t.Parallel()
	_, err := hr.NewNormaliser(lifecycle.Feed{
		Dates: "DD.MM",
		Owns:  []string{"assignment.costCentre.id", "employment.status", "managerRef"},
		Fields: []lifecycle.Field{
			{Attribute: "employment.starDate"},
			{Attribute: "managerRef"},
			{Attribute: "employeeId"},
			{Attribute: "employeeId"},
		},
	})
	if err == nil {
		t.Fatal("NewNormaliser gave no error")
	}
	for _, want := range []string{
		"no name", "date layout", `did you mean "assignment.costCenter.id"?`, "employment.status belongs to the feed that owns",
		`did you mean "employment.startDate"?`, "needs a kind", "from two columns",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("NewNormaliser = %v; want %q in it", err, want)
		}
	}
}

func TestRecordTranslates(t *testing.T) {
	t.Parallel()
	n := normaliser(t, lifecycle.Feed{
		Dates: "DD.MM.YYYY", Nulls: []string{"NULL"},
		Fields: []lifecycle.Field{{Attribute: "assignment.location.country", Values: map[string]string{"UK": "GB", "none": ""}}},
	})
	got, problems := n.Record(hr.RawRecord{
		Person:      []hr.Raw{{Attribute: "person.displayName", Value: " Ana "}, {Attribute: "contact.mobile", Value: "NULL"}},
		Employments: []hr.RawPart{{Values: []hr.Raw{{Attribute: "employment.startDate", Value: " 01.02.2026 "}}}},
		Assignments: []hr.RawPart{{Values: []hr.Raw{
			{Attribute: "assignment.location.country", Value: "UK"},
			{Attribute: "assignment.primary", Value: "True"},
			{Attribute: "assignment.from", Value: "01.02.2026"},
			{Attribute: "assignment.fte", Value: " 0.50 "},
		}}},
	}, person.Full)
	want := person.Record{
		Attributes:  person.Attributes{{Name: "contact.mobile"}, {Name: "person.displayName", Value: " Ana "}},
		Employments: []person.Employment{{Attributes: person.Attributes{{Name: "employment.startDate", Value: "2026-02-01"}}}},
		Assignments: []person.Assignment{{
			Primary: true, From: person.Date{Year: 2026, Month: time.February, Day: 1},
			Attributes: person.Attributes{{Name: "assignment.fte", Value: "0.5"}, {Name: "assignment.location.country", Value: "GB"}},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(problems) > 0 {
		t.Errorf("record differs, problems %v (-want +got):\n%s", problems, diff)
	}
}

func TestRecordProblems(t *testing.T) {
	t.Parallel()
	n := normaliser(t, lifecycle.Feed{Fields: []lifecycle.Field{
		{Attribute: "assignment.jobCode", Values: map[string]string{"1": "one"}},
		{Attribute: "person.language", Values: map[string]string{"D": "de"}},
	}})
	employment := func(pairs ...string) hr.RawRecord {
		var part hr.RawPart
		for i := 0; i < len(pairs); i += 2 {
			part.Values = append(part.Values, hr.Raw{Attribute: pairs[i], Value: pairs[i+1]})
		}
		return hr.RawRecord{Employments: []hr.RawPart{part}}
	}
	tests := []struct {
		name string
		raw  hr.RawRecord
		want string
	}{
		{"S2 unknown status", employment("employment.status", "gone"), `unknown code "gone"`},
		{"S2 status in another case", employment("employment.status", "ACTIVE"), `unknown code "ACTIVE"`},
		{"code without entry", hr.RawRecord{Assignments: []hr.RawPart{{Values: []hr.Raw{{Attribute: "assignment.jobCode", Value: "2"}}}}}, `unknown code "2"`},
		{"text of the person is not quoted", hr.RawRecord{Person: []hr.Raw{{Attribute: "person.language", Value: "Klingon"}}}, "value has no entry"},
		{"wrong layer", hr.RawRecord{Person: []hr.Raw{{Attribute: "employment.status", Value: "active"}}}, "unknown attribute"},
		{"stated twice", employment("employment.kind", "other", "employment.kind", "intern"), "stated twice"},
		{"end before start", employment("employment.startDate", "2026-02-02", "employment.terminationDate", "2026-02-01"), "lies before"},
		{"end before hire", employment("employment.hireDate", "2026-02-02", "employment.lastDayOfWork", "2026-02-01"), "lies before employment.hireDate"},
		{"undone hire may end before it starts", employment("employment.status", "rescinded", "employment.startDate", "2026-02-02", "employment.lastDayOfWork", "2026-02-01"), ""},
		{"one day", employment("employment.startDate", "2026-02-02", "employment.lastDayOfWork", "2026-02-02"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			record, problems := n.Record(tt.raw, person.Full)
			got := strings.Join(problems, "\n")
			if (tt.want == "") != (len(problems) == 0) || !strings.Contains(got, tt.want) {
				t.Errorf("problems = %q, want %q", got, tt.want)
			}
			if len(problems) > 0 && !cmp.Equal(record, person.Record{}) {
				t.Errorf("a record with problems holds %+v", record)
			}
			if strings.Contains(got, "Klingon") {
				t.Errorf("problem quotes a text: %s", got)
			}
		})
	}
}

func TestContentIDTellsRecordsApart(t *testing.T) {
	t.Parallel()
	n := normaliser(t, lifecycle.Feed{})
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	a := person.Attributes{{Name: "x", Value: "yz"}}
	seen := make(map[string]int)
	for i, record := range []person.Record{
		{},
		{Attributes: a},
		{Attributes: person.Attributes{{Name: "xy", Value: "z"}}},
		{Attributes: person.Attributes{{Name: "x"}}},
		{Employments: []person.Employment{{}}},
		{Employments: []person.Employment{{Attributes: a}}},
		{Employments: []person.Employment{{ID: "1"}}},
		{Assignments: []person.Assignment{{}}},
		{Assignments: []person.Assignment{{Primary: true}}},
		{Assignments: []person.Assignment{{From: person.DateOf(at)}}},
		{Assignments: []person.Assignment{{To: person.DateOf(at)}}},
	} {
		id := n.ContentID("1", at, record)
		if other, found := seen[id]; found {
			t.Errorf("records %d and %d have one ID", i, other)
		}
		seen[id] = i
	}
}

func TestHashKey(t *testing.T) {
	t.Parallel()
	secret := []byte("0123456789abcdef")
	if one, two := hr.HashKey(secret, "Zoe\u0308"), hr.HashKey(secret, "Zo\u00eb"); one != two {
		t.Errorf("two forms of one key have hashes %s and %s", one, two)
	}
	if problem := person.KeyProblem(hr.HashKey(secret, "ana@contoso.example")); problem != "" {
		t.Errorf("a hashed key is refused: %s", problem)
	}
	if hr.HashKey(secret, "1") == hr.HashKey([]byte("fedcba9876543210"), "1") {
		t.Error("two secrets give one hash")
	}
}
