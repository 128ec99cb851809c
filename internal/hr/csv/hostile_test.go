package csv_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tenure/internal/hostile"
	"tenure/internal/hr/csv"
)

// hostileFile is a file that is refused whole, or of which no row is taken.
type hostileFile struct {
	name, text string
	change     func(*csv.Options)
	// want stands in the error of the file, or in the problems of its first row.
	want string
	// rejects is how many rows are rejected; 0 where the file is refused whole.
	rejects int
}

const goodRow = "1,Ana,01.12.2026,,A,Chef,\n"

// file is refused whole.
func file(name, text, want string) hostileFile {
	return hostileFile{name: name, text: text, want: want}
}

// rows are rejected one by one.
func rows(name, text, want string) hostileFile {
	return hostileFile{name: name, text: header + text, want: want, rejects: strings.Count(strings.TrimSuffix(text, "\n"), "\n") + 1}
}

// declared is a file of a feed that says more about it.
func declared(name, text, want string, change func(*csv.Options)) hostileFile {
	return hostileFile{name: name, text: text, want: want, change: change}
}

// hostileFiles cannot be understood as a whole.
func hostileFiles() []hostileFile {
	encoded := func(encoding string) func(*csv.Options) { return func(o *csv.Options) { o.Feed.Encoding = encoding } }
	noAsOf := func(o *csv.Options) { o.AsOf = time.Time{} }
	named := func(pattern, name string) func(*csv.Options) {
		return func(o *csv.Options) { o.AsOf, o.Feed.AsOf.FileName, o.FileName = time.Time{}, pattern, name }
	}
	const dated = `hr-(?<date>[^.]+)\.csv`
	return []hostileFile{
		file("nothing", "", "file is empty: want a header"),
		file("line ends alone", strings.Repeat("\n", 100_000), "file is empty: want a header"),
		file("blanks alone", strings.Repeat(" ", 100_000), `column "ID" is missing`),
		file("NUL alone", strings.Repeat("\x00", 100_000), `column "ID" is missing`),
		file("a spreadsheet", "PK\x03\x04\x14\x00\x06\x00[Content_Types].xml", `column "ID" is missing`),
		file("a page", "<!DOCTYPE html><html><body>Sign in</body></html>\n", `column "ID" is missing`),
		file("JSON", `[{"ID":"1"}]`, `bare " in non-quoted`),
		file("a form", "--x\r\nContent-Disposition: form-data\r\n\r\n"+header+goodRow, `column "ID" is missing`),
		file("another delimiter", strings.ReplaceAll(header+goodRow, ",", ";"), `column "ID" is missing`),
		file("line ends of an old machine", strings.ReplaceAll(header+goodRow, "\n", "\r"), `column "Boss" is missing`),
		file("columns in other letters", strings.ToLower(header)+goodRow, `column "ID" is missing; did you mean "id"?`),
		file("columns with blanks", strings.ReplaceAll(header, ",", " ,")+goodRow, `column "ID" is missing; did you mean "ID "?`),
		file("a column with a hidden blank", "\u200b"+header+goodRow, `column "ID" is missing`),
		file("a column of another alphabet", strings.Replace(header, "Start", "St\u0430rt", 1)+goodRow, `column "Start" is missing`),
		file("a column twice", "ID,"+header, `column "ID" stands in the header twice, at 1 and 2`),
		file("a column twice with escape codes", "\x1b[2J,\x1b[2J,"+header, `column "\x1b[2J" stands in the header twice`),
		file("a thousand and one columns", strings.Repeat("x,", 1001)+header, "header has 1008 columns, at most 1000 are allowed"),
		file("half a million columns", strings.Repeat(",", 500_000)+"\n"+goodRow, "header has 500001 columns, at most 1000 are allowed"),
		file("a column of a megabyte", strings.Repeat("x", 1<<20-100)+"\n"+goodRow, `column "ID" is missing`),
		file("a header that never ends", strings.Repeat("x", 3<<20), "row is longer than 1 MiB; is a quote not closed?"),
		file("a quote in a name", header+"1,A\"na,01.12.2026,,A,Chef,\n", `read line 2, column 4: bare "`),
		file("a quote that is not closed", header+goodRow+"\"2,Bea\n"+strings.Repeat(goodRow, 1000), "read line"),
		file("a quote that is not closed in a large file", header+"\"2,Bea\n"+strings.Repeat(goodRow, 100_000), "row is longer than 1 MiB; is a quote not closed?"),
		file("something behind a quote", header+"\"1\"x,Ana,01.12.2026,,A,Chef,\n", "read line 2, column"),
		file("an endless row", header+strings.Repeat("1,", 1<<20)+"\n", "row is longer than 1 MiB"),
		file("a million and one rows", header+strings.Repeat("x\n", csv.MaxRows+1), "file has more than 1000000 rows"),
		declared("UTF-16 where UTF-8 is declared", "\xff\xfeI\x00D\x00", "the file begins with the mark of utf-16", encoded("utf-8")),
		declared("UTF-16 without its mark", header+goodRow, "does not begin with its byte order mark", encoded("utf-16")),
		declared("UTF-16 of half characters", "\xff\xfe"+strings.Repeat("\x00\xd8", 1000), `column "ID" is missing`, encoded("utf-16")),
		declared("UTF-16 that is cut", "\xff\xfeI\x00D", `column "ID" is missing`, encoded("utf-16")),
		declared("an encoding of endless length", header+goodRow, "unknown encoding", encoded(strings.Repeat("x", 5000))),
		declared("no date of truth", header+goodRow, "no date of truth: declare asOf", noAsOf),
		declared("a file name that climbs", header+goodRow, "file name does not match", named(dated, "../../etc/passwd")),
		declared("a file name with a line end", header+goodRow, `"2026\n1122" is no date such as 20261122`, named(dated, "hr-2026\n1122.csv")),
		declared("a file name of a day that does not exist", header+goodRow, "is no date such as 20261122", named(dated, "hr-20260230.csv")),
		declared("a file name of the year 1", header+goodRow, "lies outside 1901 to 2199", named(dated, "hr-00010101.csv")),
		declared("truth beyond all", header+goodRow, "lies outside 1901 to 2199", func(o *csv.Options) { o.AsOf = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) }),
	}
}

