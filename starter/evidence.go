package starter

import (
	"context"
	"encoding/json"
	"fmt"

	"tenure/internal/httpapi"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// Evidence implements [httpapi.Journeys]. The head that the journey keeps is read
// before the rows, so that rows which are appended meanwhile contradict nothing.
// A journey that does not answer is no witness.
func (s *service) Evidence(ctx context.Context, id httpapi.PersonID) (json.RawMessage, error) {
	id = canonical(id)
	var witness *store.LedgerHead
	if view, err := s.engine.facts(ctx, id); err == nil && view.LedgerSeq > 0 {
		witness = &store.LedgerHead{Seq: view.LedgerSeq, Hash: view.LedgerHash}
	}
	evidence, err := s.db.Evidence(ctx, contract.JourneyID(id.Realm, id.Key), witness)
	if err != nil {
		return nil, fromStore(err, "ledger of this person")
	}
	text, err := json.Marshal(evidence)
	if err != nil {
		return nil, fmt.Errorf("encode evidence: %w", err)
	}
	return text, nil
}
