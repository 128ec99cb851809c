package lifecycle

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ContainerAttribute is the mapping that says in which container an account of
// Active Directory lies; Microsoft's own provisioning names it so.
const ContainerAttribute = "parentDistinguishedName"

// activeDirectory reads what only a domain of Active Directory has.
func (l *loader) activeDirectory(o object, t *Target) {
	if t.Kind != KindAD {
		for _, key := range []string{"base", "under", "forest", "containers"} {
			if o.has(key) {
				l.fail(o.get(key), "%s is for targets of kind %s: remove it", key, KindAD)
			}
		}
		return
	}
	for _, key := range []string{"tenant", "licenses", "syncedFrom"} {
		if o.has(key) {
			l.fail(o.get(key), "a target of kind %s has no %s: remove it", KindAD, key)
		}
	}
	t.Base = l.distinguishedName(o.get("base"), "base")
	if !o.has("base") && t.Domain != "" {
		t.Base = "DC=" + strings.ReplaceAll(t.Domain, ".", ",DC=")
	}
	t.Under = l.below(o.get("under"), "under", t.Base)
	t.Forest = l.forest(o.get("forest"), *t)
	t.Containers = l.containers(o.get("containers"), t.Base)
}

// forest reads the name of a forest. No two targets of one manage the same
// accounts: in which of them somebody's manager is would be a guess.
func (l *loader) forest(node *yaml.Node, t Target) string {
	name := l.text(node, "forest")
	if name == "" {
		return ""
	}
	if !isName(name) {
		l.fail(node, "%s is no name: use letters, digits, dots, dashes and underscores, 64 at most", quote(name))
		return ""
	}
	mine := cmp.Or(t.Under, t.Base)
	for _, other := range l.policy.Targets {
		if theirs := cmp.Or(other.Under, other.Base); other.Forest == name && strings.EqualFold(other.Base, t.Base) && (liesIn(mine, theirs) || liesIn(theirs, mine)) {
			l.fail(node, "%s is the same domain as %s: leave one of the two, or give each an under of its own", quote(t.Name), quote(other.Name))
		}
	}
	return name
}

// checkForest reports a forest that only one target names: it is a mistake in
// writing, or of no use.
func (l *loader) checkForest(t Target) {
	if t.Forest == "" || len(l.policy.Neighbours(t)) > 0 {
		return
	}
	var others []string
	for _, other := range l.policy.Targets {
		if other.Forest != "" && other.Forest != t.Forest && !slices.Contains(others, other.Forest) {
			others = append(others, other.Forest)
		}
	}
	l.warnAt(path("target", t.Name), "managers are looked for in %s alone, since no other target is of forest %s%s", t.Name, quote(t.Forest), hint(t.Forest, others))
}

// distinguishedName reads the name of a container.
func (l *loader) distinguishedName(node *yaml.Node, what string) string {
	word := l.text(node, what)
	if word != "" && !containerPattern.MatchString(word) {
		l.fail(node, "%s is no distinguished name; write one such as OU=Staff,DC=corp,DC=contoso,DC=example", quote(word))
		return ""
	}
	return word
}

// below reads the name of a container in a domain.
func (l *loader) below(node *yaml.Node, what, base string) string {
	word := l.distinguishedName(node, what)
	if word != "" && base != "" && !liesIn(word, base) {
		l.fail(node, "%s lies outside of the domain %s", quote(word), base)
		return ""
	}
	return word
}

// inCloudOnly refuses tasks for which a domain of Active Directory has nothing.
func (l *loader) inCloudOnly(kindNode *yaml.Node, t Task) {
	target, _ := l.policy.Target(t.Target)
	if target.Kind != KindAD {
		return
	}
	switch t.Kind {
	case GenerateTemporaryAccessPass, AssignLicensesToUser, RemoveLicensesFromUser, RemoveAllLicenseAssignments, RevokeAllRefreshTokens:
		l.fail(kindNode, "%s works on Entra alone, and %s is a domain of Active Directory: name another target, or leave the task out", t.Kind, quote(t.Target))
	default:
	}
}

// liesIn compares as servers do, without case.
func liesIn(container, base string) bool {
	container, base = strings.ToLower(container), strings.ToLower(base)
	return container == base || strings.HasSuffix(container, ","+base)
}

// containerPattern is a distinguished name of containers, without blanks around
// its commas.
var containerPattern = regexp.MustCompile(`^(?i:(OU|CN|DC)=([^,\\=+<>;"#\x00-\x1f]|\\[^\x00-\x1f])+)(,(?i:OU|CN|DC)=([^,\\=+<>;"#\x00-\x1f]|\\[^\x00-\x1f])+)*$`)

// checkContainer lets no text of HR name a container (S18): what the mapping can
// become stands in the policy.
func (l *loader) checkContainer(p pair, m Mapping, t Target) {
	if t.Kind != KindAD || m.To != ContainerAttribute {
		return
	}
	containers := []string{m.Constant}
	if m.Constant == "" {
		var fixed bool
		if containers, fixed = m.Expression.Outcomes(); !fixed {
			l.fail(p.value, "what HR says never names a container (S18): write a constant, or a Switch whose values and default are containers")
			return
		}
	}
	for _, container := range containers {
		switch {
		case !containerPattern.MatchString(container):
			l.fail(p.value, "%s is no distinguished name; write one such as OU=Staff,DC=corp,DC=contoso,DC=example", quote(container))
		case t.Base != "" && !liesIn(container, t.Base):
			l.fail(p.value, "%s lies outside of the domain %s", quote(container), t.Base)
		case t.Protect.holds(container):
			l.fail(p.value, "%s is protected: nobody is put there (S17)", quote(container))
		}
	}
}
