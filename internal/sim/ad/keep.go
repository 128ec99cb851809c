package ad

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"tenure/internal/sim/authority"
	"tenure/internal/sim/journal"
)

const (
	caName     = "Tenure domain simulator CA"
	cannotKeep = "domain simulator cannot keep state"
)

// record is one line of the state files: everything that one request changed, as it is afterwards. Nil means gone.
type record struct {
	Settings *settings      `json:"settings,omitempty"`
	Entries  map[guid]*kept `json:"entries,omitempty"`
}

// settings is what the domain has one of.
type settings struct {
	Domain    string        `json:"domain"`
	NetBIOS   string        `json:"netBios"`
	Authority sid           `json:"authority"`
	USN       int64         `json:"usn"`
	NextRID   uint32        `json:"nextRid"`
	Heads     []guid        `json:"heads"`
	Deleted   guid          `json:"deleted"`
	Grants    []grant       `json:"grants,omitempty"`
	Offset    time.Duration `json:"offset,omitempty"`
	Swept     time.Time     `json:"swept"`
	// Phantoms are the objects of other domains that links lead to.
	Phantoms map[guid]phantom `json:"phantoms,omitempty"`
}

// kept is an object in a file: JSON has texts only, so octets lie beside them.
type kept struct {
	entry

	Texts  map[string][]string `json:"texts,omitempty"`
	Octets map[string][][]byte `json:"octets,omitempty"`
}

func keptOf(e *entry) *kept {
	if e == nil {
		return nil
	}
	k := &kept{entry: *e, Texts: map[string][]string{}, Octets: map[string][][]byte{}}
	for name, values := range e.Attrs {
		if !slices.ContainsFunc(values, func(v string) bool { return !utf8.ValidString(v) }) {
			k.Texts[name] = values
			continue
		}
		for _, v := range values {
			k.Octets[name] = append(k.Octets[name], []byte(v))
		}
	}
	return k
}

func (k *kept) restored() *entry {
	e := k.entry
	e.Attrs = map[string][]string{}
	maps.Copy(e.Attrs, k.Texts)
	for name, values := range k.Octets {
		for _, v := range values {
			e.Attrs[name] = append(e.Attrs[name], string(v))
		}
	}
	if e.Links == nil {
		e.Links = map[string][]guid{}
	}
	return &e
}

// open loads the domain, or makes it.
func (s *Server) open() (err error) {
	if s.opts.Dir == "" {
		s.ca, err = authority.New(caName)
		s.build()
		s.dirtyDone()
		return err
	}
	var last *settings
	found := map[guid]*entry{}
	s.keep, err = journal.Open(s.opts.Dir, "ad", journal.State[record]{
		Apply: func(r record) {
			if r.Settings != nil {
				last = r.Settings
			}
			for id, k := range r.Entries {
				if k == nil {
					delete(found, id)
				} else {
					found[id] = k.restored()
				}
			}
		},
		Whole: func() record {
			if last == nil {
				return s.whole()
			}
			return record{Settings: last, Entries: keptAll(found)}
		},
	})
	if err != nil {
		return err
	}
	if err := s.resume(last, found); err != nil {
		return errors.Join(err, s.keep.Close())
	}
	last = nil // from here on the domain is what is kept
	if err := s.commit(); err != nil {
		return errors.Join(err, s.keep.Close())
	}
	s.ca, err = authority.Keep(s.opts.Dir, "ad-ca", caName)
	return err
}

// resume makes the domain what was kept of it. Nothing was: it is a new one.
func (s *Server) resume(last *settings, found map[guid]*entry) error {
	if last == nil {
		s.build()
		return nil
	}
	if last.Domain != s.d.dnsName || last.NetBIOS != s.d.netBIOS {
		return fmt.Errorf("the folder holds the domain %s", last.Domain)
	}
	s.grants, s.offset, s.swept = last.Grants, last.Offset, last.Swept
	s.d.authority, s.d.heads, s.d.deleted = last.Authority, last.Heads, last.Deleted
	s.d.usn, s.d.nextRID = last.USN, last.NextRID
	maps.Copy(s.d.phantoms, last.Phantoms)
	byAge := slices.SortedFunc(maps.Values(found), func(a, b *entry) int { return cmp.Compare(a.USNCreated, b.USNCreated) })
	for _, e := range byAge {
		s.d.put(e)
	}
	s.dirtyDone()
	boss := s.d.entries[s.d.sams[fold(administratorName)]]
	if boss != nil && !boss.Password.matches(s.opts.Password) {
		boss = boss.clone()
		boss.Password = boss.Password.with(s.opts.Password)
		s.stamp(boss)
	}
	return nil
}

func keptAll(entries map[guid]*entry) map[guid]*kept {
	out := make(map[guid]*kept, len(entries))
	for id, e := range entries {
		out[id] = keptOf(e)
	}
	return out
}

func (s *Server) settingsNow() *settings {
	return &settings{
		Domain: s.d.dnsName, NetBIOS: s.d.netBIOS, Authority: s.d.authority, USN: s.d.usn, NextRID: s.d.nextRID,
		Heads: s.d.heads, Deleted: s.d.deleted, Grants: s.grants, Offset: s.offset, Swept: s.swept,
		Phantoms: maps.Clone(s.d.phantoms),
	}
}

func (s *Server) whole() record {
	if len(s.d.entries) == 0 {
		return record{} // before the domain was made
	}
	return record{Settings: s.settingsNow(), Entries: keptAll(s.d.entries)}
}

// commit makes what has changed durable.
func (s *Server) commit() error {
	if s.keep == nil || len(s.d.dirty) == 0 && !s.d.settings {
		s.dirtyDone()
		return nil
	}
	r := record{Settings: s.settingsNow(), Entries: make(map[guid]*kept, len(s.d.dirty))}
	for id := range s.d.dirty {
		r.Entries[id] = keptOf(s.d.entries[id])
	}
	s.dirtyDone()
	return s.keep.Append(r)
}

// commitQuietly is commit for callers that nobody asks.
func (s *Server) commitQuietly() {
	if err := s.commit(); err != nil {
		s.opts.Log.Error(cannotKeep, "error", err)
	}
}

func (s *Server) dirtyDone() {
	clear(s.d.dirty)
	s.d.settings = false
}
