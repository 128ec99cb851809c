package arch

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEveryPackageSaysWhatItIs: exactly one doc.go per package, with a comment
// that a newcomer can start from.
func TestEveryPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	for folder := range productImports(t) {
		name := filepath.Join(root, folder, "doc.go")
		content, err := os.ReadFile(name)
		if err != nil {
			t.Errorf("%s has no doc.go: %v", folder, err)
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, content, parser.ParseComments)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		const shortest = 100
		if file.Doc == nil || len(file.Doc.Text()) < shortest {
			t.Errorf("%s: the package comment does not say what the package is, who uses it and what it must not do", name)
		}
		others, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		if i := slices.IndexFunc(others, func(other string) bool { return other != name && hasPackageComment(t, other) }); i >= 0 {
			t.Errorf("%s: the package comment belongs into doc.go alone", others[i])
		}
	}
}

func hasPackageComment(t *testing.T, name string) bool {
	t.Helper()
	if strings.HasSuffix(name, "_test.go") {
		return false
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatalf("parse %s: %v", name, err)
	}
	return file.Doc != nil
}
