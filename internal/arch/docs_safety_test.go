package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// safetyRules is how many rules docs/safety.md decides.
const safetyRules = 20

// TestSafetyRulesHaveTests: each rule of docs/safety.md has its section, a test
// named after it, and names only tests that exist.
func TestSafetyRulesHaveTests(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(root, "docs", "safety.md"))
	if err != nil {
		t.Fatalf("read the rules: %v", err)
	}
	sections := safetySections(string(content))
	functions, byRule := testNames(t)
	named := regexp.MustCompile("`(Test[A-Za-z0-9_]+)")
	for number := 1; number <= safetyRules; number++ {
		rule := fmt.Sprintf("S%d", number)
		section, found := sections[rule]
		if !found {
			t.Errorf("docs/safety.md has no section \"## %s ...\"", rule)
			continue
		}
		if len(byRule[rule]) == 0 {
			t.Errorf("%s has no test named after it: want Test%s_...", rule, rule)
		}
		mentioned := named.FindAllStringSubmatch(section, -1)
		if len(mentioned) == 0 {
			t.Errorf("docs/safety.md names no test that shows %s; there are %s", rule, strings.Join(byRule[rule], ", "))
		}
		for _, test := range mentioned {
			if !functions[test[1]] {
				t.Errorf("docs/safety.md, %s: there is no test %s", rule, test[1])
			}
		}
		delete(sections, rule)
	}
	for rule := range sections {
		t.Errorf("docs/safety.md decides %s: raise safetyRules, and name its test", rule)
	}
}

// TestPromisesHaveTests: each promise of docs/reliability.md names what holds it,
// and only tests that exist.
func TestPromisesHaveTests(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(root, "docs", "reliability.md"))
	if err != nil {
		t.Fatalf("read the promises: %v", err)
	}
	functions, _ := testNames(t)
	named := regexp.MustCompile("`(Test[A-Za-z0-9_]+)")
	promises := 0
	for line := range strings.Lines(string(content)) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| promise ") {
			continue
		}
		promises++
		tests := named.FindAllStringSubmatch(line, -1)
		if len(tests) == 0 && !strings.Contains(line, "chaos `") {
			t.Errorf("docs/reliability.md names nothing that holds: %s", line)
		}
		for _, test := range tests {
			if !functions[test[1]] {
				t.Errorf("docs/reliability.md: there is no test %s", test[1])
			}
		}
	}
	if promises == 0 {
		t.Error("docs/reliability.md promises nothing")
	}
}

// safetySections maps each rule to the text below its headings: a rule may have
// more than one.
func safetySections(content string) map[string]string {
	heading := regexp.MustCompile(`(?m)^## (S[0-9]+) .*$`)
	out := map[string]string{}
	found := heading.FindAllStringSubmatchIndex(content, -1)
	for i, at := range found {
		end := len(content)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		out[content[at[2]:at[3]]] += content[at[1]:end]
	}
	return out
}

// testNames reads every test file: the functions, and those that are named
// after a rule.
func testNames(t *testing.T) (functions map[string]bool, byRule map[string][]string) {
	t.Helper()
	functions, byRule = map[string]bool{}, map[string][]string{}
	afterRule := regexp.MustCompile(`^Test(S[0-9]+)`)
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declared := range file.Decls {
			function, isFunction := declared.(*ast.FuncDecl)
			if !isFunction {
				continue
			}
			functions[function.Name.Name] = true
			if rule := afterRule.FindStringSubmatch(function.Name.Name); rule != nil {
				byRule[rule[1]] = append(byRule[rule[1]], function.Name.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("read the tests: %v", err)
	}
	return functions, byRule
}
