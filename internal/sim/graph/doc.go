// Package graph is a simulator of the part of Microsoft Graph that Tenure uses: one Entra tenant with users, groups,
// licences, temporary access passes and deleted items, behind HTTPS with a CA of its own and a token endpoint, so that
// azidentity and the Graph SDK run against it unchanged. The devstack and the Entra connector's tests use it.
//
// What it imitates is written in docs of Microsoft Graph and observed behaviour: refusals with their exact codes and
// details, default properties, paging, delta, $batch, group-based licences, the window after a create in which an object
// is not found yet, index lag of advanced queries, throttling by the documented budgets, and a fault schedule.
//
// Invariants: one mutex guards the whole tenant, so each request (and each item of a $batch) is atomic; a request that
// answers an error has changed nothing; each acknowledged change is in the journal file before the answer is written, so
// that killing the process loses nothing; time comes from Options.Now plus an offset per user and per employee number,
// which Advance and AdvanceEmployee move. What a person has done with an account is set by SetSignInFacts.
//
// Beside the API there are tools for tests and the devstack, on the loopback only: GET /_sim/state, GET and DELETE
// /_sim/requests, GET and POST /_sim/faults, POST /_sim/advance and /_sim/facts, and POST /_sim/tenant for what an
// administrator decides (Arrange). A pass or password is never stored, listed or logged: only the digest of a pass is kept.
//
// It must not import the product's connectors, the Graph SDK or the Temporal SDK, and it listens for development only.
package graph
