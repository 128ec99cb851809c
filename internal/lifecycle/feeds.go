package lifecycle

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"tenure/internal/person"
)

const (
	// managerField is the reference to the manager as fields and mappings name it.
	managerField = "managerRef"
	// keyWriteBack is the key of what a feed is told.
	keyWriteBack = "writeBack"

	longestBridge = 366
)

func (l *loader) feeds(node *yaml.Node) {
	for _, p := range l.named(node, "feeds") {
		if _, found := l.policy.Feed(p.key.Value); found {
			l.fail(p.key, "a feed %s exists already", quote(p.key.Value))
			continue
		}
		l.mark(p.key, path("feed", p.key.Value)...)
		if o, ok := l.object(p.value, shapeFeed); ok {
			l.policy.Feeds = append(l.policy.Feeds, l.feed(p.key.Value, o))
		}
	}
}

func (l *loader) feed(name string, o object) Feed {
	f := standard().feed
	f.Name = name
	f.Kind = FeedKind(l.oneOf(o.get("kind"), "feed kind", "", string(FeedCSV), string(FeedWebhook)))
	f.Realm = l.realm(o.get("realm"))
	f.Baseline = l.date(o.get("baseline"), "baseline")
	f.Zone, f.ZoneName = l.zone(o.get("zone"))
	f.Owns = l.owns(o.get("owns"))
	f.Bridge = l.bridge(o.get("bridge"), f.Bridge)
	if f.OwnsStatus() {
		if !o.has("baseline") {
			l.fail(o.node, "baseline is missing: write the day from which this policy acts, such as baseline: 2026-11-01; whoever started before is existing staff (S1)")
		}
		if !o.has("zone") {
			l.fail(o.node, "zone is missing: write the time zone of people for whom nothing better is known, such as zone: Europe/Berlin (S9)")
		}
	}
	switch f.Kind {
	case FeedCSV:
		l.refuseKeys(o, "a csv feed", "signature", keyWriteBack)
		l.csvFeed(o, &f)
	case FeedWebhook:
		l.webhook = true
		l.refuseKeys(o, "a webhook feed", "key", "dates", "mode", "encoding", "delimiter", "nulls", "asOf", "absent", "holdWhen", "fields")
		l.signature(o, &f)
		if node := o.get(keyWriteBack); node != nil {
			l.waiting = append(l.waiting, writeBackNode{l.file, name, node})
		}
	default:
		l.webhook = true
	}
	return f
}

// refuseKeys reports keys that have no meaning here.
func (l *loader) refuseKeys(o object, what string, names ...string) {
	for _, name := range names {
		if o.has(name) {
			l.fail(o.get(name), "%s has no %s: remove it", what, name)
		}
	}
}

func (l *loader) realm(node *yaml.Node) string {
	word := l.text(node, "realm")
	if word != "" && !isName(word) {
		l.fail(node, "%s is no realm: use letters, digits, dots, dashes and underscores", quote(word))
	}
	return word
}

func (l *loader) owns(node *yaml.Node) []string {
	if node == nil || node.Kind == yaml.ScalarNode && node.Value == "all" {
		return nil
	}
	if node.Kind != yaml.SequenceNode {
		l.fail(node, "owns must be all or a list of attributes")
		return nil
	}
	var out []string
	for _, item := range l.list(node, "attributes") {
		name := l.text(item, "an attribute")
		if name == "" {
			continue
		}
		if _, found := person.Lookup(name); !found && name != managerField {
			l.attribute(item)
			continue
		}
		if person.OwnedWithStatus(name) {
			l.fail(item, "%s belongs to the feed that owns status and dates (owns: all); a second feed cannot own it (S12)", name)
		}
		if isExtension(name) {
			l.stated[name] = true
		}
		out = append(out, name)
	}
	return out
}

func (l *loader) bridge(node *yaml.Node, standard int) int {
	d := l.days(node, "bridge", Duration{Days: standard})
	if d.Days > longestBridge {
		l.fail(node, "bridge is %dd; more than %dd is a rehire", d.Days, longestBridge)
	}
	return d.Days
}

