package httpapi

import "time"

// PolicyVersion is one version of the policy.
type PolicyVersion struct {
	Number    int       `json:"number"`
	Hash      string    `json:"hash"`
	AppliedAt time.Time `json:"appliedAt"`
	Actor     string    `json:"actor"`
	Reason    string    `json:"reason"`
	Active    bool      `json:"active"`
	// Activations are the instants from which lifecycle workflows count, by name;
	// those without one count from the feed's baseline.
	Activations map[string]time.Time `json:"activations,omitempty"`
	// Source is the document, left out of lists.
	Source string `json:"source,omitempty"`
}

// PolicyReport is what a check of a policy found.
type PolicyReport struct {
	Valid    bool            `json:"valid"`
	Hash     string          `json:"hash,omitempty"`
	Problems []PolicyProblem `json:"problems"`
	Warnings []PolicyProblem `json:"warnings"`
}

// PolicyProblem is one thing that is wrong in a policy, or worth a look.
type PolicyProblem struct {
	File string `json:"file,omitempty"`
	// Line and Column count from 1; 0 where the problem has no place.
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
}

// PolicyApplied is the answer to an apply.
type PolicyApplied struct {
	Version PolicyVersion `json:"version"`
	// Created is false where the active version already was the same.
	Created bool `json:"created"`
	// Activated names the lifecycle workflows that are new or changed.
	Activated []string        `json:"activated"`
	Warnings  []PolicyProblem `json:"warnings"`
	// Note says in words what happens next.
	Note string `json:"note,omitempty"`
}
