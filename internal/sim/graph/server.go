package graph

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"tenure/internal/sim/fault"
	"tenure/internal/sim/journal"
)

const (
	maxBody     = 4 << 20
	apiRoot     = "/v1.0"
	apiAll      = apiRoot + "/**"
	pageDefault = 100
	pageMax     = 999
)

// Server is one simulated tenant. It is an http.Handler and safe for concurrent use.
type Server struct {
	opts   Options
	log    *slog.Logger
	faults *fault.Schedule
	chain  http.Handler
	routes []route
	users  *catalog
	groups *catalog
	roles  *catalog

	applications, assignments, eligibilities, principals, workflows *catalog

	apps   map[string]*App
	trail  *trail
	listen listener

	mu       sync.Mutex
	t        *tenant
	keep     *journal.Journal[entry] // nil without Options.Dir
	dirty    change
	throttle *throttle
	settleAt time.Time // when group licences have to be looked at again
}

// New opens the tenant kept in Options.Dir, or makes a new one.
func New(o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.PageSize == 0 {
		o.PageSize = pageDefault
	}
	if o.TokenLife == 0 {
		o.TokenLife = tokenLife
	}
	s := &Server{
		opts: o, log: o.Log, faults: &fault.Schedule{}, users: userCatalog(), groups: groupCatalog(), roles: roleCatalog(),
		applications: applicationCatalog(), assignments: grantCatalog(), eligibilities: eligibilityCatalog(),
		principals: principalCatalog(), workflows: workflowCatalog(),
		apps: map[string]*App{}, trail: newTrail(), throttle: newThrottle(o.ThrottleScale),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	for i := range o.Apps {
		s.apps[strings.ToLower(o.Apps[i].ID)] = &o.Apps[i]
	}
	s.routes = routes()
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("open graph simulator: %w", err)
	}
	s.chain = fault.Handler{
		Schedule: s.faults, Next: http.HandlerFunc(s.serve), Error: s.faultAnswer, Sleep: o.Sleep,
		Hit: func(r *http.Request, rule fault.Rule) { exchangeOf(r).Fault = string(rule.Kind) },
		About: func(r *http.Request) func(string) bool {
			about := s.about(newRequest(r, exchangeOf(r).RequestBody))
			exchangeOf(r).About = about
			return about.is
		},
	}
	return s, nil
}

// open loads or makes the state.
func (s *Server) open() error {
	s.t = newTenant()
	if s.opts.Dir != "" {
		keep, t, err := openJournal(s.opts.Dir)
		if err != nil {
			return err
		}
		s.keep, s.t = keep, t
	}
	if s.t.TokenKey == "" {
		s.t.Seq = 1 // zero means the first round of delta
		s.t.TokenKey = randomHex(32)
		s.t.TenantID = newGUID()
		s.t.Policy = policy{State: "enabled", Min: 60, Max: 480, Default: 60, Length: 8}
	}
	if s.opts.TenantID != "" {
		s.t.TenantID = s.opts.TenantID
	}
	if len(s.t.Domains) == 0 {
		s.t.Domains = []string{"contoso.example"}
	}
	for _, u := range s.t.users {
		s.t.index(u)
	}
	s.dirty.settings = true
	return s.commit()
}

// Close stops listening and closes the state files.
func (s *Server) Close() error {
	err := s.listen.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keep != nil {
		err = errors.Join(err, s.keep.Close())
		s.keep = nil
	}
	return err
}

// TenantID returns the tenant's GUID.
func (s *Server) TenantID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.t.TenantID
}

// Faults is the server's fault schedule. Use SetFaults to give it rules.
func (s *Server) Faults() *fault.Schedule { return s.faults }

// SetFaults replaces the fault schedule. A rule without a path means every request below /v1.0. Rules of the kinds
// that are plain answers also hit single items of a $batch, by the item's own method and path.
func (s *Server) SetFaults(rules ...fault.Rule) error {
	for i := range rules {
		if rules[i].Path == "" {
			rules[i].Path = apiAll
		}
	}
	return s.faults.Set(rules...)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, adminRoot) {
		s.admin(w, r)
		return
	}
	ex := &Exchange{At: s.opts.Now(), Method: r.Method, URL: r.URL, RequestHeader: r.Header.Clone()}
	body, err := readBody(w, r)
	if err != nil {
		http.Error(w, "cannot read the request's body", http.StatusBadRequest)
		return
	}
	ex.RequestBody = body
	r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, ex))
	r.Body = io.NopCloser(bytes.NewReader(body))
	defer s.note(ex) // what was never answered: dropped connections and gateway pages
	s.chain.ServeHTTP(w, r)
}

// readBody reads the body and inflates it when the SDK's default pipeline has compressed it.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	var src io.Reader = http.MaxBytesReader(w, r.Body, maxBody)
	if strings.EqualFold(r.Header.Get("Content-Encoding"), "gzip") {
		zr, err := gzip.NewReader(src)
		if err != nil {
			return nil, fmt.Errorf("inflate body: %w", err)
		}
		defer func() { _ = zr.Close() }()
		src = io.LimitReader(zr, maxBody)
	}
	body, err := io.ReadAll(src)
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	return body, nil
}

// serve answers a request that met no fault.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != apiRoot && !strings.HasPrefix(r.URL.Path, apiRoot+"/") {
		s.authority(w, r)
		return
	}
	q := newRequest(r, exchangeOf(r).RequestBody)
	s.write(w, r, q, s.answer(q))
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b)
}

func newGUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return formatGUID(b)
}

func formatGUID(b []byte) string {
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
