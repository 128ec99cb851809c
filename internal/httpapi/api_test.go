package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/google/go-cmp/cmp"

	"tenure/internal/httpapi"
	"tenure/workflows/contract"
)

const (
	host     = "http://127.0.0.1:8080"
	uiOrigin = "http://127.0.0.1:8233"
)

// bench is the API over a fake, checked against the document at every call.
type bench struct {
	t      *testing.T
	api    http.Handler
	fake   *fake
	dev    *fakeDev
	log    *bytes.Buffer
	router routers.Router
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, fake: &fake{}, dev: &fakeDev{}, log: &bytes.Buffer{}, router: router(t)}
	api, err := httpapi.New(httpapi.Options{
		Journeys: b.fake, Dev: b.dev, EventSchema: `{"type":"object"}`, Log: slog.New(slog.NewJSONHandler(b.log, nil)),
		Decode: true, UIOrigin: uiOrigin,
	})
	if err != nil {
		t.Fatalf("New() = %v", err)
	}
	b.api = api
	return b
}

func loadDocument(t *testing.T) *openapi3.T {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		t.Fatalf("load openapi.yaml: %v", err)
	}
	if err := document.Validate(t.Context()); err != nil {
		t.Fatalf("openapi.yaml is not valid: %v", err)
	}
	return document
}

func router(t *testing.T) routers.Router {
	t.Helper()
	out, err := legacy.NewRouter(loadDocument(t))
	if err != nil {
		t.Fatalf("make router: %v", err)
	}
	return out
}

// call sends a request and checks the answer against the document. Requests that
// are answered well are checked too.
func (b *bench) call(method, path, body string, header ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, host+path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	b.api.ServeHTTP(w, r)
	route, params, err := b.router.FindRoute(r)
	if err != nil {
		if w.Code < 400 {
			b.t.Errorf("%s %s is answered %d and not in openapi.yaml: %v", method, path, w.Code, err)
		}
		return w
	}
	r.Body = io.NopCloser(strings.NewReader(body))
	if r.Header.Get("Content-Type") == "" && body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	input := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if w.Code < 400 {
		if err := openapi3filter.ValidateRequest(b.t.Context(), input); err != nil {
			b.t.Errorf("%s %s: the request does not fit openapi.yaml: %v", method, path, err)
		}
	}
	response := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: w.Code, Header: w.Header()}
	response.SetBodyBytes(w.Body.Bytes())
	if err := openapi3filter.ValidateResponse(b.t.Context(), response); err != nil {
		b.t.Errorf("%s %s: the answer %d does not fit openapi.yaml: %v", method, path, w.Code, err)
	}
	return w
}

// problem sends a request that must be refused.
func (b *bench) problem(status int, kind httpapi.Kind, method, path, body string, header ...string) httpapi.Problem {
	b.t.Helper()
	w := b.call(method, path, body, header...)
	if w.Code != status {
		b.t.Fatalf("%s %s = %d %s, want %d", method, path, w.Code, w.Body, status)
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		b.t.Errorf("%s %s has content type %q, want application/problem+json", method, path, got)
	}
	var got httpapi.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		b.t.Fatalf("%s %s is no problem: %v", method, path, err)
	}
	if got.Kind() != kind || got.Status != status || got.Title == "" {
		b.t.Errorf("%s %s = %+v, want kind %s and status %d", method, path, got, kind, status)
	}
	if got.RequestID == "" || got.RequestID != w.Header().Get("X-Request-Id") {
		b.t.Errorf("%s %s: request ID %q, in the header %q", method, path, got.RequestID, w.Header().Get("X-Request-Id"))
	}
	return got
}

const holdBody = `{"actor":"kim","reason":"audit"}`

const answersBody = `{"actor":"kim","reason":"looked at","id":"a1","answer":"approve","lines":[{"realm":"main","key":"1","line":"l"}]}`

