package starter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tenure/internal/hr"
	"tenure/internal/httpapi"
	"tenure/internal/person"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

const (
	// sendersPerImport bounds what one import asks of Temporal at a time.
	sendersPerImport = 16
	// presenceBatch is how many people are noted in the store at once.
	presenceBatch = 200
	sendFirstWait = 200 * time.Millisecond
	sendMaxWait   = 5 * time.Second
)

// sending is how far an import is.
type sending struct{ sent, total atomic.Int64 }

// sendInBackground sends an import that is running. At most one of this process
// works on it.
func (s *service) sendInBackground(in store.FeedImport) {
	progress := &sending{}
	progress.total.Store(int64(in.Accepted - in.Unchanged))
	s.mu.Lock()
	_, begun := s.sendings[in.ID]
	if !begun {
		s.sendings[in.ID] = progress
	}
	s.mu.Unlock()
	if begun {
		return
	}
	forget := func() {
		s.mu.Lock()
		delete(s.sendings, in.ID)
		s.mu.Unlock()
	}
	accepted := s.background.do(func(ctx context.Context) {
		defer forget()
		if err := s.sendImport(ctx, in, progress); err != nil {
			s.interrupted(ctx, in, err)
		}
	})
	if !accepted { // the process is stopping: the next one goes on
		forget()
	}
}

// resumeImports goes on with what an earlier process had begun, the oldest
// import of each feed first.
func (s *service) resumeImports(ctx context.Context) {
	imports, err := s.db.Imports(ctx, "")
	if err != nil {
		s.log.ErrorContext(ctx, "imports could not be resumed", "error", err)
		return
	}
	for _, i := range slices.Backward(imports) {
		if i.State == store.ImportRunning {
			s.log.InfoContext(ctx, "import goes on", "feed", i.Feed, "import", i.ID)
			s.sendInBackground(i) //nolint:contextcheck // the work outlives the start: it has the process's context
		}
	}
}

// errHoldAgain says that an import cannot be read any more: a human decides.
var errHoldAgain = errors.New("the file no longer fits the active policy")

// interrupted keeps what is left of an import. At a shutdown, or while the store
// is away, the next start goes on; a file that no longer fits is held.
func (s *service) interrupted(ctx context.Context, in store.FeedImport, cause error) {
	if ctx.Err() != nil {
		s.log.InfoContext(ctx, "import goes on at the next start", "import", in.ID)
		return
	}
	if errors.Is(cause, store.ErrConflict) {
		s.log.InfoContext(ctx, "import was sent by another starter", "import", in.ID)
		return
	}
	s.log.ErrorContext(ctx, "import was interrupted", "feed", in.Feed, "import", in.ID, "error", cause)
	if !errors.Is(cause, errHoldAgain) {
		return
	}
	if err := s.db.SetImportState(ctx, in.ID, store.ImportRunning, store.ImportHeld, in.Actor); err != nil {
		s.log.ErrorContext(ctx, "import could not be held", "import", in.ID, "error", err)
	}
}

// sendImport sends every changed record, then notes who is present and absent.
// Doing it again sends only what had not been noted.
func (s *service) sendImport(ctx context.Context, in store.FeedImport, progress *sending) error {
	read, err := s.reopen(ctx, in)
	if err != nil {
		return err
	}
	left, err := read.changed()
	if err != nil {
		return err
	}
	progress.sent.Store(max(0, progress.total.Load()-int64(left)))
	if err := s.announce(ctx, in, read); err != nil {
		return err
	}
	failed, err := s.sendAll(ctx, in, read, progress)
	if err != nil {
		return err
	}
	if err := s.notePresence(ctx, in, read); err != nil {
		return err
	}
	if err := s.noteFailed(ctx, in, read.feed.Realm, failed); err != nil {
		return err
	}
	if err := s.db.SetImportState(ctx, in.ID, store.ImportRunning, store.ImportAccepted, in.Actor); err != nil {
		return fmt.Errorf("finish import: %w", err)
	}
	s.log.InfoContext(ctx, "import is sent", "feed", in.Feed, "import", in.ID, "sent", progress.sent.Load(), "failed", len(failed))
	return nil
}

