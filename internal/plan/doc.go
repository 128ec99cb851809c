// Package plan computes what is due when for one person: a pure function of
// the policy, the facts the journey knows and an instant.
//
// [Lines] explains everything, past, now and future: the timeline, explain,
// dry runs and the console show its value. [Build] is the small projection of
// the same lines that the journey records and acts upon: the batches to start
// now, the next instant at which to ask again, the attention a human must
// give, and the memory to keep.
//
// The journey keeps its side of the bargain by recording: a done task under its
// key, also where no account was found; one operation of the account per done
// account line; Account.Written from Task.Digest; Account.Stay at a create and
// an enable; DisabledAt and DisabledFor at a cut, which also empties Passes; a
// pass with the terms of Task.Pass; Parked.Tried at each attempt.
//
// The decisions are those of docs/safety.md; each is tested under its number.
// The package performs nothing, reads no clock and knows nothing of Temporal.
package plan
