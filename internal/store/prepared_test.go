package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"testing"

	"modernc.org/sqlite"
)

// parsing counts how often its connections prepare a statement.
type parsing struct {
	driver.Connector

	parsed int
}

type parsingConn struct {
	sqliteConn

	counts *parsing
}

func (p *parsing) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return parsingConn{conn.(sqliteConn), p}, nil //nolint:forcetypeassert // the driver's own
}

func (c parsingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	c.counts.parsed++
	return c.sqliteConn.PrepareContext(ctx, query)
}

// openParsing opens an empty database of one connection.
func openParsing(t *testing.T) (*sql.DB, *parsing) {
	t.Helper()
	connector, err := sqlite.NewConnector("file:" + filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	counts := &parsing{Connector: connector}
	db := sql.OpenDB(preparing{counts})
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	mustExec(t, db, `CREATE TABLE numbers (n BIGINT PRIMARY KEY)`)
	return db, counts
}

func mustExec(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func TestStatementsArePreparedOnce(t *testing.T) {
	t.Parallel()
	db, counts := openParsing(t)
	before := counts.parsed
	const times = 20
	for i := range times {
		mustExec(t, db, `INSERT INTO numbers (n) VALUES (?)`, i)
		var n int
		if err := db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM numbers WHERE n <= ?`, i).Scan(&n); err != nil || n != i+1 {
			t.Fatalf("counted %d, error %v; want %d", n, err, i+1)
		}
	}
	if got := counts.parsed - before; got != 2 {
		t.Errorf("two texts were prepared %d times", got)
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO numbers (n) VALUES (?)`, 0); err == nil {
		t.Error("a number was inserted twice")
	}
	mustExec(t, db, `INSERT INTO numbers (n) VALUES (?)`, times)
}

// TestAStatementInUse is not taken from who reads its rows.
func TestAStatementInUse(t *testing.T) {
	t.Parallel()
	db, _ := openParsing(t)
	mustExec(t, db, `INSERT INTO numbers (n) VALUES (1), (2), (3)`)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	const all = `SELECT n FROM numbers ORDER BY n`
	outer, err := tx.QueryContext(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = outer.Close() }()
	for want := 1; outer.Next(); want++ {
		var n, first int
		if err := outer.Scan(&n); err != nil || n != want {
			t.Fatalf("row %d is %d, error %v", want, n, err)
		}
		if err := tx.QueryRowContext(t.Context(), all).Scan(&first); err != nil || first != 1 {
			t.Fatalf("the first row is %d, error %v", first, err)
		}
	}
	if err := outer.Err(); err != nil {
		t.Error(err)
	}
}

// TestPreparedBeforeAChange of the schema, as by a process that migrates while
// another still works.
func TestPreparedBeforeAChange(t *testing.T) {
	t.Parallel()
	db, _ := openParsing(t)
	const all = `SELECT * FROM numbers`
	columns := func() int {
		rows, err := db.QueryContext(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		names, err := rows.Columns()
		if err != nil || rows.Err() != nil {
			t.Fatal(err, rows.Err())
		}
		return len(names)
	}
	if got := columns(); got != 1 {
		t.Fatalf("%d columns", got)
	}
	mustExec(t, db, `ALTER TABLE numbers ADD COLUMN word TEXT`)
	if got := columns(); got != 2 {
		t.Errorf("%d columns after one was added", got)
	}
}

func TestFewStatementsAreKept(t *testing.T) {
	t.Parallel()
	connector, err := sqlite.NewConnector("file:" + filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := preparing{connector}.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	prepared, ok := conn.(*preparedConn)
	if !ok {
		t.Fatalf("the connection is a %T", conn)
	}
	for i := range maxPrepared + 10 {
		if _, err := prepared.ExecContext(t.Context(), fmt.Sprintf(`SELECT %d`, i), nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(prepared.idle) != maxPrepared {
		t.Errorf("%d statements are kept, want %d", len(prepared.idle), maxPrepared)
	}
	if err := conn.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}
