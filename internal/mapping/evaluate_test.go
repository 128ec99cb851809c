package mapping_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tenure/internal/mapping"
)

func environment() *mapping.Environment {
	return &mapping.Environment{
		Now: time.Date(2026, 11, 22, 9, 30, 15, 0, time.UTC), Random: mapping.NewRandom(7), DefaultDomain: "contoso.example",
		Attributes: mapping.Attributes{
			"a": mapping.TextValue("alpha"), "empty": mapping.TextValue(""), "n": mapping.TextValue("01"),
			"list": mapping.ListValue([]string{"x", "y", "x"}), "one": mapping.ListValue([]string{"solo"}),
			"none": mapping.ListValue(nil), "Mixed": mapping.TextValue("case"), "date": mapping.TextValue("2026-03-18T08:05:09.5+01:00"),
			"emoji": mapping.TextValue("a😀b"), "blank": mapping.TextValue("  x "),
		},
	}
}

// TestStatedBehaviour holds what the specification states and the published
// cases do not show.
func TestStatedBehaviour(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`[mixed]`:           "case",
		`IsNull([empty])`:   "True",
		`IsNull("")`:        "False",
		`IsNullOrEmpty("")`: "True",
		`IsNull([none])`:    "True",
		`[n] = 1`:           "True",
		`[n] = "1"`:         "False",
		`"9" < "10"`:        "False",
		`9 < "10"`:          "True",
		`1.50 = 1.5`:        "True",
		`-0 = 0`:            "True",
		`9223372036854775808 > 9223372036854775807`: "True",
		`[absent] <> "x"`:                       "False",
		`[absent] = ""`:                         "False",
		`"" = ""`:                               "True",
		`"a" & &HF`:                             "a15",
		`[absent] & "x"`:                        "x",
		`Append("\d", "\\d")`:                   `\d\d`,
		`Len([emoji])`:                          "4",
		`Left([emoji], 2)`:                      "a",
		`Mid([emoji], 3)`:                       "b",
		`Mid([emoji], 2, 2)`:                    "😀",
		`Mid("abc", "1", "1")`:                  "a",
		`Mid("abc", 4)`:                         "",
		`Left("abc", 1.9)`:                      "a",
		`InStr([emoji], "b")`:                   "4",
		`InStr("abc", "")`:                      "1",
		`InStr("abc", "b", 5)`:                  "0",
		`InStr("aBc", "b", 1, "vbTextCompare")`: "2",
		`Join("-", [list], "", [absent], 7)`:    "x-y-x-7",
		`Join([absent], "a", "b")`:              "ab",
		`Join(",", [absent])`:                   "",
		`Coalesce([absent], "", [a])`:           "alpha",
		`Count([absent])`:                       "0",
		`Count([one])`:                          "1",
		`Count("x")`:                            "1",
		`Contains([list], "y")`:                 "2",
		`Contains([list], "z")`:                 "0",
		`Item([one], 1)`:                        "solo",
		`ToUpper([one])`:                        "[SOLO]",
		`Append([one], "!")`:                    "solo!",
		`RemoveDuplicates([list])`:              "[x, y]",
		`IsString([list])`:                      "False",
		`IsString(5)`:                           "True",
		`IsString([absent])`:                    "False",
		`Not(5)`:                                "True",
		`Not("TRUE")`:                           "False",
		`CBool("0.0")`:                          "False",
		`CBool("true")`:                         "True",
		`CBool([absent])`:                       "False",
		`IIF("", Error("no"), "else")`:          "else",
		`Switch(ToLower("A"), "d", "b", Error("no"), "a", "hit")`: "hit",
		`Split("a,,b ", ",")`:                                    "[a, , b]",
		`Word("a--b", 2, "-")`:                                   "b",
		`Word(" a  b ", 2, "")`:                                  "b",
		`Trim([blank])`:                                          "x",
		`StripSpaces("a b c")`:                                   "abc",
		`ToLower("ΣΟΦΟΣ")`:                                       "σοφοσ",
		`ToUpper("straße")`:                                      "STRAßE",
		`ToUpper("i", "tr-TR")`:                                  "İ",
		`ToLower("İ")`:                                           "İ",
		`PCase("o'neil-smith")`:                                  "O'neil-Smith",
		`PCase("3rd")`:                                           "3Rd",
		`PCase("a1b")`:                                           "A1b",
		`PCase("st john's")`:                                     "St John's",
		`PCase("d’arcy")`:                                        "D’Arcy",
		`PCase("mc-donald smith", "")`:                           "Mc-donald smith",
		`NormalizeDiacritics("Øßłçйが")`:                          "OEsslcйが",
		`CDate([date])`:                                          "3/18/2026 7:05:09 AM",
		`CDate("2026-03-18 23:59:59 -08:00")`:                    "3/19/2026 7:59:59 AM",
		`CDate([empty])`:                                         "",
		`DateAdd("m", 1, "2026-01-31")`:                          "2/28/2026 12:00:00 AM",
		`DateAdd("yyyy", 1, "2028-02-29")`:                       "2/28/2029 12:00:00 AM",
		`DateAdd("d", "-1.9", "1/1/2026")`:                       "12/31/2025 12:00:00 AM",
		`DateDiff("d", "2026-01-01 00:00", "2026-01-02 23:59")`:  "1",
		`DateDiff("h", "2026-01-02", "2026-01-01 00:00:01")`:     "-23",
		`DateDiff("yyyy", "2025-12-31", "2026-01-01")`:           "1",
		`DateDiff("ww", "2026-11-21 18:00", "2026-11-22 06:00")`: "0",
		`DateDiff("ww", "2026-11-21", "2026-11-22")`:             "1",
		`DateFromNum(NumFromDate("2026-11-22"))`:                 "11/22/2026 12:00:00 AM",
		`NumFromDate("1601-01-01")`:                              "0",
		`FormatDateTime("2026-03-05+13:00", , "yyyy-MM-ddzzz", "yyyy-MM-dd")`: "2026-03-04",
		`FormatDateTime("3/5/2026 8:00:00 PM", "M/d/yyyy h:mm:ss tt", "o")`:   "2026-03-05T20:00:00.0000000",
		`Replace("abc", , ".*", , "x", , )`:                                   "xx",
		`Replace("a1b2", , "(?<d>\d)", , "<${d}${nope}$9$a1$$>", , )`:         "a<1${nope}$9$a1$>b<2${nope}$9$a1$>",
		`Replace("2026-11", , "(?<y>\d+)-(?<m>\d+)", "m", "XX", , )`:          "2026-XX",
		`Replace("x", , "(?<m>\d+)", "m", "y", , )`:                           "x",
		`Replace([absent], , "(?<m>\d+)", "m", , "a12", )`:                    "12",
		`Replace([absent], "<u>", , , , , "<u>@x")`:                           "",
		`Replace("abc", [absent], , , "x", , )`:                               "abc",
		`DNComponent("cn=Doe\, Jo,ou=x", 1)`:                                  "Doe, Jo",
		`DNComponent("cn=a, ou = b ,dc=c", 2)`:                                "b",
		`DNComponent("cn=a", 2)`:                                              "",
		`BitAnd("12", 10)`:                                                    "8",
		`ConvertFromBase64(ConvertToBase64("Zoë"))`:                           "Zoë",
		`ConvertToUTF8Hex("é")`:                                               "C3A9",
		`&H10`:                                                                "16",
		`007`:                                                                 "007",
		`vbTextCompare`:                                                       "vbTextCompare",
	} {
		result, err := compile(t, source).Evaluate(t.Context(), environment())
		if err != nil || result.Outcome != mapping.Flows || result.Value.String() != want {
			t.Errorf("%s = %q (%s, %v), want %q", source, result.Value, result.Outcome, err, want)
		}
	}
}

