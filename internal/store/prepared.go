package store

import (
	"context"
	"database/sql/driver"
	"errors"
)

// maxPrepared is how many statements a connection keeps. There are fewer texts;
// a search has one for each number of words.
const maxPrepared = 200

// preparing is a connector whose connections keep their prepared statements: to
// parse a statement takes SQLite longer than to run it.
type preparing struct{ driver.Connector }

// Connect implements driver.Connector.
func (p preparing) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	whole, ok := conn.(sqliteConn)
	if !ok {
		return conn, nil
	}
	return &preparedConn{sqliteConn: whole, idle: make(map[string]preparedStmt)}, nil
}

// sqliteConn is what SQLite's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// preparedStmt is what SQLite's statements can do.
type preparedStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// preparedConn is used by one goroutine at a time, as every connection.
type preparedConn struct {
	sqliteConn

	// idle are the statements that nobody uses, by their text. Who reads rows of
	// one holds it until the rows are closed.
	idle map[string]preparedStmt
}

// ExecContext implements driver.ExecerContext.
func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	stmt, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if stmt == nil {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	result, err := stmt.ExecContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, stmt.Close())
	}
	return result, c.putBack(query, stmt)
}

// QueryContext implements driver.QueryerContext.
func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	stmt, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if stmt == nil {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, stmt.Close())
	}
	return &preparedRows{Rows: rows, release: func() error { return c.putBack(query, stmt) }}, nil
}

// Close implements driver.Conn.
func (c *preparedConn) Close() error {
	var err error
	for _, stmt := range c.idle {
		err = errors.Join(err, stmt.Close())
	}
	c.idle = nil
	return errors.Join(err, c.sqliteConn.Close())
}

// take hands out the statement of a text; nil where the driver has none of that
// kind.
func (c *preparedConn) take(ctx context.Context, query string) (preparedStmt, error) {
	if stmt, found := c.idle[query]; found {
		delete(c.idle, query)
		return stmt, nil
	}
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if whole, ok := stmt.(preparedStmt); ok {
		return whole, nil
	}
	return nil, stmt.Close()
}

// putBack keeps a statement for the next who has the same text.
func (c *preparedConn) putBack(query string, stmt preparedStmt) error {
	if _, another := c.idle[query]; another || c.idle == nil || len(c.idle) >= maxPrepared {
		return stmt.Close()
	}
	c.idle[query] = stmt
	return nil
}

// preparedRows are rows that hold their statement.
type preparedRows struct {
	driver.Rows

	release func() error
}

// Close implements driver.Rows.
func (r *preparedRows) Close() error {
	err := r.Rows.Close()
	if r.release != nil {
		err = errors.Join(err, r.release())
		r.release = nil
	}
	return err
}
