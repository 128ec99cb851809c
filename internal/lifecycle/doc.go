// Package lifecycle is the policy: feeds, targets with their account lines and
// mappings, lifecycle workflows with triggers, scopes and tasks, and
// notifications. It loads the one YAML document an identity team writes,
// strictly, and reports every problem at once with file, line and what to do.
//
// A loaded [Policy] is immutable and safe for concurrent use. It holds no
// secret: credentials stay references (env:NAME, file:PATH) that composition
// roots resolve.
//
// The package is pure: no clock, network or environment. What a line means is
// decided in docs/safety.md; package plan computes it.
package lifecycle
