// Package activities makes the effects of a journey: it is where plans meet
// directories, mail and the store.
//
// Verbs are convergent. Each activity looks first, writes the difference and
// treats "already so" as success; the first line of its comment says what
// "already done" means. Every effect is keyed by `<journey>/<task key>` in the
// store: a row is opened before the call and closed, together with its ledger
// rows, in one transaction after it. A retry that finds an open row confirms by
// looking and keeps the original before-image; one that finds a closed row
// skips.
//
// errors.go is the only place where a connector's error becomes a Temporal
// error, options.go the only place with time-outs and retries. Nothing reads a
// clock: every input carries Now. Secrets are created and delivered inside one
// activity and never returned.
package activities
