package httpapi_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tenure/internal/httpapi"
)

// slow is a fake that keeps imports in hand until it is let go.
type slow struct {
	*fake
	inside, goOn chan struct{}
}

func (s *slow) Import(ctx context.Context, request httpapi.ImportRequest) (httpapi.Import, error) {
	s.inside <- struct{}{}
	<-s.goOn
	return s.fake.Import(ctx, request)
}

// A file beyond those in hand is refused before it is read.
func TestImportsHavePlaces(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	busy := &slow{fake: b.fake, inside: make(chan struct{}), goOn: make(chan struct{})}
	log := &bytes.Buffer{}
	api, err := httpapi.New(httpapi.Options{
		Journeys: busy, Doors: httpapi.Doors{Imports: 1}, Log: slog.New(slog.NewJSONHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	b.api = api
	const path = "/v1/feeds/hr/imports?asOf=2026-11-22&actor=kim"
	first := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		api.ServeHTTP(first, httptest.NewRequestWithContext(t.Context(), http.MethodPost, host+path, strings.NewReader("a,b\n")))
	}()
	<-busy.inside
	second := strings.NewReader("a,b\n")
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, host+path, second))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "2" || !strings.Contains(w.Body.String(), "urn:tenure:problem:busy") {
		t.Errorf("a second file = %d %v %s, want 503 with Retry-After", w.Code, w.Header(), w.Body)
	}
	if second.Len() != 4 {
		t.Error("a file that has no place was read")
	}
	close(busy.goOn)
	<-done
	if first.Code != http.StatusAccepted {
		t.Errorf("the first file = %d %s, want 202", first.Code, first.Body)
	}
	if !strings.Contains(log.String(), `"level":"WARN"`) {
		t.Errorf("what was turned away is not in the log: %s", log)
	}
}

// Where something is missing, the answer says when to come again.
func TestUnavailableSaysWhenToComeAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fake.err = httpapi.NewProblem(httpapi.KindUnavailable, nil, "the event could not be made durable: send it again")
	w := b.call(http.MethodPost, "/v1/feeds/hook/events", "{}")
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "5" {
		t.Errorf("a delivery = %d %v, want 503 with Retry-After", w.Code, w.Header())
	}
}

// signature is that of no secret: the fake takes it.
var signature = []string{"webhook-id", "msg-1", "webhook-timestamp", "1795348800", "webhook-signature", "v1,AAAA"}

func TestDrainingFailsReadinessAndServesOn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.api.(*httpapi.API).Drain()
	if w := b.call(http.MethodGet, "/readyz", ""); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "stopping") {
		t.Errorf("/readyz = %d %s, want 503 that says why", w.Code, w.Body)
	}
	if w := b.call(http.MethodGet, "/livez", ""); w.Code != http.StatusOK {
		t.Errorf("/livez = %d, want 200: it need not be killed", w.Code)
	}
	if w := b.call(http.MethodPost, "/v1/feeds/hook/events", "{}", signature...); w.Code != http.StatusAccepted || w.Header().Get("Connection") != "close" {
		t.Errorf("a delivery = %d %v, want 202 and the connection ended", w.Code, w.Header())
	}
}
