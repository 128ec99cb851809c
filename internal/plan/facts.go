package plan

import (
	"slices"
	"time"

	"tenure/internal/person"
)

// Facts is everything a plan may depend on beside the policy and the instant.
// The journey keeps it in its state; it is a plain value.
type Facts struct {
	Realm string `json:"realm"`
	Key   string `json:"key"`
	// Person is the merged record with the state of its feeds.
	Person person.Merged `json:"person"`
	// Memory is what earlier plans asked to keep.
	Memory Memory `json:"memory"`
	// Done holds the tasks that are decided, while their stay is open.
	Done []Done `json:"done,omitempty"`
	// Through replaces the done tasks of closed stays.
	Through   []Through `json:"through,omitempty"`
	Parked    []Parked  `json:"parked,omitempty"`
	Running   []string  `json:"running,omitempty"` // task keys in flight
	Overrides Overrides `json:"overrides,omitzero"`
	Accounts  []Account `json:"accounts,omitempty"`
	// WrittenBack is what feeds were told of accounts.
	WrittenBack []WrittenBack `json:"writtenBack,omitempty"`
}

// Settle notes a task as decided: it is parked no more, and what a human said of
// it is used up.
func (f *Facts) Settle(done Done) {
	f.Done = append(slices.Clip(f.Done), done)
	f.Parked = slices.DeleteFunc(slices.Clone(f.Parked), func(p Parked) bool { return p.Key == done.Key })
	f.Overrides.forget(done.Key)
}

// forget drops what was said of one task.
func (o *Overrides) forget(key string) {
	of := func(o KeyOverride) bool { return o.Key == key }
	o.RunNow = slices.DeleteFunc(slices.Clone(o.RunNow), of)
	o.Approved = slices.DeleteFunc(slices.Clone(o.Approved), of)
	o.Postponed = slices.DeleteFunc(slices.Clone(o.Postponed), func(p Postponed) bool { return p.Key == key })
}

// Memory is what the planner keeps from one plan to the next.
type Memory struct {
	// FirstSeen is when the first record arrived; existing staff is decided by
	// the stay's start, not by it.
	FirstSeen time.Time     `json:"firstSeen,omitzero"`
	Stays     []person.Stay `json:"stays,omitempty"`
	Anchors   []Anchor      `json:"anchors,omitempty"`
	Changes   []Change      `json:"changes,omitempty"`
	// Observed are the watched attributes as the last plan saw them, in the
	// stay ObservedStay: a change is a difference to them (S8).
	Observed     person.Attributes `json:"observed,omitempty"`
	ObservedStay string            `json:"observedStay,omitempty"`
	// Detected says when a leave date was first seen (S2).
	Detected []Detected `json:"detected,omitempty"`
	// Watched names the attributes that Observed speaks of, present or absent.
	Watched []string `json:"watched,omitempty"`
	// Zones are the zones in which dates that have come were decided, kept so
	// that a changed zone alone never re-enables or disables (S9).
	Zones []ZonePin `json:"zones,omitempty"`
	// NextChange numbers the changes.
	NextChange int `json:"nextChange,omitempty"`
	// Mapped follows what an account's attributes are made of, by target.
	Mapped []Mapped `json:"mapped,omitempty"`
	// Scoped are the attributes that leaver lines are scoped by: those of the
	// last record of a stay before it was terminated (S10).
	Scoped []Scoped `json:"scoped,omitempty"`
	// Reissues are passes that are due again (S6).
	Reissues []Reissue `json:"reissues,omitempty"`
	// Modes are those of targets that were not enforced all the time (S14).
	Modes []TargetMode `json:"modes,omitempty"`
	// Skipped are the disables that were due and skipped (S5).
	Skipped []SkippedCut `json:"skipped,omitempty"`
	// Enabled are set by enable and disable tasks, and by account lines that a
	// human ran out of turn (S4); those of the overrides count beside them.
	Enabled []EnabledOverride `json:"enabled,omitempty"`
	// Deletes are what delete tasks asked of the account lines (S7).
	Deletes []DeleteOrder `json:"deletes,omitempty"`
	// LeftScopes are the targets whose scope the person has left, where that
	// disables or asks.
	LeftScopes []LeftScope `json:"leftScopes,omitempty"`
	// Forms are when the journey first planned with the forms of a policy whose
	// account lines were changed (S15).
	Forms []FormSeen `json:"forms,omitempty"`
	// Backs follow what write-backs are made of, by feed.
	Backs []BackSeen `json:"backs,omitempty"`
}

