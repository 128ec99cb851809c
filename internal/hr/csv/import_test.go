package csv_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"tenure/internal/hr"
	"tenure/internal/hr/csv"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

var asOf = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

func feed() lifecycle.Feed {
	return lifecycle.Feed{
		Name: "hr", Kind: lifecycle.FeedCSV, Realm: "main", Key: "ID", Dates: "DD.MM.YYYY", Nulls: []string{"", "NULL"},
		Fields: []lifecycle.Field{
			{Attribute: "employeeId", From: "ID"},
			{Attribute: "person.legalName.given", From: "Given"},
			{Attribute: "employment.startDate", From: "Start"},
			{Attribute: "employment.lastDayOfWork", From: "Last", Optional: true},
			{Attribute: "employment.status", From: "Status", Values: map[string]string{"A": "active", "T": "terminated"}},
			{Attribute: "assignment.jobTitle", From: "Job"},
			{Attribute: "managerRef", From: "Boss", Kind: "employeeId"},
		},
	}
}

const header = "ID,Given,Start,Last,Status,Job,Boss\n"

func read(t testing.TB, text string, change func(*csv.Options)) (*csv.Import, error) {
	t.Helper()
	options := csv.Options{Feed: feed(), AsOf: asOf}
	if change != nil {
		change(&options)
	}
	return csv.Read(strings.NewReader(text), options)
}

