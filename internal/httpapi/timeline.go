package httpapi

import "time"

// Where an entry stands on the timeline.
const (
	Past   = "past"
	Now    = "now"
	Future = "future"
)

// Timeline is a person's past, present and future in order of time.
type Timeline struct {
	PersonID
	DisplayName string `json:"displayName"`
	Phase       string `json:"phase"`
	// Now is the journey's clock, NowLocal the same in the person's zone.
	Now           time.Time `json:"now"`
	NowLocal      string    `json:"nowLocal"`
	Zone          string    `json:"zone"`
	PolicyVersion int       `json:"policyVersion"`
	Source        string    `json:"source"`
	Note          string    `json:"note,omitempty"`
	Entries       []Entry   `json:"entries"`
	Links         Links     `json:"links"`
}

// The kinds of entry.
const (
	// EntryTask is a task: decided, running, due or ahead.
	EntryTask = "task"
	// EntryEvent is a statement of HR.
	EntryEvent = "event"
	// EntryOverride is what a human did.
	EntryOverride = "override"
	// EntryNote is anything else that the ledger recorded.
	EntryNote = "note"
)

// Entry is one line of a timeline.
type Entry struct {
	// When is past, now or future.
	When string `json:"when"`
	Kind string `json:"kind"`
	// At is when it happened, or is due where it has not.
	At time.Time `json:"at"`
	// Local is At in the person's zone, such as "2026-12-01 09:00 CET".
	Local string `json:"local"`
	Zone  string `json:"zone"`
	// ZoneSource says who decided the zone: person, location, rule or feed.
	ZoneSource string `json:"zoneSource,omitempty"`
	// Due is the planned instant of a task, where it is not At.
	Due *time.Time `json:"due,omitempty"`
	// Title says in a few words what it is.
	Title string `json:"title"`
	State string `json:"state"`
	// Reason says why, in a sentence.
	Reason string `json:"reason,omitempty"`
	Code   string `json:"code,omitempty"`
	// Key names the task in overrides; "" for what is no task.
	Key      string `json:"key,omitempty"`
	Workflow string `json:"workflow,omitempty"`
	Task     string `json:"task,omitempty"`
	Category string `json:"category,omitempty"`
	Target   string `json:"target,omitempty"`
	Actor    string `json:"actor,omitempty"`
	// Retry is when a parked task is tried again.
	Retry *time.Time `json:"retry,omitempty"`
	// Changes are the attributes that were written; private values are masked.
	Changes   []AttributeChange `json:"changes,omitempty"`
	RequestID string            `json:"requestId,omitempty"`
	// Seq is the number of the ledger row, 0 for what is in no row. It orders
	// what happened at one instant.
	Seq int64 `json:"-"`
}

// AttributeChange is an attribute before and after.
type AttributeChange struct {
	Attribute string `json:"attribute"`
	Before    string `json:"before,omitempty"`
	After     string `json:"after,omitempty"`
}

// Explanation says why tasks are as they are.
type Explanation struct {
	PersonID
	Now           time.Time       `json:"now"`
	PolicyVersion int             `json:"policyVersion"`
	Lines         []ExplainedLine `json:"lines"`
	Links         Links           `json:"links"`
}

// ExplainedLine is one task with everything that bears on it.
type ExplainedLine struct {
	Entry
	// Because are the reasons, one a sentence.
	Because []string `json:"because"`
	// History is what the ledger says of this task.
	History []Entry `json:"history"`
	// Can lists the overrides that make sense now.
	Can []string `json:"can"`
}
