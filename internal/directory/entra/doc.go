// Package entra connects Tenure to Microsoft Entra ID through Microsoft Graph.
// Composition roots make a [Directory] with [New]; nobody else imports it, since
// the Graph SDK behind it takes minutes to compile.
//
// Invariants: one Graph request is one attempt, the SDK's middleware for retry,
// compression and redirects is left out and Retry-After becomes a
// *directory.ThrottledError; every request has a deadline; reads that decide
// whether to create are never advanced queries, which answer from a lagging
// index; Graph's messages never reach an error's text, because they quote
// values. What Graph's refusals mean is decided in errors.go alone.
//
// It must not know policies or people, must not retry, and must not write an
// attribute it was not asked to write.
package entra
