package csv

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"tenure/internal/hr"
	"tenure/internal/person"
)

// Import is a file that was read and understood.
type Import struct {
	hr.Report
	// AsOf is the newest date of truth in the file.
	AsOf time.Time
	// Hash identifies the content.
	Hash string
	// Present are all keys of the file, rejected ones included, sorted.
	Present []string

	reader *reader
	source io.ReadSeeker
	refuse map[int]bool // lines
}

// Next is what to keep for the next file of the feed.
func (i *Import) Next() Previous { return Previous{Keys: i.Present, AsOf: i.AsOf, Hash: i.Hash} }

// Statements yields the events of the accepted rows in the order of the file.
// It reads the source again and may be called several times, one at a time; an
// error ends it. A held file yields its events too: whether they may be
// applied is for the caller to ask.
func (i *Import) Statements() iter.Seq2[hr.Statement, error] {
	return func(yield func(hr.Statement, error) bool) {
		err := i.reader.pass(i.source, func(r row) bool {
			if i.refuse[r.line] {
				return true
			}
			return yield(hr.Statement{Key: r.key, Line: r.line, Event: r.event}, nil)
		})
		if err != nil {
			yield(hr.Statement{}, err)
		}
	}
}

// Read reads a file. The error is about the file as a whole; what is wrong with
// single rows is in the report.
func Read(source io.ReadSeeker, options Options) (*Import, error) {
	r, err := newReader(options)
	if err != nil {
		return nil, fmt.Errorf("read file of feed %q: %w", options.Feed.Name, err)
	}
	out := &Import{reader: r, source: source, refuse: make(map[int]bool)}
	lines, numbers := make(map[string][]int), make(map[string]bool)
	var rows []notable
	err = r.pass(source, func(row row) bool {
		if out.Rows++; out.Rows > MaxRows {
			return false
		}
		if row.key != "" {
			lines[row.key] = append(lines[row.key], row.line)
		}
		if len(row.number) <= person.MaxValueBytes {
			numbers[row.number] = true
		}
		if len(row.problems) > 0 {
			out.Rejects = append(out.Rejects, hr.Reject{Line: row.line, Key: row.key, Problems: row.problems})
			return true
		}
		if row.event.AsOf.After(out.AsOf) {
			out.AsOf = row.event.AsOf
		}
		rows = append(rows, notableOf(row))
		return true
	})
	if err == nil && out.Rows > MaxRows {
		err = fmt.Errorf("file has more than %d rows: split it, as a delta or by realm", MaxRows)
	}
	if err == nil {
		out.Hash, err = hashOf(source)
	}
	if err != nil {
		return nil, fmt.Errorf("read file of feed %q: %w", options.Feed.Name, err)
	}
	if out.AsOf.IsZero() {
		out.AsOf = r.asOf
	}
	out.finish(lines, options)
	out.remarks(rows, numbers, options.Feed.Mode != modeDelta)
	return out, nil
}

// finish rejects rows that share a key and compares with the file before.
func (i *Import) finish(lines map[string][]int, options Options) {
	i.rejectDuplicates(lines)
	slices.SortFunc(i.Rejects, func(a, b hr.Reject) int { return a.Line - b.Line })
	for _, reject := range i.Rejects {
		i.refuse[reject.Line] = true
	}
	i.Rejected = len(i.Rejects)
	i.Accepted = i.Rows - i.Rejected
	for key := range lines {
		i.Present = append(i.Present, key)
	}
	slices.Sort(i.Present)
	if options.Feed.Mode != modeDelta {
		for _, key := range options.Previous.Keys {
			if _, found := lines[key]; !found {
				i.Absent = append(i.Absent, key)
			}
		}
		slices.Sort(i.Absent)
	}
	i.Held = holds(i, options)
}

