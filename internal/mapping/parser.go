package mapping

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of an expression.
const (
	// MaxLength is the longest expression in UTF-16 units.
	MaxLength = 10_000
	// MaxDepth is how deep calls may be nested.
	MaxDepth = 100
)

// Parse reads an expression. Its error is a [*Problem] of stage [Syntax]. What
// it returns is not checked yet: see [Compile].
func Parse(source string) (*Expression, error) {
	if at, tooLong := beyond(source, MaxLength); tooLong {
		return nil, syntaxProblem(source, &failure{at, "the expression is longer than 10,000 characters"})
	}
	if !utf8.ValidString(source) {
		return nil, syntaxProblem(source, &failure{invalidAt(source), "this is no character: the text must be UTF-8"})
	}
	p := &parser{lexer: lexer{source: source}}
	p.advance(true)
	root := p.comparison()
	if p.failed == nil && p.token.kind != tokenEnd {
		p.fail(p.token.at, p.unexpected())
	}
	if p.failed != nil {
		return nil, syntaxProblem(source, p.failed)
	}
	return &Expression{source: source, root: root}, nil
}

func syntaxProblem(source string, f *failure) *Problem {
	return &Problem{Stage: Syntax, Message: f.message, Position: positionAt(source, f.at)}
}

// beyond finds the byte behind the given number of units.
func beyond(source string, limit int) (int, bool) {
	if len(source) <= limit {
		return 0, false
	}
	n := 0
	for i, r := range source {
		if n >= limit {
			return i, true
		}
		n += unitsOf(r)
	}
	return 0, false
}

func invalidAt(source string) int {
	for i, r := range source {
		if r != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(source[i:]); size <= 1 {
			return i
		}
	}
	return len(source)
}

// parser is a recursive descent over the tokens. After a failure every method
// returns nil.
type parser struct {
	lexer
	token  token
	failed *failure
	opens  []int // where the parentheses that are open begin
}

func (p *parser) advance(operand bool) {
	token, failed := p.next(operand)
	if failed != nil {
		p.failed = failed
		return
	}
	p.token = token
}

func (p *parser) fail(at int, message string) *Node {
	if p.failed == nil && p.token.kind == tokenEnd && len(p.opens) > 0 {
		// Of what is missing the leftmost is told.
		at, message = p.opens[0], "this parenthesis is never closed: write ) behind the last argument"
	}
	if p.failed == nil {
		p.failed = &failure{at, message}
	}
	return nil
}

// unexpected says what is wrong with the current token.
func (p *parser) unexpected() string {
	switch text := p.token.text; {
	case p.token.kind == tokenEnd:
		return "the expression ends here; something is missing"
	case text == "'" || text == "‘" || text == "’":
		return `a single quote begins nothing: put texts between straight double quotes, "like this"`
	case text == "“" || text == "”" || text == "„" || text == "«" || text == "»":
		return `a curly quote begins nothing: put texts between straight double quotes, "like this"`
	case p.token.kind == tokenOperator:
		return "only one comparison is possible here; nest IIF for more"
	default:
		return "this cannot stand here"
	}
}

func (p *parser) comparison() *Node {
	left := p.concat()
	if p.failed != nil || p.token.kind != tokenOperator {
		return left
	}
	operator := p.token
	p.advance(true)
	if p.failed != nil {
		return nil
	}
	right := p.concat()
	if p.failed != nil {
		return nil
	}
	return &Node{Type: FunctionNode, Name: operator.text, operator: true, at: left.at, Args: []*Node{left, right}}
}

func (p *parser) concat() *Node {
	left := p.operand()
	for p.failed == nil && p.token.kind == tokenJoin {
		p.advance(true)
		if p.failed != nil {
			return nil
		}
		right := p.operand()
		if p.failed != nil {
			return nil
		}
		left = &Node{Type: FunctionNode, Name: joinOperator, operator: true, at: left.at, Args: []*Node{left, right}}
	}
	return left
}

