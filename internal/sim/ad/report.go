package ad

import (
	"maps"
	"time"
)

// State is what an audit looks at: everything in the domain that was not there from the beginning. It holds no secret.
type State struct {
	Now      time.Time      `json:"now"`
	Units    []string       `json:"units"`
	Accounts []AccountState `json:"accounts"`
	Groups   []GroupState   `json:"groups"`
	Deleted  []AccountState `json:"deleted"`
	USN      int64          `json:"usn"` // the number of the last change
}

// AccountState is one user.
type AccountState struct {
	ID         string `json:"id"` // objectGUID
	SID        string `json:"sid"`
	DN         string `json:"dn"`
	Unit       string `json:"unit"`
	Logon      string `json:"logon"`
	UserName   string `json:"userName,omitempty"`
	EmployeeID string `json:"employeeId,omitempty"`
	Enabled    bool   `json:"enabled"`
	Locked     bool   `json:"locked,omitempty"`
	MustChange bool   `json:"mustChangePassword,omitempty"`
	// PasswordSets is how often a password was set.
	PasswordSets int `json:"passwordSets"`
	// Manager is a distinguished name, Groups are those that the account is a member of by itself.
	Manager string   `json:"manager,omitempty"`
	Groups  []string `json:"groups"`
	// Attributes are those that a client writes, by folded name.
	Attributes map[string][]string `json:"attributes"`
	Changes    int64               `json:"usnChanged"`
	DeletedAt  *time.Time          `json:"deletedAt,omitempty"`
}

// GroupState is one group, one of the built-in ones included when it has members.
type GroupState struct {
	ID      string   `json:"id"`
	DN      string   `json:"dn"`
	Logon   string   `json:"logon"`
	Members []string `json:"members"`
}

// USN is the number of the last change: another one means that something has changed.
func (s *Server) USN() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.d.usn
}

// State lists the domain as it is at this instant, in order of creation.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	s.commitQuietly()
	out := State{Now: s.now(), USN: s.d.usn, Units: []string{}, Accounts: []AccountState{}, Groups: []GroupState{}, Deleted: []AccountState{}}
	for _, id := range s.d.order {
		e := s.d.entries[id]
		switch {
		case e.Class == classUser && e.Deleted != nil:
			out.Deleted = append(out.Deleted, s.accountState(e))
		case e.Class == classUser && !e.Critical:
			out.Accounts = append(out.Accounts, s.accountState(e))
		case e.Class == classGroup && e.Deleted == nil:
			if g := s.groupState(e); !e.Critical || len(g.Members) > 0 {
				out.Groups = append(out.Groups, g)
			}
		case e.Class == classUnit && e.Deleted == nil && !e.Critical:
			out.Units = append(out.Units, s.d.nameOf(id))
		}
	}
	return out
}

func (s *Server) accountState(e *entry) AccountState {
	out := AccountState{
		ID: e.ID.String(), SID: s.d.sidOf(e).String(), DN: s.d.nameOf(e.ID), Unit: s.d.nameOf(e.Parent),
		Logon: e.first(attrSAM), UserName: e.first(attrUPN), EmployeeID: e.first(attrEmployeeID),
		Enabled: e.number(attrUAC)&uacDisabled == 0, Locked: s.locked(e), MustChange: s.mustChange(e),
		PasswordSets: e.Password.Sets, Groups: []string{}, Attributes: maps.Clone(e.Attrs), Changes: e.USNChanged, DeletedAt: e.Deleted,
	}
	if e.Deleted != nil {
		out.Unit = s.d.nameOf(e.LastParent)
		return out
	}
	for _, id := range s.d.targets(e, attrManager) {
		out.Manager = s.d.nameOf(id)
	}
	for _, id := range s.d.sources(attrMember, e.ID) {
		out.Groups = append(out.Groups, s.d.nameOf(id))
	}
	return out
}

func (s *Server) groupState(e *entry) GroupState {
	out := GroupState{ID: e.ID.String(), DN: s.d.nameOf(e.ID), Logon: e.first(attrSAM), Members: []string{}}
	for _, id := range s.d.targets(e, attrMember) {
		out.Members = append(out.Members, s.d.nameOf(id))
	}
	return out
}