func TestEvaluationErrors(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`Append([list], "x")`:                                       "3 values",
		`[list] = "x"`:                                              "3 values",
		`Left("a", "b")`:                                            "no number",
		`Left("a", [absent])`:                                       "has no value",
		`Left("a", 99999999999999999999)`:                           "64 bits",
		`Mid("abc", 0)`:                                             "counted from 1",
		`Mid("abc", 1, -1)`:                                         "below 0",
		`InStr("abc", "b", 0)`:                                      "counted from 1",
		`Item([list], 0)`:                                           "number 0",
		`Split("a", "")`:                                            "delimiter",
		`CDate("2026-02-30")`:                                       "no date",
		`CDate("13/1/2026")`:                                        "no date",
		`CDate("2026-01-01T24:00")`:                                 "no date",
		`DateAdd("yyyy", 9000, Now())`:                              "1 to 9999",
		`DateAdd([a], 1, Now())`:                                    "interval",
		`DateFromNum(9223372036854775807)`:                          "1601 to 9999",
		`NumFromDate("1600-12-31")`:                                 "1601",
		`FormatDateTime("05.03.", , "dd.MM.", "d")`:                 "no year",
		`FormatDateTime("2026-03-05", , "yyyy-MM-dd", "")`:          "output",
		`FormatDateTime(" 2026", "None", "yyyy", "yyyy")`:           "does not fit",
		`FormatDateTime("2026", "Strange", "yyyy", "yyyy")`:         "styles",
		`FormatDateTime("Mon 2026-03-05", , "ddd yyyy-MM-dd", "d")`: "does not fit",
		`IIF("perhaps", 1, 2)`:                                      "neither True nor False",
		`ToUpper("x", "not a culture!")`:                            "culture",
		`ConvertFromBase64("***")`:                                  "base64",
		`RandomString(3,2,2,0,0)`:                                   "sum of the minima",
		`RandomString(300,1,0,0,0)`:                                 "at most 256",
		`RandomString(5,1,0,0,0,"0123456789")`:                      "avoided",
		`Error("stop here")`:                                        "stop here",
		`Replace([a], , [blank] & "(", , "z")`:                      "no regular expression",
	} {
		_, err := compile(t, source).Evaluate(t.Context(), environment())
		var problem *mapping.Problem
		if !errors.As(err, &problem) || problem.Stage != mapping.Evaluation || !strings.Contains(problem.Message, want) {
			t.Errorf("%s: error = %v, want %q in it", source, err, want)
		}
	}
}