// reopen reads the kept file again. A date of truth that was stated with the
// import is told from one that the file's column states by trying.
func (s *service) reopen(ctx context.Context, in store.FeedImport) (*file, error) {
	content, err := s.db.ImportContent(ctx, in.ID)
	if err != nil {
		return nil, fmt.Errorf("reopen file: %w", err)
	}
	feed, err := s.csvFeed(ctx, in.Feed)
	if err != nil {
		return nil, fmt.Errorf("reopen file: %w: %w", errHoldAgain, err)
	}
	asOf := in.AsOf
	if feed.AsOf.Column != "" {
		if read, err := s.read(ctx, feed, content, in.FileName, time.Time{}); err == nil && read.AsOf.Equal(in.AsOf) {
			return read, nil
		}
	}
	read, err := s.read(ctx, feed, content, in.FileName, asOf)
	var problem *httpapi.Problem
	if errors.As(err, &problem) && problem.Kind() == httpapi.KindUnprocessable {
		return nil, fmt.Errorf("reopen file: %w: %w", errHoldAgain, err)
	}
	if err != nil {
		return nil, fmt.Errorf("reopen file: %w", err)
	}
	return read, nil
}

// changed counts what is to be sent.
func (f *file) changed() (int, error) {
	count := 0
	for statement, err := range f.Statements() {
		if err != nil {
			return 0, fmt.Errorf("read file: %w", err)
		}
		if !f.unchanged(statement) {
			count++
		}
	}
	return count, nil
}

// outcome is a statement that was sent, or why it never can be.
type outcome struct {
	statement hr.Statement
	err       error
}

// sendAll sends the changed records, some at a time, and notes each as present
// once it is durable. It returns those that Temporal will never take.
func (s *service) sendAll(ctx context.Context, in store.FeedImport, read *file, progress *sending) ([]outcome, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	todo, done := make(chan hr.Statement), make(chan outcome, sendersPerImport)
	var readErr error
	go func() {
		defer close(todo)
		readErr = read.feedChanged(ctx, todo)
	}()
	var senders sync.WaitGroup
	for range sendersPerImport {
		senders.Go(func() {
			for statement := range todo {
				done <- outcome{statement, s.sendUntilDone(ctx, httpapi.PersonID{Realm: read.feed.Realm, Key: statement.Key}, statement.Event)}
			}
		})
	}
	go func() { senders.Wait(); close(done) }()
	failed, err := s.noteSent(ctx, in, read, done, progress)
	if err != nil {
		cancel()
		for range done { // let the senders end
			continue
		}
	}
	return failed, errors.Join(err, readErr)
}

