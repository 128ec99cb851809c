package cli_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/httpapi"
)

// TestS14OnlyWhatLeavesNoChoiceIsAcceptedWhole: one account for two people, two
// accounts for one person, and what is possible only stay with a human.
func TestS14OnlyWhatLeavesNoChoiceIsAcceptedWhole(t *testing.T) {
	t.Parallel()
	proposal := func(key, object, confidence string) httpapi.MatchRow {
		return httpapi.MatchRow{Kind: httpapi.MatchProposal, Realm: "main", Key: key, ObjectID: object, Confidence: confidence}
	}
	var sent httpapi.MatchDecisions
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/targets/entra/matches", answer(httpapi.MatchReport{Target: "entra", Rows: []httpapi.MatchRow{
		proposal("1", "o-1", httpapi.ConfidenceLikely), proposal("2", "o-1", httpapi.ConfidenceLikely),
		proposal("3", "o-2", httpapi.ConfidenceLikely), proposal("3", "o-3", httpapi.ConfidenceLikely),
		proposal("4", "o-4", httpapi.ConfidencePossible), proposal("5", "o-5", httpapi.ConfidenceLikely),
	}}))
	mux.HandleFunc("POST /v1/targets/entra/matches", func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			t.Errorf("read decisions: %v", err)
		}
		answer(httpapi.MatchAccepted{Accepted: len(sent.Decisions)})(w, r)
	})
	run(t.Context(), t, mux, "olga", "target", "match", "entra", "--accept-proposals", "--reason", "looked").
		expect(t, 0, "1 match is accepted", "5 proposals are left")
	want := []httpapi.MatchDecision{{Realm: "main", Key: "5", ObjectID: "o-5", Decision: httpapi.MatchAccept}}
	if diff := cmp.Diff(want, sent.Decisions); diff != "" {
		t.Errorf("accepted (-want +got):\n%s", diff)
	}
}
