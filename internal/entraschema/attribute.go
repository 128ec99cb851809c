package entraschema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tenure/internal/directory"
	"tenure/internal/directory/entra/schema"
	"tenure/internal/mapping"
	"tenure/internal/person"
)

// The values of attributeFlowType and attributeFlowBehavior that say something.
const (
	flowAlways     = "Always"
	flowObjectAdd  = "ObjectAddOnly"
	behaviorAlways = "FlowAlways"
)

// attribute translates one attribute mapping.
func (t *translator) attribute(a attributeMapping) {
	to, known := t.targets[strings.ToLower(a.Target)]
	part := cmp.Or(a.Target, "a mapping without targetAttributeName")
	if a.Priority > 0 {
		t.matches = append(t.matches, match{cmp.Or(to, a.Target), a.Priority})
	}
	switch {
	case strings.EqualFold(a.Target, schema.AccountEnabled) || strings.EqualFold(a.Target, "IsSoftDeleted"):
		t.note(Refused, part, "the lines of account decide it, by dates and status (S4)")
	case !known || !writable(to):
		t.note(Refused, part, "it is no property of a user that Tenure writes")
	case slices.ContainsFunc(t.Mappings, func(m Mapping) bool { return m.To == to }):
		t.note(Refused, part, "it is mapped twice; the first one counts")
	default:
		t.mapped(part, to, a)
	}
}

// mapped translates the source of a property that can be written.
func (t *translator) mapped(part, to string, a attributeMapping) {
	expression, contradicts, err := mapping.ParseSource(a.Source)
	if err == nil {
		if problems := expression.Check(); len(problems) > 0 {
			err = problems[0]
		}
	}
	if err != nil {
		t.note(Refused, part, err.Error())
		return
	}
	m := Mapping{To: to, OnCreate: a.Flow == flowObjectAdd}
	if a.Default != nil {
		m.Default = *a.Default
	}
	remarks, refusal := t.source(&m, expression)
	switch {
	case refusal != "":
		t.note(Refused, part, refusal)
		return
	case to == directory.EmployeeIDAttribute && m.Attribute == person.EmployeeIDAttribute:
		t.note(Taken, part, "it is written by itself, since accounts are matched by it")
		return
	case to == directory.EmployeeIDAttribute:
		t.note(Refused, part, "it is always the record's employeeId: let the feed's fields make that")
		return
	case expression.IsUnique() && to != directory.UserNameAttribute:
		t.note(Refused, part, "SelectUniqueValue is for userPrincipalName alone: name one expression")
		return
	case a.Flow != "" && a.Flow != flowAlways && a.Flow != flowObjectAdd:
		t.note(Refused, part, fmt.Sprintf("flowType %s has no counterpart: Always and ObjectAddOnly are known", a.Flow))
		return
	}
	if contradicts {
		remarks = append(remarks, "the parameters in the schema say something else than the expression, which counts")
	}
	if a.Behavior == behaviorAlways {
		remarks = append(remarks, "what differs is written at every plan, and compared every night")
	}
	remarks = append(remarks, m.fit(expression)...)
	t.Mappings = append(t.Mappings, m)
	verdict := Taken
	if len(remarks) > 0 {
		verdict = Translated
	}
	t.note(verdict, part, strings.Join(remarks, "; "))
}

// source says how a value is made in words of the policy, with remarks, or why
// it cannot be.
func (t *translator) source(m *Mapping, expression *mapping.Expression) (remarks []string, refusal string) {
	if m.To == schema.Manager {
		if name := onlyAttribute(expression); name == "" || t.record(name) != person.ManagerValueAttribute {
			return nil, "a manager is a link to another person, taken from managerRef of the feed: an expression cannot make it"
		}
		m.Reference = "managerRef"
		return []string{"the feed's field managerRef says how the manager is named"}, ""
	}
	if root := expression.Root(); root.Type == mapping.ConstantNode {
		m.Constant = root.Name
		return nil, ""
	}
	renamed := expression.Renamed(func(name string) string {
		attribute := t.record(name)
		if attribute == "" && refusal == "" {
			refusal = t.unknown(name)
		}
		remarks = append(remarks, t.renaming(name, attribute)...)
		return attribute
	})
	if refusal != "" {
		return nil, refusal
	}
	slices.Sort(remarks)
	remarks = slices.Compact(remarks)
	if name := onlyAttribute(expression); name != "" {
		m.Attribute = t.record(name)
	} else {
		m.Expression = renamed
	}
	return remarks, ""
}

