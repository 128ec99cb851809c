package graph

import (
	"slices"
	"time"
)

// State is everything in the tenant, for tests and the devstack. It holds no secret.
type State struct {
	TenantID string       `json:"tenantId"`
	Now      time.Time    `json:"now"`
	Domains  []string     `json:"domains"`
	SKUs     []SKUState   `json:"skus"`
	Users    []UserState  `json:"users"`
	Groups   []GroupState `json:"groups"`
	Deleted  []UserState  `json:"deletedItems"`
}

// SKUState is a subscription with its use.
type SKUState struct {
	SKU
	Consumed int `json:"consumed"`
}

// UserState is one user.
type UserState struct {
	ID          string         `json:"id"`
	Props       map[string]any `json:"properties"`
	Manager     string         `json:"manager,omitempty"`
	Groups      []string       `json:"groups"`
	Licences    []LicenceState `json:"licences"`
	Passes      []PassState    `json:"passes"`
	Revocations int            `json:"revocations"`
	DeletedAt   *time.Time     `json:"deletedAt,omitempty"`
	Offset      string         `json:"clockOffset,omitempty"`
	Facts       SignInFacts    `json:"signInFacts,omitzero"`
}

// LicenceState is a licence of a user; Group is empty for a direct one.
type LicenceState struct {
	SkuID string `json:"skuId"`
	Group string `json:"assignedByGroup,omitempty"`
	Error string `json:"error,omitempty"`
}

// PassState is a temporary access pass without its secret.
type PassState struct {
	ID      string    `json:"id"`
	Start   time.Time `json:"start"`
	Expires time.Time `json:"expires"`
	Once    bool      `json:"once"`
	Reason  string    `json:"reason"`
	Usable  bool      `json:"usable"`
}

// GroupState is one group with its members, the deleted ones left out.
type GroupState struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Props    map[string]any `json:"properties"`
	Members  []string       `json:"members"`
	Owners   []string       `json:"owners,omitempty"`
	Licences []string       `json:"licences"`
}

// State lists the tenant as it is at this instant.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	s.settle()
	if err := s.commit(); err != nil {
		s.log.Error("cannot keep state", "error", err)
	}
	out := State{TenantID: s.t.TenantID, Now: s.now(), Domains: append([]string(nil), s.t.Domains...)}
	for _, sku := range s.t.SKUs {
		out.SKUs = append(out.SKUs, SKUState{SKU: sku, Consumed: s.t.consumed(sku.ID)})
	}
	for _, u := range s.t.liveUsers() {
		out.Users = append(out.Users, s.userState(u))
	}
	for _, u := range s.t.deletedUsers() {
		out.Deleted = append(out.Deleted, s.userState(u))
	}
	for _, g := range s.t.liveGroups() {
		out.Groups = append(out.Groups, s.groupState(g))
	}
	return out
}

func (s *Server) userState(u *user) UserState {
	out := UserState{
		ID: u.ID, Props: s.view(u), Revocations: u.Revoked, DeletedAt: u.Deleted, Facts: u.Facts,
		Groups: []string{}, Licences: []LicenceState{}, Passes: []PassState{},
	}
	if by := s.offset(u); by != 0 {
		out.Offset = by.String()
	}
	if m := s.managerOf(u); m != nil {
		out.Manager = m.ID
	}
	for _, g := range s.parents(u.ID, false) {
		out.Groups = append(out.Groups, g.ID)
	}
	for _, l := range u.Direct {
		out.Licences = append(out.Licences, LicenceState{SkuID: l.SkuID})
	}
	for _, l := range u.Inherited {
		out.Licences = append(out.Licences, LicenceState{SkuID: l.SkuID, Group: l.Group, Error: l.Error})
	}
	for _, p := range u.Passes {
		reason := p.usability(s.t.Policy, s.at(u))
		out.Passes = append(out.Passes, PassState{
			ID: p.ID, Start: p.Start, Expires: p.Start.Add(time.Duration(p.Lifetime) * time.Minute), Once: p.Once,
			Reason: reason, Usable: reason == reasonUsable,
		})
	}
	return out
}

func (s *Server) groupState(g *group) GroupState {
	name, _ := g.Props[propDisplayName].(string)
	out := GroupState{ID: g.ID, Name: name, Props: s.groupView(g), Members: []string{}, Licences: []string{}, Owners: slices.Clone(g.Owners)}
	for _, m := range g.Members {
		if _, ok := s.objectRow(m.ID); ok {
			out.Members = append(out.Members, m.ID)
		}
	}
	for _, l := range g.Licences {
		out.Licences = append(out.Licences, l.SkuID)
	}
	return out
}
