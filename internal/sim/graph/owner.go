package graph

import (
	"errors"
	"fmt"
	"slices"
)

const typeApplication = "#microsoft.graph.application"

// Application is a registration of the tenant that somebody owns.
type Application struct {
	// ID is the object's GUID; empty means SeedID(Name).
	ID   string `json:"id"`
	Name string `json:"name"`
	// Owners are IDs of users.
	Owners []string `json:"owners,omitempty"`
}

func applicationCatalog() *catalog {
	return newCatalog("Application", []property{
		{name: propID, eq: filterDefault, shown: true, fixed: true},
		{name: propDeleted, kind: kindDate, shown: true, fixed: true},
		{name: propDisplayName, eq: filterDefault, starts: true, shown: true, required: true},
	})
}

func (s *Server) applicationRow(a Application) row {
	o := object{propID: a.ID, propDisplayName: a.Name}
	return row{raw: o, full: func() object { return o }, typ: typeApplication, cat: s.applications}
}

// ownedObjects lists the groups and applications that a user owns.
func (s *Server) ownedObjects(q *request) (*reply, error) {
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, err
	}
	l := listing{name: setObjects, cat: s.groups}
	for _, g := range s.t.liveGroups() {
		if slices.Contains(g.Owners, u.ID) {
			l.rows = append(l.rows, s.groupRow(g))
		}
	}
	for _, a := range s.t.Applications {
		if slices.Contains(a.Owners, u.ID) {
			l.rows = append(l.rows, s.applicationRow(a))
		}
	}
	return s.list(q, l)
}

// listOwners lists the owners of a group.
func (s *Server) listOwners(q *request) (*reply, error) {
	g, err := s.lookupGroup(q.params[propID])
	if err != nil {
		return nil, err
	}
	l := listing{name: setObjects, cat: s.users}
	for _, id := range g.Owners {
		if r, ok := s.objectRow(id); ok {
			l.rows = append(l.rows, r)
		}
	}
	return s.list(q, l)
}

var errNoGroup = errors.New("no such group")

// Join makes a user or a group a member of a group of any kind, as an administrator or the system itself does.
func (s *Server) Join(id, groupID string) error {
	return s.arrange("join group", groupID, func(g *group) error {
		if _, ok := s.objectRow(folded(id)); !ok {
			return errNoUser
		}
		m := member{ID: folded(id), Since: s.now()}
		g.join(m)
		s.dirty.links = append(s.dirty.links, link{Group: g.ID, member: m})
		s.settleNow()
		return nil
	})
}

// Own makes a user an owner of a group.
func (s *Server) Own(id, groupID string) error {
	return s.arrange("own group", groupID, func(g *group) error {
		u, err := s.find(id)
		if err != nil {
			return err
		}
		if !slices.Contains(g.Owners, u.ID) {
			g.Owners = append(g.Owners, u.ID)
			s.touchGroup(g)
		}
		return nil
	})
}

// SetGroupRoles says which directory roles the members of a role-assignable group hold, and which they may take up.
func (s *Server) SetGroupRoles(groupID string, active, eligible []string) error {
	return s.arrange("set roles of group", groupID, func(g *group) error {
		if err := checkRoles(active, eligible); err != nil {
			return err
		}
		if !g.flag(propRoleGroup) {
			return errors.New("group is not role-assignable")
		}
		g.Roles, g.Eligible = slices.Clone(active), slices.Clone(eligible)
		s.touchGroup(g)
		return nil
	})
}

// arrange changes a live group from outside of Graph.
func (s *Server) arrange(what, groupID string, change func(*group) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.t.groups[folded(groupID)]
	if g == nil || g.Deleted != nil {
		return fmt.Errorf("%s: %w", what, errNoGroup)
	}
	if err := change(g); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return s.commit()
}
