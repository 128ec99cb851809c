package lifecycle

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"

	"tenure/internal/person"
)

// value is a typed value; an absent attribute and what is made of it are null.
type value struct {
	null   bool
	text   string
	number float64
	bool   bool
	list   []value
}

// truth is what a condition makes of a value: null is not true.
func (v value) truth() bool { return !v.null && v.bool }

func boolean(b bool) value { return value{bool: b} }

// step evaluates one node.
type step func(*Scope) (value, error)

// program is a compiled condition. It holds no state.
type program struct{ run step }

func (p program) evaluate(scope Scope) (bool, error) {
	result, err := p.run(&scope)
	if err != nil {
		return false, fmt.Errorf("evaluate condition: %w", err)
	}
	return result.truth(), nil
}

// built is a compiled node; constant means that it reads no attribute.
type built struct {
	run      step
	constant bool
}

var errNotBuilt = errors.New("not part of conditions")

// build compiles a checked expression. Its types are sound: CEL has checked
// them.
func build(tree *ast.AST) (built, error) { return builder{tree}.node(tree.Expr()) }

type builder struct{ tree *ast.AST }

func (b builder) node(e ast.Expr) (built, error) {
	if name := qualifiedName(e); name != "" {
		return built{run: b.attribute(name)}, nil
	}
	switch e.Kind() {
	case ast.LiteralKind:
		v, err := literal(e)
		return built{run: func(*Scope) (value, error) { return v, nil }, constant: true}, err
	case ast.ListKind:
		return b.list(e)
	case ast.CallKind:
		return b.call(e)
	case ast.IdentKind, ast.SelectKind, ast.MapKind, ast.StructKind, ast.ComprehensionKind, ast.UnspecifiedExprKind:
	}
	return built{}, errNotBuilt
}

func literal(e ast.Expr) (value, error) {
	switch v := e.AsLiteral().Value().(type) {
	case string:
		return value{text: v}, nil
	case bool:
		return value{bool: v}, nil
	case int64:
		return value{number: float64(v)}, nil
	case uint64:
		return value{number: float64(v)}, nil
	case float64:
		return value{number: v}, nil
	}
	return value{}, &conditionError{message: "null and bytes are not part of conditions; write has(attribute)"}
}

// attribute reads an attribute; before. and after. choose the side of a change.
func (b builder) attribute(name string) step {
	bare := bareName(name)
	definition, _ := person.Lookup(bare)
	return func(scope *Scope) (value, error) {
		read := scope.Attributes
		switch {
		case strings.HasPrefix(name, beforePrefix):
			read = scope.Before
		case strings.HasPrefix(name, afterPrefix):
			read = scope.After
		}
		if read == nil {
			return value{null: true}, nil
		}
		text, present := read(bare)
		if !present || text == "" && definition.Type != person.Text {
			return value{null: true}, nil
		}
		return typed(definition.Type, bare, text)
	}
}

// typed reads the canonical text of an attribute. The text is not repeated in
// the error: it is about a person.
func typed(t person.Type, name, text string) (value, error) {
	switch t {
	case person.Bool:
		if text != "true" && text != "false" {
			return value{}, fmt.Errorf("%s is neither true nor false", name)
		}
		return value{bool: text == "true"}, nil
	case person.Number:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return value{}, fmt.Errorf("%s is not a number", name)
		}
		return value{number: n}, nil
	case person.Text, person.Day, person.Enum:
	}
	return value{text: text}, nil
}

func (b builder) list(e ast.Expr) (built, error) {
	elements, constant, err := b.nodes(e.AsList().Elements())
	return built{constant: constant, run: func(scope *Scope) (value, error) {
		out := make([]value, len(elements))
		for i, element := range elements {
			v, err := element(scope)
			if err != nil {
				return value{}, err
			}
			out[i] = v
		}
		return value{list: out}, nil
	}}, err
}

func (b builder) nodes(all []ast.Expr) ([]step, bool, error) {
	steps, constant := make([]step, len(all)), true
	for i, e := range all {
		n, err := b.node(e)
		if err != nil {
			return nil, false, err
		}
		steps[i], constant = n.run, constant && n.constant
	}
	return steps, constant, nil
}

func (b builder) call(e ast.Expr) (built, error) {
	call := e.AsCall()
	arguments := call.Args()
	if call.IsMemberFunction() {
		arguments = append([]ast.Expr{call.Target()}, arguments...)
	}
	name := call.FunctionName()
	if name == operators.LogicalAnd || name == operators.LogicalOr {
		return b.logical(arguments, name == operators.LogicalOr)
	}
	steps, constant, err := b.nodes(arguments)
	if err != nil {
		return built{}, err
	}
	if name == overloads.Matches {
		return b.matches(arguments[1], steps[0], constant)
	}
	if name == operators.Conditional {
		return built{constant: constant, run: conditional(steps)}, nil
	}
	apply, err := function(name, b.isText(arguments[0]))
	if err != nil {
		return built{}, err
	}
	return built{constant: constant, run: func(scope *Scope) (value, error) {
		values := make([]value, len(steps))
		for i, argument := range steps {
			v, err := argument(scope)
			if err != nil {
				return value{}, err
			}
			values[i] = v
		}
		return apply(values), nil
	}}, nil
}

