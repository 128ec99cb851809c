package ad

import (
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// phantom is what a domain knows of an object in another domain of its forest that one of its own links to: how it was
// when somebody last looked (MS-ADTS 3.1.1.1.12).
type phantom struct {
	Name dn  `json:"name"`
	SID  sid `json:"sid,omitempty"`
}

// stranger is an object of another domain that a request names.
type stranger struct {
	phantom

	stub *entry // what the rules on links ask of it
}

// referencesEvery is how often a domain looks whether the objects of others are still called what it knows (MS-ADTS
// 3.1.1.6.2).
const referencesEvery = 48 * time.Hour

// unite makes domains one forest: each may link to the objects of the others.
func unite(forest []*Server) {
	for _, s := range forest {
		s.mu.Lock()
		for _, other := range forest {
			if other != s && !slices.Contains(s.others, other) {
				s.others = append(slices.Clone(s.others), other)
			}
		}
		s.mu.Unlock()
	}
}

func (s *Server) neighbours() []*Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.others
}

// strangers finds the objects of other domains that a write would link to. No two domains are ever locked at once, so
// that they are looked for before the write.
func (s *Server) strangers(c *call) map[string]stranger {
	others := s.neighbours()
	if len(others) == 0 {
		return nil
	}
	out := map[string]stranger{}
	for _, value := range s.referred(c) {
		for _, other := range others {
			if found, ok := other.introduce(value); ok {
				out[value] = found
			}
		}
	}
	return out
}

// namedElsewhere are the user names, folded, that a write would give and another domain has: a forest has each once (MS-ADTS
// 3.1.1.5.1.3).
func (s *Server) namedElsewhere(c *call) map[string]bool {
	others := s.neighbours()
	if len(others) == 0 {
		return nil
	}
	out := map[string]bool{}
	for _, name := range s.given(c) {
		for _, other := range others {
			if other.named(name) {
				out[fold(name)] = true
			}
		}
	}
	return out
}

// given lists the user names that a write gives, that of a deleted account too which comes back with it.
func (s *Server) given(c *call) []string {
	var out []string
	for _, a := range c.attrs {
		if isAttribute(a.name, attrUPN) {
			out = append(out, a.values...)
		}
	}
	for _, ch := range c.changes {
		if isAttribute(ch.name, attrUPN) {
			out = append(out, ch.values...)
		}
	}
	if revives(c.changes) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if e, err := s.d.lookup(c.dn); err == nil {
			out = append(out, e.first(attrUPN))
		}
	}
	return out
}

// named tells whether an account of the domain has a user name.
func (s *Server) named(userName string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found := s.d.upns[fold(userName)]
	return found
}

// referred lists the values of a write that name objects.
func (s *Server) referred(c *call) []string {
	var out []string
	add := func(name string, values []string) {
		if a := s.schema.find(name); a != nil && a.syntax == asDN && a.keeper == byClient {
			out = append(out, values...)
		}
	}
	for _, a := range c.attrs {
		add(a.name, a.values)
	}
	for _, ch := range c.changes {
		add(ch.name, ch.values)
	}
	return out
}

// introduce finds a live object for another domain, by whatever names it.
func (s *Server) introduce(name string) (stranger, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.live(name)
	if err != nil {
		return stranger{}, false
	}
	stub := &entry{ID: e.ID, Class: e.Class, Attrs: map[string][]string{}}
	stub.setNumber(attrGroupType, e.number(attrGroupType))
	return stranger{phantom: phantom{Name: s.d.dnOf(e), SID: s.d.sidOf(e)}, stub: stub}, true
}

// meet keeps what the domain knows of the objects elsewhere that a finished write links to.
func (ed *edit) meet() {
	for _, found := range ed.c.strangers {
		for _, links := range ed.e.Links {
			if slices.Contains(links, found.stub.ID) {
				ed.s.d.phantoms[found.stub.ID] = found.phantom
				ed.s.d.settings = true
			}
		}
	}
}

// updateReferences makes what is known of objects elsewhere what they are now called, and ends the links to those that
// are deleted, where it is time for that.
func (s *Server) updateReferences() {
	s.mu.Lock()
	due := len(s.others) > 0 && len(s.d.phantoms) > 0 && s.since(s.referenced) >= referencesEvery
	others := s.others
	var known []guid
	if due {
		s.referenced = s.now()
		for id := range s.d.phantoms {
			known = append(known, id)
		}
	}
	s.mu.Unlock()
	for _, id := range known {
		var now phantom
		var there bool
		for _, other := range others {
			if found, ok := other.introduce("<GUID=" + id.String() + ">"); ok {
				now, there = found.phantom, true
			}
		}
		s.refer(id, now, there)
	}
}

// refer is what one look at an object elsewhere has shown.
func (s *Server) refer(id guid, now phantom, there bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.d.settings = true
	if there {
		s.d.phantoms[id] = now
	} else {
		delete(s.d.phantoms, id)
		s.d.unlink(id)
	}
	s.commitQuietly()
}

// extendedNames is whether, and how, an answer writes names with the identifiers of their objects (MS-ADTS
// 3.1.1.3.4.1.5).
type extendedNames int

const (
	namesPlain extendedNames = iota
	namesHex
	namesText
)

func decodeExtendedNames(c *call) (extendedNames, error) {
	ctl, ok := c.request.control(oidExtendedDN)
	switch {
	case !ok:
		return namesPlain, nil
	case len(ctl.value) == 0:
		return namesHex, nil
	}
	e, _, err := next(ctl.value)
	if err != nil {
		return namesPlain, err
	}
	parts, err := e.want(tagSequence, 1)
	if err != nil {
		return namesPlain, err
	}
	n, err := parts[0].number(tagInteger)
	if err != nil || n < 0 || n > 1 {
		return namesPlain, errBER
	}
	return namesHex + extendedNames(n), nil
}

// name is the name of an object as an answer writes it.
func (s *Server) name(id guid, how extendedNames) string {
	name, known := s.d.nameOf(id), s.d.phantoms[id].SID
	if e := s.d.entries[id]; e != nil {
		known = s.d.sidOf(e)
	}
	if how == namesPlain || name == "" {
		return name
	}
	guidForm, sidForm := id.String(), known.String()
	if how == namesHex {
		guidForm, sidForm = hex.EncodeToString(id[:]), hex.EncodeToString([]byte(known.bytes()))
	}
	if known != nil {
		name = "<SID=" + sidForm + ">;" + name
	}
	return "<GUID=" + guidForm + ">;" + name
}

// extendedView is view with the names of objects as an answer writes them.
func (s *Server) extendedView(e *entry, a *attribute, how extendedNames) []string {
	values := s.view(e, a)
	switch {
	case how == namesPlain || len(values) == 0:
	case a.keeper == byBackLink || a.syntax == asDN && a.keeper == byClient:
		for i, id := range s.linked(e, a) {
			values[i] = s.name(id, how)
		}
	case strings.EqualFold(a.name, attrDN):
		values = []string{s.name(e.ID, how)}
	case strings.EqualFold(a.name, "lastKnownParent"):
		values = []string{s.name(e.LastParent, how)}
	}
	return values
}
