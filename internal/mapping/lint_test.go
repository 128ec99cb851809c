package mapping_test

import (
	"slices"
	"testing"

	"tenure/internal/mapping"
)

func TestLint(t *testing.T) {
	t.Parallel()
	everything := mapping.Surroundings{
		Target: "userPrincipalName", Attributes: []string{"a", "b", "c", "date", "manager", "Dept"}, References: []string{"manager"}, NoDefaultDomain: true,
	}
	for _, tc := range []struct {
		code, wrong, right string
	}{
		{"L01", `IIF(DateDiff("d", Now(), CDate([date])) > 5, "a", "b")`, `IIF(DateDiff("d", [b], [date]) > 5, "a", "b")`},
		{"L01", `IIF(0 < DateDiff("h", [date], Now()), "a", "b")`, `IIF(Len([a]) > 5, "a", "b")`},
		{"L02", `IIF(DateDiff("d", Now(), [date]) = 1, "a", "b")`, `IIF(DateDiff("d", Now(), [date]) > 1, "a", "b")`},
		{"L03", `IIF(DateDiff("d", Now(), [date]) > 0, "a", "b")`, `IIF(DateDiff("h", Now(), [date]) > 0, "a", "b")`},
		{"L04", `IgnoreFlowIfNullOrEmpty(IIF([a] <> "x", "", "y"))`, `IgnoreFlowIfNullOrEmpty(IIF([a] = "x", "y", ""))`},
		{"L05", `FormatDateTime(CDate([date]), , "yyyy-MM-dd", "dd")`, `FormatDateTime(CDate([date]), , "M/d/yyyy h:mm:ss tt", "dd")`},
		{"L06", `FormatDateTime([date], , "M/d/yyyy hh:mm:ss tt", "dd")`, `FormatDateTime([date], , "M/d/yyyy h:mm:ss tt", "dd")`},
		{"L07", `FormatDateTime([date], , "yyyy-MM-ddzzz", "dd")`, `FormatDateTime([date], , "yyyy-MM-ddK", "dd")`},
		{"L08", `NumFromDate("9999-12-31 23:59:59-08:00")`, `NumFromDate("2999-12-31 23:59:59-08:00")`},
		{"L08", `NumFromDate(Join("", [date], " 23:59:59-08:00"))`, `NumFromDate(Join("", [date], " 23:59:59Z"))`},
		{"L09", `Switch(Replace([a], , "\\+(?<isd>\\d* )\\d+", , "${isd}", , ), "d", "44", "UK")`, `Switch(Replace([a], , "\\+(?<isd>\\d*) \\d+", , "${isd}", , ), "d", "44", "UK")`},
		{"L09", `Switch(Replace([a], , "(?<isd>\\d+\\s?)", "isd", "x", , ), "d", "44", "UK")`, `Switch(Replace([a], , "(?<isd>\\d+)\\s?", "isd", "x", , ), "d", "44", "UK")`},
		{"L10", `Join("@", Coalesce([a], [b]), "contoso.example")`, `ToLower(Join("@", Coalesce([a], [b]), "contoso.example"))`},
		{"L11", `Join("1@", "x", "contoso.example")`, `Join("@", "x", "contoso.example")`},
		{"L12", `Join("@", [a], "contoso.example")`, `Join("@", Coalesce([a], "x"), "contoso.example")`},
		{"L13", `Split(Join(",", [a], [b]), ",")`, `Split(Join("|", [a], [b]), ",")`},
		{"L14", `Not([a])`, `Not(IsPresent([a]))`},
		{"L15", `IIF([a] = "", "x", "y")`, `IIF(IsNullOrEmpty([a]), "x", "y")`},
		{"L16", `IIF([a] <> "x", "x", "y")`, `IIF([a] = "x", "x", "y")`},
		{"L17", `Switch(IsPresent([a]), "d", "1", "x")`, `Switch(IsPresent([a]), "d", "True", "x")`},
		{"L17", `Switch([Manager], "d", "1", "x")`, `Switch([a], "d", "1", "x")`},
		{"L18", `Switch([a], "d", "1", "x", "1", "y")`, `Switch([a], "d", "1", "x", "2", "y")`},
		{"L18", `Switch([a], "d", "k", "x", "K", "y")`, `Switch([a], "d", "k", "x", "L", "y")`},
		{"L19", `Switch([a], , "1", "x")`, `Switch([a], "d", "1", "x")`},
		{"L20", `Replace([a], , "\d", , "x", , )`, `Replace([a], , "\\d", , "x", , )`},
		{"L21", `Replace([a], , "x*", , "y", , )`, `Replace([a], , "x+", , "y", , )`},
		{"L22", `Replace([a], , "(?<n>x)", , "${m}", , )`, `Replace([a], , "(?<n>x)", , "${n}", , )`},
		{"L22", `Replace([a], , "(?<n>x)", "m", "y", , )`, `Replace([a], , "(?<n>x)", "n", "y", , )`},
		{"L23", `Replace([a], , "(a+)+b", , "", , )`, `Replace([a], , "(a+)b", , "", , )`},
		{"L24", `Replace([a], , "[()\\s-]+", , "", , )`, `Replace([a], , "[()+\\s-]+", , "", , )`},
		{"L25", `Replace([a], , "(\\.)*$", , "", , )`, `Replace([a], , "\\.", , "", , )`},
		{"L27", `SelectUniqueValue([a], [a])`, `SelectUniqueValue([a], [b])`},
		{"L27", `SelectUniqueValue([a], RandomString(6,3,0,0,3))`, `SelectUniqueValue([a], "x")`},
		{"L28", `DefaultDomain()`, `"contoso.example"`},
		{"L29", `CDate([date])`, `IIF(IsPresent([date]), CDate([date]), "")`},
		{"L30", `tolower([a])`, `ToLower([a])`},
		{"L30", `[dept]`, `[Dept]`},
		{"L30", `[dep]`, `[b]`},
		{"L31", `IIF([a] = "x", "TRUE", "no")`, `IIF([a] = "x", "True", "no")`},
		{"L32", `[a] & "x"`, `Append([a], "x")`},
		{"L32", `Trim([a])`, `StripSpaces([a])`},
		{"L33", `Left([a], -1)`, `Left([a], 1)`},
		{"L34", `IIF(NumFromDate([date]) > 129699324000000000, "a", "b")`, `Append("129699324000000000", [a])`},
		{"L35", `Join("", [a], "(", [b], ")")`, `Join("", [a], " (", [b], ")")`},
	} {
		if !lints(t, tc.wrong, everything, tc.code) {
			t.Errorf("%s is not found in %s", tc.code, tc.wrong)
		}
		if lints(t, tc.right, everything, tc.code) {
			t.Errorf("%s is found in %s", tc.code, tc.right)
		}
	}
	account := mapping.Surroundings{Target: "sAMAccountName"}
	if !lints(t, `ToLower([a])`, account, "L26") || lints(t, `ToLower(Left([a], 20))`, account, "L26") || !lints(t, `Left([a], 21)`, account, "L26") {
		t.Error("L26 does not tell account names that are too long")
	}
}

