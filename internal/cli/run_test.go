package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tenure/internal/cli"
	"tenure/internal/httpapi"
)

// outcome is what a command line did.
type outcome struct {
	code           int
	stdout, stderr string
}

// run runs a command line in this process against a handler.
func run(ctx context.Context, t *testing.T, handler http.Handler, user string, args ...string) outcome {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	var stdout, stderr bytes.Buffer
	code := cli.Run(ctx, args, cli.Environment{
		Stdout: &stdout, Stderr: &stderr, User: user, Poll: time.Millisecond,
		Getenv: func(name string) string { return map[string]string{"TENURE_API": server.URL}[name] },
	})
	return outcome{code, stdout.String(), stderr.String()}
}

func (o outcome) expect(t *testing.T, code int, texts ...string) {
	t.Helper()
	if o.code != code {
		t.Errorf("exit code %d, want %d", o.code, code)
	}
	for _, text := range texts {
		if !strings.Contains(o.stdout+o.stderr, text) {
			t.Errorf("output lacks %q", text)
		}
	}
	if t.Failed() {
		t.Logf("stdout:\n%s\nstderr:\n%s", o.stdout, o.stderr)
	}
}

func answer(value any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(value) }
}

func TestAnswersThatNoStarterGives(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"gateway page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			_, _ = w.Write([]byte("<h1>\x1b[31mBad gateway</h1>"))
		},
		"other JSON": answer("hello"),
		"no JSON":    func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) },
		"redirect":   func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"empty problem": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusTeapot)
			_, _ = w.Write([]byte("{}"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t.Context(), t, handler, "olga", "people", "list").expect(t, 1, "as a starter does not", "What to do: check the address")
		})
	}
}

func TestInterruptedImportSaysThatItGoesOn(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	mux := http.NewServeMux()
	running := httpapi.Import{ID: "i-1", Feed: "hr", State: httpapi.ImportRunning, Total: 9}
	mux.Handle("POST /v1/feeds/hr/imports", answer(running))
	mux.HandleFunc("GET /v1/feeds/hr/imports/i-1", func(w http.ResponseWriter, r *http.Request) {
		answer(running)(w, r)
		cancel()
	})
	file := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(file, []byte("a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(ctx, t, mux, "olga", "feed", "import", file, "--feed", "hr").expect(t, 1, "interrupted", "The import i-1 goes on without this command")
}

func TestTheFeedMustBeMeant(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(file, []byte("a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	two := answer([]httpapi.FeedStatus{{Name: "hr", Kind: "csv"}, {Name: "hris", Kind: "webhook"}, {Name: "agency", Kind: "csv"}})
	run(t.Context(), t, two, "olga", "feed", "import", file).expect(t, 2, "add --feed with one of hr, agency")
	run(t.Context(), t, answer([]httpapi.FeedStatus{}), "olga", "feed", "import", file).expect(t, 1, "no csv feed")
}

func TestAnActorIsNeeded(t *testing.T) {
	t.Parallel()
	run(t.Context(), t, http.NotFoundHandler(), "", "journey", "hold", "1001", "--reason", "x").expect(t, 2, "add --actor NAME")
}

func TestRenewAllGoesOnBehindARefusal(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.Handle("GET /v1/people", answer([]httpapi.Person{
		{PersonID: httpapi.PersonID{Realm: "main", Key: "1"}}, {PersonID: httpapi.PersonID{Realm: "main", Key: "2"}},
	}))
	mux.HandleFunc("POST /v1/people/main/1/overrides/renew", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusGone)
		_ = json.NewEncoder(w).Encode(httpapi.NewProblem(httpapi.KindGone, nil, "the journey has ended"))
	})
	var keys []string
	mux.HandleFunc("POST /v1/people/main/2/overrides/renew", func(w http.ResponseWriter, r *http.Request) {
		keys = append(keys, r.Header.Get("Idempotency-Key"))
		answer(map[string]string{"text": "renewed"})(w, r)
	})
	run(t.Context(), t, mux, "olga", "journey", "renew", "--all", "--reason", "upgrade").
		expect(t, 3, "1 journey renewed, 1 refused.", "1: the journey has ended")
	if len(keys) != 1 || !strings.HasPrefix(keys[0], "cli-") {
		t.Errorf("idempotency keys are %q, want one that begins with cli-", keys)
	}
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, errors.New("the pipe is closed") }

func TestOutputThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	code := cli.Run(t.Context(), []string{"version"}, cli.Environment{Stdout: closedPipe{}, Stderr: &stderr, Getenv: func(string) string { return "" }})
	if code != 1 || !strings.Contains(stderr.String(), "the pipe is closed") {
		t.Errorf("exit code %d, stderr %q; want 1 and the reason", code, stderr.String())
	}
}
