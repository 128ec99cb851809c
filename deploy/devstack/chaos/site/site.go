package site

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"tenure/deploy/devstack/stack"
	"tenure/internal/sim/graph"
	"tenure/internal/store"
)

// The objects of the tenant that the policy names.
const (
	AllStaff    = "3f0c1a52-7f0b-4c57-9d55-1f3f6f6b0001"
	Sales       = "91aa6d0e-52c1-4a0e-8a55-1f3f6f6b0002"
	Engineering = "5b7d2b7c-9c1e-4b43-a3c1-1f3f6f6b0003"
	LicenceE3   = "6fd2c87f-b296-42f0-b197-1e91e994b900"
)

const (
	free = "127.0.0.1:0"
	// seats are enough for every crowd.
	seats = 100_000
)

// Site is a running stack and the hands on it. It is safe for concurrent use.
type Site struct {
	*stack.Stack

	api       string
	store     *store.Store
	tables    *sql.DB
	clocks    *clocks
	snapshots snapshots
}

// Start starts a stack in a folder with the chaos policy and the manager of
// everybody. Without a change worker, starter and Temporal run in this process;
// whoever changes that to run them outside calls [Site.Open] once they run.
func Start(ctx context.Context, dir string, changes ...func(*stack.Options)) (_ *Site, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("start site: %w", err)
	}
	text, err := Policy(time.Now())
	if err != nil {
		return nil, fmt.Errorf("start site: %w", err)
	}
	opts := stack.Options{
		Dir: dir, APIAddr: free, TemporalAddr: free, GraphAddr: free, MailAddr: free,
		Policy: filepath.Join(dir, "given.yaml"), Sample: true, Worker: true, Starter: true,
	}
	if err := os.WriteFile(opts.Policy, text, 0o600); err != nil {
		return nil, fmt.Errorf("start site: %w", err)
	}
	for _, change := range changes {
		change(&opts)
	}
	running, err := stack.Start(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("start site: %w", err)
	}
	s := &Site{Stack: running}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := s.Graph().Arrange(graph.Arrangement{Seats: map[string]int{LicenceE3: seats}}); err != nil {
		return nil, fmt.Errorf("start site: %w", err)
	}
	if opts.Starter {
		return s, s.Open(ctx, running.Addresses().API)
	}
	return s, nil
}

// Open begins to speak to the starter at an address, and makes the manager of
// everybody known.
func (s *Site) Open(ctx context.Context, api string) error {
	s.api = api
	db, err := store.Open(ctx, s.StoreURL())
	if err != nil {
		return fmt.Errorf("open site: %w", err)
	}
	s.store = db
	if s.tables, err = openTables(s.StoreURL()); err != nil {
		return fmt.Errorf("open site: %w", err)
	}
	if s.clocks, err = openClocks(s.Addresses().Temporal); err != nil {
		return fmt.Errorf("open site: %w", err)
	}
	return s.hireChief(ctx)
}

// Use speaks to another starter from here on.
func (s *Site) Use(api string) { s.api = api }

// Store is the product's, for reading.
func (s *Site) Store() *store.Store { return s.store }

// Close stops everything.
func (s *Site) Close() error {
	var err error
	if s.clocks != nil {
		s.clocks.temporal.Close()
	}
	if s.tables != nil {
		err = s.tables.Close()
	}
	if s.store != nil {
		err = errors.Join(err, s.store.Close())
	}
	return errors.Join(err, s.Stack.Close())
}
