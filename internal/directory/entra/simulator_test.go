package entra_test

import (
	"crypto/x509"
	"net/http"
	"slices"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/dirtest"
	"tenure/internal/directory/entra"
	"tenure/internal/sim/fault"
	"tenure/internal/sim/graph"
	"tenure/internal/sim/graph/graphtest"
)

const (
	domain       = "contoso.example"
	clientID     = "11111111-2222-4333-8444-555555555555"
	clientSecret = "not-a-real-secret"
	skuFree      = "05e9a617-0261-4cee-bb44-138d3ef5d965"
	skuFull      = "06ebc4ee-1bb5-47dd-8120-11324bc54e06"
	skuByGroup   = "18181a46-0d4e-45cd-891e-60aabd171b4e"
)

// newSimulator starts a tenant with a group of each kind and three licences.
func newSimulator(t *testing.T, o graph.Options) *graph.Server {
	t.Helper()
	o.Apps = append(o.Apps, graph.App{ID: clientID, Secret: clientSecret})
	s, err := graph.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	seed := graph.Seed{
		Domains: []string{domain},
		SKUs: []graph.SKU{
			{ID: skuFree, PartNumber: "SPE_E3", Seats: 5},
			{ID: skuFull, PartNumber: "SPE_E5"},
			{ID: skuByGroup, PartNumber: "STANDARDPACK", Seats: 5},
		},
	}
	for name, kind := range groupKinds() {
		g := graph.GroupSeed{Name: string(name), Kind: kind}
		if name == directory.GroupAssigned {
			g.SKUs = []string{skuByGroup}
		}
		seed.Groups = append(seed.Groups, g)
	}
	if err := s.Seed(seed); err != nil {
		t.Fatal(err)
	}
	return s
}

func groupKinds() map[directory.GroupKind]graph.GroupKind {
	return map[directory.GroupKind]graph.GroupKind{
		directory.GroupAssigned:       graph.GroupSecurity,
		directory.GroupDynamic:        graph.GroupDynamic,
		directory.GroupSynced:         graph.GroupSynced,
		directory.GroupRoleAssignable: graph.GroupRole,
		directory.GroupMailEnabled:    graph.GroupMailEnabled,
	}
}

// configFor is how a simulator is reached: real azidentity and SDK code, a CA
// of its own.
func configFor(s *graph.Server) entra.Config {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.CA())
	return entra.Config{
		Name: "entra", Tenant: s.TenantID(), Domain: domain,
		Credential: entra.Credential{
			Kind: entra.CredentialSecret, ClientID: clientID, Secret: directory.NewSecret(clientSecret),
		},
		BaseURL: s.URL() + "/v1.0", Authority: s.URL() + "/", RootCAs: pool, RequestTimeout: 10 * time.Second,
	}
}

