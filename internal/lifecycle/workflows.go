package lifecycle

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tenure/internal/person"
)

const longestName = 100

func (l *loader) workflows(node *yaml.Node) {
	for _, item := range l.list(node, "lifecycle workflows") {
		o, ok := l.object(item, shapeWorkflow)
		if !ok {
			continue
		}
		i := index(len(l.policy.Workflows))
		l.mark(item, path("workflow", i)...)
		l.policy.Workflows = append(l.policy.Workflows, l.workflow(i, o))
	}
}

func (l *loader) workflow(i string, o object) Workflow {
	w := Workflow{Name: l.workflowName(o.get("name")), Late: standard().late}
	w.Category = Category(l.oneOf(o.get("category"), "category", "", string(Joiner), string(Mover), string(Leaver)))
	if node := o.get("trigger"); node != nil {
		l.mark(node, path("workflow", i, "trigger")...)
		w.Trigger = l.trigger(node, w.Category)
	}
	inChange := writesKey(o.get("trigger"), "change")
	var known facts
	w.Scope, known = l.condition(o.get("scope"), inChange)
	if rule := w.Trigger.Date; rule != nil && rule.On == ContractEndDate && !slices.Contains(known.attributes, person.KindAttribute) {
		l.fail(o.get("trigger"), `contractEndDate counts only for the kinds that say so: give this workflow a scope such as 'employment.kind == "contingent"'`)
	}
	if node := o.get("late"); node != nil {
		l.mark(node, path("workflow", i, "late")...)
		w.Late = l.late(node, w.Late)
	}
	for _, item := range l.list(o.get("tasks"), "tasks") {
		t, ok := l.task(item, w.Category, inChange)
		if !ok {
			continue
		}
		l.mark(item, path("workflow", i, "task", len(w.Tasks))...)
		t.Name = taskName(w.Tasks, t.Kind)
		w.Tasks = append(w.Tasks, t)
	}
	return w
}

// writesKey reports whether a mapping has the key, so that a mistake in a
// trigger does not make mistakes of what depends on it.
func writesKey(node *yaml.Node, name string) bool {
	if node == nil || node.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return true
		}
	}
	return false
}

// workflowName reads a name; it is part of task keys, which have slashes
// between their parts.
func (l *loader) workflowName(node *yaml.Node) string {
	name := l.text(node, "the name of a lifecycle workflow")
	switch {
	case name == "":
	case len(name) > longestName:
		l.fail(node, "the name has %d characters, at most %d are allowed", len(name), longestName)
	case strings.Contains(name, "/"), strings.TrimSpace(name) != name:
		l.fail(node, "a name has no slash, and no blank at its ends")
	case strings.HasPrefix(name, AccountPrefix):
		l.fail(node, "a name does not begin with %s: that is how the account lines of a target are called", quote(AccountPrefix))
	case strings.HasPrefix(name, WriteBackPrefix):
		l.fail(node, "a name does not begin with %s: that is how what a feed is told is called", quote(WriteBackPrefix))
	default:
		if _, found := l.policy.Workflow(name); found {
			l.fail(node, "a lifecycle workflow %s exists already; names are unique", quote(name))
		}
		return name
	}
	return ""
}

// taskName is the kind, and kind#2 for a second task of that kind.
func taskName(before []Task, kind TaskKind) string {
	n := 1
	for _, t := range before {
		if t.Kind == kind {
			n++
		}
	}
	if n == 1 {
		return string(kind)
	}
	return string(kind) + "#" + index(n)
}

func (l *loader) trigger(node *yaml.Node, category Category) Trigger {
	before := len(l.problems)
	o, ok := l.object(node, shapeTrigger)
	if !ok {
		return Trigger{}
	}
	var t Trigger
	ways := 0
	for _, way := range []string{"on", "change", "demand"} {
		if _, written := o.values[way]; written {
			ways++
		}
	}
	if ways != 1 {
		if len(l.problems) == before {
			l.fail(node, "a trigger has exactly one of on (a date), change and demand")
		}
		return t
	}
	switch {
	case o.has("on"):
		l.refuseKeys(o, "a date trigger", "settle")
		t.Date = l.dateRule(o)
		l.anchorFits(o.get("on"), category, t.Date.On)
	case o.has("change"):
		l.refuseKeys(o, "a change trigger", "offset", "at", "zone")
		t.Change = l.changes(o.get("change"))
		t.Settle = l.instant(o.get("settle"), "settle", standard().settle, 0, 24*time.Hour)
	case o.has("demand"):
		l.refuseKeys(o, "a trigger on demand", "offset", "at", "zone", "settle")
		t.Demand = l.demand(o.get("demand"))
	}
	return t
}

// anchorFits refuses dates that belong to another category.
func (l *loader) anchorFits(node *yaml.Node, category Category, on string) {
	leaving := on == LastDayOfWork || on == TerminationDate || on == ContractEndDate
	switch {
	case category == Joiner && leaving:
		l.fail(node, "a joiner is triggered by startDate or another date of the beginning; for %s write category: leaver", on)
	case category == Leaver && on == StartDate:
		l.fail(node, "a leaver is triggered by lastDayOfWork, terminationDate or contractEndDate; for startDate write category: joiner")
	}
}

func (l *loader) changes(node *yaml.Node) []ChangeRule {
	var out []ChangeRule
	for _, item := range l.list(node, "attributes") {
		var rule ChangeRule
		if item.Kind == yaml.MappingNode {
			o, ok := l.object(item, shapeChange)
			if !ok || !o.has("attribute") {
				continue
			}
			rule.Attribute = l.attribute(o.get("attribute"))
			rule.From = l.optional(o.get("from"), rule.Attribute)
			rule.To = l.optional(o.get("to"), rule.Attribute)
		} else {
			rule.Attribute = l.attribute(item)
		}
		if rule.Attribute != "" {
			out = append(out, rule)
		}
	}
	return out
}

// optional reads a value an attribute may have.
func (l *loader) optional(node *yaml.Node, attribute string) *string {
	word := l.text(node, "a value")
	if word == "" {
		return nil
	}
	if definition, found := person.Lookup(attribute); found {
		if _, err := definition.Canonical(word); err != nil {
			l.fail(node, "%s is never %s%s", attribute, quote(word), hint(word, definition.Values))
		}
	}
	return &word
}

func (l *loader) demand(node *yaml.Node) *Demand {
	demand := &Demand{}
	o, ok := l.object(node, shapeDemand)
	if !ok {
		return demand
	}
	demand.Approvals = l.whole(o.get("approvals"), "approvals", 0, 0, maxApprovals, "")
	if !o.has("roles") {
		return demand
	}
	roles := []string{"viewer", "operator", "approver", "admin"}
	for _, item := range l.list(o.get("roles"), "roles") {
		demand.Roles = append(demand.Roles, l.oneOf(item, "role", "", roles...))
	}
	return demand
}

func (l *loader) late(node *yaml.Node, standard Late) Late {
	if node.Kind != yaml.MappingNode {
		word := l.oneOf(node, "late", "", string(LateRun), string(LateSkip), string(LateAsk))
		return Late{Then: LatePolicy(word)}
	}
	o, ok := l.object(node, shapeLate)
	if !ok {
		return standard
	}
	return Late{
		Within: l.days(o.get("run"), "run", standard.Within),
		Then:   LatePolicy(l.oneOf(o.get("then"), "then", string(standard.Then), string(LateSkip), string(LateAsk))),
	}
}
