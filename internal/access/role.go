package access

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what a caller may do. Each role may do what those before it may. The
// zero value is no role: a route that has it is refused when the API is made.
type Role int

// The roles. Open is not held by anybody: it marks routes that ask nobody who
// they are.
const (
	Open Role = iota + 1
	// Viewer reads.
	Viewer
	// Operator runs, skips, postpones, holds and imports.
	Operator
	// Approver answers questions, sets dates, terminates and rescinds.
	Approver
	// Admin applies policies.
	Admin
)

// Roles returns the roles that a caller can have, the least one first.
func Roles() []Role { return []Role{Viewer, Operator, Approver, Admin} }

// String is the role's word, as the configuration has it.
func (r Role) String() string {
	switch r {
	case Open:
		return "open"
	case Viewer:
		return "viewer"
	case Operator:
		return "operator"
	case Approver:
		return "approver"
	case Admin:
		return "admin"
	default:
		return "none"
	}
}

// Valid reports whether this is Open or a role that a caller can have.
func (r Role) Valid() bool { return r == Open || slices.Contains(Roles(), r) }

// Allows reports whether a caller of this role may do what asks for least.
func (r Role) Allows(least Role) bool {
	return least == Open || least.Valid() && r >= least
}

// ParseRole reads a role's word.
func ParseRole(text string) (Role, error) {
	var names []string
	for _, role := range Roles() {
		if role.String() == text {
			return role, nil
		}
		names = append(names, role.String())
	}
	return 0, fmt.Errorf("role is %.64q: want one of %s", text, strings.Join(names, ", "))
}
