package lifecycle

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"tenure/internal/mapping"
	"tenure/internal/person"
)

// The operators of Entra's scoping filters, as Entra's portal writes them.
const (
	opEquals         = "EQUALS"
	opNotEquals      = "NOT EQUALS"
	opIsTrue         = "IS TRUE"
	opIsFalse        = "IS FALSE"
	opIsNull         = "IS NULL"
	opIsNotNull      = "IS NOT NULL"
	opRegex          = "REGEX MATCH"
	opNotRegex       = "NOT REGEX MATCH"
	opGreater        = "Greater_Than"
	opGreaterOrEqual = "Greater_Than_OR_EQUALS"
	opIncludes       = "Includes"
	opEndsWith       = "ENDS_WITH"
	opIn             = "&"
	opNotIn          = "!&"
)

// filterOperators are the operators in the order in which people read them.
func filterOperators() []string {
	return []string{
		opEquals, opNotEquals, opIsTrue, opIsFalse, opIsNull, opIsNotNull, opRegex, opNotRegex, opGreater, opGreaterOrEqual,
		opIncludes, opEndsWith, opIn, opNotIn,
	}
}

// filterClause is one comparison of an attribute.
type filterClause struct {
	attribute string
	kind      person.Type
	operator  string
	values    []string
	pattern   *mapping.Pattern
	least     float64
}

// scopingFilters are Entra's: one group must hold, and all clauses of it. cel is
// the condition beside them.
type scopingFilters struct {
	cel    Condition
	groups [][]filterClause
}

func (f scopingFilters) evaluate(scope Scope) (bool, error) {
	if holds, err := f.cel.Holds(scope); err != nil || !holds {
		return false, err
	}
	// A group that holds decides, whatever another one cannot tell.
	var failed error
	for _, group := range f.groups {
		holds, err := allHold(group, scope)
		if holds && err == nil {
			return true, nil
		}
		failed = errors.Join(failed, err)
	}
	if failed != nil {
		return false, fmt.Errorf("evaluate scoping filter: %w", failed)
	}
	return false, nil
}

// allHold reports whether all clauses hold. One that does not hold decides.
func allHold(group []filterClause, scope Scope) (bool, error) {
	var failed error
	for _, clause := range group {
		holds, err := clause.holds(scope)
		if err == nil && !holds {
			return false, nil
		}
		failed = errors.Join(failed, err)
	}
	return failed == nil, failed
}

// holds compares. Of an attribute without a value no clause holds but IS NULL.
func (c filterClause) holds(scope Scope) (bool, error) {
	value, _ := scope.Attributes(c.attribute)
	if value == "" {
		return c.operator == opIsNull, nil
	}
	switch c.operator {
	case opIsNull:
		return false, nil
	case opIsNotNull:
		return true, nil
	case opEquals:
		return c.isEqual(value), nil
	case opNotEquals:
		return !c.isEqual(value), nil
	case opIsTrue:
		return strings.EqualFold(value, "true"), nil
	case opIsFalse:
		return strings.EqualFold(value, "false"), nil
	case opIncludes:
		return strings.Contains(value, c.values[0]), nil
	case opEndsWith:
		return strings.HasSuffix(value, c.values[0]), nil
	case opIn:
		return c.isIn(value), nil
	case opNotIn:
		return !c.isIn(value), nil
	case opGreater, opGreaterOrEqual:
		return c.isGreater(value)
	default:
		holds, err := c.pattern.Matches(value)
		if err != nil {
			return false, fmt.Errorf("%s: %w", c.attribute, err)
		}
		return holds == (c.operator == opRegex), nil
	}
}

// isEqual compares letter by letter, switches and numbers by what they mean.
func (c filterClause) isEqual(value string) bool {
	switch c.kind {
	case person.Bool:
		return strings.EqualFold(value, c.values[0])
	case person.Number:
		number, err := strconv.ParseFloat(value, 64)
		return err == nil && number == c.least
	default:
		return value == c.values[0]
	}
}

// isIn looks for the value in a list, or in one text.
func (c filterClause) isIn(value string) bool {
	if len(c.values) == 1 {
		return strings.Contains(c.values[0], value)
	}
	return slices.Contains(c.values, value)
}

func (c filterClause) isGreater(value string) (bool, error) {
	number, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return false, fmt.Errorf("%s is no number", c.attribute)
	}
	return number > c.least || c.operator == opGreaterOrEqual && number == c.least, nil
}

// String is the clause as people read it.
func (c filterClause) String() string {
	quoted := make([]string, len(c.values))
	for i, value := range c.values {
		quoted[i] = strconv.Quote(value)
	}
	return strings.TrimSpace(c.attribute + " " + c.operator + " " + strings.Join(quoted, ", "))
}

