package worker

import (
	"context"
	"database/sql/driver"
	"regexp"
	"strings"
)

// database stands around the writes of activities to the store.
func (h *hooks) database(next driver.Connector) driver.Connector { return connector{next, h} }

type connector struct {
	driver.Connector

	hooks *hooks
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	made, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &connection{Conn: made, hooks: c.hooks}, nil
}

// connection is one of the product's, with a question around each write: while
// it waits, others that want to write wait too.
type connection struct {
	driver.Conn

	hooks *hooks
	// tx is the transaction that is open.
	tx *transaction
}

var written = regexp.MustCompile(`(?i)^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)`)

// ExecContext implements driver.ExecerContext.
func (c *connection) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	next, can := c.Conn.(driver.ExecerContext)
	if !can {
		return nil, driver.ErrSkip
	}
	table := written.FindStringSubmatch(query)
	if table == nil {
		return next.ExecContext(ctx, query, args)
	}
	if c.tx != nil {
		c.tx.tables = append(c.tx.tables, table[1])
		return next.ExecContext(ctx, query, args)
	}
	w := whoOf(ctx)
	name := "store " + w.activity + " writes " + table[1]
	c.hooks.pass(w.person, name+before, true)
	result, err := next.ExecContext(ctx, query, args)
	c.hooks.pass(w.person, name+after, true)
	return result, err
}

// QueryContext implements driver.QueryerContext.
func (c *connection) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if next, can := c.Conn.(driver.QueryerContext); can {
		return next.QueryContext(ctx, query, args)
	}
	return nil, driver.ErrSkip
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *connection) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if next, can := c.Conn.(driver.ConnPrepareContext); can {
		return next.PrepareContext(ctx, query)
	}
	return c.Prepare(query)
}

// BeginTx implements driver.ConnBeginTx.
func (c *connection) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	next, can := c.Conn.(driver.ConnBeginTx)
	if !can {
		return c.Conn.Begin() //nolint:staticcheck // what the driver has
	}
	tx, err := next.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	c.tx = &transaction{Tx: tx, conn: c, who: whoOf(ctx)}
	return c.tx, nil
}

// Ping implements driver.Pinger.
func (c *connection) Ping(ctx context.Context) error {
	if next, can := c.Conn.(driver.Pinger); can {
		return next.Ping(ctx)
	}
	return nil
}

// ResetSession implements driver.SessionResetter.
func (c *connection) ResetSession(ctx context.Context) error {
	if next, can := c.Conn.(driver.SessionResetter); can {
		return next.ResetSession(ctx)
	}
	return nil
}

// IsValid implements driver.Validator.
func (c *connection) IsValid() bool {
	next, can := c.Conn.(driver.Validator)
	return !can || next.IsValid()
}

// CheckNamedValue implements driver.NamedValueChecker.
func (c *connection) CheckNamedValue(value *driver.NamedValue) error {
	if next, can := c.Conn.(driver.NamedValueChecker); can {
		return next.CheckNamedValue(value)
	}
	return driver.ErrSkip
}

// transaction is one with a question around its end.
type transaction struct {
	driver.Tx

	conn   *connection
	who    who
	tables []string
}

// Commit implements driver.Tx.
func (t *transaction) Commit() error {
	t.conn.tx = nil
	person := t.who.person
	if len(t.tables) == 0 {
		person = "" // nothing is written
	}
	name := "store " + t.who.activity + " commits " + strings.Join(t.tables, ", ")
	t.conn.hooks.pass(person, name+before, true)
	err := t.Tx.Commit()
	t.conn.hooks.pass(person, name+after, true)
	return err
}

// Rollback implements driver.Tx.
func (t *transaction) Rollback() error {
	t.conn.tx = nil
	return t.Tx.Rollback()
}
