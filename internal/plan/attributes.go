package plan

import (
	"maps"
	"slices"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// WantedAttributes are the account attributes that a record asks for: values to
// set, and attributes that are to be empty.
type WantedAttributes struct {
	Set   map[string]string
	Clear []string
}

// AttributesWanted applies the target's mappings to a view of the record. User
// name and manager are left to their own code. An attribute that is absent
// writes nothing; one that is explicitly empty clears, where the mapping says so.
func AttributesWanted(target *lifecycle.Target, view person.Attributes, zone *time.Location, creating bool) WantedAttributes {
	out := WantedAttributes{Set: map[string]string{}}
	for _, mapping := range target.Mapping {
		if mapping.Reference != "" || len(mapping.Unique) > 0 || (mapping.OnCreate && !creating) {
			continue
		}
		value, present := mappedValue(mapping, view, zone)
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
func mappedValue(mapping lifecycle.Mapping, view person.Attributes, zone *time.Location) (value string, present bool) {
	if mapping.Attribute == "" {
		return mapping.Constant, true
	}
	value, present = view.Get(mapping.Attribute)
	if definition, _ := person.Lookup(mapping.Attribute); definition.Type == person.Day && value != "" {
		if date, err := person.ParseDate(value); err == nil {
			value = date.At(person.TimeOfDay{}, zone).UTC().Format(time.RFC3339)
		}
	}
	return value, present
}

// Difference is what of the wanted attributes is not so in a live account: the
// values to set, by name, and what has a value and is to be empty.
func (w WantedAttributes) Difference(live map[string]string) WantedAttributes {
	out := WantedAttributes{Set: map[string]string{}}
	for name, value := range w.Set {
		if live[name] != value {
			out.Set[name] = value
		}
	}
	for _, name := range w.Clear {
		if live[name] != "" {
			out.Clear = append(out.Clear, name)
		}
	}
	return out
}

// Names are the attributes that are spoken of, sorted.
func (w WantedAttributes) Names() []string {
	return slices.Sorted(slices.Values(append(slices.Collect(maps.Keys(w.Set)), w.Clear...)))
}
