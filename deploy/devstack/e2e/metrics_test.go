package e2e_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"testing"

	"tenure/internal/metrics"
)

// freeAddr is an address that nobody listens on.
func freeAddr(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a free address: %v", err)
	}
	addr := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	return addr
}

// scrape reads the metrics of a process, which must have those with these names.
func scrape(t *testing.T, addr string, names ...string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+metrics.Path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("scrape: %v", err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("scrape answered %d: %v", answer.StatusCode, err)
	}
	for _, name := range names {
		if !bytes.Contains(text, []byte("\n"+name)) {
			t.Errorf("the metrics of %s lack %s", addr, name)
		}
	}
	return text
}
