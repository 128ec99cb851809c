package graph_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/sim/fault"
	"tenure/internal/sim/graph"
)

func item(id, method, url string, body any, dependsOn ...string) map[string]any {
	out := map[string]any{"id": id, "method": method, "url": url, "body": body, "dependsOn": append([]string{}, dependsOn...), "headers": map[string]string{}}
	if body != nil {
		out["headers"] = map[string]string{"content-type": "application/json"}
	}
	return out
}

// results maps the IDs of the answers to their status.
func results(a answer) map[string]int {
	out := map[string]int{}
	list, _ := a.body["responses"].([]any)
	for _, v := range list {
		m, _ := v.(map[string]any)
		n, _ := m["status"].(float64)
		out[str(v, "id")] = int(n)
	}
	return out
}

func batchOf(items ...map[string]any) map[string]any { return map[string]any{"requests": items} }

func TestBatch(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.seed(graph.Seed{Groups: []graph.GroupSeed{{Name: "A"}, {Name: "B"}}})
	ada := h.hire("Ada")
	noType := item("no-type", "PATCH", "/users/"+ada, map[string]any{"jobTitle": "x"})
	noType["headers"] = map[string]string{}
	a := h.must(200, "POST", "/$batch", batchOf(
		item("last", "GET", "/users/"+ada+"/memberOf?$select=id", nil, "a", "b"),
		item("a", "POST", "/groups/"+graph.SeedID("A")+"/members/$ref", ref(ada)),
		item("b", "POST", "groups/"+graph.SeedID("B")+"/members/$ref", ref(ada)),
		item("bad", "GET", "/users/"+nobody, nil),
		item("after-bad", "GET", "/users/"+ada, nil, "bad"),
		item("after-after", "GET", "/users/"+ada, nil, "after-bad"),
		item("nested", "POST", "/$batch", batchOf(item("1", "GET", "/users", nil))),
		noType,
	))
	want := map[string]int{
		"last": 200, "a": 204, "b": 204, "bad": 404, "after-bad": 424, "after-after": 424, "nested": 400, "no-type": 400,
	}
	if d := cmp.Diff(want, results(a)); d != "" {
		t.Errorf("status by item (-want +got):\n%s", d)
	}
	if !strings.Contains(a.text, graph.SeedID("A")) || !strings.Contains(a.text, graph.SeedID("B")) {
		t.Errorf("memberOf ran before what it depends on: %s", a.text)
	}
	if h.Counts()["POST /$batch"] != 1 || h.Counts()["GET /users/{id}/memberOf"] != 0 {
		t.Errorf("counts = %v, want the batch as one request", h.Counts())
	}
}

func TestBatchRefusals(t *testing.T) {
	t.Parallel()
	h := start(t)
	var many []map[string]any
	for i := range 21 {
		many = append(many, item(string(rune('a'+i)), "GET", "/users", nil))
	}
	for name, body := range map[string]any{
		"too many":   batchOf(many...),
		"same id":    batchOf(item("a", "GET", "/users", nil), item("A", "GET", "/users", nil)),
		"unknown id": batchOf(item("a", "GET", "/users", nil, "b")),
		"cycle":      batchOf(item("a", "GET", "/users", nil, "b"), item("b", "GET", "/users", nil, "a")),
		"empty":      batchOf(),
		"no JSON":    "x",
	} {
		if a := h.do("POST", "/$batch", body); a.status != 400 {
			t.Errorf("%s = %d, want 400", name, a.status)
		}
	}
	h.must(200, "POST", "/$batch", batchOf(many[:20]...))
}

func TestBatchItemFaults(t *testing.T) {
	t.Parallel()
	h := start(t)
	ada := h.hire("Ada")
	if err := h.SetFaults(fault.Rule{Method: "PATCH", Path: "/v1.0/users/*", Kind: fault.Throttled, RetryAfter: 7}); err != nil {
		t.Fatal(err)
	}
	patch := item("1", "PATCH", "/users/"+ada, map[string]any{"jobTitle": "x"})
	a := h.must(200, "POST", "/$batch", batchOf(patch, item("2", "GET", "/users/"+ada, nil)))
	if d := cmp.Diff(map[string]int{"1": 429, "2": 200}, results(a)); d != "" {
		t.Errorf("status by item (-want +got):\n%s", d)
	}
	if !strings.Contains(a.text, `"Retry-After":"7"`) {
		t.Errorf("no Retry-After in %s", a.text)
	}
	if got := results(h.must(200, "POST", "/$batch", batchOf(patch)))["1"]; got != 204 {
		t.Errorf("second time = %d", got)
	}
}

func TestDirectoryReads(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.seed(graph.Seed{Domains: []string{"contoso.example", "fabrikam.example"}, Groups: []graph.GroupSeed{{Name: "A"}}})
	ada, group := h.hire("Ada"), graph.SeedID("A")
	a := h.must(200, "POST", "/directoryObjects/getByIds", map[string]any{"ids": []string{ada, nobody, group}})
	if d := cmp.Diff([]string{ada, group}, a.values("id")); d != "" {
		t.Errorf("getByIds (-want +got):\n%s", d)
	}
	a = h.must(200, "POST", "/directoryObjects/getByIds", map[string]any{"ids": []string{ada, group}, "types": []string{"group"}})
	if d := cmp.Diff([]string{group}, a.values("id")); d != "" {
		t.Errorf("getByIds of groups (-want +got):\n%s", d)
	}
	h.must(400, "POST", "/directoryObjects/getByIds", map[string]any{"ids": []string{"x"}})
	h.must(200, "GET", "/directoryObjects/"+group, nil)
	h.must(404, "GET", "/directoryObjects/"+nobody, nil)
	if a := h.must(200, "GET", "/domains", nil); !cmp.Equal(a.values("id"), []string{"contoso.example", "fabrikam.example"}) {
		t.Errorf("domains = %s", a.text)
	}
	if a := h.must(200, "GET", "/organization", nil); a.values("id")[0] != h.TenantID() {
		t.Errorf("organization = %s", a.text)
	}
	if a := h.must(400, "GET", "/nothing", nil); a.code() != "BadRequest" {
		t.Errorf("unknown path: %s", a.text)
	}
}
