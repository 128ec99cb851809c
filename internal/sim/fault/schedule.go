package fault

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

// Kind is what happens to a request that a rule hits.
type Kind string

// The kinds of fault.
const (
	// Throttled answers 429 with a Retry-After header.
	Throttled Kind = "throttled"
	// ThrottledBare answers 429 without a Retry-After header.
	ThrottledBare Kind = "throttled-bare"
	// Unavailable answers Status (500, 502, 503 or 504; default 503) in the vendor's own error shape.
	Unavailable Kind = "unavailable"
	// GatewayPage answers Status (default 502) with an HTML page, as a proxy before the service does.
	GatewayPage Kind = "gateway-page"
	// Conflict answers the vendor's error for concurrent writes.
	Conflict Kind = "conflict"
	// NotFound answers the vendor's error for an unknown object, as an object that has not replicated yet does.
	NotFound Kind = "not-found"
	// Lost performs the request and then drops the connection without an answer.
	Lost Kind = "lost"
	// Reset drops the connection before anything is performed.
	Reset Kind = "reset"
	// Slow waits for Delay and then performs the request.
	Slow Kind = "slow"
	// Unlisted answers a list as if nothing were in it, as an index that has not heard of a new object does.
	Unlisted Kind = "unlisted"
	// Taken lets somebody else take the name that the request asks for, and then performs the request.
	Taken Kind = "taken"
	// Exhausted answers that nothing is left of what is asked for, such as seats of a licence.
	Exhausted Kind = "exhausted"
	// Echo answers Status (default 500) with an error that repeats the whole request, credentials included, as a careless
	// gateway does.
	Echo Kind = "echo"
	// Silent performs the request and never answers, while the connection stays open: only the client's own limit ends
	// the wait.
	Silent Kind = "silent"
)

// Kinds lists all of them.
func Kinds() []Kind {
	return []Kind{Throttled, ThrottledBare, Unavailable, GatewayPage, Conflict, NotFound, Lost, Reset, Slow, Unlisted, Taken, Exhausted, Echo, Silent}
}

// Forever is the Times of a rule that never wears out.
const Forever = -1

const (
	lowestServerError  = http.StatusInternalServerError
	highestServerError = 599
)

// Rule says which requests meet a fault. The zero Method matches every method. Path is matched segment by segment
// without regard to case: `*` stands for one segment, `**` for any number of them. The empty Path matches every path.
type Rule struct {
	// ID names the rule for Remove and Standing; it may be empty.
	ID     string `json:"id,omitempty"`
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
	// About keeps the rule to requests about one subject, such as a person's employee number; the simulator knows about
	// whom a request is. The empty About matches every request.
	About string `json:"about,omitempty"`
	// Skip lets that many matching requests pass first: Skip 2 hits the third.
	Skip int `json:"skip,omitempty"`
	// Times is how many requests are hit; 0 means one, Forever means all.
	Times int  `json:"times,omitempty"`
	Kind  Kind `json:"kind"`
	// Status is the status of Unavailable and GatewayPage; 0 means the kind's default.
	Status int `json:"status,omitempty"`
	// RetryAfter is the header of Throttled in whole seconds; 0 means one second.
	RetryAfter int `json:"retryAfter,omitempty"`
	// DelayMillis is how long Slow waits before the request is performed, and Lost after it.
	DelayMillis int64 `json:"delayMillis,omitempty"`
}

// Validate reports a rule that could never do what it says.
func (r Rule) Validate() error {
	if !slices.Contains(Kinds(), r.Kind) {
		return fmt.Errorf("read fault rule: unknown kind %q", r.Kind)
	}
	if r.Skip < 0 || r.Times < Forever || r.RetryAfter < 0 || r.DelayMillis < 0 {
		return errors.New("read fault rule: negative number")
	}
	if r.Status != 0 && (r.Status < lowestServerError || r.Status > highestServerError) {
		return fmt.Errorf("read fault rule: status %d is not a server error", r.Status)
	}
	if _, err := path.Match(r.Path, ""); err != nil {
		return fmt.Errorf("read fault rule: path %q: %w", r.Path, err)
	}
	return nil
}

func (r Rule) matches(q Request) bool {
	if r.Method != "" && !strings.EqualFold(r.Method, q.Method) {
		return false
	}
	if r.Path != "" && !matchSegments(segments(r.Path), segments(q.Path)) {
		return false
	}
	return r.About == "" || q.About != nil && q.About(r.About)
}

// Request is what rules look at.
type Request struct {
	Method, Path string
	// About reports whether the request is about a subject; nil means that the simulator cannot say so.
	About func(subject string) bool
}

func segments(p string) []string {
	return strings.Split(strings.Trim(strings.ToLower(p), "/"), "/")
}

func matchSegments(pattern, got []string) bool {
	for i, want := range pattern {
		if want == "**" {
			rest := pattern[i+1:]
			for skip := 0; skip <= len(got)-i; skip++ {
				if matchSegments(rest, got[i+skip:]) {
					return true
				}
			}
			return false
		}
		if i >= len(got) {
			return false
		}
		if ok, err := path.Match(want, got[i]); err != nil || !ok {
			return false
		}
	}
	return len(pattern) == len(got)
}

type entry struct {
	rule Rule
	seen int
	hits int
}

func (e *entry) spent() bool {
	return e.rule.Times != Forever && e.hits >= max(e.rule.Times, 1)
}

func (e *entry) standing() Standing { return Standing{Rule: e.rule, Hits: e.hits, Spent: e.spent()} }

// Schedule is a list of rules with their counters. The zero value has no rules. It is safe for concurrent use.
type Schedule struct {
	mu      sync.Mutex
	entries []*entry
}

// Set replaces all rules and counters. Nothing changes when one rule is invalid.
func (s *Schedule) Set(rules ...Rule) error {
	return s.put(true, rules)
}

// Add appends rules behind those that are there. Nothing changes when one rule is invalid.
func (s *Schedule) Add(rules ...Rule) error {
	return s.put(false, rules)
}

func (s *Schedule) put(replace bool, rules []Rule) error {
	var problems []error
	for _, r := range rules {
		problems = append(problems, r.Validate())
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if replace {
		s.entries = nil
	}
	for _, r := range rules {
		s.entries = append(s.entries, &entry{rule: r})
	}
	return nil
}

// Remove takes the rules with the ID out of the schedule and returns what they have done.
func (s *Schedule) Remove(id string) []Standing {
	s.mu.Lock()
	defer s.mu.Unlock()
	var gone []Standing
	s.entries = slices.DeleteFunc(s.entries, func(e *entry) bool {
		if e.rule.ID == id {
			gone = append(gone, e.standing())
		}
		return e.rule.ID == id
	})
	return gone
}

// Standing is a rule with what it has done so far.
type Standing struct {
	Rule
	Hits  int  `json:"hits"`
	Spent bool `json:"spent"`
}

// Standing lists the rules in order with their counters.
func (s *Schedule) Standing() []Standing {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Standing, 0, len(s.entries))
	for _, e := range s.entries {
		out = append(out, e.standing())
	}
	return out
}

// Next returns the rule that hits this request, if any, and counts it. With kinds given, rules of other kinds are
// passed over and not counted.
func (s *Schedule) Next(q Request, kinds ...Kind) (Rule, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		if e.spent() || !e.rule.matches(q) {
			continue
		}
		if len(kinds) > 0 && !slices.Contains(kinds, e.rule.Kind) {
			continue
		}
		e.seen++
		if e.seen > e.rule.Skip {
			e.hits++
			return e.rule, true
		}
	}
	return Rule{}, false
}