// SkippedCut is a disable that a human skipped when it was due: the skip At
// speaks of the reason Known, not of another one that comes later.
type SkippedCut struct {
	Target string    `json:"target"`
	Stay   string    `json:"stay"`
	At     time.Time `json:"at"`
	Known  time.Time `json:"known"`
}

// ZonePin is the zone in which a date of a stay was decided once it had come.
type ZonePin struct {
	Stay   string      `json:"stay"`
	On     string      `json:"on"`
	Date   person.Date `json:"date"`
	Zone   string      `json:"zone"`
	Source string      `json:"source"`
}

// Mapped follows the digest of what a target's mappings read.
type Mapped struct {
	Target string `json:"target"`
	// Primed is the digest at first sight: what differs from it is written,
	// unless Account.Written says what is.
	Primed string `json:"primed,omitempty"`
	// Wanted is the digest last seen, since Since, when the account had had
	// Operations operations.
	Wanted     string    `json:"wanted,omitempty"`
	Since      time.Time `json:"since,omitzero"`
	Operations int       `json:"ops,omitempty"`
}

// Scoped holds the attributes that conditions of leaver workflows name.
type Scoped struct {
	Stay       string            `json:"stay"`
	Attributes person.Attributes `json:"a,omitempty"`
}

// Reissue makes the pass task of a run due again, as a new generation.
type Reissue struct {
	Workflow   string    `json:"w"`
	Stay       string    `json:"s"`
	Task       string    `json:"t"`
	Generation int       `json:"g"`
	At         time.Time `json:"at"`
}

// Anchor is a date of a stay that time triggers hang on, with its generation:
// one more each time the date was withdrawn and stated again.
type Anchor struct {
	Stay       string      `json:"stay"`
	On         string      `json:"on"`
	Date       person.Date `json:"date,omitzero"`
	Generation int         `json:"gen"`
	Withdrawn  bool        `json:"withdrawn,omitempty"`
	// Since is when this date was first seen: lines due before are late facts.
	Since time.Time `json:"since,omitzero"`
}

// Change is one numbered attribute change, pending until it has settled.
type Change struct {
	Number int    `json:"n"`
	Stay   string `json:"stay"`
	// First and Last edit; the change is due at Last plus the workflow's settle.
	First time.Time `json:"first"`
	// Settle is that of the workflows this change is for: workflows that settle
	// differently may see the same edits as one change or as two.
	Settle time.Duration     `json:"settle"`
	Last   time.Time         `json:"last"`
	Names  []string          `json:"names"`
	Before person.Attributes `json:"before"`
	After  person.Attributes `json:"after"`
}

// Detected is when a leave date of a stay was first seen, and whether the stay
// was already known then.
type Detected struct {
	Stay string      `json:"stay"`
	Date person.Date `json:"date"`
	At   time.Time   `json:"at"`
	// First is set where the very first record of the stay carried the date.
	First bool `json:"first,omitempty"`
	// Undone is set where not a leave date but a rescinded hire was detected.
	Undone bool `json:"undone,omitempty"`
}

// Outcome of a task that is decided.
type Outcome string

// The outcomes.
const (
	OutcomeDone           Outcome = "done"
	OutcomeSkipped        Outcome = "skipped"
	OutcomeBeforeBaseline Outcome = "before baseline"
	OutcomeLate           Outcome = "skipped late"
	OutcomeBeforeEnforce  Outcome = "before enforce"
	OutcomeOutOfScope     Outcome = "out of scope"
	OutcomeFailed         Outcome = "failed" // and the run went on (continueOnError)
	OutcomeStopped        Outcome = "not started"
)

// Done is a task that is decided.
type Done struct {
	Key     string    `json:"key"`
	At      time.Time `json:"at"`
	Outcome Outcome   `json:"outcome"`
	// Code says why where the outcome is not done; a word of a closed set.
	Code string `json:"code,omitempty"`
	// Shut is set for a create that made the account disabled.
	Shut bool `json:"shut,omitempty"`
}

// Through says that everything of a workflow in a stay is decided up to a
// generation.
type Through struct {
	Workflow   string `json:"w"`
	Stay       string `json:"s"`
	Generation int    `json:"g"`
}

// Parked is a task that could not be done and waits: for its retry instant, a
// human, or another person.
type Parked struct {
	Key string `json:"key"`
	// Code is the error type, a word of a closed set (docs/errors.md).
	Code string `json:"code"`
	// Detail is a short message without personal data.
	Detail   string    `json:"detail,omitempty"`
	Since    time.Time `json:"since"`
	Retry    time.Time `json:"retry,omitzero"` // zero: only a human
	Attempts int       `json:"attempts"`
	// Tried is the last attempt: a run-now from after it tries again. Where it
	// is zero only Retry counts.
	Tried time.Time `json:"tried,omitzero"`
	// Asked is when the last attempt ended with a question to a human, zero where
	// it failed for another cause. What was said before is no answer to it.
	Asked time.Time `json:"asked,omitzero"`
}