// goodRequests is one request per route that is answered well.
func goodRequests() []struct {
	method, path, body, contentType string
	status                          int
} {
	return []struct {
		method, path, body, contentType string
		status                          int
	}{
		{"GET", "/livez", "", "", 200},
		{"GET", "/readyz", "", "", 200},
		{"GET", "/v1/openapi.yaml", "", "", 200},
		{"GET", "/v1/schemas/event.json", "", "", 200},
		{"GET", "/v1/whoami", "", "", 200},
		{"GET", "/v1/doctor", "", "", 200},
		{"POST", "/v1/codec/decode?preserveStorageRefs=true", `{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"MQ=="}]}`, "application/json", 200},
		{"OPTIONS", "/v1/codec/decode", "", "", 204},
		{"GET", "/v1/feeds", "", "", 200},
		{"POST", "/v1/feeds/hook/events", `{"type":"person.record"}`, "application/json", 202},
		{"GET", "/v1/feeds/hr/imports", "", "", 200},
		{"POST", "/v1/feeds/hr/imports?actor=kim&asOf=2026-11-22&fileName=a.csv", "id\n1\n", "text/csv", 202},
		{"POST", "/v1/feeds/hr/imports?actor=kim&dryRun=true", "id\n1\n", "text/csv", 200},
		{"GET", "/v1/feeds/hr/imports/20261122-120000-abc", "", "", 200},
		{"GET", "/v1/feeds/hr/imports/20261122-120000-abc/rejects", "", "", 200},
		{"POST", "/v1/feeds/hr/imports/20261122-120000-abc/release", holdBody, "application/json", 202},
		{"GET", "/v1/people?realm=main&search=ada&phase=active&attention=true&held=false&limit=5", "", "", 200},
		{"GET", "/v1/people/main/E-1001", "", "", 200},
		{"GET", "/v1/people/main/E-1001/timeline", "", "", 200},
		{"GET", "/v1/people/main/E-1001/explain?key=welcome%2Fs1%2F1%2Fmail", "", "", 200},
		{"GET", "/v1/people/main/E-1001/mapping?target=entra", "", "", 200},
		{"GET", "/v1/people/main/E-1001/evidence", "", "", 200},
		{"POST", "/v1/people/main/E-1001/overrides/hold", holdBody, "application/json", 200},
		{"GET", "/v1/targets/entra/matches?kind=proposal", "", "", 200},
		{"POST", "/v1/targets/entra/matches", `{"actor":"kim","reason":"checked","decisions":[{"realm":"main","key":"E-1001","objectId":"o-1","decision":"accept","line":2}]}`, "application/json", 200},
		{"GET", "/v1/policy", "", "", 200},
		{"POST", "/v1/policy?actor=kim&reason=first", "version: 1\n", "application/yaml", 200},
		{"POST", "/v1/policy/validate?name=p.yaml", "version: 1\n", "application/yaml", 200},
		{"POST", "/v1/policy/preview", `{"from":{"version":2},"to":{"source":"version: 1\n"},"people":true}`, "application/json", 200},
		{"GET", "/v1/policies/2", "", "", 200},
		{"GET", "/v1/policy/questions?limit=5", "", "", 200},
		{"POST", "/v1/policy/answers", answersBody, "application/json", 200},
		{"POST", "/v1/policies/2/rollback?actor=kim&reason=wrong&expect=3-00", "", "", 200},
		{"GET", "/v1/policies", "", "", 200},
		{"GET", "/v1/targets/corp/check", "", "", 200},
		{"GET", "/v1/targets/entra/findings?all=true", "", "", 200},
		{"POST", "/v1/targets/entra/findings/decisions", decisionsBody, "application/json", 200},
		{"POST", "/v1/targets/entra/reconcile", holdBody, "application/json", 200},
		{"GET", "/v1/gates?open=true", "", "", 200},
		{"GET", "/v1/gates/entra-disable-1", "", "", 200},
		{"POST", "/v1/gates/entra-disable-1/approve", `{"actor":"kim","reason":"audit","except":[{"realm":"main","key":"E-7"}],"through":60}`, "application/json", 200},
		{"POST", "/v1/gates/entra-disable-1/reject", holdBody, "application/json", 200},
		{"GET", "/v1/targets", "", "", 200},
		{"POST", "/v1/targets/entra/pause", holdBody, "application/json", 200},
		{"POST", "/v1/targets/entra/resume", holdBody, "application/json", 200},
		{"POST", "/v1/dev/people/main/E-1001/fast-forward", `{"duration":"30d"}`, "application/json", 200},
	}
}

func TestEveryRouteAnswersAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	for _, c := range goodRequests() {
		b := newBench(t)
		header := []string{"webhook-id", "m1", "webhook-timestamp", "1", "webhook-signature", "v1,x"}
		if c.contentType != "" {
			header = append(header, "Content-Type", c.contentType)
		}
		w := b.call(c.method, c.path, c.body, header...)
		if w.Code != c.status {
			t.Errorf("%s %s = %d %s, want %d", c.method, c.path, w.Code, w.Body, c.status)
		}
		if w.Header().Get("X-Request-Id") == "" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s lacks a request ID or may be cached: %v", c.method, c.path, w.Header())
		}
	}
}

