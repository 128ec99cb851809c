package ad

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tenure/internal/sim/authority"
	"tenure/internal/sim/fault"
	"tenure/internal/sim/journal"
)

// Server is one simulated domain. It is safe for concurrent use.
type Server struct {
	opts   Options
	schema schema
	faults *fault.Schedule
	trail  *trail
	ca     *authority.Authority

	listening   sync.Mutex
	controllers []*Controller

	mu     sync.Mutex
	others []*Server // the other domains of the forest
	d      *domain
	offset time.Duration
	grants []grant
	swept  time.Time // when administrators were protected last
	// referenced is when the objects of other domains were looked at last.
	referenced time.Time
	keep       *journal.Journal[record]
}

// New opens the domain kept in Options.Dir, or makes a new one with what every domain has: the account Administrator, the
// built-in groups and the default containers.
func New(o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{
		opts: o, schema: newSchema(o.Exchange), faults: &fault.Schedule{}, trail: newTrail(),
		d: newDomain(o.Domain, o.NetBIOS),
	}
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("open domain simulator: %w", err)
	}
	return s, nil
}

// Start opens one more domain controller on addr (port 0 picks a free one). They all serve the same domain.
func (s *Server) Start(ctx context.Context, addr string) (*Controller, error) {
	c, err := s.listen(ctx, addr)
	if err != nil {
		return nil, fmt.Errorf("start domain controller: %w", err)
	}
	s.listening.Lock()
	defer s.listening.Unlock()
	s.controllers = append(s.controllers, c)
	return c, nil
}

// Close stops all domain controllers and closes the state files.
func (s *Server) Close() error {
	s.listening.Lock()
	list := s.controllers
	s.controllers = nil
	s.listening.Unlock()
	var err error
	for _, c := range list {
		err = errors.Join(err, c.Close())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keep != nil {
		err = errors.Join(err, s.keep.Close())
		s.keep = nil
	}
	return err
}

// CA returns the PEM of the authority that signs the certificates of the domain controllers; it is also the file ad-ca.pem
// in Options.Dir.
func (s *Server) CA() []byte { return s.ca.PEM() }

// Domain is the DNS name of the domain.
func (s *Server) Domain() string { return s.opts.Domain }

// BaseDN is the distinguished name of the domain.
func (s *Server) BaseDN() string { return s.d.base.String() }

// Administrator is a name that the account Administrator binds by.
func (s *Server) Administrator() string { return administratorName + "@" + s.opts.Domain }

// Faults is the server's fault schedule. Use SetFaults to give it rules.
func (s *Server) Faults() *fault.Schedule { return s.faults }

// Advance moves the clock of the domain by d.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	s.offset += d
	s.d.settings = true
	s.sweep()
	s.commitQuietly()
	s.mu.Unlock()
	s.updateReferences()
}

// Now is the instant on the clock of the domain.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

func (s *Server) now() time.Time { return s.opts.Now().Add(s.offset).UTC() }

// stamp gives a changed object its number and its instant and keeps it.
func (s *Server) stamp(e *entry) {
	s.d.usn++
	e.USNChanged, e.Changed = s.d.usn, s.now()
	if e.USNCreated == 0 {
		e.USNCreated, e.Created = e.USNChanged, e.Changed
	}
	s.d.put(e)
}
