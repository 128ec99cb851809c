package e2e_test

import (
	"net/http"
	"testing"
	"time"

	"tenure/deploy/devstack/stack"
	"tenure/internal/httpapi"
	"tenure/workflows/contract"
)

func joiner(t *testing.T, key, given, family string, startsIn int) hired {
	t.Helper()
	return hired{
		Key: key, Given: given, Family: family, Start: day(t, today(), startsIn),
		Department: "Sales", Title: "Account Manager", Manager: "1003",
	}
}

// TestWebhook takes signed HR events in while no worker runs, and plans them
// once one does.
func TestWebhook(t *testing.T) {
	b := begin(t, hooked(t), func(o *stack.Options) { o.Worker = false })
	h := joiner(t, "7001", "Sanna", "Iversen", 10)
	asOf := time.Now().UTC().Truncate(time.Second)
	body := event(t, asOf, h)
	post := func(path string, header http.Header, body []byte) (*http.Response, *httpapi.Problem) {
		return b.call(http.MethodPost, path, header, body, nil)
	}
	good := signed(t, hrisSecret, "msg-1", time.Now(), body)
	for _, name := range []string{"first", "again"} {
		response, problem := post("/v1/feeds/hris/events", good, body)
		if problem != nil || response.StatusCode != http.StatusAccepted || response.Header.Get("Location") != "/v1/people/hooks/7001" {
			t.Errorf("%s delivery: %s to %q, %+v", name, response.Status, response.Header.Get("Location"), problem)
		}
	}
	forged := signed(t, "c29tZWJvZHkgZWxzZSBzaWduZWQgdGhpcyBtZXNzYWdlMDE=", "msg-2", time.Now(), body)
	early := signed(t, hrisSecret, "msg-3", time.Now().Add(-time.Hour), body)
	altered := event(t, asOf, joiner(t, "7001", "Sanna", "Someone", 10))
	for _, tt := range []struct {
		name, path string
		header     http.Header
		body       []byte
		status     int
	}{
		{"forged", "/v1/feeds/hris/events", forged, body, http.StatusUnauthorized},
		{"an hour old", "/v1/feeds/hris/events", early, body, http.StatusUnauthorized},
		{"altered", "/v1/feeds/hris/events", good, altered, http.StatusUnauthorized},
		{"unsigned", "/v1/feeds/hris/events", nil, body, http.StatusUnauthorized},
		{"unknown feed", "/v1/feeds/nowhere/events", good, body, http.StatusUnauthorized},
		{"no event", "/v1/feeds/hris/events", signed(t, hrisSecret, "msg-4", time.Now(), []byte(`{}`)), []byte(`{}`), http.StatusUnprocessableEntity},
	} {
		if response, _ := post(tt.path, tt.header, tt.body); response.StatusCode != tt.status {
			t.Errorf("%s: %s, want %d", tt.name, response.Status, tt.status)
		}
	}
	// A statement of yesterday arrives after today's.
	old := h
	old.Department, old.Title = "Engineering", "Engineer"
	b.send("msg-5", asOf.Add(-24*time.Hour), old)

	description, err := b.dial(false).DescribeWorkflowExecution(t.Context(), contract.JourneyID(hooks, "7001"), "")
	if err != nil {
		t.Fatalf("describe journey: %v", err)
	}
	if status := description.GetWorkflowExecutionInfo().GetStatus().String(); status != "Running" {
		t.Errorf("journey is %s without a worker", status)
	}
	b.down()
	b.opts.Worker = true
	b.up()
	b.hireChief()
	b.eventually("the account is made", func() bool { live, _ := b.accounts("7001"); return len(live) == 1 })
	if department := b.account("7001").Props["department"]; department != "Sales" {
		t.Errorf("department = %v: the older statement won", department)
	}
	b.idle(hooks, "7001")
	outcomes := map[string]int{}
	for _, row := range b.ledger(hooks, "7001") {
		if row.Kind == "event" {
			outcomes[row.Outcome]++
		}
	}
	if outcomes["applied"] != 1 || len(outcomes) != 2 {
		t.Errorf("events in the ledger = %v, want one applied and one stale", outcomes)
	}
}
