package graph

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

const filterDepth = 50

var errFilter = errors.New("invalid filter clause")

// node is one part of a parsed $filter.
type node struct {
	op    string // and, or, not, eq, ne, gt, ge, lt, le, in, startswith, endswith, any
	kids  []*node
	path  string // property path with slashes, folded only for comparison
	value any    // string, bool, nil
	list  []any
}

// parser reads OData $filter expressions, the part that directory objects take.
type parser struct {
	tokens []token
	pos    int
	depth  int
	lambda string // range variable of the any() around
}

type token struct {
	text   string
	quoted bool
}

// parseFilter reads a $filter.
func parseFilter(in string) (*node, error) {
	tokens, err := scan(in)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.pos != len(p.tokens) {
		return nil, fmt.Errorf("%w: unexpected %q", errFilter, p.peek().text)
	}
	return n, nil
}

func scan(in string) ([]token, error) {
	var out []token
	for i := 0; i < len(in); {
		switch c := in[i]; {
		case c == ' ' || c == '\t':
			i++
		case strings.IndexByte("(),:", c) >= 0:
			out = append(out, token{text: string(c)})
			i++
		case c == '\'':
			text, next, ok := scanQuoted(in, i+1)
			if !ok {
				return nil, fmt.Errorf("%w: there is an unterminated literal", errFilter)
			}
			out = append(out, token{text: text, quoted: true})
			i = next
		default:
			end := i + strings.IndexAny(in[i:]+" ", " \t(),'")
			// A colon ends a word only after a range variable; instants contain colons.
			if colon := strings.IndexByte(in[i:end], ':'); colon > 0 && !strings.ContainsAny(in[i:i+1], "0123456789") {
				end = i + colon
			}
			word := in[i:end]
			if !utf8.ValidString(word) {
				return nil, fmt.Errorf("%w: not UTF-8", errFilter)
			}
			out = append(out, token{text: word})
			i = end
		}
	}
	return out, nil
}

// scanQuoted reads up to the closing quote; a doubled quote stands for one.
func scanQuoted(in string, i int) (string, int, bool) {
	var b strings.Builder
	for i < len(in) {
		if in[i] != '\'' {
			b.WriteByte(in[i])
			i++
			continue
		}
		if i+1 < len(in) && in[i+1] == '\'' {
			b.WriteByte('\'')
			i += 2
			continue
		}
		return b.String(), i + 1, true
	}
	return "", i, false
}

func (p *parser) peek() token {
	if p.pos < len(p.tokens) {
		return p.tokens[p.pos]
	}
	return token{}
}

func (p *parser) next() token {
	t := p.peek()
	p.pos++
	return t
}

func (p *parser) word(text string) bool {
	t := p.peek()
	if !t.quoted && strings.EqualFold(t.text, text) {
		p.pos++
		return true
	}
	return false
}

func (p *parser) expect(text string) error {
	if !p.word(text) {
		return fmt.Errorf("%w: expected %q, found %q", errFilter, text, p.peek().text)
	}
	return nil
}

func (p *parser) or() (*node, error)  { return p.chain(opOr, p.and) }
func (p *parser) and() (*node, error) { return p.chain(opAnd, p.unary) }

func (p *parser) chain(op string, part func() (*node, error)) (*node, error) {
	left, err := part()
	for err == nil && p.word(op) {
		var right *node
		if right, err = part(); err == nil {
			left = &node{op: op, kids: []*node{left, right}}
		}
	}
	return left, err
}

func (p *parser) unary() (*node, error) {
	if p.depth++; p.depth > filterDepth {
		return nil, fmt.Errorf("%w: too deep", errFilter)
	}
	defer func() { p.depth-- }()
	if p.word("not") {
		kid, err := p.unary()
		if err != nil {
			return nil, err
		}
		return &node{op: opNot, kids: []*node{kid}}, nil
	}
	if p.word("(") {
		n, err := p.or()
		if err != nil {
			return nil, err
		}
		return n, p.expect(")")
	}
	return p.comparison()
}

// Operators that code refers to.
const (
	opAnd    = "and"
	opOr     = "or"
	opNot    = "not"
	opGt     = "gt"
	opGe     = "ge"
	opLt     = "lt"
	opLe     = "le"
	opEq     = "eq"
	opNe     = "ne"
	opIn     = "in"
	opStarts = "startswith"
	opEnds   = "endswith"
	opAny    = "any"
)

func (p *parser) comparison() (*node, error) {
	t := p.next()
	if t.quoted || t.text == "" || strings.ContainsAny(t.text, "(),:") {
		return nil, fmt.Errorf("%w: expected a property, found %q", errFilter, t.text)
	}
	name := strings.ToLower(t.text)
	if name == opStarts || name == opEnds {
		return p.call(name)
	}
	if coll, ok := strings.CutSuffix(t.text, "/any"); ok && coll != "" {
		return p.any(coll)
	}
	op := strings.ToLower(p.next().text)
	switch op {
	case opEq, opNe, opGt, opGe, opLt, opLe:
		v, err := p.literal()
		return &node{op: op, path: p.local(t.text), value: v}, err
	case opIn:
		return p.in(p.local(t.text))
	default:
		return nil, fmt.Errorf("%w: unknown operator %q", errFilter, op)
	}
}

