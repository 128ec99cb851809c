package hr

import (
	"fmt"

	"tenure/internal/person"
)

// dateProblems finds an employment that ends before it starts. HR often marks
// a hire that was undone in just that way, so those are let through.
func dateProblems(attributes person.Attributes, path string) []string {
	status, _ := attributes.Get(person.StatusAttribute)
	if person.IsUndone(status) {
		return nil
	}
	start, from := date(attributes, person.StartDateAttribute), person.StartDateAttribute
	if start.IsZero() {
		start, from = date(attributes, person.HireDateAttribute), person.HireDateAttribute
	}
	if start.IsZero() {
		return nil
	}
	var problems []string
	for _, name := range []string{person.LastDayAttribute, person.TerminationDateAttribute, person.ContractEndAttribute} {
		if end := date(attributes, name); !end.IsZero() && end.Before(start) {
			problems = append(problems, fmt.Sprintf("%s%s %s lies before %s %s", prefix(path), name, end, from, start))
		}
	}
	return problems
}

func date(attributes person.Attributes, name string) person.Date {
	value, _ := attributes.Get(name)
	out, _ := person.ParseDate(value) // canonical, or no date
	return out
}

func managerProblems(attributes person.Attributes) []string {
	kind, _ := attributes.Get(person.ManagerKindAttribute)
	value, _ := attributes.Get(person.ManagerValueAttribute)
	if value != "" && kind == "" {
		return []string{person.ManagerValueAttribute + ": the kind of reference is missing"}
	}
	return nil
}

// idProblems finds parts that cannot be told apart and references that lead
// nowhere. A partial record may speak of an employment it does not list.
func idProblems(record person.Record, raw RawRecord, completeness person.Completeness) []string {
	if len(raw.Employments) > MaxParts || len(raw.Assignments) > MaxParts {
		return []string{fmt.Sprintf("more than %d employments or assignments", MaxParts)}
	}
	problems := partProblems("employments", raw.Employments)
	problems = append(problems, partProblems("assignments", raw.Assignments)...)
	known := make(map[string]bool)
	for _, e := range record.Employments {
		known[e.ID] = true
	}
	for i, a := range record.Assignments {
		if a.EmploymentID == "" || completeness != person.Full || known[a.EmploymentID] || len(record.Employments) == 0 {
			continue
		}
		problems = append(problems, fmt.Sprintf("assignments[%d]: employmentId names no employment of the record", i))
	}
	return problems
}

func partProblems(list string, parts []RawPart) []string {
	var problems []string
	seen := make(map[string]bool)
	for i, part := range parts {
		switch {
		case part.ID == "" && len(parts) > 1:
			problems = append(problems, fmt.Sprintf("%s[%d]: id is missing beside others", list, i))
		case seen[part.ID]:
			problems = append(problems, fmt.Sprintf("%s[%d]: id is used twice", list, i))
		case len(part.ID) > person.MaxKeyBytes:
			problems = append(problems, fmt.Sprintf("%s[%d]: id is longer than %d bytes", list, i, person.MaxKeyBytes))
		}
		seen[part.ID] = true
	}
	return problems
}
