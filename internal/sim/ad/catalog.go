package ad

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// StartCatalog opens a global catalogue on addr: it tells of the domain and of others of its forest, of each object a part
// of its attributes, and takes no writes. A search below the empty name goes over all of them. From then on the domains may
// link to each other's objects.
func (s *Server) StartCatalog(ctx context.Context, addr string, others ...*Server) (*Controller, error) {
	forest := append([]*Server{s}, others...)
	c, err := s.listen(ctx, addr, forest...)
	if err != nil {
		return nil, fmt.Errorf("start global catalogue: %w", err)
	}
	unite(forest)
	s.listening.Lock()
	defer s.listening.Unlock()
	s.controllers = append(s.controllers, c)
	return c, nil
}

// perform carries an operation out in the domain, or in the forest of a catalogue.
func (c *Controller) perform(q *call) (message []byte, code int) {
	if len(c.forest) == 0 {
		return c.server.perform(q)
	}
	switch q.request.op.tag {
	case opAdd, opModify, opDelete, opModifyDN:
		err := unwilling("000020E7") // a catalogue is a copy
		return q.request.result(err), asResult(err).code
	case opBind:
		for _, s := range c.forest {
			if message, code = s.perform(q); code == 0 {
				return message, code
			}
		}
		return message, code
	case opSearch:
		if q.who != nil && (q.search.base != "" || q.search.scope == scopeSub) {
			return c.everywhere(q)
		}
	}
	return c.server.perform(q)
}

// everywhere is a search in every domain, one after the other; below the name of an object it is one in the domain that has
// it.
func (c *Controller) everywhere(q *call) (message []byte, code int) {
	most := c.server.opts.MaxPageSize
	holders := c.forest
	if q.search.base != "" {
		holders = slices.DeleteFunc(slices.Clone(c.forest), func(s *Server) bool { return !s.holds(q.search.base) })
	}
	if len(holders) == 0 {
		return c.server.perform(q)
	}
	for _, s := range holders {
		answers, err := s.tell(q)
		if err != nil {
			return q.request.result(err), asResult(err).code
		}
		if most -= len(answers); most < 0 {
			err = refuse(codeSizeLimit, "")
			return append(message, q.request.result(err)...), asResult(err).code
		}
		message = append(message, slices.Concat(answers...)...)
	}
	return append(message, q.request.result(nil)...), 0
}

// holds tells whether the domain has the object that a client names.
func (s *Server) holds(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.d.lookup(name)
	return err == nil
}

// tell answers a catalogue's search with the objects of one domain.
func (s *Server) tell(q *call) ([][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := *q
	var err error
	if own.search.names, err = decodeExtendedNames(q); err != nil {
		return nil, err
	}
	if q.search.base == "" {
		own.search.base = s.d.base.String()
	}
	own.search.attrs = catalogued(q.search.attrs)
	found, err := s.find(&own)
	var out [][]byte
	for _, id := range found {
		out = append(out, q.request.message(s.entryAnswer(s.d.entries[id], own.search, q.who)))
	}
	return out, err
}

// catalogued leaves of the attributes those that a catalogue has.
func catalogued(asked []string) []string {
	has := []string{
		"objectGUID", "objectSid", "objectClass", "objectCategory", "distinguishedName", "name", "cn", "userPrincipalName", "sAMAccountName",
		"displayName", "givenName", "sn", "mail", "proxyAddresses", "userAccountControl",
	}
	if len(asked) == 0 || slices.Contains(asked, "*") {
		return has
	}
	out := slices.DeleteFunc(slices.Clone(asked), func(name string) bool {
		return !slices.ContainsFunc(has, func(known string) bool { return strings.EqualFold(known, name) })
	})
	if len(out) == 0 {
		return []string{"1.1"}
	}
	return out
}
