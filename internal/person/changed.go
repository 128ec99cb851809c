package person

import (
	"slices"
	"strings"
)

// Changed names the attributes that differ between two records, sorted. An
// absent attribute and an explicitly empty one differ.
func Changed(before, after Record) []string {
	var names []string
	names = append(names, changedAttributes(before.Attributes, after.Attributes)...)
	names = append(names, changedSets(employmentSets(before), employmentSets(after))...)
	names = append(names, changedSets(assignmentSets(before), assignmentSets(after))...)
	slices.Sort(names)
	return slices.Compact(names)
}

// changedAttributes walks two sorted lists.
func changedAttributes(before, after Attributes) []string {
	var names []string
	for len(before) > 0 || len(after) > 0 {
		order := -1
		switch {
		case len(before) == 0:
			order = 1
		case len(after) > 0:
			order = strings.Compare(before[0].Name, after[0].Name)
		}
		switch {
		case order < 0:
			names, before = append(names, before[0].Name), before[1:]
		case order > 0:
			names, after = append(names, after[0].Name), after[1:]
		default:
			if before[0].Value != after[0].Value {
				names = append(names, before[0].Name)
			}
			before, after = before[1:], after[1:]
		}
	}
	return names
}

// set is an employment or an assignment with everything as attributes.
type set struct {
	id         string
	attributes Attributes
}

func employmentSets(r Record) []set {
	out := make([]set, len(r.Employments))
	for i, e := range r.Employments {
		attributes := e.Attributes
		if e.ID != "" {
			attributes = attributes.With(Attribute{Name: EmploymentIDAttribute, Value: e.ID})
		}
		out[i] = set{id: e.ID, attributes: attributes}
	}
	return out
}

func assignmentSets(r Record) []set {
	out := make([]set, len(r.Assignments))
	for i, a := range r.Assignments {
		attributes := withFrame(a.Attributes, a)
		if a.ID != "" {
			attributes = attributes.With(Attribute{Name: AssignmentIDAttribute, Value: a.ID})
		}
		out[i] = set{id: a.ID, attributes: attributes}
	}
	return out
}

func changedSets(before, after []set) []string {
	var names []string
	find := func(sets []set, id string) Attributes {
		for _, s := range sets {
			if s.id == id {
				return s.attributes
			}
		}
		return nil
	}
	for _, s := range before {
		names = append(names, changedAttributes(s.attributes, find(after, s.id))...)
	}
	for _, s := range after {
		names = append(names, changedAttributes(find(before, s.id), s.attributes)...)
	}
	return names
}
