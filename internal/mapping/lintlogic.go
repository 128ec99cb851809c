package mapping

import "strings"

// operator looks at a comparison or a chain.
func (l *linter) operator(n *Node) {
	if n.Name == joinOperator {
		l.find(n, "L32", Info, "& is of the cloud sync dialect: this expression cannot be taken back to the vendor's cloud service; Join and Append can")
		return
	}
	l.dateRule(n)
	for i, side := range n.Args {
		other := n.Args[1-i]
		switch {
		case side.Type == ConstantNode && side.form == formText && side.Name == "":
			l.find(n, "L15", Warning, `a comparison with "" is False for an absent attribute: write IsNullOrEmpty, or Switch with the key ""`)
		case n.Name == "<>" && side.Type == AttributeNode && other.Type == ConstantNode && other.Name != "":
			l.find(n, "L16", Info, "<> is False where the attribute is absent")
		}
	}
}

// decisions looks at calls that decide.
func (l *linter) decisions(n *Node) {
	switch n.Name {
	case nameSwitch:
		l.switches(n)
	case "Not":
		if arg := n.arg(0); arg != nil && arg.Type == AttributeNode {
			l.find(n, "L14", Warning, "Not is True where the attribute is absent: an omitted flag would switch something off; guard it with IsPresent")
		}
	case nameIgnoreIfEmpty:
		l.ignored(n)
	case nameSelectUnique:
		l.unique(n)
	}
}

func (l *linter) switches(n *Node) {
	source := n.arg(0)
	if n.arg(1) == nil {
		l.find(n, "L19", Info, "without a default there is no value where no key matches")
	}
	booleanKeys := false
	seen := map[string]string{}
	for i := 2; i+1 < len(n.Args); i += 2 {
		key, constant := n.constantText(i)
		if !constant {
			continue
		}
		booleanKeys = booleanKeys || key == trueText || key == falseText
		folded := strings.ToLower(key)
		switch other, found := seen[folded]; {
		case found && other == key:
			l.find(n.Args[i], "L18", Warning, "this key stands here for the second time and is never reached")
		case found:
			l.find(n.Args[i], "L18", Warning, "this key differs from another one in case only: keys are case-sensitive")
		}
		seen[folded] = key
	}
	switch {
	case source == nil:
	case isBoolean(source) && !booleanKeys:
		l.find(source, "L17", Warning, "this gives True or False, and no key is one of them: no key can ever match")
	case source.Type == AttributeNode && containsFold(l.around.References, source.Name):
		l.find(source, "L17", Warning, "this attribute refers to another object: its text is an ID that no key matches")
	}
	l.blankInGroup(source)
}

func containsFold(names []string, name string) bool {
	for _, other := range names {
		if strings.EqualFold(other, name) {
			return true
		}
	}
	return false
}

func isBoolean(n *Node) bool {
	if n.operator {
		return n.Name != joinOperator
	}
	switch n.Name {
	case "IsPresent", "IsNull", "IsNothing", "IsNullOrEmpty", "IsString", "CBool", "Not":
		return n.Type == FunctionNode
	default:
		return false
	}
}

// blankInGroup tells of a group that takes a blank along, so that no key
// matches.
func (l *linter) blankInGroup(source *Node) {
	if !source.is(nameReplace) {
		return
	}
	pattern, constant := source.constantText(replacePattern)
	if !constant {
		return
	}
	group, named := source.constantText(replaceGroup)
	if !named {
		replacement, _ := source.constantText(replaceWith)
		group, _ = strings.CutPrefix(replacement, "${")
		group = strings.TrimSuffix(group, "}")
	}
	body, found := groupBody(pattern, group)
	if !found {
		return
	}
	for _, blank := range []string{" ", " *", " +", " ?", `\s`, `\s*`, `\s+`, `\s?`} {
		if strings.HasSuffix(body, blank) {
			l.find(source, "L09", Warning, "the group takes a blank along at its end, so that no key matches: move the blank out of the group")
			return
		}
	}
}

// groupBody is what stands inside a named group.
func groupBody(pattern, group string) (body string, found bool) {
	_, rest, found := strings.Cut(pattern, "(?<"+group+">")
	if !found || group == "" {
		return "", false
	}
	depth := 1
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return rest[:i], true
			}
		}
	}
	return "", false
}

func (l *linter) ignored(n *Node) {
	iif := n.arg(0)
	if !iif.is(nameIIF) || iif.arg(0) == nil || iif.Args[0].Name != "<>" || !iif.Args[0].operator {
		return
	}
	for _, branch := range iif.Args[1:] {
		if branch != nil && branch.Type == ConstantNode && branch.form == formText && branch.Name == "" {
			l.find(n, "L04", Warning, "where the condition <> gives \"\" the attribute is dropped on all other days: turn the condition round")
			return
		}
	}
}

func (l *linter) unique(n *Node) {
	seen := map[string]bool{}
	for _, rule := range n.Args {
		if rule == nil {
			continue
		}
		text := rule.Canonical()
		switch {
		case seen[text]:
			l.find(rule, "L27", Warning, "this rule is the same as one before: it gives no second chance")
		case rule.holds("RandomString", "Guid"):
			l.find(rule, "L27", Warning, "a random rule gives another name each time it is tried")
		}
		seen[text] = true
	}
}
