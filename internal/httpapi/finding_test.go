package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"tenure/internal/httpapi"
)

const decisionsBody = `{"actor":"kim","reason":"looked at it","decisions":[
	{"id":"0123456789ab","decision":"ignore","until":"2026-12-01T00:00:00Z"},
	{"id":"ba9876543210","decision":"adopt","person":{"realm":"main","key":"E-1001"}}]}`

func TestReconcileDecisionsReachTheJourneys(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if w := b.call("POST", "/v1/targets/entra/findings/decisions", decisionsBody); w.Code != 200 {
		t.Fatalf("decisions = %d %s", w.Code, w.Body)
	}
	got := b.fake.choices
	if len(got) != 2 || got[0].Until == nil || got[1].Person == nil || *got[1].Person != ada || b.fake.decision.Reason != "looked at it" {
		t.Errorf("choices = %+v, decision %+v", got, b.fake.decision)
	}
}

func TestReconcileDecisionsThatCannotBeMeant(t *testing.T) {
	t.Parallel()
	many := strings.Repeat(`{"id":"x","decision":"fix"},`, 201)
	for name, decisions := range map[string]string{
		"none":               ``,
		"too many":           strings.TrimSuffix(many, ","),
		"unknown":            `{"id":"x","decision":"delete"}`,
		"no ID":              `{"id":"","decision":"fix"}`,
		"ignore for good":    `{"id":"x","decision":"ignore"}`,
		"fix until":          `{"id":"x","decision":"fix","until":"2026-12-01T00:00:00Z"}`,
		"a person for a fix": `{"id":"x","decision":"fix","person":{"realm":"main","key":"1"}}`,
		"nobody":             `{"id":"x","decision":"adopt","person":{"realm":"main","key":""}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			body := fmt.Sprintf(`{"actor":"kim","reason":"r","decisions":[%s]}`, decisions)
			b.problem(400, httpapi.KindInvalid, "POST", "/v1/targets/entra/findings/decisions", body)
			if b.fake.choices != nil {
				t.Errorf("a decision that cannot be meant went on: %+v", b.fake.choices)
			}
		})
	}
}
