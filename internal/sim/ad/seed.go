package ad

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"unicode/utf16"
)

// Seed is what an administrator has prepared in a domain.
type Seed struct {
	// Units are distinguished names of organizational units; those above them are made too.
	Units       []string
	Groups      []GroupSeed
	Users       []UserSeed
	Delegations []Delegation
}

// GroupScope says who can be in a group and where it counts.
type GroupScope string

// The scopes of a group.
const (
	ScopeGlobal    GroupScope = "global"
	ScopeUniversal GroupScope = "universal"
	ScopeLocal     GroupScope = "local"
)

// GroupSeed is a group.
type GroupSeed struct {
	// Name is its common name and its logon name.
	Name string
	// Unit is where it lies; empty: CN=Users.
	Unit  string
	Scope GroupScope // empty: global
	// Distribution makes it a group for mail only.
	Distribution bool
	// Members are logon names of accounts and groups that are there.
	Members []string
}

// UserSeed is an account.
type UserSeed struct {
	// Name is its common name, Logon its sAMAccountName.
	Name, Logon string
	// Unit is where it lies; empty: CN=Users.
	Unit string
	// Password enables the account; without one it is disabled.
	Password   string
	Attributes map[string][]string
	// MemberOf are logon names of groups that are there.
	MemberOf []string
}

// Seed makes what is missing. It follows the same rules as a client and stops at the first thing that is refused. An account
// or a group that is there by its logon name stays as it is, so that a restart changes nothing.
func (s *Server) Seed(in Seed) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.seed(in), s.commit())
}

func (s *Server) seed(in Seed) error {
	for _, unit := range in.Units {
		if err := s.seedUnit(unit); err != nil {
			return fmt.Errorf("seed unit: %w", err)
		}
	}
	for _, g := range in.Groups {
		if s.has(g.Name) {
			continue
		}
		if err := s.seedGroup(g); err != nil {
			return fmt.Errorf("seed group %s: %w", g.Name, err)
		}
	}
	for _, u := range in.Users {
		if s.has(u.Logon) {
			continue
		}
		if err := s.seedUser(u); err != nil {
			return fmt.Errorf("seed user %s: %w", u.Logon, err)
		}
	}
	s.protectAdmins()
	for _, d := range in.Delegations {
		if err := s.delegate(d); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) has(logon string) bool {
	_, found := s.d.sams[fold(logon)]
	return found
}

// asAdministrator is a call of the administrator over an encrypted connection.
func (s *Server) asAdministrator(name string) *call {
	return &call{session: &session{server: s, secure: true}, who: &principal{id: s.d.sams[fold(administratorName)]}, dn: name}
}

func (s *Server) seedUnit(name string) error {
	parsed, err := parseDN(name)
	if err != nil {
		return err
	}
	_, left := s.d.nearest(parsed)
	for n := range slices.Backward(left) {
		c := s.asAdministrator(parsed[n:].String())
		c.attrs = []attributeList{{attrObjectClass, []string{classUnit}}}
		if err := s.add(c); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) place(unit, name string) string {
	if unit == "" {
		unit = "CN=" + containerUsers + "," + s.d.base.String()
	}
	return "CN=" + escape(name) + "," + unit
}

func (s *Server) seedGroup(g GroupSeed) error {
	kind := map[GroupScope]int64{"": groupGlobal, ScopeGlobal: groupGlobal, ScopeUniversal: groupUniversal, ScopeLocal: groupLocal}[g.Scope]
	if !g.Distribution {
		kind |= groupSecurity
	}
	c := s.asAdministrator(s.place(g.Unit, g.Name))
	c.attrs = []attributeList{{attrObjectClass, []string{classGroup}}, {attrSAM, []string{g.Name}}, {attrGroupType, []string{itoa(kind)}}}
	if err := s.add(c); err != nil {
		return err
	}
	for _, m := range g.Members {
		if err := s.join(m, g.Name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) seedUser(u UserSeed) error {
	c := s.asAdministrator(s.place(u.Unit, u.Name))
	c.attrs = []attributeList{{attrObjectClass, []string{classUser}}, {attrSAM, []string{u.Logon}}, {attrUAC, []string{itoa(uacNormal | uacDisabled)}}}
	names := make([]string, 0, len(u.Attributes))
	for name := range u.Attributes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		c.attrs = append(c.attrs, attributeList{name, u.Attributes[name]})
	}
	if err := s.add(c); err != nil {
		return err
	}
	if u.Password != "" {
		c.changes = []change{
			{op: changeReplace, name: attrPassword, values: []string{encodePassword(u.Password)}},
			{op: changeReplace, name: attrUAC, values: []string{itoa(uacNormal)}},
		}
		if err := s.modify(c); err != nil {
			return err
		}
	}
	for _, g := range u.MemberOf {
		if err := s.join(u.Logon, g); err != nil {
			return err
		}
	}
	return nil
}

func encodePassword(password string) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(`"` + password + `"`)) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return string(out)
}

// Join makes an account or a group a member of a group, both by logon name, as the domain's own tools do.
func (s *Server) Join(member, group string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.join(member, group), s.commit())
}

func (s *Server) join(member, group string) error {
	m, okM := s.d.sams[fold(member)]
	g, okG := s.d.sams[fold(group)]
	if !okM || !okG {
		return fmt.Errorf("join group %s: %w", group, noObject(""))
	}
	c := s.asAdministrator(s.d.nameOf(g))
	c.changes = []change{{op: changeAdd, name: attrMember, values: []string{s.d.nameOf(m)}}}
	return s.modify(c)
}

// ID is the objectGUID of the object that a logon name or a distinguished name finds, "" for none.
func (s *Server) ID(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, ok := s.d.sams[fold(name)]; ok {
		return id.String()
	}
	if e, err := s.d.lookup(name); err == nil {
		return e.ID.String()
	}
	return ""
}
