package httpapi

import "time"

// The decisions about a finding.
const (
	// FindingFix asks the journey to look at the account and do its line.
	FindingFix = "fix"
	// FindingAdopt links an unowned account to a person.
	FindingAdopt = "adopt"
	// FindingIgnore hides a finding until an instant.
	FindingIgnore = "ignore"
	// FindingShow takes back an ignore.
	FindingShow = "show"
)

// Comparison is the newest comparison of a target with what the journeys want.
type Comparison struct {
	Target   string    `json:"target"`
	At       time.Time `json:"at"`
	Accounts int       `json:"accounts"`
	People   int       `json:"people"`
	// Unanswered people's journeys did not say what they want; what was found of
	// them before stands.
	Unanswered int `json:"unanswered"`
	// Counts are the findings by kind, the ignored ones included.
	Counts map[string]int `json:"counts"`
}

// Findings are what stands in a target.
type Findings struct {
	Target string `json:"target"`
	// Mode is the target's: outside enforce nothing is mended.
	Mode string `json:"mode"`
	// Comparison is null before the first one.
	Comparison *Comparison `json:"comparison"`
	// Findings are ordered by kind, what must be looked at first in front.
	Findings []Finding `json:"findings"`
	// Hidden counts the ignored findings that are left out.
	Hidden int `json:"hidden"`
}

// Finding is one difference between a target and what is wanted.
type Finding struct {
	ID string `json:"id"`
	// Kind is active-should-be-disabled, disabled-should-be-active, missing,
	// drifted or unowned.
	Kind string `json:"kind"`
	// Person is whom it is about; of an unowned account, whose it may be. null
	// where nobody is known.
	Person      *PersonID `json:"person"`
	DisplayName string    `json:"displayName,omitempty"`
	ObjectID    string    `json:"objectId,omitempty"`
	UserName    string    `json:"userName,omitempty"`
	// Attributes are the names of those that differ.
	Attributes []string `json:"attributes,omitempty"`
	Reason     string   `json:"reason"`
	// Waits says which line of the journey stands in between.
	Waits string `json:"waits,omitempty"`
	// Protection is yes, no or unknown for an unowned account.
	Protection string `json:"protection,omitempty"`
	// Since is when it was first found.
	Since time.Time `json:"since"`
	// Decided is null where nobody has decided.
	Decided *FindingDecided `json:"decided"`
	Links   Links           `json:"links"`
}

// FindingDecided is what somebody decided about a finding.
type FindingDecided struct {
	Decision string     `json:"decision"`
	Until    *time.Time `json:"until,omitempty"`
	Actor    string     `json:"actor"`
	Reason   string     `json:"reason"`
	At       time.Time  `json:"at"`
}

// FindingChoice is a decision about one finding.
type FindingChoice struct {
	ID string `json:"id"`
	// Decision is fix, adopt, ignore or show.
	Decision string `json:"decision"`
	// Until is when an ignored finding shows again: ignore only.
	Until *time.Time `json:"until,omitempty"`
	// Person is who gets the account, where it is not whom the finding names:
	// adopt only.
	Person *PersonID `json:"person,omitempty"`
}

// FindingChoices are decisions of one caller for one reason.
type FindingChoices struct {
	Decision
	Decisions []FindingChoice `json:"decisions"`
}

// FindingOutcome is what became of one decision.
type FindingOutcome struct {
	ID string `json:"id"`
	// Done is false where it was refused; Text says what is in force, or why not.
	Done bool   `json:"done"`
	Text string `json:"text"`
}
