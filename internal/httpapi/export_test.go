package httpapi

import (
	"tenure/internal/access"
	"tenure/workflows/contract"
)

// Patterns lists every route for the tests.
func Patterns() []string {
	var out []string
	for _, route := range (&API{}).routes() {
		out = append(out, route.pattern)
	}
	return out
}

// RoleOf is the least role of a route.
func RoleOf(pattern string) access.Role {
	for _, route := range (&API{}).routes() {
		if route.pattern == pattern {
			return route.role
		}
	}
	return 0
}

// KindRole is the least role for any override of a kind.
func KindRole(kind contract.Kind) access.Role { return overrideRole(kind) }
