package lifecycle

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Difference is one thing that differs between two policies, in the words of
// the document.
type Difference struct {
	// Section and Name say what it is part of, such as targets and entra; Name is
	// "" for what is not named.
	Section, Name string
	// Path is the place inside, "" for the whole.
	Path string
	// Before and After are what stands there, "" where nothing does.
	Before, After string
}

// String says it in a line.
func (d Difference) String() string {
	what := d.Section
	if d.Name != "" {
		what = strings.TrimSuffix(d.Section, "s") + " " + d.Name
	}
	if d.Path != "" {
		what += ": " + d.Path
	}
	switch {
	case d.Before == "":
		return what + ": added" + worded(d.After)
	case d.After == "":
		return what + ": removed" + worded(d.Before)
	default:
		return what + ": " + d.Before + " -> " + d.After
	}
}

func worded(value string) string {
	if value == present {
		return ""
	}
	return " " + value
}

// present stands for something too large to show.
const present = "(whole)"

// Differences compares two documents key by key. Comments, spacing, the order of
// keys and that of lifecycle workflows say nothing. An empty document has nothing.
func Differences(before, after []byte) ([]Difference, error) {
	old, err := tree(before)
	if err != nil {
		return nil, fmt.Errorf("compare policies: %w", err)
	}
	next, err := tree(after)
	if err != nil {
		return nil, fmt.Errorf("compare policies: %w", err)
	}
	var out []Difference
	for _, section := range keysOf(old, next) {
		a, hadNames := named(old[section])
		b, hasNames := named(next[section])
		if !hadNames || !hasNames {
			out = append(out, inside(Difference{Section: section}, old[section], next[section])...)
			continue
		}
		for _, name := range keysOf(a, b) {
			d := Difference{Section: section, Name: name}
			switch {
			case a[name] == nil:
				d.After = present
				out = append(out, d)
			case b[name] == nil:
				d.Before = present
				out = append(out, d)
			default:
				out = append(out, inside(d, a[name], b[name])...)
			}
		}
	}
	return out, nil
}

func tree(document []byte) (map[string]any, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(document, &root); err != nil {
		return nil, err
	}
	if len(root.Content) == 0 {
		return nil, nil
	}
	out, _ := asWritten(root.Content[0]).(map[string]any)
	return out, nil
}

// asWritten is a node as maps, lists and the texts that were written.
func asWritten(node *yaml.Node) any {
	switch node.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			out[node.Content[i].Value] = asWritten(node.Content[i+1])
		}
		return out
	case yaml.SequenceNode:
		out := make([]any, 0, len(node.Content))
		for _, one := range node.Content {
			out = append(out, asWritten(one))
		}
		return out
	default:
		return cmp.Or(node.Value, `""`)
	}
}

// named are the things of a section by their name: the keys of feeds, targets
// and extensions, and the names of lifecycle workflows. A section without anything
// has none; ok is false where one holds things without names.
func named(section any) (things map[string]any, ok bool) {
	switch section := section.(type) {
	case nil:
		return nil, true
	case map[string]any:
		for _, value := range section {
			if _, thing := value.(map[string]any); !thing {
				return nil, false // one thing with keys, such as notifications
			}
		}
		return section, true
	case []any:
		out := map[string]any{}
		for _, one := range section {
			fields, _ := one.(map[string]any)
			name, found := fields["name"].(string)
			if !found {
				return nil, false
			}
			out[name] = fields
		}
		return out, true
	default:
		return nil, false
	}
}

// inside compares two values at one place.
func inside(at Difference, before, after any) []Difference {
	a, b := shown(before), shown(after)
	if a == b {
		return nil
	}
	old, oldMap := before.(map[string]any)
	next, nextMap := after.(map[string]any)
	if oldMap && nextMap {
		var out []Difference
		for _, key := range keysOf(old, next) {
			out = append(out, inside(at.below(key), old[key], next[key])...)
		}
		return out
	}
	oldList, oldIs := before.([]any)
	nextList, nextIs := after.([]any)
	if oldIs && nextIs && (hasMaps(oldList) || hasMaps(nextList)) {
		return items(at, oldList, nextList)
	}
	at.Before, at.After = a, b
	return []Difference{at}
}

func (d Difference) below(key string) Difference {
	if d.Path != "" {
		key = d.Path + "." + key
	}
	d.Path = key
	return d
}

func hasMaps(list []any) bool {
	return slices.ContainsFunc(list, func(one any) bool { _, ok := one.(map[string]any); return ok })
}

// items compares two lists of things without names, such as tasks: what went,
// what came, and whether the rest changed places.
func items(at Difference, before, after []any) []Difference {
	var out []Difference
	rest := slices.Clone(after)
	var kept []string
	for _, one := range before {
		text := shown(one)
		i := slices.IndexFunc(rest, func(other any) bool { return shown(other) == text })
		if i < 0 {
			gone := at
			gone.Before = text
			out = append(out, gone)
			continue
		}
		kept = append(kept, text)
		rest = slices.Delete(rest, i, i+1)
	}
	for _, one := range rest {
		added := at
		added.After = shown(one)
		out = append(out, added)
	}
	var order []string
	left := slices.Clone(kept)
	for _, one := range after {
		text := shown(one)
		if i := slices.Index(left, text); i >= 0 {
			order = append(order, text)
			left = slices.Delete(left, i, i+1)
		}
	}
	if !slices.Equal(kept, order) {
		at.Before, at.After = strings.Join(kept, ", then "), strings.Join(order, ", then ")
		out = append(out, at)
	}
	return out
}

// shown is a value as one would write it in a line; keys are sorted.
func shown(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case map[string]any:
		parts := make([]string, 0, len(value))
		for _, key := range slices.Sorted(maps.Keys(value)) {
			parts = append(parts, key+": "+shown(value[key]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		parts := make([]string, 0, len(value))
		for _, one := range value {
			parts = append(parts, shown(one))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	default:
		return ""
	}
}

// keysOf are the keys of two maps, sorted.
func keysOf(a, b map[string]any) []string {
	keys := slices.Collect(maps.Keys(a))
	for key := range b {
		if _, both := a[key]; !both {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}
