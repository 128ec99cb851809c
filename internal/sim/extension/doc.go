// Package extension is a simulated receiver of custom task extensions: it
// verifies the signature of each call as any receiver would, drops repeats by
// their ID and keeps the calls in a folder.
//
// A schedule of faults (tenure/internal/sim/fault) breaks calls in between.
//
// The devstack runs it as the badge office of the sample organisation; tests
// read from it what was really called. It shares no code with the client.
package extension
