// Package audit says whether what happened to a person is what had to happen,
// once: from the state of the simulators first, and beside it from the ledger
// and the journey. It reads nothing itself; package site gathers the evidence.
package audit
