package starter

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"tenure/internal/hr"
	"tenure/internal/hr/csv"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/store"
)

const (
	// shownRejects bounds the rejects in the answer to an import; the store has
	// all of them.
	shownRejects = 1000
	// importWait is how long an import waits for the one before it to be sent.
	importWait = 30 * time.Second
	importPoll = 200 * time.Millisecond
	// absentFiles is after how many files without a person somebody should look.
	absentFiles = 2
)

// file is a file of a feed that was read, with what the feed knew before.
type file struct {
	*csv.Import
	feed  lifecycle.Feed
	known map[string]store.FeedPerson
	// normaliser hashes records.
	normaliser *hr.Normaliser
}

// Import implements [httpapi.Journeys].
func (s *service) Import(ctx context.Context, request httpapi.ImportRequest) (httpapi.Import, error) {
	feed, err := s.csvFeed(ctx, request.Feed)
	if err != nil {
		return httpapi.Import{}, err
	}
	content, err := io.ReadAll(request.Content)
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return httpapi.Import{}, err
		}
		return httpapi.Import{}, httpapi.NewProblem(httpapi.KindInvalid, err, "the file ended early")
	}
	asOf, err := statedAsOf(request.AsOf, feed)
	if err != nil {
		return httpapi.Import{}, err
	}
	defer s.exclusive(feed.Name)()
	if !request.DryRun {
		if err := s.awaitRunning(ctx, feed.Name); err != nil {
			return httpapi.Import{}, err
		}
	}
	read, err := s.read(ctx, feed, content, request.FileName, asOf)
	if err != nil {
		return httpapi.Import{}, err
	}
	return s.accept(ctx, request, read, content)
}

func (s *service) csvFeed(ctx context.Context, name string) (lifecycle.Feed, error) {
	policy, err := s.active(ctx)
	if err != nil {
		return lifecycle.Feed{}, err
	}
	feed, found := policy.Feed(name)
	if !found {
		return feed, unknownFeed(policy.Policy, name)
	}
	if feed.Kind != lifecycle.FeedCSV {
		return feed, httpapi.NewProblem(httpapi.KindUnprocessable, nil, "feed %q is of kind %s and takes no files", name, feed.Kind)
	}
	return feed, nil
}

func unknownFeed(policy *lifecycle.Policy, name string) error {
	names := make([]string, 0, len(policy.Feeds))
	for _, feed := range policy.Feeds {
		names = append(names, feed.Name)
	}
	problem := httpapi.NewProblem(httpapi.KindNotFound, nil, "the active policy has no feed %q", name)
	if near := person.Nearest(name, names); near != "" {
		problem.Detail += fmt.Sprintf("; did you mean %q?", near)
	}
	return problem
}

// statedAsOf reads the date of truth that came with the import.
func statedAsOf(text string, feed lifecycle.Feed) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC(), nil
	}
	date, err := person.ParseDate(text)
	if err != nil {
		return time.Time{}, httpapi.NewProblem(httpapi.KindInvalid, err, "asOf is %q: want an instant such as 2026-11-22T08:00:00Z, or a date", text)
	}
	zone := feed.Zone
	if zone == nil {
		zone = time.UTC
	}
	return date.At(person.TimeOfDay{}, zone).UTC(), nil
}

// awaitRunning waits for the file before: what a file changes can be told only
// once that one is sent.
func (s *service) awaitRunning(ctx context.Context, feed string) error {
	ctx, cancel := context.WithTimeout(ctx, importWait)
	defer cancel()
	ticker := time.NewTicker(importPoll)
	defer ticker.Stop()
	for {
		imports, err := s.db.Imports(ctx, feed)
		if err != nil {
			return fromStore(err, "list of imports")
		}
		running := ""
		for _, one := range imports {
			if one.State == store.ImportRunning {
				running = one.ID
			}
		}
		if running == "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return httpapi.NewProblem(httpapi.KindConflict, ctx.Err(), "import %s of this feed is still being sent: wait for it", running)
		case <-ticker.C:
		}
	}
}

