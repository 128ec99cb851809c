package site

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Employee is what HR says of somebody.
type Employee struct {
	Key, Given, Family string
	// Status is active where it is "".
	Status      string
	Start, Last string
	// Before is an employment that ended before this one began.
	Before            *Employment
	Department, Title string
	// Manager is an employee number, "" for nobody.
	Manager string
	// Office is where somebody works.
	Office string
}

// Employment is one that is over.
type Employment struct{ Start, Last string }

// ChiefKey is the manager of everybody: existing staff with an account.
const ChiefKey = "1003"

// hrisSecret is the devstack's, known to everybody.
const hrisSecret = "c2ltdWxhdGVkLWhyLXN5c3RlbS1zZWNyZXQtMDE=" //nolint:gosec // a simulator's

// Record is the wire form.
func (e Employee) Record() map[string]any {
	record := map[string]any{
		"employeeId": e.Key,
		"person": map[string]any{
			"legalName":    map[string]any{"given": e.Given, "family": e.Family},
			"privateEmail": "candidate" + e.Key + "@fabrikam.example",
		},
		"employments": e.employments(),
		"assignments": []any{map[string]any{
			"department": map[string]any{"name": e.Department}, "jobTitle": e.Title,
			"location": map[string]any{"name": cmp.Or(e.Office, "Reykjavik"), "country": "IS", "timeZone": "Etc/UTC"},
		}},
	}
	if e.Manager != "" {
		record["managerRef"] = map[string]any{"kind": "employeeId", "value": e.Manager}
	}
	return record
}

func (e Employee) employments() []any {
	stated := func(id, status, start, last string) map[string]any {
		out := map[string]any{"id": id, "kind": "employee", "status": status, "startDate": start, "lastDayOfWork": nil}
		if last != "" {
			out["lastDayOfWork"] = last
		}
		return out
	}
	if e.Before == nil {
		return []any{stated("e1", cmp.Or(e.Status, "active"), e.Start, e.Last)}
	}
	return []any{
		stated("e1", "terminated", e.Before.Start, e.Before.Last),
		stated("e2", cmp.Or(e.Status, "active"), e.Start, e.Last),
	}
}

// Say delivers a full statement of HR under an ID until it is accepted, as a
// sender of webhooks does: what was not answered goes again.
func (s *Site) Say(ctx context.Context, id string, asOf time.Time, e Employee) error {
	body, err := e.Statement(asOf)
	if err != nil {
		return err
	}
	return s.Deliver(ctx, id, body)
}

// Statement is the body of a full statement.
func (e Employee) Statement(asOf time.Time) ([]byte, error) {
	at := asOf.UTC().Format(time.RFC3339Nano)
	body, err := json.Marshal(map[string]any{
		"type": "person.record", "timestamp": at,
		"data": map[string]any{"key": e.Key, "asOf": at, "completeness": "full", "record": e.Record()},
	})
	if err != nil {
		return nil, fmt.Errorf("state %s: %w", e.Key, err)
	}
	return body, nil
}

// Deliver posts a signed body to the feed until it is accepted.
func (s *Site) Deliver(ctx context.Context, id string, body []byte) error {
	return Await(ctx, "HR delivers "+id, func(ctx context.Context) (bool, error) {
		status, text, err := s.Post(ctx, id, body)
		switch {
		case err != nil || status >= http.StatusInternalServerError || status == http.StatusTooManyRequests:
			return false, nil //nolint:nilerr // nobody answered: it goes again
		case status != http.StatusAccepted:
			return false, fmt.Errorf("event %s was answered with %d: %s", id, status, text)
		}
		return true, nil
	})
}

// Post posts a signed body once and returns what was answered.
func (s *Site) Post(ctx context.Context, id string, body []byte) (status int, text string, err error) {
	header, err := Signed(id, time.Now(), body)
	if err != nil {
		return 0, "", err
	}
	return s.request(ctx, http.MethodPost, "/v1/feeds/"+Feed+"/events", header, body)
}

// Signed are the headers of a Standard Webhooks delivery, made by hand.
func Signed(id string, at time.Time, body []byte) (http.Header, error) {
	key, err := base64.StdEncoding.DecodeString(hrisSecret)
	if err != nil {
		return nil, fmt.Errorf("decode secret: %w", err)
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s.%s.%s", id, stamp, body)
	return http.Header{
		"Webhook-Id": {id}, "Webhook-Timestamp": {stamp},
		"Webhook-Signature": {"v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}, nil
}

func (s *Site) hireChief(ctx context.Context) error {
	chief := Employee{
		Key: ChiefKey, Given: "Ingrid", Family: "Vasquez", Start: time.Now().AddDate(-4, 0, 0).Format(time.DateOnly),
		Department: "Sales", Title: "Head of Sales", Office: "New York",
	}
	if err := s.Say(ctx, "chief", time.Now(), chief); err != nil {
		return err
	}
	return Await(ctx, "the manager has an account", func(ctx context.Context) (bool, error) {
		detail, err := s.Person(ctx, ChiefKey)
		return err == nil && len(detail.Accounts) == 1 && detail.Accounts[0].Enabled && len(detail.Running) == 0, nil
	})
}