// hostileRows cannot be used, though the file can be read.
func hostileRows() []hostileFile {
	at := func(value string) hostileFile {
		text := strings.TrimSuffix(header, "\n") + ",At\n" + strings.TrimSuffix(goodRow, "\n") + "," + value + "\n"
		return hostileFile{name: "a row of truth " + value, text: text, rejects: 1, want: "date of truth", change: func(o *csv.Options) {
			o.AsOf, o.Feed.AsOf.Column = time.Time{}, "At"
		}}
	}
	return []hostileFile{
		rows("no key", ",Ana,01.12.2026,,A,Chef,\n", "person key is empty"),
		rows("a key of blanks", "  ,Ana,01.12.2026,,A,Chef,\n", "begins or ends with a blank"),
		rows("a key of dots", "..,Ana,01.12.2026,,A,Chef,\n", "person key holds nothing but dots"),
		rows("a key with NUL", "1\x002,Ana,01.12.2026,,A,Chef,\n", "control character U+0000"),
		rows("a key with an escape code", "\x1b[2J,Ana,01.12.2026,,A,Chef,\n", "control character U+001B"),
		rows("a key written backwards", "\u202e1001,Ana,01.12.2026,,A,Chef,\n", "invisible character U+202E"),
		rows("a key that is not UTF-8", "\xff\xfe1,Ana,01.12.2026,,A,Chef,\n", "text is not valid UTF-8"),
		rows("a key of endless length", strings.Repeat("9", 10_000)+",Ana,01.12.2026,,A,Chef,\n", "at most 128 are allowed"),
		rows("one key for everybody", strings.Repeat(goodRow, 5000), "key is also on line 3, line 4"),
		rows("rows of one cell", strings.Repeat("x\n", 20_000), "row has 1 fields, the header has 7"),
		rows("a row of half a million cells", "1"+strings.Repeat(",", 500_000)+"\n", "row has 500001 fields, the header has 7"),
		rows("a cell of half a megabyte", "1,"+strings.Repeat("x", 1<<19)+",01.12.2026,,A,Chef,\n", "at most 1024 are allowed"),
		rows("a name with NUL", "1,A\x00na,01.12.2026,,A,Chef,\n", "control character U+0000"),
		rows("a name with an escape code", "1,\x1b]0;owned\a,01.12.2026,,A,Chef,\n", "control character U+001B"),
		rows("a name with an 8-bit escape code", "1,\u009b2J,01.12.2026,,A,Chef,\n", "control character U+009B"),
		rows("a name written backwards", "1,\u202eanA,01.12.2026,,A,Chef,\n", "invisible character U+202E"),
		rows("a name with a hidden blank", "1,A\u200bna,01.12.2026,,A,Chef,\n", "invisible character U+200B"),
		rows("a name with a separator of lines", "1,A\u2028na,01.12.2026,,A,Chef,\n", "control character U+2028"),
		rows("a name in another encoding", "1,Z\xf6e,01.12.2026,,A,Chef,\n", "text is not valid UTF-8"),
		rows("a name that was misread", "1,ZoÃ«,01.12.2026,,A,Chef,\n", "has been read as windows-1252"),
		rows("a formula for a date", "1,Ana,=TODAY(),,A,Chef,\n", `"=TODAY()" is no date DD.MM.YYYY`),
		rows("a date beyond all", "1,Ana,31.12.9999,,A,Chef,\n", "lies outside 1901 to 2199"),
		rows("a day that does not exist", "1,Ana,30.02.2026,,A,Chef,\n", "is no date DD.MM.YYYY"),
		rows("a date in digits of another script", "1,Ana,٠١.١٢.٢٠٢٦,,A,Chef,\n", "is no date DD.MM.YYYY"),
		rows("a date of endless length", "1,Ana,"+strings.Repeat("1", 100_000)+",,A,Chef,\n", "employment.startDate"),
		rows("a status with an escape code", "1,Ana,01.12.2026,,\x1b[31m,Chef,\n", `unknown code "\x1b[31m" has no entry under values`),
		rows("a status of endless length", "1,Ana,01.12.2026,,"+strings.Repeat("A", 100_000)+",Chef,\n", "has no entry under values"),
		rows("an end before the start", "1,Ana,01.12.2026,30.11.2026,A,Chef,\n", "lies before employment.startDate"),
		rows("a manager with a line end", "1,Ana,01.12.2026,,A,Chef,2\x0b3\n", "control character U+000B"),
		at("0001-01-01T00:00:00Z"), at("2026-11-22T8:00:00Z"), at("9999-12-31T00:00:00Z"), at("=NOW()"), at(""),
	}
}

