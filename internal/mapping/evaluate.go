package mapping

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// MaxText is the longest text a value may have, in UTF-16 units.
const MaxText = 100_000

// DefaultMatchTimeout is how long one match of a regular expression may take.
const DefaultMatchTimeout = 250 * time.Millisecond

// Random is a source of random numbers. The same source gives the same result,
// so that an evaluation can be repeated.
type Random interface {
	// Uint64 returns 64 random bits.
	Uint64() uint64
}

// Environment is everything an evaluation may depend on beside the expression.
type Environment struct {
	Attributes Attributes
	// Now is what Now() gives.
	Now time.Time
	// Random is read in the order of evaluation; without it RandomString and
	// Guid are evaluation errors.
	Random Random
	// DefaultDomain is that of the target; "" is an evaluation error where it
	// is used.
	DefaultDomain string
	// Taken reports whether the target holds a value already, without regard to
	// case. Nil: it holds nothing.
	Taken func(value string) (bool, error)
	// Exists is set where the object exists already: SelectUniqueValue leaves
	// the attribute out then.
	Exists bool
}

// Outcome is what an evaluation means for the mapping.
type Outcome string

// The outcomes.
const (
	// Flows: the value is written; null and "" write nothing.
	Flows Outcome = "value"
	// DropsAttribute leaves the attribute out of the change.
	DropsAttribute Outcome = "drop-attribute"
	// DropsObject leaves the whole object out.
	DropsObject Outcome = "drop-object"
)

// Result is what an evaluation gives.
type Result struct {
	Outcome Outcome
	Value   Value
	// Redacted is set where the value must not be shown.
	Redacted bool
}

// Compile reads and checks an expression.
func Compile(source string) (*Expression, error) {
	e, err := Parse(source)
	if err != nil {
		return nil, err
	}
	if problems := e.Check(); len(problems) > 0 {
		return nil, problems[0]
	}
	return e, nil
}

// ErrUnchecked is the answer to an expression that [Expression.Check] has not
// passed.
var ErrUnchecked = errors.New("expression was not checked")

// Evaluate computes the value. Its error is a [*Problem] of stage [Evaluation],
// or that of the context. The result depends on the arguments alone.
func (e *Expression) Evaluate(ctx context.Context, env *Environment) (Result, error) {
	if !e.checked {
		return Result{}, ErrUnchecked
	}
	v := &evaluation{ctx: ctx, env: env, expression: e}
	v.args = v.room[:0]
	return v.result(e.root)
}

// Compute is Evaluate without a context: only the limits of the language end it.
// It is for callers that compute and wait for nothing.
func (e *Expression) Compute(env *Environment) (Result, error) {
	if !e.checked {
		return Result{}, ErrUnchecked
	}
	v := &evaluation{env: env, expression: e}
	v.args = v.room[:0]
	return v.result(e.root)
}

// Candidates are the values that an expression proposes for a name nobody else
// may have, in order: those of the rules of SelectUniqueValue, or the one value
// of any other expression. What has no value is passed over. A rule that fails
// ends the list; its error counts once those before it are taken.
func (e *Expression) Candidates(env *Environment) ([]string, error) {
	if !e.checked {
		return nil, ErrUnchecked
	}
	v := &evaluation{env: env, expression: e}
	v.args = v.room[:0]
	rules := []*Node{e.root}
	if e.IsUnique() {
		rules = e.root.Args
	}
	var out []string
	for _, rule := range rules {
		value, err := v.operand(rule)
		if err != nil {
			return out, err
		}
		if value.kind != flow && !value.IsEmpty() {
			out = append(out, value.text)
		}
	}
	return out, nil
}

// evaluation is one evaluation under way.
type evaluation struct {
	ctx        context.Context //nolint:containedctx // nil where nothing but the limits ends the evaluation
	env        *Environment
	expression *Expression
	trace      *tracer
	args       []Value // arguments of the calls under way
	room       [12]Value
}

// stopped is the error of the context, where there is one.
func (v *evaluation) stopped() error {
	if v.ctx == nil {
		return nil
	}
	return v.ctx.Err()
}

func (v *evaluation) result(root *Node) (Result, error) {
	value, err := v.value(root)
	if err != nil {
		return Result{}, err
	}
	result := Result{Outcome: Flows, Value: value, Redacted: v.expression.redacts}
	if value.kind == flow {
		result.Value, result.Outcome = Value{}, DropsAttribute
		if value.text == wordIgnoreObject {
			result.Outcome = DropsObject
		}
	}
	return result, nil
}

// value evaluates a node; nil is null.
func (v *evaluation) value(n *Node) (Value, error) {
	if n == nil {
		return Value{}, nil
	}
	if v.trace != nil {
		return v.traced(n)
	}
	return v.compute(n)
}

func (v *evaluation) compute(n *Node) (Value, error) {
	switch {
	case n.Type == AttributeNode:
		value := v.env.Attributes.lookup(n.Name)
		return value, v.bounded(n, value)
	case n.Type == ConstantNode:
		return constantValue(n), nil
	case n.operator && n.Name == joinOperator:
		return v.join(n)
	case n.operator:
		return v.compare(n)
	default:
		return v.invoke(n)
	}
}

func constantValue(n *Node) Value {
	switch {
	case n.form == formNumber:
		return NumberValue(n.Name)
	case n.form == formWord && (n.Name == wordIgnoreAttribute || n.Name == wordIgnoreObject):
		return Value{kind: flow, text: n.Name}
	default:
		return TextValue(n.Name)
	}
}

// call is one call of a function.
type call struct {
	*evaluation
	node *Node
}

