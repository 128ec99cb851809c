package entraschema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tenure/internal/directory"
	"tenure/internal/directory/entra/schema"
	"tenure/internal/person"
)

// translator collects the result of one schema.
type translator struct {
	*Result
	own     map[string]string
	records map[string]string
	targets map[string]string
	matches []match
}

type match struct {
	attribute string
	priority  int
}

// Translate reads a schema. Own are names of the source, in any case, with the
// attributes of the record that they stand for; they go before the known ones.
// The error is of what is no schema, or of own names without a meaning; what
// cannot be translated is a note.
func Translate(content []byte, own map[string]string) (*Result, error) {
	doc, err := readDocument(content)
	if err != nil {
		return nil, err
	}
	t := &translator{
		Result: &Result{Mappings: []Mapping{}, Notes: []Note{}}, own: map[string]string{}, records: recordNames(), targets: targetNames(),
	}
	for name, attribute := range own {
		if _, found := person.Lookup(attribute); !found {
			return nil, fmt.Errorf("read names: %q stands for %q, which the record does not have; docs/policy.md lists its attributes", name, attribute)
		}
		t.own[strings.ToLower(name)] = attribute
	}
	used := false
	for _, r := range doc.Rules {
		for _, m := range r.Mappings {
			switch {
			case isWriteBack(r, m):
				t.writeBack(r, m)
			case t.isOfUsers(r, m, used):
				used = true
				t.object(r, m)
			}
		}
	}
	t.finish()
	return t.Result, nil
}

// isOfUsers reports whether an object mapping is the one that makes users in
// Entra, and notes why another one is left out.
func (t *translator) isOfUsers(r rule, m objectMapping, used bool) bool {
	part := fmt.Sprintf("rule %q, %s to %s", cmp.Or(m.Name, r.Name), m.Source, m.Target)
	switch {
	case m.Enabled != nil && !*m.Enabled:
		t.note(Refused, part, "it is switched off")
	case !isEntra(r.Target):
		t.note(Refused, part, fmt.Sprintf("it writes to %q; only what writes to Microsoft Entra ID is read", r.Target))
	case !strings.EqualFold(m.Target, "user"):
		t.note(Refused, part, "only users are made by a policy; groups are named in it")
	case used:
		t.note(Refused, part, "another rule makes users already; import it as a target of its own")
	default:
		return true
	}
	return false
}

// isEntra knows the names that the provisioning service has given its own
// directory.
func isEntra(name string) bool {
	folded := strings.ToLower(strings.ReplaceAll(name, " ", ""))
	return folded == "azureactivedirectory" || folded == "microsoftentraid" || folded == "azuread" || folded == "entraid"
}

func (t *translator) object(r rule, m objectMapping) {
	t.actions(m)
	t.scope(m.Scope)
	for _, a := range m.Attributes {
		t.attribute(a)
	}
	if len(m.Attributes) == 0 {
		t.note(Refused, fmt.Sprintf("rule %q", cmp.Or(m.Name, r.Name)), "it maps no attribute")
	}
}

// actions says what becomes of the switches for creating, updating and deleting.
func (t *translator) actions(m objectMapping) {
	if m.FlowTypes == "" {
		return
	}
	said := map[string]bool{}
	for word := range strings.SplitSeq(m.FlowTypes, ",") {
		said[strings.ToLower(strings.TrimSpace(word))] = true
	}
	lines := []struct{ word, advice string }{
		{"add", "leave account.create out"},
		{"update", "write apply: create in each mapping"},
		{"delete", "leave account.delete out"},
	}
	for _, line := range lines {
		if !said[line.word] {
			t.note(Refused, "flowTypes "+m.FlowTypes, "the lines of account decide what is done to an account: "+line.advice)
		}
	}
}

// finish brings what was collected into the order of a policy.
func (t *translator) finish() {
	slices.SortStableFunc(t.matches, func(a, b match) int { return a.priority - b.priority })
	for _, m := range t.matches {
		switch m.attribute {
		case directory.EmployeeIDAttribute:
			t.Match = append(t.Match, m.attribute)
			t.note(Taken, "matching by "+m.attribute, "")
		case directory.UserNameAttribute, schema.Mail, schema.DisplayName:
			t.Propose = append(t.Propose, m.attribute)
			t.note(Translated, "matching by "+m.attribute, "it proposes an account that is there already, and a human accepts (S14)")
		default:
			t.note(Refused, "matching by "+m.attribute, "accounts link by employeeId; userPrincipalName, mail and displayName propose")
		}
	}
	for _, needed := range []string{directory.UserNameAttribute, schema.DisplayName} {
		if !slices.ContainsFunc(t.Mappings, func(m Mapping) bool { return m.To == needed }) {
			t.note(Refused, needed, "the schema does not map it, and no account can be made without it: add it to the mapping")
		}
	}
	slices.SortStableFunc(t.Fields, func(a, b Field) int { return strings.Compare(a.Attribute, b.Attribute) })
	t.Fields = slices.Compact(t.Fields)
}
