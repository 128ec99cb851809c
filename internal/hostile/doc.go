// Package hostile holds what the tests of hostile input have in common: how many
// cases a door to the outside has at least, and that no input costs more time or
// memory than it may. The tests of the doors use it (hostile_test.go in
// internal/hr/csv, internal/hr/webhook, internal/lifecycle, internal/config and
// internal/httpapi); the product must not.
package hostile
