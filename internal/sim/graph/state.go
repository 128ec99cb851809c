package graph

import (
	"slices"
	"strings"
	"time"
)

// object is a JSON object as Graph's bodies hold it.
type object = map[string]any

// user is one account of the tenant.
type user struct {
	ID    string `json:"id"`
	Ord   int64  `json:"ord"` // order of creation, the order of listings
	Seq   int64  `json:"seq"` // last change, for delta
	Props object `json:"props"`

	Manager   string        `json:"manager,omitempty"`
	Direct    []licence     `json:"direct,omitempty"`
	Inherited []inherited   `json:"inherited,omitempty"`
	Passes    []pass        `json:"passes,omitempty"`
	Revoked   int           `json:"revoked,omitempty"`
	Facts     SignInFacts   `json:"facts,omitzero"`
	Deleted   *time.Time    `json:"deleted,omitempty"`
	Offset    time.Duration `json:"offset,omitempty"`

	// The window after the create in which the object is not found.
	HiddenReads int       `json:"hiddenReads,omitempty"`
	VisibleAt   time.Time `json:"visibleAt,omitzero"`
	IndexedAt   time.Time `json:"indexedAt,omitzero"`

	indexed string // the key in tenant.byUPN
}

// licence is a licence given directly, or one that a group gives to its members.
type licence struct {
	SkuID    string    `json:"skuId"`
	Disabled []string  `json:"disabledPlans,omitempty"`
	At       time.Time `json:"at"`
}

// inherited is a licence that a group gave to a user, or failed to give.
type inherited struct {
	licence
	Group string `json:"group"`
	Error string `json:"error,omitempty"` // empty means active
}

// pass is a temporary access pass; the secret itself is not kept.
type pass struct {
	ID       string    `json:"id"`
	Digest   string    `json:"digest"`
	Created  time.Time `json:"created"`
	Start    time.Time `json:"start"`
	Lifetime int       `json:"lifetime"`
	Once     bool      `json:"once"`
	Used     bool      `json:"used,omitempty"`
}

// group is one group of the tenant.
type group struct {
	ID       string     `json:"id"`
	Ord      int64      `json:"ord"`
	Props    object     `json:"props"`
	Members  []member   `json:"members,omitempty"`
	Licences []licence  `json:"licences,omitempty"`
	Deleted  *time.Time `json:"deleted,omitempty"`
	// Owners are users; Roles and Eligible are what the members of a role-assignable group hold.
	Owners   []string `json:"owners,omitempty"`
	Roles    []string `json:"roles,omitempty"`
	Eligible []string `json:"eligible,omitempty"`

	since map[string]time.Time // Members by ID, made on first use
}

// member is a user or a group in a group.
type member struct {
	ID    string    `json:"id"`
	Since time.Time `json:"since"`
}

// purged remembers for delta that a user is gone for good.
type purged struct {
	ID  string `json:"id"`
	Seq int64  `json:"seq"`
}

// settings is what the tenant has one of.
type settings struct {
	TenantID string   `json:"tenantId"`
	TokenKey string   `json:"tokenKey"`
	Domains  []string `json:"domains"` // the first is the default one
	SKUs     []SKU    `json:"skus"`
	Policy   policy   `json:"policy"`
	// Applications are registrations with owners.
	Applications []Application       `json:"applications,omitempty"`
	Principals   []ServicePrincipal  `json:"servicePrincipals,omitempty"`
	Workflows    []LifecycleWorkflow `json:"lifecycleWorkflows,omitempty"`
	Federated    []string            `json:"federated,omitempty"` // of the domains
	Ord          int64               `json:"ord"`
	Seq          int64               `json:"seq"`
}

// policy is the tenant's policy for temporary access passes.
type policy struct {
	State   string `json:"state"`
	Min     int    `json:"min"`
	Max     int    `json:"max"`
	Default int    `json:"default"`
	Length  int    `json:"length"`
	Once    bool   `json:"once"`
	// Include and Exclude are groups; an empty Include means everybody.
	Include []string `json:"include,omitempty"`
	Exclude []string `json:"exclude,omitempty"`
}

// tenant is the whole state. Its maps are by ID.
type tenant struct {
	settings
	users  map[string]*user
	groups map[string]*group
	purged []purged
	// shifts moves the clocks of people, by employee number.
	shifts map[string]time.Duration

	// byUPN finds live users by folded userPrincipalName.
	byUPN map[string]string
}

