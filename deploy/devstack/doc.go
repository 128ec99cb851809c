// Command tenure-devstack runs everything that Tenure needs on one machine in
// one process, on a folder: the real Temporal server with its Web UI and
// whatever else the [Stack] is made of. It prints where to look, writes a ready
// file for scripts, goes on where it was when it is started again, and stops
// cleanly on Ctrl-C.
//
// It is for trying Tenure, developing it and testing it end to end. It listens
// on loopback only, knows no credentials, and lets time be skipped: nothing
// here is for production.
package main
