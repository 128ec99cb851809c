package event

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"tenure/deploy/devstack/chaos/site"
)

// statement is one thing that HR says of somebody.
type statement struct {
	id       string
	asOf     time.Time
	sequence int
	// says is all of a full statement. A partial one says of it only what part
	// names.
	says site.Employee
	part part
}

// part is what a statement says.
type part int

// The parts. whole is a full statement.
const (
	whole part = iota
	job
	office
	manager
	given
	parts
)

// inOrder is the order of a feed: sequence, date of truth, ID.
func inOrder(all []statement) []statement {
	out := slices.Clone(all)
	slices.SortFunc(out, func(a, b statement) int {
		return cmp.Or(cmp.Compare(a.sequence, b.sequence), a.asOf.Compare(b.asOf), strings.Compare(a.id, b.id))
	})
	return out
}

// holds is what is true after all statements: it is told here on its own, not by
// the product's code.
func holds(all []statement) site.Employee {
	var out site.Employee
	for _, s := range inOrder(all) {
		switch s.part {
		case job:
			out.Department, out.Title = s.says.Department, s.says.Title
		case office:
			out.Office = s.says.Office
		case manager:
			out.Manager = s.says.Manager
		case given:
			out.Given = s.says.Given
		default:
			out = s.says
		}
	}
	return out
}

// works reports whether somebody may sign in: until a last day that is stated,
// terminated or not. Who is terminated before the first day stays a pre-hire, whom
// the policy lets in early, and a human is told (S2).
func works(e site.Employee, today string) bool {
	if e.Last != "" {
		return e.Last >= today
	}
	return e.Status != terminated || e.Start > today
}

const terminated = "terminated"

// body is the wire form.
func (s statement) body() ([]byte, error) {
	record, completeness := s.says.Record(), "partial"
	assignment := func(fields map[string]any) map[string]any { return map[string]any{"assignments": []any{fields}} }
	switch s.part {
	case job:
		record = assignment(map[string]any{"department": map[string]any{"name": s.says.Department}, "jobTitle": s.says.Title})
	case office:
		record = assignment(map[string]any{"location": map[string]any{"name": s.says.Office}})
	case manager:
		record = map[string]any{"managerRef": map[string]any{"kind": "employeeId", "value": s.says.Manager}}
	case given:
		record = map[string]any{"person": map[string]any{"legalName": map[string]any{"given": s.says.Given}}}
	default:
		completeness = "full"
	}
	data := map[string]any{
		"key": s.says.Key, "asOf": s.asOf.UTC().Format(time.RFC3339Nano), "completeness": completeness, "record": record,
	}
	if s.sequence > 0 {
		data["sequence"] = s.sequence
	}
	body, err := json.Marshal(map[string]any{"type": "person.record", "timestamp": s.asOf.UTC().Format(time.RFC3339Nano), "data": data})
	if err != nil {
		return nil, fmt.Errorf("encode statement %s: %w", s.id, err)
	}
	return body, nil
}

// draw makes the statements about one person. The first is whole, so that there
// is somebody; some speak of the same instant and contradict each other.
func draw(random *rand.Rand, number, count int, now time.Time) []statement {
	key := fmt.Sprintf("%06d", number)
	numbered := random.IntN(2) == 0
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	day := func(days int) string { return now.AddDate(0, 0, days).Format(time.DateOnly) }
	// All of it was said before today: whoever is terminated without a date leaves
	// at the end of the day on which HR said so (S2).
	asOf := now.AddDate(0, 0, -1).Add(-time.Duration(count) * time.Hour)
	out := make([]statement, 0, count)
	for i := range count {
		if i > 0 && random.IntN(4) > 0 { // else it speaks of the same instant
			asOf = asOf.Add(time.Duration(1+random.IntN(50)) * time.Minute)
		}
		s := statement{
			id: fmt.Sprintf("%s-%04x-%d", key, random.IntN(1<<16), i), asOf: asOf,
			says: site.Employee{
				Key: key, Given: pick("Berthe", "Berta"), Family: "Okonkwo-" + key,
				Department: pick("Sales", "Engineering", "Legal"), Title: pick("Manager", "Lead", "Clerk"),
				Office: pick("Reykjavik", "Akureyri", "Vik"), Manager: pick(site.ChiefKey, secondChief),
				Start: pick(day(-3), day(-3), day(5)), Last: pick("", "", "", day(200)),
				Status: pick("active", "active", "active", "active", terminated),
			},
		}
		if random.IntN(5) == 0 {
			s.says.Start, s.says.Last = day(-3), day(-1)
		}
		if numbered {
			s.sequence = i + 1
		}
		if i > 0 && random.IntN(3) == 0 {
			s.part = part(1 + random.IntN(int(parts)-1))
		}
		out = append(out, s)
	}
	return out
}

// secondChief is another manager: existing staff of the sample.
const secondChief = "1002"
