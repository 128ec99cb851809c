package graph

import (
	"net/http"
	"slices"
	"strings"
)

// memberObject finds what a reference names: a user or a group.
func (s *Server) memberObject(id string) (string, error) {
	if g := s.t.groups[folded(id)]; g != nil && g.Deleted == nil {
		return g.ID, nil
	}
	u, err := s.lookup(id)
	if err != nil {
		return "", err
	}
	return u.ID, nil
}

// mayChangeMembers refuses the groups whose members this API or this caller may not change.
func (s *Server) mayChangeMembers(q *request, g *group) error {
	switch {
	case g.flag(propSynced):
		return badRequest(messageMastered)
	case g.kind(kindDynamic):
		return denied()
	case g.flag(propMailEnabled) && !g.kind(kindUnified):
		return badRequest(messageMailGroup)
	case g.flag(propRoleGroup) && !q.app.allowed(permRoleManage):
		return denied()
	default:
		return nil
	}
}

// addMembers adds all or none.
func (s *Server) addMembers(q *request, g *group, refs []string) error {
	if err := s.mayChangeMembers(q, g); err != nil {
		return err
	}
	var add []member
	for _, ref := range refs {
		id, err := s.memberObject(ref)
		if err != nil {
			return err
		}
		if g.hasMember(id) || slices.ContainsFunc(add, func(m member) bool { return m.ID == id }) {
			return badRequest("One or more added object references already exist for the following modified properties: 'members'.")
		}
		add = append(add, member{ID: id, Since: s.now()})
	}
	for _, m := range add {
		g.join(m)
		s.dirty.links = append(s.dirty.links, link{Group: g.ID, member: m})
	}
	s.settleNow()
	return nil
}

func (s *Server) addMember(q *request) (*reply, error) {
	body, err := q.object()
	if err != nil {
		return nil, err
	}
	g, err := s.lookupGroup(q.params[propID])
	if err != nil {
		return nil, err
	}
	ref, ok := field(body, keyRef)
	if !ok {
		return nil, badRequest("%s", messageBadValues)
	}
	if err := s.addMembers(q, g, []string{reference(ref)}); err != nil {
		return nil, err
	}
	return &reply{status: http.StatusNoContent}, nil
}

func (s *Server) removeMember(q *request) (*reply, error) {
	g, err := s.lookupGroup(q.params[propID])
	if err != nil {
		return nil, err
	}
	if err := s.mayChangeMembers(q, g); err != nil {
		return nil, err
	}
	if !g.hasMember(folded(q.params[paramChild])) {
		return nil, notFound(q.params[paramChild])
	}
	s.leave(g, folded(q.params[paramChild]))
	s.settleNow()
	return &reply{status: http.StatusNoContent}, nil
}

func (s *Server) leave(g *group, id string) {
	g.leave(id)
	s.dirty.links = append(s.dirty.links, link{Group: g.ID, member: member{ID: id}, Gone: true})
}

// deleteThroughGroup is what the URL of a member without /$ref means: the member itself is deleted.
func (s *Server) deleteThroughGroup(q *request) (*reply, error) {
	g, err := s.lookupGroup(q.params[propID])
	if err != nil {
		return nil, err
	}
	if !g.hasMember(folded(q.params[paramChild])) {
		return nil, notFound(q.params[paramChild])
	}
	u, err := s.lookup(q.params[paramChild])
	if err != nil {
		return nil, err
	}
	return s.remove(q, u)
}

// objectRow is the row of a live user or group.
func (s *Server) objectRow(id string) (row, bool) {
	if u := s.t.users[id]; u != nil && u.Deleted == nil {
		return s.userRow(u), true
	}
	if g := s.t.groups[id]; g != nil && g.Deleted == nil {
		return s.groupRow(g), true
	}
	return row{}, false
}

func (s *Server) listMembers(q *request) (*reply, error) {
	g, err := s.lookupGroup(q.params[propID])
	if err != nil {
		return nil, err
	}
	l := listing{name: setObjects, cat: s.users}
	for _, m := range g.Members {
		if r, ok := s.objectRow(m.ID); ok {
			l.rows = append(l.rows, r)
		}
	}
	return s.list(q, l)
}

// parents lists the live groups that hold the object, directly or through groups.
func (s *Server) parents(id string, deep bool) []*group {
	var out []*group
	seen := map[string]bool{}
	todo := []string{id}
	for len(todo) > 0 {
		next := todo[0]
		todo = todo[1:]
		for _, g := range s.t.liveGroups() {
			if !g.hasMember(next) || seen[g.ID] {
				continue
			}
			seen[g.ID] = true
			out = append(out, g)
			if deep {
				todo = append(todo, g.ID)
			}
		}
	}
	return out
}

// memberOf answers memberOf and transitiveMemberOf, with or without the cast to groups.
func (s *Server) memberOf(q *request) (*reply, error) {
	deep := strings.EqualFold(q.route.segs[2], "transitiveMemberOf")
	cast := len(q.route.segs) > 3
	if cast && deep && !q.advanced() {
		return nil, unsupported("Unsupported Query.")
	}
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, err
	}
	l := listing{name: setObjects, cat: s.groups, alone: cast}
	if cast {
		l.name = setGroups
	}
	roles := slices.Clone(u.Facts.Roles)
	for _, g := range s.parents(u.ID, deep) {
		l.rows = append(l.rows, s.groupRow(g))
		if deep {
			roles = append(roles, g.Roles...)
		}
	}
	if !cast {
		slices.Sort(roles)
		l.rows = append(l.rows, s.roleRows(slices.Compact(roles))...)
	}
	return s.list(q, l)
}
