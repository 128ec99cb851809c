package extension

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"tenure/internal/sim/fault"
)

// CallsPath lists the calls as JSON.
const CallsPath = "/_sim/calls"

const maxBody = 1 << 20

// Call is one call that was accepted.
type Call struct {
	ID   string          `json:"id"`
	At   time.Time       `json:"at"`
	Path string          `json:"path"`
	Body json.RawMessage `json:"body"`
	// Repeats counts further calls with this ID.
	Repeats int `json:"repeats,omitempty"`
}

// Options configure a Server.
type Options struct {
	// Dir keeps the calls.
	Dir string
	// Secret verifies them: a Standard Webhooks secret.
	Secret string
	Now    func() time.Time
}

// Server is an http.Handler. It is safe for concurrent use.
type Server struct {
	opts     Options
	verifier *standardwebhooks.Webhook
	faults   *fault.Schedule
	server   *http.Server
	addr     string

	mu    sync.Mutex
	calls []Call
}

// New returns a server with the calls of its folder.
func New(opts Options) (*Server, error) {
	verifier, err := standardwebhooks.NewWebhook(opts.Secret)
	if err != nil {
		return nil, errors.New("make extension simulator: the secret is not a Standard Webhooks secret")
	}
	s := &Server{opts: opts, verifier: verifier, faults: &fault.Schedule{}}
	content, err := os.ReadFile(s.file())
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &s.calls)
	}
	if err != nil {
		return nil, fmt.Errorf("read calls: %w", err)
	}
	return s, nil
}

// Start listens on an address; port 0 takes a free one.
func (s *Server) Start(ctx context.Context, addr string) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("start extension simulator: %w", err)
	}
	s.addr = listener.Addr().String()
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }()
	return nil
}

// Addr is where it listens.
func (s *Server) Addr() string { return s.addr }

// Close stops listening.
func (s *Server) Close(ctx context.Context) error {
	if s.server == nil {
		return nil
	}
	return s.server.Shutdown(ctx)
}

// Faults is the server's fault schedule. A rule about somebody meets the calls whose subject has that key.
func (s *Server) Faults() *fault.Schedule { return s.faults }

// Calls returns what was accepted, oldest first.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// ServeHTTP lists the calls, or accepts one.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodGet && r.URL.Path == CallsPath:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.Calls())
	case r.Method != http.MethodPost:
		http.Error(w, "want POST", http.StatusMethodNotAllowed)
	default:
		s.meet(w, r)
	}
}

// meet reads the body before the fault schedule: who is called about stands in it.
func (s *Server) meet(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "body too large", http.StatusRequestEntityTooLarge)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	fault.Handler{
		Schedule: s.faults, Next: http.HandlerFunc(s.accept), Error: refuse,
		About: func(*http.Request) func(string) bool { return func(key string) bool { return keyOf(body) == key } },
	}.ServeHTTP(w, r)
}

// keyOf is the key of the person whom a call is about: the subject of a task, or
// the person whose account HR is told of.
func keyOf(body []byte) string {
	var in struct {
		Data struct {
			Key     string `json:"key"`
			Subject struct {
				Key string `json:"key"`
			} `json:"subject"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &in) != nil {
		return ""
	}
	return cmp.Or(in.Data.Subject.Key, in.Data.Key)
}

// refuse answers for a fault as any web service does.
func refuse(w http.ResponseWriter, _ *http.Request, rule fault.Rule) {
	status := map[fault.Kind]int{
		fault.Throttled: http.StatusTooManyRequests, fault.ThrottledBare: http.StatusTooManyRequests,
		fault.Conflict: http.StatusConflict, fault.NotFound: http.StatusNotFound,
	}[rule.Kind]
	if rule.Kind == fault.Throttled {
		w.Header().Set("Retry-After", strconv.Itoa(max(rule.RetryAfter, 1)))
	}
	if status == 0 {
		status = rule.StatusOr(http.StatusServiceUnavailable)
	}
	http.Error(w, http.StatusText(status), status)
}

func (s *Server) accept(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "body not read", http.StatusBadRequest)
		return
	}
	if err := s.verifier.Verify(body, r.Header); err != nil {
		http.Error(w, "signature does not verify", http.StatusUnauthorized)
		return
	}
	if !json.Valid(body) {
		http.Error(w, "want JSON", http.StatusBadRequest)
		return
	}
	call := Call{ID: r.Header.Get(standardwebhooks.HeaderWebhookID), At: s.opts.Now(), Path: r.URL.Path, Body: body}
	if err := s.keep(call); err != nil {
		http.Error(w, "not kept", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// keep writes the calls as one file that is whole at any time.
func (s *Server) keep(call Call) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.calls, func(c Call) bool { return c.ID == call.ID }); i >= 0 {
		s.calls[i].Repeats++
	} else {
		s.calls = append(s.calls, call)
	}
	content, err := json.Marshal(s.calls)
	if err != nil {
		return fmt.Errorf("keep call: %w", err)
	}
	draft := s.file() + ".new"
	if err := os.WriteFile(draft, content, 0o600); err != nil {
		return fmt.Errorf("keep call: %w", err)
	}
	return os.Rename(draft, s.file())
}

func (s *Server) file() string { return filepath.Join(s.opts.Dir, "extension-calls.json") }
