// Package starter is the composition root of the process at the edge: HR facts
// come in over webhooks and files, operators read and steer, and everything is
// handed to the journeys in Temporal. It implements the interface of
// internal/httpapi over the store, the active policy and a Temporal client.
//
// HR facts go in by SignalWithStart and are durable before they are answered
// for; no worker need run. Files are kept in the store until every row is sent,
// so that a crash loses nothing: the next start goes on. What is read of a
// person comes from the journey's own query and the pure planner; lists and the
// past come from the store.
//
// Several starters may run at once: what two of them send twice is dropped by
// the journeys. The package makes no connector and performs no task.
package starter
