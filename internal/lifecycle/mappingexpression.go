package lifecycle

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tenure/internal/mapping"
	"tenure/internal/person"
)

// ListSeparator joins several values for an attribute that takes a list.
const ListSeparator = ";"

// Expression is a compiled mapping expression (docs/mapping.md); the zero
// Expression is none. It is immutable and safe for concurrent use.
type Expression struct {
	// Source is the text the user wrote.
	Source   string
	compiled *mapping.Expression
	reads    []reading
}

// reading is an attribute as the expression names it, and what it is in the
// record.
type reading struct {
	name      string
	attribute string
	kind      person.Type
}

// ExpressionScope is everything that an expression may depend on.
type ExpressionScope struct {
	// Attributes are those of the record, by their name in it.
	Attributes func(name string) (value string, present bool)
	// Now is what Now() gives, Zone where civil dates begin.
	Now  time.Time
	Zone *time.Location
	// Random serves Guid and RandomString; nil where the account exists already.
	Random mapping.Random
	// Domain is that of the target.
	Domain string
}

// Made is what an expression makes of a record.
type Made struct {
	// Value is in the form in which the target takes it; "" is no value.
	Value string
	// Unknown is set where there is no value and HR does not state everything
	// that the expression reads: then nothing is cleared.
	Unknown bool
	// Left is set where the expression leaves the attribute out of the change,
	// LeftObject where it leaves out the whole account.
	Left, LeftObject bool
}

// ExpressionError says why an expression has no value for a record. It never
// holds anything of the record.
type ExpressionError struct{ message string }

func (e *ExpressionError) Error() string { return e.message }

// IsZero reports whether there is no expression.
func (e Expression) IsZero() bool { return e.compiled == nil }

// IsUnique reports whether the expression is a SelectUniqueValue.
func (e Expression) IsUnique() bool { return e.compiled != nil && e.compiled.IsUnique() }

// IsTimed reports whether the value depends on the clock.
func (e Expression) IsTimed() bool { return e.compiled != nil && e.compiled.Calls("Now") }

// IsRandom reports whether the value is another one each time.
func (e Expression) IsRandom() bool {
	return e.compiled != nil && e.compiled.Calls("Guid", "RandomString")
}

// Outcomes are the texts that the expression can have, where all of them stand in
// it; not ok where what a record says can come out.
func (e Expression) Outcomes() (texts []string, ok bool) {
	if e.compiled == nil {
		return nil, false
	}
	return e.compiled.Outcomes()
}

// Reads are the attributes of the record that the expression reads, in the order
// of the text.
func (e Expression) Reads() []string {
	var out []string
	for _, r := range e.reads {
		if !slices.Contains(out, r.attribute) {
			out = append(out, r.attribute)
		}
	}
	return out
}

// Candidates are the values that the expression proposes for a name that nobody
// else may have, in order. The error is that of the first one that has no value,
// and counts only where those before it are taken.
func (e Expression) Candidates(scope ExpressionScope) ([]string, error) {
	out, err := e.compiled.Candidates(e.environment(scope))
	return out, e.problem(err)
}

// Make evaluates the expression for an attribute of the target that takes this
// kind of value. Its error is an [*ExpressionError].
func (e Expression) Make(scope ExpressionScope, kind string) (Made, error) {
	result, err := e.compiled.Compute(e.environment(scope))
	if err != nil {
		return Made{}, e.problem(err)
	}
	switch result.Outcome {
	case mapping.DropsAttribute:
		return Made{Left: true}, nil
	case mapping.DropsObject:
		return Made{Left: true, LeftObject: true}, nil
	default:
	}
	text, err := written(result.Value, kind, scope.Zone)
	if err != nil {
		return Made{}, err
	}
	return Made{Value: text, Unknown: text == "" && !e.isStated(scope)}, nil
}

func (e Expression) environment(scope ExpressionScope) *mapping.Environment {
	attributes := make(mapping.Attributes, len(e.reads))
	for _, r := range e.reads {
		text, present := scope.Attributes(r.attribute)
		switch {
		case !present:
		case r.kind == person.Bool:
			attributes[r.name] = mapping.BooleanValue(text == "true")
		default:
			attributes[r.name] = mapping.TextValue(text)
		}
	}
	return &mapping.Environment{Attributes: attributes, Now: scope.Now, Random: scope.Random, DefaultDomain: scope.Domain}
}

// isStated reports whether HR states everything that the expression reads.
func (e Expression) isStated(scope ExpressionScope) bool {
	return !slices.ContainsFunc(e.reads, func(r reading) bool {
		_, present := scope.Attributes(r.attribute)
		return !present
	})
}

// problem is an evaluation error without anything of the record: the function
// Error may have been told to say it.
func (e Expression) problem(err error) error {
	p, ok := errors.AsType[*mapping.Problem](err)
	if !ok {
		return err
	}
	safe := *p
	e.compiled.Root().Walk(func(n *mapping.Node) {
		if p.Function == "Error" && n.Name == "Error" && e.compiled.Position(n) == p.Position && n.Args[0].Type != mapping.ConstantNode {
			safe.Message = "the expression ends with an error of its own for this record"
		}
	})
	return &ExpressionError{message: safe.Error()}
}

