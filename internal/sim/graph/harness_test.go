package graph_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tenure/internal/sim/graph"
	"tenure/internal/sim/graph/graphtest"
)

const (
	appID    = "11111111-1111-4111-8111-111111111111"
	bossApp  = "22222222-2222-4222-8222-222222222222"
	readApp  = "33333333-3333-4333-8333-333333333333"
	secret   = "not-a-real-secret"
	skuE3    = "05e9a617-0261-4cee-bb44-138d3ef5d965"
	skuP2    = "84a661c4-e949-4bd2-a560-ed7766fcaf2b"
	planMail = "efb87545-963c-4e0d-99df-69c6916d9eb0"
	nobody   = "99999999-9999-4999-8999-999999999999"
)

// offContract marks a request that is wrong by the description and yet taken by the service.
const offContract = "X-Off-Contract"

// contract reads the published description once for all tests of the package.
var contract = sync.OnceValues(graphtest.Open)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type harness struct {
	*graph.Server
	t     *testing.T
	clock *clock
	url   string
	rec   *graphtest.Recorder
	app   string
}

// start runs a simulator over plain HTTP and checks every exchange against the contract at the end of the test.
func start(t *testing.T, change ...func(*graph.Options)) *harness {
	t.Helper()
	h := &harness{t: t, clock: &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}, rec: &graphtest.Recorder{}, app: appID}
	o := graph.Options{
		Now: h.clock.Now, Record: h.rec.Record,
		Apps: []graph.App{
			{ID: appID, Secret: secret},
			{ID: bossApp, Secret: secret, Privileged: true, Permissions: []string{
				"User.ReadWrite.All", "GroupMember.ReadWrite.All", "RoleManagement.ReadWrite.Directory",
				"UserAuthenticationMethod.ReadWrite.All",
			}},
			{ID: readApp, Secret: secret, Permissions: []string{"User.Read.All"}},
		},
	}
	for _, c := range change {
		c(&o)
	}
	srv, err := graph.New(o)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	h.Server = srv
	web := httptest.NewServer(srv)
	h.url = web.URL
	t.Cleanup(func() {
		web.Close()
		if err := srv.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		h.verify()
	})
	return h
}

// verify checks what was exchanged. Requests that were refused may be wrong on purpose.
func (h *harness) verify() {
	h.t.Helper()
	c, err := contract()
	if errors.Is(err, graphtest.ErrNoData) {
		h.t.Logf("NOT CHECKED against the published description: %v", err)
		return
	}
	if err != nil {
		h.t.Fatal(err)
	}
	for _, ex := range h.rec.Exchanges() {
		check := c.Check
		if ex.Status >= 400 || ex.RequestHeader.Get(offContract) != "" {
			check = c.CheckAnswer
		}
		err := check(ex)
		if errors.Is(err, graphtest.ErrUnknownOperation) && (ex.Status >= 400 || ex.RequestHeader.Get(offContract) != "" || ex.Route == "/groups/{id}/members/{child}") {
			continue
		}
		if err != nil {
			h.t.Errorf("exchange breaks the contract: %v\nrequest  %s\nanswer   %s", err, ex.RequestBody, ex.ResponseBody)
		}
	}
}

type answer struct {
	status int
	header http.Header
	body   map[string]any
	text   string
}

func (a answer) code() string    { return str(a.body, "error", "code") }
func (a answer) message() string { return str(a.body, "error", "message") }

func (a answer) detail() string {
	e, _ := a.body["error"].(map[string]any)
	list, _ := e["details"].([]any)
	if len(list) == 0 {
		return ""
	}
	return str(list[0], "code") + " " + str(list[0], "target")
}

// values lists a property of the items of a collection.
func (a answer) values(name string) []string {
	out := []string{}
	list, _ := a.body["value"].([]any)
	for _, v := range list {
		out = append(out, str(v, name))
	}
	return out
}

func str(v any, path ...string) string {
	for _, p := range path {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	s, _ := v.(string)
	return s
}

// do sends a request below /v1.0, or to an absolute URL. Headers are pairs.
func (h *harness) do(method, path string, body any, headers ...string) answer {
	h.t.Helper()
	var raw io.Reader = http.NoBody
	switch b := body.(type) {
	case nil:
	case string:
		raw = strings.NewReader(b)
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			h.t.Fatal(err)
		}
		raw = bytes.NewReader(encoded)
	}
	if !strings.HasPrefix(path, "http") {
		path = h.url + "/v1.0" + path
	}
	req, err := http.NewRequestWithContext(h.t.Context(), method, strings.ReplaceAll(path, " ", "%20"), raw)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.Token(h.app))
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	out := answer{status: res.StatusCode, header: res.Header}
	text, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	out.text = string(text)
	if strings.HasPrefix(out.text, "{") {
		if err := json.Unmarshal(text, &out.body); err != nil {
			h.t.Fatalf("%s %s: %v: %s", method, path, err, text)
		}
	}
	return out
}

// must is do with an expected status.
func (h *harness) must(status int, method, path string, body any, headers ...string) answer {
	h.t.Helper()
	a := h.do(method, path, body, headers...)
	if a.status != status {
		h.t.Fatalf("%s %s = %d, want %d: %s", method, path, a.status, status, a.text)
	}
	return a
}

func newPerson(name string) map[string]any {
	return map[string]any{
		"accountEnabled": false, "displayName": name, "mailNickname": strings.ToLower(name),
		"userPrincipalName": strings.ToLower(name) + "@contoso.example",
		"passwordProfile":   map[string]any{"password": "Xk9!wordless", "forceChangePasswordNextSignIn": true},
	}
}

func with(base map[string]any, pairs ...any) map[string]any {
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, ok := pairs[i].(string); ok {
			base[name] = pairs[i+1]
		}
	}
	return base
}

// hire creates a user and returns the ID.
func (h *harness) hire(name string, pairs ...any) string {
	h.t.Helper()
	return str(h.must(201, "POST", "/users", with(newPerson(name), pairs...)).body, "id")
}

func (h *harness) seed(s graph.Seed) {
	h.t.Helper()
	if err := h.Seed(s); err != nil {
		h.t.Fatalf("Seed: %v", err)
	}
}

func ref(id string) map[string]any {
	return map[string]any{"@odata.id": "https://graph.microsoft.com/v1.0/directoryObjects/" + id}
}
