package lifecycle

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

const (
	leastPass = 10 * time.Minute
	mostPass  = 30 * 24 * time.Hour
)

// laterTasks are tasks of Microsoft's that this version lacks, with what to do
// instead.
func laterTasks() map[string]string {
	const (
		extension = "use runCustomTaskExtension"
		groups    = "use removeUserFromAllGroups or removeUserFromGroups on the group behind the team"
	)
	return map[string]string{
		"deleteUser":                            "write the delete line of the target's account, or in Active Directory use deleteUserAccount",
		"updateUserAttributes":                  "map the attribute under the target, or in Active Directory use setUserAttributes",
		"addUserToTeams":                        "use addUserToGroups with the group behind the team",
		"removeUserFromTeams":                   groups,
		"removeUserFromAllTeams":                groups,
		"requestUserAccessPackageAssignment":    extension,
		"removeUserAccessPackageAssignment":     extension,
		"removeAllUserAccessPackageAssignments": extension,
		"cancelUserAccessPackageRequests":       extension,
		"sendInactivityEmail":                   "trigger a mail on demand",
	}
}

// task reads one item of tasks: {kind: arguments}, with when and
// continueOnError beside it.
func (l *loader) task(item *yaml.Node, category Category, inChange bool) (Task, bool) {
	if item.Kind == yaml.ScalarNode && item.Tag == "!!str" {
		l.fail(item, "write - %s: {}; a task always has its arguments, even if there are none", item.Value)
		return Task{}, false
	}
	kindNode, arguments, modifiers := l.splitTask(item)
	if kindNode == nil {
		return Task{}, false
	}
	kind := TaskKind(kindNode.Value)
	info, _ := kind.Info()
	t := Task{Kind: kind}
	if category != "" && !slices.Contains(info.Categories, category) {
		l.fail(kindNode, "%s does not fit a %s; it is for %s", kind, category, joined(info.Categories))
	}
	t.When, _ = l.condition(modifiers.get("when"), inChange)
	t.ContinueOnError = l.boolean(modifiers.get("continueOnError"), "continueOnError", continueStandard(info.Class, category))
	l.arguments(arguments, kindNode, &t, category, inChange)
	return t, true
}

// splitTask finds the key that names the task.
func (l *loader) splitTask(item *yaml.Node) (kind, arguments *yaml.Node, modifiers object) {
	names := taskNames()
	later := laterTasks()
	further := slices.Clone(names)
	if l.isMapping(item) {
		for i := 0; i+1 < len(item.Content); i += 2 {
			word := item.Content[i].Value
			instead, found := later[word]
			if found {
				l.fail(item.Content[i], "%s does not work in this version yet: %s", word, instead)
				return nil, nil, object{}
			}
			if slices.Contains(names, word) && isNull(item.Content[i+1]) {
				l.fail(item.Content[i], "write %s: {}; a task always has its arguments, even if there are none", word)
				return nil, nil, object{}
			}
		}
	}
	modifiers, ok := l.objectWith(item, shapeTask, further)
	if !ok {
		return nil, nil, modifiers
	}
	for _, p := range l.entries(item) {
		if !slices.Contains(names, p.key.Value) {
			continue
		}
		if kind != nil {
			l.fail(p.key, "two tasks in one item: begin a new item (-) for %s", p.key.Value)
			return nil, nil, modifiers
		}
		kind, arguments = p.key, p.value
	}
	if kind == nil && !l.hasUnknown(item, further) {
		l.fail(item, "the item names no task; docs/policy.md lists them")
	}
	return kind, arguments, modifiers
}

// entries are the entries of a mapping that has been checked.
func (l *loader) entries(node *yaml.Node) []pair {
	var out []pair
	for i := 0; i+1 < len(node.Content); i += 2 {
		out = append(out, pair{node.Content[i], node.Content[i+1]})
	}
	return out
}

// hasUnknown reports whether an unknown key has been reported already.
func (l *loader) hasUnknown(item *yaml.Node, further []string) bool {
	known := append(l.shapes[shapeTask].known(), further...)
	return slices.ContainsFunc(l.entries(item), func(p pair) bool { return !slices.Contains(known, p.key.Value) })
}

// shapeOf is the shape of a task's arguments.
func shapeOf(info TaskInfo) string {
	switch info.Kind {
	case AddUserToGroups, RemoveUserFromGroups:
		return shapeGroupsTask
	case RemoveUserFromAllGroups:
		return shapeAllGroupsTask
	case AssignLicensesToUser, RemoveLicensesFromUser:
		return shapeLicensesTask
	case MoveUserToContainer, DisableUserAndMoveToContainer:
		return shapeContainerTask
	case HideUserFromAddressLists:
		return shapeHideTask
	case SetUserAttributes:
		return shapeSetTask
	case DeleteUserAccount:
		return shapeDeleteTask
	case GenerateInitialPassword:
		return shapePasswordTask
	default:
		return shapeOfClass(info.Class)
	}
}

func shapeOfClass(class Class) string {
	switch class {
	case ClassMail:
		return shapeMailTask
	case ClassPass:
		return shapePassTask
	case ClassExtension:
		return shapeExtensionTask
	case ClassAccess, ClassAccount:
	}
	return shapeTargetTask
}

func (l *loader) arguments(node, kindNode *yaml.Node, t *Task, category Category, inChange bool) {
	info, _ := t.Kind.Info()
	o, ok := l.object(node, shapeOf(info))
	if !ok {
		return
	}
	switch info.Class {
	case ClassMail:
		l.mail(o, t)
	case ClassExtension:
		l.extensionTask(o, t)
	case ClassPass:
		l.mail(o, t)
		l.pass(o, t)
		l.taskTarget(o, kindNode, t)
	case ClassAccess, ClassAccount:
		l.taskTarget(o, kindNode, t)
		l.taskLabels(o, t, inChange)
	}
	l.inCloudOnly(kindNode, *t)
	if info.InDomainOnly() {
		l.domainTask(o, kindNode, t, category)
	}
}

