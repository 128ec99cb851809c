package mapping_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"tenure/internal/mapping"
)

// seeds are expressions that reach much of the language.
func seeds() []string {
	return []string{
		threeLevels, withRegex, `Switch([a], , "1", "x")`, `IIF(DateDiff("d", Now(), CDate([date])) > 5, "False", "True")`,
		`FormatDateTime([date], "AllowWhiteSpaces", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "dddd, d MMMM y h:mm tt zzz")`,
		`Replace([a], , "(?<x>[a-z]+)", "x", , [emoji], )`, `Join("", RandomString(12,1,1,1,1,"O0"), Guid())`, `"a" & &HF = -7.50`,
		`Mid(Item([list], Contains([list], "y")), 1, 3)`, `PCase(NormalizeDiacritics([emoji]), " -")`, `DNComponent([a], 1)`,
		`IgnoreFlowIfNullOrEmpty(Word(Split([a], ","), 2, ""))`, `ConvertFromBase64(ConvertToBase64([emoji]), "ASCII")`, `[a "]" b]`,
	}
}

// FuzzParse holds that the parser ends for every text, that a refusal has a
// position inside it, and that canonical text reads as the same expression.
func FuzzParse(f *testing.F) {
	for _, seed := range seeds() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		e, err := mapping.Parse(source)
		if err != nil {
			var problem *mapping.Problem
			if !errors.As(err, &problem) || problem.Position.Offset < 0 || problem.Position.Line < 1 || problem.Position.Column < 1 ||
				utf8.ValidString(source) && problem.Position.Offset > len(utf16.Encode([]rune(source))) {
				t.Fatalf("Parse(%q) is refused without a place in it: %v", source, err)
			}
			return
		}
		for _, problem := range e.Check() {
			if problem.Message == "" {
				t.Fatalf("Check(%q) refuses without saying why", source)
			}
		}
		canonical := e.Canonical()
		again, err := mapping.Parse(canonical)
		if err != nil {
			var problem *mapping.Problem
			if errors.As(err, &problem) && strings.Contains(problem.Message, "10,000") {
				return // blanks and escapes made it longer than it was
			}
			t.Fatalf("canonical text %q of %q is refused: %v", canonical, source, err)
		}
		again.Check()
		if got := again.Canonical(); got != canonical {
			t.Fatalf("canonical text of %q is %q, and that of this %q", source, canonical, got)
		}
	})
}

// FuzzEvaluate holds that an evaluation ends, and gives the same twice.
func FuzzEvaluate(f *testing.F) {
	for _, seed := range seeds() {
		f.Add(seed, "Zoë Ångström", "2026-03-18T08:05:09.5+01:00", uint64(1))
	}
	f.Fuzz(func(t *testing.T, source, a, b string, seed uint64) {
		e, err := mapping.Compile(source)
		if err != nil {
			return
		}
		evaluate := func() (mapping.Result, error) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			return e.Evaluate(ctx, &mapping.Environment{
				Now: time.Unix(int64(seed%4_000_000_000), 0), Random: mapping.NewRandom(seed), DefaultDomain: "contoso.example",
				Attributes: mapping.Attributes{
					"a": mapping.TextValue(a), "date": mapping.TextValue(b), "emoji": mapping.TextValue("a😀b"),
					"list": mapping.ListValue([]string{a, b, "y"}),
				},
			})
		}
		first, firstErr := evaluate()
		second, secondErr := evaluate()
		if (firstErr == nil) != (secondErr == nil) || first.Value.String() != second.Value.String() || first.Outcome != second.Outcome {
			t.Fatalf("%q gives %v, %v and then %v, %v", source, first, firstErr, second, secondErr)
		}
		for _, text := range first.Value.Values() {
			if len(utf16.Encode([]rune(text))) > mapping.MaxText {
				t.Fatalf("%q gives a text of %d bytes", source, len(text))
			}
		}
	})
}
