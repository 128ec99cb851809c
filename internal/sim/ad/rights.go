package ad

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// sweepEvery is how often the domain looks after itself, as the protection of administrators does.
const sweepEvery = time.Hour

// Delegation gives an account rights over objects of some classes below a unit, as the delegation wizard does.
type Delegation struct {
	// Account is a logon name.
	Account string `json:"account"`
	// Unit is the distinguished name of the top.
	Unit string `json:"unit"`
	// Classes may be created, changed, moved and deleted; empty: users.
	Classes []string `json:"classes,omitempty"`
	// Attributes may be written on those objects; empty: all. With attributes, nothing is created, moved or deleted.
	Attributes []string `json:"attributes,omitempty"`
}

type grant struct {
	Account, Unit       guid
	Classes, Attributes []string
}

func (g grant) equal(o grant) bool {
	return g.Account == o.Account && g.Unit == o.Unit && slices.Equal(g.Classes, o.Classes) && slices.Equal(g.Attributes, o.Attributes)
}

// Delegate gives an account rights.
func (s *Server) Delegate(in Delegation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.delegate(in), s.commit())
}

func (s *Server) delegate(in Delegation) error {
	id, ok := s.d.sams[fold(in.Account)]
	if !ok {
		return errors.New("delegate rights: no such account")
	}
	unit, err := s.live(in.Unit)
	if err != nil {
		return fmt.Errorf("delegate rights: %w", err)
	}
	g := grant{Account: id, Unit: unit.ID, Classes: in.Classes, Attributes: in.Attributes}
	if len(g.Classes) == 0 {
		g.Classes = []string{classUser}
	}
	if slices.ContainsFunc(s.grants, g.equal) {
		return nil
	}
	s.grants = append(s.grants, g)
	s.d.settings = true
	return nil
}

// isAdmin tells whether somebody may do everything.
func (s *Server) isAdmin(who *principal) bool {
	if who == nil || s.d.entries[who.id] == nil {
		return false
	}
	for id := range s.groupsOf(s.d.entries[who.id]) {
		if rules(s.d.entries[id]) {
			return true
		}
	}
	return false
}

// granted tells whether a delegation that passes the test covers a place.
func (s *Server) granted(who *principal, at *entry, test func(grant) bool) bool {
	return who != nil && slices.ContainsFunc(s.grants, func(g grant) bool {
		return g.Account == who.id && s.d.below(at, g.Unit) && test(g)
	})
}

// guarded objects do not inherit rights: only administrators change them.
func guarded(e *entry) bool { return e.number(attrAdminCount) == 1 }

func (s *Server) mayWrite(who *principal, e *entry, attr string) bool {
	return s.isAdmin(who) || !guarded(e) && s.granted(who, e, func(g grant) bool {
		return containsFold(g.Classes, e.Class) && (len(g.Attributes) == 0 || containsFold(g.Attributes, attr))
	})
}

func (s *Server) mayCreate(who *principal, parent *entry, class string) bool {
	return s.isAdmin(who) || s.granted(who, parent, func(g grant) bool {
		return containsFold(g.Classes, class) && len(g.Attributes) == 0
	})
}

func (s *Server) mayDelete(who *principal, e *entry) bool {
	return s.isAdmin(who) || !guarded(e) && s.mayCreate(who, s.d.entries[e.Parent], e.Class)
}

// mayMove asks for the right to delete here and to create there; a rename in place asks for the right to write.
func (s *Server) mayMove(who *principal, e, parent *entry) bool {
	if e.Parent == parent.ID {
		return s.mayWrite(who, e, "name")
	}
	return s.mayDelete(who, e) && s.mayCreate(who, parent, e.Class)
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(v string) bool { return strings.EqualFold(v, s) })
}

// ProtectAdmins marks at once who is in an administrative group over any number of steps, as the domain does by itself
// every hour. Who has left such a group keeps the mark.
func (s *Server) ProtectAdmins() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.protectAdmins()
	s.commitQuietly()
}

func (s *Server) protectAdmins() {
	for _, id := range s.d.order {
		e := s.d.entries[id]
		if e.Deleted != nil || guarded(e) || !e.class().account {
			continue
		}
		admin := administers(e)
		for group := range s.groupsOf(e) {
			admin = admin || administers(s.d.entries[group])
		}
		if admin {
			e = e.clone()
			e.setNumber(attrAdminCount, 1)
			s.stamp(e)
		}
	}
}

// administers tells whether an account or a group is protected by itself.
func administers(e *entry) bool {
	if e.Builtin {
		return slices.Contains([]uint32{ridAdministrators, 548, 549, 550, 551}, e.RID)
	}
	return slices.Contains([]uint32{ridAdministrator, ridKrbtgt, ridDomainAdmins, 516, 518, 519}, e.RID)
}
