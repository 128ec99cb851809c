// Package workflows holds what takes a workflow.Context and nothing else: the
// journey, which is one person's durable workflow.
//
// A journey is only time and order. HR events are merged into its state,
// overrides are applied to it, a plan is asked for in a recorded local
// activity, due batches are started, and one timer waits for the next instant.
// Which line is due, and why, is decided in package plan; how an effect is made
// in package activities.
//
// Code in here must be deterministic: no clock but workflow.Now, no zones, no
// map iteration, no JSON, no interface-typed state. The state is the workflow's
// only argument and is the whole truth: timers, descriptions and update IDs do
// not survive a renewal.
package workflows