func connect(t *testing.T, cfg entra.Config) *entra.Directory {
	t.Helper()
	d, err := entra.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// routes says which request of a verb a fault has to meet.
func routes() map[directory.Verb]fault.Rule {
	return map[directory.Verb]fault.Rule{
		directory.VerbAccount:          {Method: http.MethodGet, Path: "/v1.0/users/*"},
		directory.VerbCreateAccount:    {Method: http.MethodPost, Path: "/v1.0/users"},
		directory.VerbUpdateAccount:    {Method: http.MethodPatch, Path: "/v1.0/users/*"},
		directory.VerbSetManager:       {Method: http.MethodPut, Path: "/v1.0/users/*/manager/$ref"},
		directory.VerbDeleteAccount:    {Method: http.MethodDelete, Path: "/v1.0/users/*"},
		directory.VerbRestoreAccount:   {Method: http.MethodPost, Path: "/v1.0/directory/deletedItems/*/restore"},
		directory.VerbAddToGroup:       {Method: http.MethodPost, Path: "/v1.0/groups/*/members/$ref"},
		directory.VerbRemoveFromGroup:  {Method: http.MethodDelete, Path: "/v1.0/groups/*/members/*/$ref"},
		directory.VerbChangeLicenses:   {Method: http.MethodPost, Path: "/v1.0/users/*/assignLicense"},
		directory.VerbListAccounts:     {Method: http.MethodGet, Path: "/v1.0/users"},
		directory.VerbAccountsByAnchor: {Method: http.MethodGet, Path: "/v1.0/users"},
		directory.VerbProtection:       {Method: http.MethodGet, Path: "/v1.0/roleManagement/directory/roleAssignments"},
		directory.VerbOwnerships:       {Method: http.MethodGet, Path: "/v1.0/users/*/ownedObjects"},
		directory.VerbMemberOf:         {Method: http.MethodGet, Path: "/v1.0/users/*/transitiveMemberOf"},
		directory.VerbIssuePass:        {Method: http.MethodPost, Path: "/v1.0/users/*/authentication/temporaryAccessPassMethods"},
	}
}

func inject(t *testing.T, s *graph.Server, verb directory.Verb, what dirtest.Fault) {
	t.Helper()
	rule, ok := routes()[verb]
	if !ok {
		t.Fatalf("no route for %s", verb)
	}
	switch what {
	case dirtest.Throttled:
		rule.Kind, rule.RetryAfter = fault.Throttled, int(dirtest.ThrottleAfter/time.Second)
	case dirtest.Unavailable:
		rule.Kind = fault.GatewayPage
	case dirtest.LostAnswer:
		rule.Kind = fault.Lost
	}
	if err := s.Faults().Add(rule); err != nil {
		t.Fatal(err)
	}
}

func newFixture(t *testing.T, o graph.Options) dirtest.Fixture {
	t.Helper()
	s := newSimulator(t, o)
	groups := map[directory.GroupKind]string{}
	for name := range groupKinds() {
		groups[name] = graph.SeedID(string(name))
	}
	return dirtest.Fixture{
		Directory: connect(t, configFor(s)), Domain: domain, Groups: groups,
		SKU: skuFree, ExhaustedSKU: skuFull, GroupSKU: skuByGroup, LicenseGroup: groups[directory.GroupAssigned],
		Inject: func(t *testing.T, verb directory.Verb, what dirtest.Fault) {
			t.Helper()
			inject(t, s, verb, what)
		},
		Advance: func(t *testing.T, by time.Duration) {
			t.Helper()
			state := s.State()
			for _, u := range append(state.Users, state.Deleted...) {
				if err := s.Advance(u.ID, by); err != nil {
					t.Fatal(err)
				}
			}
		},
		SetSignInFacts: func(t *testing.T, id string, facts directory.SignInFacts) {
			t.Helper()
			if err := s.SetSignInFacts(id, simulated(facts)); err != nil {
				t.Fatal(err)
			}
		},
		AddGuest: func(t *testing.T) string {
			t.Helper()
			return addUser(t, s, graph.UserSeed{Props: map[string]any{
				"userPrincipalName": "guest_fabrikam.example#EXT#@" + domain, "userType": "Guest",
			}})
		},
		AddSynced: func(t *testing.T) string {
			t.Helper()
			return addUser(t, s, graph.UserSeed{Synced: true, Props: map[string]any{
				"userPrincipalName": "synced@" + domain, "employeeId": "E7", "accountEnabled": false, "department": "R&D",
			}})
		},
		Roles: [2]string{graph.RoleUserAdmin, graph.RoleHelpdeskAdmin},
		SetRoles: func(t *testing.T, id string, active, eligible []string) {
			t.Helper()
			if err := s.SetSignInFacts(id, graph.SignInFacts{Roles: active, Eligible: eligible}); err != nil {
				t.Fatal(err)
			}
		},
		Join: arranged(s.Join), Own: arranged(s.Own),
		Now: time.Now,
	}
}

func addUser(t *testing.T, s *graph.Server, u graph.UserSeed) string {
	t.Helper()
	if err := s.Seed(graph.Seed{Users: []graph.UserSeed{u}}); err != nil {
		t.Fatal(err)
	}
	name, _ := u.Props["userPrincipalName"].(string)
	return graph.SeedID(name)
}

func arranged(do func(id, groupID string) error) func(*testing.T, string, string) {
	return func(t *testing.T, id, groupID string) {
		t.Helper()
		if err := do(id, groupID); err != nil {
			t.Fatal(err)
		}
	}
}

// simulated is how a tenant comes to show the facts.
func simulated(facts directory.SignInFacts) graph.SignInFacts {
	out := graph.SignInFacts{Methods: slices.Repeat([]string{graph.MethodPhone}, facts.OtherMethods)}
	if facts.SignedIn {
		out.LastSignIn = time.Now()
	}
	if facts.HasRole {
		out.Roles = []string{graph.RoleUserAdmin}
	}
	return out
}

// TestConformance runs the suite over real HTTPS, azidentity and SDK code, and
// checks every exchange against Microsoft's description of Graph.
func TestConformance(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]graph.Options{
		"plain": {},
		"pages": {PageSize: 1, MaxPage: 1, EmptyFirstPage: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var rec graphtest.Recorder
			o.Record = rec.Record
			t.Run("suite", func(t *testing.T) {
				dirtest.Run(t, dirtest.Harness{New: func(t *testing.T) dirtest.Fixture {
					t.Helper()
					return newFixture(t, o)
				}, Lacks: []dirtest.Need{dirtest.NeedOrigin, dirtest.NeedGuarded, dirtest.NeedPasswords}}) // those of the domain
			})
			t.Run("contract", func(t *testing.T) {
				if n := rec.Verify(t, graphtest.Load(t)); n < 100 {
					t.Errorf("checked %d exchanges, want 100 or more", n)
				}
			})
		})
	}
}
