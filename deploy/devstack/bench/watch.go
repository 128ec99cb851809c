package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"tenure/internal/sim/graph"
)

// watch notes what the simulated tenant was asked. It is safe for concurrent use.
type watch struct {
	mu      sync.Mutex
	created map[string]time.Time
	passes  int
	calls   []call
}

// call is one request of Graph, sign-ins apart.
type call struct {
	at     time.Time
	write  bool
	status int
}

func newWatch() *watch { return &watch{created: map[string]time.Time{}} }

func (w *watch) record(ex graph.Exchange) {
	if !strings.HasPrefix(ex.URL.Path, "/v1.0/") {
		return
	}
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, call{at: now, write: ex.Method != http.MethodGet, status: ex.Status})
	if ex.Method != http.MethodPost || ex.Status != http.StatusCreated {
		return
	}
	switch {
	case strings.HasSuffix(ex.URL.Path, "/users"):
		var account struct {
			EmployeeID string `json:"employeeId"`
		}
		if json.Unmarshal(ex.RequestBody, &account) == nil {
			w.created[account.EmployeeID] = now
		}
	case strings.HasSuffix(ex.URL.Path, "/temporaryAccessPassMethods"):
		w.passes++
	}
}

// createdAt is when somebody's account was made.
func (w *watch) createdAt(key string) (time.Time, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at, found := w.created[key]
	return at, found
}

// counts are the accounts and passes made and the requests so far.
func (w *watch) counts() (accounts, passes, requests int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.created), w.passes, len(w.calls)
}

// between are the calls in a stretch of time.
func (w *watch) between(from, to time.Time) []call {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []call
	for _, c := range w.calls {
		if !c.at.Before(from) && c.at.Before(to) {
			out = append(out, c)
		}
	}
	return out
}
