package mapping_test

import (
	"slices"
	"testing"

	"tenure/internal/mapping"
)

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][]string{
		`"OU=Staff"`:                                     {"OU=Staff"},
		`Switch([c], "x", "DE", "a", "FR", "b")`:         {"x", "a", "b"},
		`Switch([c], , "DE", "a")`:                       {"a"},
		`IIF([a]="1", "x", Switch([c], "y", "DE", "z"))`: {"x", "y", "z"},
		`Coalesce("x", "y")`:                             {"x", "y"},
	} {
		if got, ok := outcomesOf(t, source); !ok || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %t, want %q", source, got, ok, want)
		}
	}
	for _, source := range []string{
		`[c]`, `Join("", "OU=", [c])`, `Switch([c], [c], "DE", "a")`, `Switch([c], "x", "DE", [c])`,
		`IIF([a]="1", [b], "x")`, `Coalesce([c], "x")`, `Append("a", [c])`, `ToUpper("a")`,
	} {
		if got, ok := outcomesOf(t, source); ok {
			t.Errorf("%s: every outcome stands in it: %q", source, got)
		}
	}
}

func outcomesOf(t *testing.T, source string) ([]string, bool) {
	t.Helper()
	e, err := mapping.Parse(source)
	if err != nil {
		t.Fatalf("Parse(%s): %v", source, err)
	}
	return e.Outcomes()
}
