package fault_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/sim/fault"
)

func TestNext(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		rules []fault.Rule
		calls []string
		want  []string
	}{
		{
			name:  "once by default",
			rules: []fault.Rule{{Method: "POST", Path: "/v1.0/users", Kind: fault.Reset}},
			calls: []string{"GET /v1.0/users", "POST /v1.0/USERS", "POST /v1.0/users"},
			want:  []string{"", "reset", ""},
		},
		{
			name:  "the third and fourth",
			rules: []fault.Rule{{Path: "/a/*", Skip: 2, Times: 2, Kind: fault.Conflict}},
			calls: []string{"GET /a/1", "GET /a/2", "GET /a/3", "GET /a/4", "GET /a/5", "GET /a"},
			want:  []string{"", "", "conflict", "conflict", "", ""},
		},
		{
			name:  "double star and forever",
			rules: []fault.Rule{{Path: "/v1.0/**/$ref", Times: fault.Forever, Kind: fault.Slow}},
			calls: []string{"PUT /v1.0/users/1/manager/$ref", "PUT /v1.0/$ref", "PUT /v1.0/users"},
			want:  []string{"slow", "slow", ""},
		},
		{
			name:  "first due rule wins",
			rules: []fault.Rule{{Kind: fault.Lost}, {Kind: fault.Unavailable}},
			calls: []string{"GET /", "GET /", "GET /"},
			want:  []string{"lost", "unavailable", ""},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s fault.Schedule
			if err := s.Set(tt.rules...); err != nil {
				t.Fatalf("Set: %v", err)
			}
			var got []string
			for _, c := range tt.calls {
				method, path, _ := strings.Cut(c, " ")
				rule, _ := s.Next(fault.Request{Method: method, Path: path})
				got = append(got, string(rule.Kind))
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("kinds (-want +got):\n%s", d)
			}
		})
	}
}

func TestNextOnlySomeKinds(t *testing.T) {
	t.Parallel()
	var s fault.Schedule
	if err := s.Set(fault.Rule{Kind: fault.Lost}, fault.Rule{Kind: fault.Conflict}); err != nil {
		t.Fatal(err)
	}
	rule, ok := s.Next(fault.Request{Method: "GET", Path: "/"}, fault.Conflict)
	if !ok || rule.Kind != fault.Conflict {
		t.Errorf("Next(conflict) = %q, %v", rule.Kind, ok)
	}
	if got := s.Standing(); got[0].Hits != 0 || got[1].Hits != 1 || !got[1].Spent {
		t.Errorf("Standing = %+v, want only the second hit", got)
	}
}

func TestNextAbout(t *testing.T) {
	t.Parallel()
	var s fault.Schedule
	if err := s.Set(fault.Rule{ID: "one", About: "1001", Kind: fault.Lost, Times: 2}, fault.Rule{ID: "two", Kind: fault.Reset}); err != nil {
		t.Fatal(err)
	}
	about := func(number string) func(string) bool { return func(s string) bool { return s == number } }
	for i, step := range []struct {
		about func(string) bool
		want  fault.Kind
	}{{about("1002"), fault.Reset}, {about("1001"), fault.Lost}, {nil, ""}, {about("1001"), fault.Lost}, {about("1001"), ""}} {
		if rule, _ := s.Next(fault.Request{Method: "GET", Path: "/", About: step.about}); rule.Kind != step.want {
			t.Errorf("request %d met %q, want %q", i, rule.Kind, step.want)
		}
	}
	if gone := s.Remove("one"); len(gone) != 1 || gone[0].Hits != 2 || !gone[0].Spent {
		t.Errorf("Remove = %+v, want the rule with its two hits", gone)
	}
	if left := s.Standing(); len(left) != 1 || left[0].ID != "two" {
		t.Errorf("Standing = %+v, want the other rule", left)
	}
}

