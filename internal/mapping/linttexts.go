package mapping

import (
	"slices"
	"strings"
)

// texts looks at calls that put texts together or cut them.
func (l *linter) texts(n *Node) {
	switch n.Name {
	case "Join":
		l.joins(n)
	case "Split":
		l.splits(n)
	case "Left":
		if size, constant := n.constantText(1); constant && strings.HasPrefix(size, "-") {
			l.find(n.Args[1], "L33", Info, "a number below 0 gives the whole text")
		}
	}
}

func (l *linter) joins(n *Node) {
	separator, constant := n.constantText(0)
	if !constant {
		return
	}
	if digits, found := strings.CutSuffix(separator, "@"); found && isDigits(digits) {
		l.find(n.Args[0], "L11", Info, "the digits come behind the first part, not in front of it")
	}
	if strings.Contains(separator, "@") {
		for _, part := range n.Args[1:] {
			if part != nil && part.Type == AttributeNode {
				l.find(part, "L12", Warning, "where this attribute is absent only the other side of the @ remains: guard the whole with IIF")
			}
		}
	}
	if separator != "" {
		return
	}
	for i := 2; i < len(n.Args); i++ {
		text, constant := n.constantText(i)
		before, known := n.constantText(i - 1)
		if constant && strings.HasPrefix(text, "(") && (!known || !strings.HasSuffix(before, " ")) {
			l.find(n.Args[i], "L35", Info, `there is no blank in front of the parenthesis: write " ("`)
		}
	}
}

func (l *linter) splits(n *Node) {
	inner := n.arg(0)
	delimiter, constant := n.constantText(1)
	if !inner.is("Join") || !constant {
		return
	}
	separator, same := inner.constantText(0)
	if same && separator == delimiter && slices.ContainsFunc(inner.Args[1:], func(part *Node) bool { return part != nil && part.holdsValues() }) {
		l.find(n, "L13", Warning, "a value that holds the delimiter is torn apart: use one that no value can hold, such as |")
	}
}

// replacements looks at the patterns of Replace.
func (l *linter) replacements(n *Node) {
	if !n.is(nameReplace) {
		return
	}
	text, constant := n.constantText(replacePattern)
	compiled, ok := n.constant.(*pattern)
	if !constant || !ok {
		return
	}
	at := n.Args[replacePattern]
	replacement, _ := n.constantText(replaceWith)
	if matches, err := compiled.regexp.MatchString(""); err == nil && matches && replacement != "" && n.arg(replaceGroup) == nil {
		l.find(at, "L21", Warning, "the pattern can match nothing, so that the replacement is put where nothing was: write + for *")
	}
	for _, group := range groupsOf(n, replacement) {
		if compiled.regexp.GroupNumberFromName(group) < 0 {
			l.find(at, "L22", Mistake, "the pattern has no group "+clipName(group)+": it stays as text, or changes nothing")
		}
	}
	if hasNestedQuantifier(text) {
		l.find(at, "L23", Warning, "a repeated group that repeats inside may take very long and is stopped after 250 ms")
	}
	if text == `[()\s-]+` {
		l.find(at, "L24", Info, "the + of a telephone number stays")
	}
	if text == `(\.)*$` {
		l.find(at, "L25", Info, "only dots at the end go")
	}
}

// groupsOf are the groups that a replacement names.
func groupsOf(n *Node, replacement string) []string {
	var groups []string
	if group, constant := n.constantText(replaceGroup); constant {
		groups = append(groups, group)
	}
	for {
		_, rest, found := strings.Cut(replacement, "${")
		if !found {
			return groups
		}
		name, behind, closed := strings.Cut(rest, "}")
		if closed && name != "" {
			groups = append(groups, name)
		}
		replacement = behind
	}
}

// hasNestedQuantifier finds a group with a repetition inside that is repeated
// itself.
func hasNestedQuantifier(pattern string) bool {
	var repeats []bool // of the groups that are open
	inSet := false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\':
			i++
		case inSet:
			inSet = c != ']'
		case c == '[':
			inSet = true
		case c == '(':
			repeats = append(repeats, false)
		case (c == '*' || c == '+') && len(repeats) > 0:
			repeats[len(repeats)-1] = true
		case c == ')' && len(repeats) > 0:
			inside := repeats[len(repeats)-1]
			repeats = repeats[:len(repeats)-1]
			if inside && i+1 < len(pattern) && strings.IndexByte("*+{", pattern[i+1]) >= 0 {
				return true
			}
			if inside && len(repeats) > 0 {
				repeats[len(repeats)-1] = true
			}
		}
	}
	return false
}