func allHostileFiles() []hostileFile { return append(hostileFiles(), hostileRows()...) }

func TestHostileFilesAreMany(t *testing.T) {
	var names []string
	for _, c := range allHostileFiles() {
		names = append(names, c.name)
	}
	hostile.Count(t, names)
}

// TestHostileFiles: what is refused yields no statement, and what is rejected is
// told with its line.
func TestHostileFiles(t *testing.T) {
	for _, c := range allHostileFiles() {
		t.Run(c.name, func(t *testing.T) {
			hostile.Bounded(t, len(c.text), func() {
				read, err := read(t, c.text, c.change)
				if err != nil {
					hostile.OneLine(t, err.Error())
					if c.rejects > 0 || !strings.Contains(err.Error(), c.want) {
						t.Errorf("error = %.300v, want %d rejects or %q", err, c.rejects, c.want)
					}
					return
				}
				if c.rejects == 0 || read.Rejected != c.rejects || read.Accepted != 0 || len(read.Held) == 0 {
					t.Fatalf("%d rejected, %d accepted, held %v; want %d, none, and the file held", read.Rejected, read.Accepted, read.Held, c.rejects)
				}
				for s, err := range read.Statements() {
					t.Fatalf("states %+v, %v", s, err)
				}
				said := fmt.Sprint(read.Rejects[0].Problems)
				hostile.OneLine(t, said)
				if read.Rejects[0].Line != 2 || !strings.Contains(said, c.want) {
					t.Errorf("line %d: %.300s; want line 2 with %q", read.Rejects[0].Line, said, c.want)
				}
			})
		})
	}
}
