package starter

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"tenure/internal/httpapi"
	"tenure/internal/person"
	"tenure/internal/platform"
	"tenure/internal/store/storetest"
	"tenure/workflows/contract"
)

// sign makes the headers of Standard Webhooks.
func sign(id, body string, at time.Time) http.Header {
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(hookSecret, "whsec_"))
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, stamp, body)
	header := http.Header{}
	header.Set("webhook-id", id)
	header.Set("webhook-timestamp", stamp)
	header.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return header
}

// event is a full record of a visitor.
func event(key, asOf string) string {
	return fmt.Sprintf(`{"type":"person.record","timestamp":%q,"data":{"key":%q,"asOf":%q,"completeness":"full",
		"record":{"employeeId":%q,"person":{"legalName":{"given":"Bo","family":"Secretname"}},
		"employments":[{"id":"e1","status":"active","startDate":"2026-12-07"}]}}}`, asOf, key, asOf, key)
}

func TestReceiveIsDurableBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	body := event("V-1", "2026-11-22T11:00:00Z")
	for range 2 { // the second is a duplicate and answered alike
		id, err := b.Receive(t.Context(), "badge", sign("m1", body, testNow), []byte(body))
		if err != nil || id != (httpapi.PersonID{Realm: "visitors", Key: "V-1"}) {
			t.Fatalf("Receive() = %+v, %v", id, err)
		}
	}
	if len(b.temporal.starts) != 1 {
		t.Fatalf("%d signals, want 1", len(b.temporal.starts))
	}
	got := b.temporal.starts[0]
	if got.ID != "journey/visitors/V-1" || got.TaskQueue != contract.TaskQueue ||
		got.WorkflowIDReusePolicy != enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE {
		t.Errorf("start options = %+v", got)
	}
	if realm, found := got.TypedSearchAttributes.GetKeyword(platform.KeyRealm); !found || realm != "visitors" {
		t.Errorf("realm attribute = %q, %t", realm, found)
	}
	if text := got.StaticSummary + got.StaticDetails; strings.Contains(text, "Secretname") || !strings.Contains(text, "V-1") {
		t.Errorf("summary and details %q name the person, or lack the key", text)
	}
	if log := b.out.String(); strings.Contains(log, "Secretname") {
		t.Errorf("the log names the person: %s", log)
	}
	feeds, err := b.Feeds(t.Context())
	if err != nil || feeds[1].LastSuccess == nil || feeds[1].People != 1 {
		t.Errorf("Feeds() = %+v, %v, want the delivery", feeds, err)
	}
}

// TestReceiveRefusesAnIDThatIsUsedAgain: another message under an ID that was taken
// in is no repeat, and must not be answered as one.
func TestReceiveRefusesAnIDThatIsUsedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first, other := event("V-1", "2026-11-22T11:00:00Z"), event("V-1", "2026-11-22T11:30:00Z")
	for range 2 {
		if _, err := b.Receive(t.Context(), "badge", sign("m1", first, testNow), []byte(first)); err != nil {
			t.Fatal(err)
		}
	}
	for _, body := range []string{other, event("V-2", "2026-11-22T11:00:00Z")} {
		_, err := b.Receive(t.Context(), "badge", sign("m1", body, testNow), []byte(body))
		wantProblem(t, err, httpapi.KindConflict, "send it with a webhook-id of its own")
	}
	if _, err := b.Receive(t.Context(), "badge", sign("m1", first, testNow), []byte(first)); err != nil {
		t.Errorf("a repeat after that = %v, want it answered as before", err)
	}
	if len(b.temporal.starts) != 1 {
		t.Errorf("%d signals, want 1", len(b.temporal.starts))
	}
	if log := b.out.String(); strings.Count(log, "webhook id was used for another message") != 2 || strings.Contains(log, "Secretname") {
		t.Errorf("log = %s", log)
	}
	feeds, err := b.Feeds(t.Context())
	if err != nil || len(feeds[1].Attention) != 1 || !strings.Contains(feeds[1].Attention[0], "2 messages") {
		t.Errorf("Feeds() = %+v, %v, want attention", feeds, err)
	}
	if _, err := b.Receive(t.Context(), "badge", sign("m2", other, testNow), []byte(other)); err != nil || len(b.temporal.starts) != 2 {
		t.Errorf("the other message under its own ID = %v with %d signals", err, len(b.temporal.starts))
	}
}

