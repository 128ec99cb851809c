package httpapi

import "time"

// PeopleFilter narrows a list of people; its zero value is everybody.
type PeopleFilter struct {
	Realm string
	// Search finds people whose name, key, numbers, address, department, title or
	// user names hold every word of it.
	Search    string
	Phase     string
	Attention bool
	Held      bool
	// Limit is the size of a page, 100 where it is 0.
	Limit  int
	Cursor string
}

// Person is a row of the people index.
type Person struct {
	PersonID
	DisplayName string `json:"displayName"`
	Department  string `json:"department,omitempty"`
	JobTitle    string `json:"jobTitle,omitempty"`
	EmployeeID  string `json:"employeeId,omitempty"`
	// Phase is pre-hire, active, leave, left, deleted, rescinded or unknown.
	Phase string `json:"phase"`
	Held  bool   `json:"held"`
	// Holds are the kinds of the holds in force: legal, security, hr-error.
	Holds    []string  `json:"holds,omitempty"`
	Accounts []Account `json:"accounts"`
	// NextDeadline is null where nothing is due.
	NextDeadline *time.Time `json:"nextDeadline"`
	NextWhat     string     `json:"nextWhat,omitempty"`
	Zone         string     `json:"zone,omitempty"`
	// Attention lists the codes of open questions.
	Attention     []string `json:"attention"`
	PolicyVersion int      `json:"policyVersion"`
	Feed          string   `json:"feed,omitempty"`
	// UpdatedAt is journey time of the row.
	UpdatedAt *time.Time `json:"updatedAt"`
	Links     Links      `json:"links"`
}

// Account is a person's object in a target.
type Account struct {
	Target   string `json:"target"`
	ID       string `json:"id"`
	UserName string `json:"userName"`
	// Enabled is true only where the account is known to be enabled.
	Enabled bool `json:"enabled"`
	// State is none, disabled, enabled, deleted, or unknown before the first look.
	State string `json:"state"`
	// Linked is how an account that was there before became the person's:
	// employeeId, anchor or human. "" is one that Tenure made.
	Linked string `json:"linked,omitempty"`
	// Synced accounts are mastered in another directory; Protected says why no
	// feed takes the account's access, "" where one may.
	Synced    bool   `json:"synced,omitempty"`
	Protected string `json:"protected,omitempty"`
}

// Links lead from an answer to where more is to be seen.
type Links struct {
	Self     string `json:"self,omitempty"`
	Timeline string `json:"timeline,omitempty"`
	// Temporal is the journey's run in the Temporal Web UI.
	Temporal string `json:"temporal,omitempty"`
}

// The sources of an answer about a person.
const (
	// SourceJourney is the journey itself.
	SourceJourney = "journey"
	// SourceIndex is the people index: no worker answered for the journey.
	SourceIndex = "index"
)

// PersonDetail is everything about a person now.
type PersonDetail struct {
	Person
	// Source is journey or index; Note says what is missing in the latter case.
	Source string `json:"source"`
	Note   string `json:"note,omitempty"`
	// Now is the journey's clock.
	Now       time.Time   `json:"now"`
	Overrides []InForce   `json:"overrides"`
	Parked    []Parked    `json:"parked"`
	Running   []string    `json:"running"`
	Questions []Attention `json:"questions"`
	Stays     []Stay      `json:"stays"`
}

// InForce is an override in force.
type InForce struct {
	Kind   string    `json:"kind"`
	ID     string    `json:"id"`
	Actor  string    `json:"actor"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
	// Key names the task or run, or the lifecycle workflow that was started.
	Key string `json:"key,omitempty"`
	// Detail says the rest in words, such as "lastDayOfWork is 2026-12-31".
	Detail string `json:"detail,omitempty"`
}

// Parked is a task that could not be done and waits.
type Parked struct {
	Key    string    `json:"key"`
	Code   string    `json:"code"`
	Detail string    `json:"detail,omitempty"`
	Since  time.Time `json:"since"`
	// Retry is null where only a human goes on.
	Retry    *time.Time `json:"retry"`
	Attempts int        `json:"attempts"`
	// WaitsFor is what another system does by itself, and Until when it should
	// have.
	WaitsFor string     `json:"waitsFor,omitempty"`
	Until    *time.Time `json:"until,omitempty"`
}

// Attention is a question to a human, or a fact somebody should know.
type Attention struct {
	Code string `json:"code"`
	// Key is the task it is about, "" for the person.
	Key  string `json:"key,omitempty"`
	Text string `json:"text"`
	// Asks is set where approve or skip answers it.
	Asks bool `json:"asks"`
}

// Stay is one chapter of a person: the union of employments without a gap.
type Stay struct {
	ID    string `json:"id"`
	Start string `json:"start,omitempty"`
	// LastDay is YYYY-MM-DD, "" while none is known.
	LastDay string `json:"lastDay,omitempty"`
	Status  string `json:"status,omitempty"`
}
