package webhook_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tenure/internal/hr"
	"tenure/internal/hr/hrtest"
	"tenure/internal/person"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	d := decoder(t)
	hrtest.Run(t, hrtest.Harness{Feed: "hris", Read: func(t testing.TB, fact hrtest.Fact) (hr.Statement, error) {
		t.Helper()
		return d.Decode(fact.ID, bodyOf(t, fact), time.Time{})
	}})
}

// bodyOf nests the attributes of a fact.
func bodyOf(t testing.TB, fact hrtest.Fact) []byte {
	t.Helper()
	record, employment, assignment := m{}, m{}, m{}
	for name, value := range fact.Values {
		definition, _ := person.Lookup(name)
		parts, at := strings.Split(name, "."), record
		switch definition.Layer {
		case person.EmploymentLayer:
			parts, at = parts[1:], employment
		case person.AssignmentLayer:
			parts, at = parts[1:], assignment
		case person.PersonLayer:
		}
		for _, part := range parts[:len(parts)-1] {
			if at[part] == nil {
				at[part] = m{}
			}
			at = at[part].(m)
		}
		at[parts[len(parts)-1]] = any(value)
		if value == "" {
			at[parts[len(parts)-1]] = nil
		}
	}
	record["employments"], record["assignments"] = []m{employment}, []m{assignment}
	body, err := json.Marshal(m{
		"type": "person.record", "timestamp": fact.AsOf.Format(time.RFC3339),
		"data": m{
			"key": fact.Key, "asOf": fact.AsOf.Format(time.RFC3339),
			"completeness": fact.Completeness, "record": record,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return body
}
