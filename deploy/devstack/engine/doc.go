// Package engine runs the real Temporal server and its Web UI inside this
// process, on an SQLite file in a folder, for the devstack and its end-to-end
// tests.
//
// Invariants: it listens on loopback only, because nothing asks who calls; a
// start on the same folder goes on where the last run stopped, also after a
// kill; Start returns when workflows can be started, Close returns within
// seconds. Time skipping, which changes what a time in a history means, is
// enabled here and nowhere else.
//
// The package knows the server's internals (its configuration, its dynamic
// keys), so that no other package has to. It must not know of Tenure's
// workflows, and nothing of it may be used in production.
package engine
