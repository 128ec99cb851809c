package httpapi_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/access"
	"tenure/internal/httpapi"
)

const (
	decodePath = "/v1/codec/decode"
	payloads   = `{"payloads":[]}`
)

// TestDecodeForTheWebUI: exactly the configured pages may read an answer, errors
// included; everybody else's browser is told nothing.
func TestDecodeForTheWebUI(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	for origin, may := range map[string]bool{
		uiOrigin: true, "": false, "null": false, "https://127.0.0.1:8233": false, "http://127.0.0.1:8234": false, "http://localhost:8233": false,
		uiOrigin + "/": false, uiOrigin + ".evil.example": false, "http://evil.example": false, "HTTP://127.0.0.1:8233": false,
	} {
		header := []string{"Access-Control-Request-Method", "POST"}
		if origin != "" {
			header = append(header, "Origin", origin)
		}
		w := g.as(callerNone, "OPTIONS", decodePath, "", header...)
		wantShared(t, "preflight of "+origin, w, may)
		if allowed := w.Header().Get("Access-Control-Allow-Headers"); may != strings.Contains(allowed, "Authorization") || may != strings.Contains(allowed, "X-Namespace") {
			t.Errorf("preflight of %q allows the headers %q", origin, allowed)
		}
		header = append(header, "Sec-Fetch-Site", "same-site", "Content-Type", "application/json", "X-Namespace", "default")
		g.fake.namespace = ""
		w = g.as(access.Operator.String(), "POST", decodePath+"?preserveStorageRefs=true", payloads, header...)
		wantShared(t, "decode from "+origin, w, may)
		if reached := g.fake.namespace == "default"; w.Code == http.StatusOK != may || reached != may {
			t.Errorf("decode from %q = %d, reached the keys: %t; want %t", origin, w.Code, reached, may)
		}
		w = g.as(callerNone, "POST", decodePath, payloads, header...)
		wantShared(t, "a refusal to "+origin, w, may)
		// No other route is shared, whoever asks.
		w = g.as(access.Operator.String(), "GET", "/v1/people", "", header...)
		wantShared(t, "people to "+origin, w, false)
	}
	two := httptest.NewRequestWithContext(t.Context(), "OPTIONS", host+decodePath, nil)
	two.Header["Origin"] = []string{uiOrigin, "http://evil.example"}
	w := httptest.NewRecorder()
	g.api.ServeHTTP(w, two)
	wantShared(t, "two origins", w, false)
}

func wantShared(t *testing.T, what string, w *httptest.ResponseRecorder, may bool) {
	t.Helper()
	want := ""
	if may {
		want = uiOrigin
	}
	if got := w.Header().Get("Access-Control-Allow-Origin"); got != want || w.Header().Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("%s: shared with %q, want %q, and never with cookies", what, got, want)
	}
}

// TestDecodeIsRecorded: who opened whose payloads, once per look, without what
// is in them; and a refused or failed one all the same.
func TestDecodeIsRecorded(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	operator := access.Operator.String()
	decode := func(workflows ...string) {
		g.fake.workflows = workflows
		g.as(operator, "POST", decodePath, payloads, "Content-Type", "application/json")
	}
	decode("journey/main/1", "journey/main/2")
	decode("journey/main/1")
	decode()
	decode("journey/main/3")
	g.now = g.now.Add(30 * time.Minute)
	decode("journey/main/1")
	g.fake.err = httpapi.NewProblem(httpapi.KindUnprocessable, nil, "no key")
	decode("journey/main/1")
	g.as(access.Viewer.String(), "POST", decodePath, payloads, "Content-Type", "application/json")
	var got []string
	for _, r := range g.records {
		got = append(got, strings.Join([]string{string(r.Kind), r.Caller.Name, r.Route, r.Workflow, r.Outcome}, " "))
	}
	const route = "POST " + decodePath
	want := []string{
		"read kim " + route + " journey/main/1 done", "read kim " + route + " journey/main/2 done", "read kim " + route + " journey/main/3 done",
		"read kim " + route + " journey/main/1 done", "read kim " + route + "  unprocessable", "refused kim " + route + "  forbidden",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if lines := strings.Count(g.log.String(), `"msg":"payloads decoded"`); lines != 5 {
		t.Errorf("the log has %d decodes, want each of the 5 that opened or tried to open something", lines)
	}
}

// TestDecodeIsBoundedAndOff: too much is refused before it is read, and without
// api.decode there is nothing.
func TestDecodeIsBoundedAndOff(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.problem(413, httpapi.KindTooLarge, "POST", decodePath, strings.Repeat(" ", httpapi.MaxDecodeBytes+1), "Content-Type", "application/json")
	off, err := httpapi.New(httpapi.Options{Journeys: b.fake, Log: slog.New(slog.DiscardHandler), UIOrigin: uiOrigin})
	if err != nil {
		t.Fatal(err)
	}
	b.api, b.fake.body = off, ""
	if p := b.problem(404, httpapi.KindNotFound, "POST", decodePath, payloads, "Content-Type", "application/json"); !strings.Contains(p.Detail, "api.decode") || b.fake.body != "" {
		t.Errorf("decode while it is off: %+v", p)
	}
	wantShared(t, "while it is off", b.call("OPTIONS", decodePath, "", "Origin", uiOrigin), false)
}
