package graph_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/sim/graph"
)

func seedOf() graph.Seed {
	return graph.Seed{
		Domains: []string{"contoso.example", "fabrikam.example"},
		SKUs:    []graph.SKU{{ID: skuE3, PartNumber: "E3", Seats: 3}},
		Groups:  []graph.GroupSeed{{Name: "Staff", SKUs: []string{skuE3}}, {Name: "Old"}},
	}
}

// busy makes some of everything.
func busy(h *harness) {
	h.t.Helper()
	h.seed(seedOf())
	ada, bea, cem := h.hire("Ada", "usageLocation", "DE"), h.hire("Bea"), h.hire("Cem")
	h.must(204, "POST", "/groups/"+graph.SeedID("Staff")+"/members/$ref", ref(ada))
	h.must(204, "POST", "/groups/"+graph.SeedID("Staff")+"/members/$ref", ref(bea))
	h.must(204, "DELETE", "/groups/"+graph.SeedID("Staff")+"/members/"+bea+"/$ref", nil)
	h.must(204, "PUT", "/users/"+ada+"/manager/$ref", ref(bea))
	h.must(201, "POST", taps(ada), `{}`)
	h.must(200, "POST", "/users/"+ada+"/assignLicense", licences([]string{skuE3}))
	h.must(204, "DELETE", "/users/"+cem, nil)
	h.must(204, "DELETE", "/users/"+h.hire("Dan"), nil)
	h.must(204, "DELETE", "/groups/"+graph.SeedID("Old"), nil)
	if err := h.Advance(ada, time.Hour); err != nil {
		h.t.Fatal(err)
	}
	h.must(204, "PATCH", "/users/"+bea, `{"employeeId":"E7"}`)
	if err := h.AdvanceEmployee("E7", 2*time.Hour); err != nil {
		h.t.Fatal(err)
	}
	if err := h.SetSignInFacts(bea, graph.SignInFacts{
		LastSignIn: h.clock.Now(), Methods: []string{graph.MethodFido2}, Roles: []string{graph.RoleUserAdmin},
	}); err != nil {
		h.t.Fatal(err)
	}
	h.must(200, "GET", "/users", nil)
}

func asText(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestStateOutlivesKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := start(t, func(o *graph.Options) { o.Dir = dir })
	busy(h)
	want, token := asText(t, h.State()), h.Token(appID)

	// A second server reads the files as a process would after kill -9 of the first: nothing was closed. What is torn at
	// the end of the journal was never acknowledged.
	copied := t.TempDir()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(name) == ".jsonl" {
			raw = append(raw, `{"users":{"torn":{"id":`...)
		}
		if err := os.WriteFile(filepath.Join(copied, filepath.Base(name)), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for round := range 2 {
		again := start(t, func(o *graph.Options) { o.Dir = copied })
		if d := cmp.Diff(want, asText(t, again.State())); d != "" {
			t.Fatalf("state after restart %d (-want +got):\n%s", round, d)
		}
		again.must(200, "GET", "/users", nil, "Authorization", "Bearer "+token)
		again.seed(graph.Seed{Groups: []graph.GroupSeed{{Name: "Staff"}}})
		if a := again.do("POST", "/users", newPerson("Ada")); a.status != 400 {
			t.Errorf("a taken name after restart %d = %d, want 400", round, a.status)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEachAcknowledgedChangeIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := start(t, func(o *graph.Options) { o.Dir = dir })
	for i := range 5 {
		h.hire(fmt.Sprintf("P%d", i))
		again := openCopy(t, dir)
		if got := len(again.State().Users); got != i+1 {
			t.Fatalf("after %d creates a restart finds %d users", i+1, got)
		}
	}
}

func openCopy(t *testing.T, dir string) *graph.Server {
	t.Helper()
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	// The clock stands where the tests begin, so that opening the copy purges nothing by itself.
	s, err := graph.New(graph.Options{Dir: copied, Now: func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestBrokenStateIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "graph-state.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := graph.New(graph.Options{Dir: dir}); err == nil {
		_ = s.Close()
		t.Error("New on a broken state = nil, want an error")
	}
}

func TestWhatTimeBringsIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := start(t, func(o *graph.Options) { o.Dir = dir })
	h.must(204, "DELETE", "/users/"+h.hire("Ada"), nil)
	if got := len(openCopy(t, dir).State().Deleted); got != 1 {
		t.Errorf("a restart finds %d deleted users, want 1", got)
	}
	h.clock.Add(31 * 24 * time.Hour)
	// The purge happens on the way to a request that fails.
	h.must(404, "GET", "/users/"+nobody, nil)
	if got := len(openCopy(t, dir).State().Deleted); got != 0 {
		t.Errorf("a restart finds %d purged users", got)
	}
}