func mustRead(t testing.TB, text string, change func(*csv.Options)) *csv.Import {
	t.Helper()
	got, err := read(t, text, change)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func statements(t testing.TB, i *csv.Import) []hr.Statement {
	t.Helper()
	var out []hr.Statement
	for s, err := range i.Statements() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func TestReadMakesEvents(t *testing.T) {
	t.Parallel()
	i := mustRead(t, header+"1,Zoe\u0308,01.12.2026,NULL,A,=1+1,2\r\n", nil)
	got := statements(t, i)
	if len(got) != 1 {
		t.Fatalf("statements = %+v, rejects = %+v; want one statement", got, i.Rejects)
	}
	want := person.Record{
		Attributes: person.Attributes{
			{Name: "employeeId", Value: "1"},
			{Name: "managerRef.kind", Value: "employeeId"},
			{Name: "managerRef.value", Value: "2"},
			{Name: "person.legalName.given", Value: "Zo\u00eb"},
		},
		Employments: []person.Employment{{Attributes: person.Attributes{
			{Name: "employment.lastDayOfWork", Value: ""},
			{Name: "employment.startDate", Value: "2026-12-01"},
			{Name: "employment.status", Value: "active"},
		}}},
		Assignments: []person.Assignment{{Attributes: person.Attributes{{Name: "assignment.jobTitle", Value: "=1+1"}}}},
	}
	if diff := cmp.Diff(want, got[0].Event.Record); diff != "" {
		t.Errorf("record differs (-want +got):\n%s", diff)
	}
	e := got[0].Event
	if got[0].Key != "1" || got[0].Line != 2 || e.Feed != "hr" || !e.OwnsStatus || e.Completeness != person.Full || !e.AsOf.Equal(asOf) || e.ID == "" {
		t.Errorf("statement = %+v, want key 1 of line 2, a full event of the owner", got[0])
	}
}

func TestEventIDsFollowTheContent(t *testing.T) {
	t.Parallel()
	id := func(text string, at time.Time) string {
		return statements(t, mustRead(t, header+text, func(o *csv.Options) { o.AsOf = at }))[0].Event.ID
	}
	base := id("1,Ana,01.12.2026,,A,Chef,\n", asOf)
	if again := id("1,Ana,01.12.2026,NULL,A,Chef,\r\n", asOf); again != base {
		t.Errorf("same facts have IDs %s and %s, want one", base, again)
	}
	for name, other := range map[string]string{
		"another job":  id("1,Ana,01.12.2026,,A,Cook,\n", asOf),
		"another key":  id("2,Ana,01.12.2026,,A,Chef,\n", asOf),
		"another date": id("1,Ana,01.12.2026,,A,Chef,\n", asOf.Add(time.Hour)),
	} {
		if other == base {
			t.Errorf("%s has the same ID %s", name, base)
		}
	}
}

func TestRejects(t *testing.T) {
	t.Parallel()
	i := mustRead(t, header+
		"1,Ana,01.12.2026,,A,Chef,\n"+
		"2,Bea,2026-12-01,,X,\"a\nb\",\n"+
		"3,Cea,01.12.2026,30.11.2026,A,Chef,\n"+
		"4,Dea\n"+
		"ana@contoso.example,Eva,01.12.2026,,A,Chef,\n"+
		"1,Fay,01.12.2026,,A,Chef,\n"+
		"7,Gia,31.12.9999,,A,Chef,\n"+
		"8,Hea,01.12.2026,,A,Chef,\n", nil)
	want := []hr.Reject{
		{Line: 2, Key: "1", Problems: []string{"key is also on line 8"}},
		{Line: 3, Key: "2", Problems: []string{
			`employment.startDate: "2026-12-01" is no date DD.MM.YYYY`,
			`employment.status: unknown code "X" has no entry under values`,
			"assignment.jobTitle: control character U+000A",
		}},
		{Line: 5, Key: "3", Problems: []string{"employment.lastDayOfWork 2026-11-30 lies before employment.startDate 2026-12-01"}},
		{Line: 6, Key: "4", Problems: []string{"row has 2 fields, the header has 7"}},
		{Line: 7, Problems: []string{"person key looks like a mail address; declare a key column without personal data, or key: {hmac: ...}"}},
		{Line: 8, Key: "1", Problems: []string{"key is also on line 2"}},
		{Line: 9, Key: "7", Problems: []string{`employment.startDate: "9999-12-31" lies outside 1901 to 2199; list a placeholder under nulls`}},
	}
	if diff := cmp.Diff(want, i.Rejects); diff != "" {
		t.Errorf("rejects differ (-want +got):\n%s", diff)
	}
	if i.Rows != 8 || i.Accepted != 1 || i.Rejected != 7 {
		t.Errorf("rows, accepted, rejected = %d, %d, %d; want 8, 1, 7", i.Rows, i.Accepted, i.Rejected)
	}
	if got := statements(t, i); len(got) != 1 || got[0].Key != "8" {
		t.Errorf("statements = %+v, want that of key 8", got)
	}
	if diff := cmp.Diff([]string{"1", "2", "3", "4", "7", "8"}, i.Present); diff != "" {
		t.Errorf("S11: rejected rows count as present (-want +got):\n%s", diff)
	}
}

func TestFileErrors(t *testing.T) {
	t.Parallel()
	ok := "1,Ana,01.12.2026,,A,Chef,\n"
	tests := []struct {
		name, text, want string
		change           func(*csv.Options)
	}{
		{"empty", "", "want a header", nil},
		{"column missing", "ID,given,Start,Status,Job,Boss\n", `column "Given" is missing; did you mean "given"?`, nil},
		{"column twice", "ID,ID,Given,Start,Status,Job,Boss\n", `column "ID" stands in the header twice`, nil},
		{"bare quote", header + "1,A\"na,01.12.2026,,A,Chef,\n", "line 2, column 4", nil},
		{"open quote", header + "\"1,Ana\n", "line 2", nil},
		{"long row", header + "\"1" + strings.Repeat("x", 1<<20), "1 MiB", nil},
		{"no asOf", header + ok, "no date of truth", func(o *csv.Options) { o.AsOf = time.Time{} }},
		{"file name", header + ok, "does not match", func(o *csv.Options) {
			o.AsOf, o.FileName, o.Feed.AsOf.FileName = time.Time{}, "hr.csv", `hr-(?<date>\d{8})\.csv`
		}},
		{"asOf column missing", header + ok, `column "At" is missing`, func(o *csv.Options) { o.AsOf, o.Feed.AsOf.Column = time.Time{}, "At" }},
		{"unknown encoding", header + ok, "unknown encoding", func(o *csv.Options) { o.Feed.Encoding = "latin-1" }},
		{"mark of utf-16", "\xff\xfe" + header, "mark of utf-16", nil},
		{"utf-16 without mark", header + ok, "byte order mark", func(o *csv.Options) { o.Feed.Encoding = "utf-16" }},
		{"windows-1252 with mark", "\xef\xbb\xbf" + header, "mark of Unicode", func(o *csv.Options) { o.Feed.Encoding = "windows-1252" }},
		{"short secret", header + ok, "fewer than 16", func(o *csv.Options) { o.Feed.KeyHMAC = "env:X" }},
		{"unknown attribute", header + ok, `did you mean "employment.startDate"?`, func(o *csv.Options) {
			o.Feed.Fields = append(o.Feed.Fields, lifecycle.Field{Attribute: "employment.starDate", From: "Start"})
		}},
		{"bad layout", header + ok, "parse date layout", func(o *csv.Options) { o.Feed.Dates = "DD.MM" }},
		{"foreign status", header + ok, "owns status", func(o *csv.Options) { o.Feed.Owns = []string{"employment.status"} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, tt.text, tt.change)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Read = %v, want an error with %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "Ana") {
				t.Errorf("error names a person: %v", err)
			}
		})
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	text := header + "1,Zoë Müller,01.12.2026,,A,Köchin – Küche,\n"
	encode := func(e encoding.Encoding) string {
		out, err := e.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, tt := range map[string]struct{ declared, content string }{
		"plain":               {"", text},
		"utf-8":               {"utf-8", text},
		"utf-8 with mark":     {"utf-8", "\ufeff" + text},
		"utf-16 little":       {"utf-16", encode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM))},
		"utf-16 big":          {"utf-16", encode(unicode.UTF16(unicode.BigEndian, unicode.UseBOM))},
		"windows-1252":        {"windows-1252", encode(charmap.Windows1252)},
		"semicolon and utf-8": {"utf-8", text},
	} {
		got := statements(t, mustRead(t, tt.content, func(o *csv.Options) { o.Feed.Encoding = tt.declared }))
		if len(got) != 1 {
			t.Errorf("%s: %d statements, want 1", name, len(got))
			continue
		}
		given, _ := got[0].Event.Record.Attributes.Get("person.legalName.given")
		if given != "Zoë Müller" {
			t.Errorf("%s: given name = %q, want Zoë Müller", name, given)
		}
	}
	wrong := mustRead(t, encode(charmap.Windows1252), nil)
	if wrong.Rejected != 1 || len(wrong.Held) == 0 {
		t.Errorf("windows-1252 read as utf-8: %d rejects, held %v; want it rejected and held", wrong.Rejected, wrong.Held)
	}
}

