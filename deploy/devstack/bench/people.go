package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// hire is somebody whom HR has hired. Everybody is invented.
type hire struct {
	key, title, department, manager string
	start                           time.Time
}

const (
	bossKey     = "boss"
	titleHead   = "Head"
	titleWorker = "Clerk"
	department  = "Sales"
)

// hires are people of a series who start on a day.
func hires(series string, count int, start time.Time) []hire {
	out := make([]hire, count)
	for i := range out {
		out[i] = hire{
			key: fmt.Sprintf("%s-%06d", series, i), title: titleWorker, department: department, manager: bossKey, start: start,
		}
	}
	return out
}

// boss is everybody's manager, who needs no pass and no mail.
func boss(start time.Time) hire {
	return hire{key: bossKey, title: titleHead, department: department, start: start}
}

func (h hire) event(now time.Time) map[string]any {
	asOf := now.UTC().Format(time.RFC3339)
	record := map[string]any{
		"employeeId": h.key,
		"person": map[string]any{
			"legalName":    map[string]any{"given": "Ada", "family": "Example " + h.key},
			"privateEmail": "candidate." + h.key + "@fabrikam.example",
		},
		"employments": []any{map[string]any{"kind": "employee", "status": "active", "startDate": h.start.Format(time.DateOnly)}},
		"assignments": []any{map[string]any{
			"department": map[string]any{"name": h.department}, "jobTitle": h.title,
			"location": map[string]any{"name": "Berlin", "country": "DE", "timeZone": "UTC"},
		}},
	}
	if h.manager != "" {
		record["managerRef"] = map[string]any{"kind": "employeeId", "value": h.manager}
	}
	return map[string]any{"type": "person.record", "timestamp": asOf, "data": map[string]any{
		"key": h.key, "asOf": asOf, "completeness": "full", "record": record,
	}}
}

// hookSecret is the devstack's, known to everybody.
const hookSecret = "c2ltdWxhdGVkLWhyLXN5c3RlbS1zZWNyZXQtMDE=" //nolint:gosec // a simulator's, known to everybody

// signed are the headers of a Standard Webhooks delivery.
func signed(id string, at time.Time, body []byte) http.Header {
	key, err := base64.StdEncoding.DecodeString(hookSecret)
	if err != nil {
		panic(err) // a constant
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s.%s.%s", id, stamp, body)
	return http.Header{
		"Webhook-Id": {id}, "Webhook-Timestamp": {stamp},
		"Webhook-Signature": {"v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}
}
