package starter

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/converter"

	"tenure/internal/config"
	"tenure/internal/person"
	"tenure/internal/store/storetest"
)

func options(references map[string]string) Options {
	return Options{
		Config: config.Config{Listen: "127.0.0.1:0"}, References: config.Fixed(references), Log: slog.New(slog.DiscardHandler),
	}
}

func TestServeRefusesToStartWithoutASecret(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, references := range map[string]map[string]string{
		"not set": nil, "empty": {"HOOK_SECRET": ""}, "empty key": {"HOOK_SECRET": "whsec_"}, "short": {"HOOK_SECRET": "whsec_YWJj"},
	} {
		o := options(references)
		err := serve(t.Context(), o, newService(o, b.db, newEngine(b.temporal, "default", converter.GetDefaultDataConverter())))
		if err == nil || !strings.Contains(err.Error(), "badge") {
			t.Errorf("%s: serve() = %v, want a refusal that names the feed", name, err)
		}
	}
}

// TestServeEndsGently stops a starter while a webhook is being answered.
func TestServeEndsGently(t *testing.T) {
	t.Parallel()
	temporal := newTemporalFake()
	first := openBench(t, storetest.New(t), temporal)
	first.apply(policyText(t))

	ctx, stop := context.WithCancel(t.Context())
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := options(map[string]string{"HOOK_SECRET": hookSecret})
	ready := make(chan string, 1)
	o.Listener, o.Ready = listener, func(addr string) { ready <- addr }
	s := newService(o, first.db, newEngine(temporal, "default", converter.GetDefaultDataConverter()))
	s.now = func() time.Time { return testNow }
	temporal.policies = s.policies
	stopping, goOn := make(chan struct{}), make(chan struct{})
	temporal.sendErr = func(person.Event) error {
		close(stopping)
		<-goOn
		return nil
	}
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, o, s) }()
	base := "http://" + <-ready

	answered := make(chan int, 1)
	go func() {
		body := event("V-1", "2026-11-22T11:00:00Z")
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/v1/feeds/badge/events", strings.NewReader(body))
		if err != nil {
			answered <- 0
			return
		}
		r.Header = sign("m1", body, testNow)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			answered <- 0
			return
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		answered <- response.StatusCode
	}()
	<-stopping
	stop()
	close(goOn)
	if got := <-answered; got != http.StatusAccepted {
		t.Errorf("the webhook in flight = %d, want 202", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("serve() = %v, want nil", err)
	}
	if _, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(base, "http://")); err == nil {
		t.Error("a stopped starter still listens")
	}
}
