package lifecycle

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"

	"tenure/internal/mapping"
	"tenure/internal/person"
)

// mapping keys with a meaning of their own in every directory.
const (
	userNameAttribute    = "userPrincipalName"
	displayNameAttribute = "displayName"
	managerAttribute     = "manager"
	employeeIDAttribute  = "employeeId"
)

// keyExpression is the key of a mapping that holds an expression.
const keyExpression = "expression"

func (l *loader) mappings(node *yaml.Node, t Target) []Mapping {
	if node == nil {
		return nil
	}
	if !l.isMapping(node) {
		l.fail(node, "%s found where mappings belong: write {displayName: {attribute: person.displayName}}", describe(node))
		return nil
	}
	var out []Mapping
	for _, p := range l.pairs(node) {
		l.mark(p.key, path("target", t.Name, "mapping", p.key.Value)...)
		if m, ok := l.mapping(p, t); ok {
			out = append(out, m)
		}
	}
	for _, name := range []string{userNameAttribute, displayNameAttribute} {
		if (t.Kind == KindEntra || t.Kind == KindAD) && !slices.ContainsFunc(node.Content, func(n *yaml.Node) bool { return n.Value == name }) {
			l.fail(node, "%s is missing in mapping; no account can be made without it", name)
		}
	}
	return out
}

func (l *loader) mapping(p pair, t Target) (Mapping, bool) {
	m := Mapping{To: p.key.Value}
	if p.value.Kind == yaml.ScalarNode && !isNull(p.value) {
		l.fail(p.value, "write %s: {attribute: ...} for an attribute of the record, or {constant: ...} for a fixed text", quote(m.To))
		return m, false
	}
	info, known := l.targetAttribute(p.key, t.Kind)
	if !known {
		return m, false
	}
	before := len(l.problems)
	o, ok := l.object(p.value, shapeMapping)
	if !ok {
		return m, false
	}
	ways := 0
	for _, way := range []string{"attribute", "constant", keyExpression, "unique", "reference"} {
		if o.has(way) {
			ways++
		}
	}
	if ways != 1 && len(l.problems) == before {
		l.fail(p.value, "%s needs exactly one of attribute, constant, expression, unique and reference", quote(m.To))
	}
	if node := o.get("attribute"); node != nil {
		m.Attribute = l.attribute(node)
	}
	m.Constant = l.text(o.get("constant"), "a constant")
	m.Expression = l.mappingExpression(o.get(keyExpression), m.To, t)
	m.Unique = l.nameForms(o.get("unique"))
	m.Reference = l.oneOf(o.get("reference"), "reference", "", managerField)
	m.OnCreate = l.oneOf(o.get("apply"), "apply", "always", "create", "always") == "create"
	m.Clear = l.boolean(o.get("clear"), "clear", false)
	m.Numbered = l.boolean(o.get("numbered"), "numbered", false)
	m.Default = l.text(o.get("default"), "a default")
	m.Kind = info.Type
	l.checkMapping(p, o, m, info)
	l.checkContainer(p, m, t)
	l.checkExpression(p, o, m)
	return m, true
}

func (l *loader) checkMapping(p pair, o object, m Mapping, info AttributeInfo) {
	isReferenceAttribute := info.Type == targetReference || m.To == managerAttribute
	switch {
	case m.IsName() && !o.has("unique") && !o.has(keyExpression):
		l.fail(p.value, "%s must be unique: write {unique: [given.family, g.family, given.family#], apply: create}, or an expression", m.To)
	case m.IsName() && !m.OnCreate:
		l.fail(p.value, "%s needs apply: create; names are given once and stay", m.To)
	case o.has("unique") && m.To != userNameAttribute:
		l.fail(o.get("unique"), "unique is for %s alone in this version; use attribute or constant", userNameAttribute)
	case m.To == employeeIDAttribute:
		l.fail(p.key, "employeeId is written by itself, because accounts are matched by it: remove this mapping")
	case isReferenceAttribute && !o.has("reference"):
		l.fail(p.value, "%s is a link to another account: write {reference: %s}", m.To, managerField)
	case !isReferenceAttribute && o.has("reference"):
		l.fail(o.get("reference"), "%s is not a link to another account: use attribute or constant", m.To)
	case m.Clear && !o.has("attribute") && !o.has(keyExpression):
		l.fail(o.get("clear"), "clear is for attributes of the record and for expressions: remove it")
	case m.Clear && info.Multiple:
		l.fail(o.get("clear"), "%s takes several values, and only single ones are cleared: remove clear", m.To)
	case o.has("default") && !o.has("attribute") && !o.has(keyExpression) || m.Default != "" && m.IsName():
		l.fail(o.get("default"), "a default stands beside an attribute of the record or an expression: remove it")
	default:
		l.checkType(p, m, info)
	}
}

