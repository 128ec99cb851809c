package lifecycle

import (
	"time"

	"tenure/internal/person"
)

// Policy is one loaded policy document. All lists keep the document's order.
type Policy struct {
	Version       int
	Feeds         []Feed
	Zones         []ZoneRule
	Targets       []Target
	Workflows     []Workflow
	Extensions    []Extension
	Notifications Notifications
	// Warnings are what deserves a look in a policy that is valid.
	Warnings Problems
}

// FeedKind is how HR facts arrive.
type FeedKind string

// The feed kinds that exist.
const (
	FeedCSV     FeedKind = "csv"
	FeedWebhook FeedKind = "webhook"
)

// Feed is a configured HR source.
type Feed struct {
	Name  string
	Kind  FeedKind
	Realm string
	// Baseline: whoever's stay began before it is existing staff (S1).
	Baseline person.Date
	// Key names the column that holds the person key (CSV); KeyHMAC is a
	// reference to a secret where the column must not be used in the clear.
	Key     string
	KeyHMAC string
	// Dates is the layout of civil dates in the feed, in the words of the
	// policy (YYYY-MM-DD, DD.MM.YYYY ...).
	Dates string
	// Zone is the feed's default zone (S9, the last resort).
	Zone *time.Location
	// ZoneName is its IANA name.
	ZoneName  string
	Mode      string // full or delta
	Encoding  string
	Delimiter rune
	Nulls     []string
	AsOf      AsOfRule
	// Absent is report or ask-leaver (S11).
	Absent   string
	HoldWhen HoldWhen
	// Owns lists the attributes this feed owns; empty means all, status and
	// dates included (S12).
	Owns []string
	// Bridge is the longest gap, in days, inside one stay (S3).
	Bridge int
	Fields []Field
	// Signature is how a webhook is verified.
	Signature Signature
	// WriteBack is what the feed is told of accounts; nil for nothing.
	WriteBack *WriteBack
}

// OwnsStatus reports whether this feed owns status and dates (S12).
func (f Feed) OwnsStatus() bool { return len(f.Owns) == 0 }

// AsOfRule says where a file's date of truth comes from (S11).
type AsOfRule struct {
	Column   string
	FileName string // a regular expression with a group named date
}

// HoldWhen are the shares, in percent, at which a file is held whole (S11).
type HoldWhen struct{ FewerPeople, Rejects float64 }

// Field maps a column to an attribute of the record.
type Field struct {
	Attribute string
	From      string
	// Kind is that of a reference (managerRef): sourceKey, employeeId, email, name.
	Kind string
	// Values translates the feed's words; nil takes them as they are. A word
	// without an entry rejects the row.
	Values map[string]string
	// Optional columns may be missing from the file.
	Optional bool
}

// Signature is how the events of a webhook feed are signed. Secrets are
// references, the first one newest.
type Signature struct {
	Scheme    string
	Secrets   []string
	Tolerance time.Duration
}

// ZoneRule gives a zone to the people it matches (S9).
type ZoneRule struct {
	When     Condition
	Zone     *time.Location
	ZoneName string
}

// Target is a configured directory.
type Target struct {
	Name       string
	Kind       string
	Tenant     string // reference or literal
	Credential Credential
	// Base is the distinguished name of an AD domain, and Under the container in
	// it that holds the people, "" for all of it.
	Base, Under string
	// Forest is the word that the domains of one forest share, "" for none.
	Forest string
	// Mode is observe, adopt or enforce (S14).
	Mode       string
	Domain     string
	Scope      Condition
	OutOfScope string // keep, ask or disable
	Match      []string
	// Propose are the secondary keys by which an account that exists is
	// proposed, never taken.
	Propose  []string
	Account  AccountLines
	Names    NameRules
	Groups   []Label
	Licenses []Label
	Mapping  []Mapping
	// Protect names accounts that no feed may take access from (S17).
	Protect Protect
	// Containers say which parts of an AD domain are synchronised; [Target.Syncs]
	// knows the others.
	Containers []Container
	// SyncedFrom is the directory whose accounts come here by synchronisation, ""
	// for none: nothing is created here then (S17).
	SyncedFrom string
	// Counterpart says how long that may take; [Policy.CounterpartOf] knows what
	// holds where it does not.
	Counterpart Counterpart
	// Values turn what HR says into labels of groups (S18).
	Values []ValueMap
	// Limits are those that the policy states; [Target.Limit] knows the others.
	Limits []Limit
	// Acknowledged are names of the doctor's findings that somebody has judged
	// (S20).
	Acknowledged []string
}

// Enforced reports whether the policy may write everything in the target.
func (t Target) Enforced() bool { return t.Mode == ModeEnforce }

// Credential says how to sign in to a target; every value is a reference.
type Credential struct {
	Kind string // secret, certificate, workload, bind, kerberos, keytab
	// Client is the application, User the account that binds.
	Client, User string
	Secret       string
	Certificate  string
	TokenFile    string
	Keytab       string
}

// AccountLines say when the account exists and is enabled.
type AccountLines struct {
	Create, Enable, Disable, Delete *DateRule
	// Minimum is the least time between our own disable and the delete (S7).
	Minimum Duration
	// Leave is keep or disable: what a leave of absence does to the account.
	Leave string
	// Rehire is reactivate, new or ask.
	Rehire string
}

