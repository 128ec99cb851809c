// Package store keeps what must outlive a journey's history and what is asked
// across journeys: effects and the ledger, claims on names, waiters, policy
// versions, the people index, imports and the presence of people in feeds, and
// mail deliveries. It is SQL: SQLite in a file by default, PostgreSQL by URL.
//
// Activities and the starter use it; workflows never do. Three invariants hold
// in both databases and under concurrency:
//
//   - an effect is opened before its call and closed in the same transaction
//     that appends its ledger rows, so that nothing is done twice or unseen;
//   - a name has one owner, and only the owner's journey gives it up;
//   - ledger rows of one journey form a chain that [Store.Verify] can check,
//     even after the values were erased.
//
// Every write may be repeated: a caller that lost the answer asks again and
// gets the first outcome. Instants are UTC, in microseconds, and come from the
// caller, except those named Recorded. The package knows no Temporal, no policy
// and no HR record: a policy is bytes, a journey is an ID. It puts no values
// into its own errors, and must never be given a secret.
package store
