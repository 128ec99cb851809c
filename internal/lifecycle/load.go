package lifecycle

import (
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"tenure/internal/person"
)

// policyVersion is the version of the language.
const policyVersion = 1

// The types of target attributes that a mapping is checked against.
const (
	targetDateTime  = "date-time"
	targetBool      = "bool"
	targetList      = "list"
	targetReference = "reference"
	targetString    = "string"
)

// AttributeInfo is one attribute that a kind of target knows.
type AttributeInfo struct {
	Name string
	// Type is string, date-time, bool, list or reference; "" is not checked.
	Type string
	// ReadOnly attributes cannot be mapped.
	ReadOnly bool
	// Multiple is set where several values can stand.
	Multiple bool
}

// LoadOptions tell the loader what it cannot know by itself; composition roots
// fill them. The zero value checks the policy alone.
type LoadOptions struct {
	// Catalog holds the attributes of each kind of target. Kinds in it are
	// allowed beside entra; of kinds that are not, attributes go unchecked.
	Catalog map[string][]AttributeInfo
	// Templates are the names of the mail templates; nil leaves them unchecked.
	Templates []string
}

// Load reads a policy of one or several files. The error is [Problems]: all
// that is wrong, with file and line.
func Load(sources ...Source) (*Policy, error) { return LoadOptions{}.Load(sources...) }

// Load reads a policy and checks it against the options too.
func (o LoadOptions) Load(sources ...Source) (*Policy, error) {
	l := &loader{
		options: o, shapes: map[string]shape{}, places: map[string]place{}, stated: map[string]bool{}, sources: map[string][]byte{}, lines: map[string][]string{},
		policy: &Policy{Version: policyVersion},
	}
	for _, s := range shapes() {
		l.shapes[s.name] = s
	}
	files := make([]string, len(sources))
	roots := make([]part, 0, len(sources))
	for i, source := range sources {
		files[i] = source.Name
		l.sources[source.Name] = source.Content
		root, problems := parse(source)
		l.problems = append(l.problems, problems...)
		if root != nil {
			roots = append(roots, part{source.Name, root, object{}})
		}
	}
	if len(sources) == 0 {
		return nil, Problems{{File: "policy", Message: "no file given"}}
	}
	if len(roots) == len(sources) {
		l.read(roots)
	}
	if len(l.problems) > 0 {
		return nil, l.problems.sorted(files).capped()
	}
	l.policy.Warnings = l.warnings.sorted(files)
	return l.policy, nil
}

// capped shortens a report that nobody would read to its end.
func (p Problems) capped() Problems {
	if len(p) <= maxProblems {
		return p
	}
	more := Problem{File: p[maxProblems].File, Message: fmt.Sprintf("%d more problems are not shown", len(p)-maxProblems)}
	return append(slices.Clone(p[:maxProblems]), more)
}

// part is one file.
type part struct {
	file string
	root *yaml.Node
	top  object
}

// read goes through the sections in the order in which they need each other,
// not in that of the files.
func (l *loader) read(parts []part) {
	for i := range parts {
		l.file = parts[i].file
		parts[i].top, _ = l.objectWith(parts[i].root, shapePolicy, nil)
		l.version(parts[i].top)
	}
	if len(parts) > 1 {
		l.relaxSections(parts)
	}
	each := func(section string, read func(*yaml.Node)) {
		for _, p := range parts {
			l.file = p.file
			if node := p.top.get(section); node != nil {
				read(node)
			}
		}
	}
	each("feeds", l.feeds)
	compiled, err := newConditions(l.extensionAttributes(), l.definition)
	if err != nil {
		l.problems = append(l.problems, Problem{File: parts[0].file, Message: err.Error()})
		return
	}
	l.conditions = compiled
	each("zones", l.zones)
	each("extensions", l.extensions)
	each("targets", l.targets)
	l.writeBacks()
	each("workflows", l.workflows)
	each("notifications", l.notifications)
	l.check()
}

// relaxSections lets the sections of a policy lie in different files.
func (l *loader) relaxSections(parts []part) {
	for _, section := range []string{"feeds", "targets"} {
		somewhere := slices.ContainsFunc(parts, func(p part) bool { return p.top.has(section) })
		if !somewhere {
			continue
		}
		missing := section + " is missing in " + article(shapePolicy)
		l.problems = slices.DeleteFunc(l.problems, func(p Problem) bool {
			return len(p.Message) > len(missing) && p.Message[:len(missing)] == missing
		})
	}
}

func (l *loader) version(top object) {
	node := top.get("version")
	if node != nil && (node.Kind != yaml.ScalarNode || node.Tag != "!!int" || node.Value != "1") {
		l.fail(node, "this program reads version 1 of the language; write version: 1")
	}
}

// definition finds an attribute of the record for whoever names it.
func (l *loader) definition(name string) (person.Definition, error) {
	definition, found := person.Lookup(name)
	if !found {
		if near := person.Suggest(name); near != "" && len(name) <= longestWord {
			return definition, fmt.Errorf("unknown attribute %s; did you mean %q?", quote(name), near)
		}
		return definition, fmt.Errorf("unknown attribute %s; docs/policy.md lists them", quote(name))
	}
	if isExtension(name) && !l.webhook && !l.stated[name] {
		declared := l.extensionAttributes()
		return definition, fmt.Errorf("no feed states %s%s", quote(name), hint(name, declared))
	}
	return definition, nil
}

// extensionAttributes are the ext. attributes that feeds declare.
func (l *loader) extensionAttributes() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(l.stated)) {
		if isExtension(name) {
			names = append(names, name)
		}
	}
	return names
}

const extensionPrefix = "ext."

func isExtension(name string) bool {
	return len(name) > len(extensionPrefix) && name[:len(extensionPrefix)] == extensionPrefix
}

// attribute reads the name of an attribute of the record.
func (l *loader) attribute(node *yaml.Node) string {
	name := l.text(node, "an attribute")
	if name == "" {
		return ""
	}
	if _, err := l.definition(name); err != nil {
		l.fail(node, "%v", err)
		return ""
	}
	return name
}

// condition reads a condition.
func (l *loader) condition(node *yaml.Node, inChange bool) (Condition, facts) {
	source := l.text(node, "a condition")
	if source == "" {
		return Condition{}, facts{}
	}
	compiled, known, err := l.conditions.compile(source, inChange)
	if err != nil {
		found := asConditionError(err)
		at := l.at(node)
		if node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
			at.column += found.offset
			if node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
				at.column++
			}
		}
		l.problems = append(l.problems, at.problem("%s", found.message))
		return Condition{}, facts{}
	}
	if known.constant && !known.value {
		l.fail(node, "this condition never holds, so nobody is ever meant; correct it or remove what it guards")
	}
	return compiled, known
}
