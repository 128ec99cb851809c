package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "tenure"

// door is one rule of docs/architecture.md: what the packages below a folder
// may not import, and why.
type door struct {
	from   string   // folder; "" is every package
	except []string // folders the rule does not bind
	banned []string // import paths; a trailing /... means everything below
	why    string
}

func doors() []door {
	// Parsing a URL or an address is pure; talking to one is not.
	pure := []string{"net", "net/http/...", "net/rpc/...", "net/smtp", "os/...", "math/rand/...", "crypto/rand", "database/...", "log/...", "go.temporal.io/..."}
	return []door{
		{from: "internal/person", banned: append([]string{"tenure/..."}, pure...), why: "person is pure and stands below everything"},
		{
			from:   "internal/lifecycle",
			banned: append([]string{"tenure/internal/plan", "tenure/internal/directory/...", "tenure/internal/store/...", "tenure/internal/config"}, pure...),
			why:    "lifecycle is pure and knows people only",
		},
		{
			from:   "internal/plan",
			banned: append([]string{"tenure/internal/directory/...", "tenure/internal/store/...", "tenure/internal/config", "tenure/internal/hr/..."}, pure...),
			why:    "a plan is a value: computing one performs nothing",
		},
		{
			from:   "",
			except: []string{"workflows", "activities", "internal/platform", "worker", "starter", "cmd", "deploy/devstack"},
			banned: []string{"go.temporal.io/sdk/..."},
			why:    "the Temporal SDK lives in workflows, activities, platform and the composition roots only",
		},
		{
			from:   "",
			except: []string{"internal/directory/entra", "worker", "deploy/devstack"},
			banned: []string{"tenure/internal/directory/entra"},
			why:    "concrete connectors are chosen by composition roots",
		},
		{
			from:   "",
			except: []string{"internal/directory/ad", "worker", "deploy/devstack"},
			banned: []string{"tenure/internal/directory/ad", "tenure/internal/directory/ad/adtest"},
			why:    "concrete connectors are chosen by composition roots",
		},
		{
			from:   "",
			except: []string{"internal/directory/ad", "internal/sim/ad", "internal/sim/connect", "deploy/devstack"},
			banned: []string{"github.com/go-ldap/ldap/v3/..."},
			why:    "LDAP stays behind the connector and its simulator",
		},
		{
			from:   "",
			except: []string{"internal/directory/ad/adtest"},
			banned: []string{"tenure/deploy/samba"},
			why:    "a throw-away domain controller is for tests",
		},
		{
			from:   "",
			except: []string{"internal/notify", "worker", "deploy/devstack"},
			banned: []string{"tenure/internal/notify/smtp", "tenure/internal/notify/sendgrid"},
			why:    "concrete senders are chosen by composition roots",
		},
		{
			from:   "internal/directory",
			banned: []string{"go.temporal.io/...", "tenure/internal/plan", "tenure/internal/lifecycle", "tenure/internal/store/...", "tenure/internal/config"},
			why:    "connectors see object IDs and attributes, not policies or people",
		},
		{
			from:   "internal/hr",
			banned: []string{"go.temporal.io/...", "tenure/internal/plan", "tenure/internal/store/...", "tenure/internal/config"},
			why:    "feeds turn input into records and know nothing of what becomes of them",
		},
		{
			from:   "internal/notify",
			banned: []string{"go.temporal.io/...", "tenure/internal/plan", "tenure/internal/lifecycle", "tenure/internal/store/...", "tenure/internal/config"},
			why:    "notify sends what it is given",
		},
		{
			from: "internal/mapping",
			banned: append([]string{
				"tenure/internal/person", "tenure/internal/plan", "tenure/internal/lifecycle", "tenure/internal/directory/...", "tenure/internal/store/...",
			}, pure...),
			why: "the mapping language stands alone and computes",
		},
		{
			from:   "internal/entraschema",
			banned: append([]string{"tenure/internal/plan", "tenure/internal/lifecycle", "tenure/internal/store/...", "tenure/internal/config"}, pure...),
			why:    "a schema becomes text: whoever loads the policy reads it",
		},
		{
			from:   "internal/reconcile",
			banned: append([]string{"tenure/internal/store/...", "tenure/internal/config", "tenure/internal/lifecycle"}, pure...),
			why:    "comparing is pure: others list and record",
		},
		{from: "internal/access", banned: []string{"tenure/internal/...", "tenure/workflows", "tenure/activities", "go.temporal.io/..."}, why: "who may is decided without knowing people or journeys"},
		{from: "internal/sim", banned: []string{"tenure/internal/directory/...", "tenure/internal/store/...", "tenure/internal/plan"}, why: "a simulator that shared code with its client would share its mistakes"},
		{
			from:   "internal/sim",
			except: []string{"internal/sim/connect"}, // reads any domain, as a client
			banned: []string{"github.com/go-ldap/...", "github.com/go-asn1-ber/..."},
			why:    "a simulator that shared code with its client would share its mistakes",
		},
		{
			from:   "workflows",
			banned: []string{"encoding/json", "log/...", "math/rand/...", "sync", "os", "net/http", "text/template", "tenure/internal/store/...", "tenure/internal/directory/...", "tenure/internal/lifecycle", "tenure/internal/config"},
			why:    "workflow code is deterministic: it is only time and order",
		},
		{from: "workflows/contract", banned: []string{"tenure/...", "go.temporal.io/...", "github.com/..."}, why: "the contract uses the standard library only"},
		{from: "internal/httpapi", banned: []string{"go.temporal.io/...", "tenure/workflows", "tenure/activities", "tenure/internal/store/..."}, why: "the API speaks to the interface Journeys; starter implements it"},
	}
}