var localePattern = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

func (l *loader) mail(o object, t *Task) {
	t.To = Recipient{Kind: recipientStandard(t.Kind)}
	if node := o.get("to"); node != nil {
		t.To = l.recipient(node)
	}
	t.Template = string(t.Kind)
	if node := o.get("template"); node != nil {
		t.Template = l.text(node, "template")
	}
	if known := l.options.Templates; known != nil && t.Template != "" && !slices.Contains(known, t.Template) {
		at := o.get("template")
		if at == nil {
			at = o.node
		}
		l.fail(at, "unknown template %s%s", quote(t.Template), hint(t.Template, known))
	}
	t.Locale = l.text(o.get("locale"), "locale")
	if t.Locale != "" && !localePattern.MatchString(t.Locale) {
		l.fail(o.get("locale"), "%s is no language; write one such as en, de or fr-CA", quote(t.Locale))
	}
}

func (l *loader) recipient(node *yaml.Node) Recipient {
	word := l.text(node, "a recipient")
	switch {
	case word == "":
	case word == ToManager, word == ToPerson:
		return Recipient{Kind: word}
	case isMailAddress(word):
		return Recipient{Kind: ToFixed, Address: word}
	default:
		l.fail(node, "unknown recipient %s; write manager, person or a mail address", quote(word))
	}
	return Recipient{}
}

func (l *loader) pass(o object, t *Task) {
	t.Pass = &PassRule{
		Lifetime: l.instant(o.get("lifetime"), "lifetime", leastPass, leastPass, mostPass),
		Once:     l.boolean(o.get("once"), "once", true),
	}
	if t.To.Kind == ToPerson {
		l.fail(o.get("to"), "the pass opens the person's own account and never goes to the person: write to: manager, or a mail address (S6)")
	}
	node := o.get("start")
	if node == nil {
		return
	}
	start, ok := l.object(node, shapePassStart)
	if !ok {
		return
	}
	t.Pass.Start = *l.dateRule(start)
	if on := t.Pass.Start.On; on != "" && on != StartDate {
		l.fail(start.get("on"), "a pass is valid from startDate: write start: {on: startDate, at: \"08:00\"} (S6)")
	}
}

func (l *loader) extensionTask(o object, t *Task) {
	node := o.get("extension")
	name := l.text(node, "an extension")
	if name == "" {
		return
	}
	if _, found := l.policy.Extension(name); !found {
		var names []string
		for _, e := range l.policy.Extensions {
			names = append(names, e.Name)
		}
		l.fail(node, "unknown extension %s%s", quote(name), cmpHint(name, names, "; describe it under extensions"))
		return
	}
	t.Extension = name
}

// cmpHint is a hint, or what to do where there is nothing to choose from.
func cmpHint(word string, choices []string, otherwise string) string {
	if text := hint(word, choices); text != "" {
		return text
	}
	return otherwise
}

// taskTarget is the stated target, or the only one.
func (l *loader) taskTarget(o object, kindNode *yaml.Node, t *Task) {
	var names []string
	for _, target := range l.policy.Targets {
		names = append(names, target.Name)
	}
	if node := o.get("target"); node != nil {
		word := l.text(node, "a target")
		if word != "" && !slices.Contains(names, word) {
			l.fail(node, "unknown target %s%s", quote(word), hint(word, names))
			return
		}
		t.Target = word
		return
	}
	switch len(names) {
	case 0:
	case 1:
		t.Target = names[0]
	default:
		l.fail(kindNode, "there are several targets: say which one %s works on, such as target: %s", t.Kind, names[0])
	}
}

func (l *loader) taskLabels(o object, t *Task, inChange bool) {
	target, known := l.policy.Target(t.Target)
	groups := target.Groups
	for _, m := range target.Values {
		groups = append(slices.Clip(groups), Label{Name: m.Name})
		if inChange {
			groups = append(groups, Label{Name: beforePrefix + m.Name}, Label{Name: afterPrefix + m.Name})
		}
	}
	t.Groups = l.labelList(o.get("groups"), "group", groups, known)
	t.Except = l.labelList(o.get("except"), "group", target.Groups, known)
	t.Licenses = l.labelList(o.get("licenses"), "license", target.Licenses, known)
}

func (l *loader) labelList(node *yaml.Node, what string, labels []Label, known bool) []string {
	if node == nil {
		return nil
	}
	names := make([]string, len(labels))
	for i, label := range labels {
		names[i] = label.Name
	}
	var out []string
	for _, item := range l.list(node, what+"s") {
		word := l.text(item, "a label")
		switch {
		case word == "" || !known:
			continue
		case !slices.Contains(names, word):
			l.fail(item, "unknown %s %s%s", what, quote(word), cmpHint(word, names, fmt.Sprintf("; name it under %ss of the target", what)))
			continue
		case slices.Contains(out, word):
			l.fail(item, "%s stands in the list twice", quote(word))
			continue
		}
		out = append(out, word)
	}
	return out
}

func taskNames() []string {
	var names []string
	for _, info := range Tasks() {
		names = append(names, string(info.Kind))
	}
	return names
}

func joined(categories []Category) string {
	names := make([]string, 0, len(categories))
	for _, c := range categories {
		names = append(names, string(c)+"s")
	}
	if last := len(names) - 1; last > 0 {
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return strings.Join(names, "")
}
