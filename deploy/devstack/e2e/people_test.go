package e2e_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tenure/internal/httpapi"
	"tenure/internal/sim/graph"
	"tenure/internal/sim/mail"
)

// hired is an employee as a webhook states it.
type hired struct {
	Key, Given, Family, Kind, Status string
	Start, Last                      string
	Department, Title, Manager       string
}

// record is the wire form.
func (h hired) record() map[string]any {
	orNull := func(text string) any {
		if text == "" {
			return nil
		}
		return text
	}
	kind, status := h.Kind, h.Status
	if kind == "" {
		kind = "employee"
	}
	if status == "" {
		status = "active"
	}
	record := map[string]any{
		"employeeId": h.Key,
		"person": map[string]any{
			"legalName":    map[string]any{"given": h.Given, "family": h.Family},
			"privateEmail": "candidate" + h.Key + "@fabrikam.example",
		},
		"employments": []any{map[string]any{
			"kind": kind, "status": status, "startDate": h.Start, "lastDayOfWork": orNull(h.Last),
		}},
		"assignments": []any{map[string]any{
			"department": map[string]any{"name": h.Department}, "jobTitle": h.Title,
			"location": map[string]any{"name": "Berlin", "country": "DE", "timeZone": "Europe/Berlin"},
		}},
	}
	if h.Manager != "" {
		record["managerRef"] = map[string]any{"kind": "employeeId", "value": h.Manager}
	}
	return record
}

// hrisSecret is the devstack's, known to everybody.
const hrisSecret = "c2ltdWxhdGVkLWhyLXN5c3RlbS1zZWNyZXQtMDE="

// signed are the headers of a Standard Webhooks delivery, made by hand.
func signed(t *testing.T, secret, id string, at time.Time, body []byte) http.Header {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		t.Fatalf("decode secret: %v", err)
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s.%s.%s", id, stamp, body)
	return http.Header{
		"Webhook-Id": {id}, "Webhook-Timestamp": {stamp},
		"Webhook-Signature": {"v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}
}

// event is the body of a delivery.
func event(t *testing.T, asOf time.Time, h hired) []byte {
	t.Helper()
	return encode(t, map[string]any{
		"type": "person.record", "timestamp": asOf.Format(time.RFC3339Nano),
		"data": map[string]any{
			"key": h.Key, "asOf": asOf.Format(time.RFC3339Nano), "completeness": "full", "record": h.record(),
		},
	})
}

// send delivers a statement of the webhook feed.
func (b *bench) send(id string, asOf time.Time, h hired) {
	b.t.Helper()
	body := event(b.t, asOf, h)
	header := signed(b.t, hrisSecret, id, time.Now(), body)
	if response, problem := b.call(http.MethodPost, "/v1/feeds/hris/events", header, body, nil); problem != nil {
		b.t.Fatalf("event %s answered %s: %+v", id, response.Status, problem)
	}
}

// say states something as of a person's now and waits until the journey has it.
func (b *bench) say(id string, h hired) {
	b.t.Helper()
	before := b.statements(hooks, h.Key)
	b.send(id, b.person(hooks, h.Key).Now, h)
	b.eventually("the journey has event "+id, func() bool { return b.statements(hooks, h.Key) > before })
	b.idle(hooks, h.Key)
}

// hire states a new person and waits until there is a plan.
func (b *bench) hire(h hired) {
	b.t.Helper()
	b.send("hire-"+h.Key, time.Now(), h)
	b.eventually(h.Key+" is known", func() bool { return b.knows(hooks, h.Key) })
	b.idle(hooks, h.Key)
}

// statements counts what HR said of a person.
func (b *bench) statements(realm, key string) int {
	b.t.Helper()
	count := 0
	for _, e := range b.timeline(realm, key).Entries {
		if e.Kind == httpapi.EntryEvent {
			count++
		}
	}
	return count
}

// knows reports whether a person is in the people index.
func (b *bench) knows(realm, key string) bool {
	b.t.Helper()
	var list []httpapi.Person
	b.must(http.MethodGet, "/v1/people?limit=1000&realm="+realm, nil, &list)
	return slices.ContainsFunc(list, func(p httpapi.Person) bool { return p.Key == key })
}

// chief is existing staff in the realm of the webhooks, with an account.
func chief() hired {
	return hired{
		Key: "1003", Given: "Ingrid", Family: "Vasquez", Start: time.Now().AddDate(-4, 0, 0).Format(time.DateOnly),
		Department: "Sales", Title: "Head of Sales",
	}
}

// hireChief makes the manager of the others known.
func (b *bench) hireChief() {
	b.t.Helper()
	b.send("chief", time.Now(), chief())
	b.eventually("the manager is known", func() bool { return b.knows(hooks, "1003") })
}

// accounts are those with an employee number, the deleted ones apart.
func (b *bench) accounts(number string) (live, deleted []graph.UserState) {
	b.t.Helper()
	state := b.Graph().State()
	has := func(u graph.UserState) bool { return u.Props["employeeId"] == number }
	for _, u := range state.Users {
		if has(u) {
			live = append(live, u)
		}
	}
	for _, u := range state.Deleted {
		if has(u) {
			deleted = append(deleted, u)
		}
	}
	return live, deleted
}

// account is the only live account with an employee number.
func (b *bench) account(number string) graph.UserState {
	b.t.Helper()
	live, deleted := b.accounts(number)
	if len(live) != 1 || len(deleted) != 0 {
		b.t.Fatalf("%s has %d accounts and %d deleted ones, want one and none", number, len(live), len(deleted))
	}
	return live[0]
}

func enabled(u graph.UserState) bool { return u.Props["accountEnabled"] == true }

// mails are the messages whose text or HTML names somebody, counted by subject.
func (b *bench) mails(name string) map[string]int {
	b.t.Helper()
	counts := map[string]int{}
	for _, m := range b.messages(name) {
		counts[m.Subject]++
	}
	return counts
}

func (b *bench) messages(name string) []mail.Message {
	b.t.Helper()
	var out []mail.Message
	for _, m := range b.Mail().Messages() {
		if strings.Contains(m.Text+m.Subject, name) {
			out = append(out, m)
		}
	}
	return out
}

// berlin is an instant of a civil date there.
func berlin(t *testing.T, date string, clock string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatalf("load zone: %v", err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", date+" "+clock, zone)
	if err != nil {
		t.Fatalf("parse instant: %v", err)
	}
	return at
}

// day is a civil date so many days from another one.
func day(t *testing.T, from string, days int) string {
	t.Helper()
	at, err := time.Parse(time.DateOnly, from)
	if err != nil {
		t.Fatalf("parse date: %v", err)
	}
	return at.AddDate(0, 0, days).Format(time.DateOnly)
}

func today() string { return time.Now().UTC().Format(time.DateOnly) }
