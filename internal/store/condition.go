package store

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

// Condition is how the database stands, for the doctor.
type Condition struct {
	// Database is its name and version.
	Database string
	// Schema is the newest migration that was run, Known the newest that this
	// program has.
	Schema, Known int64
	// Settings are those of the server that a lost effect may hang on.
	Settings []Setting
}

// Setting is one setting of the database.
type Setting struct {
	Name, Value string
	// Good settings need nothing; Remedy says what the others do.
	Good   bool
	Remedy string
}

// leastConnections is what two processes need at once, and an administrator.
const leastConnections = 40

// Condition asks the database for its version, its schema and its settings.
func (s *Store) Condition(ctx context.Context) (Condition, error) {
	out := Condition{}
	var err error
	if out.Known, err = newestMigration(); err != nil {
		return out, fmt.Errorf("read condition: %w", err)
	}
	if err := s.read.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied").Scan(&out.Schema); err != nil {
		return out, fmt.Errorf("read condition: schema: %w", err)
	}
	if s.dialect.goose == goose.DialectPostgres {
		err = s.postgresCondition(ctx, &out)
	} else {
		err = s.sqliteCondition(ctx, &out)
	}
	if err != nil {
		return out, fmt.Errorf("read condition: %w", err)
	}
	return out, nil
}

// newestMigration is the number of the newest migration.
func newestMigration() (int64, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, err
	}
	newest := int64(0)
	for _, name := range files {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, err
		}
		newest = max(newest, version)
	}
	return newest, nil
}

func (s *Store) sqliteCondition(ctx context.Context, out *Condition) error {
	var version, journal string
	if err := s.read.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		return err
	}
	if err := s.read.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&journal); err != nil {
		return err
	}
	out.Database = "SQLite " + version
	out.Settings = []Setting{{
		Name: "journal_mode", Value: journal, Good: journal == "wal",
		Remedy: "put the file on a local disk: without the write-ahead log readers and writers block each other",
	}}
	return nil
}

// postgresSettings are the settings with what they must be.
func postgresSettings() []struct {
	name, remedy string
	good         func(value string) bool
} {
	is := func(wanted ...string) func(string) bool {
		return func(value string) bool { return slices.Contains(wanted, strings.ToLower(value)) }
	}
	const durable = "turn it on: an effect whose row is lost with the power is performed twice"
	return []struct {
		name, remedy string
		good         func(value string) bool
	}{
		{"server_encoding", "make the database with ENCODING 'UTF8': names of people do not fit otherwise", is("utf8")},
		{"fsync", durable, is("on")},
		{"full_page_writes", durable, is("on")},
		{"synchronous_commit", durable, is("on", "local", "remote_write", "remote_apply")},
		{"default_transaction_read_only", "turn it off for this user: nothing can be written", is("off")},
		{"max_connections", "allow at least " + strconv.Itoa(leastConnections) + ": each process opens up to 16", func(value string) bool {
			n, err := strconv.Atoi(value)
			return err == nil && n >= leastConnections
		}},
	}
}

func (s *Store) postgresCondition(ctx context.Context, out *Condition) error {
	read := func(query string, args ...any) (string, error) {
		var value string
		err := s.read.QueryRowContext(ctx, query, args...).Scan(&value)
		return value, err
	}
	version, err := read("SELECT current_setting('server_version')")
	if err != nil {
		return err
	}
	out.Database = "PostgreSQL " + version
	for _, setting := range postgresSettings() {
		value, err := read("SELECT current_setting($1)", setting.name)
		if err != nil {
			return err
		}
		out.Settings = append(out.Settings, Setting{Name: setting.name, Value: value, Good: setting.good(value), Remedy: setting.remedy})
	}
	standby, err := read("SELECT pg_is_in_recovery()::text")
	if err != nil {
		return err
	}
	out.Settings = append(out.Settings, Setting{
		Name: "standby", Value: standby, Good: standby == "false", Remedy: "name the primary server in store: a standby takes no writes",
	})
	return nil
}
