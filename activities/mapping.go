package activities

import (
	"maps"
	"slices"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// mapped are the account attributes a record asks for.
type mapped struct {
	Set   map[string]string
	Clear []string
}

// mapAttributes applies the target's mappings to a view of the record. User
// name and manager are left to their own code. An attribute that is absent
// writes nothing; one that is explicitly empty clears, where the mapping says so.
func (j *job) mapAttributes(view person.Attributes, creating bool) (mapped, error) {
	out := mapped{Set: map[string]string{}}
	for _, mapping := range j.rules.Mapping {
		if mapping.Reference != "" || len(mapping.Unique) > 0 || (mapping.OnCreate && !creating) {
			continue
		}
		value, present := mappedValue(mapping, view)
		switch {
		case !present:
		case value != "":
			out.Set[mapping.To] = value
		case mapping.Clear && !creating:
			out.Clear = append(out.Clear, mapping.To)
		}
	}
	return out, nil
}

func mappedValue(mapping lifecycle.Mapping, view person.Attributes) (value string, present bool) {
	if mapping.Attribute == "" {
		return mapping.Constant, true
	}
	return view.Get(mapping.Attribute)
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
