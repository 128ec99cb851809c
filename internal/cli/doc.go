// Package cli holds the operator's commands: people, journeys, feeds, the
// policy, the configuration, and the two processes.
//
// cmd/tenure calls [Run] and ends with the code it returns. The commands speak
// HTTP to the starter with the types of package httpapi, and decide nothing that
// the API does not decide; what works without a starter (policy validate, config
// check) uses the same packages as the processes. The processes are handed in,
// so that this package needs neither Temporal nor a vendor's SDK.
//
// Everything that is printed goes through [printer], which writes control
// characters and terminal escapes of HR texts in a visible form: no text about a
// person reaches a terminal raw. Nothing depends on colour.
package cli
