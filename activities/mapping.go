package activities

import (
	"maps"
	"slices"
	"time"

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
func (j *job) mapAttributes(view person.Attributes, creating bool) mapped {
	out := mapped{Set: map[string]string{}}
	for _, mapping := range j.rules.Mapping {
		if mapping.Reference != "" || len(mapping.Unique) > 0 || (mapping.OnCreate && !creating) {
			continue
		}
		value, present := j.mappedValue(mapping, view)
		switch {
		case !present:
		case value != "":
			out.Set[mapping.To] = value
		case mapping.Clear && !creating:
			out.Clear = append(out.Clear, mapping.To)
		}
	}
	return out
}

// mappedValue is the text of one mapping. A civil date becomes the instant at
// which it begins for the person, in UTC: targets keep instants.
func (j *job) mappedValue(mapping lifecycle.Mapping, view person.Attributes) (value string, present bool) {
	if mapping.Attribute == "" {
		return mapping.Constant, true
	}
	value, present = view.Get(mapping.Attribute)
	if definition, _ := person.Lookup(mapping.Attribute); definition.Type == person.Day && value != "" {
		if date, err := person.ParseDate(value); err == nil {
			value = date.At(person.TimeOfDay{}, j.zone).UTC().Format(time.RFC3339)
		}
	}
	return value, present
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
