package graph

import (
	"maps"
	"net/http"
	"slices"
)

// managerOf returns the manager that can be seen: one who is deleted is not there until restored.
func (s *Server) managerOf(u *user) *user {
	if u == nil || u.Manager == "" {
		return nil
	}
	if m := s.t.users[u.Manager]; m != nil && m.Deleted == nil {
		return m
	}
	return nil
}

func (s *Server) getManager(q *request) (*reply, error) {
	names, err := s.selected(q, s.users, false)
	if err != nil {
		return nil, err
	}
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, err
	}
	m := s.managerOf(u)
	if m == nil {
		return nil, notFound(propManager)
	}
	out := shape(s.users, s.view(m), names)
	out[keyContext] = q.base + metadata + setObjects + oneEntity
	out[keyType] = typeUser
	return &reply{status: http.StatusOK, body: out}, nil
}

func (s *Server) putManager(q *request) (*reply, error) {
	body, err := q.object()
	if err != nil {
		return nil, err
	}
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, err
	}
	ref, _ := field(body, keyRef)
	m, err := s.lookup(reference(ref))
	if err != nil {
		return nil, err
	}
	if u.flag(propSynced) {
		return nil, badRequest(messageMastered)
	}
	u.Manager = m.ID
	s.touch(u)
	return &reply{status: http.StatusNoContent}, nil
}

func (s *Server) deleteManager(q *request) (*reply, error) {
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, err
	}
	if u.flag(propSynced) {
		return nil, badRequest(messageMastered)
	}
	if s.managerOf(u) == nil {
		return nil, notFound(propManager)
	}
	u.Manager = ""
	s.touch(u)
	return &reply{status: http.StatusNoContent}, nil
}

func (s *Server) directReports(q *request) (*reply, error) {
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, err
	}
	l := listing{name: setObjects, cat: s.users}
	for _, r := range s.t.liveUsers() {
		if r.Manager == u.ID {
			l.rows = append(l.rows, s.userRow(r))
		}
	}
	return s.list(q, l)
}

// unmanage clears the references to a user who is gone for good.
func (s *Server) unmanage(id string) {
	for _, key := range slices.Sorted(maps.Keys(s.t.users)) {
		if u := s.t.users[key]; u.Manager == id {
			u.Manager = ""
			s.touch(u)
		}
	}
}
