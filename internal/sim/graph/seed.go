package graph

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// GroupKind says what sort of group is seeded.
type GroupKind string

// The sorts of groups. All but the first two refuse changes of their members by an ordinary application.
const (
	GroupSecurity    GroupKind = ""
	GroupUnified     GroupKind = "unified"
	GroupDynamic     GroupKind = "dynamic"
	GroupSynced      GroupKind = "synced"
	GroupRole        GroupKind = "role-assignable"
	GroupMailEnabled GroupKind = "mail-enabled"
)

// Seed is what a tenant has before anything happens.
type Seed struct {
	// Domains are verified; the first one is the default.
	Domains []string
	SKUs    []SKU
	Groups  []GroupSeed
	Users   []UserSeed
	// Applications are registrations with owners.
	Applications []Application
}

// GroupSeed is one seeded group.
type GroupSeed struct {
	// ID is the GUID; empty means SeedID(Name).
	ID   string
	Name string
	Kind GroupKind
	// SKUs are given to the members.
	SKUs []string
	// Members are IDs of users or groups that are there or come with the same seed before this group.
	Members []string
	// Owners are IDs of users.
	Owners []string
	// Roles are the directory roles that the members of a role-assignable group hold, Eligible those they may take up.
	Roles, Eligible []string
}

// UserSeed is one seeded user.
type UserSeed struct {
	// ID is the GUID; empty means SeedID of the userPrincipalName.
	ID string
	// Props are properties by their Graph names, read-only ones too; userPrincipalName is required. Values are as JSON
	// decodes them.
	Props map[string]any
	// Synced marks a user mastered in an on-premises directory, who then has an onPremisesImmutableId too.
	Synced bool
	// Facts are the user's sign-ins, further authentication methods and directory roles, active and eligible.
	Facts SignInFacts
	// Manager is a user's ID.
	Manager string
	// SKUs are held directly, whatever seats are left.
	SKUs []string
}

// SeedID derives a fixed GUID from a name, so that a policy can name a seeded group by ID.
func SeedID(name string) string {
	sum := sha256.Sum256([]byte("tenure graph simulator\n" + strings.ToLower(name)))
	return formatGUID(sum[:16])
}

// Seed makes what is missing. What is there by its ID stays as it is, so that a restart changes nothing.
func (s *Server) Seed(seed Seed) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(seed.Domains) > 0 {
		s.t.Domains = slices.Clone(seed.Domains)
		s.dirty.settings = true
	}
	for _, sku := range seed.SKUs {
		if !guid.MatchString(sku.ID) {
			return fmt.Errorf("seed sku %q: not a GUID", sku.ID)
		}
		if s.t.sku(sku.ID) == nil {
			sku.ID = folded(sku.ID)
			s.t.SKUs = append(s.t.SKUs, sku)
			s.dirty.settings = true
		}
	}
	for _, u := range seed.Users {
		if err := s.seedUser(u); err != nil {
			return err
		}
	}
	for _, g := range seed.Groups {
		if err := s.seedGroup(g); err != nil {
			return err
		}
	}
	for _, a := range seed.Applications {
		s.seedApplication(a)
	}
	s.settleNow()
	return s.commit()
}

func (s *Server) seedUser(in UserSeed) error {
	upn, _ := in.Props[propUPN].(string)
	local, domain, _ := strings.Cut(upn, "@")
	if !s.t.verified(domain) {
		return errors.New("seed user: userPrincipalName is not in a verified domain")
	}
	id := folded(in.ID)
	if id == "" {
		id = SeedID(upn)
	}
	if s.t.users[id] != nil {
		return nil
	}
	if s.t.userByName(upn) != nil {
		return errors.New("seed user: userPrincipalName is taken")
	}
	facts, err := in.Facts.checked()
	if err != nil {
		return fmt.Errorf("seed user: %w", err)
	}
	props := object{propEnabled: true, propDisplayName: local, propMailNickname: local, propUsage: "DE"}
	maps.Copy(props, in.Props)
	if in.Synced {
		props[propSynced] = true
		if props[propImmutableID] == nil {
			props[propImmutableID] = base64.StdEncoding.EncodeToString([]byte(id[:16]))
		}
		props[propSyncedAt] = stamp(s.now())
	}
	u := s.newUser(id, props)
	u.Facts, u.Manager = facts, folded(in.Manager)
	for _, sku := range in.SKUs {
		u.Direct = append(u.Direct, licence{SkuID: folded(sku), At: s.at(u)})
	}
	return nil
}

func (s *Server) seedGroup(in GroupSeed) error {
	id := folded(in.ID)
	if id == "" {
		id = SeedID(in.Name)
	}
	if s.t.groups[id] != nil {
		return nil
	}
	props := object{
		propDisplayName: in.Name, propMailNickname: "g" + id[:8], propMailEnabled: false, propSecurity: true,
	}
	switch in.Kind {
	case GroupSecurity:
	case GroupUnified:
		props[propGroupTypes], props[propMailEnabled], props[propSecurity] = []any{kindUnified}, true, false
	case GroupDynamic:
		props[propGroupTypes] = []any{kindDynamic}
		props[propRule], props["membershipRuleProcessingState"] = `user.department -eq "None"`, "On"
	case GroupSynced:
		props[propSynced] = true
	case GroupRole:
		props[propRoleGroup] = true
	case GroupMailEnabled:
		props[propMailEnabled] = true
	default:
		return fmt.Errorf("seed group: unknown kind %q", in.Kind)
	}
	if err := checkRoles(in.Roles, in.Eligible); err != nil {
		return fmt.Errorf("seed group: %w", err)
	}
	if in.Kind != GroupRole && len(in.Roles)+len(in.Eligible) > 0 {
		return errors.New("seed group: only a role-assignable group holds roles")
	}
	g := &group{Props: props, Roles: slices.Clone(in.Roles), Eligible: slices.Clone(in.Eligible)}
	for _, owner := range in.Owners {
		g.Owners = append(g.Owners, folded(owner))
	}
	for _, sku := range in.SKUs {
		if s.t.sku(sku) == nil {
			return fmt.Errorf("seed group: unknown sku %q", sku)
		}
		g.Licences = append(g.Licences, licence{SkuID: folded(sku), At: s.now()})
	}
	s.putGroup(id, g)
	for _, m := range in.Members {
		g.join(member{ID: folded(m), Since: s.now()})
	}
	return nil
}

func (s *Server) seedApplication(in Application) {
	in.ID = folded(in.ID)
	if in.ID == "" {
		in.ID = SeedID(in.Name)
	}
	if slices.ContainsFunc(s.t.Applications, func(a Application) bool { return a.ID == in.ID }) {
		return
	}
	owners := make([]string, 0, len(in.Owners))
	for _, owner := range in.Owners {
		owners = append(owners, folded(owner))
	}
	in.Owners = owners
	s.t.Applications = append(s.t.Applications, in)
	s.dirty.settings = true
}
