package graph

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	snapshotFile = "graph-state.json"
	journalStem  = "graph-journal-"
	compactAfter = 16 << 20
	fileMode     = 0o600
	dirMode      = 0o700
)

// change collects what a request has touched until commit.
type change struct {
	settings bool
	users    []string
	groups   []string
	links    []link
	purged   []purged
	shifts   []string
}

// link is one membership that began or ended: groups are large, and their members come and go one by one.
type link struct {
	member

	Group string `json:"group"`
	Gone  bool   `json:"gone,omitempty"`
}

// entry is one line of the journal: everything that one request changed, as it is afterwards. Nil means gone.
type entry struct {
	Settings *settings         `json:"settings,omitempty"`
	Users    map[string]*user  `json:"users,omitempty"`
	Groups   map[string]*group `json:"groups,omitempty"`
	Links    []link            `json:"links,omitempty"`
	Purged   []purged          `json:"purged,omitempty"`

	// Shifts are clocks by employee number, as they are afterwards.
	Shifts map[string]time.Duration `json:"shifts,omitempty"`
}

// snapshot is the whole state; its journal is the one of the same generation.
type snapshot struct {
	Generation int `json:"generation"`
	entry
}

// journal keeps the state in a folder: a snapshot, replaced atomically by rename, and a file of one line per change
// after it. A line that was torn by a crash was never acknowledged and is dropped.
type journal struct {
	dir  string
	gen  int
	file *os.File
	size int64
}

// openJournal reads the state, drops leftovers and starts a fresh generation.
func openJournal(dir string) (*journal, *tenant, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, nil, fmt.Errorf("make state folder: %w", err)
	}
	t := newTenant()
	var snap snapshot
	raw, err := os.ReadFile(filepath.Join(dir, snapshotFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, nil, fmt.Errorf("read state: %w", err)
	default:
		if err := json.Unmarshal(raw, &snap); err != nil {
			return nil, nil, fmt.Errorf("decode state: %w", err)
		}
		t.apply(&snap.entry)
	}
	j := &journal{dir: dir, gen: snap.Generation}
	if err := j.replay(t); err != nil {
		return nil, nil, err
	}
	if err := j.compact(t); err != nil {
		return nil, nil, err
	}
	return j, t, nil
}

func (j *journal) name(gen int) string {
	return filepath.Join(j.dir, journalStem+strconv.Itoa(gen)+".jsonl")
}

func (j *journal) replay(t *tenant) error {
	raw, err := os.ReadFile(j.name(j.gen))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	lines := bytes.SplitAfter(raw, []byte("\n"))
	for i, line := range lines {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // empty, or torn by a crash
		}
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("decode journal line %d: %w", i+1, err)
		}
		t.apply(&e)
	}
	return nil
}

// apply makes an entry part of the state.
func (t *tenant) apply(e *entry) {
	if e.Settings != nil {
		t.settings = *e.Settings
	}
	for id, u := range e.Users {
		if u == nil {
			delete(t.users, id)
			continue
		}
		t.users[id] = u
	}
	for id, g := range e.Groups {
		if g == nil {
			delete(t.groups, id)
			continue
		}
		t.groups[id] = g
	}
	for _, l := range e.Links {
		g := t.groups[l.Group]
		switch {
		case g == nil:
		case l.Gone:
			g.leave(l.ID)
		default:
			g.join(l.member)
		}
	}
	t.purged = append(t.purged, e.Purged...)
	maps.Copy(t.shifts, e.Shifts)
}

// compact writes a snapshot of the next generation and starts its journal.
func (j *journal) compact(t *tenant) error {
	next := snapshot{
		Generation: j.gen + 1,
		entry:      entry{Settings: &t.settings, Users: t.users, Groups: t.groups, Purged: t.purged, Shifts: t.shifts},
	}
	raw, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("encode state: %w", err)
	}
	file, err := os.OpenFile(j.name(next.Generation), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, fileMode)
	if err != nil {
		return fmt.Errorf("start journal: %w", err)
	}
	if err := writeAtomically(filepath.Join(j.dir, snapshotFile), raw, fileMode); err != nil {
		return errors.Join(err, file.Close())
	}
	if j.file != nil {
		_ = j.file.Close()
	}
	j.file, j.gen, j.size = file, next.Generation, 0
	j.dropOld()
	return nil
}

// dropOld removes the journals of other generations; a failure leaves only litter.
func (j *journal) dropOld() {
	names, err := filepath.Glob(filepath.Join(j.dir, journalStem+"*.jsonl"))
	if err != nil {
		return
	}
	for _, name := range names {
		if name != j.name(j.gen) {
			_ = os.Remove(name)
		}
	}
}

// writeAtomically replaces a file so that a reader or a crash sees the old or the new one, never a part.
func writeAtomically(name string, raw []byte, mode os.FileMode) error {
	tmp := name + ".tmp"
	file, err := os.OpenFile(tmp, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(name), err)
	}
	w := bufio.NewWriter(file)
	_, err = w.Write(raw)
	err = errors.Join(err, w.Flush(), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(name), err)
	}
	return nil
}

// append writes one change with a single write, so that it is whole or torn, never mixed.
func (j *journal) append(e entry, t *tenant) error {
	raw, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode change: %w", err)
	}
	n, err := j.file.Write(append(raw, '\n'))
	if err != nil {
		return fmt.Errorf("write change: %w", err)
	}
	j.size += int64(n)
	if j.size > compactAfter {
		return j.compact(t)
	}
	return nil
}

func (j *journal) close() error {
	if err := j.file.Close(); err != nil {
		return fmt.Errorf("close journal: %w", err)
	}
	return nil
}

// touch notes that a user changed, for delta and the journal.
func (s *Server) touch(u *user) {
	u.Seq = s.t.nextSeq()
	s.touchQuietly(u)
}

// touchQuietly notes a change that callers of delta do not see.
func (s *Server) touchQuietly(u *user) {
	s.t.index(u)
	s.dirty.settings = true
	s.dirty.users = append(s.dirty.users, u.ID)
}

func (s *Server) touchGroup(g *group) {
	s.dirty.settings = true
	s.dirty.groups = append(s.dirty.groups, g.ID)
}

func (s *Server) forget(u *user) {
	gone := purged{ID: u.ID, Seq: s.t.nextSeq()}
	delete(s.t.users, u.ID)
	s.t.purged = append(s.t.purged, gone)
	s.dirty.purged = append(s.dirty.purged, gone)
	s.dirty.settings = true
	s.dirty.users = append(s.dirty.users, u.ID)
}

// commit makes what was touched durable.
func (s *Server) commit() error {
	d := s.dirty
	s.dirty = change{}
	if s.keep == nil || (!d.settings && len(d.users) == 0 && len(d.groups) == 0 && len(d.links) == 0 && len(d.shifts) == 0) {
		return nil
	}
	e := entry{
		Settings: &s.t.settings, Users: map[string]*user{}, Groups: map[string]*group{}, Links: d.links, Purged: d.purged,
		Shifts: map[string]time.Duration{},
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(d.users))) {
		e.Users[id] = s.t.users[id]
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(d.groups))) {
		e.Groups[id] = s.t.groups[id]
	}
	for _, number := range d.shifts {
		e.Shifts[number] = s.t.shifts[number]
	}
	return s.keep.append(e, s.t)
}

// folded is the form in which IDs are keys.
func folded(id string) string { return strings.ToLower(id) }
