package httpapi_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/internal/access"
	"tenure/internal/httpapi"
	"tenure/workflows/contract"
)

// The callers that the tables know beside those with a role.
const (
	callerNone     = "nobody"
	callerExpired  = "expired"
	callerUnknown  = "unknown"
	callerRoleless = "without a role"
)

// guarded is the API with one token per role, and the expired and unknown ones.
type guarded struct {
	*bench
	bearer  map[string]string
	records []httpapi.Record
	now     time.Time
}

// roleless takes every token that is none of ours for an issuer's without a role.
type roleless struct{ access.Authenticator }

const issuersToken = "eyJ.issuer.token"

func (a roleless) Authenticate(ctx context.Context, bearer string) (access.Caller, error) {
	if bearer == issuersToken {
		return access.Caller{Name: "oidc:s-1", Verified: true}, nil
	}
	return a.Authenticator.Authenticate(ctx, bearer)
}

func newGuarded(t *testing.T) *guarded {
	t.Helper()
	g := &guarded{
		bench: &bench{t: t, fake: &fake{}, dev: &fakeDev{}, log: &bytes.Buffer{}, router: router(t)}, now: noon,
		bearer: map[string]string{callerNone: "", callerUnknown: access.NewToken(), callerRoleless: issuersToken},
	}
	var tokens []access.Token
	add := func(caller string, role access.Role, expires time.Time) {
		g.bearer[caller] = access.NewToken()
		tokens = append(tokens, access.Token{Name: "kim", Role: role, Digest: sha256.Sum256([]byte(g.bearer[caller])), Expires: expires})
	}
	for _, role := range access.Roles() {
		add(role.String(), role, noon.Add(time.Hour))
	}
	add(callerExpired, access.Admin, noon)
	clock := func() time.Time { return g.now }
	api, err := httpapi.New(httpapi.Options{
		Journeys: g.fake, Dev: g.dev, EventSchema: `{"type":"object"}`, Log: slog.New(slog.NewJSONHandler(g.log, nil)), Now: clock,
		Decode: true, UIOrigin: uiOrigin,
		Access:   roleless{access.NewTokens(tokens, clock)},
		Recorder: func(_ context.Context, r httpapi.Record) { g.records = append(g.records, r) },
	})
	if err != nil {
		t.Fatalf("New() = %v", err)
	}
	g.api = api
	return g
}

// as sends a request as a caller. Time goes on, so that refused calls are never
// too many.
func (g *guarded) as(caller, method, path, body string, header ...string) *httptest.ResponseRecorder {
	g.t.Helper()
	g.now = g.now.Add(time.Second)
	if token := g.bearer[caller]; token != "" {
		header = append(header, "Authorization", "Bearer "+token)
	}
	return g.call(method, path, body, header...)
}

// wanted is what a caller is answered by a route that answers well.
func wanted(caller string, least access.Role, well int) int {
	role, err := access.ParseRole(caller)
	switch {
	case least == access.Open:
		return well
	case caller == callerRoleless, err == nil && !role.Allows(least):
		return http.StatusForbidden
	case err == nil:
		return well
	default:
		return http.StatusUnauthorized
	}
}

func callers() []string {
	out := []string{callerNone, callerExpired, callerUnknown, callerRoleless}
	for _, role := range access.Roles() {
		out = append(out, role.String())
	}
	return out
}

// TestS19EveryRouteAsksForItsRole tries every route of the table as everybody.
// A new route is in it by itself, and without a role it fails.
func TestS19EveryRouteAsksForItsRole(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, c := range goodRequests() {
		g := newGuarded(t)
		r := httptest.NewRequestWithContext(t.Context(), c.method, host+c.path, nil)
		route, _, err := g.router.FindRoute(r)
		if err != nil {
			t.Fatalf("%s %s: %v", c.method, c.path, err)
		}
		pattern := c.method + " " + route.Path
		tried[pattern] = true
		least := httpapi.RoleOf(pattern)
		if !least.Valid() {
			t.Errorf("%s names no role", pattern)
			continue
		}
		for _, caller := range callers() {
			header := []string{"webhook-id", "m1", "webhook-timestamp", "1", "webhook-signature", "v1,x"}
			if c.contentType != "" {
				header = append(header, "Content-Type", c.contentType)
			}
			if got, want := g.as(caller, c.method, c.path, c.body, header...), wanted(caller, least, c.status); got.Code != want {
				t.Errorf("%s by %s = %d %s, want %d", pattern, caller, got.Code, got.Body, want)
			}
		}
	}
	for _, pattern := range httpapi.Patterns() {
		if !tried[pattern] {
			t.Errorf("%s was tried by nobody", pattern)
		}
	}
}

