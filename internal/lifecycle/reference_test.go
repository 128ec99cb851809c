package lifecycle

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/person"
)

// TestReference compares the tables of docs/policy.md with the code, and
// writes them with -update.
func TestReference(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "..", "docs", "policy.md")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("read the reference: %v", err)
	}
	want := string(content)
	for _, section := range []struct{ name, text string }{
		{"tasks", taskTable()}, {"keys", keyTables()}, {"attributes", attributeTable()}, {"later", laterTable()},
	} {
		between := regexp.MustCompile(`(?s)(<!-- ` + section.name + `: [^>]*-->\n).*(<!-- end of ` + section.name + ` -->)`)
		if !between.MatchString(want) {
			t.Fatalf("docs/policy.md has no section %s", section.name)
		}
		want = between.ReplaceAllString(want, "${1}"+strings.ReplaceAll(section.text, "$", "$$")+"${2}")
	}
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(content)); diff != "" {
		t.Errorf("docs/policy.md differs from the code; run go test ./internal/lifecycle -run TestReference -update (-want +got):\n%s", diff)
	}
}

var _ = flag.Bool("update", false, "write generated documents")

func taskTable() string {
	var out strings.Builder
	out.WriteString("| task | in | arguments | goes on | what it is at Microsoft |\n|---|---|---|---|---|\n")
	all := shapes()
	for _, info := range Tasks() {
		s, _ := find(all, func(s shape) bool { return s.name == shapeOf(info) })
		goesOn := "no"
		if continueStandard(info.Class, Joiner) {
			goesOn = "yes"
		}
		arguments := strings.Join(s.known(), ", ")
		if info.Class == ClassMail || info.Class == ClassPass {
			arguments = strings.Replace(arguments, "to", "to ("+recipientStandard(info.Kind)+")", 1)
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s | %s |\n", info.Kind, joined(info.Categories), arguments, goesOn, info.EntraName)
	}
	return out.String()
}

func keyTables() string {
	var out strings.Builder
	for _, s := range shapes() {
		fmt.Fprintf(&out, "### %s\n%s\n\n| key | write | without it | meaning |\n|---|---|---|---|\n", s.name, s.doc)
		for _, k := range s.keys {
			if k.later != "" {
				continue
			}
			name := "`" + k.name + "`"
			if k.required {
				name = "**" + name + "**"
			}
			fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", name, k.form, k.standard, k.doc)
		}
		out.WriteString("\n")
	}
	return out.String()
}

func attributeTable() string {
	var out strings.Builder
	out.WriteString("| attribute | type | meaning |\n|---|---|---|\n")
	for _, d := range person.Catalog() {
		form := string(d.Type)
		if d.Type == person.Enum {
			form = strings.Join(d.Values, ", ")
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s |\n", d.Name, form, d.Description)
	}
	return out.String()
}

func laterTable() string {
	var out strings.Builder
	out.WriteString("| what | instead |\n|---|---|\n")
	for _, s := range shapes() {
		for _, k := range s.keys {
			if k.later != "" {
				fmt.Fprintf(&out, "| `%s` in %s | %s |\n", k.name, s.name, k.later)
			}
		}
	}
	later := laterTasks()
	for _, name := range slices.Sorted(maps.Keys(later)) {
		fmt.Fprintf(&out, "| task `%s` | %s |\n", name, later[name])
	}
	out.WriteString("| business days (`5bd`) | days |\n")
	return out.String()
}

// The tables say what holds without a key; the loader must agree.
func TestTablesStateTheDefaults(t *testing.T) {
	t.Parallel()
	s := standard()
	for place, want := range map[string]string{
		"feed.dates": s.feed.Dates, "feed.mode": s.feed.Mode, "feed.encoding": s.feed.Encoding,
		"feed.delimiter": string(s.feed.Delimiter), "feed.nulls": fmt.Sprintf("[%q]", s.feed.Nulls[0]), "feed.absent": s.feed.Absent,
		"feed.bridge":          fmt.Sprintf("%dd", s.feed.Bridge),
		"holdWhen.fewerPeople": fmt.Sprintf("%g%%", s.feed.HoldWhen.FewerPeople),
		"holdWhen.rejects":     fmt.Sprintf("%g%%", s.feed.HoldWhen.Rejects),
		"signature.tolerance":  short(s.feed.Signature.Tolerance),
		"target.outOfScope":    s.outOfScope, "target.match": "[" + strings.Join(s.match, ", ") + "]",
		"target.mode": s.mode, "target.propose": "[" + strings.Join(s.propose, ", ") + "]",
		"account.leave": s.leave, "account.rehire": s.rehire, "names.quarantine": "never",
		"workflow.late": s.late.String(), "trigger.settle": short(s.settle), "extension.timeout": s.timeout.Round(time.Second).String(),
	} {
		object, name, _ := strings.Cut(place, ".")
		found, _ := find(shapes(), func(s shape) bool { return s.name == object })
		if k, _ := found.find(name); k.standard != want {
			t.Errorf("%s: the tables say %q, the loader does %q", place, k.standard, want)
		}
	}
}

// Microsoft's catalogue and ours agree on IDs and names.
func TestTasksAreMicrosofts(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(sharedFile(t, "data", "lifecycle", "tasks.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range Tasks() {
		if info.InDomainOnly() {
			continue
		}
		entry := regexp.MustCompile(`"name": "` + regexp.QuoteMeta(info.EntraName) + `",\s+"id": "` + info.EntraID + `"`)
		if !entry.Match(content) {
			t.Errorf("%s: no task %q with ID %s in Microsoft's catalogue", info.Kind, info.EntraName, info.EntraID)
		}
	}
}
