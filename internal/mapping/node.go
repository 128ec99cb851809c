package mapping

// NodeType is the type of a node, in Graph's words.
type NodeType string

// The node types.
const (
	FunctionNode  NodeType = "Function"
	AttributeNode NodeType = "Attribute"
	ConstantNode  NodeType = "Constant"
)

// form tells constants apart.
type form uint8

const (
	formText form = iota
	formNumber
	formWord
)

// Node is one part of an expression. It is immutable once it was compiled.
type Node struct {
	// Type says what the node is.
	Type NodeType
	// Name is the function in its listed spelling, an operator, an attribute, or
	// the text of a constant.
	Name string
	// Args are the arguments of a function or the two sides of an operator; nil
	// stands for one that was left empty.
	Args []*Node

	form     form
	operator bool
	spelled  string // the name as it was written, a number as it was written
	at       int    // byte offset of the first character
	function *function
	constant any // what the checker prepared from constant arguments
}

// Expression is an expression that was read. It is immutable and safe for
// concurrent use.
type Expression struct {
	source string
	root   *Node
	// checked is set where the checker found nothing.
	checked bool
	// redacts is set where Redact is in it.
	redacts bool
}

// Root is the outermost node; it must not be changed.
func (e *Expression) Root() *Node { return e.root }

// Source is the text as it was given.
func (e *Expression) Source() string { return e.source }

// Position is where a node begins.
func (e *Expression) Position(n *Node) Position { return positionAt(e.source, n.at) }

func (n *Node) is(name string) bool { return n != nil && n.Type == FunctionNode && n.Name == name }

// arg is the i-th argument, nil where it was left empty or not written.
func (n *Node) arg(i int) *Node {
	if i >= len(n.Args) {
		return nil
	}
	return n.Args[i]
}

// IsUnique reports whether the expression is a SelectUniqueValue.
func (e *Expression) IsUnique() bool { return e.root.is(nameSelectUnique) }

// Calls reports whether one of these functions, in their listed spelling, is in
// the expression.
func (e *Expression) Calls(functions ...string) bool { return e.root.holds(functions...) }

// Walk calls visit for a node and everything below, a call before its
// arguments.
func (n *Node) Walk(visit func(*Node)) {
	if n == nil {
		return
	}
	visit(n)
	for _, arg := range n.Args {
		arg.Walk(visit)
	}
}