// TestS19EveryOverrideAsksForItsRole tries every kind of update as everybody.
func TestS19EveryOverrideAsksForItsRole(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	bodies := map[contract.Kind]string{
		contract.RunNow:   `{"reason":"r","key":"welcome/s1/1"}`,
		contract.Skip:     `{"reason":"r","key":"welcome/s1/1"}`,
		contract.Postpone: `{"reason":"r","key":"welcome/s1/1","to":"2026-12-01T09:00:00Z"}`,
		contract.SetDate:  `{"reason":"r","on":"lastDayOfWork","date":"2026-12-31"}`,
		contract.Rescind:  `{"reason":"r","what":"hire"}`,
		contract.Link:     `{"reason":"r","target":"entra","objectId":"o-1"}`,
		contract.Unlink:   `{"reason":"r","target":"entra"}`,
	}
	approvers := []contract.Kind{contract.SetDate, contract.Terminate, contract.Rescind, contract.Approve, contract.Link, contract.Unlink}
	for _, kind := range contract.Kinds() {
		least := httpapi.KindRole(kind)
		if least < access.Operator || slices.Contains(approvers, kind) && least < access.Approver {
			t.Errorf("%s may be sent by a %s", kind, least)
		}
		body := bodies[kind]
		if body == "" {
			body = `{"reason":"r"}`
		}
		for _, caller := range callers() {
			g.fake.kind = ""
			got := g.as(caller, "POST", ada.Path()+"/overrides/"+string(kind), body, "Content-Type", "application/json")
			want := wanted(caller, least, http.StatusOK)
			if got.Code != want {
				t.Errorf("%s by %s = %d %s, want %d", kind, caller, got.Code, got.Body, want)
			}
			if reached := g.fake.kind != ""; reached != (want == http.StatusOK) {
				t.Errorf("%s by %s reached the journey: %t", kind, caller, reached)
			}
			if want == http.StatusOK && g.fake.override.Actor != "kim" {
				t.Errorf("%s by %s has the actor %q, want the caller", kind, caller, g.fake.override.Actor)
			}
		}
	}
	if httpapi.KindRole("vanish") != 0 {
		t.Error("a kind that nobody knows has a role")
	}
}

// TestS19TheDocumentNamesEveryRole: openapi.yaml says of each operation who may.
func TestS19TheDocumentNamesEveryRole(t *testing.T) {
	t.Parallel()
	document := loadDocument(t)
	if document.Components.SecuritySchemes["token"] == nil || len(document.Security) != 1 {
		t.Error("openapi.yaml has no security scheme")
	}
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			least := httpapi.RoleOf(method + " " + path)
			if said := operation.Extensions["x-tenure-role"]; said != least.String() {
				t.Errorf("openapi.yaml says that %s %s asks for %v, the route table %s", method, path, said, least)
			}
			if open := operation.Security != nil && len(*operation.Security) == 0; open != (least == access.Open) {
				t.Errorf("openapi.yaml says that %s %s is open: %t, the route table asks for %s", method, path, open, least)
			}
		}
	}
}

