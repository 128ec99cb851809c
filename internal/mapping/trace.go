package mapping

import "context"

// Redacted is shown in place of what Redact hides.
const Redacted = "[Redact]"

// Step is one part of an evaluation, for people: what it gave, and what it was
// made of.
type Step struct {
	// Expression is the canonical text, with constants hidden where Redact says so.
	Expression string   `json:"expression"`
	Position   Position `json:"position"`
	// Value is null, a text or a list; it is hidden where Redact says so.
	Value Value `json:"value"`
	// NotTaken is set where the part was not needed.
	NotTaken bool `json:"notTaken,omitempty"`
	// Problem says why there is no value.
	Problem string  `json:"problem,omitempty"`
	Steps   []*Step `json:"steps,omitempty"`
}

// tracer follows an evaluation.
type tracer struct {
	step   *Step
	hidden bool // inside Redact
}

// Trace evaluates and tells the value of every part. The step is there also
// where the evaluation fails.
func (e *Expression) Trace(ctx context.Context, env *Environment) (*Step, Result, error) {
	if !e.checked {
		return nil, Result{}, ErrUnchecked
	}
	root := &Step{}
	v := &evaluation{ctx: ctx, env: env, expression: e, trace: &tracer{step: root}}
	v.args = v.room[:0]
	result, err := v.result(e.root)
	return root.Steps[0], result, err
}

func (v *evaluation) traced(n *Node) (Value, error) {
	outer := *v.trace
	step := &Step{Position: v.expression.Position(n)}
	outer.step.Steps = append(outer.step.Steps, step)
	v.trace.step, v.trace.hidden = step, outer.hidden || n.is(nameRedact)
	value, err := v.compute(n)
	hide := v.trace.hidden || n.holdsRedact()
	*v.trace = outer
	step.Expression, step.Value = n.Canonical(), value
	if hide {
		step.Value = TextValue(Redacted)
		step.Expression = n.withoutSecrets(outer.hidden)
	}
	if err != nil {
		step.Value, step.Problem = Value{}, "has no value"
		if p, ok := err.(*Problem); ok && p.Position == step.Position && !hide { //nolint:errorlint // problems are not wrapped
			step.Problem = p.Message
		}
	}
	v.notTaken(n, step, hide)
	return value, err
}

// notTaken lists the arguments that were not needed.
func (v *evaluation) notTaken(n *Node, step *Step, hide bool) {
	if n.operator {
		return // operators need both sides
	}
	for _, arg := range n.Args {
		if arg == nil || step.has(v.expression.Position(arg), arg.Canonical(), hide) {
			continue
		}
		step.Steps = append(step.Steps, &Step{
			Expression: arg.withoutSecrets(hide), Position: v.expression.Position(arg), NotTaken: true,
		})
	}
}

func (s *Step) has(at Position, canonical string, hidden bool) bool {
	for _, step := range s.Steps {
		if step.Position == at && (hidden || step.Expression == canonical || step.NotTaken) {
			return true
		}
	}
	return false
}

// holdsRedact reports whether Redact is in the node or below.
func (n *Node) holdsRedact() bool {
	found := false
	n.Walk(func(part *Node) { found = found || part.is(nameRedact) })
	return found
}

// withoutSecrets is the canonical text without the constants inside Redact.
func (n *Node) withoutSecrets(inside bool) string {
	return n.masked(inside).Canonical()
}

func (n *Node) masked(inside bool) *Node {
	if n == nil {
		return nil
	}
	out := *n
	if inside && n.Type == ConstantNode {
		return &Node{Type: ConstantNode, Name: Redacted}
	}
	out.Args = make([]*Node, len(n.Args))
	for i, arg := range n.Args {
		out.Args[i] = arg.masked(inside || n.is(nameRedact))
	}
	return &out
}
