package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"testing"

	"tenure/internal/httpapi"
)

// pagesUntil answers questions and findings, and fails at the second page.
func pagesUntil(t *testing.T, lines int) http.Handler {
	t.Helper()
	questions := httpapi.PolicyQuestions{}
	for i := range lines {
		id := httpapi.PersonID{Realm: "main", Key: strconv.Itoa(1000 + i)}
		questions.Lines = append(questions.Lines, httpapi.PolicyQuestion{PersonID: id, Line: "account:entra/s1/1/delete", Workflow: "account:entra", Task: "delete"})
	}
	posts := 0
	second := func(w http.ResponseWriter) bool {
		if posts++; posts < 2 {
			return false
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusServiceUnavailable)
		_ = json.NewEncoder(w).Encode(httpapi.NewProblem(httpapi.KindUnavailable, nil, "the store does not answer"))
		return true
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/policy/questions", answer(questions))
	mux.HandleFunc("POST /v1/policy/answers", func(w http.ResponseWriter, r *http.Request) {
		var in httpapi.PolicyAnswers
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Errorf("read answers: %v", err)
		}
		if second(w) {
			return
		}
		var out []httpapi.PolicyAnswered
		for _, line := range in.Lines {
			out = append(out, httpapi.PolicyAnswered{AnsweredPerson: line})
		}
		out[0].Problem = "this line does not ask any more"
		answer(out)(w, r)
	})
	mux.HandleFunc("POST /v1/targets/entra/findings/decisions", func(w http.ResponseWriter, r *http.Request) {
		var in httpapi.FindingChoices
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Errorf("read decisions: %v", err)
		}
		if second(w) {
			return
		}
		var out []httpapi.FindingOutcome
		for _, choice := range in.Decisions {
			out = append(out, httpapi.FindingOutcome{ID: choice.ID, Done: true})
		}
		answer(out)(w, r)
	})
	return mux
}

// What is in force is told, though what comes behind it failed.
func TestAnswersBeforeAFailureAreTold(t *testing.T) {
	t.Parallel()
	handler := pagesUntil(t, 101)
	asked := run(t.Context(), t, handler, "olga", "policy", "approve", "--reason", "agreed")
	expect := regexp.MustCompile(`--expect (\S+)`).FindStringSubmatch(asked.stderr)
	if len(expect) == 0 {
		t.Fatalf("stderr = %q, want what to expect", asked.stderr)
	}
	run(t.Context(), t, handler, "olga", "policy", "approve", "--reason", "agreed", "--yes", "--expect", expect[1]).
		expect(t, 1, "the store does not answer", "99 lines answered.", "this line does not ask any more")
}

func TestDecisionsBeforeAFailureAreTold(t *testing.T) {
	t.Parallel()
	args := []string{"people", "reconcile", "fix", "entra", "--reason", "agreed"}
	for i := range 201 {
		args = append(args, fmt.Sprintf("f%03d", i))
	}
	run(t.Context(), t, pagesUntil(t, 0), "olga", args...).
		expect(t, 1, "the store does not answer", "200 decisions done, 0 refused.")
}