// written is a value in the form in which targets take it.
func written(value mapping.Value, kind string, zone *time.Location) (string, error) {
	texts := slices.DeleteFunc(slices.Clone(value.Values()), func(text string) bool { return text == "" })
	if len(texts) == 0 {
		return "", nil
	}
	if kind == targetList {
		if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, ListSeparator) }) {
			return "", &ExpressionError{message: "a value of the list holds a " + ListSeparator}
		}
		return strings.Join(texts, ListSeparator), nil
	}
	if len(texts) > 1 {
		return "", &ExpressionError{message: fmt.Sprintf("there are %d values where one is needed", len(texts))}
	}
	switch kind {
	case targetBool:
		word := strings.ToLower(texts[0])
		if word != "true" && word != "false" {
			return "", &ExpressionError{message: "the value is neither True nor False"}
		}
		return word, nil
	case targetDateTime:
		return instantText(texts[0], zone)
	default:
		return texts[0], nil
	}
}

// instantText is a date as targets keep it. A civil date is the instant at which
// it begins for the person.
func instantText(text string, zone *time.Location) (string, error) {
	if date, err := person.ParseDate(text); err == nil {
		return date.At(person.TimeOfDay{}, zone).UTC().Format(time.RFC3339), nil
	}
	instant, ok := mapping.ReadDate(text)
	if !ok {
		return "", &ExpressionError{message: "the value is no date"}
	}
	return instant.UTC().Format(time.RFC3339), nil
}

// entraAttributes are the names under which Entra knows attributes of the
// record, where they mean one of them only; "" means several.
func entraAttributes() map[string]string {
	return map[string]string{
		"givenname": person.GivenNameAttribute, "surname": person.FamilyNameAttribute,
		"displayname": person.DisplayNameAttribute, "jobtitle": person.JobTitleAttribute,
		"department": person.DepartmentAttribute, "companyname": "assignment.company.name",
		"division": "assignment.division", "employeeorgdata.division": "assignment.division",
		"employeetype": person.KindAttribute, "officelocation": "assignment.location.name",
		"streetaddress": "assignment.location.street", "city": "assignment.location.city",
		"state": "assignment.location.region", "postalcode": "assignment.location.postalCode",
		"country": "assignment.location.country", "mobilephone": "contact.mobile", "mobile": "contact.mobile",
		"businessphones": "contact.workPhone", "telephonenumber": "contact.workPhone", "mail": person.WorkEmailAttribute,
		"preferredlanguage": person.LanguageAttribute,
		"name.givenname":    person.GivenNameAttribute, "name.familyname": person.FamilyNameAttribute,
	}
}

// ambiguousAttributes are names of Entra that may mean one or the other.
func ambiguousAttributes() map[string]string {
	return map[string]string{
		"employeehiredate":           "[employment.startDate], the first day, or [employment.hireDate]",
		"employeeleavedatetime":      "[employment.lastDayOfWork] or [employment.terminationDate]",
		"costcenter":                 "[assignment.costCenter.id] or [assignment.costCenter.name]",
		"employeeorgdata.costcenter": "[assignment.costCenter.id] or [assignment.costCenter.name]",
		"userprincipalname":          "[contact.userName], the name that HR knows: the account's own is made here",
		"mailnickname":               "[contact.userName], the name that HR knows: the account's own is made here",
		"active":                     "[employment.status]; whether the account is enabled follows from its lines, not from mappings",
		"accountenabled":             "[employment.status]; whether the account is enabled follows from its lines, not from mappings",
		"externalid":                 "[sourceKey] or [employeeId]",
		"workerid":                   "[employeeId] or [sourceKey]",
		"manager":                    "[managerRef.value], how HR names the manager; the link to the account is {reference: managerRef}",
		"usertype":                   "[employment.kind]",
	}
}

// attributeOf finds the attribute of the record that an expression means.
func (l *loader) attributeOf(name string) (person.Definition, error) {
	if _, found := person.Lookup(name); found {
		return l.definition(name)
	}
	folded := strings.ToLower(name)
	for _, d := range person.Catalog() {
		if strings.ToLower(d.Name) == folded {
			return d, nil
		}
	}
	if own, found := entraAttributes()[folded]; found {
		return l.definition(own)
	}
	if choice, found := ambiguousAttributes()[folded]; found {
		return person.Definition{}, fmt.Errorf("[%s] can mean several things in the record: write %s", clipped(name), choice)
	}
	return person.Definition{}, l.unknownAttribute(name)
}

func (l *loader) unknownAttribute(name string) error {
	names := l.extensionAttributes()
	for _, d := range person.Catalog() {
		names = append(names, d.Name)
	}
	for alias := range entraAttributes() {
		names = append(names, alias)
	}
	slices.Sort(names)
	near := nearest(name, names)
	if own, found := entraAttributes()[near]; found {
		near = own
	}
	if near == "" {
		return fmt.Errorf("the record has no attribute [%s]; docs/policy.md lists them", clipped(name))
	}
	return fmt.Errorf("the record has no attribute [%s]; did you mean [%s]?", clipped(name), near)
}

// DefaultFrom is the default of the mapping in the form in which the target takes
// it.
func (m Mapping) DefaultFrom(zone *time.Location) string {
	text, _ := written(mapping.TextValue(m.Default), m.Kind, zone) // the loader has tried it
	return text
}
