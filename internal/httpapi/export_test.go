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

// OverrideRole is the least role of a kind of override.
func OverrideRole(kind contract.Kind) access.Role { return overrideRole(kind) }
