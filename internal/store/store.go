package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"
)

// Store is an open database. All methods are safe for concurrent use, by
// several processes too.
type Store struct {
	// write has one connection in SQLite, where writers only queue anyway; read
	// is the same pool in PostgreSQL.
	write, read *sql.DB
	// together is SQLite's: its writers share their transactions.
	together *together
	dialect  dialect
	// now stamps the Recorded fields only.
	now func() time.Time
}

// Wrap stands around a database driver and sees its statements, as a tracer
// does. It must be safe for concurrent use.
type Wrap func(driver.Connector) driver.Connector

// Open opens the database that url names, "sqlite:PATH" or "postgres://...", and
// brings its schema up to date under a lock. An error never holds the URL, which
// may carry a password. Wraps that are nil are left out.
func Open(ctx context.Context, url string, wraps ...Wrap) (*Store, error) {
	s, err := connect(url, wraps)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate store: %w", err), s.Close())
	}
	return s, nil
}

// OpenToRead opens a database as it is: nothing is migrated, so that somebody who
// may only read can look. Methods that write fail or must not be called.
func OpenToRead(ctx context.Context, url string) (*Store, error) {
	s, err := connect(url, nil)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if _, err := get(ctx, s.reader(), scanCount, `SELECT COUNT(*) FROM ledger_heads`); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: read ledger: %w", err), s.Close())
	}
	return s, nil
}

// Close ends all connections. Calls that come later fail.
func (s *Store) Close() error {
	err := s.write.Close()
	if s.read != s.write {
		err = errors.Join(err, s.read.Close())
	}
	if err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.write.PingContext(ctx); err != nil {
		return fmt.Errorf("ping store: %w", err)
	}
	return nil
}

// reader runs single statements that change nothing.
func (s *Store) reader() session { return session{q: s.read, dialect: s.dialect} }

// writes runs a single statement that is a transaction of its own, and returns how
// many rows it changed.
func (s *Store) writes(ctx context.Context, query string, args ...any) (changed int64, err error) {
	if s.together == nil {
		return session{q: s.write, dialect: s.dialect}.exec(ctx, query, args...)
	}
	err = s.together.do(ctx, func(q querier) error {
		var err error
		changed, err = session{q: q, dialect: s.dialect}.exec(ctx, query, args...)
		return err
	})
	return changed, err
}

// inTx runs work in one transaction. In SQLite it holds the only write
// connection, so work must use nothing but the session it is given; it shares the
// transaction with others who write at the time. PostgreSQL
// may refuse a transaction for the sake of another one: then work runs again.
func (s *Store) inTx(ctx context.Context, work func(session) error) error {
	if s.together != nil {
		return s.together.do(ctx, func(q querier) error { return work(session{q: q, dialect: s.dialect}) })
	}
	const attempts = 5
	var err error
	for range attempts {
		err = s.tryTx(ctx, work)
		if err == nil || !s.dialect.mayRepeat(err) {
			return err
		}
	}
	return err
}

func (s *Store) tryTx(ctx context.Context, work func(session) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	if err := work(session{q: tx, dialect: s.dialect}); err != nil {
		if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			return errors.Join(err, fmt.Errorf("roll back: %w", undo))
		}
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	return nil
}
