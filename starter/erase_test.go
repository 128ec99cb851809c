package starter

import (
	"encoding/json"
	"slices"
	"testing"

	"tenure/internal/httpapi"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// TestErasureDeletesWhatTemporalKeeps: the journey ends, then its runs go.
func TestErasureDeletesWhatTemporalKeeps(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	order := contract.Override{ID: "e", Actor: "dana", Reason: "request 12"}
	journey := b.temporal.journey(t, "journey/main/E-1")
	// The list of workflows lags behind: it has r1 alone.
	b.temporal.change(func() { journey.closed, journey.runs = true, []string{"r1", "r2", "r3"} })
	given, err := b.Override(t.Context(), hire, contract.Erase, order)
	if err != nil || given.Text == "" {
		t.Fatalf("erase of a journey that has ended: %+v, %v", given, err)
	}
	if !slices.Equal(b.temporal.deleted, []string{"r1", "r2", "r3"}) || len(b.temporal.updates) != 0 {
		t.Errorf("deleted %v, %d updates; want every run deleted, the newest last, and nothing sent", b.temporal.deleted, len(b.temporal.updates))
	}
	b.temporal.change(func() { journey.closed = false })
	given, err = b.awaitErasure(t.Context(), hire, contract.Answer{Text: "erased"})
	if err != nil || given.Text == "erased" || len(b.temporal.deleted) != 3 {
		t.Errorf("a journey that does not end: %+v, %v, deleted %v; want nothing deleted and what to do", given, err, b.temporal.deleted)
	}
}

// TestErasureLeavesANewLifeAlone: HR may state the person again before the runs go.
func TestErasureLeavesANewLifeAlone(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	b.temporal.change(func() { b.temporal.journeys["journey/main/E-1"].runs = []string{"r7"} })
	if n, err := b.engine.deleteRuns(t.Context(), "journey/main/E-1"); err != nil || n != 0 || len(b.temporal.deleted) != 0 {
		t.Errorf("deleted %v of a journey that runs, %v", b.temporal.deleted, err)
	}
}

func TestEvidenceIsReadFromTheStore(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	if err := b.db.Append(t.Context(), store.LedgerRow{Journey: "journey/main/E-1", Kind: store.LedgerEvent, Reason: "r"}); err != nil {
		t.Fatal(err)
	}
	text, err := b.Evidence(t.Context(), hire)
	var evidence store.Evidence
	if err == nil {
		err = json.Unmarshal(text, &evidence)
	}
	if err != nil {
		t.Fatal(err)
	}
	if report, err := evidence.Check(); err != nil || report.Broken != nil || report.Rows == 0 {
		t.Errorf("the evidence does not verify: %+v, %v", report, err)
	}
	_, err = b.Evidence(t.Context(), httpapi.PersonID{Realm: "main", Key: "E-404"})
	wantProblem(t, err, httpapi.KindNotFound, "ledger")
}
