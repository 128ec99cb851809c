// Package timeskip moves one workflow execution through time on a server that
// allows it: the devstack's engine, never production, where it would change
// the meaning of every time in the audit.
//
// The clock belongs to the execution. It jumps from one timer to the next, so
// that everything happens in order and at its own virtual instant, and it stays
// ahead afterwards, also across continue-as-new: one person lives in next
// month, the others do not. It waits while activities run. What other systems
// know of time is not moved.
//
// Used by the devstack's fast-forward and by end-to-end tests. The calls are
// the server's own and experimental, so they are made in this package only.
package timeskip