func lints(t *testing.T, source string, around mapping.Surroundings, code string) bool {
	t.Helper()
	return slices.ContainsFunc(compile(t, source).Lint(around), func(f mapping.Finding) bool { return f.Code == code })
}

func TestLintSaysRulesInWords(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`IIF(DateDiff("d", Now(), CDate([hired])) > 0, "a", "b")`: "this is true until about then, where the date is CDate([hired]): " +
			"a day before true, at the date false, a day after false; many published rules mean the reverse",
		`IIF(DateDiff("d", [left], Now()) >= 1, "a", "b")`: "this is true from about then on, where the date is [left]: " +
			"a day before false, at the date false, a day after true; many published rules mean the reverse",
	} {
		findings := compile(t, source).Lint(mapping.Surroundings{})
		if !slices.ContainsFunc(findings, func(f mapping.Finding) bool { return f.Code == "L01" && f.Message == want }) {
			t.Errorf("%s: %+v, want %q", source, findings, want)
		}
	}
}

func TestLintFindsAFileTimeOnce(t *testing.T) {
	t.Parallel()
	findings := compile(t, `IIF(NumFromDate([a]) > NumFromDate([b]), "129699324000000000", "")`).Lint(mapping.Surroundings{})
	count := 0
	for _, finding := range findings {
		if finding.Code == "L34" {
			count++
		}
	}
	if count != 1 {
		t.Errorf("the file time is found %d times, want once", count)
	}
}
