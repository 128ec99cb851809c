package graph

import (
	"maps"
	"slices"
	"strings"
	"time"

	"tenure/internal/sim/journal"
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

// openJournal reads the state that is kept in a folder.
func openJournal(dir string) (*journal.Journal[entry], *tenant, error) {
	t := newTenant()
	keep, err := journal.Open(dir, "graph", journal.State[entry]{Apply: t.apply, Whole: t.whole})
	if err != nil {
		return nil, nil, err
	}
	return keep, t, nil
}

func (t *tenant) whole() entry {
	return entry{Settings: &t.settings, Users: t.users, Groups: t.groups, Purged: t.purged, Shifts: t.shifts}
}

// apply makes an entry part of the state.
func (t *tenant) apply(e entry) {
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
	return s.keep.Append(e)
}

// folded is the form in which IDs are keys.
func folded(id string) string { return strings.ToLower(id) }
