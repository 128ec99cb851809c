package lifecycle

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// loader turns nodes into a policy and collects every problem on the way.
type loader struct {
	options  LoadOptions
	shapes   map[string]shape
	problems Problems
	warnings Problems
	// file is the source that is being read.
	file string
	// places remembers where parts of the policy stand, for checks across them.
	places map[string]place
	// sources are the files by their names, and lines those of a file whose lines
	// were asked for.
	sources map[string][]byte
	lines   map[string][]string

	policy     *Policy
	conditions conditions
	// webhook is set where a feed can state any attribute.
	webhook bool
	// waiting are the write-backs of feeds, which are read after the targets.
	waiting []writeBackNode
	// stated are the attributes that CSV feeds state, ext.* included.
	stated map[string]bool
}

func (l *loader) at(node *yaml.Node) place { return place{l.file, node.Line, node.Column} }

// line is a line of the file that is read, counted from 1.
func (l *loader) line(n int) string {
	lines, split := l.lines[l.file]
	if !split {
		lines = strings.Split(string(canonical(l.sources[l.file])), "\n")
		l.lines[l.file] = lines
	}
	if n < 1 || n > len(lines) {
		return ""
	}
	return lines[n-1]
}

// fail reports a problem at a node.
func (l *loader) fail(node *yaml.Node, format string, args ...any) {
	l.problems = append(l.problems, l.at(node).problem(format, args...))
}

// mark remembers where something stands.
func (l *loader) mark(node *yaml.Node, path ...string) {
	if node != nil {
		l.places[strings.Join(path, "/")] = l.at(node)
	}
}

// failAt reports a problem at the nearest marked place of a path.
func (l *loader) failAt(path []string, format string, args ...any) {
	l.problems = append(l.problems, l.marked(path).problem(format, args...))
}

// warnAt reports something worth a look.
func (l *loader) warnAt(path []string, format string, args ...any) {
	l.warnings = append(l.warnings, l.marked(path).problem(format, args...))
}

func (l *loader) marked(path []string) place {
	for n := len(path); n > 0; n-- {
		if at, found := l.places[strings.Join(path[:n], "/")]; found {
			return at
		}
	}
	return place{file: l.file}
}

// object is a mapping whose keys have been checked against its shape.
type object struct {
	node   *yaml.Node
	values map[string]*yaml.Node
}

// get returns the value of a key, nil where it is not written.
func (o object) get(name string) *yaml.Node { return o.values[name] }

// has reports whether the key is written.
func (o object) has(name string) bool { return o.values[name] != nil }

// object reads a mapping of a shape: unknown, repeated, missing and empty keys
// and those of later versions are problems.
func (l *loader) object(node *yaml.Node, name string) (object, bool) {
	return l.objectWith(node, name, nil)
}

// objectWith is object, with further keys that the caller reads itself.
func (l *loader) objectWith(node *yaml.Node, name string, further []string) (object, bool) {
	s := l.shapes[name]
	o := object{node: node, values: map[string]*yaml.Node{}}
	if !l.isMapping(node) {
		l.fail(node, "%s found where %s belongs: write {%s: ...}", describe(node), article(name), s.keys[0].name)
		return o, false
	}
	extra := make(map[string]bool, len(further))
	for _, k := range further {
		extra[k] = true
	}
	meant := map[string]bool{}
	for _, pair := range l.pairs(node) {
		word := pair.key.Value
		k, known := s.find(word)
		switch {
		case extra[word]:
		case !known:
			choices := append(s.known(), further...)
			meant[nearest(word, choices)] = true
			l.fail(pair.key, "unknown key %s in %s%s", quote(word), article(name), hint(word, choices))
			continue
		case k.later != "":
			l.fail(pair.key, "%s does not work in this version yet: %s", word, k.later)
			continue
		}
		if isNull(pair.value) {
			l.fail(pair.key, "%s is empty: give it a value or leave it out", word)
			o.values[word] = nil
			continue
		}
		o.values[word] = pair.value
	}
	for _, k := range s.keys {
		if _, written := o.values[k.name]; k.required && !written && !meant[k.name] {
			l.fail(node, "%s is missing in %s: %s", k.name, article(name), lowerFirst(k.doc))
		}
	}
	return o, true
}

// pair is one entry of a mapping.
type pair struct{ key, value *yaml.Node }

