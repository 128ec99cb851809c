package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

// exported is the evidence of a journey as it comes back from a file.
func exported(t *testing.T, s *store.Store, journey string, witness *store.LedgerHead, edit func(string) string) store.Evidence {
	t.Helper()
	evidence, err := s.Evidence(t.Context(), journey, witness)
	if err != nil {
		t.Fatalf("export: %v", err)
	}
	text, err := json.MarshalIndent(evidence, "", " ")
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	edited := edit(string(text))
	if edited == string(text) && witness == nil {
		t.Fatal("the edit changed nothing")
	}
	var back store.Evidence
	if err := json.NewDecoder(bytes.NewBufferString(edited)).Decode(&back); err != nil {
		t.Fatalf("decode: %v", err)
	}
	return back
}

func TestEvidenceIsCheckedWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		witness := fillLedger(t, s, journeyAda)
		whole := exported(t, s, journeyAda, &witness, func(text string) string { return text })
		report, err := whole.Check()
		if err != nil || report.Broken != nil || report.Rows != 5 || report.Head != witness {
			t.Fatalf("the export as it is: %+v, error %v", report, err)
		}
		if len(whole.HowToVerify) < 5 {
			t.Error("the export does not say how to verify it")
		}
		for name, edit := range map[string]func(e *store.Evidence){
			"3 outcome":   func(e *store.Evidence) { e.Rows[2].Outcome = "skipped" },
			"2 time":      func(e *store.Evidence) { e.Rows[1].Recorded = e.Rows[1].Recorded.AddDate(0, 0, -1) },
			"2 row":       func(e *store.Evidence) { e.Rows = append(e.Rows[:1:1], e.Rows[2:]...) },
			"5 tail":      func(e *store.Evidence) { e.Rows = e.Rows[:4] },
			"5 tail head": func(e *store.Evidence) { e.Rows, e.Head = e.Rows[:4], store.LedgerHead{Seq: 4, Hash: e.Rows[3].Hash} },
			"4 values":    func(e *store.Evidence) { e.Rows[3].Values = nil },
			"1 journey":   func(e *store.Evidence) { e.Journey = journeyBela },
			"1 all":       func(e *store.Evidence) { e.Rows, e.Head = nil, store.LedgerHead{} },
		} {
			changed := exported(t, s, journeyAda, &witness, func(text string) string { return text })
			edit(&changed)
			report, err := changed.Check()
			if err != nil || report.Broken == nil || report.Broken.Seq != int64(name[0]-'0') {
				t.Errorf("%s: got %+v, error %v", name, report.Broken, err)
			}
		}
		value := exported(t, s, journeyAda, nil, func(text string) string { return strings.Replace(text, "Sales", "Board", 1) })
		if report, err := value.Check(); err != nil || report.Broken == nil || report.Broken.Seq != 1 {
			t.Errorf("a changed value: %+v, error %v", report.Broken, err)
		}
		if _, err := (store.Evidence{}).Check(); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("a file that is no evidence: %v", err)
		}
		if _, err := s.Evidence(t.Context(), "journey/main/nobody", nil); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("evidence of nobody: %v", err)
		}
	})
}

// TestEveryChainIsListed: a chain whose head was removed is still looked at.
func TestEveryChainIsListed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		fillLedger(t, s, journeyAda)
		fillLedger(t, s, journeyBela)
		chains, err := s.Chains(t.Context())
		if err != nil || strings.Join(chains, " ") != journeyAda+" "+journeyBela {
			t.Errorf("chains: %v, error %v", chains, err)
		}
	})
}
