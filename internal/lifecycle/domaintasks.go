package lifecycle

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// hiddenAttribute hides an account from the address lists of Exchange.
const hiddenAttribute = "msExchHideFromAddressLists"

// lockedAttribute is since when an account is locked after wrong passwords; 0 unlocks.
const lockedAttribute = "lockoutTime"

// domainTask reads the arguments of the tasks of Active Directory.
func (l *loader) domainTask(o object, kindNode *yaml.Node, t *Task, category Category) {
	target, found := l.policy.Target(t.Target)
	if !found {
		return // said already
	}
	if target.Kind != KindAD {
		l.fail(kindNode, "%s works on a domain of Active Directory alone, and %s is none: name another target, or leave the task out", t.Kind, quote(t.Target))
		return
	}
	switch t.Kind {
	case MoveUserToContainer, DisableUserAndMoveToContainer:
		container := l.below(o.get("container"), "container", target.Base)
		if container != "" && target.Protect.holds(container) {
			l.fail(o.get("container"), "%s is protected: nobody is put there (S17)", quote(container))
		}
		if target.Under != "" && container != "" && !liesIn(container, target.Under) {
			l.warnings = append(l.warnings, l.at(o.get("container")).problem("%s lies outside of under: whoever is moved there is found by the account's ID alone", quote(container)))
		}
		if cloud := l.loses(target, container); cloud != "" {
			l.warnings = append(l.warnings, l.at(o.get("container")).problem("%s is not synchronised: whoever is moved there loses the account and the mailbox in %s, so that it waits for the delete there, or asks (S17)", quote(container), cloud))
		}
		m := Mapping{To: ContainerAttribute, Constant: container}
		if category == Leaver {
			t.Attributes = append(t.Attributes, m) // the mapping follows nobody who has left
			return
		}
		l.writes(kindNode, target, t, m)
	case HideUserFromAddressLists:
		hidden := l.boolean(o.get("hidden"), "hidden", true)
		l.writes(kindNode, target, t, Mapping{To: hiddenAttribute, Kind: targetBool, Constant: strconv.FormatBool(hidden)})
	case SetUserAttributes:
		l.setAttributes(o.get("attributes"), target, t)
	case UnlockUserAccount:
		l.writes(kindNode, target, t, Mapping{To: lockedAttribute, Constant: "0"})
	case DeleteUserAccount:
		t.Minimum = l.minimum(o.get("minimum"))
	default:
	}
}

// writes adds an attribute that the task writes. What the mapping makes has one
// owner.
func (l *loader) writes(at *yaml.Node, target Target, t *Task, m Mapping) {
	owned := slices.ContainsFunc(target.Mapping, func(other Mapping) bool {
		return strings.EqualFold(other.To, m.To) && !other.OnCreate
	})
	if owned {
		l.fail(at, "the mapping of %s makes %s: one of the two writes it", t.Target, m.To)
		return
	}
	t.Attributes = append(t.Attributes, m)
}

func (l *loader) setAttributes(node *yaml.Node, target Target, t *Task) {
	if node == nil || !l.isMapping(node) {
		return
	}
	if len(node.Content) == 0 {
		l.fail(node, "attributes are missing: write attributes: {description: {constant: Left}}")
	}
	for _, p := range l.pairs(node) {
		if instead, own := l.ownTask(p.key.Value); own {
			l.fail(p.key, "%s is not written by %s: %s", p.key.Value, t.Kind, instead)
			continue
		}
		info, known := l.targetAttribute(p.key, target.Kind)
		o, ok := l.object(p.value, shapeSetAttribute)
		if !known || !ok {
			continue
		}
		m := Mapping{To: p.key.Value, Kind: info.Type, Clear: true}
		before := len(l.problems)
		if node := o.get("attribute"); node != nil {
			m.Attribute = l.attribute(node)
		}
		m.Constant = l.text(o.get("constant"), "a constant")
		m.Expression = l.mappingExpression(o.get(keyExpression), m.To, target)
		clears := l.boolean(o.get("clear"), "clear", false)
		ways := 0
		for _, one := range []bool{o.has("attribute"), o.has("constant"), o.has(keyExpression), clears} {
			if one {
				ways++
			}
		}
		if ways != 1 && len(l.problems) == before {
			l.fail(p.value, "%s needs exactly one of attribute, constant, expression and clear: true", quote(m.To))
			continue
		}
		l.checkType(p, m, info)
		if m.Expression.IsRandom() {
			l.fail(o.get(keyExpression), "Guid and RandomString give another value each time: a task that is tried again would write another one")
		}
		l.writes(p.key, target, t, m)
	}
}

// ownTask tells what to do about attributes that decide who the account is and
// where it lies.
func (l *loader) ownTask(name string) (instead string, own bool) {
	switch {
	case strings.EqualFold(name, ContainerAttribute):
		return "use moveUserToContainer", true
	case strings.EqualFold(name, hiddenAttribute):
		return "use hideUserFromAddressLists", true
	case slices.ContainsFunc(protectedAttributes(), func(protected string) bool { return strings.EqualFold(name, protected) }):
		return "it says whose account it is, or what it may do", true
	}
	return "", false
}

// protectedAttributes are those that no task writes: they are the account's
// identity, its links and its rights.
func protectedAttributes() []string {
	return []string{
		userNameAttribute, employeeIDAttribute, managerAttribute, "cn", "name", "sAMAccountName", "mail", "proxyAddresses",
		"userAccountControl", "unicodePwd", "userPassword", "pwdLastSet", "lockoutTime", "objectGUID", "objectSid", "sIDHistory",
		"objectClass", "nTSecurityDescriptor", "adminCount", "member", "memberOf", "primaryGroupID", "servicePrincipalName",
		"altSecurityIdentities", "mS-DS-ConsistencyGuid", "distinguishedName",
	}
}

// Says is what the task does beyond its name, for people: "" where its name says
// it all.
func (t Task) Says() string {
	var names []string
	for _, m := range t.Attributes {
		switch {
		case m.To == ContainerAttribute:
			return "to " + m.Constant
		case m.To == hiddenAttribute && m.Constant == "false":
			return "shows it again"
		case m.To == hiddenAttribute, m.To == lockedAttribute:
		default:
			names = append(names, m.To)
		}
	}
	switch {
	case len(names) > 0:
		return "writes " + strings.Join(names, ", ")
	case t.Kind == DeleteUserAccount:
		return "not before " + t.Minimum.String() + " after the disable"
	default:
		return ""
	}
}