// checkType compares the type of what is mapped with that of the target.
func (l *loader) checkType(p pair, m Mapping, info AttributeInfo) {
	wanted := map[string]person.Type{targetDateTime: person.Day, targetBool: person.Bool}[info.Type]
	if wanted == "" {
		return
	}
	definition, found := person.Lookup(m.Attribute)
	switch {
	case found && definition.Type != wanted:
		l.fail(p.value, "%s takes a %s; the type of %s is %s", m.To, wanted, m.Attribute, definition.Type)
	case m.Constant != "" && (wanted == person.Day || m.Constant != "true" && m.Constant != "false"):
		l.fail(p.value, "%s takes a %s; map an attribute of that type", m.To, wanted)
	case m.Default != "":
		if _, err := written(mapping.TextValue(m.Default), info.Type, time.UTC); err != nil {
			l.fail(p.value, "%s takes a %s; the default is none", m.To, wanted)
		}
	}
}

// targetAttribute checks a name against what the target knows.
func (l *loader) targetAttribute(node *yaml.Node, kind string) (AttributeInfo, bool) {
	catalog, listed := l.options.Catalog[kind]
	// Every target knows these two, so that catalogues leave them out.
	if !listed || node.Value == userNameAttribute || node.Value == employeeIDAttribute {
		return AttributeInfo{Name: node.Value}, true
	}
	names := make([]string, len(catalog))
	for i, info := range catalog {
		if names[i] = info.Name; info.Name != node.Value {
			continue
		}
		if info.ReadOnly {
			l.fail(node, "%s cannot be written in %s: remove this mapping", info.Name, kind)
		}
		return info, !info.ReadOnly
	}
	l.fail(node, "%s has no attribute %s%s", kind, quote(node.Value), hint(node.Value, names))
	return AttributeInfo{}, false
}

// nameFormPattern: the words given, family, g and f, joined by a dot, dash,
// underscore or nothing, and # for a number at the end.
var nameFormPattern = regexp.MustCompile(`^(given|family|g|f)([._-]?(given|family|g|f))*#?$`)

func (l *loader) nameForms(node *yaml.Node) []NameForm {
	if node == nil {
		return nil
	}
	var out []NameForm
	forms := l.texts(node, "name forms")
	for _, form := range forms {
		if !nameFormPattern.MatchString(form) {
			l.fail(node, "%s is no name form; it is made of given, family, g and f, with dots, dashes or underscores between and # for a number at the end", quote(form))
			continue
		}
		out = append(out, NameForm(form))
	}
	if len(forms) > 0 && !strings.HasSuffix(forms[len(forms)-1], "#") {
		l.warnings = append(l.warnings, l.at(node).problem("no name form ends in #, so the journey asks when all forms of a name are taken"))
	}
	return out
}

// mappingExpression reads an expression of the mapping language: every problem in
// it is reported at its place in the policy.
func (l *loader) mappingExpression(node *yaml.Node, to string, t Target) Expression {
	return l.expressionOf(node, to, t, func(name string) (reading, error) {
		definition, err := l.attributeOf(name)
		return reading{name: name, attribute: definition.Name, kind: definition.Type}, err
	})
}

// expressionOf is mappingExpression where find says what a name means.
func (l *loader) expressionOf(node *yaml.Node, to string, t Target, find func(name string) (reading, error)) Expression {
	source := l.expressionText(node)
	if source == "" {
		return Expression{}
	}
	compiled, err := mapping.Parse(source)
	if p, refused := errors.AsType[*mapping.Problem](err); refused {
		l.problems = append(l.problems, l.inside(node, p.Position).problem("%s", p.Message))
		return Expression{}
	}
	before := len(l.problems)
	for _, p := range compiled.Check() {
		l.problems = append(l.problems, l.inside(node, p.Position).problem("%s", about(p)))
	}
	e := Expression{Source: source, compiled: compiled}
	compiled.Root().Walk(func(n *mapping.Node) {
		if n.Type != mapping.AttributeNode || slices.ContainsFunc(e.reads, func(r reading) bool { return r.name == n.Name }) {
			return
		}
		read, err := find(n.Name)
		if err != nil {
			l.problems = append(l.problems, l.inside(node, compiled.Position(n)).problem("%v", err))
			return
		}
		e.reads = append(e.reads, read)
	})
	if len(l.problems) > before {
		return Expression{}
	}
	for _, finding := range compiled.Lint(mapping.Surroundings{Target: to, NoDefaultDomain: t.Domain == ""}) {
		if finding.Severity != mapping.Info {
			l.warnings = append(l.warnings, l.inside(node, finding.Position).problem("%s: %s", finding.Code, finding.Message))
		}
	}
	return e
}

