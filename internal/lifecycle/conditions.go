package lifecycle

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"

	"tenure/internal/person"
)

const (
	// longestCondition and deepestCondition bound the work of a condition; its
	// cost is linear in its length, since it has no loops.
	longestCondition = 4096
	deepestCondition = 64

	beforePrefix = "before."
	afterPrefix  = "after."
	// hasFunction is what has() becomes: CEL's own tests a field of an object,
	// and the record is flat. Nobody can write the name.
	hasFunction = "@has"
)

// conditions compiles the conditions of one policy.
//
// CEL parses and type-checks them; the evaluation is our own (expression.go),
// because S10 wants a comparison with an absent attribute to be false, and in
// CEL's evaluator null != "x" is true and null.startsWith("x") an error.
type conditions struct {
	plain, change *cel.Env
	// definition finds an attribute that a condition may name.
	definition func(name string) (person.Definition, error)
}

// facts is what a compiled condition is known to do.
type facts struct {
	// attributes are the names it reads, sorted, without before. and after.
	attributes []string
	// equals are the texts that attributes are compared with.
	equals map[string][]string
	// constant is set where it holds for everybody or nobody.
	constant, value bool
}

// conditionError is what is wrong in a condition; offset counts characters.
type conditionError struct {
	message string
	offset  int
}

func (e *conditionError) Error() string { return e.message }

func newConditions(extensions []string, definition func(string) (person.Definition, error)) (conditions, error) {
	options := []cel.EnvOption{
		cel.ClearMacros(),
		cel.Macros(cel.GlobalMacro("has", 1, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
			return f.NewCall(hasFunction, args...), nil
		})),
		cel.ParserExpressionSizeLimit(longestCondition),
		cel.ParserRecursionLimit(deepestCondition),
		cel.Function(hasFunction,
			cel.Overload("has_text", []*cel.Type{cel.StringType}, cel.BoolType),
			cel.Overload("has_bool", []*cel.Type{cel.BoolType}, cel.BoolType),
			cel.Overload("has_number", []*cel.Type{cel.DoubleType}, cel.BoolType)),
	}
	var changed []cel.EnvOption
	for _, d := range person.Catalog() {
		options = append(options, cel.Variable(d.Name, celType(d.Type)))
		changed = append(changed, cel.Variable(beforePrefix+d.Name, celType(d.Type)), cel.Variable(afterPrefix+d.Name, celType(d.Type)))
	}
	for _, name := range extensions {
		options = append(options, cel.Variable(name, cel.StringType))
		changed = append(changed, cel.Variable(beforePrefix+name, cel.StringType), cel.Variable(afterPrefix+name, cel.StringType))
	}
	plain, err := cel.NewEnv(options...)
	if err != nil {
		return conditions{}, fmt.Errorf("prepare conditions: %w", err)
	}
	change, err := plain.Extend(changed...)
	if err != nil {
		return conditions{}, fmt.Errorf("prepare conditions of change workflows: %w", err)
	}
	return conditions{plain: plain, change: change, definition: definition}, nil
}

func celType(t person.Type) *cel.Type {
	switch t {
	case person.Bool:
		return cel.BoolType
	case person.Number:
		return cel.DoubleType
	case person.Text, person.Day, person.Enum:
	}
	return cel.StringType
}

// compile checks a condition and makes it ready to run.
func (c conditions) compile(source string, inChange bool) (Condition, facts, error) {
	if len(source) > longestCondition {
		return Condition{}, facts{}, &conditionError{message: fmt.Sprintf("the condition has %d characters, at most %d are allowed", len(source), longestCondition)}
	}
	env := c.plain
	if inChange {
		env = c.change
	}
	parsed, issues := env.Parse(source)
	if issues.Err() != nil {
		return Condition{}, facts{}, issueError(issues)
	}
	check := checker{conditions: c, info: parsed.NativeRep().SourceInfo(), inChange: inChange, equals: map[string][]string{}}
	if err := check.walk(parsed.NativeRep().Expr()); err != nil {
		return Condition{}, facts{}, err
	}
	checked, issues := env.Check(parsed)
	if issues.Err() != nil {
		return Condition{}, facts{}, issueError(issues)
	}
	if !checked.OutputType().IsExactType(cel.BoolType) {
		return Condition{}, facts{}, &conditionError{message: fmt.Sprintf("the condition is a %s; it must be true or false, such as %s == \"...\"", checked.OutputType(), person.DepartmentAttribute)}
	}
	built, err := build(checked.NativeRep())
	if err != nil {
		return Condition{}, facts{}, err
	}
	known := facts{attributes: sortedUnique(check.attributes), equals: check.equals}
	if built.constant {
		result, err := built.run(&Scope{})
		if err != nil {
			return Condition{}, facts{}, &conditionError{message: err.Error()}
		}
		known.constant, known.value = true, result.truth()
	}
	return Condition{Source: source, program: program{built.run}}, known, nil
}

