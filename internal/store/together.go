package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// maxTogether is how many transactions are one at most.
const maxTogether = 64

// together makes one transaction of those that wait at the same time. SQLite has
// one writer, and what takes it long is to bring a commit to the disk: so all who
// wait share one. Nobody is answered before their part is on the disk, and a part
// that fails undoes itself alone.
type together struct {
	db *sql.DB

	mu      sync.Mutex
	waiting []*part
	working bool
}

// part is one caller's transaction.
type part struct {
	ctx  context.Context //nolint:containedctx // the caller waits for the answer
	work func(querier) error
	done chan error
}

// do runs work in a transaction and returns once it is committed, or undone. Work
// is not cut off in the middle, which would undo the parts of others: a context that
// has ended keeps it from beginning.
func (t *together) do(ctx context.Context, work func(querier) error) error {
	p := &part{ctx: ctx, work: work, done: make(chan error, 1)}
	t.mu.Lock()
	t.waiting = append(t.waiting, p)
	begins := !t.working
	t.working = true
	t.mu.Unlock()
	if begins {
		go t.commitAll() //nolint:contextcheck // it commits for all who wait, each with a context of its own
	}
	return <-p.done
}

// commitAll commits until nobody waits.
func (t *together) commitAll() {
	for {
		t.mu.Lock()
		parts := t.waiting[:min(len(t.waiting), maxTogether)]
		t.waiting = t.waiting[len(parts):]
		t.working = len(parts) > 0
		t.mu.Unlock()
		if len(parts) == 0 {
			return
		}
		results := make([]error, len(parts))
		if err := t.commit(parts, results); err != nil {
			for i := range results {
				results[i] = errors.Join(results[i], err)
			}
		}
		for i, p := range parts {
			p.done <- results[i]
		}
	}
}

// commit runs the parts in one transaction and keeps what each of them came to. An
// error is that of all of them.
func (t *together) commit(parts []*part, results []error) error {
	tx, err := t.db.BeginTx(context.WithoutCancel(parts[0].ctx), nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	for i, p := range parts {
		if results[i] = p.ctx.Err(); results[i] != nil {
			continue
		}
		if len(parts) == 1 {
			if results[i] = p.work(uncut{tx}); results[i] != nil {
				return tx.Rollback()
			}
			break
		}
		var broken error
		if results[i], broken = p.run(tx); broken != nil {
			return errors.Join(broken, tx.Rollback())
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	return nil
}

// run does one part between savepoints. Broken says that the transaction as a whole
// is in a state that nobody knows.
func (p *part) run(tx *sql.Tx) (failed, broken error) {
	q := uncut{tx}
	if _, err := q.ExecContext(p.ctx, "SAVEPOINT part"); err != nil {
		return nil, fmt.Errorf("set savepoint: %w", err)
	}
	if failed = p.work(q); failed != nil {
		if _, err := q.ExecContext(p.ctx, "ROLLBACK TO part"); err != nil {
			return failed, fmt.Errorf("roll back: %w", err)
		}
	}
	if _, err := q.ExecContext(p.ctx, "RELEASE part"); err != nil {
		return failed, fmt.Errorf("release savepoint: %w", err)
	}
	return failed, nil
}

// uncut runs statements to their end: SQLite undoes the whole transaction of one
// that is interrupted.
type uncut struct{ tx *sql.Tx }

// ExecContext implements querier.
func (u uncut) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return u.tx.ExecContext(context.WithoutCancel(ctx), query, args...)
}

// QueryContext implements querier.
func (u uncut) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return u.tx.QueryContext(context.WithoutCancel(ctx), query, args...)
}

// QueryRowContext implements querier.
func (u uncut) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return u.tx.QueryRowContext(context.WithoutCancel(ctx), query, args...)
}