func newTenant() *tenant {
	return &tenant{
		users: map[string]*user{}, groups: map[string]*group{}, shifts: map[string]time.Duration{},
		byUPN: map[string]string{},
	}
}

func (t *tenant) nextOrd() int64 {
	t.Ord++
	return t.Ord
}

func (t *tenant) nextSeq() int64 {
	t.Seq++
	return t.Seq
}

// liveUsers lists the users that are not deleted in order of creation.
func (t *tenant) liveUsers() []*user {
	return t.usersWhere(func(u *user) bool { return u.Deleted == nil })
}

func (t *tenant) deletedUsers() []*user {
	return t.usersWhere(func(u *user) bool { return u.Deleted != nil })
}

func (t *tenant) usersWhere(keep func(*user) bool) []*user {
	out := make([]*user, 0, len(t.users))
	for _, u := range t.users {
		if keep(u) {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b *user) int { return int(a.Ord - b.Ord) })
	return out
}

func (t *tenant) groupsWhere(keep func(*group) bool) []*group {
	out := make([]*group, 0, len(t.groups))
	for _, g := range t.groups {
		if keep(g) {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b *group) int { return int(a.Ord - b.Ord) })
	return out
}

func (t *tenant) liveGroups() []*group {
	return t.groupsWhere(func(g *group) bool { return g.Deleted == nil })
}

// userByName finds a live user by userPrincipalName.
func (t *tenant) userByName(upn string) *user {
	if id, ok := t.byUPN[strings.ToLower(upn)]; ok {
		return t.users[id]
	}
	return nil
}

// index keeps byUPN right after a user changed.
func (t *tenant) index(u *user) {
	if t.byUPN[u.indexed] == u.ID {
		delete(t.byUPN, u.indexed)
	}
	u.indexed = strings.ToLower(u.text(propUPN))
	if u.Deleted == nil {
		t.byUPN[u.indexed] = u.ID
	}
}

func (t *tenant) sku(id string) *SKU {
	for i := range t.SKUs {
		if strings.EqualFold(t.SKUs[i].ID, id) {
			return &t.SKUs[i]
		}
	}
	return nil
}

func (t *tenant) verified(domain string) bool {
	return slices.ContainsFunc(t.Domains, func(d string) bool { return strings.EqualFold(d, domain) })
}

func (u *user) text(name string) string {
	s, _ := u.Props[name].(string)
	return s
}

func (u *user) flag(name string) bool {
	b, _ := u.Props[name].(bool)
	return b
}

func (g *group) flag(name string) bool {
	b, _ := g.Props[name].(bool)
	return b
}

// kind reports whether groupTypes names the given type.
func (g *group) kind(name string) bool {
	types, _ := g.Props[propGroupTypes].([]any)
	return slices.Contains(types, any(name))
}

// memberSince finds a member and the instant of the joining.
func (g *group) memberSince(id string) (time.Time, bool) {
	if g.since == nil {
		g.since = make(map[string]time.Time, len(g.Members))
		for _, m := range g.Members {
			g.since[m.ID] = m.Since
		}
	}
	at, ok := g.since[id]
	return at, ok
}

func (g *group) hasMember(id string) bool {
	_, ok := g.memberSince(id)
	return ok
}

func (g *group) join(m member) {
	if !g.hasMember(m.ID) {
		g.Members = append(g.Members, m)
		g.since[m.ID] = m.Since
	}
}

func (g *group) leave(id string) {
	if g.hasMember(id) {
		g.Members = slices.DeleteFunc(g.Members, func(m member) bool { return m.ID == id })
		delete(g.since, id)
	}
}

// holds reports whether the user's licence works, given directly or by a group.
func (u *user) holds(sku string) bool {
	return u.directLicence(sku) >= 0 || slices.ContainsFunc(u.Inherited, func(l inherited) bool {
		return l.Error == "" && strings.EqualFold(l.SkuID, sku)
	})
}

func (u *user) directLicence(sku string) int {
	return slices.IndexFunc(u.Direct, func(l licence) bool { return strings.EqualFold(l.SkuID, sku) })
}

// consumed counts the users that hold a licence of the SKU.
func (t *tenant) consumed(sku string) int {
	n := 0
	for _, u := range t.users {
		if u.Deleted == nil && u.holds(sku) {
			n++
		}
	}
	return n
}