func TestDelimiterAndDelta(t *testing.T) {
	t.Parallel()
	i := mustRead(t, strings.ReplaceAll(header+"1,Ana,01.12.2026,,A,Chef,\n", ",", ";"), func(o *csv.Options) {
		o.Feed.Delimiter, o.Feed.Mode = ';', "delta"
		o.Previous = csv.Previous{Keys: []string{"7", "8"}, AsOf: asOf.Add(-time.Hour), Hash: "x"}
	})
	if got := statements(t, i); len(got) != 1 || got[0].Event.Completeness != person.Partial {
		t.Errorf("statements = %+v, want one partial event", got)
	}
	if len(i.Absent) > 0 || len(i.Held) > 0 {
		t.Errorf("absent %v, held %v; a delta knows no absence", i.Absent, i.Held)
	}
}

func TestAsOf(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skipf("time zone data absent: %v", err)
	}
	text := "ID,Given,Start,Status,Job,Boss,At\n1,Ana,01.12.2026,A,Chef,,20.11.2026\n2,Bea,01.12.2026,A,Chef,,2026-11-21T08:00:00+01:00\n"
	tests := []struct {
		name   string
		change func(*csv.Options)
		want   string
	}{
		{"stated", func(o *csv.Options) { o.AsOf = asOf }, "2026-11-20T00:00:00Z"},
		{"column, newest", func(o *csv.Options) { o.Feed.AsOf.Column = "At" }, "2026-11-21T07:00:00Z"},
		{"file name", func(o *csv.Options) {
			o.Feed.AsOf.FileName, o.FileName = `hr-(?<date>[0-9T-]+)\.csv`, "hr-20261122.csv"
		}, "2026-11-21T23:00:00Z"},
		{"file name with time", func(o *csv.Options) {
			o.Feed.AsOf.FileName, o.FileName = `hr-(?<date>[0-9T-]+)\.csv`, "hr-2026-11-22T0930.csv"
		}, "2026-11-22T08:30:00Z"},
		{"stated goes first", func(o *csv.Options) { o.AsOf, o.Feed.AsOf.Column = asOf, "At" }, "2026-11-20T00:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			i := mustRead(t, text, func(o *csv.Options) {
				o.AsOf, o.Feed.Zone = time.Time{}, berlin
				tt.change(o)
			})
			if got := i.AsOf.Format(time.RFC3339); got != tt.want || i.Rejected > 0 {
				t.Errorf("asOf = %s, rejects %v; want %s", got, i.Rejects, tt.want)
			}
		})
	}
}

