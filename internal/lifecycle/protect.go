package lifecycle

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Protect names the accounts that no feed may take access from (S17). Holders of
// a role, and members and owners of role-assignable groups, need not be named.
type Protect struct {
	// Accounts are user names and object IDs.
	Accounts []string
	// MembersOf are labels of groups whose members, through other groups too, are
	// protected.
	MembersOf []string
	// Containers are those of an AD domain whose accounts are protected.
	Containers []string
	// KeepMembership are labels of groups that no task removes anybody from.
	KeepMembership []string
}

// Names reports whether an account is named, by its object ID or user name.
func (p Protect) Names(id, userName string) bool {
	return slices.ContainsFunc(p.Accounts, func(named string) bool {
		return strings.EqualFold(named, id) || strings.EqualFold(named, userName)
	})
}

// holds reports whether a container lies in a protected one.
func (p Protect) holds(container string) bool {
	return slices.ContainsFunc(p.Containers, func(protected string) bool { return liesIn(container, protected) })
}

func (l *loader) protect(node *yaml.Node, target Target) Protect {
	o, ok := l.object(node, shapeProtect)
	if !ok {
		return Protect{}
	}
	p := Protect{
		MembersOf:      l.labelList(o.get("membersOf"), "group", target.Groups, true),
		KeepMembership: l.labelList(o.get("keepMembership"), "group", target.Groups, true),
	}
	if node := o.get("containers"); node != nil && target.Kind != KindAD {
		l.fail(node, "containers are for targets of kind %s: remove them", KindAD)
	} else if node != nil {
		for _, item := range l.list(node, "containers") {
			if container := l.below(item, "a container", target.Base); container != "" {
				p.Containers = append(p.Containers, container)
			}
		}
	}
	for i, word := range l.texts(o.get("accounts"), "accounts") {
		if !guidPattern.MatchString(word) && !isMailAddress(word) {
			l.fail(o.get("accounts").Content[i], "%s is no user name and no object ID; write one such as breakglass@contoso.example", quote(word))
			continue
		}
		p.Accounts = append(p.Accounts, word)
	}
	return p
}

// checkKept: no task may remove from a group that is kept (S17).
func (l *loader) checkKept(i, n int, t Task) {
	target, found := l.policy.Target(t.Target)
	if !found || t.Kind != RemoveUserFromGroups {
		return
	}
	for _, name := range t.Groups {
		for _, label := range target.labelsOf(name) {
			if slices.Contains(target.Protect.KeepMembership, label) {
				l.failAt(path("workflow", i, "task", n), "protect.keepMembership keeps everybody in %s, and this task would remove from it: leave it out of one of the two (S17)", label)
			}
		}
	}
}
