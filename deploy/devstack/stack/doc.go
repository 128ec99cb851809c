// Package stack puts the whole product together on one machine: the real
// Temporal server with its Web UI, simulators of Microsoft Graph, of a domain of
// Active Directory with its synchronisation, of a mail server and of a badge
// office, the worker and the starter, fed with a sample organisation.
//
// The command tenure-devstack and the end-to-end tests use it. Everything
// listens on loopback and keeps its state in one folder; started again on it,
// a stack goes on where it was. It is for trying, developing and testing.
package stack
