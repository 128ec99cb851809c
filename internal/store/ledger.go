package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// LedgerKind says what a ledger row is about.
type LedgerKind string

// The kinds of ledger row.
const (
	LedgerEvent     LedgerKind = "event"
	LedgerOverride  LedgerKind = "override"
	LedgerPlan      LedgerKind = "plan"
	LedgerTask      LedgerKind = "task"
	LedgerAttention LedgerKind = "attention"
	LedgerPolicy    LedgerKind = "policy"
	// LedgerGap says that rows before it were lost with the store, see [Gap].
	LedgerGap LedgerKind = "gap"
	// LedgerErasure says that the values of the rows before it were erased.
	LedgerErasure LedgerKind = "erasure"
	// LedgerCall, LedgerRead and LedgerRefused are calls of the API: rows of the
	// chain Operations.
	LedgerCall    LedgerKind = "call"
	LedgerRead    LedgerKind = "read"
	LedgerRefused LedgerKind = "refused"
)

// Operations is the chain of what was asked of the API, and by whom; all others
// are those of journeys.
const Operations = "operations"

// AttributeChange is one attribute before and after. Secrets never come here;
// private values are masked by the caller.
type AttributeChange struct {
	Attribute string
	Before    string
	After     string
}

// LedgerRow is one thing that was decided or done for a person.
type LedgerRow struct {
	Journey string
	// Seq counts the rows of a journey from 1; Append gives it.
	Seq int64
	// At is journey time.
	At time.Time
	// Recorded is the clock of the machine that appended the row.
	Recorded time.Time
	// Key and Outcome together are unique in a journey, so that a row may be
	// appended again. A row without a key is a new one each time.
	Key    string
	Kind   LedgerKind
	Run    string
	Task   string
	Actor  string
	Reason string
	Target string
	// ObjectID is the account's, in the target.
	ObjectID string
	Outcome  string
	Changes  []AttributeChange
	// RequestID is the vendor's.
	RequestID     string
	PolicyVersion int
	// Hash covers the row and, through the row before it, the whole chain.
	Hash string
	// Erased says that the reason and the values are gone for good.
	Erased bool
}

// LedgerHead is the end of a journey's chain. The zero value is an empty one.
type LedgerHead struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

const ledgerColumns = `r.journey, r.seq, r.at, r.recorded, r.row_key, r.kind, r.run, r.task, r.actor, r.target,
	r.object_id, r.outcome, r.request_id, r.policy_version, r.digests, r.hash, v.content
	FROM ledger_rows r LEFT JOIN ledger_values v ON v.journey = r.journey AND v.seq = r.seq`

// Append adds rows at the ends of their journeys' chains, in the order given.
// Rows that are there already, by key and outcome, are left out.
func (s *Store) Append(ctx context.Context, rows ...LedgerRow) error {
	err := s.inTx(ctx, func(tx session) error { return s.appendRows(ctx, tx, rows) })
	if err != nil {
		return fmt.Errorf("append to ledger: %w", err)
	}
	return nil
}

// Ledger lists up to limit rows of a journey from row from on, in order. A limit
// of 0 is no limit.
func (s *Store) Ledger(ctx context.Context, journey string, from int64, limit int) ([]LedgerRow, error) {
	stored, err := s.storedRows(ctx, s.reader(), journey, from, limit)
	if err != nil {
		return nil, fmt.Errorf("read ledger of %s: %w", journey, err)
	}
	rows := make([]LedgerRow, len(stored))
	for i, row := range stored {
		rows[i] = row.LedgerRow
	}
	return rows, nil
}

// Head returns the end of a journey's chain. A journey keeps it in its State,
// where it witnesses that no row was cut off later.
func (s *Store) Head(ctx context.Context, journey string) (LedgerHead, error) {
	head, err := get(ctx, s.reader(), scanHead, `SELECT seq, hash FROM ledger_heads WHERE journey = ?`, journey)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return LedgerHead{}, fmt.Errorf("read ledger head of %s: %w", journey, err)
	}
	return head, nil
}

// AppendKnowing is Append for the rows of one journey that kept witness as the
// newest head it saw. Where the ledger ends before that, the store was lost or
// replaced by an older one: a row of the kind gap comes first.
func (s *Store) AppendKnowing(ctx context.Context, journey string, witness LedgerHead, rows ...LedgerRow) error {
	err := s.inTx(ctx, func(tx session) error {
		if witness.Seq > 0 {
			if _, err := s.bridge(ctx, tx, journey, witness, LedgerRow{At: rowsAt(rows), Reason: "the store is older than the journey"}); err != nil {
				return err
			}
		}
		return s.appendRows(ctx, tx, rows)
	})
	if err != nil {
		return fmt.Errorf("append to ledger: %w", err)
	}
	return nil
}

func rowsAt(rows []LedgerRow) time.Time {
	if len(rows) == 0 {
		return time.Time{}
	}
	return rows[0].At
}

// bridge lets a chain that ends before witness go on behind it, with a row that
// says so. It reports whether there was a gap.
func (s *Store) bridge(ctx context.Context, tx session, journey string, witness LedgerHead, row LedgerRow) (bool, error) {
	head, err := lockHead(ctx, tx, journey)
	if err != nil || head.Seq >= witness.Seq {
		return false, err
	}
	return true, s.insertGap(ctx, tx, journey, witness, row)
}