func TestErrorsHoldNoValues(t *testing.T) {
	t.Parallel()
	env := environment()
	const secret = "Ottilie Unverwechselbar"
	env.Attributes["s"] = mapping.TextValue(secret)
	for _, source := range []string{
		`Left("a", [s])`, `CDate([s])`, `IIF([s], 1, 2)`, `DateAdd([s], 1, Now())`, `FormatDateTime([s], , "yyyy", "yyyy")`,
		`ConvertFromBase64([s] & "*")`, `ToUpper("x", [s])`, `Replace("a", , [s] & "(", , "z")`, `FormatDateTime("2026", [s], "yyyy", "yyyy")`,
		`FormatDateTime("2026", , [s] & "g", "yyyy")`, `ConvertFromBase64("QQ==", [s])`, `InStr("a", "b", 1, [s])`,
	} {
		_, err := compile(t, source).Evaluate(t.Context(), env)
		if err == nil || strings.Contains(err.Error(), "Ottilie") {
			t.Errorf("%s: error = %v, want one without the value", source, err)
		}
	}
}

func TestFlow(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]mapping.Outcome{
		`IgnoreAttributeFlow`:                                          mapping.DropsAttribute,
		`IIF([a] = "alpha", IgnoreObjectFlow, "x")`:                    mapping.DropsObject,
		`Coalesce([absent], IgnoreAttributeFlow)`:                      mapping.DropsAttribute,
		`IgnoreFlowIfNullOrEmpty([none])`:                              mapping.DropsAttribute,
		`IgnoreFlowIfNullOrEmpty(Coalesce([absent], ""))`:              mapping.DropsAttribute,
		`Switch([a], "d", "alpha", IgnoreAttributeFlow)`:               mapping.DropsAttribute,
		`Switch([a], IgnoreObjectFlow, "beta", "x")`:                   mapping.DropsObject,
		`IgnoreFlowIfNullOrEmpty(IIF([a] = "x", IgnoreObjectFlow, 1))`: mapping.Flows,
	} {
		result, err := compile(t, source).Evaluate(t.Context(), environment())
		if err != nil || result.Outcome != want {
			t.Errorf("%s = %s, %v, want %s", source, result.Outcome, err, want)
		}
	}
}

