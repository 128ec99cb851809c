// Package hrtest is the conformance suite that every kind of feed passes.
//
// A feed's test hands in a [Harness] that brings facts into the feed's own
// wire form and reads them back; the suite then tells the stories of HR
// (correction, rescind, replay, events out of order) and looks at the merged
// record. It is imported by tests only.
package hrtest
