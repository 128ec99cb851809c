package ad

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// The operations by their words in the journal and in the rules of faults.
const (
	OpBind     = "bind"
	OpSearch   = "search"
	OpAdd      = "add"
	OpModify   = "modify"
	OpModifyDN = "modify-dn"
	OpDelete   = "delete"
	OpCompare  = "compare"
	OpExtended = "extended"
)

const trailLength = 20_000

// LogLine is one line of the journal: an operation without any value.
type LogLine struct {
	At   time.Time `json:"at"`
	Op   string    `json:"op"`
	Path string    `json:"path"`
	DN   string    `json:"dn,omitempty"`
	// Who is the logon name of the bound account.
	Who string `json:"who,omitempty"`
	// Attributes are the names in the filter, the add or the modify, in lower case and sorted.
	Attributes []string `json:"attributes,omitempty"`
	// Code is the result as performed; 0 also where nothing was.
	Code  int    `json:"code"`
	Fault string `json:"fault,omitempty"`
}

// trail is the journal: the newest lines and counts of all.
type trail struct {
	mu     sync.Mutex
	lines  []LogLine
	counts map[string]int
}

func newTrail() *trail { return &trail{counts: map[string]int{}} }

func (t *trail) add(line LogLine) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[line.Op]++
	t.lines = append(t.lines, line)
	if len(t.lines) > trailLength {
		t.lines = slices.Clone(t.lines[trailLength/10:])
	}
}

// Requests returns the newest lines of the journal, oldest first. A line is there before its answer is sent.
func (s *Server) Requests() []LogLine {
	s.trail.mu.Lock()
	defer s.trail.mu.Unlock()
	return slices.Clone(s.trail.lines)
}

// Counts returns how often each operation was asked for since the start or the last ResetRequests, those that met a
// fault included.
func (s *Server) Counts() map[string]int {
	s.trail.mu.Lock()
	defer s.trail.mu.Unlock()
	return maps.Clone(s.trail.counts)
}

// ResetRequests empties the journal and its counts.
func (s *Server) ResetRequests() {
	s.trail.mu.Lock()
	defer s.trail.mu.Unlock()
	s.trail.lines, s.trail.counts = nil, map[string]int{}
}