// renaming says what somebody who knows the schema should know of an attribute
// of the record.
func (t *translator) renaming(name, attribute string) (remarks []string) {
	switch {
	case strings.HasPrefix(attribute, "ext."):
		t.Fields = append(t.Fields, Field{Attribute: attribute, Source: name})
		remarks = append(remarks, fmt.Sprintf("[%s] is [%s] here, which the feed has to state", name, attribute))
	case attribute != name:
		remarks = append(remarks, fmt.Sprintf("[%s] is [%s] here", name, attribute))
	}
	if definition, _ := person.Lookup(attribute); definition.Type == person.Day {
		remarks = append(remarks, attribute+" is a day such as 2026-12-01, without a time")
	}
	return remarks
}

// onlyAttribute is the name of an expression that is nothing but an attribute.
func onlyAttribute(e *mapping.Expression) string {
	if root := e.Root(); root.Type == mapping.AttributeNode {
		return root.Name
	}
	return ""
}

// record is the attribute of the record that a name of the source stands for, ""
// where it must not be read.
func (t *translator) record(name string) string {
	folded := strings.ToLower(name)
	if attribute, found := t.own[folded]; found {
		return attribute
	}
	folded = strings.TrimPrefix(strings.TrimPrefix(folded, scimCore), scimEnterprise)
	if attribute, found := t.records[folded]; found {
		return attribute
	}
	if _, found := person.Lookup(name); found {
		return name
	}
	if undecidable(folded) {
		return ""
	}
	extension := extensionName(name)
	if _, found := person.Lookup(extension); found {
		return extension
	}
	return ""
}

// unknown says why a name of the source cannot be read.
func (t *translator) unknown(name string) string {
	if undecidable(strings.ToLower(name)) {
		return fmt.Sprintf("it reads [%s], which the record holds as employment.status or employment.kind, in words of its own: write the expression anew", name)
	}
	return fmt.Sprintf("it reads [%s], for which no name can be made: give one by hand", name)
}

// fit brings a mapping into the form that a policy wants for its attribute, and
// says what that changes.
func (m *Mapping) fit(expression *mapping.Expression) (remarks []string) {
	isName := m.To == directory.UserNameAttribute
	definition, _ := person.Lookup(m.Attribute)
	wanted := map[directory.AttributeKind]person.Type{directory.KindDateTime: person.Day, directory.KindBool: person.Bool}[kindOf(m.To)]
	if m.Attribute != "" && (isName || wanted != "" && definition.Type != wanted) {
		m.Attribute, m.Expression = "", "["+m.Attribute+"]"
	}
	if wanted == person.Bool {
		m.Constant = strings.ToLower(m.Constant)
	}
	switch {
	case isName && !m.OnCreate:
		m.OnCreate = true
		remarks = append(remarks, "a name is given once and stays")
	case expression.Calls("Guid", "RandomString") && !m.OnCreate:
		m.OnCreate = true
		remarks = append(remarks, "it is another value each time, so it is written once")
	}
	if isName && !expression.IsUnique() {
		remarks = append(remarks, "it proposes one name, and the journey asks when that is taken")
	}
	return remarks
}

// kindOf is what a property of a user takes.
func kindOf(name string) directory.AttributeKind {
	for _, attribute := range schema.Attributes() {
		if attribute.Name == name {
			return attribute.Kind
		}
	}
	return directory.KindString
}
