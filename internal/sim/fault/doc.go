// Package fault is the fault schedule of the simulators: an ordered list of rules that say which request of
// which method and path meets which misfortune, and how often.
//
// The schedule is independent of any vendor. It decides; the simulator that owns it supplies the vendor's error
// bodies through Handler.Error. What does not depend on a vendor (a lost response, a reset connection, a slow answer,
// a gateway's HTML page) is carried out here.
//
// Invariants: rules are looked at in order and the first one that is due wins; a rule counts only the requests that
// reached it; a slow answer waits through an injectable sleeper and honours the request's context. A lost response is
// lost AFTER the request was performed in full: it is the fault that finds missing idempotency.
//
// The package must not know any product or vendor package.
package fault