// local takes the range variable off a path inside any().
func (p *parser) local(path string) string {
	if p.lambda == "" {
		return path
	}
	if path == p.lambda {
		return ""
	}
	return strings.TrimPrefix(path, p.lambda+"/")
}

func (p *parser) call(name string) (*node, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	path := p.local(p.next().text)
	if err := p.expect(","); err != nil {
		return nil, err
	}
	v, err := p.literal()
	if err != nil {
		return nil, err
	}
	if _, ok := v.(string); !ok {
		return nil, fmt.Errorf("%w: %s needs a string", errFilter, name)
	}
	return &node{op: name, path: path, value: v}, p.expect(")")
}

func (p *parser) any(coll string) (*node, error) {
	if p.lambda != "" {
		return nil, fmt.Errorf("%w: any inside any", errFilter)
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	p.lambda = p.next().text
	if err := p.expect(":"); err != nil {
		return nil, err
	}
	kid, err := p.or()
	p.lambda = ""
	if err != nil {
		return nil, err
	}
	return &node{op: opAny, path: coll, kids: []*node{kid}}, p.expect(")")
}

func (p *parser) in(path string) (*node, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	n := &node{op: opIn, path: path}
	for {
		v, err := p.literal()
		if err != nil {
			return nil, err
		}
		n.list = append(n.list, v)
		if !p.word(",") {
			return n, p.expect(")")
		}
	}
}

func (p *parser) literal() (any, error) {
	t := p.next()
	switch {
	case t.quoted:
		return t.text, nil
	case strings.EqualFold(t.text, "true"):
		return true, nil
	case strings.EqualFold(t.text, "false"):
		return false, nil
	case strings.EqualFold(t.text, "null"):
		return nil, nil
	case t.text == "" || strings.ContainsAny(t.text, "(),"):
		return nil, fmt.Errorf("%w: expected a literal, found %q", errFilter, t.text)
	default:
		return t.text, nil // a GUID, an instant or a number
	}
}

// mentions reports whether the filter looks at the property.
func (n *node) mentions(name string) bool {
	root, _, _ := strings.Cut(n.path, "/")
	return strings.EqualFold(root, name) || slices.ContainsFunc(n.kids, func(kid *node) bool { return kid.mentions(name) })
}

// holds evaluates the node on an object whose keys are canonical.
func (n *node) holds(o any) bool {
	switch n.op {
	case opAnd:
		return n.kids[0].holds(o) && n.kids[1].holds(o)
	case opOr:
		return n.kids[0].holds(o) || n.kids[1].holds(o)
	case opNot:
		return !n.kids[0].holds(o)
	case opAny:
		list, _ := reach(o, n.path).([]any)
		return slices.ContainsFunc(list, n.kids[0].holds)
	case opIn:
		for _, v := range n.list {
			if same(reach(o, n.path), v) {
				return true
			}
		}
		return false
	default:
		return n.compare(reach(o, n.path))
	}
}

func (n *node) compare(got any) bool {
	switch n.op {
	case opEq:
		return same(got, n.value)
	case opNe:
		return !same(got, n.value)
	}
	a, okA := got.(string)
	b, okB := n.value.(string)
	if !okA || !okB {
		return false
	}
	a, b = strings.ToLower(a), strings.ToLower(b)
	switch n.op {
	case opStarts:
		return strings.HasPrefix(a, b)
	case opEnds:
		return strings.HasSuffix(a, b)
	case opGt:
		return a > b
	case opGe:
		return a >= b
	case opLt:
		return a < b
	default:
		return a <= b
	}
}

// same compares as the directory does: strings without regard to case.
func same(a, b any) bool {
	x, okX := a.(string)
	y, okY := b.(string)
	if okX && okY {
		return strings.EqualFold(x, y)
	}
	if isList(a) || isList(b) {
		return false
	}
	return a == b
}

func isList(v any) bool {
	switch v.(type) {
	case []any, object:
		return true
	default:
		return false
	}
}

// reach follows a path with slashes; the empty path is the value itself.
func reach(o any, path string) any {
	if path == "" {
		return o
	}
	for part := range strings.SplitSeq(path, "/") {
		m, ok := o.(object)
		if !ok {
			return nil
		}
		o, _ = field(m, part)
	}
	return o
}

// check refuses properties that cannot be filtered and reports whether the filter needs an advanced query.
func (n *node) check(c *catalog) (bool, error) {
	switch n.op {
	case opAnd, opOr, opNot:
		advanced := n.op == opNot
		for _, kid := range n.kids {
			a, err := kid.check(c)
			if err != nil {
				return false, err
			}
			advanced = advanced || a
		}
		return advanced, nil
	}
	root, _, _ := strings.Cut(n.path, "/")
	p, ok := c.find(root)
	if !ok {
		return false, refuse(http.StatusBadRequest, codeParse, "Invalid filter clause: Could not find a property named '"+root+"' on type 'microsoft.graph."+strings.ToLower(c.resource)+"'.")
	}
	if p.eq == filterNever {
		return false, unsupported("Unsupported or invalid query filter clause specified for property '%s' of resource '%s'.", p.name, c.resource)
	}
	switch n.op {
	case opStarts:
		return !p.starts, nil
	case opNe, opEnds:
		return true, nil
	case opEq:
		return p.eq == filterAdvanced || n.value == nil, nil
	default:
		return p.eq == filterAdvanced, nil
	}
}
