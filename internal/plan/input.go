package plan

import (
	"time"

	"tenure/internal/lifecycle"
)

// Input is everything a plan is computed from.
type Input struct {
	Policy *lifecycle.Policy
	// Version is the policy's number, named in results.
	Version int
	// Activations are the instants at which lifecycle workflows were activated,
	// by name: their own baseline (S1). A workflow without an entry has that of
	// the feed.
	Activations map[string]time.Time
	// Forms are the policy's forms as far as account lines go, the present one
	// last. With one or none nothing was ever changed.
	Forms []Form
	// Brakes is what gates and pauses say of lines that they stopped.
	Brakes Brakes
	// Verified says that the API asks callers for credentials: then approvals
	// whose author nothing proves do not count where several are needed.
	Verified bool
	Facts    Facts
	Now      time.Time
}