// AccountState is what the journey knows of an account.
type AccountState string

// The account states. The zero value is "never looked".
const (
	AccountUnknown  AccountState = ""
	AccountNone     AccountState = "none"
	AccountDisabled AccountState = "disabled"
	AccountEnabled  AccountState = "enabled"
	AccountDeleted  AccountState = "deleted"
)

// String is the state as people read it.
func (s AccountState) String() string {
	if s == AccountUnknown {
		return "unknown"
	}
	return string(s)
}

// Account is the person's object in one target, as our own work left it.
type Account struct {
	Target   string       `json:"target"`
	ID       string       `json:"id,omitempty"`
	UserName string       `json:"userName,omitempty"`
	State    AccountState `json:"state,omitempty"`
	// Operations counts completed account operations; the next one's
	// generation.
	Operations int `json:"ops,omitempty"`
	// Synced accounts are mastered in another directory; Protected says why no
	// feed may take the account's access, "" where one may. Both are as the target
	// showed them last (S17).
	Synced    bool   `json:"synced,omitempty"`
	Protected string `json:"protected,omitempty"`
	// Stay is the stay the account was last made or enabled for.
	Stay string `json:"stay,omitempty"`
	// DisabledAt is when we disabled it (S7); DisabledFor is the stay.
	DisabledAt  time.Time `json:"disabledAt,omitzero"`
	DisabledFor string    `json:"disabledFor,omitempty"`
	// FoundDisabled is set where somebody else had disabled it before we did: taking
	// the leave back does not take that back.
	FoundDisabled bool      `json:"foundDisabled,omitempty"`
	DeletedAt     time.Time `json:"deletedAt,omitzero"`
	// Linked says how an account that was there before became the person's:
	// employeeId, anchor or human. "" is one that Tenure made.
	Linked string `json:"linked,omitempty"`
	// AdoptedAt is when: what was due before speaks of its present state no more
	// than a question (S14).
	AdoptedAt time.Time `json:"adoptedAt,omitzero"`
	// Number is the employee number that the account carried when it was linked.
	Number string `json:"number,omitempty"`
	// Unlinked is set where a human let go of the account: nothing is done in
	// the target until a human links one again.
	Unlinked bool `json:"unlinked,omitempty"`
	// Refused are the IDs of accounts of which a human said that they are not the
	// person's: nobody is asked about them again.
	Refused []string `json:"refused,omitempty"`
	// Written is the digest of the mapped inputs that were last written.
	Written string `json:"written,omitempty"`
	// WaitingFor is the kind of the manager reference that could not be resolved
	// yet; WaitingUntil is when it is looked up again without a signal.
	WaitingFor   string    `json:"waitingFor,omitempty"`
	WaitingUntil time.Time `json:"waitingUntil,omitzero"`
	Passes       []Pass    `json:"passes,omitempty"`
	// Removed keeps what a leave took away, so that a rescind can restore it (S13).
	Removed []Removed `json:"removed,omitempty"`
}

// The ways in which an account becomes a person's that was there before.
const (
	LinkedByNumber = "employeeId"
	LinkedByHuman  = "human"
	// LinkedByAnchor is one that a synchronisation made of the person's account in
	// another target.
	LinkedByAnchor = "anchor"
)

// Pass is a pass that may still be valid. Never its secret.
type Pass struct {
	ID      string    `json:"id"`
	TaskKey string    `json:"task"`
	Start   time.Time `json:"start"`
	Expires time.Time `json:"expires"`
	// StartDate and Manager are what the pass was issued for: when they move,
	// it is deleted and the task is due again (S6).
	StartDate person.Date `json:"startDate,omitzero"`
	Manager   string      `json:"manager,omitempty"`
}

// Removed is a membership or licence that a leave took away, or an attribute that
// it wrote: then ID is its name, Value what it had and Wrote what it has since.
type Removed struct {
	Kind  string `json:"kind"` // group, license or attribute
	ID    string `json:"id"`
	Value string `json:"value,omitempty"`
	Wrote string `json:"wrote,omitempty"`
	Stay  string `json:"stay"`
	// Leave is the generation of the leave that took it: it is given back once that
	// leave is taken back. 0 is of before that was kept.
	Leave int `json:"leave,omitempty"`
}
