package starter

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/converter"

	"tenure/internal/config"
	"tenure/internal/store/storetest"
)

// running is a starter that serves.
type running struct {
	t     *testing.T
	base  string
	stop  context.CancelFunc
	ended chan error
}

// run serves with a configuration until the test ends, or it is stopped.
func run(t *testing.T, temporal *temporalFake, api config.API) *running {
	t.Helper()
	first := openBench(t, storetest.New(t), temporal)
	first.apply(policyText(t))
	ctx, stop := context.WithCancel(t.Context())
	o := options(map[string]string{"HOOK_SECRET": hookSecret})
	o.Config.API = api
	ready := make(chan string, 1)
	o.Ready = func(addr string) { ready <- addr }
	s := newService(o, first.db, newEngine(temporal, "default", converter.GetDefaultDataConverter()))
	s.now = func() time.Time { return testNow }
	temporal.policies = s.policies
	r := &running{t: t, stop: stop, ended: make(chan error, 1)}
	go func() { r.ended <- serve(ctx, o, s) }()
	r.base = "http://" + <-ready
	t.Cleanup(stop)
	return r
}

// answer is what a caller saw of an answer.
type answer struct {
	status     int
	retryAfter string
	closes     bool
}

func (r *running) ask(request *http.Request) answer {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return answer{response.StatusCode, response.Header.Get("Retry-After"), response.Close}
}

func (r *running) ready() answer {
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.base+"/readyz", http.NoBody)
	if err != nil {
		r.t.Error(err)
		return answer{}
	}
	return r.ask(request)
}

// deliver posts an event of its own.
func (r *running) deliver(message string) answer {
	body := event("V-"+message, "2026-11-22T11:00:00Z")
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.base+"/v1/feeds/badge/events", strings.NewReader(body))
	if err != nil {
		r.t.Error(err)
		return answer{}
	}
	request.Header = sign(message, body, testNow)
	return r.ask(request)
}

// A starter that is told to stop says so where balancers ask, and takes in what
// comes until they have heard it.
func TestStoppingStarterServesUntilBalancersKnow(t *testing.T) {
	t.Parallel()
	temporal := newTemporalFake()
	const drain = 3 * time.Second
	r := run(t, temporal, config.API{Drain: drain})
	if got := r.ready(); got.status != http.StatusOK || got.closes {
		t.Fatalf("before the stop /readyz = %+v", got)
	}
	stopped := time.Now()
	r.stop()
	for got := r.ready(); got.status == http.StatusOK; got = r.ready() {
		if t.Context().Err() != nil {
			t.Fatal("/readyz never failed")
		}
	}
	if got := r.deliver("m1"); got.status != http.StatusAccepted || !got.closes {
		t.Errorf("a delivery while it drains = %+v, want 202 on a connection that ends", got)
	}
	if err := <-r.ended; err != nil {
		t.Errorf("serve() = %v", err)
	}
	if took := time.Since(stopped); took < drain {
		t.Errorf("the listener closed after %s, want %s for balancers to hear of it", took, drain)
	}
	if temporal.total() != 1 {
		t.Errorf("journeys heard %d events, want 1", temporal.total())
	}
	if _, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.base, "http://")); err == nil {
		t.Error("a stopped starter still listens")
	}
}

// What comes while all places are taken is told to come again, and what was
// answered well is with the journeys.
func TestFloodIsTurnedAwayWithoutLoss(t *testing.T) {
	t.Parallel()
	temporal := newTemporalFake()
	inside, goOn := make(chan struct{}, 2), make(chan struct{})
	r := run(t, temporal, config.API{AtOnce: config.AtOnce{Events: 2}})
	temporal.change(func() {
		temporal.gate = func() {
			inside <- struct{}{}
			<-goOn
		}
	})
	answers := make(chan answer, 2)
	for _, message := range []string{"m1", "m2"} {
		go func() { answers <- r.deliver(message) }()
	}
	<-inside
	<-inside
	if got := r.deliver("m3"); got.status != http.StatusServiceUnavailable || got.retryAfter == "" {
		t.Errorf("a third delivery = %+v, want 503 with Retry-After", got)
	}
	close(goOn)
	for range 2 {
		if got := <-answers; got.status != http.StatusAccepted {
			t.Errorf("a delivery that had a place = %+v, want 202", got)
		}
	}
	if temporal.total() != 2 {
		t.Errorf("journeys heard %d events, want the 2 that were answered 202", temporal.total())
	}
	temporal.change(func() { temporal.gate = nil })
	if got := r.deliver("m3"); got.status != http.StatusAccepted {
		t.Errorf("the third again = %+v, want 202: places are given back", got)
	}
}
