package mapping_test

import (
	"errors"
	"strings"
	"testing"

	"tenure/internal/mapping"
)

// refused reads an expression that must be refused, and returns the problem.
func refused(t *testing.T, source string) *mapping.Problem {
	t.Helper()
	_, err := mapping.Compile(source)
	var problem *mapping.Problem
	if !errors.As(err, &problem) {
		t.Fatalf("Compile(%q) = %v, want it refused", source, err)
	}
	return problem
}

func TestRefusedWithPosition(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		source string
		stage  mapping.Stage
		offset int
	}{
		{``, mapping.Syntax, 0},
		{`   `, mapping.Syntax, 3},
		{`Left([a], 2`, mapping.Syntax, 4},
		{`Left([a], Mid([b], 1`, mapping.Syntax, 4},
		{`Left([a], 2))`, mapping.Syntax, 12},
		{`Left([a] 2)`, mapping.Syntax, 9},
		{`"abc`, mapping.Syntax, 0},
		{`Append("a\", "b)`, mapping.Syntax, 14},
		{`Append([a, "b")`, mapping.Syntax, 7},
		{`[]`, mapping.Syntax, 0},
		{`[  ]`, mapping.Syntax, 0},
		{`'a'`, mapping.Syntax, 0},
		{`Append("a", “b”)`, mapping.Syntax, 12},
		{`5.`, mapping.Syntax, 0},
		{`.5`, mapping.Syntax, 0},
		{`+5`, mapping.Syntax, 0},
		{`1e5`, mapping.Syntax, 0},
		{`1.2.3`, mapping.Syntax, 0},
		{`Left([a], 2x)`, mapping.Syntax, 10},
		{`-`, mapping.Syntax, 0},
		{`&H`, mapping.Syntax, 0},
		{`&H1234567890ABCDEF`, mapping.Syntax, 0},
		{`1 < 2 < 3`, mapping.Syntax, 6},
		{`"a" &`, mapping.Syntax, 5},
		{`"😀" !`, mapping.Syntax, 5},
		{`foo`, mapping.Check, 0},
		{`Append([a], foo)`, mapping.Check, 12},
		{`Apend([a], "b")`, mapping.Check, 0},
		{`Append([a])`, mapping.Check, 0},
		{`Switch([a], "d", "k")`, mapping.Check, 0},
		{`Switch([a], "d")`, mapping.Check, 0},
		{`Left(Foo([a]), 2)`, mapping.Check, 5},
		{`ToLower(SelectUniqueValue("a", "b"))`, mapping.Check, 8},
		{`Append(IgnoreAttributeFlow, "x")`, mapping.Check, 7},
		{`IIF(IgnoreFlowIfNullOrEmpty([a]), "x", "y")`, mapping.Check, 4},
		{`Replace([a], "x")`, mapping.Check, 0},
		{`Replace([a], "x", "y", , "z")`, mapping.Check, 0},
		{`Replace([a], , "(", , "z")`, mapping.Check, 15},
		{`DateAdd("q", 1, Now())`, mapping.Check, 8},
		{`AppRoleAssignmentsComplex([x])`, mapping.Check, 0},
	} {
		problem := refused(t, tc.source)
		if problem.Stage != tc.stage || problem.Position.Offset != tc.offset {
			t.Errorf("Compile(%q) = %s at %d (%v), want %s at %d", tc.source, problem.Stage, problem.Position.Offset, problem, tc.stage, tc.offset)
		}
	}
}

func TestPositionCountsLinesAndUnits(t *testing.T) {
	t.Parallel()
	got := refused(t, "Append(\"😀\",\r\n  [b],\n  foo, bar)").Position
	if got != (mapping.Position{Offset: 0, Line: 1, Column: 1}) {
		t.Errorf("position = %+v, want that of the function with too many arguments", got)
	}
	got = refused(t, "Append(\"😀\",\r\n  ‘b’)").Position
	if want := (mapping.Position{Offset: 16, Line: 2, Column: 3}); got != want {
		t.Errorf("position = %+v, want %+v", got, want)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	pad := func(length int) string { return `Append("x", "y")` + strings.Repeat(" ", length-16) }
	if _, err := mapping.Compile(pad(10_000)); err != nil {
		t.Errorf("10,000 characters: %v", err)
	}
	if got := refused(t, pad(10_001)).Position.Offset; got != 10_000 {
		t.Errorf("10,001 characters are refused at %d, want 10,000", got)
	}
	nest := func(depth int) string { return strings.Repeat("Trim(", depth) + "[a]" + strings.Repeat(")", depth) }
	if _, err := mapping.Compile(nest(100)); err != nil {
		t.Errorf("100 calls deep: %v", err)
	}
	if got := refused(t, nest(101)).Position.Offset; got != 500 {
		t.Errorf("101 calls deep are refused at %d, want at the name of the last call, 500", got)
	}
}

func TestHints(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`Apend([a], "b")`:      "did you mean Append?",
		`Append([a], 'b')`:     "straight double quotes",
		`Append([a], title)`:   "between double quotes",
		`Replace([a], "x")`:    "do not go together",
		`DateAdd("q", 1, [d])`: "n (minutes)",
	} {
		if got := refused(t, source).Error(); !strings.Contains(got, want) {
			t.Errorf("Compile(%q) says %q, want %q in it", source, got, want)
		}
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		` switch ( [ a ] ,, "1" ,"x" ) `:          `Switch([a], , "1", "x")`,
		`iif([a]="b",[c]&"d",007)`:                `IIF([a] = "b", [c] & "d", 007)`,
		`Append("\d\\d\"", &hF)`:                  `Append("\\d\\d\"", &hF)`,
		`[emails[type eq "work"].value]`:          `[emails[type eq "work"].value]`,
		`INSTR([a], "b", 1, VBTEXTCOMPARE)`:       `InStr([a], "b", 1, vbTextCompare)`,
		`Replace([a], "-", , , "_", , )`:          `Replace([a], "-", , , "_", , )`,
		"Append([a],\u00a0\"b\n\")":               "Append([a], \"b\n\")",
		`Coalesce([a], ignoreattributeflow)`:      `Coalesce([a], IgnoreAttributeFlow)`,
		`[urn:ietf:params:x:1.0:User:JobCode]<>1`: `[urn:ietf:params:x:1.0:User:JobCode] <> 1`,
	} {
		if got := compile(t, source).Canonical(); got != want {
			t.Errorf("canonical of %q = %q, want %q", source, got, want)
		}
		if again := compile(t, want).Canonical(); again != want {
			t.Errorf("canonical of %q = %q, want itself", want, again)
		}
	}
}
