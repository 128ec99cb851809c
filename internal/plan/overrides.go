package plan

import (
	"time"

	"tenure/internal/person"
)

// By says who applied an override, when and why.
type By struct {
	ID     string    `json:"id"`
	Actor  string    `json:"actor"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// Overrides are a human's changes to a plan that are in force.
type Overrides struct {
	// Hold is one that was set before holds had kinds: [Overrides.InForce] reads it.
	Hold *By `json:"hold,omitempty"`
	// Holds keep lines from being done, each as its kind says (S16); one per kind.
	Holds []Hold `json:"holds,omitempty"`
	// Blocked is set by terminate: no HR record, rehire or policy lifts it (S4).
	Blocked *By `json:"blocked,omitempty"`
	// Dates replace a date of a stay until HR states the same.
	Dates []DateOverride `json:"dates,omitempty"`
	// Rescinded hires and terminations.
	Rescinded []Rescind `json:"rescinded,omitempty"`
	// Skips, RunNow and Approved name tasks or whole runs by key.
	Skips     []KeyOverride `json:"skips,omitempty"`
	RunNow    []KeyOverride `json:"runNow,omitempty"`
	Approved  []KeyOverride `json:"approved,omitempty"`
	Postponed []Postponed   `json:"postponed,omitempty"`
	// Enabled are set by the tasks enable and disable (S4).
	Enabled []EnabledOverride `json:"enabled,omitempty"`
	// Links are orders to link an account or to let go of one, the newest per
	// target, until they are carried out (S14).
	Links []LinkOverride `json:"links,omitempty"`
	// Demands start on-demand workflows; the ID is the generation's name.
	Demands []Demand `json:"demands,omitempty"`
	// Checks ask to look at accounts again, at most one for a target.
	Checks []Check `json:"checks,omitempty"`
}

// DateOverride is a date that a human set.
type DateOverride struct {
	By
	Stay string      `json:"stay"`
	On   string      `json:"on"` // startDate or lastDayOfWork
	Date person.Date `json:"date"`
	// HR is the date HR stated when the override was set: another one raises
	// attention.
	HR person.Date `json:"hr,omitzero"`
}

// What a rescind takes back.
const (
	RescindHire        = "hire"
	RescindTermination = "termination"
)

// Rescind takes back the hire or the termination of a stay.
type Rescind struct {
	By
	Stay string `json:"stay"`
	What string `json:"what"`
	// Date is the leave date that was rescinded; another one stated later counts.
	Date person.Date `json:"date,omitzero"`
}

// KeyOverride is an override on a task or run key.
type KeyOverride struct {
	By
	Key string `json:"key"`
}

// Postponed moves one task or run to another instant.
type Postponed struct {
	By
	Key string    `json:"key"`
	To  time.Time `json:"to"`
}

// EnabledOverride is what an enable or disable task decided for a stay.
type EnabledOverride struct {
	Target  string `json:"target"`
	Stay    string `json:"stay"`
	Enabled bool   `json:"enabled"`
	TaskKey string `json:"task"`
	// At is when a task ordered it that is not done thereby; zero for the others.
	At time.Time `json:"at,omitzero"`
}

// LinkOverride says which account is the person's; ObjectID "" lets go of it.
type LinkOverride struct {
	By
	Target   string `json:"target"`
	ObjectID string `json:"objectId,omitempty"`
}

// Demand is one on-demand start of a lifecycle workflow.
type Demand struct {
	By
	Workflow string `json:"workflow"`
	Stay     string `json:"stay"`
}
