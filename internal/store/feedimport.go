package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ImportState says how far an import is.
type ImportState string

// The states of an import. The content is kept while one may still go on: in
// the states held and running.
const (
	// ImportHeld waits for a human to release it.
	ImportHeld ImportState = "held"
	// ImportRunning is being sent to the journeys.
	ImportRunning ImportState = "running"
	// ImportAccepted is done.
	ImportAccepted ImportState = "accepted"
	// ImportRejected will not be done.
	ImportRejected ImportState = "rejected"
	// ImportDryRun only counted.
	ImportDryRun ImportState = "dry-run"
)

// FeedImport is one file of a feed, and what came of it.
type FeedImport struct {
	ID       string
	Feed     string
	FileName string
	// Hash is that of the content.
	Hash string
	// AsOf is the instant the file speaks of.
	AsOf     time.Time
	Received time.Time
	State    ImportState
	// Rows counts all rows of the file; the others say what became of them,
	// Missing the people who were in the feed before.
	Rows, Accepted, Rejected, Unchanged, Missing int
	HeldReasons                                  []string
	// Actor imported the file, or decided on it since.
	Actor string
}

// Reject is a row of an import that was not accepted.
type Reject struct {
	ImportID string
	// Row is the number of the row in the file.
	Row int
	// Key is the person's key, masked where the feed says so.
	Key      string
	Problems []string
}

// FeedStatus is how a feed stands.
type FeedStatus struct {
	Feed string
	// LastImport is the newest one that was not a dry run; its ID is "" before
	// the first.
	LastImport FeedImport
	// LastSuccess is when the last accepted import was received.
	LastSuccess time.Time
	// LastWebhook is when the last webhook delivery was received.
	LastWebhook time.Time
	// People counts who is in the feed, Absent those who no longer are.
	People, Absent int
	// Reused counts the messages that came under the ID of another one, of those
	// IDs that are remembered.
	Reused int
}

const importColumns = `id, feed, file_name, hash, as_of, received, state, total, accepted, rejected, unchanged, missing,
	held_reasons, actor`