// read reads a file against what the feed knew before.
func (s *service) read(ctx context.Context, feed lifecycle.Feed, content []byte, name string, asOf time.Time) (*file, error) {
	secret, err := s.keySecret(feed)
	if err != nil {
		return nil, httpapi.NewProblem(httpapi.KindUnavailable, err, "the feed's key secret cannot be read")
	}
	out := &file{feed: feed, known: map[string]store.FeedPerson{}}
	people, err := s.db.FeedPeople(ctx, feed.Name)
	if err != nil {
		return nil, fromStore(err, "presence of people")
	}
	previous, err := s.previous(ctx, feed.Name)
	if err != nil {
		return nil, err
	}
	for _, one := range people {
		out.known[one.Key] = one
		if one.AbsentSince.IsZero() {
			previous.Keys = append(previous.Keys, one.Key)
		}
	}
	options := csv.Options{Feed: feed, FileName: name, AsOf: asOf, KeySecret: secret, Previous: previous, Now: s.now()}
	if s.dev {
		options.Now = time.Time{}
	}
	if out.Import, err = csv.Read(bytes.NewReader(content), options); err != nil {
		return nil, httpapi.NewProblem(httpapi.KindUnprocessable, err, "%s", err)
	}
	if out.normaliser, err = hr.NewNormaliser(feed); err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	return out, nil
}

// previous is the date and the hash of the last file that was applied.
func (s *service) previous(ctx context.Context, feed string) (csv.Previous, error) {
	imports, err := s.db.Imports(ctx, feed)
	if err != nil {
		return csv.Previous{}, fromStore(err, "list of imports")
	}
	for _, one := range imports {
		if one.State == store.ImportAccepted || one.State == store.ImportRunning {
			return csv.Previous{AsOf: one.AsOf, Hash: one.Hash}, nil
		}
	}
	return csv.Previous{}, nil
}

// hash identifies what a statement says, whenever it says so.
func (f *file) hash(statement hr.Statement) string {
	return string(statement.Event.Completeness) + ":" +
		f.normaliser.ContentID(statement.Key, time.Time{}, statement.Event.Record)
}

// unchanged reports whether the feed said the very same of the person last.
func (f *file) unchanged(statement hr.Statement) bool {
	known, found := f.known[statement.Key]
	return found && known.Hash == f.hash(statement)
}

// accept records the import and begins to send it, unless it is held or a dry run.
func (s *service) accept(ctx context.Context, request httpapi.ImportRequest, read *file, content []byte) (httpapi.Import, error) {
	now := s.now().UTC()
	in := store.FeedImport{
		ID: now.Format("20060102-150405") + "-" + strings.ToLower(rand.Text()[:6]), Feed: read.feed.Name,
		FileName: request.FileName, Hash: read.Hash, AsOf: read.AsOf, Received: now, State: store.ImportRunning,
		Rows: read.Rows, Accepted: read.Accepted, Rejected: read.Rejected, Actor: request.Actor,
	}
	absent := s.absentPeople(ctx, read)
	in.Missing = len(absent)
	for statement, err := range read.Statements() {
		if err != nil {
			return httpapi.Import{}, fmt.Errorf("read file: %w", err)
		}
		if read.unchanged(statement) {
			in.Unchanged++
		}
	}
	for _, hold := range read.Held {
		in.State = store.ImportHeld
		in.HeldReasons = append(in.HeldReasons, string(hold.Reason)+": "+hold.Detail)
	}
	if request.DryRun {
		in.State = store.ImportDryRun
	}
	rejects := make([]store.Reject, 0, len(read.Rejects))
	for _, reject := range read.Rejects {
		rejects = append(rejects, store.Reject{ImportID: in.ID, Row: reject.Line, Key: reject.Key, Problems: reject.Problems})
	}
	if err := s.db.SaveImport(ctx, in, content, rejects); err != nil {
		return httpapi.Import{}, fromStore(err, "import")
	}
	s.log.InfoContext(ctx, "file received", "feed", in.Feed, "import", in.ID, "state", in.State, "rows", in.Rows,
		"accepted", in.Accepted, "rejected", in.Rejected, "unchanged", in.Unchanged, "missing", in.Missing, "actor", in.Actor)
	if in.State == store.ImportRunning {
		s.sendInBackground(in) //nolint:contextcheck // the work outlives the request: it has the process's context
	}
	out := s.importOf(in)
	out.Rejects = rejectsOf(rejects[:min(len(rejects), shownRejects)])
	out.Remarks = remarksOf(read.Remarks[:min(len(read.Remarks), shownRejects)])
	out.Absent = absent
	out.Note = note(in, len(rejects), read)
	return out, nil
}