// about is what a problem says, with the function that it is about.
func about(p *mapping.Problem) string {
	if p.Function == "" || strings.HasPrefix(p.Message, p.Function) {
		return p.Message
	}
	return p.Function + ": " + p.Message
}

// expressionText reads a text that may have several lines.
func (l *loader) expressionText(node *yaml.Node) string {
	if node == nil {
		return ""
	}
	flat := *node
	flat.Value = strings.NewReplacer("\n", " ", "\r", " ", "\t", " ").Replace(node.Value)
	if l.text(&flat, "an expression") == "" {
		return ""
	}
	return strings.TrimRightFunc(node.Value, unicode.IsSpace)
}

// inside is the place in the policy of a place in the text of a node.
func (l *loader) inside(node *yaml.Node, p mapping.Position) place {
	at := l.at(node)
	if node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return l.insideBlock(node, p)
	}
	escaped, quotes := "", 0
	switch {
	case node.Style&yaml.SingleQuotedStyle != 0:
		escaped, quotes = "'", 1
	case node.Style&yaml.DoubleQuotedStyle != 0:
		escaped, quotes = `"\`, 1
	}
	units := 0
	for _, r := range node.Value {
		if units >= p.Offset {
			break
		}
		units += len(utf16.AppendRune(nil, r))
		if at.column++; escaped != "" && strings.ContainsRune(escaped, r) {
			at.column++
		}
	}
	at.column += quotes
	if line := l.line(node.Line); len(line) < at.column-1 {
		return l.at(node) // a text that goes on in the next line
	}
	return at
}

// insideBlock walks the lines of a block: each ends in a line break or, where it
// is folded, in a blank. The first line that is not empty says how far the block
// is indented.
func (l *loader) insideBlock(node *yaml.Node, p mapping.Position) place {
	at := l.at(node)
	indent, rest := -1, p.Offset
	for n := node.Line + 1; n <= node.Line+len(node.Value); n++ {
		raw := l.line(n)
		if indent < 0 && strings.TrimLeft(raw, " ") != "" {
			indent = len(raw) - len(strings.TrimLeft(raw, " "))
		}
		text := []rune(raw[min(max(indent, 0), len(raw)):])
		size := len(utf16.Encode(text))
		if rest <= size {
			at.line, at.column = n, max(indent, 0)+rest+1
			return at
		}
		rest -= size + 1
	}
	return at
}

// checkExpression refuses what an expression cannot be used for, and warns of
// what will surprise.
func (l *loader) checkExpression(p pair, o object, m Mapping) {
	node := o.get(keyExpression)
	if m.Numbered && (node == nil || !m.IsName()) {
		l.fail(o.get("numbered"), "numbered is for an expression that makes %s: remove it", userNameAttribute)
	}
	if node == nil || m.Expression.IsZero() {
		return
	}
	switch e := m.Expression; {
	case m.Kind == targetReference || m.To == managerAttribute || m.To == employeeIDAttribute:
		return // refused already
	case e.IsUnique() && !m.IsName():
		l.fail(node, "SelectUniqueValue is for %s alone in this version", userNameAttribute)
	case e.IsRandom() && !m.OnCreate:
		l.fail(node, "Guid and RandomString give another value each time: write apply: create")
	case m.IsName() && !e.IsUnique() && !m.Numbered:
		l.warnings = append(l.warnings, l.at(node).problem("the expression proposes one name, so the journey asks when it is taken: use SelectUniqueValue, or write numbered: true"))
	case e.IsTimed() && !m.OnCreate:
		l.warnings = append(l.warnings, l.at(p.key).problem("%s depends on Now(), which is looked at, to the hour, whenever the journey plans: nothing wakes it when the answer changes", m.To))
	}
}
