package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	_ "modernc.org/sqlite"             // the driver sqlite

	"tenure/deploy/devstack/engine"
	"tenure/deploy/devstack/stack"
)

// space is what a database takes: its rows, and everything.
type space struct{ rows, all float64 }

// partStore is the database that is Tenure's own; the others are Temporal's.
const partStore = "store"

// measureDatabase parks people hired for later on stacks that are stopped before
// and after: what grew is what a sleeping journey takes. The figure with a goal is
// that of Temporal's rows; its indexes are the same for every workflow.
func measureDatabase(ctx context.Context, s settings) (_ figures, err error) {
	r, err := raise(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = r.lower(err) }()
	day := time.Now().UTC().AddDate(0, 0, aheadDays)
	if _, err := r.parkAll(ctx, hires("rehearsal", rehearsed, day), rehearsed); err != nil {
		return nil, err
	}
	before, err := r.sizes(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := r.again(ctx); err != nil {
		return nil, err
	}
	if _, err := r.parkAll(ctx, hires("database", few, day), rehearsed+few); err != nil {
		return nil, err
	}
	after, err := r.sizes(ctx, s)
	if err != nil {
		return nil, err
	}
	out := figures{}
	for part, now := range after {
		was := before[part]
		rows, all := (now.rows-was.rows)/few, (now.all-was.all)/few
		out["db_bytes_per_parked_journey_"+part] = rows
		out["db_bytes_per_parked_journey_"+part+"_with_indexes"] = all
		if part != partStore {
			out["db_bytes_per_parked_journey"] += rows
		}
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
func (r *rig) sizes(ctx context.Context, s settings) (map[string]space, error) {
	if err := r.Close(); err != nil {
		return nil, err
	}
	databases := map[string]string{}
	size, driver := sizeSQLite, "sqlite"
	if s.engine == "" {
		for part, path := range map[string]string{"temporal": filepath.Join("temporal", "temporal.db"), partStore: "tenure.db"} {
			copied, err := r.copyOf(part, path)
			if err != nil {
				return nil, err
			}
			databases[part] = copied
		}
	} else {
		visibility, err := engine.VisibilityURL(s.engine)
		if err != nil {
			return nil, err
		}
		databases = map[string]string{"temporal": s.engine, "visibility": visibility, partStore: s.store}
		size, driver = sizePostgres, "pgx"
	}
	out := map[string]space{}
	for part, source := range databases {
		db, err := sql.Open(driver, source)
		if err != nil {
			return nil, fmt.Errorf("open %s database: %w", part, err)
		}
		taken, err := size(ctx, db)
		if err := errors.Join(err, db.Close()); err != nil {
			return nil, fmt.Errorf("read size of %s database: %w", part, err)
		}
		out[part] = taken
	}
	return out, nil
}

// copyOf copies a database with what is still in its log: the server's file stays
// locked for as long as the process lives.
func (r *rig) copyOf(part, path string) (string, error) {
	into := filepath.Join(r.dir, "copy-"+part+".db")
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(filepath.Join(r.dir, path) + suffix)
		if errors.Is(err, fs.ErrNotExist) && suffix != "" {
			content, err = nil, nil
		}
		if err == nil {
			err = os.WriteFile(into+suffix, content, 0o600) //nolint:gosec // a folder of our own
		}
		if err != nil {
			return "", fmt.Errorf("copy database: %w", err)
		}
	}
	return into, nil
}

// sizeSQLite leaves out pages that wait to be used again.
func sizeSQLite(ctx context.Context, db *sql.DB) (space, error) {
	var out space
	err := db.QueryRowContext(ctx, `SELECT SUM(pgsize), SUM(CASE WHEN name IN (SELECT name FROM sqlite_schema WHERE type = 'table')
		THEN pgsize ELSE 0 END) FROM dbstat`).Scan(&out.all, &out.rows)
	return out, err
}

// sizePostgres takes the dead rows away first.
func sizePostgres(ctx context.Context, db *sql.DB) (space, error) {
	if _, err := db.ExecContext(ctx, "VACUUM FULL"); err != nil {
		return space{}, err
	}
	var out space
	err := db.QueryRowContext(ctx, `SELECT SUM(pg_total_relation_size(oid)), SUM(pg_table_size(oid)) FROM pg_class
		WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`).Scan(&out.all, &out.rows)
	return out, err
}
