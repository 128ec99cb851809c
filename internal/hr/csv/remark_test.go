package csv_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/hr"
	"tenure/internal/hr/csv"
	"tenure/internal/lifecycle"
)

// remarked reads a file whose keys are not the employee numbers.
func remarked(t *testing.T, rows string, change func(*csv.Options)) []hr.Remark {
	t.Helper()
	i := mustRead(t, "ID,Number,Mail,Start,Boss\n"+rows, func(o *csv.Options) {
		o.Feed.Fields = []lifecycle.Field{
			{Attribute: "employeeId", From: "Number"},
			{Attribute: "contact.workEmail", From: "Mail"},
			{Attribute: "employment.startDate", From: "Start"},
			{Attribute: "managerRef", From: "Boss", Kind: "employeeId"},
		}
		if change != nil {
			change(o)
		}
	})
	return i.Remarks
}

// TestRemarks: what is doubtful beside other rows is said of each of them, and
// the rows are taken.
func TestRemarks(t *testing.T) {
	t.Parallel()
	got := remarked(t, ""+
		"a,1,,01.12.2026,\n"+
		"b,2,x@contoso.example,01.12.2026,1\n"+
		"c,2,x@contoso.example,01.12.2026,1\n"+
		"d,4,,01.12.2026,4\n"+
		"e,5,,01.12.2026,99\n"+
		"f,6,,01.12.2026,7\n"+
		"g,7,,01.12.2026,8\n"+
		"h,8,,01.12.2026,6\n"+
		"i,9,,01.12.2026,6\n"+
		"j,10,,no date,1\n"+
		"k,11,,01.12.2026,10\n"+
		"l,10,,01.12.2026,1\n", nil)
	want := []hr.Remark{
		{Line: 3, Key: "b", Texts: []string{"employee number is also on line 4", "work mail address is also on line 4"}},
		{Line: 4, Key: "c", Texts: []string{"employee number is also on line 3", "work mail address is also on line 3"}},
		{Line: 5, Key: "d", Texts: []string{"the person is their own manager"}},
		{Line: 6, Key: "e", Texts: []string{"the manager is not in the file"}},
		{Line: 7, Key: "f", Texts: []string{"the managers above lead back to the person"}},
		{Line: 8, Key: "g", Texts: []string{"the managers above lead back to the person"}},
		{Line: 9, Key: "h", Texts: []string{"the managers above lead back to the person"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("remarks differ (-want +got):\n%s", diff)
	}
}

// TestRemarksOfPartsOfAnOrganisation: managers may stand elsewhere where a file
// holds changes only, or none of them.
func TestRemarksOfPartsOfAnOrganisation(t *testing.T) {
	t.Parallel()
	const rows = "a,1,,01.12.2026,90\nb,2,,01.12.2026,91\n"
	if got := remarked(t, rows, nil); len(got) != 0 {
		t.Errorf("no manager is in the file: remarks %+v", got)
	}
	delta := func(o *csv.Options) { o.Feed.Mode = "delta" }
	if got := remarked(t, rows+"c,3,,01.12.2026,1\n", delta); len(got) != 0 {
		t.Errorf("a file of changes: remarks %+v", got)
	}
	if got := remarked(t, rows+"c,3,,01.12.2026,1\n", nil); len(got) != 2 {
		t.Errorf("a manager is in the file: remarks %+v, want those of the other two", got)
	}
}

// TestRemarksOfAValueThatManyShare: ten other lines are named and the rest counted,
// and a file in which everybody has one value is read in no time (without the bound
// these rows take minutes).
func TestRemarksOfAValueThatManyShare(t *testing.T) {
	t.Parallel()
	const people = 30_000
	var rows strings.Builder
	for i := range people {
		fmt.Fprintf(&rows, "k%d,%d,frontdesk@contoso.example,01.12.2026,\n", i, i)
	}
	began := time.Now()
	got := remarked(t, rows.String(), nil)
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("reading took %s", took)
	}
	if len(got) != people {
		t.Fatalf("%d remarks, want one of each row", len(got))
	}
	const first = "work mail address is also on line 3, line 4, line 5, line 6, line 7, line 8, line 9, line 10, line 11, line 12, 29989 more"
	if text := got[0].Texts[0]; text != first {
		t.Errorf("first remark is %q, want %q", text, first)
	}
	const last = "work mail address is also on line 2, line 3, line 4, line 5, line 6, line 7, line 8, line 9, line 10, line 11, 29989 more"
	if text := got[people-1].Texts[0]; text != last {
		t.Errorf("last remark is %q, want %q", text, last)
	}
}

// TestRejectsOfValues: what looks right and is not.
func TestRejectsOfValues(t *testing.T) {
	t.Parallel()
	for cells, want := range map[string]string{
		"1 ,Ana,DE":       "employeeId: value begins or ends with a blank",
		"1,Ana,Germany":   `assignment.location.country: "Germany" is no country of ISO 3166, such as DE`,
		"1,Ana,ZZ":        `assignment.location.country: "ZZ" is no country of ISO 3166, such as DE`,
		"1,Ana,de":        `assignment.location.country: "de" is no country of ISO 3166, such as DE`,
		"1,An\u200ba,DE":  "person.legalName.given: invisible character U+200B",
		"1,\ufeffAna,DE":  "person.legalName.given: invisible character U+FEFF",
		"1,Ana,DE":        "",
		"1,Ana\u200cB,GB": "",
		"1,JÃ¼rgen,DE":    "person.legalName.given: the text was UTF-8 and has been read as windows-1252",
		"1,Jürgen,DE":     "",
		"1,SÃO,BR":        "",
		"1,O’Neill,IE":    "",
		"1,李小龍,HK":        "",
		"1,Ana,XK":        "",
		"1,Zo\u00eb,":     "",
		"1,\u202eAna,DE":  "person.legalName.given: invisible character U+202E",
	} {
		i := mustRead(t, "ID,Number,Given,Country\nx,"+cells+"\n", func(o *csv.Options) {
			o.Feed.Fields = []lifecycle.Field{
				{Attribute: "employeeId", From: "Number"},
				{Attribute: "person.legalName.given", From: "Given"},
				{Attribute: "assignment.location.country", From: "Country"},
			}
		})
		got := ""
		for _, reject := range i.Rejects {
			got = strings.Join(reject.Problems, "\n")
		}
		if got != want {
			t.Errorf("%q is rejected with %q, want %q", cells, got, want)
		}
	}
}