// NameRules say what becomes of a leaver's name.
type NameRules struct {
	// QuarantineNever keeps the name forever; else it is free again after
	// Quarantine.
	QuarantineNever bool
	Quarantine      Duration
}

// Label names a group or licence once by object ID.
type Label struct{ Name, ID string }

// Mapping says how one attribute of the account is made.
type Mapping struct {
	// To is the target's attribute name.
	To string
	// Kind is what the target takes: string, date-time, bool, list or reference;
	// "" where that is not known.
	Kind string
	// Exactly one of Attribute, Constant, Unique, Reference and Expression is set.
	Attribute  string
	Constant   string
	Unique     []NameForm
	Reference  string
	Expression Expression
	// Numbered puts a number behind the last candidate of an expression that makes
	// a name, once all are taken.
	Numbered bool
	// Default is written when the account is made and there is no other value.
	Default string
	// OnCreate mappings are applied when the account is made and never again.
	OnCreate bool
	// Clear lets an explicit empty value from a full record clear the attribute.
	Clear bool
}

// IsName reports whether the mapping makes a name that nobody else may have.
func (m Mapping) IsName() bool { return m.To == userNameAttribute }

// IsList reports whether the attribute has several values, in no order.
func (m Mapping) IsList() bool { return m.Kind == targetList }

// NameForm is one form of a unique name, e.g. "given.family" or "given.family#".
type NameForm string

// DateRule makes an instant from a date of the stay.
type DateRule struct {
	// On is the anchor: startDate, lastDayOfWork, terminationDate,
	// contractEndDate or the name of a date attribute.
	On string
	// Offset moves the civil date (days) or the instant (hours, minutes).
	Offset Duration
	// At is the time of day; nil where the rule does not say (00:00, and 24:00
	// on last days).
	At *person.TimeOfDay
	// Zone overrides the person's zone: "person" (default), "feed" or an IANA name.
	Zone         string
	ZoneLocation *time.Location
}

// Duration is a whole number of a unit. Days and weeks move civil dates; hours
// and minutes move instants. Negative means before.
type Duration struct {
	Days    int           `json:"days,omitempty"`
	Instant time.Duration `json:"instant,omitempty"`
}

// IsZero reports whether the duration moves nothing.
func (d Duration) IsZero() bool { return d == Duration{} }

// Category is that of a lifecycle workflow, in Entra's words.
type Category string

// The categories.
const (
	Joiner Category = "joiner"
	Mover  Category = "mover"
	Leaver Category = "leaver"
)

// Workflow is a lifecycle workflow: trigger, scope and ordered tasks.
type Workflow struct {
	Name     string
	Category Category
	Scope    Condition
	Trigger  Trigger
	Late     Late
	Tasks    []Task
}

// Trigger starts runs. Exactly one of Date, Change and Demand is set.
type Trigger struct {
	Date   *DateRule
	Change []ChangeRule
	// Settle is how long edits may follow each other and be one change (S8).
	Settle time.Duration
	Demand *Demand
}

// ChangeRule is one watched attribute, optionally from and to a value.
type ChangeRule struct {
	Attribute string
	From, To  *string
}

// Demand is the trigger of a workflow that a human starts.
type Demand struct {
	Roles     []string
	Approvals int
}

// LatePolicy is what happens to a line that is due before it is known.
type LatePolicy string

// The late policies.
const (
	LateRun  LatePolicy = "run"
	LateSkip LatePolicy = "skip"
	LateAsk  LatePolicy = "ask"
)

// Late says what to do with late lines: those later than Within follow Then,
// the others run (S1). Within zero and Then run means: run always.
type Late struct {
	Within Duration
	Then   LatePolicy
}

// Task is one step of a lifecycle workflow.
type Task struct {
	// Kind is the task's name, Entra's in lower camel case.
	Kind TaskKind
	// Name identifies the task inside its workflow: its kind, and kind#2 for
	// a second one of that kind. Task keys are made of it.
	Name            string
	When            Condition
	ContinueOnError bool
	// Target is the target the task works on; "" for mails and extensions.
	Target    string
	Groups    []string // labels
	Except    []string // labels
	Licenses  []string // labels
	To        Recipient
	Template  string
	Locale    string
	Extension string
	Pass      *PassRule
	// Attributes are what the task writes to the account beside the target's
	// mapping; the container it moves to is one of them.
	Attributes []Mapping
	// Minimum is the least time between our own disable and the delete that the
	// task asks for (S7).
	Minimum Duration
}

// PassRule says what pass is issued (S6).
type PassRule struct {
	Start    DateRule
	Lifetime time.Duration
	Once     bool
}

// Recipient is manager, person or a fixed address.
type Recipient struct {
	// Kind is manager, person or fixed.
	Kind string
	// Address is set for fixed.
	Address string
}

// Extension is a signed HTTP call.
type Extension struct {
	Name    string
	URL     string
	Secret  string // reference
	Timeout time.Duration
}

// Notifications say how mail is sent.
type Notifications struct {
	From      string
	Via       string // smtp or sendgrid
	Templates string // folder
	// PreHireAddress is the attribute that holds a private address.
	PreHireAddress string
	// Fallback receives what has no valid recipient (S6).
	Fallback string
	Server   string // reference or literal host:port (smtp), base URL (sendgrid)
	User     string // reference
	Secret   string // reference
}
