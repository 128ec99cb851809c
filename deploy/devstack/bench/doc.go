// Command bench measures what journeys cost: ratios and counts from one run on one
// machine, on SQLite and on PostgreSQL, and checks what it measures.
//
// Each section runs in a process of its own on a new stack, so that no section
// meets what another one left. docs/performance.md says what is measured and how.
package main
