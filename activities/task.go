package activities

import (
	"time"

	"tenure/internal/person"
	"tenure/internal/plan"
)

// TaskInput is the argument of every activity that performs tasks.
type TaskInput struct {
	// Journey is the workflow ID; effects are keyed by it and the task key.
	Journey string    `json:"journey"`
	Realm   string    `json:"realm"`
	Key     string    `json:"key"`
	Now     time.Time `json:"now"`
	// PolicyVersion names the version the plan was made from.
	PolicyVersion int        `json:"policy"`
	Batch         plan.Batch `json:"batch"`
	// Record and Stays are what mappings and templates read; Zone is the
	// person's zone.
	Record person.Record `json:"record"`
	Stays  []person.Stay `json:"stays,omitempty"`
	Zone   string        `json:"zone,omitempty"`
	// Scoped is what leaver tasks read instead, of the record before HR said
	// terminated.
	Scoped person.Attributes `json:"scoped,omitempty"`
	// Account is what the journey knows of the account in the batch's target.
	Account plan.Account `json:"account,omitzero"`
	// Source is what the journey knows of the account from which the one in the
	// batch's target comes by synchronisation; nil where that is none of its own.
	Source *plan.Account `json:"source,omitempty"`
	// Change is set for tasks of a change workflow.
	Change *plan.Change `json:"change,omitempty"`
	// Approved is set where a human answered yes to what the tasks asked.
	Approved bool `json:"approved,omitempty"`
	// Answered are the keys of tasks whose last attempt ended with a question that
	// a human has answered since: who ran or tried again a task before anybody had
	// looked has agreed to nothing that only the target shows.
	Answered []string `json:"answered,omitempty"`
	// Holds are the kinds of the holds in force when the tasks were sent.
	Holds []plan.HoldKind `json:"holds,omitempty"`
	// ByHand is set where a human runs this person's line out of turn: it counts
	// and is not frozen at a gate. Terminated is set where a human ended all
	// access, for good or by a security hold: the cut asks no gate.
	ByHand     bool `json:"byHand,omitempty"`
	Terminated bool `json:"terminated,omitempty"`
	// Told is what the feed of a write-back was told of the same stay.
	Told *plan.WrittenBack `json:"told,omitempty"`
	// Note is the actor and reason where a human started the tasks.
	Actor  string `json:"actor,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Status is how a task ended.
type Status string

// The statuses.
const (
	Done       Status = "done"
	Failed     Status = "failed"
	NotStarted Status = "not started"
)

// TaskOutcome is how one task of a batch ended.
type TaskOutcome struct {
	Key    string `json:"key"`
	Status Status `json:"status"`
	// Code is a word of the closed set in docs/errors.md; for done tasks it may
	// say what was found, such as no-account.
	Code string `json:"code,omitempty"`
	// Detail is short and without personal data.
	Detail string `json:"detail,omitempty"`
	// Retryable failures are tried again by themselves; others wait for a human
	// (a slow retry still looks whether the cause is gone).
	Retryable bool `json:"retryable,omitempty"`
	// After is how long the target asked to wait.
	After time.Duration `json:"after,omitempty"`
	// Parks failures that must never be repeated by themselves, such as a mail
	// of unknown delivery.
	Human bool `json:"human,omitempty"`
}

// isWorthTryingAgain reports whether seconds may mend a failure; what waits for
// another person or a long time parks at once.
func (o TaskOutcome) isWorthTryingAgain() bool {
	return o.Retryable && o.After <= longestWait && o.Code != CodeNoRecipient && o.Code != CodeNoAccount && o.Code != CodeHeld
}

// TaskResult is what an activity that performs tasks returns: one outcome per
// task, in order, and the account as it is known then.
type TaskResult struct {
	Outcomes []TaskOutcome `json:"outcomes"`
	// Account replaces what the journey knows; nil leaves it.
	Account *plan.Account `json:"account,omitempty"`
	// Attention are facts somebody should know that came up, such as groups
	// that had to stay.
	Attention []plan.Attention `json:"attention,omitempty"`
	// Told is what a write-back told, or found told.
	Told *plan.WrittenBack `json:"told,omitempty"`
}

// PlanInput is the argument of BuildPlan.
type PlanInput struct {
	Journey string     `json:"journey"`
	Facts   plan.Facts `json:"facts"`
	Now     time.Time  `json:"now"`
	// Notes are decisions to append to the ledger.
	Notes []Note `json:"notes,omitempty"`
	// Attention raised by the journey itself, for the people index.
	Attention []plan.Attention `json:"attention,omitempty"`
	Revision  int64            `json:"revision"`
	// LedgerSeq and LedgerHash are the head of the person's chain as the journey
	// last saw it. None means that it never reached the store.
	LedgerSeq  int64  `json:"seq,omitempty"`
	LedgerHash string `json:"hash,omitempty"`
}

// PlanOutput is what BuildPlan returns.
type PlanOutput struct {
	plan.Result
	// Recorded tells that the notes up to the number NotesThrough are in the
	// ledger; else they are sent again.
	Recorded     bool  `json:"recorded"`
	NotesThrough int64 `json:"notes,omitempty"`
	// LedgerSeq and LedgerHash are the head of the person's chain.
	LedgerSeq  int64  `json:"seq,omitempty"`
	LedgerHash string `json:"hash,omitempty"`
	// Steer says that the configuration lets signals steer.
	Steer bool `json:"steer,omitempty"`
	// Erased is the marker of an earlier chain of this person, looked for until the
	// journey has reached the store once.
	Erased *Erased `json:"erased,omitempty"`
}

// Note is one decision of a journey on its way to the ledger.
type Note struct {
	// Number counts the notes of a journey; Key is unique within it.
	Number int64     `json:"number"`
	Key    string    `json:"key"`
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"` // event, override, plan, attention
	Actor  string    `json:"actor"`
	Reason string    `json:"reason,omitempty"`
	// Outcome is applied, refused, stale, duplicate, raised, parked ...
	Outcome string `json:"outcome"`
	Task    string `json:"task,omitempty"`
	// Names are attribute names that changed; values stay in the record.
	Names []string `json:"names,omitempty"`
}