func (p *parser) operand() *Node {
	t := p.token
	var n *Node
	switch t.kind {
	case tokenText:
		n = &Node{Type: ConstantNode, Name: t.text, at: t.at}
	case tokenNumber:
		n = &Node{Type: ConstantNode, Name: t.text, form: formNumber, spelled: t.text, at: t.at}
	case tokenHex:
		n = &Node{Type: ConstantNode, Name: decimalOf(t.text), form: formNumber, spelled: p.source[t.at:t.end], at: t.at}
	case tokenAttribute:
		n = &Node{Type: AttributeNode, Name: t.text, at: t.at}
	case tokenName:
		return p.named(t)
	default:
		return p.fail(t.at, p.unexpected())
	}
	p.advance(false)
	return n
}

func decimalOf(hex string) string {
	value, _ := strconv.ParseUint(hex, 16, 64) // 15 digits fit
	return strconv.FormatUint(value, 10)
}

// named reads a call or a word.
func (p *parser) named(name token) *Node {
	p.advance(false)
	if p.failed != nil {
		return nil
	}
	if p.token.kind != tokenOpen {
		return &Node{Type: ConstantNode, Name: name.text, form: formWord, spelled: name.text, at: name.at}
	}
	if len(p.opens) >= MaxDepth {
		return p.fail(name.at, "calls are nested more than 100 deep")
	}
	n := &Node{Type: FunctionNode, Name: name.text, spelled: name.text, at: name.at}
	p.opens = append(p.opens, p.token.at)
	p.advance(true)
	p.arguments(n)
	p.opens = p.opens[:len(p.opens)-1]
	if p.failed != nil {
		return nil
	}
	p.advance(false)
	return n
}

// arguments reads up to the closing parenthesis, which it leaves as the token.
func (p *parser) arguments(n *Node) {
	if p.failed == nil && p.token.kind == tokenClose {
		return
	}
	for p.failed == nil {
		var arg *Node
		if p.token.kind != tokenComma && p.token.kind != tokenClose && p.token.kind != tokenEnd {
			arg = p.comparison()
		}
		if p.failed != nil {
			return
		}
		n.Args = append(n.Args, arg)
		switch p.token.kind {
		case tokenComma:
			p.advance(true)
		case tokenClose:
			return
		default:
			p.fail(p.token.at, p.unexpected())
		}
	}
}

// Canonical is the expression in its canonical text: listed spelling of names,
// one blank around operators and behind commas. Parsing it gives the same tree.
func (e *Expression) Canonical() string { return e.root.Canonical() }

// Renamed is the canonical text with attributes under other names, as an
// expression for another source needs them.
func (e *Expression) Renamed(rename func(attribute string) string) string {
	return e.root.renamed(rename).Canonical()
}

func (n *Node) renamed(rename func(attribute string) string) *Node {
	if n == nil {
		return nil
	}
	out := *n
	if n.Type == AttributeNode {
		out.Name = rename(n.Name)
	}
	out.Args = make([]*Node, len(n.Args))
	for i, arg := range n.Args {
		out.Args[i] = arg.renamed(rename)
	}
	return &out
}

// Canonical is the node in its canonical text.
func (n *Node) Canonical() string {
	var out strings.Builder
	n.write(&out)
	return out.String()
}

func (n *Node) write(out *strings.Builder) {
	switch {
	case n == nil:
	case n.Type == AttributeNode:
		out.WriteString("[" + n.Name + "]")
	case n.Type == ConstantNode && n.form == formText:
		writeText(out, n.Name)
	case n.Type == ConstantNode && n.form == formNumber:
		out.WriteString(n.spelled)
	case n.Type == ConstantNode:
		out.WriteString(n.Name)
	case n.operator:
		n.Args[0].write(out)
		out.WriteString(" " + n.Name + " ")
		n.Args[1].write(out)
	default:
		out.WriteString(n.Name + "(")
		for i, arg := range n.Args {
			if i > 0 {
				out.WriteString(", ")
			}
			arg.write(out)
		}
		out.WriteString(")")
	}
}

func writeText(out *strings.Builder, text string) {
	out.WriteByte('"')
	for i := range len(text) {
		if text[i] == '"' || text[i] == '\\' {
			out.WriteByte('\\')
		}
		out.WriteByte(text[i])
	}
	out.WriteByte('"')
}
