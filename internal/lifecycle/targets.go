package lifecycle

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"tenure/internal/person"
)

// The dates of the stay by their short names.
const (
	StartDate       = "startDate"
	LastDayOfWork   = "lastDayOfWork"
	TerminationDate = "terminationDate"
	ContractEndDate = "contractEndDate"
)

func (l *loader) targets(node *yaml.Node) {
	for _, p := range l.named(node, "targets") {
		name := p.key.Value
		if _, found := l.policy.Target(name); found {
			l.fail(p.key, "a target %s exists already", quote(name))
			continue
		}
		l.mark(p.key, path("target", name)...)
		if o, ok := l.object(p.value, shapeTarget); ok {
			l.policy.Targets = append(l.policy.Targets, l.target(name, o))
		}
	}
}

func (l *loader) target(name string, o object) Target {
	s := standard()
	kinds := []string{KindAD, KindEntra}
	for kind := range l.options.Catalog {
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	t := Target{Name: name, Names: s.names, Account: AccountLines{Leave: s.leave, Rehire: s.rehire}}
	t.Kind = l.oneOf(o.get("kind"), "target kind", "", kinds...)
	t.Mode = l.oneOf(o.get("mode"), "mode", s.mode, ModeObserve, ModeAdopt, ModeEnforce)
	t.Tenant = l.identifier(o.get("tenant"), "tenant")
	t.Domain = l.domain(o.get("domain"))
	if node := o.get("credential"); node != nil {
		t.Credential = l.credential(node, t.Kind)
	}
	l.required(o, t.Kind)
	l.activeDirectory(o, &t)
	t.Scope, _ = l.condition(o.get("scope"), false)
	t.Scope = l.scopingFilters(o.get("scopingFilters"), t.Scope)
	t.OutOfScope = l.oneOf(o.get("outOfScope"), "outOfScope", s.outOfScope, OutOfScopeKeep, OutOfScopeAsk, OutOfScopeDisable)
	match, further := l.match(o.get("match"), s.match)
	t.Match, t.Propose = match, l.propose(o.get("propose"), s.propose)
	if len(further) > 0 {
		if o.has("propose") {
			l.fail(o.get("propose"), "match says by what an account is proposed: leave one of the two")
		}
		t.Propose = further
	}
	if node := o.get("account"); node != nil {
		l.account(name, node, &t.Account)
	}
	if node := o.get("names"); node != nil {
		t.Names = l.names(node, s.names)
	}
	t.Groups = l.labels(o.get("groups"), "groups")
	t.Licenses = l.labels(o.get("licenses"), "licenses")
	if node := o.get("protect"); node != nil {
		t.Protect = l.protect(node, t)
	}
	t.SyncedFrom = l.text(o.get("syncedFrom"), "syncedFrom")
	if t.SyncedFrom == name {
		l.fail(o.get("syncedFrom"), "%s cannot be synchronised from itself: name the directory in which its accounts are mastered", quote(name))
	}
	t.Counterpart = l.counterpart(o)
	t.Values = l.valueMaps(o.get("values"), name, t.Groups)
	t.Mapping = l.mappings(o.get("mapping"), t)
	if node := o.get("limits"); node != nil {
		t.Limits = l.limits(name, node)
	}
	t.Acknowledged = l.acknowledged(o.get("acknowledge"))
	return t
}

// required reports what a target of this kind cannot do without.
func (l *loader) required(o object, kind string) {
	wanted := map[string][]string{
		KindEntra: {"tenant", "credential", "domain", "mapping"},
		KindAD:    {"credential", "domain", "mapping"},
	}
	for _, key := range wanted[kind] {
		if !o.has(key) {
			k, _ := l.shapes[shapeTarget].find(key)
			l.fail(o.node, "%s is missing in a target of kind %s: %s", key, kind, lowerFirst(k.doc))
		}
	}
}

// acknowledged reads names of findings. Only what says that somebody else acts
// here, or may act, can be judged away; a missing permission cannot.
func (l *loader) acknowledged(node *yaml.Node) []string {
	names := l.texts(node, "findings")
	if node == nil || node.Kind != yaml.SequenceNode {
		return nil
	}
	for _, item := range node.Content {
		subject, _, _ := strings.Cut(item.Value, " ")
		if item.Value != "" && !slices.Contains(findingSubjects(), subject) {
			l.fail(item, "%s is no finding that can be acknowledged%s; write it as tenure doctor shows it", quote(item.Value), hint(subject, findingSubjects()))
		}
	}
	return names
}

// findingSubjects are the first words of the findings that can be acknowledged.
func findingSubjects() []string {
	return []string{"provisioning-job", "provisioning-jobs", "lifecycle-workflow", "lifecycle-workflows"}
}

// identifier reads an ID or domain, or a reference to one.
func (l *loader) identifier(node *yaml.Node, what string) string {
	if node == nil || node.Kind == yaml.ScalarNode && (isReference(node.Value) || guidPattern.MatchString(node.Value) || isDomain(node.Value)) {
		return l.text(node, what)
	}
	l.fail(node, "%s must be an ID (a GUID), a domain or a reference such as env:NAME", what)
	return ""
}

func (l *loader) domain(node *yaml.Node) string {
	word := l.text(node, "domain")
	if word != "" && !isDomain(word) {
		l.fail(node, "%s is no domain name; write one such as contoso.example", quote(word))
		return ""
	}
	return word
}

// credentialKeys are what each kind of credential is made of.
func credentialKeys() map[string][]string {
	return map[string][]string{
		CredentialSecret:      {"client", "secret"},
		CredentialCertificate: {"client", "certificate"},
		CredentialWorkload:    {"client", "tokenFile"},
		CredentialBind:        {"user", "secret"},
		CredentialKerberos:    {"user", "secret"},
		CredentialKeytab:      {"user", "keytab"},
	}
}

func (l *loader) credential(node *yaml.Node, kind string) Credential {
	o, ok := l.object(node, shapeCredential)
	if !ok {
		return Credential{}
	}
	kinds := []string{CredentialSecret, CredentialCertificate, CredentialWorkload}
	switch kind {
	case KindEntra:
	case KindAD:
		kinds = []string{CredentialBind, CredentialKerberos, CredentialKeytab}
	default:
		kinds = append(kinds, CredentialBind, CredentialKerberos, CredentialKeytab)
	}
	c := Credential{
		Kind:        l.oneOf(o.get("kind"), "credential kind", "", kinds...),
		Client:      l.identifier(o.get("client"), "client"),
		User:        l.reference(o.get("user"), "user"),
		Secret:      l.reference(o.get("secret"), "secret"),
		Certificate: l.reference(o.get("certificate"), "certificate"),
		TokenFile:   l.reference(o.get("tokenFile"), "tokenFile"),
		Keytab:      l.reference(o.get("keytab"), "keytab"),
	}
	wanted, known := credentialKeys()[c.Kind]
	for _, name := range []string{"client", "user", "secret", "certificate", "tokenFile", "keytab"} {
		isWanted := slices.Contains(wanted, name)
		switch {
		case !known:
		case isWanted && !o.has(name) && name == "client":
			l.fail(node, "client is missing in a credential of kind %s: write the application's ID, or env:NAME", c.Kind)
		case isWanted && !o.has(name) && name != "tokenFile":
			l.fail(node, "%s is missing in a credential of kind %s: write %s: env:NAME or file:PATH", name, c.Kind, name)
		case !isWanted && o.has(name):
			l.fail(o.get(name), "a credential of kind %s has no %s: remove it", c.Kind, name)
		}
	}
	return c
}

// match reads by what accounts that exist are recognised, in order. Only the
// employee number matches by itself; what stands behind it proposes (S14).
func (l *loader) match(node *yaml.Node, standard []string) (match, propose []string) {
	if node == nil {
		return standard, nil
	}
	for i, name := range l.texts(node, "attributes") {
		at := node.Content[min(i, len(node.Content)-1)]
		switch {
		case i == 0 && name != employeeIDAttribute:
			l.fail(at, "accounts are matched by employeeId; names and mail addresses never match by themselves (S14): write match: [employeeId, %s], and a human decides where another than the first finds one", name)
		case i == 0:
			match = append(match, name)
		case !slices.Contains(l.secondary(), name):
			l.fail(at, "an account cannot be looked for by %s%s", quote(name), hint(name, l.secondary()))
		default:
			propose = append(propose, name)
		}
	}
	return match, propose
}

// secondary are the attributes that propose an account and never match one.
func (l *loader) secondary() []string { return standard().propose }

// propose reads the secondary keys, which never match by themselves (S14).
func (l *loader) propose(node *yaml.Node, standard []string) []string {
	if node == nil {
		return standard
	}
	var out []string
	for _, item := range l.list(node, "attributes") {
		if name := l.oneOf(item, "attribute to propose by", "", standard...); name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func (l *loader) names(node *yaml.Node, standard NameRules) NameRules {
	o, ok := l.object(node, shapeNames)
	if !ok || !o.has("quarantine") {
		return standard
	}
	q := o.get("quarantine")
	if q.Kind == yaml.ScalarNode && q.Value == "never" {
		return NameRules{QuarantineNever: true}
	}
	return NameRules{Quarantine: l.days(q, "quarantine", Duration{})}
}

// labels reads names of groups or licences; an ID has one label.
func (l *loader) labels(node *yaml.Node, what string) []Label {
	var out []Label
	for _, p := range l.named(node, what) {
		id := l.text(p.value, "an object ID")
		if id != "" && !guidPattern.MatchString(id) {
			l.fail(p.value, "%s must be an ID such as 3f0c1a52-7f0b-4c57-9d55-1f3f6f6b0001; %s is none", p.key.Value, quote(id))
			id = ""
		}
		if i := slices.IndexFunc(out, func(other Label) bool { return strings.EqualFold(other.ID, id) }); i >= 0 && id != "" {
			l.fail(p.value, "%s and %s are the same ID; name it once", out[i].Name, p.key.Value)
			continue
		}
		out = append(out, Label{Name: p.key.Value, ID: strings.ToLower(id)})
	}
	return out
}

func (l *loader) account(target string, node *yaml.Node, lines *AccountLines) {
	o, ok := l.object(node, shapeAccount)
	if !ok {
		return
	}
	l.mark(node, path("target", target, "account")...)
	for _, line := range []struct {
		name, shape string
		into        **DateRule
	}{
		{"create", shapeLine, &lines.Create},
		{"enable", shapeLine, &lines.Enable},
		{"disable", shapeLine, &lines.Disable},
		{"delete", shapeDelete, &lines.Delete},
	} {
		n := o.get(line.name)
		if n == nil {
			continue
		}
		l.mark(n, path("target", target, "account", line.name)...)
		if read, ok := l.object(n, line.shape); ok {
			*line.into = l.dateRule(read)
			if line.name == "delete" {
				lines.Minimum = l.minimum(read.get("minimum"))
			}
		}
	}
	lines.Leave = l.oneOf(o.get("leave"), "leave", lines.Leave, LeaveKeep, LeaveDisable)
	lines.Rehire = l.oneOf(o.get("rehire"), "rehire", lines.Rehire, RehireReactivate, RehireNew, RehireAsk)
}

// minimum reads the least time before a delete (S7).
func (l *loader) minimum(node *yaml.Node) Duration {
	d := l.days(node, "minimum", Duration{Days: 1})
	if d.Days < 1 {
		l.fail(node, "minimum must be 1d or more, such as minimum: 14d: so long is a mistaken leave noticed before anything is lost (S7)")
	}
	return d
}

// dateRule reads on, offset, at and zone.
func (l *loader) dateRule(o object) *DateRule {
	rule := &DateRule{
		On:     l.anchor(o.get("on")),
		Offset: l.duration(o.get("offset"), "offset", Duration{}),
		At:     l.timeOfDay(o.get("at"), "at"),
		Zone:   ZonePerson,
	}
	if rule.Offset.Instant != 0 && rule.At != nil {
		l.fail(o.get("at"), "at with an offset in hours or minutes says two things: use an offset in days or weeks with at, or the hours alone")
	}
	if node := o.get("zone"); node != nil {
		switch word := l.text(node, "zone"); word {
		case "", ZonePerson, ZoneFeed:
			rule.Zone = word
		default:
			rule.ZoneLocation, rule.Zone = l.zone(node)
		}
	}
	return rule
}

// anchor reads the date to which a rule is tied.
func (l *loader) anchor(node *yaml.Node) string {
	word := l.text(node, "on")
	short := []string{StartDate, LastDayOfWork, TerminationDate, ContractEndDate}
	if word == "" || slices.Contains(short, word) {
		return word
	}
	if bare, found := strings.CutPrefix(word, "employment."); found && slices.Contains(short, bare) {
		l.fail(node, "write %s; rules use the date of the whole stay", bare)
		return bare
	}
	definition, err := l.definition(word)
	switch {
	case err != nil && hint(word, short) != "":
		l.fail(node, "unknown date %s%s", quote(word), hint(word, short))
	case err != nil:
		l.fail(node, "%v", err)
	case definition.Type != person.Day:
		l.fail(node, "%s is no date; use startDate, lastDayOfWork, terminationDate, contractEndDate or a date attribute", word)
	default:
		return word
	}
	return ""
}
