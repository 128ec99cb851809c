package graph_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tenure/internal/sim/graph"
)

const tapPolicy = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/TemporaryAccessPass"

func taps(id string) string { return "/users/" + id + "/authentication/temporaryAccessPassMethods" }

func TestPasses(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.hire("Ada")
	a := h.must(400, "POST", taps(id), `{"lifetimeInMinutes":59}`)
	if a.code() != "badRequest" || a.message() != "Invalid LifetimeInMinutes specified. The valid range between 60 and 480." {
		t.Errorf("too short: %s %s", a.code(), a.message())
	}
	h.must(400, "POST", taps(id), `{"lifetimeInMinutes":481}`)
	first := h.must(201, "POST", taps(id), `{"lifetimeInMinutes":60,"startDateTime":"2026-03-02T10:00:00Z"}`).body
	if len(str(first, "temporaryAccessPass")) != 8 || first["isUsable"] != false || first["methodUsabilityReason"] != "NotYetValid" {
		t.Errorf("first pass = %v", first["methodUsabilityReason"])
	}
	reason := func() string {
		got := h.must(200, "GET", taps(id)+"/"+str(first, "id"), nil).body
		if v, ok := got["temporaryAccessPass"]; !ok || v != nil {
			t.Error("the secret is shown twice")
		}
		return str(got, "methodUsabilityReason")
	}
	if err := h.Advance(id, time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := reason(); got != "EnabledByPolicy" {
		t.Errorf("at its start: %s", got)
	}
	h.must(204, "PATCH", tapPolicy, `{"@odata.type":"#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration","state":"disabled"}`)
	if got := reason(); got != "DisabledByPolicy" {
		t.Errorf("policy off: %s", got)
	}
	h.must(400, "POST", taps(id), nil)
	h.must(204, "PATCH", tapPolicy, `{"@odata.type":"#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration","state":"enabled"}`)
	if err := h.Advance(id, time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := reason(); got != "Expired" {
		t.Errorf("at its end: %s", got)
	}
	second := h.must(201, "POST", taps(id), `{}`).body
	if got := h.must(200, "GET", taps(id), nil).values("id"); len(got) != 1 || got[0] != str(second, "id") {
		t.Errorf("passes = %v, want only the newer one", got)
	}
	if got := h.must(200, "GET", "/users/"+id+"/authentication/methods", nil).values("@odata.type"); len(got) != 2 {
		t.Errorf("methods = %v", got)
	}
	h.must(204, "DELETE", taps(id)+"/"+str(second, "id"), nil)
	h.must(404, "DELETE", taps(id)+"/"+str(second, "id"), nil)
}

func TestPassPolicyAndGuests(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.hire("Ada")
	h.must(204, "PATCH", tapPolicy, `{"@odata.type":"#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration","isUsableOnce":true,"minimumLifetimeInMinutes":10,"maximumLifetimeInMinutes":43200,"defaultLength":12}`)
	h.must(400, "PATCH", tapPolicy, `{"minimumLifetimeInMinutes":5}`)
	if got := h.must(200, "GET", tapPolicy, nil).body; got["isUsableOnce"] != true || got["minimumLifetimeInMinutes"] != 10.0 {
		t.Errorf("policy = %v", got)
	}
	h.must(400, "POST", taps(id), `{"isUsableOnce":false}`)
	a := h.must(201, "POST", taps(id), `{"lifetimeInMinutes":43200}`).body
	if a["isUsableOnce"] != true || len(str(a, "temporaryAccessPass")) != 12 {
		t.Error("the policy's length and use were not followed")
	}
	guest := graph.SeedID("g@contoso.example")
	h.seed(graph.Seed{Users: []graph.UserSeed{{Props: map[string]any{"userPrincipalName": "g@contoso.example", "userType": "Guest"}}}})
	h.must(400, "POST", taps(guest), nil)
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := start(t, func(o *graph.Options) { o.Dir = dir })
	id := h.hire("Ada")
	pass := str(h.must(201, "POST", taps(id), `{"isUsableOnce":true}`).body, "temporaryAccessPass")
	if err := h.SignIn("ada@contoso.example", pass); !errors.Is(err, graph.ErrSignIn) || !strings.Contains(err.Error(), "disabled") {
		t.Errorf("disabled account: %v", err)
	}
	h.must(204, "PATCH", "/users/"+id, `{"accountEnabled":true}`)
	if err := h.SignIn("ada@contoso.example", "wrong"); !errors.Is(err, graph.ErrSignIn) {
		t.Errorf("wrong pass: %v", err)
	}
	if err := h.SignIn("ada@contoso.example", pass); err != nil {
		t.Errorf("right pass: %v", err)
	}
	if err := h.SignIn("ada@contoso.example", pass); err == nil || !strings.Contains(err.Error(), "OneTimeUsed") {
		t.Errorf("used twice: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("state files: %v %v", files, err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), pass) || strings.Contains(string(raw), "Xk9!wordless") {
			t.Errorf("%s holds a secret", filepath.Base(f))
		}
	}
}
