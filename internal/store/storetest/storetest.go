package storetest

import (
	"database/sql"
	"path/filepath"
	"testing"

	"tenure/internal/store"
)

// Database is an empty database of one test.
type Database struct {
	// URL is what [store.Open] takes.
	URL string
	// driver and source are what sql.Open takes.
	driver, source string
}

// Each runs a test on SQLite and on PostgreSQL, each time on an empty database.
func Each(t *testing.T, test func(t *testing.T, db Database)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Postgres(t))
	})
}

// New opens a store on a new SQLite database.
func New(t testing.TB) *store.Store {
	t.Helper()
	return SQLite(t).Open(t)
}

// SQLite makes a database in a folder of the test's own.
func SQLite(t testing.TB) Database {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tenure.db")
	return Database{URL: "sqlite:" + path, driver: "sqlite", source: path}
}

// Open opens a store on the database until the test ends.
func (d Database) Open(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), d.URL)
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return s
}

// SQL opens the database behind the store's back, to tamper with it.
func (d Database) SQL(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open(d.driver, d.source)
	if err != nil {
		t.Fatalf("open database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	return db
}
