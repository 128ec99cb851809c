package store_test

import (
	"context"
	"database/sql/driver"
	"sync/atomic"
	"testing"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

// counted counts connections.
type counted struct {
	driver.Connector

	made *atomic.Int64
}

func (c counted) Connect(ctx context.Context) (driver.Conn, error) {
	c.made.Add(1)
	return c.Connector.Connect(ctx)
}

func TestWrapSeesConnections(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		var made atomic.Int64
		s, err := store.Open(t.Context(), db.URL, nil, func(c driver.Connector) driver.Connector { return counted{c, &made} })
		if err != nil {
			t.Fatalf("open store: %v", err)
		}
		defer func() { _ = s.Close() }()
		if err := s.Ping(t.Context()); err != nil || made.Load() == 0 {
			t.Errorf("%d connections went through the wrap, error %v", made.Load(), err)
		}
	})
}