// issueError takes the first of CEL's problems, in our words where CEL's own
// need a reader who knows CEL.
func issueError(issues *cel.Issues) error {
	all := issues.Errors()
	if len(all) == 0 {
		return &conditionError{message: "not a condition"}
	}
	first := all[0]
	message, _, _ := strings.Cut(first.Message, "\n")
	switch {
	case strings.Contains(message, "found no matching overload for"):
		message = mismatch(message)
	case strings.Contains(message, "recursion limit"):
		message = "not a condition: nested too deeply"
	case strings.HasPrefix(message, "Syntax error: ") && strings.Contains(message, "<EOF>"):
		message = "not a condition: something is missing at its end"
	case strings.HasPrefix(message, "Syntax error: "):
		message, _, _ = strings.Cut("not a condition: "+strings.TrimPrefix(message, "Syntax error: "), " expecting ")
	}
	offset := 0
	if first.Location.Line() == 1 {
		offset = first.Location.Column()
	}
	return &conditionError{message: message, offset: offset}
}

var mismatchPattern = regexp.MustCompile(`'_?@?([^'_]+)_?' applied to '(?:([^.']+)\.)?\(([^']*)\)'`)

// mismatch says in plain words which types do not go together.
func mismatch(message string) string {
	const advice = "; texts and dates stand in quotes, true and false do not, numbers have a decimal point (0.8)"
	found := mismatchPattern.FindStringSubmatch(message)
	if found == nil {
		return "the types do not fit together" + advice
	}
	types := found[3]
	if found[2] != "" {
		types = found[2] + ", " + types
	}
	plain := strings.NewReplacer("string", "text", "double", "number", "int", "whole number", "bool", "true or false", "null_type", "null")
	return fmt.Sprintf("%s does not work on (%s)%s", found[1], plain.Replace(types), advice)
}

// checker refuses what CEL would take but a condition must not use.
type checker struct {
	conditions conditions
	info       *ast.SourceInfo
	inChange   bool
	attributes []string
	equals     map[string][]string
}

func (c *checker) errorAt(e ast.Expr, format string, args ...any) error {
	found := &conditionError{message: fmt.Sprintf(format, args...)}
	if r, ok := c.info.GetOffsetRange(e.ID()); ok {
		found.offset = int(r.Start)
	}
	return found
}

func (c *checker) walk(e ast.Expr) error {
	switch e.Kind() {
	case ast.IdentKind, ast.SelectKind:
		return c.attribute(e)
	case ast.LiteralKind:
		return nil
	case ast.ListKind:
		for _, element := range e.AsList().Elements() {
			if err := c.walk(element); err != nil {
				return err
			}
		}
		return nil
	case ast.CallKind:
		return c.call(e)
	case ast.MapKind, ast.StructKind, ast.ComprehensionKind, ast.UnspecifiedExprKind:
	}
	return c.errorAt(e, "a condition holds comparisons, && || ! and in; objects and loops are not part of it")
}

func (c *checker) call(e ast.Expr) error {
	call := e.AsCall()
	name := call.FunctionName()
	if !slices.Contains(functions(), name) {
		switch {
		case name == "timestamp" || name == "duration" || strings.HasPrefix(name, "get"):
			return c.errorAt(e, "there is no clock in a condition, so no %s(): that is what triggers are for; dates compare as texts, \"2026-11-01\"", name)
		case name == operators.Index:
			return c.errorAt(e, "write attributes with dots, such as %s", person.DepartmentAttribute)
		}
		return c.errorAt(e, "a condition has no %s; it has == != < <= > >= in && || ! ?: has() size() startsWith() endsWith() contains() matches()", quote(strings.Trim(name, "_")))
	}
	arguments := call.Args()
	if call.IsMemberFunction() {
		arguments = append([]ast.Expr{call.Target()}, arguments...)
	}
	if name != operators.In && name != overloads.Size && slices.ContainsFunc(arguments, isList) {
		return c.errorAt(e, "lists stand only behind in, such as %s in [\"employee\", \"intern\"]", person.KindAttribute)
	}
	if name == hasFunction && (len(arguments) != 1 || qualifiedName(arguments[0]) == "") {
		return c.errorAt(e, "has() takes one attribute, such as has(%s)", person.LastDayAttribute)
	}
	for _, argument := range arguments {
		if err := c.walk(argument); err != nil {
			return err
		}
	}
	return c.compared(name, arguments)
}