func TestDoors(t *testing.T) {
	t.Parallel()
	for folder, imports := range productImports(t) {
		for _, rule := range doors() {
			if !rule.binds(folder) {
				continue
			}
			for _, imported := range imports {
				if i := slices.IndexFunc(rule.banned, func(b string) bool { return matches(b, imported) && !inside(rule.from, imported) }); i >= 0 {
					t.Errorf("%s imports %s: %s", folder, imported, rule.why)
				}
			}
		}
	}
}

func TestNoRoomIsCalledUtil(t *testing.T) {
	t.Parallel()
	for folder := range productImports(t) {
		switch path.Base(folder) {
		case "util", "utils", "common", "helpers", "models", "types", "misc":
			t.Errorf("%s: name the package after what it holds", folder)
		}
	}
}

func TestDoorsExist(t *testing.T) {
	t.Parallel()
	for _, rule := range doors() {
		if rule.from == "" {
			continue
		}
		if _, err := os.Stat(filepath.Join(root, rule.from)); err != nil {
			t.Errorf("rule about %s: %v", rule.from, err)
		}
	}
}

func (d door) binds(folder string) bool {
	below := func(parent string) bool {
		return parent == "" || folder == parent || strings.HasPrefix(folder, parent+"/")
	}
	return below(d.from) && !slices.ContainsFunc(d.except, below)
}

func matches(pattern, imported string) bool {
	parent, deep := strings.CutSuffix(pattern, "/...")
	return imported == parent || (deep && strings.HasPrefix(imported, parent+"/"))
}

// inside lets a room import its own rooms.
func inside(from, imported string) bool {
	return from != "" && (imported == module+"/"+from || strings.HasPrefix(imported, module+"/"+from+"/"))
}

const root = "../.."

// productImports maps each folder with Go code to what its code, tests aside,
// imports.
func productImports(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && name != root || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		folder := filepath.ToSlash(relative)
		out[folder] = append(out[folder], imports(file.Imports)...)
		return nil
	})
	if err != nil {
		t.Fatalf("read the tree: %v", err)
	}
	return out
}

func imports(specs []*ast.ImportSpec) []string {
	out := make([]string, 0, len(specs))
	for _, spec := range specs {
		if imported, err := strconv.Unquote(spec.Path.Value); err == nil {
			out = append(out, imported)
		}
	}
	return out
}
