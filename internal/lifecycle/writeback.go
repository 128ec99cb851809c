package lifecycle

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tenure/internal/person"
)

// WriteBack says what of an account is told to HR.
type WriteBack struct {
	// Target is the one whose accounts are read.
	Target string
	// When says of whom; begin is no earlier than Begin, where it is stated.
	When  Condition
	Begin *DateRule
	// Look is how often an account is read again: others may have changed it.
	Look    time.Duration
	Mapping []Mapping
}

// accountPrefix begins the names of an account's attributes among those that an
// expression reads; the record has none of them.
const accountPrefix = "account."

// The attributes of every account beside those of its kind.
const (
	AccountID      = "id"
	AccountEnabled = "accountEnabled"
)

// Written are the attributes of the record that are written to HR, in the order of
// the policy.
func (w *WriteBack) Written() []string {
	out := make([]string, 0, len(w.Mapping))
	for i := range w.Mapping {
		out = append(out, w.Mapping[i].To)
	}
	return out
}

// ReadsRecord lists the attributes of the record that the mappings read.
func (w *WriteBack) ReadsRecord() []string {
	var out []string
	for i := range w.Mapping {
		for _, name := range w.Mapping[i].Expression.Reads() {
			if !strings.HasPrefix(name, accountPrefix) && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// Value makes one mapping's value for an account and its person. Of an attribute
// of the account that has no value the state is known: it is empty.
func (w *WriteBack) Value(m *Mapping, account map[string]string, scope ExpressionScope) (Made, error) {
	record := scope.Attributes
	scope.Attributes = func(name string) (string, bool) {
		if own, found := strings.CutPrefix(name, accountPrefix); found {
			return account[own], true
		}
		return record(name)
	}
	switch {
	case !m.Expression.IsZero():
		return m.Expression.Make(scope, m.Kind)
	case m.Attribute != "":
		return Made{Value: account[m.Attribute]}, nil
	default:
		return Made{Value: m.Constant}, nil
	}
}

// writeBackNode is a write-back that waits for the targets to be read.
type writeBackNode struct {
	file string
	feed string
	node *yaml.Node
}

// writeBacks reads what the feeds write back, once the targets are known.
func (l *loader) writeBacks() {
	for _, waiting := range l.waiting {
		l.file = waiting.file
		at := slices.IndexFunc(l.policy.Feeds, func(f Feed) bool { return f.Name == waiting.feed })
		o, ok := l.object(waiting.node, shapeWriteBack)
		if at < 0 || !ok {
			continue
		}
		l.mark(waiting.node, path("feed", waiting.feed, keyWriteBack)...)
		l.policy.Feeds[at].WriteBack = l.writeBack(o)
	}
}

const (
	leastLook = time.Hour
	mostLook  = 30 * 24 * time.Hour
)

func (l *loader) writeBack(o object) *WriteBack {
	w := &WriteBack{Look: l.instant(o.get("look"), "look", standard().look, leastLook, mostLook)}
	w.When, _ = l.condition(o.get("when"), false)
	if node := o.get("begin"); node != nil {
		if rule, ok := l.object(node, shapeLine); ok {
			w.Begin = l.dateRule(rule)
			if w.Begin.On != "" && w.Begin.On != StartDate {
				l.fail(node, "a write-back begins by the first day: write on: %s", StartDate)
			}
		}
	}
	target, found := l.targetNamed(o)
	if !found {
		return w
	}
	w.Target = target.Name
	node := o.get("mapping")
	switch {
	case node == nil:
	case !l.isMapping(node):
		l.fail(node, "%s found where mappings belong: write {contact.workEmail: {attribute: mail}}", describe(node))
	case len(node.Content) == 0:
		l.fail(node, "nothing is written back: write {contact.workEmail: {attribute: mail}}")
	default:
		for _, p := range l.pairs(node) {
			if m, ok := l.backMapping(p, target); ok {
				w.Mapping = append(w.Mapping, m)
			}
		}
	}
	return w
}

// targetNamed is the stated target, or the only one.
func (l *loader) targetNamed(o object) (Target, bool) {
	var names []string
	for _, target := range l.policy.Targets {
		names = append(names, target.Name)
	}
	node := o.get("target")
	switch {
	case node != nil:
		word := l.text(node, "a target")
		target, found := l.policy.Target(word)
		if word != "" && !found {
			l.fail(node, "unknown target %s%s", quote(word), hint(word, names))
		}
		return target, found
	case len(names) == 1:
		return l.policy.Targets[0], true
	case len(names) > 1:
		l.fail(o.node, "there are several targets: say whose accounts are read, such as target: %s", names[0])
	}
	return Target{}, false
}

// backMapping reads how one attribute of the record is made of the account.
func (l *loader) backMapping(p pair, t Target) (Mapping, bool) {
	m := Mapping{To: p.key.Value, Kind: targetString}
	before := len(l.problems)
	switch definition, err := l.definition(m.To); {
	case err != nil:
		l.fail(p.key, "%v", err)
	case !strings.HasPrefix(m.To, "contact.") && !isExtension(m.To):
		l.fail(p.key, "%s is for HR to say: only contact. and ext. attributes are written back", quote(m.To))
	case definition.Type != person.Text:
		l.fail(p.key, "%s is no text, and only texts are written back", quote(m.To))
	}
	o, ok := l.object(p.value, shapeBackMapping)
	if !ok || len(l.problems) > before {
		return m, false
	}
	ways := 0
	for _, way := range []string{"attribute", "constant", keyExpression} {
		if o.has(way) {
			ways++
		}
	}
	if ways != 1 {
		l.fail(p.value, "%s needs exactly one of attribute, constant and expression", quote(m.To))
	}
	if node := o.get("attribute"); node != nil {
		m.Attribute = l.accountAttribute(node, t)
	}
	m.Constant = l.text(o.get("constant"), "a constant")
	m.Clear = l.boolean(o.get("clear"), "clear", false)
	if node := o.get(keyExpression); node != nil {
		m.Expression = l.expressionOf(node, m.To, t, l.readsAccount(t))
		l.checkBackExpression(node, m)
	}
	if len(l.problems) == before {
		l.checkLoop(p, m, t)
	}
	return m, len(l.problems) == before
}

func (l *loader) checkBackExpression(node *yaml.Node, m Mapping) {
	switch e := m.Expression; {
	case e.IsZero():
	case e.IsUnique():
		l.fail(node, "SelectUniqueValue looks for a free value in a target: what is written back is the account's own")
	case e.IsRandom():
		l.fail(node, "Guid and RandomString give another value each time: they cannot be written back")
	case e.IsTimed():
		l.fail(node, "what depends on Now() cannot be written back: HR would be written to whenever the answer changes")
	}
}

// accountAttribute reads the name of an attribute of the target's accounts.
func (l *loader) accountAttribute(node *yaml.Node, t Target) string {
	word := l.text(node, "an attribute of the account")
	if word == "" {
		return ""
	}
	info, known := l.knownAttribute(word, t.Kind)
	if !known {
		l.fail(node, "%s has no attribute %s%s", t.Kind, quote(word), hint(word, l.accountAttributes(t.Kind)))
	}
	return info.Name
}

// readsAccount finds what an expression of a write-back means: an attribute of the
// account, else one of the record by its own name.
func (l *loader) readsAccount(t Target) func(name string) (reading, error) {
	return func(name string) (reading, error) {
		if info, known := l.knownAttribute(name, t.Kind); known {
			kind := person.Text
			if info.Type == targetBool {
				kind = person.Bool
			}
			return reading{name: name, attribute: accountPrefix + info.Name, kind: kind}, nil
		}
		definition, err := l.attributeOf(name)
		return reading{name: name, attribute: definition.Name, kind: definition.Type}, err
	}
}

// knownAttribute finds an attribute that accounts of a kind have, in any case. A
// link to another account is no value.
func (l *loader) knownAttribute(name, kind string) (AttributeInfo, bool) {
	for _, own := range []string{userNameAttribute, employeeIDAttribute, AccountID} {
		if strings.EqualFold(own, name) {
			return AttributeInfo{Name: own, Type: targetString}, true
		}
	}
	catalog, listed := l.options.Catalog[kind]
	for _, info := range catalog {
		if strings.EqualFold(info.Name, name) && info.Type != targetReference {
			return info, true
		}
	}
	return AttributeInfo{Name: name}, !listed && !strings.Contains(name, ".")
}

func (l *loader) accountAttributes(kind string) []string {
	out := []string{userNameAttribute, employeeIDAttribute, AccountID}
	for _, info := range l.options.Catalog[kind] {
		if info.Type != targetReference {
			out = append(out, info.Name)
		}
	}
	return out
}

// checkLoop refuses what would go round for ever: an attribute that is written to
// HR, comes back as a fact, is mapped to the account, and is read from there.
func (l *loader) checkLoop(p pair, m Mapping, t Target) {
	reads := []string{m.Attribute}
	for _, name := range m.Expression.Reads() {
		reads = append(reads, strings.TrimPrefix(name, accountPrefix))
	}
	for _, down := range t.Mapping {
		comesBack := down.Attribute == m.To || slices.Contains(down.Expression.Reads(), m.To)
		if comesBack && !down.OnCreate && slices.Contains(reads, down.To) {
			l.fail(p.value, "%s is made of %s, and the mapping of %s reads it again: the two would go round for ever", quote(m.To), down.To, down.To)
		}
	}
}
