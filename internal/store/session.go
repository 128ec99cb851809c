package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// session runs statements, written with ? for their arguments, in a pool or in
// a transaction.
type session struct {
	q       querier
	dialect dialect
}

// querier is a pool or a transaction.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// scanner is a row of either kind.
type scanner interface{ Scan(dest ...any) error }

// exec returns how many rows the statement changed.
func (s session) exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := s.q.ExecContext(ctx, s.dialect.rebind(query), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// get reads one row; ErrNotFound where there is none.
func get[T any](ctx context.Context, s session, scan func(scanner) (T, error), query string, args ...any) (T, error) {
	row, err := scan(s.q.QueryRowContext(ctx, s.dialect.rebind(query), args...))
	if errors.Is(err, sql.ErrNoRows) {
		return row, ErrNotFound
	}
	return row, err
}

// list reads all rows.
func list[T any](ctx context.Context, s session, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := s.q.QueryContext(ctx, s.dialect.rebind(query), args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []T
	for rows.Next() {
		row, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("scan row: %w", err)
		}
		all = append(all, row)
	}
	return all, rows.Err()
}