func TestS11Holds(t *testing.T) {
	t.Parallel()
	rows := func(from, to int) string {
		var out strings.Builder
		out.WriteString(header)
		for n := from; n < to; n++ {
			fmt.Fprintf(&out, "%d,Ana,01.12.2026,,A,Chef,\n", n)
		}
		return out.String()
	}
	var keys []string
	for n := 100; n < 200; n++ {
		keys = append(keys, strconv.Itoa(n))
	}
	before := csv.Previous{Keys: keys, AsOf: asOf.Add(-24 * time.Hour), Hash: "other"}
	tests := []struct {
		name, text string
		change     func(*csv.Options)
		want       []hr.HoldReason
	}{
		{"first file", rows(100, 200), func(o *csv.Options) { o.Previous = csv.Previous{} }, nil},
		{"9 % fewer", rows(109, 200), nil, nil},
		{"10 % fewer", rows(110, 200), nil, []hr.HoldReason{hr.HoldFewerPeople}},
		{"other people", rows(150, 250), nil, []hr.HoldReason{hr.HoldFewerPeople}},
		{"configured", rows(110, 200), func(o *csv.Options) { o.Feed.HoldWhen.FewerPeople = 25 }, nil},
		{"empty", rows(0, 0), nil, []hr.HoldReason{hr.HoldEmpty, hr.HoldFewerPeople}},
		{"rejects below", rows(100, 196) + strings.Repeat("x\n", 4), nil, nil},
		{"5 % rejects", rows(100, 195) + strings.Repeat("x\n", 5), nil, []hr.HoldReason{hr.HoldRejects}},
		{"not newer", rows(100, 200), func(o *csv.Options) { o.Previous.AsOf = asOf }, []hr.HoldReason{hr.HoldAsOf}},
		{"future", rows(100, 200), func(o *csv.Options) { o.Now = asOf.Add(-25 * time.Hour) }, []hr.HoldReason{hr.HoldFuture}},
		{"today ahead of the clock", rows(100, 200), func(o *csv.Options) { o.Now = asOf.Add(-14 * time.Hour) }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			i := mustRead(t, tt.text, func(o *csv.Options) {
				o.Previous = before
				if tt.change != nil {
					tt.change(o)
				}
			})
			var got []hr.HoldReason
			for _, hold := range i.Held {
				got = append(got, hold.Reason)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("held = %+v, want %v", i.Held, tt.want)
			}
		})
	}
}

