// Package e2e tests the whole product at once: the real Temporal server, the
// simulators, the worker and the starter of package stack, steered over the API
// and read back from the directory, the mails and the ledger. It has tests only.
//
// Each test starts a stack of its own in a temporary folder, on free ports, and
// moves single people through time. With the flag -record one of them records
// the histories of the replay corpus anew.
package e2e
