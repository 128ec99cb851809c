package store

import (
	"errors"
	"fmt"
)

// The sentinels a caller decides on. Any other error means that the store could
// not be asked, and that the same call may be made again.
var (
	// ErrNotFound says that there is no such row.
	ErrNotFound = errors.New("not found in the store")
	// ErrConflict says that the row is not in the state the caller expected:
	// somebody else was first.
	ErrConflict = errors.New("changed by somebody else")
	// ErrInvalid says that the arguments can never be stored.
	ErrInvalid = errors.New("invalid argument")
	// ErrNoCandidate says that every candidate name is taken.
	ErrNoCandidate = errors.New("every candidate is taken")
)

// ClaimedError says that a value belongs to another journey, or to an object of
// the target that is not Tenure's. It matches [ErrConflict].
type ClaimedError struct {
	// Current is the claim as it stands.
	Current Claim
}

// Error names the attribute and never the value, which may be a name.
func (e *ClaimedError) Error() string {
	return fmt.Sprintf("claim %s on %s: it is %s", e.Current.Attribute, e.Current.Target, e.Current.State)
}

// Unwrap makes the error match [ErrConflict].
func (e *ClaimedError) Unwrap() error { return ErrConflict }

// ChainError names the first ledger row at which a journey's chain is broken.
type ChainError struct {
	Journey string `json:"journey"`
	// Seq is the row that is missing, altered, or not what a witness saw.
	Seq    int64  `json:"row"`
	Reason string `json:"reason"`
}

// Error says where and why.
func (e *ChainError) Error() string {
	return fmt.Sprintf("verify ledger of %s: row %d: %s", e.Journey, e.Seq, e.Reason)
}
