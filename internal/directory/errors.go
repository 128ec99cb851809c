package directory

import (
	"errors"
	"fmt"
	"time"
)

// The sentinels every connector wraps its vendor's errors with.
var (
	// ErrNotFound: the object does not exist, or not yet everywhere.
	ErrNotFound = errors.New("not found")
	// ErrConflict: a unique value is taken, or a concurrent change is under way.
	ErrConflict = errors.New("conflict")
	// ErrInvalid: the target refuses the request as it is; repeating is useless.
	ErrInvalid = errors.New("invalid request")
	// ErrDenied: the credential may not do this.
	ErrDenied = errors.New("denied")
	// ErrUnavailable: the target cannot answer now; what was asked may or may
	// not have happened, so look before repeating.
	ErrUnavailable = errors.New("unavailable")
	// ErrExhausted: no licence seat, quota or space is left; a human must act.
	ErrExhausted = errors.New("exhausted")
)

// ErrProtected is the answer to a write to an account that no feed may touch. It is
// an ErrDenied; no credential changes it.
var ErrProtected = fmt.Errorf("account is protected: %w", ErrDenied)

// ErrNoEmployeeID is the answer to a search for an empty number, which would
// find every account that has none. It is an ErrInvalid.
var ErrNoEmployeeID = fmt.Errorf("employee number is empty: %w", ErrInvalid)

// ConflictError says which unique attribute is taken. It is an ErrConflict.
type ConflictError struct {
	Attribute string
	RequestID string
	// Elsewhere is set where an account that this target does not show has the
	// value, in another domain of its forest.
	Elsewhere bool
}

// Error names the attribute, never its value.
func (e *ConflictError) Error() string {
	return e.Attribute + " is taken" + request(e.RequestID)
}

// Is makes errors.Is(err, ErrConflict) true.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// UnknownAttributeError says which attribute the target's schema lacks. It is an
// ErrInvalid.
type UnknownAttributeError struct{ Attribute string }

// Error names the attribute.
func (e *UnknownAttributeError) Error() string {
	return "the target's schema has no attribute " + e.Attribute
}

// Is makes errors.Is(err, ErrInvalid) true.
func (e *UnknownAttributeError) Is(target error) bool { return target == ErrInvalid }

// ThrottledError says that the target asked to wait. It is an ErrUnavailable.
type ThrottledError struct {
	// After is how long to wait; zero where the target did not say.
	After     time.Duration
	RequestID string
}

// Error tells how long to wait.
func (e *ThrottledError) Error() string {
	return fmt.Sprintf("throttled, retry after %s%s", e.After, request(e.RequestID))
}

// Is makes errors.Is(err, ErrUnavailable) true.
func (e *ThrottledError) Is(target error) bool { return target == ErrUnavailable }

// request names the vendor's request where there was one.
func request(id string) string {
	if id == "" {
		return ""
	}
	return " (request " + id + ")"
}
