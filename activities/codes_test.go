package activities_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// constants are the string constants of files whose name starts with a prefix.
func constants(t *testing.T, prefix string, files ...string) []string {
	t.Helper()
	var out []string
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			spec, isSpec := node.(*ast.ValueSpec)
			if !isSpec || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, prefix) {
				return true
			}
			if literal, isLiteral := spec.Values[0].(*ast.BasicLit); isLiteral && literal.Kind == token.STRING {
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, text)
			}
			return true
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// documented are the codes in the first column of a page's tables.
func documented(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, match := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		out = append(out, match[1])
	}
	slices.Sort(out)
	return out
}

func TestErrorsAreDocumented(t *testing.T) {
	t.Parallel()
	want := constants(t, "Code", "codes.go")
	if got := documented(t, "../docs/errors.md"); !slices.Equal(got, want) {
		t.Errorf("docs/errors.md explains %q, the code knows %q", got, want)
	}
	if len(want) < 20 {
		t.Errorf("only %d codes were found: the test reads the wrong file", len(want))
	}
}

func TestAttentionOfJourneysIsDocumented(t *testing.T) {
	t.Parallel()
	codes := constants(t, "attention", "access.go", "manager.go", "synced.go", "../workflows/inbox.go", "../workflows/planning.go")
	codes = append(codes, constants(t, "Attention", "codes.go")...)
	if len(codes) < 8 {
		t.Errorf("only %q were found: the test reads the wrong files", codes)
	}
	pages := documented(t, "../docs/attention.md")
	for _, code := range codes {
		if !slices.Contains(pages, code) {
			t.Errorf("docs/attention.md does not explain %s", code)
		}
	}
}
