package stack

import (
	"log/slog"
	"time"

	"tenure/internal/config"
	"tenure/internal/sim/graph"
)

// Options are what the command line says.
type Options struct {
	// Dir keeps all state.
	Dir string
	// APIAddr, TemporalAddr, UIAddr, GraphAddr and MailAddr are loopback
	// addresses; port 0 takes a free one.
	APIAddr, TemporalAddr, UIAddr, GraphAddr, MailAddr string
	// Policy is the policy file to activate; empty means the shipped example.
	Policy string
	// Sample says whether the sample HR file is imported.
	Sample bool
	// Onboarding makes the tenant one that others filled, with a target that
	// observes and an export ready to import, instead of the sample.
	Onboarding bool
	// Hybrid gives the sample a domain of Active Directory too: the people of the
	// Pacific have their accounts there, and a simulated synchronisation brings
	// them to the tenant. It is without effect beside Policy and Onboarding.
	Hybrid bool
	// Worker and Starter say whether these run in this process; otherwise they
	// may join from outside.
	Worker, Starter bool
	// Temporal is the address of a server that runs elsewhere; empty starts one
	// in this process.
	Temporal string
	// Store is the URL of the store; empty means a file in Dir.
	Store string
	// Engine is the URL of the PostgreSQL database that keeps the state of
	// Temporal; empty means a file in Dir.
	Engine string
	// Lost says that the store was lost and is to be rebuilt: no policy is
	// activated.
	Lost bool
	// ReadyFile is written once everything answers.
	ReadyFile string
	// Tokens, where there are some, are those that the API asks for; signals do
	// not steer then. The stack itself has none: it imports no sample.
	Tokens []config.Token
	// Drain is how long a starter that stops still serves.
	Drain time.Duration
	// Codec is how payloads are kept; empty means none, so that the Temporal Web
	// UI shows them to whoever learns.
	Codec string
	// Encrypt keeps payloads encrypted with a key that is made once in Dir, where
	// Codec says nothing.
	Encrypt bool
	// Lag, ThrottleScale and Now are the simulated tenant's; the zero values are
	// no lag, no throttling and the machine's clock.
	Lag           graph.Lag
	ThrottleScale float64
	// Unthrottled lets the worker ask the tenant for all that it can do.
	Unthrottled bool
	// Targets and Values are connections and environment of targets that somebody
	// else runs, beside the simulated tenant's.
	Targets map[string]config.Connection
	Values  map[string]string
	// Record, where it is set, is handed every exchange with the simulated tenant.
	Record func(graph.Exchange)
	// Log, where it is set, is handed every line of worker and starter, whatever
	// its level, beside the file that keeps warnings and errors.
	Log slog.Handler
	// Metrics are the addresses where worker and starter answer Prometheus.
	Metrics config.Metrics
	// TokenLife is how long a token of the tenant lives; zero means an hour.
	TokenLife time.Duration
	// Day is the sample's day; zero means today.
	Day time.Time
}
