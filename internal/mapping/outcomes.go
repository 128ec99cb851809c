package mapping

// Outcomes are the texts that the expression can have where all of them stand in
// it, in order: constants, and the branches of IIF, Switch and Coalesce. Not ok
// where anything else can come out, such as what an attribute holds.
func (e *Expression) Outcomes() (texts []string, ok bool) {
	ok = e.root.outcomes(&texts)
	return texts, ok
}

func (n *Node) outcomes(texts *[]string) bool {
	switch {
	case n == nil:
		return true
	case n.Type == ConstantNode:
		if n.form == formText {
			*texts = append(*texts, n.Name)
		}
		return n.form == formText
	case n.is(nameIIF):
		return n.arg(1).outcomes(texts) && n.arg(2).outcomes(texts)
	case n.is(nameSwitch):
		return n.switchOutcomes(texts)
	case n.is(nameCoalesce):
		for _, arg := range n.Args {
			if !arg.outcomes(texts) {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// switchOutcomes are the default and every value beside a key.
func (n *Node) switchOutcomes(texts *[]string) bool {
	if !n.arg(1).outcomes(texts) {
		return false
	}
	const firstValue, pair = 3, 2
	for i := firstValue; i < len(n.Args); i += pair {
		if !n.Args[i].outcomes(texts) {
			return false
		}
	}
	return true
}
