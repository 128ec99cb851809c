package metrics_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/internal/metrics"
)

// counted are metrics in which everything was counted once.
func counted(t *testing.T) *metrics.Metrics {
	t.Helper()
	m := metrics.New()
	m.Task(metrics.Task{Target: "entra", Verb: "create", Status: "done", Took: 40 * time.Millisecond, Late: 2 * time.Second, Done: true})
	m.Task(metrics.Task{Target: "entra", Verb: "create", Status: "failed", Code: "throttled", Took: time.Second, Late: time.Hour})
	m.Call("entra", "create account", "ok", 30*time.Millisecond)
	m.Request("POST /v1/feeds/{feed}/events", http.StatusAccepted, time.Millisecond)
	m.People(t.Context(), func(context.Context) (map[string]int, error) { return map[string]int{"no-counterpart": 3}, nil })
	return m
}

// scrape is what Prometheus reads.
func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, metrics.Path, nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("scrape answered %d: %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

func TestScrape(t *testing.T) {
	t.Parallel()
	text := scrape(t, counted(t))
	for _, want := range []string{
		`tenure_tasks_total{code="",status="done",target="entra",verb="create"} 1`,
		`tenure_tasks_total{code="throttled",status="failed",target="entra",verb="create"} 1`,
		`tenure_task_duration_seconds_bucket{target="entra",verb="create",le="0.1"} 1`,
		`tenure_task_duration_seconds_count{target="entra",verb="create"} 2`,
		// Only what was done can have been late.
		`tenure_task_lateness_seconds_sum{target="entra",verb="create"} 2`,
		`tenure_target_calls_total{outcome="ok",target="entra",verb="create account"} 1`,
		`tenure_api_requests_total{route="POST /v1/feeds/{feed}/events",status="202"} 1`,
		`tenure_attention_people{code="no-counterpart"} 3`,
		"go_goroutines",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the scrape lacks %s:\n%s", want, text)
		}
	}
}

// TestACountThatFailsKeepsTheRest wants a store that is away not to blind whoever
// looks after the processes.
func TestACountThatFailsKeepsTheRest(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	m.Call("entra", "find", "ok", time.Millisecond)
	m.People(t.Context(), func(context.Context) (map[string]int, error) { return nil, errors.New("store is away") })
	if text := scrape(t, m); !strings.Contains(text, "tenure_target_calls_total") || strings.Contains(text, "tenure_attention_people") {
		t.Errorf("with a count that fails:\n%s", text)
	}
}

func TestNobodyLooks(t *testing.T) {
	t.Parallel()
	var m *metrics.Metrics
	m.Task(metrics.Task{Verb: "create"})
	m.Call("entra", "find", "ok", 0)
	m.Request("GET /livez", http.StatusOK, 0)
	m.People(t.Context(), nil)
	if m.Registry() != nil {
		t.Error("nobody looks, and there is a registry")
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	addr, err := counted(t).Serve(ctx, "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("Serve() = %v", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+metrics.Path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("scrape: %v", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if text, err := io.ReadAll(answer.Body); err != nil || !strings.Contains(string(text), "tenure_tasks_total") {
		t.Errorf("scrape: %v\n%s", err, text)
	}
	stop()
	if _, err := metrics.New().Serve(t.Context(), "nowhere", slog.New(slog.DiscardHandler)); err == nil {
		t.Error("Serve() on no address succeeded")
	}
}

// TestDocumented compares the table of docs/operations.md with what is counted.
func TestDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatalf("read docs: %v", err)
	}
	var documented, served []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(tenure_[a-z_]+)").FindAllSubmatch(page, -1) {
		documented = append(documented, string(row[1]))
	}
	for _, row := range regexp.MustCompile(`(?m)^# TYPE (tenure_[a-z_]+)`).FindAllStringSubmatch(scrape(t, counted(t)), -1) {
		served = append(served, row[1])
	}
	slices.Sort(documented)
	slices.Sort(served)
	if !slices.Equal(documented, served) {
		t.Errorf("docs/operations.md has %v, the processes have %v", documented, served)
	}
}
