package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"tenure/internal/directory"
)

// DefaultRestoreWindow is how long Entra ID keeps a deleted account.
const DefaultRestoreWindow = 30 * 24 * time.Hour

// Options configure a Directory.
type Options struct {
	// Name is the target's name; "memory" where it is empty.
	Name string
	// Clock tells the time; nil: the machine's.
	Clock func() time.Time
	// RestoreWindow defaults to DefaultRestoreWindow.
	RestoreWindow time.Duration
}

// Directory is a directory in memory. It is safe for concurrent use.
type Directory struct {
	opts Options

	mu       sync.Mutex
	accounts map[string]*account
	groups   map[string]directory.Group
	seats    map[string]int
	viaGroup map[string][]string // group ID to the SKUs its members inherit
	within   map[string][]string // group ID to the groups it is a member of
	faults   map[directory.Verb][]Fault
	calls    map[directory.Verb]int
	findings []directory.Finding
	wanted   directory.Wanted
	last     int // number of the newest ID
}

type account struct {
	directory.Account

	groups   map[string]bool
	licenses map[string]bool // direct ones
	pass     *directory.Pass
	facts    directory.SignInFacts
	roles    []string
	owned    []directory.Owned
	guest    bool
	guarded  bool // no write is taken
	revoked  int
	// passwords is how many there were.
	passwords int
}

var _ interface {
	directory.Directory
	directory.AnchorFinder
	directory.AccountWriter
	directory.AccountRemover
	directory.GroupWriter
	directory.LicenseWriter
	directory.SessionRevoker
	directory.AccessPassIssuer
	directory.PasswordReplacer
	directory.AccountLister
	directory.ProtectionReader
	directory.Inspector
} = (*Directory)(nil)

// New makes an empty directory.
func New(opts Options) *Directory {
	if opts.Name == "" {
		opts.Name = "memory"
	}
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.RestoreWindow == 0 {
		opts.RestoreWindow = DefaultRestoreWindow
	}
	return &Directory{
		opts:     opts,
		accounts: map[string]*account{},
		groups:   map[string]directory.Group{},
		seats:    map[string]int{},
		viaGroup: map[string][]string{},
		within:   map[string][]string{},
		faults:   map[directory.Verb][]Fault{},
		calls:    map[directory.Verb]int{},
	}
}

// Name is the target's name.
func (d *Directory) Name() string { return d.opts.Name }

// Capabilities says that everything is possible.
func (d *Directory) Capabilities() directory.Capabilities {
	return directory.Capabilities{
		SyncedWritable: []string{usageLocation},
		Groups:         true, Licenses: true, Sessions: true, AccessPasses: true,
		RestoreWindow: d.opts.RestoreWindow,
	}
}

// Account reads one live account.
func (d *Directory) Account(ctx context.Context, id string) (directory.Account, error) {
	var out directory.Account
	err := d.do(ctx, directory.VerbAccount, func() error {
		a, err := d.live(id)
		if err != nil {
			return err
		}
		out = d.export(a)
		return nil
	})
	return out, err
}

// AccountsByEmployeeID returns the live accounts with this employee number.
func (d *Directory) AccountsByEmployeeID(ctx context.Context, employeeID string) ([]directory.Account, error) {
	var out []directory.Account
	err := d.do(ctx, directory.VerbAccountsByEmployeeID, func() error {
		var err error
		out, err = d.withEmployeeID(employeeID, false)
		return err
	})
	return out, err
}

// AccountsByAnchor returns the live accounts with this anchor.
func (d *Directory) AccountsByAnchor(ctx context.Context, anchor string) ([]directory.Account, error) {
	var out []directory.Account
	err := d.do(ctx, directory.VerbAccountsByAnchor, func() error {
		for _, id := range slices.Sorted(maps.Keys(d.accounts)) {
			if a := d.accounts[id]; anchor != "" && a.Anchor == anchor && a.DeletedAt.IsZero() {
				out = append(out, d.export(a))
			}
		}
		return nil
	})
	return out, err
}

// AccountByUserName returns the live account that holds a user name.
func (d *Directory) AccountByUserName(ctx context.Context, userName string) (directory.Account, error) {
	var out directory.Account
	err := d.do(ctx, directory.VerbAccountByUserName, func() error {
		a := d.holder(userName)
		if a == nil {
			return directory.ErrNotFound
		}
		out = d.export(a)
		return nil
	})
	return out, err
}

// do runs one verb under the lock, with the faults that were injected for it.
func (d *Directory) do(ctx context.Context, verb directory.Verb, call func() error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls[verb]++
	fault := d.nextFault(verb)
	if fault.Before != nil {
		return fmt.Errorf("%s: %w", verb, fault.Before)
	}
	if err := call(); err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	if fault.LoseAnswer {
		return fmt.Errorf("%s: answer lost: %w", verb, directory.ErrUnavailable)
	}
	return nil
}

func (d *Directory) newID() string {
	d.last++
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", d.last)
}

func (d *Directory) live(id string) (*account, error) {
	a, ok := d.accounts[id]
	if !ok || !a.DeletedAt.IsZero() {
		return nil, directory.ErrNotFound
	}
	return a, nil
}

// writable is live for writes.
func (d *Directory) writable(id string) (*account, error) {
	a, err := d.live(id)
	if err == nil && a.guarded {
		return nil, directory.ErrProtected
	}
	return a, err
}

// restorable returns a deleted account whose window is still open.
func (d *Directory) restorable(id string) (*account, error) {
	a, ok := d.accounts[id]
	if !ok || a.DeletedAt.IsZero() || d.expired(a) {
		return nil, directory.ErrNotFound
	}
	return a, nil
}

func (d *Directory) expired(a *account) bool {
	return !d.opts.Clock().Before(a.DeletedAt.Add(d.opts.RestoreWindow))
}

// holder is the live account with a user name, nil where the name is free.
func (d *Directory) holder(userName string) *account {
	for _, a := range d.accounts {
		if a.DeletedAt.IsZero() && strings.EqualFold(a.UserName, userName) {
			return a
		}
	}
	return nil
}

func (d *Directory) withEmployeeID(employeeID string, deleted bool) ([]directory.Account, error) {
	if employeeID == "" {
		return nil, directory.ErrNoEmployeeID
	}
	var out []directory.Account
	for _, id := range slices.Sorted(maps.Keys(d.accounts)) {
		a := d.accounts[id]
		if a.EmployeeID != employeeID || a.DeletedAt.IsZero() == deleted {
			continue
		}
		if deleted && d.expired(a) {
			continue
		}
		out = append(out, d.export(a))
	}
	return out, nil
}

// export copies an account for the caller. The link to a manager who is
// deleted is hidden until the manager is restored.
func (d *Directory) export(a *account) directory.Account {
	out := a.Account
	out.Attributes = maps.Clone(a.Attributes)
	if _, err := d.live(out.ManagerID); err != nil {
		out.ManagerID = ""
	}
	return out
}