// pairs returns the entries of a mapping; repeated keys are problems, and only
// the first counts.
func (l *loader) pairs(node *yaml.Node) []pair {
	var out []pair
	first := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		k := node.Content[i]
		if k.Kind != yaml.ScalarNode {
			l.fail(k, "a key must be a word")
			continue
		}
		if line, repeated := first[k.Value]; repeated {
			l.fail(k, "%s stands here again; it stands in line %d already", quote(k.Value), line)
			continue
		}
		first[k.Value] = k.Line
		out = append(out, pair{k, node.Content[i+1]})
	}
	return out
}

// named returns the entries of a mapping with names chosen by the writer.
func (l *loader) named(node *yaml.Node, what string) []pair {
	if node == nil {
		return nil
	}
	if !l.isMapping(node) {
		l.fail(node, "%s found where %s belong: write {name: ...}", describe(node), what)
		return nil
	}
	var out []pair
	for _, p := range l.pairs(node) {
		if !isName(p.key.Value) {
			l.fail(p.key, "%s is no name: use letters, digits, dots, dashes and underscores, 64 at most", quote(p.key.Value))
			continue
		}
		out = append(out, p)
	}
	return out
}

// list returns the items of a list.
func (l *loader) list(node *yaml.Node, what string) []*yaml.Node {
	if node == nil {
		return nil
	}
	if node.Kind != yaml.SequenceNode {
		l.fail(node, "%s found where a list of %s belongs: write [...]", describe(node), what)
		return nil
	}
	if len(node.Content) == 0 {
		l.fail(node, "the list of %s is empty: give it an item or leave it out", what)
	}
	return node.Content
}

func (l *loader) isMapping(node *yaml.Node) bool { return node.Kind == yaml.MappingNode }

func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.Tag == "!!null" }

// describe says what kind of thing a node is, without its value.
func describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "an object"
	case yaml.SequenceNode:
		return "a list"
	case yaml.DocumentNode, yaml.AliasNode, yaml.ScalarNode:
	}
	switch node.Tag {
	case "!!bool":
		return formBoolean
	case "!!int", "!!float":
		return "a number"
	case "!!null":
		return "nothing"
	case "!!timestamp":
		return "a date"
	}
	return "a text"
}

// article gives the name of a shape its article.
func article(name string) string {
	switch name {
	case shapeHoldWhen, shapeNames, shapeLimits, shapeNotifications, shapeAccount, shapeAsOf, shapeLate, shapeKey, shapeCredential, shapeSignature,
		shapeDemand, shapeProtect, shapeCounterpart, shapeWriteBack:
		return name
	case shapePolicy:
		return "the policy"
	case shapeZone:
		return "a zone rule"
	case shapeLine:
		return "an account line"
	case shapeDelete:
		return "the delete line"
	case shapePassStart:
		return "the start of a pass"
	case shapeExtension:
		return "an extension"
	case shapeTrigger:
		return "a trigger"
	case shapeMailTask:
		return "a mail task"
	case shapePassTask:
		return string(GenerateTemporaryAccessPass)
	case shapePasswordTask:
		return string(GenerateInitialPassword)
	case shapeGroupsTask:
		return "a group task"
	case shapeAllGroupsTask:
		return "removeUserFromAllGroups"
	case shapeLicensesTask:
		return "a licence task"
	case shapeTargetTask:
		return "this task"
	case shapeExtensionTask:
		return "runCustomTaskExtension"
	case shapeValueMap:
		return "a value map"
	case shapeBackMapping:
		return "a back mapping"
	case shapeFilter:
		return "a scoping filter"
	case shapeClause:
		return "a filter clause"
	default:
		return "a " + name
	}
}

func lowerFirst(sentence string) string {
	if sentence == "" {
		return sentence
	}
	sentence = strings.TrimSuffix(sentence, ".")
	if len(sentence) > 1 && strings.ToUpper(sentence[:2]) == sentence[:2] {
		return sentence
	}
	return strings.ToLower(sentence[:1]) + sentence[1:]
}

// isName accepts what may stand in addresses, IDs and messages.
func isName(text string) bool {
	if text == "" || len(text) > 64 {
		return false
	}
	for i, r := range text {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && (i == 0 || r != '.' && r != '-' && r != '_') {
			return false
		}
	}
	return true
}

func index(i int) string { return strconv.Itoa(i) }

// path is the way to a marked place.
func path(parts ...any) []string {
	out := make([]string, len(parts))
	for i, part := range parts {
		out[i] = fmt.Sprint(part)
	}
	return out
}
