package graph

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
)

const (
	propSyncedAt   = "onPremisesLastSyncDateTime"
	propSyncDomain = "onPremisesDomainName"
)

// SyncedUser is an account of a domain on the premises as a synchronisation brings it.
type SyncedUser struct {
	// Anchor becomes onPremisesImmutableId, by which the user is found again.
	Anchor string
	// Props are properties by their Graph names, read-only ones too; userPrincipalName is required. Values are as JSON
	// decodes them; null clears.
	Props map[string]any
	// Manager is the anchor of a user of the same synchronisation.
	Manager string
}

// SyncResult counts what a synchronisation has done.
type SyncResult struct {
	Created, Changed, Deleted, Restored int
	// Refused are the anchors of users that the tenant did not take, with the reason.
	Refused map[string]string
}

// Sync makes the users that are mastered in a domain exactly those given, as Entra Connect does: who is new is made or, when
// a user of the cloud's own has the name, becomes that user; who is there is changed where it differs; who is missing goes
// to the deleted items and comes back from there. A name in a domain that is not verified gets the tenant's own domain.
func (s *Server) Sync(domain string, users []SyncedUser) (SyncResult, error) {
	if domain == "" {
		return SyncResult{}, errors.New("sync users: the domain has no name")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	out := SyncResult{Refused: map[string]string{}}
	have := s.syncedFrom(domain)
	out.Deleted = s.syncGone(have, users) // first, so that their names are free
	for _, in := range users {
		bring := s.syncNew
		if u := have[in.Anchor]; u != nil {
			bring = func(in SyncedUser, domain string, out *SyncResult) error { return s.syncChange(u, in, domain, out) }
		}
		if err := bring(in, domain, &out); err != nil {
			out.Refused[in.Anchor] = err.Error()
		}
	}
	s.syncManagers(domain, users)
	return out, s.commit()
}

func (s *Server) syncGone(have map[string]*user, users []SyncedUser) (deleted int) {
	given := map[string]bool{}
	for _, in := range users {
		given[in.Anchor] = true
	}
	for _, anchor := range slices.Sorted(maps.Keys(have)) {
		if u := have[anchor]; !given[anchor] && u.Deleted == nil {
			s.bury(u)
			deleted++
		}
	}
	return deleted
}

// syncedFrom finds the users mastered in a domain by their anchors, the deleted ones too.
func (s *Server) syncedFrom(domain string) map[string]*user {
	out := map[string]*user{}
	for _, u := range s.t.users {
		if u.flag(propSynced) && strings.EqualFold(u.text(propSyncDomain), domain) {
			out[u.text(propImmutableID)] = u
		}
	}
	return out
}

// syncProps completes what is brought with what every synchronised user has.
func (s *Server) syncProps(in SyncedUser, domain string) object {
	props := object{}
	maps.Copy(props, in.Props)
	props[propSynced], props[propImmutableID], props[propSyncDomain] = true, in.Anchor, domain
	name, _ := props[propUPN].(string)
	if local, suffix, _ := strings.Cut(name, "@"); local != "" && !s.t.verified(suffix) {
		props[propUPN] = local + "@" + s.t.Domains[0]
	}
	return props
}

func (s *Server) syncNew(in SyncedUser, domain string, out *SyncResult) error {
	props := s.syncProps(in, domain)
	name, _ := props[propUPN].(string)
	if in.Anchor == "" || name == "" {
		return errors.New("the anchor or the name is missing")
	}
	if u := s.t.userByName(name); u != nil {
		if u.flag(propSynced) || s.powerful(u) {
			return objectConflict(propUPN)
		}
		return s.syncChange(u, in, domain, out)
	}
	if err := s.checkUPN(props, nil); err != nil {
		return err
	}
	props[propSyncedAt] = stamp(s.now())
	u := s.newUser(newGUID(), props)
	u.HiddenReads = s.opts.Lag.Reads
	u.VisibleAt = s.now().Add(s.opts.Lag.Window)
	u.IndexedAt = s.now().Add(s.opts.Lag.Index)
	out.Created++
	return nil
}

// syncChange brings what differs. A user among the deleted items comes back first.
func (s *Server) syncChange(u *user, in SyncedUser, domain string, out *SyncResult) error {
	props := s.syncProps(in, domain)
	if err := s.checkUPN(props, u); err != nil {
		return err
	}
	if u.Deleted != nil {
		u.Deleted = nil
		s.touch(u)
		s.settleNow()
		out.Restored++
	}
	changed := false
	for name, value := range props {
		if !reflect.DeepEqual(u.Props[name], value) {
			u.Props[name], changed = value, true
		}
	}
	if !changed {
		return nil
	}
	u.Props[propSyncedAt] = stamp(s.now())
	s.touch(u)
	s.settleNow()
	out.Changed++
	return nil
}

// syncManagers comes last, when everybody is there who can be one.
func (s *Server) syncManagers(domain string, users []SyncedUser) {
	have := s.syncedFrom(domain)
	for _, in := range users {
		u := have[in.Anchor]
		if u == nil || u.Deleted != nil {
			continue
		}
		manager := ""
		if m := have[in.Manager]; in.Manager != "" && m != nil {
			manager = m.ID
		}
		if u.Manager != manager {
			u.Manager = manager
			s.touch(u)
		}
	}
}
