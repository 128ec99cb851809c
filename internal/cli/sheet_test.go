package cli

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// newPrinterTo is a command's printer that writes to text.
func newPrinterTo(out *strings.Builder) *app {
	return newApp(Environment{Stdout: out, Stderr: out, Getenv: func(string) string { return "" }})
}

func TestReconcileSheetHoldsNoFormula(t *testing.T) {
	t.Parallel()
	for _, hostile := range []string{
		`=HYPERLINK("http://contoso.example","x")`, "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠A1", "'=1", "''=1",
		"x;=1", `x;"=1`, "x;;@SUM(A1)", "x;'=1", `"=1`,
	} {
		var out strings.Builder
		a := newPrinterTo(&out)
		if err := a.sheet([]string{"name"}, [][]string{{hostile}}); err != nil {
			t.Fatal(err)
		}
		rows, err := readSheet(strings.NewReader(out.String()), "name")
		if err != nil || len(rows) != 1 {
			t.Fatalf("read %q back: %d rows, %v", out.String(), len(rows), err)
		}
		cell := strings.Trim(strings.TrimSpace(strings.TrimPrefix(out.String(), "name\n")), `"`)
		for part := range strings.SplitSeq(cell, ";") {
			part = strings.TrimLeft(part, `"`)
			if part != "" && (strings.ContainsAny(part[:1], "=+-@\t\r") || strings.HasPrefix(part, "＝")) {
				t.Errorf("%q is written as %q, which a spreadsheet computes", hostile, cell)
			}
		}
		if got := rows[0].cells["name"]; got != clean(hostile) {
			t.Errorf("%q is read back as %q", hostile, got)
		}
	}
}

func TestReconcileSheetReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringOf(rapid.RuneFrom([]rune("='+-@aä;;,\"\n 1＝"))), 2, 2).Draw(t, "cells")
		var out strings.Builder
		if err := newPrinterTo(&out).sheet([]string{"a", "b"}, [][]string{texts}); err != nil {
			t.Fatal(err)
		}
		rows, err := readSheet(strings.NewReader(out.String()), "a", "b")
		if err != nil || len(rows) != 1 {
			t.Fatalf("read %q: %d rows, %v", out.String(), len(rows), err)
		}
		for i, name := range []string{"a", "b"} {
			if got, want := rows[0].cells[name], strings.TrimSpace(clean(texts[i])); got != want {
				t.Fatalf("%q is read back as %q", texts[i], got)
			}
		}
	})
}

func TestReconcileSheetOfASpreadsheet(t *testing.T) {
	t.Parallel()
	rows, err := readSheet(strings.NewReader("\ufefffinding;decision;until\r\nf1;ignore;2027-01-01\r\n"), columnFinding, columnDecision)
	if err != nil || len(rows) != 1 || rows[0].cells[columnFinding] != "f1" || rows[0].cells[columnUntil] != "2027-01-01" || rows[0].line != 2 {
		t.Errorf("read = %+v, %v", rows, err)
	}
	for _, wrong := range []string{"", "finding,until\nf1,x\n", "finding,decision\nf1\n", "finding,decision,decision\nf1,,fix\n", strings.Repeat("x", maxSheet+1)} {
		if _, err := readSheet(strings.NewReader(wrong), columnFinding, columnDecision); err == nil {
			t.Errorf("%.40q was read", wrong)
		}
	}
}
