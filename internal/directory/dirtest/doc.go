// Package dirtest is the conformance suite of the directory port: what every
// connector must do, stated as tests. A connector's own test calls [Run] with a
// [Harness] that makes a fresh directory per case.
//
// The suite asks only for what the port promises. Where a [Fixture] has no
// group, licence, fault or clock to offer, the cases that need it are skipped
// by name. Every case was seen to fail with a planted mistake.
package dirtest