// TestRoutesAndDocumentAgree walks both lists.
func TestRoutesAndDocumentAgree(t *testing.T) {
	t.Parallel()
	document := loadDocument(t)
	inDocument := map[string]bool{}
	for path, item := range document.Paths.Map() {
		for method := range item.Operations() {
			inDocument[method+" "+path] = true
		}
	}
	inCode := map[string]bool{}
	for _, pattern := range httpapi.Patterns() {
		inCode[pattern] = true
	}
	if diff := cmp.Diff(inCode, inDocument); diff != "" {
		t.Errorf("routes (-) and openapi.yaml (+) differ:\n%s", diff)
	}
	tried := map[string]bool{}
	router := router(t)
	for _, c := range goodRequests() {
		route, _, err := router.FindRoute(httptest.NewRequestWithContext(t.Context(), c.method, host+c.path, nil))
		if err != nil {
			t.Fatalf("%s %s: %v", c.method, c.path, err)
		}
		tried[c.method+" "+route.Path] = true
	}
	if diff := cmp.Diff(inCode, tried); diff != "" {
		t.Errorf("routes (-) and those that goodRequests tries (+) differ:\n%s", diff)
	}
}

func TestDocumentListsEveryOverrideAndProblem(t *testing.T) {
	t.Parallel()
	document := loadDocument(t)
	var names []string
	parameter := document.Paths.Find("/v1/people/{realm}/{key}/overrides/{name}").Parameters.GetByInAndName("path", "name")
	for _, name := range parameter.Schema.Value.Enum {
		names = append(names, name.(string))
	}
	var kinds []string
	for _, kind := range contract.Kinds() {
		kinds = append(kinds, string(kind))
	}
	if diff := cmp.Diff(kinds, names); diff != "" {
		t.Errorf("overrides of the contract (-) and the document (+) differ:\n%s", diff)
	}
	var types []string
	for _, name := range document.Components.Schemas["Problem"].Value.Properties["type"].Value.Enum {
		types = append(types, strings.TrimPrefix(name.(string), "urn:tenure:problem:"))
	}
	want := []string{
		"invalid", "unauthorized", "forbidden", "not-found", "method-not-allowed", "conflict", "refused", "gone",
		"too-large", "too-many", "unprocessable", "busy", "unavailable", "internal",
	}
	if diff := cmp.Diff(want, types); diff != "" {
		t.Errorf("problems (-want +document):\n%s", diff)
	}
}

func TestReadyNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fake.missing = []string{"no policy is active"}
	w := b.call("GET", "/readyz", "")
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "no policy is active") {
		t.Errorf("GET /readyz = %d %s, want 503 with what is missing", w.Code, w.Body)
	}
	if w := b.call("GET", "/livez", ""); w.Code != http.StatusOK {
		t.Errorf("GET /livez = %d, want 200 whatever is missing", w.Code)
	}
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	signed := []string{"webhook-id", "m1", "webhook-timestamp", "1", "webhook-signature", "v1,x", "Content-Type", "application/json"}
	w := b.call("POST", "/v1/feeds/hook/events", ` {"a":1} `, signed...)
	if got, want := w.Header().Get("Location"), "/v1/people/main/%C3%84%2F1"; got != want {
		t.Errorf("Location = %q, want %q", got, want)
	}
	if b.fake.body != ` {"a":1} ` {
		t.Errorf("body = %q, want the raw bytes", b.fake.body)
	}
	b.problem(413, httpapi.KindTooLarge, "POST", "/v1/feeds/hook/events", strings.Repeat("x", httpapi.MaxEventBytes+1))
	b.fake.err = httpapi.NewProblem(httpapi.KindUnauthorized, errors.New("no signature matches"), "the signature does not fit")
	b.problem(401, httpapi.KindUnauthorized, "POST", "/v1/feeds/hook/events", "{}")
}

func TestImport(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.call("POST", "/v1/feeds/hr/imports?actor=kim&asOf=2026-11-22&fileName=a.csv", "id\n1\n", "Content-Type", "text/csv")
	if got, want := w.Header().Get("Location"), "/v1/feeds/hr/imports/20261122-120000-abc"; got != want {
		t.Errorf("Location = %q, want %q", got, want)
	}
	got := b.fake.request
	if got.Feed != "hr" || got.FileName != "a.csv" || got.AsOf != "2026-11-22" || got.DryRun || got.Actor != "unverified: kim" || b.fake.content != "id\n1\n" {
		t.Errorf("Import got %+v with %q", got, b.fake.content)
	}
	for _, c := range []string{
		"", "?actor=", "?actor=kim&dryrun=true", "?actor=kim&dryRun=yes", "?actor=kim&actor=lee", "?actor=kim&fileName=a%0Ab", "?actor=%ff", "?actor=kim&x=%zz",
	} {
		b.problem(400, httpapi.KindInvalid, "POST", "/v1/feeds/hr/imports"+c, "id\n")
	}
}

func TestImportIsBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := httptest.NewRequestWithContext(t.Context(), "POST", host+"/v1/feeds/hr/imports?actor=kim", io.LimitReader(endless{}, httpapi.MaxImportBytes+1))
	w := httptest.NewRecorder()
	b.api.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a file over the limit = %d, want 413", w.Code)
	}
}

// endless is a file without an end.
type endless struct{}

func (endless) Read(into []byte) (int, error) {
	for i := range into {
		into[i] = 'x'
	}
	return len(into), nil
}

func TestPeople(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fake.next = "c/1"
	w := b.call("GET", "/v1/people?realm=main&search=ada+ex&phase=active&attention=true&limit=5", "")
	want := httpapi.PeopleFilter{Realm: "main", Search: "ada ex", Phase: "active", Attention: true, Limit: 5}
	if diff := cmp.Diff(want, b.fake.filter); diff != "" {
		t.Errorf("filter (-want +got):\n%s", diff)
	}
	link := `</v1/people?attention=true&cursor=c%2F1&limit=5&phase=active&realm=main&search=ada+ex>; rel="next"`
	if got := w.Header().Get("Link"); got != link {
		t.Errorf("Link = %q, want %q", got, link)
	}
	if got := httpapi.NextPage(w.Header()); got != strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`) {
		t.Errorf("NextPage = %q", got)
	}
	if got := httpapi.NextPage(http.Header{}); got != "" {
		t.Errorf("NextPage of the last page = %q, want none", got)
	}
	for _, c := range []string{"?limit=0", "?limit=1001", "?limit=x", "?phase=gone", "?held=1", "?nosuch=1", "?search=" + strings.Repeat("a", 201)} {
		b.problem(400, httpapi.KindInvalid, "GET", "/v1/people"+c, "")
	}
}

func TestPersonKeysAreDecodedOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for path, want := range map[string]httpapi.PersonID{
		"/v1/people/main/a%2Fb":       {Realm: "main", Key: "a/b"},
		"/v1/people/main/a%252Fb":     {Realm: "main", Key: "a%2Fb"},
		"/v1/people/r%20x/%C3%84%201": {Realm: "r x", Key: "Ä 1"},
	} {
		if w := b.call("GET", path, ""); w.Code != http.StatusOK || b.fake.id != want {
			t.Errorf("GET %s = %d for %+v, want %+v", path, w.Code, b.fake.id, want)
		}
	}
	b.problem(400, httpapi.KindInvalid, "GET", "/v1/people/main/a%00b", "")
	b.problem(400, httpapi.KindInvalid, "GET", "/v1/people/main/%ff", "")
}

func TestOverride(t *testing.T) {
	t.Parallel()
	const path = "/v1/people/main/E-1001/overrides/"
	b := newBench(t)
	b.call("POST", path+"set-date", `{"actor":"kim","reason":"HR is late","on":"lastDayOfWork","date":"2026-12-31"}`, "Idempotency-Key", "k1")
	want := contract.Override{ID: "k1", Actor: "unverified: kim", Reason: "HR is late", On: "lastDayOfWork", Date: "2026-12-31"}
	if diff := cmp.Diff(want, b.fake.override); diff != "" || b.fake.kind != contract.SetDate || b.fake.id != ada {
		t.Errorf("override %s of %+v (-want +got):\n%s", b.fake.kind, b.fake.id, diff)
	}
	b.call("POST", path+"hold", `{"actor":"kim","reason":"audit","id":"k2"}`)
	if b.fake.override.ID != "k2" {
		t.Errorf("ID = %q, want that of the body", b.fake.override.ID)
	}
	b.call("POST", path+"hold", holdBody)
	first := b.fake.override.ID
	b.call("POST", path+"hold", holdBody)
	if first == "" || first == b.fake.override.ID {
		t.Errorf("IDs %q and %q, want two new ones", first, b.fake.override.ID)
	}
	b.problem(404, httpapi.KindNotFound, "POST", path+"vanish", holdBody)
	b.problem(400, httpapi.KindInvalid, "POST", path+"hold", `{"actor":"kim","reason":"a","id":"x"}`, "Idempotency-Key", "y")
	b.problem(400, httpapi.KindInvalid, "POST", path+"hold", `{"actor":"kim\u0007","reason":"a"}`)
	got := b.problem(422, httpapi.KindUnprocessable, "POST", path+"set-date", `{"on":"x","date":"x"}`)
	if len(got.Errors) != 4 {
		t.Errorf("errors = %+v, want all 4 problems at once", got.Errors)
	}
	refused := httpapi.NewProblem(httpapi.KindRefused, nil, "no hold is set")
	refused.Code = contract.ErrorNotApplicable
	b.fake.err = refused
	if got := b.problem(409, httpapi.KindRefused, "POST", path+"release", holdBody); got.Code != contract.ErrorNotApplicable {
		t.Errorf("code = %q, want the journey's", got.Code)
	}
	b.fake.err = httpapi.NewProblem(httpapi.KindGone, nil, "ended")
	b.problem(410, httpapi.KindGone, "POST", path+"release", holdBody)
}

func TestBodiesAreReadStrictly(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const path = "/v1/people/main/E-1001/overrides/hold"
	for _, body := range []string{
		"", "null x", "[]", `{"actor":"kim","reason":"a","resaon":"b"}`, holdBody + holdBody, `{"actor":7,"reason":"a"}`, "{", `{"to":"soon"}`,
	} {
		b.problem(400, httpapi.KindInvalid, "POST", path, body)
	}
	b.problem(413, httpapi.KindTooLarge, "POST", path, `{"actor":"`+strings.Repeat("x", 1<<17)+`"}`)
	b.problem(400, httpapi.KindInvalid, "POST", "/v1/feeds/hr/imports/1/release", `{"actor":"kim"}`)
	b.problem(400, httpapi.KindInvalid, "POST", "/v1/policy?actor=kim&reason=r", "")
	b.problem(400, httpapi.KindInvalid, "POST", "/v1/policy?actor=kim", "version: 1\n")
	for _, body := range []string{`{"to":{}}`, `{"to":{"version":1,"source":"x"}}`, `{"to":{"version":1},"from":{"version":-1}}`, `{"to":{"version":1},"limit":201}`, `{"two":1}`} {
		b.problem(400, httpapi.KindInvalid, "POST", "/v1/policy/preview", body)
	}
	b.problem(400, httpapi.KindInvalid, "GET", "/v1/policies/none", "")
	b.problem(400, httpapi.KindInvalid, "GET", "/v1/policy/questions?limit=0", "")
	b.problem(400, httpapi.KindInvalid, "GET", "/v1/policy/questions?cursor="+strings.Repeat("x", 1001), "")
	b.problem(400, httpapi.KindInvalid, "POST", "/v1/policy/preview", `{"to":{"version":1},"cursor":"`+strings.Repeat("x", 1001)+`"}`)
	for old, wrong := range map[string]string{`"approve"`: `"agree"`, `"kim"`: `""`, `"looked at"`: `""`, `"a1"`: `""`, `"l"`: `""`, `[{"realm":"main","key":"1","line":"l"}]`: `[]`} {
		b.problem(400, httpapi.KindInvalid, "POST", "/v1/policy/answers", strings.Replace(answersBody, old, wrong, 1))
	}
	b.problem(400, httpapi.KindInvalid, "POST", "/v1/policies/2/rollback?actor=kim", "")
	b.problem(413, httpapi.KindTooLarge, "POST", "/v1/policy/validate", strings.Repeat("#", httpapi.MaxPolicyBytes+1))
}

func TestWhatIsNoRouteIsAProblem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.problem(404, httpapi.KindNotFound, "GET", "/nosuch", "")
	b.problem(404, httpapi.KindNotFound, "GET", "/v1/people/main", "")
	w := b.call("DELETE", "/v1/policy", "")
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("DELETE /v1/policy = %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestWebPagesOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const path = "/v1/people/main/E-1001/overrides/hold"
	b.problem(403, httpapi.KindForbidden, "POST", path, holdBody, "Sec-Fetch-Site", "cross-site")
	b.problem(403, httpapi.KindForbidden, "POST", path, holdBody, "Origin", "http://evil.example")
	if b.fake.kind != "" {
		t.Errorf("a refused request reached the journeys: %s", b.fake.kind)
	}
	for host, want := range map[string]int{
		"evil.example": 403, "127.0.0.1.evil.example": 403, "10.0.0.1:8080": 403,
		"localhost:8080": 200, "LOCALHOST": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "[::1]": 200,
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "http://127.0.0.1/v1/people", nil)
		r.Host = host
		w := httptest.NewRecorder()
		b.api.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("GET /v1/people with host %s = %d, want %d", host, w.Code, want)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", "http://tunnel.example/v1/feeds/hook/events", strings.NewReader("{}"))
	w := httptest.NewRecorder()
	b.api.ServeHTTP(w, r)
	if w.Code != http.StatusAccepted {
		t.Errorf("a webhook through another host name = %d, want 202: its signature decides", w.Code)
	}
}

func TestInternalErrorsAreLoggedAndNotShown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fake.err = errors.New("connect to postgres: password of ada refused")
	got := b.problem(500, httpapi.KindInternal, "GET", "/v1/feeds", "")
	if strings.Contains(got.Detail, "postgres") {
		t.Errorf("detail %q shows the cause", got.Detail)
	}
	if log := b.log.String(); !strings.Contains(log, "postgres") || !strings.Contains(log, got.RequestID) {
		t.Errorf("log %s lacks the cause or the request ID %s", log, got.RequestID)
	}
	b.fake.err = httpapi.NewProblem(httpapi.KindUnavailable, errors.New("dial tcp: secret cause"), "no worker answers")
	if got := b.problem(503, httpapi.KindUnavailable, "GET", "/v1/policy", ""); strings.Contains(got.Error(), "secret") {
		t.Errorf("problem %+v shows the cause", got)
	}
	if !strings.Contains(b.log.String(), "secret cause") {
		t.Error("the log lacks the cause of a problem")
	}
}

// panicking is Journeys that panics.
type panicking struct{ *fake }

func (panicking) Ready(context.Context) []string { panic("out of cheese") }

func TestFastForward(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const path = "/v1/dev/people/main/E-1001/fast-forward"
	for text, want := range map[string]time.Duration{"36h": 36 * time.Hour, "30d": 720 * time.Hour, "2w": 336 * time.Hour} {
		if w := b.call("POST", path, `{"duration":"`+text+`"}`); w.Code != http.StatusOK || b.dev.by != want {
			t.Errorf("fast-forward %s = %d by %s, want %s", text, w.Code, b.dev.by, want)
		}
	}
	for _, text := range []string{"", "0", "-1h", "1y", "d", "1.5d", "99999999999999999999d", "9000d", "-3d"} {
		b.problem(400, httpapi.KindInvalid, "POST", path, `{"duration":"`+text+`"}`)
	}
	api, err := httpapi.New(httpapi.Options{Journeys: b.fake, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	b.api = api
	if got := b.problem(404, httpapi.KindNotFound, "POST", path, `{"duration":"1d"}`); !strings.Contains(got.Detail, "development stack") {
		t.Errorf("detail = %q, want that it is for the development stack", got.Detail)
	}
}

func TestPanicsBecomeProblems(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	api, err := httpapi.New(httpapi.Options{Journeys: panicking{b.fake}, Log: slog.New(slog.NewJSONHandler(b.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	b.api = api
	w := b.call("GET", "/livez", "")
	if w.Code != http.StatusOK {
		t.Errorf("GET /livez = %d", w.Code)
	}
	r := httptest.NewRequestWithContext(t.Context(), "GET", host+"/readyz", nil)
	got := httptest.NewRecorder()
	b.api.ServeHTTP(got, r)
	if got.Code != http.StatusInternalServerError || strings.Contains(got.Body.String(), "cheese") || !strings.Contains(b.log.String(), "cheese") {
		t.Errorf("a panic = %d %s, want 500 and the cause in the log alone", got.Code, got.Body)
	}
}

func TestNewNeedsItsParts(t *testing.T) {
	t.Parallel()
	if _, err := httpapi.New(httpapi.Options{}); err == nil {
		t.Error("New without journeys = nil, want an error")
	}
}

func FuzzOverrideBody(f *testing.F) {
	f.Add([]byte(holdBody))
	f.Add([]byte(`{"actor":"kim","reason":"a","to":"2026-12-01T09:00:00Z"}`))
	f.Add([]byte("\xff{"))
	api, err := httpapi.New(httpapi.Options{Journeys: &fake{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequestWithContext(t.Context(), "POST", host+"/v1/people/main/E-1/overrides/postpone", bytes.NewReader(body))
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("body %q = %d", body, w.Code)
		}
	})
}
