// Package fault breaks the answers of the systems that Tenure speaks to, one
// call and one kind of fault at a time, each in the middle of the story of a
// person of its own, so that all waiting overlaps.
//
// A whole run first tells each story without a fault and takes the calls from
// the simulators' own records: every call meets every kind that fits it. A short
// run has a list that covers every kind. What became of it is read from the
// simulators. A fault that never fired is an error: it proved nothing.
package fault