func (l *loader) csvFeed(o object, f *Feed) {
	for _, name := range []string{"key", "fields"} {
		if !o.has(name) {
			k, _ := l.shapes[shapeFeed].find(name)
			l.fail(o.node, "%s is missing in a csv feed: %s", name, lowerFirst(strings.TrimSuffix(k.doc, " (csv).")))
		}
	}
	l.key(o.get("key"), f)
	f.Dates = l.dates(o.get("dates"), f.Dates)
	f.Mode = l.oneOf(o.get("mode"), "feed mode", f.Mode, ModeFull, ModeDelta)
	f.Encoding = l.oneOf(o.get("encoding"), "encoding", f.Encoding, "utf-8", "utf-16", "windows-1252")
	f.Delimiter = l.delimiter(o.get("delimiter"), f.Delimiter)
	f.Nulls = l.nulls(o.get("nulls"), f.Nulls)
	f.AsOf = l.asOf(o.get("asOf"))
	f.Absent = l.oneOf(o.get("absent"), "absent", f.Absent, AbsentReport, AbsentAskLeaver)
	if node := o.get("holdWhen"); node != nil {
		if hold, ok := l.object(node, shapeHoldWhen); ok {
			f.HoldWhen.FewerPeople = l.percent(hold.get("fewerPeople"), "fewerPeople", f.HoldWhen.FewerPeople)
			f.HoldWhen.Rejects = l.percent(hold.get("rejects"), "rejects", f.HoldWhen.Rejects)
		}
	}
	f.Fields = l.fields(o.get("fields"))
	l.checkFields(o, f)
}

func (l *loader) key(node *yaml.Node, f *Feed) {
	if node == nil {
		return
	}
	if node.Kind != yaml.MappingNode {
		f.Key = l.text(node, "the key column")
		return
	}
	if o, ok := l.object(node, shapeKey); ok {
		f.Key = l.text(o.get("column"), "the key column")
		f.KeyHMAC = l.reference(o.get("hmac"), "hmac")
	}
}

var datesPattern = regexp.MustCompile(`^(YYYY|MM|DD)([-./ ]?)(YYYY|MM|DD)([-./ ]?)(YYYY|MM|DD)$`)

func (l *loader) dates(node *yaml.Node, standard string) string {
	if node == nil {
		return standard
	}
	word := l.text(node, "dates")
	found := datesPattern.FindStringSubmatch(word)
	if word != "" && (found == nil || found[1] == found[3] || found[3] == found[5] || found[1] == found[5]) {
		l.fail(node, "dates is %s; write YYYY, MM and DD once each, such as YYYY-MM-DD, DD.MM.YYYY or MM/DD/YYYY", quote(word))
		return standard
	}
	return word
}

func (l *loader) delimiter(node *yaml.Node, standard rune) rune {
	if node == nil {
		return standard
	}
	r, size := utf8.DecodeRuneInString(node.Value)
	if node.Kind != yaml.ScalarNode || size != len(node.Value) || r == utf8.RuneError || r == '"' || r == '\n' || r == '\r' {
		l.fail(node, `delimiter must be one character in quotes, such as ";" or "\t"`)
		return standard
	}
	return r
}

func (l *loader) nulls(node *yaml.Node, standard []string) []string {
	if node == nil {
		return standard
	}
	var out []string
	for _, item := range l.list(node, "texts") {
		if item.Kind != yaml.ScalarNode || item.Tag != "!!str" {
			l.fail(item, "%s found in nulls: write it in quotes, such as \"NULL\"", describe(item))
			continue
		}
		out = append(out, item.Value)
	}
	return out
}

func (l *loader) asOf(node *yaml.Node) AsOfRule {
	if node == nil {
		return AsOfRule{}
	}
	o, ok := l.object(node, shapeAsOf)
	if !ok {
		return AsOfRule{}
	}
	if o.has("column") == o.has("fileName") {
		l.fail(node, "asOf needs exactly one of column and fileName")
	}
	rule := AsOfRule{Column: l.text(o.get("column"), "a column"), FileName: l.text(o.get("fileName"), "fileName")}
	if rule.FileName != "" {
		compiled, err := regexp.Compile(rule.FileName)
		switch {
		case err != nil:
			l.fail(o.get("fileName"), "fileName is no regular expression: %v", err)
		case compiled.SubexpIndex("date") < 0:
			l.fail(o.get("fileName"), `fileName needs a group named date, such as 'hr-(?<date>\d{8})\.csv'`)
		}
	}
	return rule
}

func (l *loader) fields(node *yaml.Node) []Field {
	if node == nil {
		return nil
	}
	if !l.isMapping(node) {
		l.fail(node, "%s found where fields belong: write {attribute: column}", describe(node))
		return nil
	}
	var out []Field
	for _, p := range l.pairs(node) {
		if field, ok := l.field(p); ok {
			out = append(out, field)
		}
	}
	return out
}

