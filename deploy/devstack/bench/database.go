package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	_ "modernc.org/sqlite"             // the driver sqlite

	"tenure/deploy/devstack/engine"
	"tenure/deploy/devstack/stack"
)

// measureDatabase parks people hired for later on stacks that are stopped before
// and after: what grew is what a sleeping journey takes.
func measureDatabase(ctx context.Context, s settings) (_ figures, err error) {
	r, err := raise(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = r.lower(err) }()
	day := time.Now().UTC().AddDate(0, 0, aheadDays)
	if _, err := r.parkAll(ctx, hires("rehearsal", rehearsed, day, "Sales"), rehearsed); err != nil {
		return nil, err
	}
	before, err := r.sizes(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := r.again(ctx); err != nil {
		return nil, err
	}
	if _, err := r.parkAll(ctx, hires("database", few, day, "Sales"), rehearsed+few); err != nil {
		return nil, err
	}
	after, err := r.sizes(ctx, s)
	if err != nil {
		return nil, err
	}
	out := figures{}
	for part := range after {
		out["db_bytes_per_parked_journey_in_"+part] = (after[part] - before[part]) / few
		out["db_bytes_per_parked_journey"] += (after[part] - before[part]) / few
	}
	return out, nil
}

// again starts the stack on its folder once more.
func (r *rig) again(ctx context.Context) error {
	r.temporal.Close()
	r.temporal = nil
	running, err := stack.Start(ctx, r.opts)
	if err != nil {
		return err
	}
	r.Stack = running
	r.temporal, err = r.dial(ctx)
	return err
}

// sizes stops the stack and returns the bytes of its databases that are in use.
func (r *rig) sizes(ctx context.Context, s settings) (map[string]float64, error) {
	if err := r.Close(); err != nil {
		return nil, err
	}
	databases := map[string]string{"temporal": filepath.Join(r.dir, "temporal", "temporal.db"), "store": filepath.Join(r.dir, "tenure.db")}
	size, driver := sizeSQLite, "sqlite"
	if s.engine != "" {
		visibility, err := engine.VisibilityURL(s.engine)
		if err != nil {
			return nil, err
		}
		databases = map[string]string{"temporal": s.engine, "visibility": visibility, "store": s.store}
		size, driver = sizePostgres, "pgx"
	}
	out := map[string]float64{}
	for part, source := range databases {
		db, err := sql.Open(driver, source)
		if err != nil {
			return nil, fmt.Errorf("open %s database: %w", part, err)
		}
		bytes, err := size(ctx, db)
		if err := errors.Join(err, db.Close()); err != nil {
			return nil, fmt.Errorf("read size of %s database: %w", part, err)
		}
		out[part] = bytes
	}
	return out, nil
}

// sizeSQLite leaves out pages that wait to be used again.
func sizeSQLite(ctx context.Context, db *sql.DB) (float64, error) {
	var size, pages, empty float64
	for pragma, into := range map[string]*float64{"page_size": &size, "page_count": &pages, "freelist_count": &empty} {
		if err := db.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(into); err != nil {
			return 0, err
		}
	}
	return size * (pages - empty), nil
}

// sizePostgres takes the dead rows away first.
func sizePostgres(ctx context.Context, db *sql.DB) (float64, error) {
	if _, err := db.ExecContext(ctx, "VACUUM FULL"); err != nil {
		return 0, err
	}
	var size float64
	err := db.QueryRowContext(ctx, "SELECT pg_database_size(current_database())").Scan(&size)
	return size, err
}