// fail ends the evaluation at this call.
func (c call) fail(format string, args ...any) error {
	return c.problem(c.node, fmt.Sprintf(format, args...))
}

func (v *evaluation) problem(n *Node, message string) error {
	p := &Problem{Stage: Evaluation, Message: message, Position: v.expression.Position(n)}
	if n.Type == FunctionNode && !n.operator {
		p.Function = n.Name
	}
	return p
}

func (v *evaluation) invoke(n *Node) (Value, error) {
	if err := v.stopped(); err != nil {
		return Value{}, fmt.Errorf("evaluate expression: %w", err)
	}
	c := call{v, n}
	if n.function.lazy != nil {
		return n.function.lazy(c)
	}
	first := len(v.args)
	for _, arg := range n.Args {
		value, err := v.value(arg)
		if err != nil {
			return Value{}, err
		}
		if value.kind == List && len(value.list) <= 1 && !n.function.lists {
			value = single(value)
		}
		v.args = append(v.args, value)
	}
	args := v.args[first:]
	if !n.function.lists {
		for _, arg := range args {
			if arg.kind == List {
				return Value{}, c.fail("an argument has %d values where one is needed: take one with Item, or put them together with Join", len(arg.list))
			}
		}
	}
	value, err := n.function.eager(c, args)
	v.args = v.args[:first]
	if err != nil {
		return Value{}, err
	}
	return value, v.bounded(n, value)
}

// single is the one value of a list with at most one.
func single(v Value) Value {
	if len(v.list) == 0 {
		return Value{}
	}
	return TextValue(v.list[0])
}

// bounded refuses values that are too long.
func (v *evaluation) bounded(n *Node, value Value) error {
	if len(value.text) > MaxText && units(value.text) > MaxText {
		return v.problem(n, "the text is longer than 100,000 characters")
	}
	for _, text := range value.list {
		if len(text) > MaxText && units(text) > MaxText {
			return v.problem(n, "a text of the list is longer than 100,000 characters")
		}
	}
	return nil
}

// one makes one value of a value where one is needed.
func (v *evaluation) one(n *Node, value Value) (Value, error) {
	if value.kind != List {
		return value, nil
	}
	if len(value.list) > 1 {
		return Value{}, v.problem(n, fmt.Sprintf("there are %d values where one is needed", len(value.list)))
	}
	return single(value), nil
}

// operand is one side of an operator.
func (v *evaluation) operand(n *Node) (Value, error) {
	value, err := v.value(n)
	if err != nil {
		return Value{}, err
	}
	return v.one(n, value)
}

// join puts the operands of a chain of & together.
func (v *evaluation) join(n *Node) (Value, error) {
	var chain []*Node
	left := n
	for left.operator && left.Name == joinOperator {
		chain = append(chain, left.Args[1])
		left = left.Args[0]
	}
	var out strings.Builder
	size := 0
	for i := len(chain); i >= 0; i-- {
		part := left
		if i < len(chain) {
			part = chain[i]
		}
		value, err := v.operand(part)
		if err != nil {
			return Value{}, err
		}
		if size += units(value.text); size > MaxText {
			return Value{}, v.problem(n, "the text is longer than 100,000 characters")
		}
		out.WriteString(value.text)
	}
	return TextValue(out.String()), nil
}

// compare is False where either side is null, whatever the operator.
func (v *evaluation) compare(n *Node) (Value, error) {
	left, err := v.operand(n.Args[0])
	if err != nil {
		return Value{}, err
	}
	right, err := v.operand(n.Args[1])
	if err != nil {
		return Value{}, err
	}
	if left.IsNull() || right.IsNull() {
		return BooleanValue(false), nil
	}
	order := order(left, right)
	switch n.Name {
	case "=":
		return BooleanValue(order == 0), nil
	case "<>":
		return BooleanValue(order != 0), nil
	case "<":
		return BooleanValue(order < 0), nil
	case "<=":
		return BooleanValue(order <= 0), nil
	case ">":
		return BooleanValue(order > 0), nil
	default:
		return BooleanValue(order >= 0), nil
	}
}

// order compares by number where one side is a number and both are number text,
// else by text.
func order(left, right Value) int {
	if left.kind == Number || right.kind == Number {
		l, leftNumber := readDecimal(left.text)
		r, rightNumber := readDecimal(right.text)
		if leftNumber && rightNumber {
			return l.compare(r)
		}
	}
	return compareOrdinal(left.text, right.text)
}

// condition reads a value as true or false.
func (c call) condition(value Value) (bool, error) {
	value, err := c.one(c.node, value)
	if err != nil {
		return false, err
	}
	switch {
	case value.kind == Boolean:
		return value.text == trueText, nil
	case value.IsNull(), value.text == "":
		return false, nil
	case strings.EqualFold(value.text, trueText):
		return true, nil
	case strings.EqualFold(value.text, falseText):
		return false, nil
	}
	if d, ok := readDecimal(value.text); ok {
		return !d.isZero(), nil
	}
	return false, c.fail("the condition is a text that is neither True nor False nor a number")
}

// integer reads an argument as a whole number; decimals are cut off.
func (c call) integer(value Value, what string) (int64, error) {
	if value.IsNull() {
		return 0, c.fail("%s has no value where a number is needed", what)
	}
	d, ok := readDecimal(value.text)
	if !ok || value.kind == Boolean {
		return 0, c.fail("%s is a text that is no number", what)
	}
	n, ok := d.integer()
	if !ok {
		return 0, c.fail("%s is a number outside 64 bits", what)
	}
	return n, nil
}
