// Package journal keeps the state of a simulator in a folder, so that it outlives a kill at any instant: a snapshot, replaced
// atomically by rename, and a file of one line per change after it. A line that was torn by a crash was never
// acknowledged and is dropped. Files may be read by their owner only.
//
// The package must not know any simulator.
package journal
