package store

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// dialect is all in which the two databases differ beyond how they are opened
// and locked for a migration.
type dialect struct {
	goose goose.Dialect
	// numbered arguments are $1, $2 instead of ?.
	numbered bool
	// forUpdate locks the rows of a SELECT. SQLite has no need: a write
	// transaction holds the whole file.
	forUpdate string
	// types translates the migrations, which are written for SQLite.
	types *strings.Replacer
	// lockFile is locked while SQLite migrates; PostgreSQL has locks of its own.
	lockFile string
}

// rebind turns the ? of a statement into what the database wants. No statement
// of this package holds a ? in a literal.
func (d dialect) rebind(query string) string {
	if !d.numbered {
		return query
	}
	var out strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(query, "?")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		out.WriteString("$" + strconv.Itoa(n))
		query = after
	}
}

// mayRepeat reports whether the database rolled back a transaction only to let
// another one through.
func (d dialect) mayRepeat(err error) bool {
	const serializationFailure, deadlockDetected = "40001", "40P01"
	var refused *pgconn.PgError
	return errors.As(err, &refused) && (refused.Code == serializationFailure || refused.Code == deadlockDetected)
}

const (
	schemeSQLite   = "sqlite"
	schemePostgres = "postgres"
	// schemePostgreSQL is the other spelling that libpq knows.
	schemePostgreSQL = "postgresql"
)

// connect makes the pools; it may not yet talk to the database.
func connect(rawURL string, wraps []Wrap) (*Store, error) {
	scheme, rest, found := strings.Cut(rawURL, ":")
	if !found {
		return nil, fmt.Errorf("%w: want sqlite:PATH or postgres://", ErrInvalid)
	}
	switch scheme {
	case schemeSQLite:
		return connectSQLite(rest, wraps)
	case schemePostgres, schemePostgreSQL:
		return connectPostgres(rawURL, wraps)
	default:
		return nil, fmt.Errorf("%w: unknown kind %q, want sqlite:PATH or postgres://", ErrInvalid, scheme)
	}
}

// connectSQLite gives writers one connection, whose transactions take the write
// lock when they begin: one that read first and wrote later could not be
// repeated by waiting. synchronous=FULL because an effect that is lost with the
// power would be performed twice.
func connectSQLite(path string, wraps []Wrap) (*Store, error) {
	const readers = 8
	path = strings.TrimPrefix(path, "//")
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, fmt.Errorf("%w: sqlite needs the path of a file", ErrInvalid)
	}
	const pragmas = "_pragma=busy_timeout(15000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)"
	write, err := openSQLite(path, pragmas+"&_txlock=immediate", wraps)
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read, err := openSQLite(path, pragmas+"&_pragma=query_only(1)", wraps)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return &Store{write: write, read: read, together: &together{db: write}, now: time.Now, dialect: dialect{
		goose:    goose.DialectSQLite3,
		types:    strings.NewReplacer(),
		lockFile: path + ".lock",
	}}, nil
}

func openSQLite(path, settings string, wraps []Wrap) (*sql.DB, error) {
	location := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	connector, err := sqlite.NewConnector("file:" + location + "?" + settings)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	return sql.OpenDB(wrapped(preparing{connector}, wraps)), nil
}

// wrapped puts what sees the statements around a driver.
func wrapped(connector driver.Connector, wraps []Wrap) driver.Connector {
	for _, wrap := range wraps {
		if wrap != nil {
			connector = wrap(connector)
		}
	}
	return connector
}

func connectPostgres(rawURL string, wraps []Wrap) (*Store, error) {
	const (
		connections = 16
		idleTime    = 5 * time.Minute
	)
	config, err := pgx.ParseConfig(rawURL)
	if err != nil {
		// The cause may quote the URL.
		return nil, fmt.Errorf("%w: the postgres URL cannot be read", ErrInvalid)
	}
	db := sql.OpenDB(wrapped(stdlib.GetConnector(*config), wraps))
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxIdleTime(idleTime)
	return &Store{write: db, read: db, now: time.Now, dialect: dialect{
		goose:     goose.DialectPostgres,
		numbered:  true,
		forUpdate: " FOR UPDATE",
		types:     strings.NewReplacer("BLOB", "BYTEA"),
	}}, nil
}
