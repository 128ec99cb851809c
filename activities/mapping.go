package activities

import (
	"maps"
	"slices"

	"tenure/internal/person"
	"tenure/internal/plan"
)

// mapAttributes applies the target's mappings to a view of the record.
func (j *job) mapAttributes(view person.Attributes, creating bool) plan.WantedAttributes {
	return plan.AttributesWanted(&j.rules, view, j.zone, creating)
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