// SaveImport writes an import with its rejects, in place of what it held before.
// Content is kept only in the states that can go on, and nil leaves what is
// kept.
func (s *Store) SaveImport(ctx context.Context, in FeedImport, content []byte, rejects []Reject) error {
	reasons, err := encode(in.HeldReasons)
	if err != nil {
		return err
	}
	err = s.inTx(ctx, func(tx session) error {
		_, err := tx.exec(ctx, `INSERT INTO imports (`+importColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET feed = excluded.feed, file_name = excluded.file_name, hash = excluded.hash,
				as_of = excluded.as_of, received = excluded.received, state = excluded.state, total = excluded.total,
				accepted = excluded.accepted, rejected = excluded.rejected, unchanged = excluded.unchanged,
				missing = excluded.missing, held_reasons = excluded.held_reasons, actor = excluded.actor`,
			in.ID, in.Feed, clean(in.FileName), in.Hash, micros(in.AsOf), in.Received.UnixMicro(), string(in.State), in.Rows,
			in.Accepted, in.Rejected, in.Unchanged, in.Missing, reasons, in.Actor)
		if err != nil {
			return err
		}
		if err := saveContent(ctx, tx, in, content); err != nil {
			return err
		}
		return saveRejects(ctx, tx, in.ID, rejects)
	})
	if err != nil {
		return fmt.Errorf("save import %s: %w", in.ID, err)
	}
	return nil
}

func (s ImportState) keepsContent() bool { return s == ImportHeld || s == ImportRunning }

func saveContent(ctx context.Context, tx session, in FeedImport, content []byte) error {
	if !in.State.keepsContent() {
		return dropContent(ctx, tx, in.ID)
	}
	if content == nil {
		return nil
	}
	_, err := tx.exec(ctx, `INSERT INTO import_contents (import_id, content) VALUES (?, ?)
		ON CONFLICT (import_id) DO UPDATE SET content = excluded.content`, in.ID, content)
	return err
}

func dropContent(ctx context.Context, tx session, id string) error {
	_, err := tx.exec(ctx, `DELETE FROM import_contents WHERE import_id = ?`, id)
	return err
}

func saveRejects(ctx context.Context, tx session, id string, rejects []Reject) error {
	if _, err := tx.exec(ctx, `DELETE FROM rejects WHERE import_id = ?`, id); err != nil {
		return err
	}
	rows := make([][]any, 0, len(rejects))
	for _, reject := range rejects {
		problems, err := encode(reject.Problems)
		if err != nil {
			return err
		}
		rows = append(rows, []any{id, reject.Row, clean(reject.Key), problems})
	}
	return insertMany(ctx, tx, `INSERT INTO rejects (import_id, row_number, person_key, problems) VALUES `, ``, rows)
}

// insertMany inserts rows of equal length, a few hundred in a statement.
func insertMany(ctx context.Context, tx session, insert, conflict string, rows [][]any) error {
	const rowsPerStatement = 200
	for chunk := range slices.Chunk(rows, rowsPerStatement) {
		marks := "(" + strings.Repeat("?, ", len(chunk[0])-1) + "?)"
		query := insert + strings.Repeat(marks+", ", len(chunk)-1) + marks + conflict
		if _, err := tx.exec(ctx, query, slices.Concat(chunk...)...); err != nil {
			return err
		}
	}
	return nil
}

// SetImportState moves an import from one state to another. ErrConflict where it
// is in a third one, so that of two people who release a file only one does.
func (s *Store) SetImportState(ctx context.Context, id string, from, to ImportState, actor string) error {
	err := s.inTx(ctx, func(tx session) error {
		changed, err := tx.exec(ctx, `UPDATE imports SET state = ?, actor = ? WHERE id = ? AND state = ?`,
			string(to), actor, id, string(from))
		if err != nil {
			return err
		}
		if changed == 0 {
			current, err := get(ctx, tx, scanImport, `SELECT `+importColumns+` FROM imports WHERE id = ?`, id)
			if err != nil {
				return err
			}
			return fmt.Errorf("%w: it is %s", ErrConflict, current.State)
		}
		if to.keepsContent() {
			return nil
		}
		return dropContent(ctx, tx, id)
	})
	if err != nil {
		return fmt.Errorf("set import %s to %s: %w", id, to, err)
	}
	return nil
}

// Import reads one import. ErrNotFound where there is none.
func (s *Store) Import(ctx context.Context, id string) (FeedImport, error) {
	in, err := get(ctx, s.reader(), scanImport, `SELECT `+importColumns+` FROM imports WHERE id = ?`, id)
	if err != nil {
		return FeedImport{}, fmt.Errorf("read import %s: %w", id, err)
	}
	return in, nil
}

// ImportContent returns the file of an import that may still go on. ErrNotFound
// where it is no longer kept.
func (s *Store) ImportContent(ctx context.Context, id string) ([]byte, error) {
	content, err := get(ctx, s.reader(), func(row scanner) (content []byte, err error) {
		err = row.Scan(&content)
		return content, err
	}, `SELECT content FROM import_contents WHERE import_id = ?`, id)
	if err != nil {
		return nil, fmt.Errorf("read content of import %s: %w", id, err)
	}
	return content, nil
}

// Imports lists the last imports of a feed, or of all where feed is "", the
// newest first.
func (s *Store) Imports(ctx context.Context, feed string) ([]FeedImport, error) {
	const limit = 500
	imports, err := list(ctx, s.reader(), scanImport, `SELECT `+importColumns+` FROM imports
		WHERE ? = '' OR feed = ? ORDER BY received DESC, id DESC LIMIT ?`, feed, feed, limit)
	if err != nil {
		return nil, fmt.Errorf("list imports: %w", err)
	}
	return imports, nil
}

// Rejects lists the rejected rows of an import in the order of the file.
func (s *Store) Rejects(ctx context.Context, importID string) ([]Reject, error) {
	rejects, err := list(ctx, s.reader(), scanReject, `SELECT import_id, row_number, person_key, problems FROM rejects
		WHERE import_id = ? ORDER BY row_number`, importID)
	if err != nil {
		return nil, fmt.Errorf("list rejects of import %s: %w", importID, err)
	}
	return rejects, nil
}

// FeedStatus reads how a feed stands; one that never received anything has a
// status too.
func (s *Store) FeedStatus(ctx context.Context, feed string) (FeedStatus, error) {
	status := FeedStatus{Feed: feed}
	last, err := get(ctx, s.reader(), scanImport, `SELECT `+importColumns+` FROM imports
		WHERE feed = ? AND state <> 'dry-run' ORDER BY received DESC, id DESC LIMIT 1`, feed)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return FeedStatus{}, fmt.Errorf("read status of feed %s: %w", feed, err)
	}
	status.LastImport = last
	_, err = get(ctx, s.reader(), func(row scanner) (struct{}, error) {
		return struct{}{}, row.Scan(instant{&status.LastSuccess}, instant{&status.LastWebhook}, &status.People, &status.Absent, &status.Reused)
	}, `SELECT (SELECT MAX(received) FROM imports WHERE feed = ? AND state = 'accepted'),
		(SELECT MAX(received) FROM webhooks WHERE feed = ?),
		(SELECT COUNT(*) FROM feed_people WHERE feed = ? AND absent_since IS NULL),
		(SELECT COUNT(*) FROM feed_people WHERE feed = ? AND absent_since IS NOT NULL),
		(SELECT COALESCE(SUM(reused), 0) FROM webhooks WHERE feed = ?)`, feed, feed, feed, feed, feed)
	if err != nil {
		return FeedStatus{}, fmt.Errorf("read status of feed %s: %w", feed, err)
	}
	return status, nil
}

func scanImport(row scanner) (FeedImport, error) {
	var in FeedImport
	err := row.Scan(&in.ID, &in.Feed, &in.FileName, &in.Hash, instant{&in.AsOf}, instant{&in.Received}, &in.State, &in.Rows,
		&in.Accepted, &in.Rejected, &in.Unchanged, &in.Missing, document{&in.HeldReasons}, &in.Actor)
	return in, err
}

func scanReject(row scanner) (Reject, error) {
	var r Reject
	err := row.Scan(&r.ImportID, &r.Row, &r.Key, document{&r.Problems})
	return r, err
}