// TestS19EveryKindOfHoldHasItsRole: who released a hold had to be allowed to.
func TestS19EveryKindOfHoldHasItsRole(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	for kind, least := range map[string]access.Role{
		contract.HoldHRError: access.Operator, contract.HoldSecurity: access.Approver, contract.HoldLegal: access.Admin,
	} {
		for _, caller := range callers() {
			got := g.as(caller, "POST", ada.Path()+"/overrides/release", `{"reason":"r","kind":"`+kind+`"}`, "Content-Type", "application/json")
			if want := wanted(caller, least, http.StatusOK); got.Code != want {
				t.Errorf("release of %s by %s = %d, want %d", kind, caller, got.Code, want)
			}
		}
	}
	for _, kind := range contract.HoldKinds() {
		if httpapi.OverrideRole(contract.Release, contract.Override{HoldKind: kind}) == access.Admin != (kind == contract.HoldLegal) {
			t.Errorf("the kind of hold %s has no role of its own", kind)
		}
	}
}

func TestS19RefusalsSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	for caller, want := range map[string]string{
		callerNone: `Bearer realm="tenure"`, callerUnknown: `Bearer realm="tenure", error="invalid_token"`,
		callerExpired: `Bearer realm="tenure", error="invalid_token"`,
	} {
		if got := g.as(caller, "GET", "/v1/people", "").Header().Get("WWW-Authenticate"); got != want {
			t.Errorf("WWW-Authenticate for %s = %q, want %q", caller, got, want)
		}
	}
	w := g.as("viewer", "POST", "/v1/policy?reason=r", "version: 1\n", "Content-Type", "application/yaml")
	var problem httpapi.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil {
		t.Fatal(err)
	}
	if problem.Kind() != httpapi.KindForbidden || !strings.Contains(problem.Detail, "role admin") || !strings.Contains(problem.Detail, "role viewer") {
		t.Errorf("problem = %+v, want the role that is needed and the one that is had", problem)
	}
	if w.Header().Get("WWW-Authenticate") != "" {
		t.Error("403 asks for another token")
	}
}

func TestS19HostileHeaders(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	good := g.bearer["admin"]
	for name, headers := range map[string][]string{
		"no scheme":         {good},
		"basic":             {"Basic " + good},
		"no token":          {"Bearer"},
		"an empty token":    {"Bearer "},
		"two blanks":        {"Bearer  " + good},
		"a blank behind":    {"Bearer " + good + " "},
		"a tab":             {"Bearer\t" + good},
		"two tokens":        {"Bearer " + good + ", Bearer " + good},
		"two headers":       {"Bearer " + good, "Bearer " + good},
		"one of them wrong": {"Bearer x", "Bearer " + good},
		"quotes":            {`Bearer "` + good + `"`},
		"a null byte":       {"Bearer " + good + "\x00"},
		"a line":            {"Bearer " + good + "\r\nX-Role: admin"},
		"not ASCII":         {"Bearer " + good + "ä"},
		"huge":              {"Bearer " + strings.Repeat("x", 1<<17)},
		"a prefix of it":    {"Bearer " + good[:20]},
		"more than it":      {"Bearer " + good + "A"},
		"the digest":        {"Bearer " + access.Digest(good)},
	} {
		g.now = g.now.Add(time.Minute)
		r := httptest.NewRequestWithContext(t.Context(), "GET", host+"/v1/people", nil)
		r.Header["Authorization"] = headers
		w := httptest.NewRecorder()
		g.api.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d, want 401", name, w.Code)
		}
		if strings.Contains(w.Body.String(), good[:20]) {
			t.Errorf("%s: the answer %s shows the token", name, w.Body)
		}
	}
	for _, scheme := range []string{"Bearer ", "bearer ", "BEARER "} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", host+"/v1/people", nil)
		r.Header.Set("Authorization", scheme+good)
		w := httptest.NewRecorder()
		g.api.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Errorf("scheme %q = %d, want 200", scheme, w.Code)
		}
	}
	for _, path := range []string{"/v1/people?access_token=" + good, "/v1/people?token=" + good} {
		if w := g.as(callerNone, "GET", path, ""); w.Code != http.StatusUnauthorized {
			t.Errorf("a token in the query = %d, want 401", w.Code)
		}
	}
	for _, token := range g.bearer {
		if token != "" && strings.Contains(g.log.String(), token) {
			t.Errorf("the log shows a token:\n%s", g.log)
		}
	}
}