// scopingFilters reads Entra's scoping filters; the condition beside them must hold
// too.
func (l *loader) scopingFilters(node *yaml.Node, cel Condition) Condition {
	if node == nil {
		return cel
	}
	before := len(l.problems)
	f := scopingFilters{cel: cel}
	var texts []string
	for _, item := range l.list(node, "scoping filters") {
		o, ok := l.object(item, shapeFilter)
		if !ok {
			continue
		}
		var group []filterClause
		var clauses []string
		for _, one := range l.list(o.get("clauses"), "clauses") {
			if clause, ok := l.filterClause(one); ok {
				group, clauses = append(group, clause), append(clauses, clause.String())
			}
		}
		f.groups, texts = append(f.groups, group), append(texts, strings.Join(clauses, " AND "))
	}
	if len(l.problems) > before {
		return cel
	}
	source := "(" + strings.Join(texts, ") OR (") + ")"
	if !cel.IsZero() {
		source = cel.Source + ", and " + source
	}
	return Condition{Source: source, program: f}
}

func (l *loader) filterClause(node *yaml.Node) (filterClause, bool) {
	o, ok := l.object(node, shapeClause)
	if !ok {
		return filterClause{}, false
	}
	before := len(l.problems)
	c := filterClause{operator: l.filterOperator(o.get("operator"))}
	if at := o.get("attribute"); at != nil {
		name := l.text(at, "an attribute")
		definition, err := l.attributeOf(strings.TrimSuffix(strings.TrimPrefix(name, "["), "]"))
		if name != "" && err != nil {
			l.fail(at, "%v", err)
		}
		c.attribute, c.kind = definition.Name, definition.Type
	}
	if value := o.get("value"); value != nil {
		c.values = append(c.values, l.filterValue(value))
	}
	if list := o.get("values"); list != nil {
		for _, value := range l.list(list, "values") {
			c.values = append(c.values, l.filterValue(value))
		}
	}
	if len(l.problems) == before {
		var err error
		if c, err = c.prepared(); err != nil {
			l.fail(node, "%v", err)
		}
	}
	return c, len(l.problems) == before
}

// operatorNamed finds an operator; case does not count, nor whether its words are
// parted by blanks or underscores.
func operatorNamed(word string) (operator string, found bool) {
	plain := func(text string) string { return strings.ToUpper(strings.NewReplacer("_", "", " ", "").Replace(text)) }
	return find(filterOperators(), func(known string) bool { return plain(known) == plain(word) })
}

func (l *loader) filterOperator(node *yaml.Node) string {
	if node == nil {
		return ""
	}
	word := l.text(node, "an operator")
	known, found := operatorNamed(word)
	if word != "" && !found {
		l.fail(node, "unknown operator %s%s", quote(word), cmpHint(word, filterOperators(), "; allowed are "+strings.Join(filterOperators(), ", ")))
	}
	return known
}

// filterValue reads a text, a number or true or false.
func (l *loader) filterValue(node *yaml.Node) string {
	plain := *node
	if node.Kind == yaml.ScalarNode && slices.Contains([]string{"!!int", "!!float", "!!bool"}, node.Tag) {
		plain.Tag = "!!str"
	}
	return l.text(&plain, "a value")
}

// prepared compares the operator with its values and the attribute, and reads the
// value.
func (c filterClause) prepared() (filterClause, error) {
	wanted, most := 1, 1
	switch c.operator {
	case opIsTrue, opIsFalse, opIsNull, opIsNotNull:
		wanted, most = 0, 0
	case opIn, opNotIn:
		most = len(c.values)
	default:
	}
	truth := c.operator == opIsTrue || c.operator == opIsFalse
	order := c.operator == opGreater || c.operator == opGreaterOrEqual
	switch {
	case len(c.values) < wanted || len(c.values) > most:
		return c, fmt.Errorf("%s takes %s; %d are written", c.operator, []string{"no value", "one value"}[wanted], len(c.values))
	case truth && c.kind != person.Bool && c.kind != person.Text:
		return c, fmt.Errorf("%s is neither true nor false, but a %s", c.attribute, c.kind)
	case order && c.kind != person.Number && c.kind != person.Text:
		return c, fmt.Errorf("%s is no number; write a condition under scope, in which dates compare", c.attribute)
	case order || c.kind == person.Number && wanted == 1:
		number, err := strconv.ParseFloat(c.values[0], 64)
		if err != nil {
			return c, fmt.Errorf("%s is no number", quote(c.values[0]))
		}
		c.least = number
	case c.operator == opRegex || c.operator == opNotRegex:
		compiled, err := mapping.NewPattern(c.values[0])
		if err != nil {
			return c, err
		}
		c.pattern = compiled
	case c.kind == person.Enum && (c.operator == opEquals || c.operator == opNotEquals):
		definition, _ := person.Lookup(c.attribute)
		if !slices.Contains(definition.Values, c.values[0]) {
			return c, fmt.Errorf("%s is never %s%s", c.attribute, quote(c.values[0]), hint(c.values[0], definition.Values))
		}
	}
	return c, nil
}