func isList(e ast.Expr) bool { return e.Kind() == ast.ListKind }

// compared notes which texts an attribute is compared with, and refuses words
// that the attribute can never have.
func (c *checker) compared(name string, arguments []ast.Expr) error {
	if len(arguments) != 2 || name != operators.In && ordering(name) == nil {
		return nil
	}
	left, right := arguments[0], arguments[1]
	if name != operators.In && qualifiedName(left) == "" {
		left, right = right, left
	}
	attribute := qualifiedName(left)
	if attribute == "" {
		return nil
	}
	bare := bareName(attribute)
	definition, err := c.conditions.definition(bare)
	if err != nil {
		return c.errorAt(left, "%v", err)
	}
	constants := []ast.Expr{right}
	if right.Kind() == ast.ListKind {
		constants = right.AsList().Elements()
	}
	for _, constant := range constants {
		if constant.Kind() != ast.LiteralKind {
			continue
		}
		word, isText := constant.AsLiteral().Value().(string)
		if !isText {
			continue
		}
		if definition.Type == person.Enum && !slices.Contains(definition.Values, word) {
			return c.errorAt(constant, "%s is never %s%s", bare, quote(word), hint(word, definition.Values))
		}
		if _, err := person.ParseDate(word); definition.Type == person.Day && err != nil {
			return c.errorAt(constant, "%s is a date, so it is never %s; write a date as YYYY-MM-DD", bare, quote(word))
		}
		if name == operators.Equals || name == operators.In {
			c.equals[bare] = append(c.equals[bare], word)
		}
	}
	return nil
}

// attribute checks a name.
func (c *checker) attribute(e ast.Expr) error {
	name := qualifiedName(e)
	bare := bareName(name)
	switch {
	case name == "":
		return c.errorAt(e, "write attributes with dots, such as %s", person.DepartmentAttribute)
	case name == "now":
		return c.errorAt(e, "there is no now in a condition: that is what triggers are for")
	case name == "manager" || strings.HasPrefix(name, "manager."):
		return c.errorAt(e, "the manager's attributes are read when a task runs and cannot decide who is meant; use the person's own")
	case bare != name && !c.inChange:
		return c.errorAt(e, "before and after are there only in lifecycle workflows with a change trigger; write %s", bare)
	}
	if _, err := c.conditions.definition(bare); err != nil {
		return c.errorAt(e, "%v", err)
	}
	c.attributes = append(c.attributes, bare)
	return nil
}

// qualifiedName is a.b.c for a chain of selections, and "" for anything else.
func qualifiedName(e ast.Expr) string {
	switch e.Kind() {
	case ast.IdentKind:
		return strings.TrimPrefix(e.AsIdent(), ".")
	case ast.SelectKind:
		s := e.AsSelect()
		operand := qualifiedName(s.Operand())
		if operand == "" || s.IsTestOnly() {
			return ""
		}
		return operand + "." + s.FieldName()
	case ast.CallKind, ast.ListKind, ast.LiteralKind, ast.MapKind, ast.StructKind, ast.ComprehensionKind, ast.UnspecifiedExprKind:
	}
	return ""
}

func bareName(name string) string {
	if bare, found := strings.CutPrefix(name, beforePrefix); found {
		return bare
	}
	return strings.TrimPrefix(name, afterPrefix)
}

// functions are those a condition may use.
func functions() []string {
	return []string{
		operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Conditional,
		operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals,
		operators.In, operators.Negate, hasFunction, overloads.Size,
		overloads.StartsWith, overloads.EndsWith, overloads.Contains, overloads.Matches,
	}
}

func sortedUnique(names []string) []string {
	out := slices.Clone(names)
	slices.Sort(out)
	return slices.Compact(out)
}

// asConditionError finds the place of an error in a condition.
func asConditionError(err error) *conditionError {
	if found, ok := errors.AsType[*conditionError](err); ok {
		return found
	}
	return &conditionError{message: err.Error()}
}