// believer takes every token: what it is asked about has the form of one.
type believer struct{}

func (believer) Authenticate(context.Context, string) (access.Caller, error) {
	return access.Caller{Name: "kim", Role: access.Admin, Verified: true}, nil
}

func TestS19WhatIsNoTokenIsNotLookedAt(t *testing.T) {
	t.Parallel()
	api, err := httpapi.New(httpapi.Options{Journeys: &fake{}, Access: believer{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]int{
		"Bearer a.b-c_d~e+f/g=": 200, "Bearer a b": 401, "Bearer a,b": 401, "Bearer \x00": 401, "Bearer ä": 401, `Bearer "a"`: 401,
		"Bearer " + strings.Repeat("x", 16<<10): 200, "Bearer " + strings.Repeat("x", 16<<10+1): 401, "Basic a": 401, "Bearer": 401,
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", host+"/v1/people", nil)
		r.Header["Authorization"] = []string{header}
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%.20q = %d, want %d", header, w.Code, want)
		}
	}
}

func TestS19AnotherActorIsRefused(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	const body = `{"actor":"lee","reason":"r"}`
	for path, content := range map[string]string{
		ada.Path() + "/overrides/hold":          body,
		"/v1/feeds/hr/imports/x/release":        body,
		"/v1/feeds/hr/imports?actor=lee":        "id\n1\n",
		"/v1/policy?actor=lee&reason=r":         "version: 1\n",
		"/v1/feeds/hr/imports?actor=oidc%3Akim": "id\n1\n",
	} {
		w := g.as("admin", "POST", path, content, "Content-Type", "application/json")
		if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), `\"kim\"`) {
			t.Errorf("POST %s = %d %s, want 403 that names the caller", path, w.Code, w.Body)
		}
	}
	if g.fake.kind != "" || g.fake.request.Feed != "" || g.fake.source.Name != "" || g.fake.decision.Actor != "" {
		t.Errorf("a call by somebody else reached the journeys: %+v", g.fake)
	}
	g.as("admin", "POST", "/v1/feeds/hr/imports", "id\n1\n", "Content-Type", "text/csv")
	g.as("admin", "POST", "/v1/policy?reason=r", "version: 1\n", "Content-Type", "application/yaml")
	if g.fake.request.Actor != "kim" || g.fake.decision.Actor != "kim" {
		t.Errorf("actors = %q, %q, want the caller where none is stated", g.fake.request.Actor, g.fake.decision.Actor)
	}
}

// TestS19EveryDecisionIsTheCallers tries every route that takes an actor.
func TestS19EveryDecisionIsTheCallers(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, c := range goodRequests() {
		if !strings.Contains(c.path+c.body, "kim") {
			continue
		}
		tried++
		g := newGuarded(t)
		send := func(old, other string) int {
			path, body := strings.Replace(c.path, old, other, 1), strings.Replace(c.body, old, other, 1)
			return g.as("admin", c.method, path, body, "Content-Type", c.contentType).Code
		}
		actors := func() string {
			return g.fake.request.Actor + g.fake.decision.Actor + g.fake.override.Actor + g.fake.verdict.Actor
		}
		if code := send("kim", "lee"); code != http.StatusForbidden || actors() != "" {
			t.Errorf("%s %s by somebody else = %d with the actor %q, want 403", c.method, c.path, code, actors())
		}
		if code := send("kim", ""); code != c.status || actors() != "kim" {
			t.Errorf("%s %s that states no actor = %d with the actor %q, want the caller", c.method, c.path, code, actors())
		}
	}
	if tried < 12 {
		t.Errorf("%d routes take an actor: there are more", tried)
	}
}

