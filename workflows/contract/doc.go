// Package contract is the public face of the journeys: names of workflows,
// signals, updates, queries and search attributes, workflow IDs, and the
// overrides a human may send. It uses the standard library only, so that a tool
// that steers journeys needs nothing else of Tenure.
//
// Everything in here is frozen: a running journey knows these names. HR events
// are internal; systems outside send them to the webhook.
package contract
