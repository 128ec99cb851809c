// Package worker is the composition root of the Temporal worker process: it
// opens the store, connects to Temporal, makes the connectors that the policy
// names, and runs journeys and their activities until it is told to stop.
//
// A stop is graceful: activities in flight end, what is left over is picked up
// by another worker.
package worker