// feedChanged hands out the records that say something new.
func (f *file) feedChanged(ctx context.Context, todo chan<- hr.Statement) error {
	for statement, err := range f.Statements() {
		if err != nil {
			return fmt.Errorf("read file: %w", err)
		}
		if f.unchanged(statement) {
			continue
		}
		select {
		case todo <- statement:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// noteSent notes who was sent, in batches: what a crash forgets is sent again,
// and dropped by the journeys.
func (s *service) noteSent(ctx context.Context, in store.FeedImport, read *file, done <-chan outcome, progress *sending) ([]outcome, error) {
	var failed []outcome
	var batch []store.FeedPerson
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := s.db.UpdateFeedPeople(ctx, in.Feed, batch)
		batch = nil
		if err != nil {
			return fmt.Errorf("note who was sent: %w", err)
		}
		return nil
	}
	for o := range done {
		if o.err != nil && !isHopeless(o.err) {
			return failed, o.err
		}
		progress.sent.Add(1)
		if o.err != nil {
			failed = append(failed, o)
			continue
		}
		batch = append(batch, read.present(o.statement, in.ID))
		if len(batch) >= presenceBatch {
			if err := flush(); err != nil {
				return failed, err
			}
		}
	}
	return failed, flush()
}

// present is the presence of a person whom the file speaks of.
func (f *file) present(statement hr.Statement, importID string) store.FeedPerson {
	return store.FeedPerson{
		Feed: f.feed.Name, Key: statement.Key, Hash: f.hash(statement), AsOf: statement.Event.AsOf, LastImport: importID,
	}
}

// sendUntilDone sends until Temporal has it, the import ends, or it is hopeless.
func (s *service) sendUntilDone(ctx context.Context, id httpapi.PersonID, event person.Event) error {
	wait := sendFirstWait
	for {
		err := s.engine.send(ctx, id, event)
		if err == nil || isHopeless(err) || ctx.Err() != nil {
			return err
		}
		s.log.WarnContext(ctx, "record could not be sent yet", "realm", id.Realm, "person", id.Key, "error", err)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
		wait = min(2*wait, sendMaxWait)
	}
}

// notePresence notes who the file says nothing new of, whose row was rejected
// (present all the same), and whom it lacks (S11).
func (s *service) notePresence(ctx context.Context, in store.FeedImport, read *file) error {
	var changes []store.FeedPerson
	noted := map[string]bool{}
	for statement, err := range read.Statements() {
		if err != nil {
			return fmt.Errorf("read file: %w", err)
		}
		noted[statement.Key] = true
		if read.unchanged(statement) {
			changes = append(changes, read.present(statement, in.ID))
		}
	}
	for _, key := range read.Present {
		if known, found := read.known[key]; found && !noted[key] {
			known.LastImport, known.AbsentSince, known.AbsentCount = in.ID, time.Time{}, 0
			changes = append(changes, known)
		}
	}
	for _, gone := range read.missing() {
		changes = append(changes, gone)
	}
	if err := s.db.UpdateFeedPeople(ctx, in.Feed, changes); err != nil {
		return fmt.Errorf("note who is present: %w", err)
	}
	return nil
}

// modeDelta is the mode of feeds whose files hold changes only.
const modeDelta = "delta"

// missing are the people of the feed whom a full file lacks, as they are to be
// noted. A file that is older than what is known of somebody says nothing.
func (f *file) missing() map[string]store.FeedPerson {
	out := map[string]store.FeedPerson{}
	if f.feed.Mode == modeDelta {
		return out
	}
	present := make(map[string]bool, len(f.Present))
	for _, key := range f.Present {
		present[key] = true
	}
	for key, known := range f.known {
		if !present[key] && !f.AsOf.Before(known.AsOf) {
			out[key] = f.gone(known)
		}
	}
	return out
}

// gone is the presence of somebody whom the file lacks. Noting the first file
// twice counts it once; from the second on nothing hangs on the number.
func (f *file) gone(known store.FeedPerson) store.FeedPerson {
	if known.AbsentSince.IsZero() {
		known.AbsentSince, known.AbsentCount = f.AsOf, 1
		return known
	}
	if !known.AbsentSince.Equal(f.AsOf) {
		known.AbsentCount++
	}
	return known
}

// noteFailed makes rejects of the rows that Temporal will never take.
func (s *service) noteFailed(ctx context.Context, in store.FeedImport, realm string, failed []outcome) error {
	if len(failed) == 0 {
		return nil
	}
	rejects, err := s.db.Rejects(ctx, in.ID)
	if err != nil {
		return fmt.Errorf("note rejects: %w", err)
	}
	current, err := s.db.Import(ctx, in.ID)
	if err != nil {
		return fmt.Errorf("note rejects: %w", err)
	}
	for _, o := range failed {
		if err := s.db.Withdraw(ctx, in.Feed, contract.JourneyID(realm, o.statement.Key)); err != nil {
			return fmt.Errorf("note rejects: %w", err)
		}
		rejects = append(rejects, store.Reject{
			ImportID: in.ID, Row: o.statement.Line, Key: o.statement.Key,
			Problems: []string{"the record was refused by Temporal: it is too large, or its key cannot be an ID"},
		})
	}
	current.Accepted -= len(failed)
	current.Rejected += len(failed)
	if err := s.db.SaveImport(ctx, current, nil, rejects); err != nil {
		return fmt.Errorf("note rejects: %w", err)
	}
	return nil
}
