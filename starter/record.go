package starter

import (
	"context"
	"time"

	"tenure/internal/access"
	"tenure/internal/httpapi"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// recordWithin bounds how long an answer waits for its row.
const recordWithin = 5 * time.Second

// record keeps a call in the chain of operations (S19). Where the store is away
// the call has happened all the same, since cutting access must not hang on the
// store: the log says that the row is missing.
func (s *service) record(ctx context.Context, r httpapi.Record) {
	ctx, cancel := context.WithTimeout(ctx, recordWithin)
	defer cancel()
	if err := s.db.Append(ctx, rowOf(r, s.now())); err != nil {
		s.log.ErrorContext(ctx, "call could not be recorded in the ledger", "kind", r.Kind, "route", r.Route,
			"outcome", r.Outcome, "request_id", r.RequestID, "error", err)
	}
}

// rowOf is the row of a call: who with which role, which route, whose journey
// and what came of it.
func rowOf(r httpapi.Record, now time.Time) store.LedgerRow {
	row := store.LedgerRow{
		Journey: store.Operations, At: now.UTC(), Kind: ledgerKind(r.Kind), Task: r.Route, Actor: r.Actor, Outcome: r.Outcome,
		RequestID: r.RequestID, Changes: []store.AttributeChange{{Attribute: "role", After: r.Caller.Role.String()}},
	}
	if r.Workflow != "" {
		row.Run = r.Workflow
	}
	if r.Person.Key != "" {
		row.Run = contract.JourneyID(canonical(r.Person).Realm, canonical(r.Person).Key)
	}
	switch {
	case row.Actor != "":
	case r.Caller.Name != "":
		row.Actor = r.Caller.Name
	default:
		row.Actor = access.UnverifiedPrefix + "somebody"
	}
	return row
}

func ledgerKind(kind httpapi.RecordKind) store.LedgerKind {
	switch kind {
	case httpapi.RecordRead:
		return store.LedgerRead
	case httpapi.RecordRefused:
		return store.LedgerRefused
	default:
		return store.LedgerCall
	}
}
