package graph_test

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tenure/internal/sim/fault"
	"tenure/internal/sim/graph"
)

func TestFaultAnswers(t *testing.T) {
	t.Parallel()
	h := start(t)
	tests := []struct {
		rule   fault.Rule
		status int
		code   string
		retry  string
	}{
		{fault.Rule{Kind: fault.Throttled, RetryAfter: 9}, 429, "TooManyRequests", "9"},
		{fault.Rule{Kind: fault.ThrottledBare}, 429, "TooManyRequests", ""},
		{fault.Rule{Kind: fault.Unavailable}, 503, "serviceNotAvailable", ""},
		{fault.Rule{Kind: fault.Unavailable, Status: 500}, 500, "InternalServerError", ""},
		{fault.Rule{Kind: fault.Conflict}, 409, "Directory_ConcurrencyViolation", ""},
		{fault.Rule{Kind: fault.NotFound}, 404, "Request_ResourceNotFound", ""},
		{fault.Rule{Kind: fault.Exhausted}, 400, "Request_BadRequest", ""},
		{fault.Rule{Kind: fault.GatewayPage, Status: 503}, 503, "", ""},
	}
	for _, tt := range tests {
		if err := h.SetFaults(tt.rule); err != nil {
			t.Fatal(err)
		}
		a := h.do("POST", "/users", newPerson("Ada"))
		if a.status != tt.status || a.code() != tt.code || a.header.Get("Retry-After") != tt.retry {
			t.Errorf("%s: %d %s Retry-After %q", tt.rule.Kind, a.status, a.code(), a.header.Get("Retry-After"))
		}
		if tt.rule.Kind == fault.GatewayPage && !strings.HasPrefix(a.text, "<html>") {
			t.Errorf("gateway page = %q", a.text)
		}
	}
	if n := len(h.State().Users); n != 0 {
		t.Errorf("faults made %d users", n)
	}
	h.hire("Ada")
}

