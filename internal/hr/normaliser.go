package hr

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

const (
	// MaxParts bounds the employments and the assignments of one record.
	MaxParts = 50
	// MaxRecordBytes bounds the names and values of one record: a journey carries
	// it for as long as the person belongs to the organisation.
	MaxRecordBytes = 64 << 10
)

// Normaliser brings raw values of one feed into canonical form. It is
// immutable and safe for concurrent use.
type Normaliser struct {
	feed        lifecycle.Feed
	layout      DateLayout
	definitions map[string]person.Definition
	fields      map[string]lifecycle.Field
}

// NewNormaliser checks the definition of a feed; the error lists every problem.
func NewNormaliser(feed lifecycle.Feed) (*Normaliser, error) {
	n := &Normaliser{
		feed:        feed,
		definitions: make(map[string]person.Definition),
		fields:      make(map[string]lifecycle.Field),
	}
	var problems []error
	var err error
	if n.layout, err = ParseDateLayout(feed.Dates); err != nil {
		problems = append(problems, err)
	}
	if feed.Name == "" {
		problems = append(problems, errors.New("feed has no name"))
	}
	for _, field := range feed.Fields {
		problems = append(problems, n.addField(field))
	}
	for _, name := range feed.Owns {
		if _, found := person.Lookup(name); !found && name != ManagerAttribute {
			problems = append(problems, unknownAttribute(name))
		} else if person.OwnedWithStatus(name) {
			problems = append(problems, fmt.Errorf("%s belongs to the feed that owns status and dates", name))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("prepare feed %q: %w", feed.Name, err)
	}
	return n, nil
}

func (n *Normaliser) addField(field lifecycle.Field) error {
	name := FieldAttribute(field)
	definition, found := person.Lookup(name)
	if !found {
		return unknownAttribute(name)
	}
	if _, twice := n.fields[name]; twice {
		return fmt.Errorf("%s is filled from two columns", name)
	}
	if name == person.ManagerValueAttribute && field.Kind == "" {
		return fmt.Errorf("%s needs a kind", name)
	}
	n.fields[name], n.definitions[name] = field, definition
	return nil
}

func unknownAttribute(name string) error {
	if near := person.Suggest(name); near != "" {
		return fmt.Errorf("%w %q; did you mean %q?", person.ErrUnknownAttribute, name, near)
	}
	return fmt.Errorf("%w %q", person.ErrUnknownAttribute, name)
}

// ManagerAttribute is the name under which a policy declares the reference to
// the manager; the record keeps it as managerRef.kind and managerRef.value.
const ManagerAttribute = "managerRef"

// FieldAttribute is the record's name of a field's attribute.
func FieldAttribute(field lifecycle.Field) string {
	if field.Attribute == ManagerAttribute {
		return person.ManagerValueAttribute
	}
	return field.Attribute
}

// Record returns the canonical record, or everything that is wrong with it. A
// record with problems must not be used: it is rejected whole (S2).
func (n *Normaliser) Record(raw RawRecord, completeness person.Completeness) (person.Record, []string) {
	var out person.Record
	var problems []string
	out.Attributes, problems = n.attributes(raw.Person, "", person.PersonLayer)
	problems = append(problems, managerProblems(out.Attributes)...)
	for _, part := range raw.Employments {
		attributes, found := n.attributes(part.Values, part.Path, person.EmploymentLayer)
		problems = append(problems, found...)
		if len(found) == 0 {
			problems = append(problems, dateProblems(attributes, part.Path)...)
		}
		if n.feed.OwnsStatus() {
			out.Employments = append(out.Employments, person.Employment{ID: part.ID, Attributes: attributes})
		}
	}
	for _, part := range raw.Assignments {
		attributes, found := n.attributes(part.Values, part.Path, person.AssignmentLayer)
		problems = append(problems, found...)
		assignment := frame(part.ID, attributes)
		if !assignment.To.IsZero() && !assignment.From.Before(assignment.To) {
			problems = append(problems, fmt.Sprintf("%s%s %s does not lie after %s %s", prefix(part.Path),
				person.AssignmentToAttribute, assignment.To, person.AssignmentFromAttribute, assignment.From))
		}
		if len(attributes) > 0 || part.ID != "" {
			out.Assignments = append(out.Assignments, assignment)
		}
	}
	problems = append(problems, idProblems(out, raw, completeness)...)
	if size := sizeOf(out); size > MaxRecordBytes {
		problems = append(problems, fmt.Sprintf("record has %d bytes, at most %d are allowed: send what the policy needs", size, MaxRecordBytes))
	}
	if len(problems) > 0 {
		return person.Record{}, problems
	}
	return out, nil
}

// sizeOf counts the bytes of names and values.
func sizeOf(record person.Record) int {
	size := 0
	count := func(attributes person.Attributes) {
		for _, a := range attributes {
			size += len(a.Name) + len(a.Value)
		}
	}
	count(record.Attributes)
	for _, e := range record.Employments {
		count(e.Attributes)
	}
	for _, a := range record.Assignments {
		count(a.Attributes)
	}
	return size
}

func (n *Normaliser) attributes(raws []Raw, path string, layer person.Layer) (person.Attributes, []string) {
	out := make(person.Attributes, 0, len(raws))
	var problems []string
	for _, raw := range raws {
		definition, found := n.definitions[raw.Attribute]
		if !found {
			definition, found = person.Lookup(raw.Attribute)
		}
		if !found || definition.Layer != layer {
			problems = append(problems, prefix(path)+unknownAttribute(raw.Attribute).Error())
			continue
		}
		value, err := n.value(definition, raw.Value)
		if err != nil {
			problems = append(problems, prefix(path)+err.Error())
			continue
		}
		if len(n.feed.Owns) > 0 && !slices.Contains(n.feed.Owns, ownedName(raw.Attribute)) {
			continue
		}
		out = append(out, person.Attribute{Name: raw.Attribute, Value: value})
	}
	slices.SortFunc(out, func(a, b person.Attribute) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(out); i++ {
		if out[i].Name == out[i-1].Name {
			problems = append(problems, prefix(path)+out[i].Name+" is stated twice")
		}
	}
	return out, problems
}

// ownedName lets one entry of owns stand for both halves of a reference.
func ownedName(attribute string) string {
	if attribute == person.ManagerKindAttribute || attribute == person.ManagerValueAttribute {
		return ManagerAttribute
	}
	return attribute
}

// value translates one value. Blanks around dates, booleans and numbers have
// no meaning; in texts and codes they are kept.
func (n *Normaliser) value(definition person.Definition, raw string) (string, error) {
	if raw == "" || slices.Contains(n.feed.Nulls, raw) {
		return "", nil
	}
	field, declared := n.fields[definition.Name]
	if declared && field.Values != nil {
		word, found := field.Values[raw]
		if !found {
			return "", n.unknownWord(definition, raw)
		}
		return definition.Canonical(word)
	}
	switch definition.Type {
	case person.Day:
		date, err := n.layout.Parse(strings.TrimSpace(raw))
		if err != nil {
			return "", fmt.Errorf("%s: %w", definition.Name, err)
		}
		return definition.Canonical(date.String())
	case person.Bool, person.Number:
		return definition.Canonical(strings.TrimSpace(raw))
	case person.Text, person.Enum:
	}
	return definition.Canonical(raw)
}

// unknownWord quotes codes only: a text with a value map may be about a person.
func (n *Normaliser) unknownWord(definition person.Definition, raw string) error {
	if definition.Type == person.Text && definition.Layer == person.PersonLayer {
		return fmt.Errorf("%s: value has no entry under values", definition.Name)
	}
	return fmt.Errorf("%s: unknown code %q has no entry under values", definition.Name, shorten(raw))
}

func shorten(text string) string {
	const most = 64
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}

// frame moves what frames an assignment from the attributes to the fields.
func frame(id string, attributes person.Attributes) person.Assignment {
	out := person.Assignment{ID: id}
	for _, a := range attributes {
		switch a.Name {
		case person.AssignmentFromAttribute:
			out.From, _ = person.ParseDate(a.Value)
		case person.AssignmentToAttribute:
			out.To, _ = person.ParseDate(a.Value)
		case person.AssignmentEmployment:
			out.EmploymentID = a.Value
		case person.AssignmentPrimary:
			out.Primary = a.Value == "true"
		default:
			out.Attributes = append(out.Attributes, a)
		}
	}
	return out
}

func prefix(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}
