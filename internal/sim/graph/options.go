package graph

import (
	"crypto"
	"log/slog"
	"time"

	"tenure/internal/sim/fault"
)

// Options configures a Server. The zero value is a tenant in memory, on the machine's clock, with no application that
// may sign in, no lag and no throttling.
type Options struct {
	// Dir is the folder of the state and of graph-ca.pem; it is made when absent. Empty keeps everything in memory.
	Dir string
	// Now is the clock of the tenant; nil means time.Now.
	Now func() time.Time
	// TenantID is the tenant's GUID; empty keeps the stored one, or makes one.
	TenantID string
	// Apps may sign in. Applications are configuration: they are not kept in Dir.
	Apps []App
	// TokenLife is how long a bearer token lives; 0 means an hour.
	TokenLife time.Duration
	// Hosts are more host names or addresses for the server's certificate than the loopback ones.
	Hosts []string
	// Lag is the eventual consistency of the tenant.
	Lag Lag
	// ThrottleScale scales the documented budgets: 1 is the service's own, 0 turns throttling off.
	ThrottleScale float64
	// GroupLicenceDelay is how long a group's licence takes to reach a member.
	GroupLicenceDelay time.Duration
	// PageSize is the default page of listings; 0 means 100.
	PageSize int
	// MaxPage is the largest page whatever $top asks for, as the service may answer less; 0 means 999.
	MaxPage int
	// NoPremium says that the tenant has no premium licence: nobody can ask it for eligible roles.
	NoPremium bool
	// EmptyFirstPage makes the first page of each list of users or groups empty with a link to the next, as the
	// service is allowed to do.
	EmptyFirstPage bool
	// Sleep waits for slow faults; nil means fault.Sleep.
	Sleep fault.Sleeper
	// Record, when set, is given every exchange before its answer is written, the items of a $batch by themselves too,
	// from several goroutines at once. It must not call the Server.
	Record func(Exchange)
	// Log receives the server's own troubles; nil discards them.
	Log *slog.Logger
}

// Lag is how long the tenant takes to agree with itself.
type Lag struct {
	// Reads is how many requests about a new user answer 404 before it is found.
	Reads int
	// Window is how long a new user is not found.
	Window time.Duration
	// Index is how long a new user is missing from advanced queries.
	Index time.Duration
	// Lists makes ordinary listings and filters lag as the index does.
	Lists bool
}

// App is an application registered in the tenant.
type App struct {
	// ID is the client ID.
	ID string
	// Secret is accepted as client_secret when it is not empty.
	Secret string
	// Keys are the RSA public keys of the application's certificates: an assertion signed by one of them is accepted.
	Keys []crypto.PublicKey
	// Federated lists the issuers and subjects whose assertions are accepted for workload identity. The issuer's
	// signature is not checked.
	Federated []Federated
	// Permissions are the granted application permissions; nil grants all that the simulator knows except
	// RoleManagement.ReadWrite.Directory.
	Permissions []string
	// Privileged says that the service principal holds an Entra role, so that it may touch holders of admin roles.
	Privileged bool
}

// Federated is a trusted workload identity.
type Federated struct{ Issuer, Subject string }
