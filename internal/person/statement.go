package person

import (
	"slices"
	"strings"
)

// statementOf is the event's record in the form in which feeds are kept: all
// lists sorted, the frame of assignments as attributes, without what the feed
// may not state (S12) and, in a partial record, without empty values.
func statementOf(e Event) Record {
	keep := func(a Attribute) bool {
		if a.Name == EmploymentIDAttribute || a.Name == AssignmentIDAttribute {
			return false // IDs are fields
		}
		if !e.OwnsStatus && OwnedWithStatus(a.Name) {
			return false
		}
		return e.Completeness == Full || a.Value != ""
	}
	var out Record
	out.Attributes = statedAttributes(e.Record.Attributes, keep)
	if e.OwnsStatus {
		for _, employment := range e.Record.Employments {
			attributes := statedAttributes(employment.Attributes, keep)
			out.Employments = append(out.Employments, Employment{ID: employment.ID, Attributes: attributes})
		}
	}
	for _, assignment := range e.Record.Assignments {
		attributes := statedAttributes(assignment.Attributes, keep)
		if e.OwnsStatus {
			attributes = withFrame(attributes, assignment)
		}
		out.Assignments = append(out.Assignments, Assignment{ID: assignment.ID, Attributes: attributes})
	}
	slices.SortStableFunc(out.Employments, func(a, b Employment) int { return strings.Compare(a.ID, b.ID) })
	slices.SortStableFunc(out.Assignments, func(a, b Assignment) int { return strings.Compare(a.ID, b.ID) })
	out.Employments = slices.CompactFunc(out.Employments, func(a, b Employment) bool { return a.ID == b.ID })
	out.Assignments = slices.CompactFunc(out.Assignments, func(a, b Assignment) bool { return a.ID == b.ID })
	return out
}

func statedAttributes(attributes Attributes, keep func(Attribute) bool) Attributes {
	var out Attributes
	for _, a := range attributes {
		if keep(a) {
			out = append(out, Attribute{Name: a.Name, Value: a.Value})
		}
	}
	slices.SortStableFunc(out, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(out, func(a, b Attribute) bool { return a.Name == b.Name })
}

// withFrame turns the fields that are set into attributes; statement lists
// hold what was said and nothing else.
func withFrame(attributes Attributes, assignment Assignment) Attributes {
	set := func(name, value string) {
		if value != "" {
			attributes = attributes.With(Attribute{Name: name, Value: value})
		}
	}
	set(AssignmentFromAttribute, assignment.From.String())
	set(AssignmentToAttribute, assignment.To.String())
	set(AssignmentEmployment, assignment.EmploymentID)
	if assignment.Primary {
		set(AssignmentPrimary, trueValue)
	}
	return attributes
}

// trueValue is the canonical form of a bool that holds.
const trueValue = "true"

// stamped puts the stamp on every attribute.
func stamped(r Record, stamp Stamp) Record {
	mark := func(attributes Attributes) Attributes {
		out := slices.Clone(attributes)
		for i := range out {
			out[i].By = stamp
		}
		return out
	}
	out := Record{
		Attributes:  mark(r.Attributes),
		Employments: slices.Clone(r.Employments),
		Assignments: slices.Clone(r.Assignments),
	}
	for i := range out.Employments {
		out.Employments[i].Attributes = mark(out.Employments[i].Attributes)
	}
	for i := range out.Assignments {
		out.Assignments[i].Attributes = mark(out.Assignments[i].Attributes)
	}
	return out
}

// overlay puts the stamped attributes of over onto base where they are newer.
// What has no stamp of its own in base was stated by full.
func overlay(base, over Record, full Stamp) (Record, bool) {
	out := Record{Employments: slices.Clone(base.Employments), Assignments: slices.Clone(base.Assignments)}
	var took, newer bool
	out.Attributes, took = overlayAttributes(base.Attributes, over.Attributes, full)
	for _, employment := range over.Employments {
		i, found := slices.BinarySearchFunc(out.Employments, employment.ID, func(e Employment, id string) int {
			return strings.Compare(e.ID, id)
		})
		var have Attributes
		if found {
			have = out.Employments[i].Attributes
		}
		if have, newer = overlayAttributes(have, employment.Attributes, full); !newer {
			continue
		}
		took = true
		if !found {
			out.Employments = slices.Insert(out.Employments, i, Employment{ID: employment.ID})
		}
		out.Employments[i].Attributes = have
	}
	for _, assignment := range over.Assignments {
		i, found := slices.BinarySearchFunc(out.Assignments, assignment.ID, func(a Assignment, id string) int {
			return strings.Compare(a.ID, id)
		})
		var have Attributes
		if found {
			have = out.Assignments[i].Attributes
		}
		if have, newer = overlayAttributes(have, assignment.Attributes, full); !newer {
			continue
		}
		took = true
		if !found {
			out.Assignments = slices.Insert(out.Assignments, i, Assignment{ID: assignment.ID})
		}
		out.Assignments[i].Attributes = have
	}
	return out, took
}

func overlayAttributes(base, over Attributes, full Stamp) (Attributes, bool) {
	took := false
	for _, a := range over {
		if a.By.isZero() {
			continue
		}
		threshold := full
		if i, found := base.find(a.Name); found && !base[i].By.isZero() {
			threshold = base[i].By
		}
		if threshold.isZero() || a.By.compare(threshold) > 0 {
			base, took = base.With(a), true
		}
	}
	return base, took
}
