package plan

import (
	"time"

	"tenure/internal/lifecycle"
)

// Verb is what a line does. Task lines carry the task kind, account lines one
// of the account verbs.
type Verb string

// The account verbs.
const (
	// Create makes the account, or restores it, disabled or enabled as wanted.
	Create Verb = "create"
	// Update writes changed attributes and the manager.
	Update Verb = "update"
	Enable Verb = "enable"
	// Cut disables, deletes passes and revokes sessions as one unit (S5).
	Cut Verb = "disable"
	// Delete removes the account (S7).
	Delete Verb = "delete"
	// WithdrawPass deletes a pass whose reason is gone (S6).
	WithdrawPass Verb = "withdrawPass"
	// Link finds the account that the person has already, or takes the one a
	// human named (S14).
	Link Verb = "link"
	// Unlink lets go of an account without touching it.
	Unlink Verb = "unlink"
	// Restore gives back what a rescinded leave took away (S13).
	Restore Verb = "restoreAccess"
	// WriteBack tells HR what became of the account. It is no account verb: nothing
	// is done to the account.
	WriteBack Verb = "writeBack"
)

// IsAccountVerb reports whether a verb is that of an account line: its
// completion counts as an operation of the account.
func IsAccountVerb(verb Verb) bool {
	switch verb {
	case Create, Update, Enable, Cut, Delete, WithdrawPass, Restore, Link, Unlink:
		return true
	default:
		return false
	}
}

// Activity is the kind of activity that performs a batch.
type Activity string

// The activities. Account and access tasks of one run on one target share one.
const (
	ActivityAccount   Activity = "account" // create, update, enable, groups, licences, sessions
	ActivityCut       Activity = "cut"
	ActivityDelete    Activity = "delete"
	ActivityPass      Activity = "pass"
	ActivityMail      Activity = "mail"
	ActivityExtension Activity = "extension"
	ActivityWriteBack Activity = "writeBack"
)

// LineState is where a line stands at the instant of the plan.
type LineState string

// The line states.
const (
	Future         LineState = "future"
	Due            LineState = "due"
	Running        LineState = "running"
	Finished       LineState = "done"
	Skipped        LineState = "skipped"
	BeforeBaseline LineState = "before baseline"
	SkippedLate    LineState = "skipped late"
	// Observed lines would run, were their target enforced.
	Observed LineState = "observed"
	// BeforeEnforce lines fell due while their target was not enforced.
	BeforeEnforce LineState = "before enforce"
	OutOfScope    LineState = "out of scope"
	Asks          LineState = "asks"   // waits for approve or skip
	ParkedState   LineState = "parked" // waits for its retry or a human
	Waiting       LineState = "waiting"
	Held          LineState = "held"
	Blocked       LineState = "blocked"
	FailedState   LineState = "failed" // the run went on
)

// Line is one line of a plan: one task, when it is due, where it stands and why.
type Line struct {
	// Key is `<workflow>/<stay>/<generation>/<task>`, with each part escaped by
	// [TaskKey]; account lines have the workflow `account:<target>`.
	Key        string             `json:"key"`
	Workflow   string             `json:"workflow"`
	Stay       string             `json:"stay"`
	Generation int                `json:"generation"`
	Task       string             `json:"task"`
	Verb       Verb               `json:"verb"`
	Category   lifecycle.Category `json:"category,omitempty"`
	Target     string             `json:"target,omitempty"`
	Activity   Activity           `json:"activity"`
	Due        time.Time          `json:"due"`
	Zone       string             `json:"zone"`
	// ZoneSource says who decided the zone: person, location, rule or feed (S9).
	ZoneSource string    `json:"zoneSource"`
	State      LineState `json:"state"`
	// At is when it was decided or parked, Retry when a parked one is tried again.
	At    time.Time `json:"at,omitzero"`
	Retry time.Time `json:"retry,omitzero"`
	// Code is the reason in a word, Reason in a sentence without personal data
	// beyond dates, codes and names of the policy.
	Code   string `json:"code,omitempty"`
	Reason string `json:"reason"`
	// Deletes is the target in which the line deletes the account though it works on
	// another: it takes the account out of the synchronisation (S17).
	Deletes string `json:"deletes,omitempty"`
	// Continue lets the run go on when this task fails.
	Continue bool `json:"continue,omitempty"`
	// Order breaks ties of lines due at one instant (S5).
	Order int `json:"-"`
}