func (l *loader) field(p pair) (Field, bool) {
	name := p.key.Value
	definition, found := person.Lookup(name)
	switch {
	case strings.HasPrefix(name, managerField+"."):
		l.fail(p.key, "write %s: {from: COLUMN, kind: employeeId}", managerField)
		return Field{}, false
	case !found && name != managerField:
		l.attribute(p.key)
		return Field{}, false
	}
	l.stated[name] = true
	field := Field{Attribute: name}
	if p.value.Kind != yaml.MappingNode {
		field.From = l.text(p.value, "a column")
	} else if o, ok := l.object(p.value, shapeField); ok {
		field.From = l.text(o.get("from"), "a column")
		field.Optional = l.boolean(o.get("optional"), "optional", false)
		field.Values = l.values(o.get("values"), definition)
		field.Kind = l.oneOf(o.get("kind"), "kind of reference", "",
			person.ReferenceSourceKey, person.ReferenceEmployeeID, person.ReferenceEmail, person.ReferenceName)
	}
	switch {
	case name == managerField && field.Kind == "" && p.value.Kind != yaml.MappingNode:
		l.fail(p.value, "say what the column holds: %s: {from: %s, kind: employeeId}; kinds are sourceKey, employeeId, email and name", managerField, quote(field.From))
	case name == managerField && field.Kind == "":
		l.fail(p.value, "kind is missing in %s: sourceKey, employeeId, email or name", managerField)
	case name != managerField && field.Kind != "":
		l.fail(p.value, "kind is only for %s: remove it", managerField)
	}
	return field, true
}

// values reads a translation. Codes of HR systems may be numbers or look like
// true and false, so any scalar is taken as it is written.
func (l *loader) values(node *yaml.Node, definition person.Definition) map[string]string {
	if node == nil {
		return nil
	}
	if !l.isMapping(node) || len(node.Content) == 0 {
		l.fail(node, "values must be a translation: {THEIRS: ours}")
		return nil
	}
	out := map[string]string{}
	for _, p := range l.pairs(node) {
		if p.value.Kind != yaml.ScalarNode || isNull(p.value) {
			l.fail(p.value, "%s found where a word belongs: write it in quotes", describe(p.value))
			continue
		}
		if definition.Name != "" && p.value.Value != "" {
			if _, err := definition.Canonical(p.value.Value); err != nil {
				l.fail(p.value, "%s cannot be %s%s", definition.Name, quote(p.value.Value), hint(p.value.Value, definition.Values))
				continue
			}
		}
		out[p.key.Value] = p.value.Value
	}
	return out
}

// checkFields looks at the fields of a feed as a whole.
func (l *loader) checkFields(o object, f *Feed) {
	states := func(name string) bool {
		return slices.ContainsFunc(f.Fields, func(field Field) bool { return field.Attribute == name })
	}
	if f.OwnsStatus() && o.has("fields") && l.isMapping(o.get("fields")) {
		for _, name := range []string{person.EmployeeIDAttribute, person.StartDateAttribute} {
			if !states(name) {
				l.fail(o.get("fields"), "no column fills %s; without it nobody gets an account", name)
			}
		}
	}
	var foreign []string
	for _, field := range f.Fields {
		if f.Key != "" && field.From == f.Key && f.KeyHMAC == "" && isPersonal(field.Attribute) {
			l.fail(o.get("key"), "the key column %s holds %s; keys are seen by many: choose another column, or write key: {column: %s, hmac: env:NAME}",
				quote(f.Key), field.Attribute, f.Key)
		}
		if !f.OwnsStatus() && !slices.Contains(f.Owns, field.Attribute) && field.Attribute != person.EmployeeIDAttribute {
			foreign = append(foreign, field.Attribute)
		}
	}
	if len(foreign) > 0 {
		l.fail(o.get("fields"), "this feed states what it does not own: add it to owns, or remove the fields %s", strings.Join(foreign, ", "))
	}
}

// isPersonal reports whether an attribute names or reaches a human.
func isPersonal(attribute string) bool {
	return strings.HasPrefix(attribute, "person.") || strings.HasPrefix(attribute, "contact.")
}

func (l *loader) signature(o object, f *Feed) {
	node := o.get("signature")
	if node == nil {
		l.fail(o.node, "signature is missing in a webhook feed: write {scheme: standard-webhooks, secrets: [env:NAME]}")
		return
	}
	s, ok := l.object(node, shapeSignature)
	if !ok {
		return
	}
	f.Signature.Scheme = l.oneOf(s.get("scheme"), "scheme", "", SchemeStandardWebhooks)
	for _, item := range l.list(s.get("secrets"), "references") {
		if reference := l.reference(item, "a secret"); reference != "" {
			f.Signature.Secrets = append(f.Signature.Secrets, reference)
		}
	}
	f.Signature.Tolerance = l.instant(s.get("tolerance"), "tolerance", f.Signature.Tolerance, time.Second, time.Hour)
}
