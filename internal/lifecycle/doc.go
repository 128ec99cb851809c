// Package lifecycle is the policy: feeds, targets with their account lines and
// mappings, lifecycle workflows with triggers, scopes and tasks, and
// notifications. It loads the one YAML document an identity team writes,
// strictly, and reports every problem at once with file, line and what to do.
//
// A loaded [Policy] is immutable and safe for concurrent use. It holds no
// secret: credentials stay references (env:NAME, file:PATH) that composition
// roots resolve.
//
// Conditions are CEL, type-checked at load; CEL's checker reads them and our own
// total evaluator runs them, so that S10 holds. The keys of the language stand
// in one table (shapes.go), with which the JSON Schema and docs/policy.md are
// compared.
//
// The package is pure: no clock, network or environment; the zone database is
// all that loading reads. What a line means is
// decided in docs/safety.md; package plan computes it.
package lifecycle
