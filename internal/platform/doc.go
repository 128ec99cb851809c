// Package platform holds everything that a Tenure process must agree on with
// every other Tenure process about Temporal: the payload codec and the failure
// converter (one [Plugin] for client, worker and replayer), where the server
// is and how to reach it, worker and replayer options, the task queue and the
// search attributes.
//
// It is used by the composition roots (worker, starter, cmd, deploy/devstack)
// and by tests. Workflows and activities never import it.
//
// Invariants: what leaves the process is encrypted or refused, never sent in
// clear, unless the operator wrote `codec: none`; a payload that this process
// cannot read never fails a journey, it blocks the workflow task until a worker
// with the key comes; key material appears in no error, log or String method.
//
// Not encrypted by Temporal itself, so never personal data: workflow IDs, task
// queue names, search attributes, signal, update, query and activity names,
// timers.
package platform
