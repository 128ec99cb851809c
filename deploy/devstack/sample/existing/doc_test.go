package existing_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tenure/deploy/devstack/sample/existing"
)

var update = flag.Bool("update", false, "write the table of docs/going-live.md again")

// TestDocs keeps the table of mistakes in docs/going-live.md in step.
func TestDocs(t *testing.T) {
	t.Parallel()
	const begin = "<!-- mistakes: generated, cd deploy/devstack && go test ./sample/existing -run TestDocs -update -->\n"
	const end = "<!-- end of mistakes -->\n"
	name := filepath.Join("..", "..", "..", "..", "docs", "going-live.md")
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(content), begin)
	table, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no table of mistakes", name)
	}
	want := mistakes()
	if *update {
		if err := os.WriteFile(name, []byte(before+begin+want+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("the table of mistakes is not in step; go test ./sample/existing -run TestDocs -update writes it again:\n%s", want)
	}
}

// shownKeys is how many people of a kind are named.
const shownKeys = 2

func mistakes() string {
	var out strings.Builder
	out.WriteString("| what is wrong | rows | where it is reported | as |\n|---|---|---|---|\n")
	for _, report := range existing.New(day).Reports {
		var rows []string
		for i, key := range report.Keys[:min(shownKeys, len(report.Keys))] {
			if key == "" || strings.Contains(key, "@") {
				key = fmt.Sprintf("line %d", report.Lines[i])
			}
			rows = append(rows, key)
		}
		if more := len(report.Keys) - shownKeys; more > 0 {
			rows = append(rows, fmt.Sprintf("%d more", more))
		}
		fmt.Fprintf(&out, "| %s | %s | %s | `%s` |\n", report.Mistake, strings.Join(rows, ", "), report.Where, report.Says)
	}
	return out.String()
}
