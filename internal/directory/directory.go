package directory

import (
	"context"
	"time"
)

// Directory is the ability every connector has: to name itself and to look.
// All methods are safe for concurrent use. A cancelled context gives an error
// that is the context's.
type Directory interface {
	// Name is the target's name in the policy.
	Name() string
	// Capabilities is constant over the life of the value.
	Capabilities() Capabilities
	// Account reads one live account by its object ID. ErrNotFound where it
	// does not exist or is deleted.
	Account(ctx context.Context, id string) (Account, error)
	// AccountsByEmployeeID returns every live account that carries this
	// employee number: none, one, or several (which the caller must treat as
	// ambiguous). The answer is read from the system of record, never from an
	// eventually consistent index. ErrNoEmployeeID where the number is "".
	AccountsByEmployeeID(ctx context.Context, employeeID string) ([]Account, error)
	// AccountByUserName returns the live account that holds a user name.
	// ErrNotFound where it is free.
	AccountByUserName(ctx context.Context, userName string) (Account, error)
}

// AnchorFinder finds accounts that come from another directory by synchronisation.
type AnchorFinder interface {
	// AccountsByAnchor returns the live accounts that carry this anchor: none, or
	// one. What has come a moment ago may be missing, so that none is no answer to
	// whether one may be made. An empty anchor finds nothing.
	AccountsByAnchor(ctx context.Context, anchor string) ([]Account, error)
}

// AccountWriter creates and changes accounts. Where the system marks accounts that
// nobody but its administrators may change, every write to one of them, here and in
// the other abilities, is ErrProtected.
type AccountWriter interface {
	// CreateAccount makes a new account and returns it. It is NOT convergent:
	// the caller looks first. *ConflictError names the attribute that is taken;
	// after a lost answer the caller looks again before it repeats the call.
	CreateAccount(ctx context.Context, in NewAccount) (Account, error)
	// UpdateAccount writes the change and nothing else; an empty change asks
	// nothing of the target. Set may hold UserNameAttribute (a rename) and
	// EmployeeIDAttribute. *UnknownAttributeError where the target's schema lacks
	// one that is named, if the system can tell which. ErrNotFound right after a create means that the
	// system has not replicated yet.
	UpdateAccount(ctx context.Context, id string, change Change) error
	// SetManager links or, with managerID "", unlinks the manager.
	SetManager(ctx context.Context, id, managerID string) error
}

// AccountRemover deletes accounts and brings them back.
type AccountRemover interface {
	// DeleteAccount removes the account; one that is already gone is a success.
	DeleteAccount(ctx context.Context, id string) error
	// DeletedAccounts returns the restorable accounts that carry this employee
	// number. ErrNoEmployeeID where it is "".
	DeletedAccounts(ctx context.Context, employeeID string) ([]Account, error)
	// DeletedByUserName returns the restorable accounts that had this user name:
	// to somebody else it is given only where a restore need not find it taken. What
	// was deleted a moment ago may be missing.
	DeletedByUserName(ctx context.Context, userName string) ([]Account, error)
	// RestoreAccount brings a deleted account back under the same object ID,
	// under another user name where userName is not "". One that is live already
	// is returned as it is. ErrNotFound where it can no longer be restored,
	// *ConflictError where the name was taken.
	RestoreAccount(ctx context.Context, id, userName string) (Account, error)
}

// GroupWriter changes memberships of assigned groups. The caller looks at the
// kind of a group first: a target refuses to change the others with ErrInvalid
// or ErrDenied, whichever its system answers.
type GroupWriter interface {
	// Group reads one group. ErrNotFound where it does not exist.
	Group(ctx context.Context, groupID string) (Group, error)
	// Memberships lists the groups the account is a direct member of.
	Memberships(ctx context.Context, id string) ([]Group, error)
	// AddToGroup makes the account a member; it may be one already.
	AddToGroup(ctx context.Context, id, groupID string) error
	// RemoveFromGroup ends the membership; there may be none, nor the account
	// or the group.
	RemoveFromGroup(ctx context.Context, id, groupID string) error
}

// LicenseWriter changes the licences assigned directly to an account.
type LicenseWriter interface {
	// Licenses lists what the account holds, direct and inherited. One held both
	// ways is listed twice.
	Licenses(ctx context.Context, id string) ([]License, error)
	// ChangeLicenses adds and removes direct licences in one step. Both lists
	// may hold what is already so; an inherited licence is never removed.
	// ErrExhausted where no seat is free, and nothing was changed.
	ChangeLicenses(ctx context.Context, id string, add, remove []string) error
}

// SessionRevoker ends sign-in sessions.
type SessionRevoker interface {
	// RevokeSessions ends every session of the account. Repeating it is harmless.
	RevokeSessions(ctx context.Context, id string) error
}

// PasswordReplacer takes away what a person knows.
type PasswordReplacer interface {
	// ReplacePassword gives an account two random passwords, one after the other,
	// that nobody is told and nothing keeps: neither the one that was known nor what
	// was derived from it, or from the one before, opens anything then. Repeating it
	// is harmless.
	ReplacePassword(ctx context.Context, id string) error
}

