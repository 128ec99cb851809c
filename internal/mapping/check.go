package mapping

import (
	"fmt"
	"strconv"
	"strings"

	"tenure/internal/mapping/vbdate"
)

// Check finds what can never be evaluated, the leftmost problem first. It
// resolves names, so that an expression without problems can be evaluated. It
// must not run at the same time as another call on the same expression.
func (e *Expression) Check() []*Problem {
	c := &checker{expression: e}
	c.node(e.root, true, true)
	e.checked, e.redacts = len(c.problems) == 0, e.root.holdsRedact()
	return c.problems
}

type checker struct {
	expression *Expression
	problems   []*Problem
}

func (c *checker) refuse(n *Node, format string, args ...any) {
	p := &Problem{Stage: Check, Message: fmt.Sprintf(format, args...), Position: c.expression.Position(n)}
	if n.function != nil {
		p.Function = n.function.name
	}
	c.problems = append(c.problems, p)
}

// node checks a node. outermost is where SelectUniqueValue may stand, result
// where flow words may.
func (c *checker) node(n *Node, outermost, result bool) {
	switch {
	case n == nil, n.Type == AttributeNode:
	case n.Type == ConstantNode:
		c.word(n, result)
	case n.operator:
		for _, arg := range n.Args {
			c.node(arg, false, false)
		}
	default:
		c.call(n, outermost, result)
	}
}

func (c *checker) word(n *Node, result bool) {
	if n.form != formWord {
		return
	}
	name, found := wordNamed(strings.ToLower(n.spelled))
	switch {
	case !found:
		c.refuse(n, "%q is neither a function nor a word of the language: put a text between double quotes, or an attribute between brackets", clipName(n.spelled))
	case !result && (name == wordIgnoreAttribute || name == wordIgnoreObject):
		c.refuse(n, "%s can only be a result, not a part of one", name)
	default:
		n.Name = name
	}
}

// clipName keeps a name in a message short.
func clipName(name string) string {
	const longest = 60
	if len(name) > longest {
		return strings.ToValidUTF8(name[:longest], "") + "..."
	}
	return name
}

func (c *checker) call(n *Node, outermost, result bool) {
	folded := strings.ToLower(n.spelled)
	f, found := functionNamed(folded)
	switch {
	case isForeign(folded):
		c.refuse(n, "%s belongs to the vendor's own service and makes no attribute of a person", n.spelled)
	case !found:
		c.refuse(n, "there is no function %q%s", clipName(n.spelled), didYouMean(folded))
	default:
		n.function, n.Name = f, f.name
		c.known(n, outermost, result)
	}
	for i, arg := range n.Args {
		c.node(arg, false, result && passesResult(n, i))
	}
}

// passesResult reports whether an argument of a call in result position may be
// the result.
func passesResult(n *Node, i int) bool {
	switch n.Name {
	case nameIIF:
		return i == 1 || i == 2
	case nameSwitch:
		return i == 1 || i >= 3 && i%2 == 1
	case nameCoalesce:
		return i == len(n.Args)-1
	case nameIgnoreIfEmpty:
		return true
	default:
		return false
	}
}

func (c *checker) known(n *Node, outermost, result bool) {
	f := n.function
	switch got := len(n.Args); {
	case got < f.min || got > f.max:
		c.refuse(n, "%s has %d arguments, %s are needed", f.name, got, f.arity())
	case n.Name == nameSwitch && got%2 != 0:
		c.refuse(n, "Switch has %d arguments: it needs a source, a default, and pairs of a key and a value", got)
	case n.Name == nameSelectUnique && !outermost:
		c.refuse(n, "SelectUniqueValue can only be the outermost function")
	case n.Name == nameIgnoreIfEmpty && !result:
		c.refuse(n, "IgnoreFlowIfNullOrEmpty can only wrap a result, it is no condition and no argument")
	case n.Name == nameReplace:
		c.replacement(n)
	case n.Name == nameDateAdd, n.Name == nameDateDiff:
		c.interval(n)
	case n.Name == nameFormatDate:
		c.dateFormats(n)
	}
}

func (f *function) arity() string {
	switch {
	case f.min == f.max:
		return strconv.Itoa(f.min)
	case f.max == many:
		return fmt.Sprintf("at least %d", f.min)
	default:
		return fmt.Sprintf("%d to %d", f.min, f.max)
	}
}

// constantText is the text of an argument that is a constant.
func (n *Node) constantText(i int) (string, bool) {
	arg := n.arg(i)
	if arg == nil || arg.Type != ConstantNode || arg.form == formWord {
		return "", false
	}
	return arg.Name, true
}

func (c *checker) interval(n *Node) {
	text, constant := n.constantText(0)
	if !constant {
		return
	}
	if _, ok := vbdate.Named(text); !ok {
		c.refuse(n.Args[0], "%q is no interval: write yyyy, m, ww, d, h, n (minutes) or s", clipName(text))
	}
}

// didYouMean names the listed function that is nearest in spelling.
func didYouMean(folded string) string {
	best, distance := "", len(folded)/2+1
	for _, name := range Functions() {
		if d := editDistance(folded, strings.ToLower(name)); d < distance {
			best, distance = name, d
		}
	}
	if best == "" {
		return ""
	}
	return ": did you mean " + best + "?"
}

func editDistance(a, b string) int {
	const longest = 40
	if len(a) > longest {
		return longest
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// Functions lists every function in its listed spelling, in alphabetical order.
func Functions() []string {
	return []string{
		"Append", "BitAnd", "CBool", "CDate", "Coalesce", "Contains", "ConvertFromBase64", "ConvertToBase64",
		"ConvertToUTF8Hex", "Count", "CRef", "CStr", nameDateAdd, nameDateDiff, "DateFromNum", "DefaultDomain", "DNComponent",
		"Error", nameFormatDate, "Guid", nameIgnoreIfEmpty, nameIIF, "InStr", "IsNothing", "IsNull", "IsNullOrEmpty",
		"IsPresent", "IsString", "Item", "Join", "Left", "Len", "Mid", "NormalizeDiacritics", "Not", "Now", "NumFromDate",
		"PCase", "Prepend", "RandomString", nameRedact, "RemoveDuplicates", nameReplace, nameSelectUnique, "Split",
		"StripSpaces", nameSwitch, "ToLower", "ToUpper", "Trim", "Word",
	}
}