func TestSelectUniqueValue(t *testing.T) {
	t.Parallel()
	e := compile(t, `SelectUniqueValue([absent], "Anna", Error("too late"))`)
	env := environment()
	env.Taken = func(value string) (bool, error) { return strings.EqualFold(value, "ANNA"), nil }
	if _, err := e.Evaluate(t.Context(), env); err == nil || !strings.Contains(err.Error(), "too late") {
		t.Errorf("error = %v, want that of the candidate whose turn came", err)
	}
	env.Taken = nil
	if result, err := e.Evaluate(t.Context(), env); err != nil || result.Value.String() != "Anna" {
		t.Errorf("got %v, %v, want Anna", result.Value, err)
	}
	env.Exists = true
	if result, err := e.Evaluate(t.Context(), env); err != nil || result.Outcome != mapping.DropsAttribute {
		t.Errorf("an object that exists: %s, %v, want the attribute left out", result.Outcome, err)
	}
	refusing := errors.New("target is away")
	env.Exists, env.Taken = false, func(string) (bool, error) { return false, refusing }
	if _, err := e.Evaluate(t.Context(), env); !errors.Is(err, refusing) {
		t.Errorf("error = %v, want that of the target", err)
	}
}

// TestHostile holds that what is meant to be slow or large ends with an error.
func TestHostile(t *testing.T) {
	t.Parallel()
	env := environment()
	env.Attributes["long"] = mapping.TextValue(strings.Repeat("a", 90_000))
	env.Attributes["toolong"] = mapping.TextValue(strings.Repeat("a", 100_001))
	for _, source := range []string{
		`[toolong]`,
		`[long] & [long]`,
		`Join([long], [long], [long], [long])`,
		`Replace([long], "a", , , [long], , )`,
		`Replace([long], "a", , , , , [long])`,
		`Replace([long], , "a", , "$_$_", , )`,
		`Replace([long], , "(?=(a*))", , "$1", , )`,
		`Replace("` + strings.Repeat("a", 40) + `!", , "^(a+)+$", , "x", , )`,
	} {
		if result, err := compile(t, source).Evaluate(t.Context(), env); err == nil {
			t.Errorf("%.60s gives %d characters, want an error", source, len(result.Value.String()))
		}
	}
}

func TestTrace(t *testing.T) {
	t.Parallel()
	step, result, err := compile(t, `IIF([a] = "alpha", Redact(Append([a], "secret")), [list])`).Trace(t.Context(), environment())
	if err != nil || result.Value.String() != "alphasecret" || !result.Redacted {
		t.Fatalf("trace = %v, %v, want the value passed through and marked", result.Value, err)
	}
	var shown strings.Builder
	var walk func(*mapping.Step)
	taken := map[string]bool{}
	walk = func(s *mapping.Step) {
		shown.WriteString(s.Expression + " -> " + s.Value.String() + "\n")
		taken[s.Expression] = !s.NotTaken
		for _, sub := range s.Steps {
			walk(sub)
		}
	}
	walk(step)
	if strings.Contains(shown.String(), "secret") || !strings.Contains(shown.String(), "[Redact]") {
		t.Errorf("trace shows what Redact hides:\n%s", &shown)
	}
	if taken["[list]"] || !taken[`[a] = "alpha"`] {
		t.Errorf("trace says taken = %v, want the condition and not the other branch", taken)
	}
}
