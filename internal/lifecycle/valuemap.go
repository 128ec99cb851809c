package lifecycle

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// NoGroup is the word of a value map for a value that is meant to have no group.
const NoGroup = "none"

// ValueMap turns what HR says into the label of a group: the only way in which a
// text of HR reaches one (S18).
type ValueMap struct {
	Name string
	// From is the attribute that is read.
	From string
	// Values are in the order of the file.
	Values []ValueLabel
}

// ValueLabel is one value and the label it means, or [NoGroup].
type ValueLabel struct{ Value, Label string }

// Label is the label that a value means; found is false where it means none.
func (m ValueMap) Label(value string) (label string, found bool) {
	entry, found := find(m.Values, func(v ValueLabel) bool { return v.Value == value })
	return entry.Label, found
}

// ValueMap finds a value map by name.
func (t Target) ValueMap(name string) (ValueMap, bool) {
	return find(t.Values, func(m ValueMap) bool { return m.Name == name })
}

// valueMapOf finds the value map that an entry of groups names, alone or as
// before.NAME or after.NAME.
func (t Target) valueMapOf(entry string) (m ValueMap, prefix string, found bool) {
	if _, label := t.Group(entry); label {
		return m, "", false
	}
	name := entry
	for _, word := range []string{beforePrefix, afterPrefix} {
		if bare, cut := strings.CutPrefix(entry, word); cut {
			name, prefix = bare, word
		}
	}
	m, found = t.ValueMap(name)
	return m, prefix, found
}

// labelsOf are the labels that an entry of groups may stand for.
func (t Target) labelsOf(entry string) []string {
	m, _, found := t.valueMapOf(entry)
	if !found {
		return []string{entry}
	}
	var out []string
	for _, value := range m.Values {
		if value.Label != NoGroup && !slices.Contains(out, value.Label) {
			out = append(out, value.Label)
		}
	}
	return out
}

// Reads are the attributes that the value maps of a task read, and what it writes is
// made of.
func (t Target) Reads(task Task) []string {
	var out []string
	for _, entry := range task.Groups {
		if m, _, found := t.valueMapOf(entry); found {
			out = append(out, m.From)
		}
	}
	for _, m := range task.Attributes {
		out = append(out, m.Expression.Reads()...)
		if m.Attribute != "" {
			out = append(out, m.Attribute)
		}
	}
	return out
}

// GroupsOf are the labels of all groups that a task may name, whatever HR says.
func (t Target) GroupsOf(task Task) []string {
	var out []string
	for _, entry := range task.Groups {
		for _, label := range t.labelsOf(entry) {
			if !slices.Contains(out, label) {
				out = append(out, label)
			}
		}
	}
	return out
}

// Resolved are the groups of a task for one person.
type Resolved struct {
	// Labels are those that the entries stand for.
	Labels []string
	// Unmapped are the names of value maps that have no entry for the value.
	Unmapped []string
	// Mapped is set where a value map was asked.
	Mapped bool
}

// Resolve reads the entries of a task's groups for one person. What a change
// gives is never taken away by the same change: a group that before.NAME stands
// for is left out of a removal where after.NAME stands for it too.
func (t Target) Resolve(task Task, scope Scope) Resolved {
	var out Resolved
	for _, entry := range task.Groups {
		m, prefix, found := t.valueMapOf(entry)
		if !found {
			out.Labels = append(out.Labels, entry)
			continue
		}
		out.Mapped = true
		label, known := m.Label(m.read(scope, prefix))
		switch {
		case !known:
			out.Unmapped = append(out.Unmapped, entry)
		case label == NoGroup || slices.Contains(out.Labels, label):
		case task.Kind == RemoveUserFromGroups && prefix == beforePrefix && m.stays(scope, label):
		default:
			out.Labels = append(out.Labels, label)
		}
	}
	return out
}

func (m ValueMap) stays(scope Scope, label string) bool {
	after, _ := m.Label(m.read(scope, afterPrefix))
	return after == label
}

func (m ValueMap) read(scope Scope, prefix string) string {
	get := scope.Attributes
	if prefix == beforePrefix && scope.Before != nil {
		get = scope.Before
	}
	if prefix == afterPrefix && scope.After != nil {
		get = scope.After
	}
	value, _ := get(m.From)
	return value
}

// checkValues warns about value maps of attributes that no feed states.
func (l *loader) checkValues(t Target) {
	for _, m := range t.Values {
		if m.From != "" && !l.isStated(m.From) {
			l.warnAt(path("target", t.Name, "values", m.Name), "no feed states %s, so nobody has a group by %s", m.From, m.Name)
		}
	}
}

// valueMaps reads the value maps of a target.
func (l *loader) valueMaps(node *yaml.Node, target string, groups []Label) []ValueMap {
	var out []ValueMap
	for _, p := range l.named(node, "values") {
		l.mark(p.key, path("target", target, "values", p.key.Value)...)
		m := ValueMap{Name: p.key.Value}
		switch {
		case slices.ContainsFunc(groups, func(g Label) bool { return g.Name == m.Name }):
			l.fail(p.key, "%s is the label of a group already: give the value map another name", quote(m.Name))
		case strings.Contains(m.Name, ".") || m.Name == NoGroup:
			l.fail(p.key, "%s is no name for a value map: write a word without dots, such as departmentGroup", quote(m.Name))
		}
		o, ok := l.object(p.value, shapeValueMap)
		if !ok {
			continue
		}
		if from := o.get("from"); from != nil {
			m.From = l.attribute(from)
		}
		m.Values = l.valueLabels(o.get("values"), groups)
		out = append(out, m)
	}
	return out
}

func (l *loader) valueLabels(node *yaml.Node, groups []Label) []ValueLabel {
	if node == nil {
		return nil
	}
	if !l.isMapping(node) || len(node.Content) == 0 {
		l.fail(node, "%s found where values belong: write {Sales: sales, R&D: engineering}", describe(node))
		return nil
	}
	names := []string{NoGroup}
	for _, group := range groups {
		names = append(names, group.Name)
	}
	var out []ValueLabel
	for _, p := range l.pairs(node) {
		label := l.text(p.value, "a label")
		if label != "" && !slices.Contains(names, label) {
			l.fail(p.value, "unknown group %s%s", quote(label), cmpHint(label, names, "; name it under groups of the target"))
			continue
		}
		out = append(out, ValueLabel{Value: p.key.Value, Label: label})
	}
	return out
}
