package httpapi

import (
	"context"
	"net/http"

	"tenure/internal/access"
	"tenure/workflows/contract"
)

// RecordKind is what a record of a call is about.
type RecordKind string

// The kinds of record.
const (
	// RecordCall is a call that changes something, well or badly ended.
	RecordCall RecordKind = "call"
	// RecordRead is a look at one person.
	RecordRead RecordKind = "read"
	// RecordRefused is a call by somebody who may not make it.
	RecordRefused RecordKind = "refused"
)

// Record is what the ledger keeps of a call. It holds IDs and words of this
// program only: no body, no query, no token.
type Record struct {
	Kind   RecordKind
	Caller access.Caller
	// Actor is who decided, "" where the call did not get that far.
	Actor string
	// Route is the pattern of the route, with the kind of an override.
	Route string
	// Person is whom the path names; both fields are "" where it names nobody.
	Person PersonID
	// Workflow is whose payloads were decoded, "" where they do not say or the
	// call is another one.
	Workflow string
	// Outcome is done, or the kind of the problem.
	Outcome   string
	RequestID string
}

// OutcomeDone is the outcome of a call that was answered well.
const OutcomeDone = "done"

// outcomeOf is the outcome of a call that ended with an error, or without one.
func outcomeOf(err error) string {
	if err == nil {
		return OutcomeDone
	}
	return string(problemOf(err).Kind())
}

// noted is what a handler says about its call for the record.
type noted struct{ actor string }

// notedKey is the key of what is noted in a context.
type notedKey struct{}

// noteActor remembers who decided.
func noteActor(ctx context.Context, name string) {
	if n, is := ctx.Value(notedKey{}).(*noted); is {
		n.actor = name
	}
}

// recordKind says what is recorded of a call that was let in, "" for nothing.
func recordKind(route route, r *http.Request) RecordKind {
	switch {
	case route.role == access.Open, route.pattern == decodePattern:
		return "" // decode records for itself, by workflow
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return RecordCall
	case r.PathValue(paramRealm) != "" && r.PathValue(paramKey) != "":
		return RecordRead
	default:
		return ""
	}
}

// record hands a call to the ledger.
func (a *API) record(r *http.Request, kind RecordKind, outcome string) {
	if a.recorder == nil || kind == "" {
		return
	}
	out := Record{
		Kind: kind, Caller: access.From(r.Context()), Route: routeOf(r), Outcome: outcome, RequestID: requestID(r.Context()),
	}
	// What is nobody's ID is text of the sender, of any length.
	if id, err := personID(r); err == nil {
		out.Person = id
	}
	if n, is := r.Context().Value(notedKey{}).(*noted); is {
		out.Actor = n.actor
	}
	// A client that went away takes nothing out of the ledger.
	a.recorder(context.WithoutCancel(r.Context()), out)
}

// routeOf is the pattern of a request's route, with the kind of an override.
func routeOf(r *http.Request) string {
	kind := contract.Kind(r.PathValue(paramName))
	if r.Pattern == overridePattern && overrideRole(kind) != 0 {
		return overridePath + string(kind)
	}
	return r.Pattern
}
