// Package worker is the product's worker with a question before and after each
// of its steps: at every activity and workflow call, every request, every write
// to the store and every answer to Temporal it asks a gate whether it may go on.
package worker