// TestS19AClientThatWentAwayIsRecorded: nobody gets out of the ledger by hanging up.
func TestS19AClientThatWentAwayIsRecorded(t *testing.T) {
	t.Parallel()
	var kept []error
	api, err := httpapi.New(httpapi.Options{
		Journeys: &fake{}, Log: slog.New(slog.DiscardHandler),
		Recorder: func(ctx context.Context, _ httpapi.Record) { kept = append(kept, ctx.Err()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	api.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", host+ada.Path(), nil))
	if len(kept) != 1 || kept[0] != nil {
		t.Errorf("the recorder was called %d times with the contexts %v, want once with one that goes on", len(kept), kept)
	}
}

func TestS19WhoAmI(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	if got := g.as("operator", "GET", "/v1/whoami", "").Body.String(); got != `{"name":"kim","role":"operator","verified":true}`+"\n" {
		t.Errorf("whoami = %s", got)
	}
	if got := newBench(t).call("GET", "/v1/whoami", "").Body.String(); got != `{"name":"","role":"admin","verified":false}`+"\n" {
		t.Errorf("whoami without credentials = %s", got)
	}
}

func TestS19EveryCallIsRecorded(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	const override = "POST /v1/people/{realm}/{key}/overrides/"
	for _, c := range []struct {
		caller, method, path, body string
		want                       httpapi.Record
	}{
		{"operator", "POST", ada.Path() + "/overrides/hold", `{"reason":"r"}`, httpapi.Record{
			Kind: httpapi.RecordCall, Actor: "kim", Route: override + "hold", Person: ada, Outcome: "done",
		}},
		{"viewer", "POST", ada.Path() + "/overrides/hold", `{"reason":"r"}`, httpapi.Record{
			Kind: httpapi.RecordRefused, Route: override + "hold", Person: ada, Outcome: "forbidden",
		}},
		{"admin", "POST", ada.Path() + "/overrides/ada.example@contoso.example", `{"reason":"r"}`, httpapi.Record{
			Kind: httpapi.RecordCall, Route: override + "{name}", Person: ada, Outcome: "not-found",
		}},
		{"admin", "POST", ada.Path() + "/overrides/hold", `{"actor":"lee","reason":"r"}`, httpapi.Record{
			Kind: httpapi.RecordRefused, Route: override + "hold", Person: ada, Outcome: "forbidden",
		}},
		{"operator", "POST", ada.Path() + "/overrides/skip", `{"reason":"r"}`, httpapi.Record{
			Kind: httpapi.RecordCall, Route: override + "skip", Person: ada, Outcome: "unprocessable",
		}},
		{callerNone, "GET", ada.Path(), "", httpapi.Record{
			Kind: httpapi.RecordRefused, Route: "GET /v1/people/{realm}/{key}", Person: ada, Outcome: "unauthorized",
		}},
		{"viewer", "GET", ada.Path() + "/timeline", "", httpapi.Record{
			Kind: httpapi.RecordRead, Route: "GET /v1/people/{realm}/{key}/timeline", Person: ada, Outcome: "done",
		}},
		{"operator", "POST", "/v1/feeds/hr/imports", "id\n", httpapi.Record{
			Kind: httpapi.RecordCall, Actor: "kim", Route: "POST /v1/feeds/{feed}/imports", Outcome: "done",
		}},
	} {
		g.records = nil
		contentType := "application/json"
		if strings.HasSuffix(c.path, "/imports") {
			contentType = "text/csv"
		}
		w := g.as(c.caller, c.method, c.path, c.body, "Content-Type", contentType)
		if len(g.records) != 1 {
			t.Errorf("%s %s by %s left %+v, want one record", c.method, c.path, c.caller, g.records)
			continue
		}
		got := g.records[0]
		if role, err := access.ParseRole(c.caller); err == nil && (got.Caller.Name != "kim" || got.Caller.Role != role) {
			t.Errorf("%s %s by %s has the caller %+v", c.method, c.path, c.caller, got.Caller)
		}
		if got.RequestID == "" || got.RequestID != w.Header().Get("X-Request-Id") {
			t.Errorf("%s %s: the record has the request %q, the answer %q", c.method, c.path, got.RequestID, w.Header().Get("X-Request-Id"))
		}
		c.want.Caller, c.want.RequestID = got.Caller, got.RequestID
		if got != c.want {
			t.Errorf("%s %s by %s left %+v, want %+v", c.method, c.path, c.caller, got, c.want)
		}
	}
	g.records = nil
	for _, path := range []string{"/livez", "/v1/people", "/v1/feeds", "/v1/policy"} {
		g.as("viewer", "GET", path, "")
	}
	if len(g.records) != 0 {
		t.Errorf("reads of nobody's data left %+v", g.records)
	}
}

func TestS19RefusedCallsAreLimited(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	codes := map[int]int{}
	for range 100 {
		r := httptest.NewRequestWithContext(t.Context(), "GET", host+"/v1/people", nil)
		r.Header.Set("Authorization", "Bearer "+access.NewToken())
		w := httptest.NewRecorder()
		g.api.ServeHTTP(w, r)
		codes[w.Code]++
		if w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") != "1" {
			t.Error("429 does not say when to try again")
		}
	}
	if codes[http.StatusUnauthorized] != 20 || codes[http.StatusTooManyRequests] != 80 || len(g.records) != 20 {
		t.Errorf("100 bad tokens at once = %v with %d records, want 20 in full", codes, len(g.records))
	}
	g.now = g.now.Add(-time.Second) // `as` lets one pass
	if w := g.as("viewer", "GET", "/v1/people", ""); w.Code != http.StatusOK {
		t.Errorf("a good token meanwhile = %d, want 200", w.Code)
	}
	g.now = g.now.Add(time.Minute)
	if w := g.as(callerUnknown, "GET", "/v1/people", ""); w.Code != http.StatusUnauthorized {
		t.Errorf("a minute later = %d, want 401", w.Code)
	}
}

// TestS19NobodyHidesWhatACallerTries: strangers use up their own bounds.
func TestS19NobodyHidesWhatACallerTries(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	ask := func(token string) int {
		r := httptest.NewRequestWithContext(t.Context(), "POST", host+ada.Path()+"/overrides/terminate", strings.NewReader(`{"reason":"r"}`))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		g.api.ServeHTTP(w, r)
		return w.Code
	}
	for range 100 {
		ask(access.NewToken())
	}
	g.records = nil
	if code := ask(g.bearer["viewer"]); code != http.StatusForbidden || len(g.records) != 1 || g.records[0].Caller.Name != "kim" {
		t.Errorf("a viewer's termination meanwhile = %d with the records %+v, want 403 and one", code, g.records)
	}
}

// TestS19TheLedgerKeepsNoTextOfStrangers: what is nobody's ID is not kept.
func TestS19TheLedgerKeepsNoTextOfStrangers(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	for _, key := range []string{strings.Repeat("x", 1<<16), "a%0Ab", "%FF"} {
		g.records = nil
		g.as(callerNone, "GET", "/v1/people/main/"+key, "")
		if len(g.records) != 1 || g.records[0].Person != (httpapi.PersonID{}) {
			t.Errorf("a stranger's call left %d records with its text", len(g.records))
		}
	}
}

// away is an issuer that does not answer.
type away struct{}

func (away) Authenticate(context.Context, string) (access.Caller, error) {
	return access.Caller{}, access.ErrUnavailable
}

func TestS19AnIssuerThatIsAwayLetsNobodyIn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	api, err := httpapi.New(httpapi.Options{Journeys: b.fake, Access: away{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	b.api = api
	b.problem(503, httpapi.KindUnavailable, "GET", "/v1/people", "", "Authorization", "Bearer eyJ.x.y")
}

// TestS19AnyHostNameWithCredentials: the page of another site has no token.
func TestS19AnyHostNameWithCredentials(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	for site, want := range map[string]int{"": http.StatusOK, "cross-site": http.StatusForbidden} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "http://tenure.contoso.example"+ada.Path()+"/overrides/hold", strings.NewReader(holdBody))
		r.Header.Set("Authorization", "Bearer "+g.bearer["admin"])
		if site != "" {
			r.Header.Set("Sec-Fetch-Site", site)
		}
		w := httptest.NewRecorder()
		g.api.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("a call from site %q through another host name = %d, want %d", site, w.Code, want)
		}
	}
}