// AccessPassIssuer issues and deletes temporary access passes.
type AccessPassIssuer interface {
	// Passes lists the passes of the account without their secret, the unusable
	// ones included.
	Passes(ctx context.Context, id string) ([]Pass, error)
	// IssuePass makes a pass and returns its secret, the only time it is
	// visible. A system that allows one pass per account replaces the old one.
	IssuePass(ctx context.Context, id string, in PassRequest) (Pass, Secret, error)
	// DeletePass removes a pass; one that is already gone is a success.
	DeletePass(ctx context.Context, id, passID string) error
	// SignInFacts tells why a pass may have to be refused (safety rule S6).
	SignInFacts(ctx context.Context, id string) (SignInFacts, error)
}

// AccountLister walks over everything that is there, for matching and for
// reconciling. It reads and never writes.
type AccountLister interface {
	// ListAccounts calls visit once for every live account, in no order, and
	// ends with the first error of visit. Guests and service objects are not
	// accounts. What changes during the walk may be missing or told twice.
	ListAccounts(ctx context.Context, visit func(Account) error) error
}

// ProtectionReader tells why an account must not be touched by a feed.
type ProtectionReader interface {
	// Protection reads what protects an account by itself (safety rule S17):
	// roles it holds, role-assignable groups it is a member or an owner of.
	Protection(ctx context.Context, id string) (Protection, error)
	// Ownerships lists the groups and other objects the account owns: what
	// stays behind when it leaves (safety rule S18).
	Ownerships(ctx context.Context, id string) ([]Owned, error)
	// MemberOf lists the groups the account is a member of, through other
	// groups too.
	MemberOf(ctx context.Context, id string) ([]Group, error)
}

// Inspector tells whether a target is ready for what the policy wants of it
// (safety rule S20). It reads and never writes.
type Inspector interface {
	// Inspect returns one finding per thing looked at. A thing that could not
	// be looked at is a finding too; an error means that nothing could be.
	Inspect(ctx context.Context, want Wanted) ([]Finding, error)
}

// Capabilities says in data what a connector can do.
type Capabilities struct {
	Groups, Licenses, Sessions, AccessPasses bool
	// SyncedWritable are the attributes of a synced account that this system
	// writes; all others are mastered in the directory it comes from.
	SyncedWritable []string
	// RestoreWindow is how long a deleted account can be restored; zero: never.
	RestoreWindow time.Duration
}

// Account is a person's object in the target.
type Account struct {
	ID         string
	EmployeeID string
	UserName   string
	Enabled    bool
	ManagerID  string
	// Attributes holds the target's attributes that have a value, under its own
	// names and in the text form of their AttributeKind. What has a field above
	// is not repeated here.
	Attributes map[string]string
	// Synced accounts are mastered on premises.
	Synced bool
	// Anchor ties an account to the one that a synchronisation makes of it in
	// another directory: both carry the same. "" where the target has none.
	Anchor string
	// DeletedAt is zero for a live account.
	DeletedAt time.Time
}

// NewAccount is what a create needs. Attributes hold the mapped attributes.
type NewAccount struct {
	EmployeeID string
	UserName   string
	Enabled    bool
	Attributes map[string]string
	// ManagerID links the manager in the same call where the system can do
	// that; "" leaves it for SetManager.
	ManagerID string
}

// Change is a difference to write: values to set, attributes to clear.
type Change struct {
	Set     map[string]string
	Clear   []string
	Enabled *bool
}

// IsEmpty reports whether there is nothing to write.
func (c Change) IsEmpty() bool {
	return len(c.Set) == 0 && len(c.Clear) == 0 && c.Enabled == nil
}

// GroupKind says who decides over the members of a group.
type GroupKind string

// The kinds of group. Only assigned ones are changed by Tenure.
const (
	GroupAssigned       GroupKind = "assigned"
	GroupDynamic        GroupKind = "dynamic"
	GroupSynced         GroupKind = "synced"
	GroupRoleAssignable GroupKind = "role-assignable"
	GroupMailEnabled    GroupKind = "mail-enabled"
)

// Group is a group of the target.
type Group struct {
	ID   string
	Name string
	Kind GroupKind
}

// License is one licence an account holds.
type License struct {
	SKU string
	// ViaGroup is the group that gives it, "" for a direct one.
	ViaGroup string
}

// PassRequest says how long a pass is good and from when.
type PassRequest struct {
	Start    time.Time
	Lifetime time.Duration
	Once     bool
}

// Pass is a temporary access pass without its secret.
type Pass struct {
	ID       string
	Start    time.Time
	Lifetime time.Duration
	Once     bool
	// Usable is what the target says at the time of the call.
	Usable bool
}

// SignInFacts are the facts that forbid a pass.
type SignInFacts struct {
	// OtherMethods counts the methods beside a password and a pass.
	OtherMethods int
	SignedIn     bool
	HasRole      bool
}