func (i *Import) rejectDuplicates(lines map[string][]int) {
	at := make(map[int]int, len(i.Rejects))
	for n, reject := range i.Rejects {
		at[reject.Line] = n
	}
	for key, same := range lines {
		if len(same) < 2 {
			continue
		}
		for _, line := range same {
			problem := "key is also on " + others(same, line)
			if n, found := at[line]; found {
				i.Rejects[n].Problems = append(i.Rejects[n].Problems, problem)
				continue
			}
			i.Rejects = append(i.Rejects, hr.Reject{Line: line, Key: key, Problems: []string{problem}})
		}
	}
}

// others names the other lines, ten at most. It does not walk further: many rows
// may share one value, and each of them asks.
func others(lines []int, own int) string {
	const most = 10
	var out []string
	for _, line := range lines {
		if line == own {
			continue
		}
		if len(out) == most {
			out = append(out, fmt.Sprintf("%d more", len(lines)-1-most))
			break
		}
		out = append(out, fmt.Sprintf("line %d", line))
	}
	return strings.Join(out, ", ")
}

// hashOf identifies the bytes of the content.
func hashOf(source io.ReadSeeker) (string, error) {
	if _, err := source.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("rewind file: %w", err)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, source); err != nil {
		return "", fmt.Errorf("read file: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// row is one row as the reader understood it: an event, or problems.
type row struct {
	line     int
	key      string
	number   string // as it stands there, of rejected rows too
	problems []string
	event    person.Event
}

// reader is what both passes share.
type reader struct {
	options      Options
	normaliser   *hr.Normaliser
	layout       hr.DateLayout
	asOf         time.Time
	completeness person.Completeness
}

func newReader(options Options) (*reader, error) {
	normaliser, err := hr.NewNormaliser(options.Feed)
	if err = errors.Join(err, options.check()); err != nil {
		return nil, err
	}
	out := &reader{options: options, normaliser: normaliser, completeness: person.Full}
	if options.Feed.Mode == modeDelta {
		out.completeness = person.Partial
	}
	if out.layout, err = hr.ParseDateLayout(options.Feed.Dates); err != nil {
		return nil, err
	}
	out.asOf, err = options.fileAsOf()
	return out, err
}

// pass reads the file once and hands every row to visit until that says stop.
func (r *reader) pass(source io.ReadSeeker, visit func(row) bool) error {
	if _, err := source.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("rewind file: %w", err)
	}
	t, err := openTable(source, r.options.Feed, r.asOf.IsZero())
	if err != nil {
		return err
	}
	for {
		cells, line, err := t.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !visit(r.row(t, cells, line)) {
			return nil
		}
	}
}

func (r *reader) row(t *table, cells []string, line int) row {
	out := row{line: line}
	if t.key < len(cells) {
		key, problem := r.key(cells[t.key])
		out.key = key
		if problem != "" {
			out.problems = append(out.problems, problem)
		}
	}
	out.number = t.number(cells)
	if len(cells) != t.width {
		out.problems = append(out.problems, fmt.Sprintf("row has %d fields, the header has %d", len(cells), t.width))
		return out
	}
	asOf := r.asOf
	if asOf.IsZero() {
		var err error
		if asOf, err = t.asOfCell(cells, r.layout, r.options.zone()); err != nil {
			out.problems = append(out.problems, err.Error())
		}
	}
	record, problems := r.normaliser.Record(t.raw(cells), r.completeness)
	out.problems = append(out.problems, problems...)
	if len(out.problems) == 0 {
		out.event = r.normaliser.Event(r.normaliser.ContentID(out.key, asOf, record), asOf, r.completeness, record)
	}
	return out
}

// key returns the person key, "" where it may not be used or shown.
func (r *reader) key(cell string) (key, problem string) {
	if r.options.Feed.KeyHMAC != "" {
		if strings.TrimSpace(cell) == "" {
			return "", person.KeyProblem("")
		}
		return hr.HashKey(r.options.KeySecret, cell), ""
	}
	if problem := person.KeyProblem(cell); problem != "" {
		return "", problem
	}
	return norm.NFC.String(strings.Clone(cell)), ""
}