func TestSameFileTwiceIsNotHeld(t *testing.T) {
	t.Parallel()
	text := header + "1,Ana,01.12.2026,,A,Chef,\n"
	first := mustRead(t, text, nil)
	second := mustRead(t, text, func(o *csv.Options) { o.Previous = first.Next() })
	if len(second.Held) > 0 || statements(t, first)[0].Event.ID != statements(t, second)[0].Event.ID {
		t.Errorf("second import: held %v, or another ID; want the same events", second.Held)
	}
}

func TestKeyHMAC(t *testing.T) {
	t.Parallel()
	change := func(o *csv.Options) {
		o.Feed.KeyHMAC, o.KeySecret = "env:X", []byte("0123456789abcdef")
		o.Feed.Fields = o.Feed.Fields[1:]
	}
	i := mustRead(t, header+"ana@contoso.example,Ana,01.12.2026,,A,Chef,\nbea@contoso.example,Bea,x,,A,Chef,\n", change)
	shown := fmt.Sprintf("%+v %+v", i.Report, statements(t, i))
	if strings.Contains(shown, "contoso") || i.Accepted != 1 || len(i.Present) != 2 || len(i.Present[0]) != 40 {
		t.Errorf("report and statements = %s; want two keys of 40 letters, one accepted, no address", shown)
	}
}

func TestOwnedAttributesOnly(t *testing.T) {
	t.Parallel()
	i := mustRead(t, header+"1,Ana,01.12.2026,,A,Chef,2\n", func(o *csv.Options) { o.Feed.Owns = []string{"assignment.jobTitle", "managerRef"} })
	e := statements(t, i)[0].Event
	if e.OwnsStatus || len(e.Record.Employments) > 0 || len(e.Record.Attributes) != 2 || len(e.Record.Assignments) != 1 {
		t.Errorf("event = %+v; want job title and manager, nothing else", e)
	}
}

// Sample1 is Microsoft's own sample file, with 93 rows that share a key.
func sampleFeed() lifecycle.Feed {
	columns := map[string]string{
		"employeeId": "WorkerID", "person.legalName.given": "FirstName", "person.legalName.family": "LastName",
		"person.displayName": "FullName", "contact.workPhone": "OfficePhone", "employment.hireDate": "HireDate",
		"assignment.department.name": "Department", "assignment.division": "Division", "assignment.costCenter.id": "CostCenter",
		"assignment.company.name": "Company", "assignment.location.name": "Location", "assignment.location.country": "CountryCode",
		"assignment.jobTitle": "JobTitle", "assignment.location.postalCode": "ZipCode", "ext.custom01": "Custom01",
	}
	out := lifecycle.Feed{Name: "hr", Key: "WorkerID", Dates: "YYYY-MM-DD", Fields: []lifecycle.Field{
		{Attribute: "employment.status", From: "WorkerStatus", Values: map[string]string{"Active": "active", "Inactive": "terminated"}},
		{Attribute: "employment.kind", From: "WorkerType", Values: map[string]string{"Employee": "employee", "Contingent Worker": "contingent", "Contractor": "contingent"}},
		{Attribute: "managerRef", From: "ManagerID", Kind: "employeeId"},
	}}
	for _, d := range person.Catalog() {
		if from, found := columns[d.Name]; found {
			out.Fields = append(out.Fields, lifecycle.Field{Attribute: d.Name, From: from})
		}
	}
	return out
}

