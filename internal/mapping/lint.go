package mapping

import (
	"cmp"
	"slices"
	"strings"
)

// Severity says how much a finding matters.
type Severity string

// The severities.
const (
	// Mistake is certain to be wrong: saving needs a confirmation.
	Mistake Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Finding is something about a valid expression that somebody should look at.
// Findings never change a result.
type Finding struct {
	// Code is stable, such as L14.
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Position Position `json:"position"`
	// Message says what is the matter and what to write instead.
	Message string `json:"message"`
}

// Surroundings are what a linter may know of a mapping. The zero value knows
// nothing, and then only findings are made that need nothing.
type Surroundings struct {
	// Target is the attribute that the expression makes.
	Target string
	// Attributes are the names that the source has; nil where they are not known.
	Attributes []string
	// References are the source's attributes that refer to other objects.
	References []string
	// NoDefaultDomain is set where the target is known to have none.
	NoDefaultDomain bool
}

// Lint finds what is probably not meant in an expression that was checked, in
// the order of the text. Many of the patterns stand in published mappings.
func (e *Expression) Lint(around Surroundings) []Finding {
	l := &linter{expression: e, around: around}
	l.whole()
	l.node(e.root, nil)
	slices.SortStableFunc(l.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Position.Offset, b.Position.Offset), cmp.Compare(a.Code, b.Code))
	})
	return l.findings
}

type linter struct {
	expression *Expression
	around     Surroundings
	findings   []Finding
}

func (l *linter) find(n *Node, code string, severity Severity, message string) {
	l.findings = append(l.findings, Finding{
		Code: code, Severity: severity, Position: l.expression.Position(n), Message: message,
	})
}

// node looks at a node that has these nodes around it, the nearest last.
func (l *linter) node(n *Node, outer []*Node) {
	if n == nil {
		return
	}
	switch {
	case n.Type == ConstantNode:
		l.constant(n)
	case n.Type == AttributeNode:
		l.attribute(n)
	case n.operator:
		l.operator(n)
	default:
		l.spelling(n)
		l.dates(n, outer)
		l.decisions(n)
		l.texts(n)
		l.replacements(n)
	}
	inner := append(slices.Clip(outer), n)
	for _, arg := range n.Args {
		l.node(arg, inner)
	}
}

// whole looks at what the expression as a whole makes.
func (l *linter) whole() {
	l.fileTimes()
	root, target := l.expression.root, strings.ToLower(l.around.Target)
	if isNameLike(target) && !root.holds("ToLower") && root.holdsValues() {
		l.find(root, "L10", Info, l.around.Target+" keeps the case of its parts: put ToLower around it where small letters are meant")
	}
	const longestAccount = "20"
	if target == "samaccountname" && root.holdsValues() && !root.cutTo(longestAccount) {
		l.find(root, "L26", Warning, "an account name may have 20 characters: cut the result with Left(..., 20)")
	}
}

// isNameLike reports whether a target attribute is compared without regard to
// case.
func isNameLike(target string) bool {
	switch target {
	case "mail", "userprincipalname", "proxyaddresses", "samaccountname", "mailnickname":
		return true
	default:
		return strings.HasPrefix(target, "emails[")
	}
}

// holds reports whether a function is called in the node or below.
func (n *Node) holds(names ...string) bool {
	found := false
	n.Walk(func(part *Node) {
		found = found || part.Type == FunctionNode && !part.operator && slices.Contains(names, part.Name)
	})
	return found
}

// holdsValues reports whether an attribute is in it.
func (n *Node) holdsValues() bool {
	found := false
	n.Walk(func(part *Node) { found = found || part.Type == AttributeNode })
	return found
}

// cutTo reports whether the outermost functions cut the result to a length.
func (n *Node) cutTo(length string) bool {
	for n != nil && n.Type == FunctionNode {
		size, constant := n.constantText(1)
		if n.is("Mid") {
			size, constant = n.constantText(2)
		}
		if (n.is("Left") || n.is("Mid")) && constant {
			got, ok := readDecimal(size)
			most, _ := readDecimal(length)
			return ok && got.compare(most) <= 0
		}
		if !n.is("ToLower") && !n.is("ToUpper") && !n.is("Trim") && !n.is("NormalizeDiacritics") {
			return false
		}
		n = n.arg(0)
	}
	return n != nil && n.Type == ConstantNode
}

func (l *linter) spelling(n *Node) {
	if n.spelled != n.Name {
		l.find(n, "L30", Info, "the listed spelling is "+n.Name+"; the vendor's manual calls names case-sensitive")
	}
	switch n.Name {
	case "CRef", "Contains", "ConvertFromBase64", "DNComponent", "Error", "Trim", "Prepend", "IsNothing":
		l.find(n, "L32", Info, n.Name+" is a function of cloud sync only: this expression cannot be taken back to the vendor's cloud service")
	case "DefaultDomain":
		if l.around.NoDefaultDomain {
			l.find(n, "L28", Mistake, "the target has no default domain, so this always fails: state one, or write the domain")
		}
	}
}

func (l *linter) attribute(n *Node) {
	if l.around.Attributes == nil || slices.Contains(l.around.Attributes, n.Name) {
		return
	}
	best, distance := "", len(n.Name)/2+1
	for _, name := range l.around.Attributes {
		if strings.EqualFold(name, n.Name) {
			l.find(n, "L30", Info, "the source spells this attribute ["+name+"]")
			return
		}
		if d := editDistance(strings.ToLower(n.Name), strings.ToLower(name)); d < distance {
			best, distance = name, d
		}
	}
	message := "the source has no attribute [" + clipName(n.Name) + "]"
	if best != "" {
		message += ": did you mean [" + best + "]?"
	}
	l.find(n, "L30", Warning, message)
}

func (l *linter) constant(n *Node) {
	if n.form != formText {
		return
	}
	if hasUnknownEscape(l.expression.source[n.at:]) {
		l.find(n, "L20", Info, `a backslash before anything but \ and " stays as it is: write \\ so that everybody sees it`)
	}
	if n.Name == "TRUE" || n.Name == "FALSE" {
		l.find(n, "L31", Warning, "targets want either True and False or TRUE and FALSE: make sure which one this attribute takes")
	}
}

// hasUnknownEscape reads the text constant that a source begins with.
func hasUnknownEscape(source string) bool {
	for i := 1; i < len(source) && source[i] != '"'; i++ {
		if source[i] != '\\' {
			continue
		}
		if i+1 >= len(source) || source[i+1] != '\\' && source[i+1] != '"' {
			return true
		}
		i++
	}
	return false
}