// absentPeople are those whom this full file lacks, with the files in a row, by
// key. Whoever has left is let go: HR drops them from its files some day.
func (s *service) absentPeople(ctx context.Context, f *file) []httpapi.Absent {
	var out []httpapi.Absent
	for key, gone := range f.missing() {
		if s.isStillHere(ctx, f.feed.Realm, key) {
			out = append(out, httpapi.Absent{Key: key, Files: gone.AbsentCount, Since: gone.AbsentSince.UTC()})
		}
	}
	slices.SortFunc(out, func(a, b httpapi.Absent) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// isStillHere reports whether somebody is not known to have left.
func (s *service) isStillHere(ctx context.Context, realm, key string) bool {
	row, err := s.db.Person(ctx, realm, key)
	if err != nil {
		return true
	}
	switch person.Phase(row.Phase) {
	case person.PhaseLeft, person.PhaseDeleted, person.PhaseRescinded:
		return false
	default:
		return true
	}
}

// note says what happens next.
func note(in store.FeedImport, rejects int, read *file) string {
	var notes []string
	switch in.State {
	case store.ImportDryRun:
		notes = append(notes, "a dry run: nothing is sent")
		if len(read.Held) > 0 {
			notes = append(notes, "the file would be held")
		}
	case store.ImportHeld:
		notes = append(notes, "the file is held whole: release import "+in.ID+" with a reason, or send a corrected file")
	case store.ImportRunning:
		notes = append(notes, fmt.Sprintf("%d records are being sent to the journeys", in.Accepted-in.Unchanged))
	case store.ImportAccepted, store.ImportRejected:
	}
	if rejects > shownRejects {
		notes = append(notes, fmt.Sprintf("the first %d of %d rejects are shown", shownRejects, rejects))
	}
	if in.Missing > 0 {
		notes = append(notes, "people the file lacks are reported here and in the feed's status; nobody becomes a leaver by that")
	}
	return strings.Join(notes, "; ")
}

// Imports implements [httpapi.Journeys].
func (s *service) Imports(ctx context.Context, feed string) ([]httpapi.Import, error) {
	if err := s.knownFeed(ctx, feed); err != nil {
		return nil, err
	}
	stored, err := s.db.Imports(ctx, feed)
	if err != nil {
		return nil, fromStore(err, "list of imports")
	}
	out := make([]httpapi.Import, 0, len(stored))
	for _, in := range stored {
		out = append(out, s.importOf(in))
	}
	return out, nil
}

func (s *service) knownFeed(ctx context.Context, name string) error {
	policy, err := s.active(ctx)
	if err != nil {
		return err
	}
	if _, found := policy.Feed(name); !found {
		return unknownFeed(policy.Policy, name)
	}
	return nil
}

// ImportStatus implements [httpapi.Journeys].
func (s *service) ImportStatus(ctx context.Context, feed, id string) (httpapi.Import, error) {
	in, err := s.storedImport(ctx, feed, id)
	if err != nil {
		return httpapi.Import{}, err
	}
	return s.importOf(in), nil
}

func (s *service) storedImport(ctx context.Context, feed, id string) (store.FeedImport, error) {
	in, err := s.db.Import(ctx, id)
	if err == nil && in.Feed != feed {
		err = store.ErrNotFound
	}
	return in, fromStore(err, fmt.Sprintf("import %q of feed %q", id, feed))
}

// Rejects implements [httpapi.Journeys].
func (s *service) Rejects(ctx context.Context, feed, id string) ([]httpapi.Reject, error) {
	if _, err := s.storedImport(ctx, feed, id); err != nil {
		return nil, err
	}
	stored, err := s.db.Rejects(ctx, id)
	if err != nil {
		return nil, fromStore(err, "list of rejects")
	}
	return rejectsOf(stored), nil
}

func rejectsOf(stored []store.Reject) []httpapi.Reject {
	out := make([]httpapi.Reject, 0, len(stored))
	for _, reject := range stored {
		out = append(out, httpapi.Reject{Row: reject.Row, Key: reject.Key, Problems: reject.Problems})
	}
	return out
}

func remarksOf(found []hr.Remark) []httpapi.Remark {
	out := make([]httpapi.Remark, 0, len(found))
	for _, remark := range found {
		out = append(out, httpapi.Remark{Row: remark.Line, Key: remark.Key, Texts: remark.Texts})
	}
	return out
}

// ReleaseImport implements [httpapi.Journeys]. Of two people who release a file
// one does. Who did and why is kept with the reasons for which it was held.
func (s *service) ReleaseImport(ctx context.Context, feed, id string, decision httpapi.Decision) (httpapi.Import, error) {
	in, err := s.storedImport(ctx, feed, id)
	if err != nil {
		return httpapi.Import{}, err
	}
	if in.State != store.ImportHeld {
		return httpapi.Import{}, httpapi.NewProblem(httpapi.KindConflict, nil, "import %s is %s: only a held one can be released", id, in.State)
	}
	defer s.exclusive(feed)()
	if err := s.awaitRunning(ctx, feed); err != nil {
		return httpapi.Import{}, err
	}
	rejects, err := s.db.Rejects(ctx, id)
	if err != nil {
		return httpapi.Import{}, fromStore(err, "list of rejects")
	}
	if err := s.db.SetImportState(ctx, id, store.ImportHeld, store.ImportRunning, decision.Actor); err != nil {
		return httpapi.Import{}, fromStore(err, "import "+id)
	}
	in.State, in.Actor = store.ImportRunning, decision.Actor
	in.HeldReasons = append(in.HeldReasons, "released by "+decision.Actor+": "+decision.Reason)
	if err := s.db.SaveImport(ctx, in, nil, rejects); err != nil {
		s.log.WarnContext(ctx, "reason of the release could not be kept", "import", id, "error", err)
	}
	s.log.InfoContext(ctx, "file released", "feed", feed, "import", id, "actor", decision.Actor)
	s.sendInBackground(in) //nolint:contextcheck // the work outlives the request: it has the process's context
	return s.importOf(in), nil
}

// importOf is an import as the API shows it, with how far it is.
func (s *service) importOf(in store.FeedImport) httpapi.Import {
	out := httpapi.Import{
		ID: in.ID, Feed: in.Feed, FileName: in.FileName, Hash: in.Hash, AsOf: in.AsOf.UTC(), Received: in.Received.UTC(),
		State: string(in.State), Rows: in.Rows, Accepted: in.Accepted, Rejected: in.Rejected, Unchanged: in.Unchanged,
		Missing: in.Missing, Total: in.Accepted - in.Unchanged, HeldReasons: in.HeldReasons, Actor: in.Actor,
	}
	if out.HeldReasons == nil {
		out.HeldReasons = []string{}
	}
	s.mu.Lock()
	running, found := s.sendings[in.ID]
	s.mu.Unlock()
	switch {
	case in.State == store.ImportAccepted:
		out.Sent = out.Total
	case found && in.State == store.ImportRunning:
		out.Sent, out.Total = int(running.sent.Load()), int(running.total.Load())
	}
	return out
}
