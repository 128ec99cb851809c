package ad

import (
	"errors"
	"log/slog"
	"strings"
	"time"

	"tenure/internal/sim/fault"
)

// Options configures a Server. Password is required, the other zero values are a domain corp.contoso.example with a
// recycle bin on the machine's clock.
type Options struct {
	// Dir is the folder of the state and of ad-ca.pem; it is made when absent. Empty keeps everything in memory.
	Dir string
	// Domain is the DNS name of the domain.
	Domain string
	// NetBIOS is the short name of the domain; empty: the first label of Domain.
	NetBIOS string
	// Password is the one of the account Administrator, whichever it had before.
	Password string
	// Suffixes are domains of user names beside Domain.
	Suffixes []string
	// Now is the clock of the domain; nil means time.Now.
	Now func() time.Time
	// Hosts are more host names or addresses for the server's certificate than the loopback ones.
	Hosts []string
	// NoRecycleBin leaves tombstones of what is deleted: most attributes and all links are gone.
	NoRecycleBin bool
	// Exchange extends the schema as an Exchange organisation does.
	Exchange bool
	// MaxPageSize is how many objects one answer has at most; 0 means 1000.
	MaxPageSize int
	// LockoutThreshold is how many wrong passwords lock an account; 0 never locks one.
	LockoutThreshold int
	// LockoutDuration is how long an account stays locked; 0 means half an hour.
	LockoutDuration time.Duration
	// MinPasswordLength is the shortest password; 0 means 7.
	MinPasswordLength int
	// MaxPasswordAge is how long a password is good; 0 means for ever.
	MaxPasswordAge time.Duration
	// DeletedLifetime is how long a deleted object can be restored, and then how long a trace of it stays; 0 means 180 days.
	DeletedLifetime time.Duration
	// Sleep waits for slow faults; nil means fault.Sleep.
	Sleep fault.Sleeper
	// Log receives the server's own troubles; nil discards them.
	Log *slog.Logger
}

const (
	defaultDomain     = "corp.contoso.example"
	defaultPageSize   = 1000
	defaultLockout    = 30 * time.Minute
	defaultPassword   = 7
	defaultDeleted    = 180 * 24 * time.Hour
	administratorName = "Administrator"
)

func (o Options) withDefaults() (Options, error) {
	if o.Password == "" {
		return o, errors.New("open domain simulator: the administrator has no password")
	}
	if o.Domain == "" {
		o.Domain = defaultDomain
	}
	if o.NetBIOS == "" {
		label, _, _ := strings.Cut(o.Domain, ".")
		o.NetBIOS = strings.ToUpper(label)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxPageSize <= 0 {
		o.MaxPageSize = defaultPageSize
	}
	if o.LockoutDuration == 0 {
		o.LockoutDuration = defaultLockout
	}
	if o.MinPasswordLength == 0 {
		o.MinPasswordLength = defaultPassword
	}
	if o.DeletedLifetime == 0 {
		o.DeletedLifetime = defaultDeleted
	}
	if o.Sleep == nil {
		o.Sleep = fault.Sleep
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o, nil
}