func TestSetRefuses(t *testing.T) {
	t.Parallel()
	for _, r := range []fault.Rule{
		{Kind: "odd"}, {Kind: fault.Slow, Skip: -1}, {Kind: fault.Unavailable, Status: 404}, {Kind: fault.Lost, Path: "/["},
	} {
		var s fault.Schedule
		if err := s.Add(r); err == nil {
			t.Errorf("Add(%+v) = nil, want an error", r)
		}
		if n := len(s.Standing()); n != 0 {
			t.Errorf("Add(%+v) left %d rules", r, n)
		}
	}
}

type harness struct {
	url      string
	schedule *fault.Schedule
	done     atomic.Int64
	slept    atomic.Int64
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	h := &harness{schedule: &fault.Schedule{}}
	srv := httptest.NewServer(fault.Handler{
		Schedule: h.schedule,
		Next: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			h.done.Add(1)
			_, _ = io.WriteString(w, "done")
		}),
		Error: func(w http.ResponseWriter, _ *http.Request, rule fault.Rule) {
			http.Error(w, string(rule.Kind), rule.StatusOr(http.StatusTooManyRequests))
		},
		Sleep: func(ctx context.Context, d time.Duration) error {
			h.slept.Add(int64(d))
			return ctx.Err()
		},
	})
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

func (h *harness) post(t *testing.T) (int, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+"/x", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	// A connection per request, so that the transport never repeats a request by itself.
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, string(body), err
}

func TestHandler(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule   fault.Rule
		status int
		body   string
		done   int64
		broken bool
	}{
		{rule: fault.Rule{Kind: fault.Throttled}, status: 429, body: "throttled"},
		{rule: fault.Rule{Kind: fault.Unavailable, Status: 500}, status: 500, body: "unavailable"},
		{rule: fault.Rule{Kind: fault.GatewayPage}, status: 502, body: "<html>"},
		{rule: fault.Rule{Kind: fault.Echo}, status: 500, body: "cannot forward"},
		{rule: fault.Rule{Kind: fault.GatewayPage, Status: 503}, status: 503, body: "<html>"},
		{rule: fault.Rule{Kind: fault.Lost}, done: 1, broken: true},
		{rule: fault.Rule{Kind: fault.Lost, DelayMillis: 5}, done: 1, broken: true},
		{rule: fault.Rule{Kind: fault.Reset}, broken: true},
		{rule: fault.Rule{Kind: fault.Slow, DelayMillis: 5}, status: 200, body: "done", done: 1},
	}
	for _, tt := range tests {
		t.Run(string(tt.rule.Kind), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			if err := h.schedule.Set(tt.rule); err != nil {
				t.Fatal(err)
			}
			status, body, err := h.post(t)
			if (err != nil) != tt.broken {
				t.Fatalf("error = %v, want broken %v", err, tt.broken)
			}
			if status != tt.status || !strings.Contains(body, tt.body) {
				t.Errorf("answer = %d %q, want %d %q", status, body, tt.status, tt.body)
			}
			if got := h.done.Load(); got != tt.done {
				t.Errorf("performed %d times, want %d", got, tt.done)
			}
			if got, want := h.slept.Load(), tt.rule.DelayMillis*int64(time.Millisecond); got != want {
				t.Errorf("slept %d, want %d", got, want)
			}
			if status, body, err = h.post(t); err != nil || status != 200 || body != "done" {
				t.Errorf("second answer = %d %q %v, want 200 done", status, body, err)
			}
		})
	}
}

func TestSilentNeverAnswers(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	if err := h.schedule.Set(fault.Rule{Kind: fault.Silent}); err != nil {
		t.Fatal(err)
	}
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url+"/x", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = res.Body.Close()
		}
		ended <- err
	}()
	for h.done.Load() == 0 {
		if err := fault.Sleep(t.Context(), time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case err := <-ended:
		t.Fatalf("answer before the client gave up: %v", err)
	default:
	}
	giveUp()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want the client's own", err)
	}
}

func TestSleepHonoursContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := fault.Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("Sleep on a cancelled context = %v", err)
	}
	if err := fault.Sleep(t.Context(), 0); err != nil {
		t.Errorf("Sleep(0) = %v", err)
	}
}
