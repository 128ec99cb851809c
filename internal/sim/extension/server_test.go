package extension_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	client "tenure/internal/extension"
	"tenure/internal/sim/extension"
	"tenure/internal/sim/fault"
)

func secret(word string) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte(word), 8))
}

func start(t *testing.T, dir string) (*extension.Server, string) {
	t.Helper()
	server, err := extension.New(extension.Options{Dir: dir, Secret: secret("badg"), Now: time.Now})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	http := httptest.NewServer(server)
	t.Cleanup(http.Close)
	return server, http.URL
}

func call(url, secret string, at time.Time) client.Call {
	return client.Call{URL: url + "/tenure", Secret: secret, Timeout: 5 * time.Second, ID: "msg_1", At: at, Body: []byte(`{"a":1}`)}
}

func TestClientIsVerifiedAndRepeatsAreDropped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server, url := start(t, dir)
	for range 2 {
		if err := client.NewClient(nil).Do(t.Context(), call(url, secret("badg"), time.Now())); err != nil {
			t.Fatalf("Do: %v", err)
		}
	}
	calls := server.Calls()
	if len(calls) != 1 || calls[0].Repeats != 1 || calls[0].Path != "/tenure" || string(calls[0].Body) != `{"a":1}` {
		t.Errorf("calls = %+v, want one with one repeat", calls)
	}
	again, err := extension.New(extension.Options{Dir: dir, Secret: secret("badg"), Now: time.Now})
	if err != nil || len(again.Calls()) != 1 {
		t.Errorf("after a restart: calls %v, error %v; want the same one call", again.Calls(), err)
	}
}

func TestClientRefusals(t *testing.T) {
	t.Parallel()
	server, url := start(t, t.TempDir())
	now := time.Now()
	for name, bad := range map[string]client.Call{
		"another secret": call(url, secret("othr"), now),
		"an old call":    call(url, secret("badg"), now.Add(-time.Hour)),
	} {
		err := client.NewClient(nil).Do(t.Context(), bad)
		var status *client.StatusError
		if !errors.As(err, &status) || status.Status != http.StatusUnauthorized || status.Retryable() {
			t.Errorf("%s: error %v, want a 401 that is not tried again", name, err)
		}
	}
	if len(server.Calls()) != 0 {
		t.Errorf("calls = %+v, want none", server.Calls())
	}
}

func TestClientStatus(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status    int
		header    string
		after     time.Duration
		retryable bool
		ok        bool
	}{
		{status: http.StatusOK, ok: true},
		{status: http.StatusAccepted, ok: true},
		{status: http.StatusTooManyRequests, header: "7", after: 7 * time.Second, retryable: true},
		{status: http.StatusBadGateway, retryable: true},
		{status: http.StatusBadRequest},
		{status: http.StatusFound},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", test.header)
			w.Header().Set("Location", "https://elsewhere.fabrikam.example/")
			w.WriteHeader(test.status)
		}))
		err := client.NewClient(nil).Do(t.Context(), call(server.URL, secret("badg"), time.Now()))
		server.Close()
		var status *client.StatusError
		if test.ok != (err == nil) {
			t.Errorf("%d: error %v, want success %v", test.status, err, test.ok)
		}
		if errors.As(err, &status) && (status.After != test.after || status.Retryable() != test.retryable) {
			t.Errorf("%d: after %s retryable %v, want %s %v", test.status, status.After, status.Retryable(), test.after, test.retryable)
		}
	}
}

func TestClientUnreachable(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := client.NewClient(nil).Do(ctx, call("http://127.0.0.1:1", secret("badg"), time.Now()))
	if !errors.Is(err, client.ErrUnreachable) || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want unreachable and cancelled", err)
	}
}

func TestFaultsAboutOnePerson(t *testing.T) {
	t.Parallel()
	server, url := start(t, t.TempDir())
	if err := server.Faults().Set(
		fault.Rule{About: "1001", Kind: fault.Lost}, fault.Rule{About: "1001", Kind: fault.Throttled, RetryAfter: 3},
		fault.Rule{About: "1001", Kind: fault.Conflict}, fault.Rule{About: "1001", Kind: fault.GatewayPage, Status: 500},
	); err != nil {
		t.Fatal(err)
	}
	made := call(url, secret("badg"), time.Now())
	made.Body = []byte(`{"data":{"subject":{"key":"1002"}}}`)
	if err := client.NewClient(nil).Do(t.Context(), made); err != nil {
		t.Fatalf("a call about somebody else: %v", err)
	}
	made.ID, made.Body = "msg_2", []byte(`{"data":{"subject":{"key":"1001"}}}`)
	if err := client.NewClient(nil).Do(t.Context(), made); !errors.Is(err, client.ErrUnreachable) {
		t.Errorf("lost: %v", err)
	}
	for _, want := range []client.StatusError{{Status: 429, After: 3 * time.Second}, {Status: 409}, {Status: 500}} {
		var got *client.StatusError
		if err := client.NewClient(nil).Do(t.Context(), made); !errors.As(err, &got) || *got != want {
			t.Errorf("Do = %v, want %v", err, want)
		}
	}
	if err := client.NewClient(nil).Do(t.Context(), made); err != nil {
		t.Errorf("after the faults: %v", err)
	}
	if calls := server.Calls(); len(calls) != 2 || calls[1].Repeats != 1 {
		t.Errorf("calls = %+v, want the second kept once and repeated once", calls)
	}
}