func TestLostAnswer(t *testing.T) {
	t.Parallel()
	h := start(t)
	for kind, made := range map[fault.Kind]int{fault.Reset: 0, fault.Lost: 1} {
		if err := h.SetFaults(fault.Rule{Method: "POST", Path: "/v1.0/users", Kind: kind}); err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+"/v1.0/users", strings.NewReader(
			`{"accountEnabled":false,"displayName":"`+string(kind)+`","mailNickname":"`+string(kind)+`","userPrincipalName":"`+string(kind)+
				`@contoso.example","passwordProfile":{"password":"Xk9!wordless"}}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+h.Token(appID))
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = res.Body.Close()
			t.Errorf("%s: got an answer %d", kind, res.StatusCode)
		}
		got := len(h.must(200, "GET", "/users?$filter=displayName eq '"+string(kind)+"'", nil).values("id"))
		if got != made {
			t.Errorf("%s: performed %d times, want %d", kind, got, made)
		}
	}
}

func TestFaultsAboutOnePerson(t *testing.T) {
	t.Parallel()
	h := start(t)
	ada := h.hire("Ada", "employeeId", "E1")
	bea := h.hire("Bea", "employeeId", "E2")
	h.seed(graph.Seed{Groups: []graph.GroupSeed{{ID: nobody, Name: "all"}}})
	calls := []struct {
		method, path string
		body         any
	}{
		{"GET", "/users/" + ada, nil},
		{"GET", "/users/ada@contoso.example", nil},
		{"GET", "/users?$filter=employeeId eq 'E1'", nil},
		{"POST", "/users", with(newPerson("Ada"), "employeeId", "E1", "manager@odata.bind", "https://graph.microsoft.com/v1.0/users/"+bea)},
		{"POST", "/groups/" + nobody + "/members/$ref", ref(ada)},
	}
	for _, c := range calls {
		if err := h.SetFaults(fault.Rule{ID: "bea", About: "E2", Kind: fault.Conflict, Times: fault.Forever}, fault.Rule{ID: "ada", About: "E1", Kind: fault.Conflict}); err != nil {
			t.Fatal(err)
		}
		h.ResetRequests()
		h.must(409, c.method, c.path, c.body)
		if got := h.Faults().Remove("bea"); got[0].Hits != 0 {
			t.Errorf("%s %s met a fault about somebody else", c.method, c.path)
		}
		if got := h.Requests()[0].About; len(got) != 1 || got[0] != "E1" {
			t.Errorf("%s %s is about %v, want E1", c.method, c.path, got)
		}
	}
}

func TestTakenAndUnlisted(t *testing.T) {
	t.Parallel()
	h := start(t)
	if err := h.SetFaults(fault.Rule{Method: "POST", Path: "/v1.0/users", Kind: fault.Taken}, fault.Rule{Method: "GET", Kind: fault.Unlisted}); err != nil {
		t.Fatal(err)
	}
	if a := h.must(400, "POST", "/users", newPerson("Ada")); a.detail() != "ObjectConflict userPrincipalName" {
		t.Errorf("the create met %s, want the name taken", a.detail())
	}
	if users := h.State().Users; len(users) != 1 || users[0].Props["employeeId"] != nil {
		t.Errorf("users = %+v, want the one who took the name", users)
	}
	if a := h.must(200, "GET", "/users", nil); len(a.values("id")) != 0 {
		t.Errorf("users = %v, want none listed", a.values("id"))
	}
	if a := h.must(200, "GET", "/users", nil); len(a.values("id")) != 1 {
		t.Errorf("users = %v, want one", a.values("id"))
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	// A hundredth of the budget: 35 resource units in 10 s, 30 writes in 150 s.
	h := start(t, func(o *graph.Options) { o.ThrottleScale = 0.01 })
	id := h.hire("Ada")
	var a answer
	writes := 1
	for range 60 {
		if a = h.do("PATCH", "/users/"+id, `{"jobTitle":"x"}`); a.status == 429 {
			break
		}
		writes++
	}
	if writes != 30 || a.code() != "TooManyRequests" || a.header.Get("x-ms-throttle-information") != "WriteLimitExceeded" {
		t.Errorf("after %d writes: %d %s %v", writes, a.status, a.code(), a.header)
	}
	if a.header.Get("Retry-After") == "" || !strings.HasPrefix(a.header.Get("x-ms-throttle-scope"), "Tenant_Application/Write/"+appID) {
		t.Errorf("headers = %v", a.header)
	}
	h.app = readApp
	h.must(200, "GET", "/users/"+id, nil)
	h.app = appID
	h.clock.Add(15 * time.Second)
	h.must(204, "PATCH", "/users/"+id, `{"jobTitle":"x"}`)
	h.clock.Add(time.Minute)
	a = h.must(200, "GET", "/users?$select=id", nil)
	if a.header.Get("x-ms-resource-unit") != "1" {
		t.Errorf("units of a narrow list = %q, want 1", a.header.Get("x-ms-resource-unit"))
	}
	units := 0
	for ; units < 60; units += 3 {
		if a = h.do("GET", "/subscribedSkus", nil); a.status == 429 {
			break
		}
	}
	if units != 33 || a.header.Get("x-ms-throttle-information") != "ResourceUnitLimitExceeded" {
		t.Errorf("after %d units: %d %v", units, a.status, a.header)
	}
}

func TestAdminEndpoints(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.hire("Ada")
	admin := func(status int, method, path string, body any) answer {
		return h.must(status, method, h.url+"/_sim/"+path, body)
	}
	admin(204, "POST", "faults", []fault.Rule{{Kind: fault.Conflict}})
	h.must(409, "GET", "/users", nil)
	if a := admin(200, "GET", "faults", nil); !strings.Contains(a.text, `"hits": 1`) {
		t.Errorf("faults = %s", a.text)
	}
	admin(400, "POST", "faults", `[{"kind":"odd"}]`)
	admin(400, "POST", "faults", `[{"kind":"lost","when":1}]`)
	admin(204, "POST", "advance", map[string]any{"user": id, "seconds": 60})
	admin(400, "POST", "advance", map[string]any{"user": "nobody", "seconds": 60})
	admin(400, "POST", "advance", map[string]any{"user": id, "employee": "E1", "seconds": 60})
	admin(400, "POST", "advance", map[string]any{"seconds": 60})
	admin(204, "POST", "advance", map[string]any{"employee": "E1", "seconds": 60})
	admin(204, "POST", "facts", `{"user":"`+id+`","lastSignIn":"2026-03-01T08:00:00+01:00","methods":["phone"],"roles":["User Administrator"]}`)
	admin(400, "POST", "facts", `{"user":"`+id+`","methods":["carrier pigeon"]}`)
	admin(400, "POST", "facts", `{"user":"nobody"}`)
	if a := admin(200, "GET", "state", nil); !strings.Contains(a.text, `"lastSignIn": "2026-03-01T07:00:00Z"`) || !strings.Contains(a.text, `"clockOffset": "1m0s"`) || !strings.Contains(a.text, id) {
		t.Errorf("state = %s", a.text)
	}
	if a := admin(200, "GET", "requests", nil); !strings.Contains(a.text, `"POST /users": 1`) || !strings.Contains(a.text, `"fault": "conflict"`) {
		t.Errorf("requests = %s", a.text)
	}
	admin(204, "DELETE", "requests", nil)
	if got := h.Counts(); len(got) != 0 {
		t.Errorf("counts after the reset = %v", got)
	}
	admin(404, "GET", "nothing", nil)
}

func TestConcurrentCreatesKeepNamesUnique(t *testing.T) {
	t.Parallel()
	h := start(t)
	var wg sync.WaitGroup
	made := make([]int, 16)
	for i := range made {
		wg.Go(func() {
			made[i] = h.do("POST", "/users", with(newPerson("Same"), "displayName", strconv.Itoa(i))).status
		})
	}
	wg.Wait()
	created := 0
	for _, status := range made {
		if status == 201 {
			created++
		}
	}
	if created != 1 || len(h.State().Users) != 1 {
		t.Errorf("created %d of 16 users of one name (%v), want 1", created, made)
	}
}
