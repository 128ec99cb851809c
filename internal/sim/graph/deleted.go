package graph

import (
	"net/http"
	"time"
)

// retention is how long a deleted object can be restored.
const retention = 30 * 24 * time.Hour

// sweep purges what is older than the retention by its own clock.
func (s *Server) sweep() {
	for _, u := range s.t.deletedUsers() {
		if s.at(u).Sub(*u.Deleted) >= retention {
			s.purge(u)
		}
	}
	for _, g := range s.t.groupsWhere(func(g *group) bool { return g.Deleted != nil }) {
		if s.now().Sub(*g.Deleted) >= retention {
			s.dropGroup(g)
		}
	}
}

func (s *Server) purge(u *user) {
	s.unmanage(u.ID)
	s.leaveAll(u.ID)
	s.forget(u)
}

func (s *Server) listDeletedUsers(q *request) (*reply, error) {
	l := listing{name: setUsers, cat: s.users, alone: true}
	for _, u := range s.t.deletedUsers() {
		l.rows = append(l.rows, s.userRow(u))
	}
	return s.list(q, l)
}

func (s *Server) listDeletedGroups(q *request) (*reply, error) {
	l := listing{name: setGroups, cat: s.groups, alone: true}
	for _, g := range s.t.groupsWhere(func(g *group) bool { return g.Deleted != nil }) {
		l.rows = append(l.rows, s.groupRow(g))
	}
	return s.list(q, l)
}

func (s *Server) deletedUser(id string) (*user, error) {
	if u := s.t.users[folded(id)]; u != nil && u.Deleted != nil {
		return u, nil
	}
	return nil, notFound(id)
}

func (s *Server) deletedGroup(id string) *group {
	if g := s.t.groups[folded(id)]; g != nil && g.Deleted != nil {
		return g
	}
	return nil
}

// getDeleted shows a deleted object; deletedDateTime is among what is shown by default here.
func (s *Server) getDeleted(q *request) (*reply, error) {
	id := q.params[propID]
	if g := s.deletedGroup(id); g != nil {
		return s.entity(q, s.groupRow(g), setGroups)
	}
	u, err := s.deletedUser(id)
	if err != nil {
		return nil, err
	}
	return s.entity(q, s.userRow(u), setUsers)
}

// entity renders one object of any type with its type.
func (s *Server) entity(q *request, r row, set string) (*reply, error) {
	names, err := s.selected(q, r.cat, true)
	if err != nil {
		return nil, err
	}
	full := r.full()
	out := shape(r.cat, full, names)
	if names == nil && full[propDeleted] != nil {
		out[propDeleted] = full[propDeleted]
	}
	out[keyType] = r.typ
	out[keyContext] = q.base + metadata + set + oneEntity
	return &reply{status: http.StatusOK, body: out}, nil
}

func (s *Server) purgeDeleted(q *request) (*reply, error) {
	id := q.params[propID]
	if g := s.deletedGroup(id); g != nil {
		s.dropGroup(g)
		return &reply{status: http.StatusNoContent}, nil
	}
	u, err := s.deletedUser(id)
	if err != nil {
		return nil, err
	}
	if s.powerful(u) && !q.app.Privileged {
		return nil, denied()
	}
	s.purge(u)
	return &reply{status: http.StatusNoContent}, nil
}

// restoreDeleted brings an object back. Its licences were released by the delete and do not come back.
func (s *Server) restoreDeleted(q *request) (*reply, error) {
	body, err := q.optionalObject()
	if err != nil {
		return nil, err
	}
	id := q.params[propID]
	if g := s.deletedGroup(id); g != nil {
		g.Deleted = nil
		s.touchGroup(g)
		s.settleNow()
		return s.entity(q, s.groupRow(g), setGroups)
	}
	u, err := s.deletedUser(id)
	if err != nil {
		return nil, err
	}
	if s.powerful(u) && !q.app.Privileged {
		return nil, denied()
	}
	upn := u.text(propUPN)
	if v, _ := field(body, "newUserPrincipalName"); v != nil {
		upn, _ = v.(string)
	}
	if err := s.checkUPN(object{propUPN: upn}, u); err != nil {
		return nil, err
	}
	u.Props[propUPN] = upn
	u.Deleted = nil
	s.touch(u)
	s.settleNow()
	return s.entity(q, s.userRow(u), setUsers)
}