func TestMicrosoftSample(t *testing.T) {
	t.Parallel()
	path := sharedData(t, "scim/repo/Sample1-employeeData.csv")
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	i, err := csv.Read(file, csv.Options{Feed: sampleFeed(), AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	if i.Rows != 332 || i.Rejected != 93 || i.Accepted != 239 {
		t.Errorf("rows, rejected, accepted = %d, %d, %d; want 332, 93, 239", i.Rows, i.Rejected, i.Accepted)
	}
	for _, reject := range i.Rejects {
		if len(reject.Problems) != 1 || !strings.HasPrefix(reject.Problems[0], "key is also on line ") {
			t.Errorf("reject = %+v, want a shared key as the only problem", reject)
		}
	}
	if len(i.Held) != 1 || i.Held[0].Reason != hr.HoldRejects {
		t.Errorf("held = %+v, want it held for rejects", i.Held)
	}
	if got := len(statements(t, i)); got != 239 {
		t.Errorf("%d statements, want 239", got)
	}
}

// sharedData finds a file of the shared data folder above the test.
func sharedData(t testing.TB, name string) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		path := filepath.Join(folder, "shared", "data", filepath.FromSlash(name))
		if _, err := os.Stat(path); err == nil {
			return path
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Skipf("shared data folder absent: %s", name)
		}
		folder = parent
	}
}

// rowsReader makes a large file without holding it.
type rowsReader struct {
	rows, next int
	rest       []byte
}

func (r *rowsReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		switch {
		case r.next > r.rows:
			return 0, io.EOF
		case r.next == 0:
			r.rest = []byte(header)
		default:
			r.rest = fmt.Appendf(nil, "%d,%s,01.12.2026,,A,%s,1\n", r.next, strings.Repeat("a", 200), strings.Repeat("b", 400))
		}
		r.next++
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *rowsReader) Seek(int64, int) (int64, error) {
	r.next, r.rest = 0, nil
	return 0, nil
}

// 20,000 rows of 640 bytes are 13 MB; what stays in memory is their keys.
func TestLargeFileInBoundedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("large file: skipped by -short")
	}
	const rows = 20_000
	source := &rowsReader{rows: rows}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	i, err := csv.Read(source, csv.Options{Feed: feed(), AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, err := range i.Statements() {
		if err != nil {
			t.Fatal(err)
		}
		seen++
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	const most = 6 << 20
	grown := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	if seen != rows || i.Accepted != rows || grown > most {
		t.Errorf("%d statements of %d accepted rows keep %d bytes; want %d and at most %d bytes", seen, i.Accepted, grown, rows, most)
	}
	runtime.KeepAlive(i)
}

// BenchmarkRead reads 100,000 rows in both passes.
func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		i, err := csv.Read(&rowsReader{rows: 100_000}, csv.Options{Feed: feed(), AsOf: asOf})
		if err != nil {
			b.Fatal(err)
		}
		for _, err := range i.Statements() {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(header+"1,Ana,01.12.2026,,A,Chef,2\n"), "utf-8")
	f.Add([]byte("\ufeff"+header+"\"1\",\"A\n\"\"\",,,,,\n1,,,,,,\n"), "utf-8")
	f.Add([]byte("\xff\xfeI\x00D\x00"), "utf-16")
	f.Add([]byte(header+"1,Z\xf6e,01.12.2026,,A,Chef,2\n"), "windows-1252")
	f.Fuzz(func(t *testing.T, content []byte, declared string) {
		options := csv.Options{Feed: feed(), AsOf: asOf}
		options.Feed.Encoding = declared
		i, err := csv.Read(bytes.NewReader(content), options)
		if err != nil {
			return
		}
		seen := make(map[string]bool)
		for s, err := range i.Statements() {
			if err != nil {
				t.Fatalf("second pass: %v", err)
			}
			if seen[s.Key] || person.KeyProblem(s.Key) != "" {
				t.Fatalf("key %q is stated twice or is no key", s.Key)
			}
			seen[s.Key] = true
		}
		if len(seen) != i.Accepted || i.Accepted+i.Rejected != i.Rows {
			t.Fatalf("%d statements, report %+v", len(seen), i.Report)
		}
	})
}