// insertGap appends the row of a gap behind a head, whether or not the row of
// that head is there.
func (s *Store) insertGap(ctx context.Context, tx session, journey string, behind LedgerHead, row LedgerRow) error {
	row.Journey, row.Kind, row.Task, row.Outcome, row.Actor = journey, LedgerGap, gapTask(behind), gapOutcome, gapActor
	head, err := s.insertRow(ctx, tx, behind, row)
	if err != nil {
		return err
	}
	return setHead(ctx, tx, journey, head)
}

// gapActor is who writes the row of a gap, gapOutcome what it says.
const (
	gapActor   = "tenure"
	gapOutcome = "rows were lost"
)

// appendRows locks the heads in one order, so that two transactions which touch
// the same journeys never wait for each other.
func (s *Store) appendRows(ctx context.Context, tx session, rows []LedgerRow) error {
	journeys := make([]string, 0, len(rows))
	for _, row := range rows {
		if row.Journey == "" || row.Kind == "" {
			return fmt.Errorf("%w: a ledger row needs a journey and a kind", ErrInvalid)
		}
		journeys = append(journeys, row.Journey)
	}
	slices.Sort(journeys)
	for _, journey := range slices.Compact(journeys) {
		if err := s.extendChain(ctx, tx, journey, rows); err != nil {
			return err
		}
	}
	return nil
}

// extendChain appends those of the rows that belong to the journey.
func (s *Store) extendChain(ctx context.Context, tx session, journey string, rows []LedgerRow) error {
	head, err := lockHead(ctx, tx, journey)
	if err != nil {
		return err
	}
	before := head
	for _, row := range rows {
		if row.Journey != journey {
			continue
		}
		known, err := hasRow(ctx, tx, row)
		if err != nil {
			return err
		}
		if known {
			continue
		}
		if head, err = s.insertRow(ctx, tx, head, row); err != nil {
			return err
		}
	}
	if head == before {
		return nil
	}
	return setHead(ctx, tx, journey, head)
}

// lockHead reads the end of a chain, which nobody else moves until the
// transaction ends.
func lockHead(ctx context.Context, tx session, journey string) (LedgerHead, error) {
	query := `SELECT seq, hash FROM ledger_heads WHERE journey = ?` + tx.dialect.forUpdate
	head, err := get(ctx, tx, scanHead, query, journey)
	if !errors.Is(err, ErrNotFound) {
		return head, err
	}
	_, err = tx.exec(ctx, `INSERT INTO ledger_heads (journey, seq, hash) VALUES (?, 0, '')
		ON CONFLICT (journey) DO NOTHING`, journey)
	if err != nil {
		return LedgerHead{}, err
	}
	return get(ctx, tx, scanHead, query, journey)
}

func setHead(ctx context.Context, tx session, journey string, head LedgerHead) error {
	_, err := tx.exec(ctx, `UPDATE ledger_heads SET seq = ?, hash = ? WHERE journey = ?`, head.Seq, head.Hash, journey)
	return err
}

// countKey counts the rows of a key and outcome. The keys of a chain that goes on
// behind an erasure begin anew. The index of keys is used because the statement
// says that a key is not empty, and keeps the number from an index (+).
const countKey = `SELECT COUNT(*) FROM ledger_rows WHERE journey = ? AND row_key = ? AND row_key <> '' AND outcome = ?
	AND +seq > COALESCE((SELECT seq FROM erasures WHERE journey = ?), 0)`

func hasRow(ctx context.Context, tx session, row LedgerRow) (bool, error) {
	if row.Key == "" {
		return false, nil
	}
	n, err := get(ctx, tx, scanCount, countKey, row.Journey, clean(row.Key), clean(row.Outcome), row.Journey)
	return n > 0, err
}

func (s *Store) insertRow(ctx context.Context, tx session, head LedgerHead, row LedgerRow) (LedgerHead, error) {
	row.Seq, row.Recorded = head.Seq+1, s.now()
	sealed, err := seal(head.Hash, row)
	if err != nil {
		return LedgerHead{}, err
	}
	_, err = tx.exec(ctx, `INSERT INTO ledger_rows (journey, seq, at, recorded, row_key, kind, run, task, actor, target,
		object_id, outcome, request_id, policy_version, digests, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		sealed.Journey, sealed.Seq, micros(sealed.At), micros(sealed.Recorded), sealed.Key, string(sealed.Kind), sealed.Run,
		sealed.Task, sealed.Actor, sealed.Target, sealed.ObjectID, sealed.Outcome, sealed.RequestID, sealed.PolicyVersion,
		sealed.digestText, sealed.Hash)
	if err != nil {
		return LedgerHead{}, err
	}
	_, err = tx.exec(ctx, `INSERT INTO ledger_values (journey, seq, content) VALUES (?, ?, ?)`,
		sealed.Journey, sealed.Seq, sealed.valueText)
	return LedgerHead{Seq: sealed.Seq, Hash: sealed.Hash}, err
}

func scanHead(row scanner) (LedgerHead, error) {
	var head LedgerHead
	err := row.Scan(&head.Seq, &head.Hash)
	return head, err
}

func scanCount(row scanner) (int, error) {
	var n int
	err := row.Scan(&n)
	return n, err
}
