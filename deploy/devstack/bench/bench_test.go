package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tenure/internal/catalog"
	"tenure/internal/lifecycle"
	"tenure/internal/sim/graph"
)

// whole is a joiner who has everything.
func whole() graph.UserState {
	return graph.UserState{
		Manager: "boss-id", Props: map[string]any{"accountEnabled": true},
		Groups: []string{"a", "b"}, Licences: make([]graph.LicenceState, 1), Passes: make([]graph.PassState, 1),
	}
}

// TestCheckJoiner shows that the check finds what is lost and what is doubled.
func TestCheckJoiner(t *testing.T) {
	t.Parallel()
	if problem := checkJoiner([]graph.UserState{whole()}, "boss-id"); problem != "" {
		t.Errorf("a whole joiner: %s", problem)
	}
	if checkJoiner([]graph.UserState{whole(), whole()}, "boss-id") == "" {
		t.Error("two accounts of one person were not found")
	}
	for name, spoil := range map[string]func(*graph.UserState){
		"not enabled":    func(u *graph.UserState) { u.Props["accountEnabled"] = false },
		"no manager":     func(u *graph.UserState) { u.Manager = "" },
		"a group short":  func(u *graph.UserState) { u.Groups = u.Groups[:1] },
		"no licence":     func(u *graph.UserState) { u.Licences = nil },
		"a second pass":  func(u *graph.UserState) { u.Passes = make([]graph.PassState, 2) },
		"without a pass": func(u *graph.UserState) { u.Passes = nil },
	} {
		user := whole()
		spoil(&user)
		if checkJoiner([]graph.UserState{user}, "boss-id") == "" {
			t.Errorf("%s: was not found", name)
		}
	}
}

func TestPolicyLoads(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 9, 31, 0, 0, time.UTC)
	for wakes, at := range map[bool]time.Time{false: {}, true: now.Add(time.Minute)} {
		text := policyAt(now, at)
		if _, err := catalog.Load(lifecycle.Source{Name: "policy.yaml", Content: []byte(text)}); err != nil {
			t.Errorf("with wakes %t: %v", wakes, err)
		}
		if got := strings.Contains(text, `"09:32"`); got != wakes {
			t.Errorf("with wakes %t: a line at 09:32 is there: %t", wakes, got)
		}
	}
}

func TestWokenAt(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, 11, 22, 9, 32, 0, 0, time.UTC)
	event := func(kind enumspb.EventType, after time.Duration) *historypb.HistoryEvent {
		return &historypb.HistoryEvent{EventType: kind, EventTime: timestamppb.New(due.Add(after))}
	}
	timer, plan := wokenAt([]*historypb.History{{Events: []*historypb.HistoryEvent{
		event(enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, -time.Minute),
		event(enumspb.EVENT_TYPE_TIMER_FIRED, 2*time.Second),
		event(enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, 5*time.Second),
	}}}, due)
	if timer.Sub(due) != 2*time.Second || plan.Sub(due) != 5*time.Second {
		t.Errorf("fired after %s, planned after %s; want 2s and 5s", timer.Sub(due), plan.Sub(due))
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	var values []float64
	for i := range 100 {
		values = append(values, float64(99-i))
	}
	if got := percentile(values, 50); got != 50 {
		t.Errorf("p50 of 0 to 99 = %v, want 50", got)
	}
	if got := percentile(values, 99); got != 99 {
		t.Errorf("p99 of 0 to 99 = %v, want 99", got)
	}
	if got := percentile(nil, 50); got != 0 {
		t.Errorf("p50 of nothing = %v, want 0", got)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(newReport(map[string]figures{
		embedded: {"joiners_per_s": 20}, postgresql: {"joiners_per_s": 10},
	}))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		PerS       float64 `json:"joiners_per_s"`
		PostgreSQL figures `json:"postgresql"`
		Machine    machine `json:"machine"`
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.PerS != 20 || got.PostgreSQL["joiners_per_s"] != 10 || got.Machine.Cores == 0 {
		t.Errorf("bench.json = %s", text)
	}
}
