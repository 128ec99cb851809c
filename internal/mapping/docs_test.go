package mapping_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/internal/mapping"
)

// TestDocs runs every example of docs/mapping.md, and holds that every function
// has one.
func TestDocs(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("..", "..", "docs", "mapping.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, record, _ := strings.Cut(string(content), "```json\n")
	record, rest, _ := strings.Cut(record, "```")
	attributes, err := mapping.AttributesFromJSON([]byte(record))
	if err != nil {
		t.Fatal(err)
	}
	env := &mapping.Environment{
		Attributes: attributes, Now: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC), DefaultDomain: "contoso.example", Random: mapping.NewRandom(1),
	}
	var documented []string
	section := ""
	for line := range strings.Lines(rest) {
		line = strings.TrimRight(line, "\n")
		if name, heading := strings.CutPrefix(line, "### "); heading {
			section = name
		}
		source, want, example := strings.Cut(line, "  =>  ")
		if !example {
			continue
		}
		if strings.Contains(source, section+"(") && !slices.Contains(documented, section) {
			documented = append(documented, section)
		}
		if got := shown(t, source, env); got != want {
			t.Errorf("docs/mapping.md: %s gives %s, the page says %s", source, got, want)
		}
	}
	slices.Sort(documented)
	all := mapping.Functions()
	slices.Sort(all)
	if !slices.Equal(documented, all) {
		t.Errorf("docs/mapping.md has examples for\n%v, want\n%v", documented, all)
	}
}

// shown is a result as the page writes it.
func shown(t *testing.T, source string, env *mapping.Environment) string {
	t.Helper()
	result, err := compile(t, source).Evaluate(t.Context(), env)
	switch {
	case err != nil:
		_, message, _ := strings.Cut(err.Error(), "Error: ")
		return "(error: " + message + ")"
	case result.Outcome != mapping.Flows:
		return "(" + string(result.Outcome) + ")"
	default:
		return result.Value.String()
	}
}
