package graph

import (
	"maps"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const trailLength = 20_000

// Exchange is one finished request with its answer. The bodies are as the service sees them: inflated.
type Exchange struct {
	At             time.Time
	Method         string
	URL            *url.URL
	Route          string // the pattern that matched, such as /users/{id}/manager/$ref; empty when none did
	App            string // the client ID of the caller
	RequestHeader  http.Header
	RequestBody    []byte
	Status         int // the status as performed; 0 when nothing was performed or answered
	ResponseHeader http.Header
	ResponseBody   []byte
	Fault          string   // the kind of the fault that hit, if any
	About          []string // the employee numbers of the people whom it is about
	Batch          bool     // an item of a $batch, which is also recorded as a whole

	noted bool
}

type exchangeKey struct{}

func exchangeOf(r *http.Request) *Exchange {
	if ex, ok := r.Context().Value(exchangeKey{}).(*Exchange); ok {
		return ex
	}
	return &Exchange{}
}

// note puts an exchange into the log and hands it to the recorder, once. It is called before the answer is written, so
// that whoever has seen the answer finds the exchange.
func (s *Server) note(ex *Exchange) {
	if ex.noted {
		return
	}
	ex.noted = true
	s.trail.add(*ex)
	if s.opts.Record != nil {
		s.opts.Record(*ex)
	}
}

// LogLine is one line of the request log.
type LogLine struct {
	At     time.Time `json:"at"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Route  string    `json:"route,omitempty"`
	App    string    `json:"app,omitempty"`
	Status int       `json:"status"`
	Fault  string    `json:"fault,omitempty"`
	// About are the employee numbers of the people whom the request is about.
	About []string `json:"about,omitempty"`
	Batch bool     `json:"batch,omitempty"`
}

// trail is the request log: the newest lines and counts of all.
type trail struct {
	mu     sync.Mutex
	lines  []LogLine
	counts map[string]int
}

func newTrail() *trail { return &trail{counts: map[string]int{}} }

func (t *trail) add(ex Exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	route := ex.Route
	if route == "" {
		route = ex.URL.Path
	}
	if !ex.Batch {
		t.counts[ex.Method+" "+route]++
	}
	t.lines = append(t.lines, LogLine{
		At: ex.At, Method: ex.Method, Path: ex.URL.RequestURI(), Route: ex.Route, App: ex.App,
		Status: ex.Status, Fault: ex.Fault, About: ex.About, Batch: ex.Batch,
	})
	if len(t.lines) > trailLength {
		t.lines = append([]LogLine(nil), t.lines[trailLength/10:]...)
	}
}

// Requests returns the newest lines of the request log, oldest first.
func (s *Server) Requests() []LogLine {
	s.trail.mu.Lock()
	defer s.trail.mu.Unlock()
	return append([]LogLine(nil), s.trail.lines...)
}

// Counts returns how many requests met each "METHOD route" since the start or the last ResetRequests. Items of a
// $batch do not count; requests hit by a fault do, under their path when nothing was routed.
func (s *Server) Counts() map[string]int {
	s.trail.mu.Lock()
	defer s.trail.mu.Unlock()
	return maps.Clone(s.trail.counts)
}

// ResetRequests empties the request log and its counts.
func (s *Server) ResetRequests() {
	s.trail.mu.Lock()
	defer s.trail.mu.Unlock()
	s.trail.lines, s.trail.counts = nil, map[string]int{}
}