// isText says how two values compare.
func (b builder) isText(e ast.Expr) bool { return b.tree.GetType(e.ID()).TypeName() == "string" }

// logical is && or ||. A side that decides alone hides an error of the other
// one, as in CEL, whatever the order.
func (b builder) logical(arguments []ast.Expr, decides bool) (built, error) {
	nodes := make([]built, len(arguments))
	constant := true
	for i, e := range arguments {
		n, err := b.node(e)
		if err != nil {
			return built{}, err
		}
		nodes[i], constant = n, constant && n.constant
		if n.constant {
			if v, err := n.run(&Scope{}); err == nil && v.truth() == decides {
				return built{constant: true, run: func(*Scope) (value, error) { return boolean(decides), nil }}, nil
			}
		}
	}
	return built{constant: constant, run: func(scope *Scope) (value, error) {
		var failed error
		for _, n := range nodes {
			v, err := n.run(scope)
			if err != nil {
				failed = err
				continue
			}
			if v.truth() == decides {
				return boolean(decides), nil
			}
		}
		return boolean(!decides), failed
	}}, nil
}

func conditional(steps []step) step {
	return func(scope *Scope) (value, error) {
		chosen, err := steps[0](scope)
		if err != nil {
			return value{}, err
		}
		if chosen.truth() {
			return steps[1](scope)
		}
		return steps[2](scope)
	}
}

// matches needs its pattern at load, so that evaluation cannot fail.
func (b builder) matches(pattern ast.Expr, subject step, constant bool) (built, error) {
	text, isText := "", false
	if pattern.Kind() == ast.LiteralKind {
		text, isText = pattern.AsLiteral().Value().(string)
	}
	if !isText {
		return built{}, &conditionError{message: "the pattern of matches() must be a text in quotes"}
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		return built{}, &conditionError{message: fmt.Sprintf("the pattern of matches() is wrong: %v", err)}
	}
	return built{constant: constant, run: func(scope *Scope) (value, error) {
		v, err := subject(scope)
		return boolean(err == nil && !v.null && compiled.MatchString(v.text)), err
	}}, nil
}

// function returns the meaning of an operator or function. Whatever is asked
// of a null is false (S10); only size of null is null again.
func function(name string, isText bool) (func([]value) value, error) {
	switch name {
	case operators.LogicalNot:
		return func(v []value) value { return boolean(!v[0].truth()) }, nil
	case hasFunction:
		return func(v []value) value { return boolean(!v[0].null) }, nil
	case overloads.Size:
		return func(v []value) value {
			return value{null: v[0].null, number: float64(max(utf8.RuneCountInString(v[0].text), len(v[0].list)))}
		}, nil
	case operators.Negate:
		return func(v []value) value { return value{null: v[0].null, number: -v[0].number} }, nil
	case operators.In:
		return func(v []value) value { return boolean(isIn(v[0], v[1].list)) }, nil
	}
	if test := textTest(name); test != nil {
		return func(v []value) value {
			return boolean(!v[0].null && !v[1].null && test(v[0].text, v[1].text))
		}, nil
	}
	order := ordering(name)
	if order == nil {
		return nil, errNotBuilt
	}
	return func(v []value) value {
		return boolean(!v[0].null && !v[1].null && order(compare(v[0], v[1], isText)))
	}, nil
}

func textTest(name string) func(text, part string) bool {
	switch name {
	case overloads.StartsWith:
		return strings.HasPrefix
	case overloads.EndsWith:
		return strings.HasSuffix
	case overloads.Contains:
		return strings.Contains
	}
	return nil
}

func ordering(name string) func(int) bool {
	switch name {
	case operators.Equals:
		return func(c int) bool { return c == 0 }
	case operators.NotEquals:
		return func(c int) bool { return c != 0 }
	case operators.Less:
		return func(c int) bool { return c < 0 }
	case operators.LessEquals:
		return func(c int) bool { return c <= 0 }
	case operators.Greater:
		return func(c int) bool { return c > 0 }
	case operators.GreaterEquals:
		return func(c int) bool { return c >= 0 }
	}
	return nil
}

func isIn(needle value, list []value) bool {
	for _, v := range list {
		if !needle.null && !v.null && same(needle, v) {
			return true
		}
	}
	return false
}

func same(a, b value) bool { return a.text == b.text && a.number == b.number && a.bool == b.bool }

// compare orders texts by their letters, numbers by size, false before true,
// and tells unequal lists apart.
func compare(a, b value, isText bool) int {
	if isText {
		return strings.Compare(a.text, b.text)
	}
	rank := func(v value) float64 {
		if v.bool {
			return 1
		}
		return v.number
	}
	switch left, right := rank(a), rank(b); {
	case left < right:
		return -1
	case left > right:
		return 1
	}
	return 0
}