// TestReceiveOfTwoUnderOneIDAtOnce: who is recorded second is told, even where both
// had looked before either was recorded.
func TestReceiveOfTwoUnderOneIDAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first, other := event("V-1", "2026-11-22T11:00:00Z"), event("V-1", "2026-11-22T11:30:00Z")
	var firstErr error
	b.temporal.gate = func() {
		b.temporal.gate = nil
		_, firstErr = b.Receive(t.Context(), "badge", sign("m1", first, testNow), []byte(first))
	}
	_, err := b.Receive(t.Context(), "badge", sign("m1", other, testNow), []byte(other))
	if firstErr != nil {
		t.Fatalf("the one that was faster = %v", firstErr)
	}
	wantProblem(t, err, httpapi.KindConflict, "webhook-id")
}

func TestReceiveRefusesAlike(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	body := event("V-1", "2026-11-22T11:00:00Z")
	good := sign("m1", body, testNow)
	var texts []string
	for name, c := range map[string]struct {
		feed   string
		header http.Header
		body   string
	}{
		"unknown feed":  {"nosuch", good, body},
		"feed of files": {"hr", good, body},
		"other body":    {"badge", good, body + " "},
		"other ID":      {"badge", sign("m2", "x", testNow), body},
		"too old":       {"badge", sign("m1", body, testNow.Add(-6*time.Minute)), body},
		"no header":     {"badge", http.Header{}, body},
	} {
		_, err := b.Receive(t.Context(), c.feed, c.header, []byte(c.body))
		t.Log(name)
		problem := wantProblem(t, err, httpapi.KindUnauthorized, "")
		texts = append(texts, problem.Detail)
	}
	for _, text := range texts {
		if text != texts[0] {
			t.Errorf("refusals differ: %q and %q", text, texts[0])
		}
	}
	if b.temporal.total() != 0 {
		t.Error("a refused event reached a journey")
	}
}

func TestReceiveSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	body := strings.Replace(event("V-1", "2026-11-22T11:00:00Z"), `"status":"active"`, `"status":"Activ"`, 1)
	_, err := b.Receive(t.Context(), "badge", sign("m1", body, testNow), []byte(body))
	wantProblem(t, err, httpapi.KindUnprocessable, "Activ")
	body = event("V-1", "2028-11-22T11:00:00Z")
	_, err = b.Receive(t.Context(), "badge", sign("m2", body, testNow), []byte(body))
	wantProblem(t, err, httpapi.KindUnprocessable, "future")
	b.dev = true // where clocks can be moved HR may be ahead
	if _, err = b.Receive(t.Context(), "badge", sign("m2", body, testNow), []byte(body)); err != nil {
		t.Errorf("Receive() in a development stack = %v", err)
	}
}

func TestReceiveFailsWhileTemporalIsAway(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.temporal.sendErr = func(person.Event) error { return errors.New("away") }
	body := event("V-1", "2026-11-22T11:00:00Z")
	_, err := b.Receive(t.Context(), "badge", sign("m1", body, testNow), []byte(body))
	wantProblem(t, err, httpapi.KindUnavailable, "durable")
	b.temporal.sendErr = nil
	if _, err := b.Receive(t.Context(), "badge", sign("m1", body, testNow), []byte(body)); err != nil || b.temporal.total() != 1 {
		t.Errorf("the sender's second try = %v with %d events: a failed one must not count as seen", err, b.temporal.total())
	}
}

func TestReceiveWorksWhileTheStoreIsAway(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	opened := db.Open(t)
	b := openBench(t, opened, newTemporalFake())
	b.apply(policyText(t))
	broken := db.SQL(t)
	if _, err := broken.ExecContext(t.Context(), `DROP TABLE webhooks`); err != nil {
		t.Fatal(err)
	}
	body := event("V-1", "2026-11-22T11:00:00Z")
	if _, err := b.Receive(t.Context(), "badge", sign("m1", body, testNow), []byte(body)); err != nil || b.temporal.total() != 1 {
		t.Errorf("Receive() = %v with %d events, want it taken in", err, b.temporal.total())
	}
}
