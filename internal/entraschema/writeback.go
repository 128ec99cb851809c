package entraschema

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"tenure/internal/directory/entra/schema"
	"tenure/internal/mapping"
)

// isWriteBack reports whether an object mapping tells another directory of the
// users in Entra, as the jobs do that are called Writeback.
func isWriteBack(r rule, m objectMapping) bool {
	enabled := m.Enabled == nil || *m.Enabled
	return enabled && isEntra(r.Source) && !isEntra(r.Target) && strings.EqualFold(m.Source, "user")
}

// writeBack translates what is told to HR: it stands under a webhook feed.
func (t *translator) writeBack(r rule, m objectMapping) {
	part := fmt.Sprintf("rule %q, %s to %s", cmp.Or(m.Name, r.Name), m.Source, m.Target)
	t.note(Translated, part, "it stands under a webhook feed, whose system in the configuration is told; a system of HR has to take the calls")
	if m.Scope != nil {
		t.note(Refused, part+", scope", "write who it is for as a condition: when")
	}
	for _, a := range m.Attributes {
		t.backAttribute(a)
	}
}

func (t *translator) backAttribute(a attributeMapping) {
	part := "write-back of " + cmp.Or(a.Target, "a mapping without targetAttributeName")
	to := t.backTarget(a.Target)
	expression, contradicts, err := mapping.ParseSource(a.Source)
	if err == nil {
		if problems := expression.Check(); len(problems) > 0 {
			err = problems[0]
		}
	}
	switch {
	case a.Priority > 0:
		t.note(Taken, part, "HR is told of the person by the key that it gave")
		return
	case err != nil:
		t.note(Refused, part, err.Error())
		return
	case to == "":
		t.note(Refused, part, "it is for HR to say: contact. and ext. attributes of the record are written back")
		return
	case a.Flow != "" && a.Flow != flowAlways:
		t.note(Refused, part, fmt.Sprintf("flowType %s has no counterpart: HR is told whenever the value changes", a.Flow))
		return
	case expression.IsUnique() || expression.Calls("Guid", "RandomString", "Now"):
		t.note(Refused, part, "a value that changes by itself cannot be written back")
		return
	case slices.ContainsFunc(t.WriteBack, func(m Mapping) bool { return m.To == to }):
		t.note(Refused, part, "it is mapped twice; the first one counts")
		return
	}
	m := Mapping{To: to}
	if refusal := t.backSource(&m, expression); refusal != "" {
		t.note(Refused, part, refusal)
		return
	}
	t.WriteBack = append(t.WriteBack, m)
	remarks := []string{"it is told as " + to}
	if contradicts {
		remarks = append(remarks, "the parameters in the schema say something else than the expression, which counts")
	}
	if a.Default != nil && *a.Default != "" {
		remarks = append(remarks, "a default has no counterpart: use Coalesce")
	}
	t.note(Translated, part, strings.Join(remarks, "; "))
}

// backTarget is the attribute of the record by which HR is told, "" where HR itself
// decides it.
func (t *translator) backTarget(name string) string {
	to := backNames()[strings.ToLower(name)]
	if to == "" && name != "" {
		to = t.record(name)
	}
	if strings.HasPrefix(to, "contact.") || strings.HasPrefix(to, "ext.") {
		return to
	}
	return ""
}

// backNames are what the write-back jobs of Entra call the attributes, in lower
// case.
func backNames() map[string]string {
	return map[string]string{
		"emailaddress": "contact.workEmail", "email": "contact.workEmail",
		"userid": "contact.userName", "username": "contact.userName",
		"worklandlinenumber": "contact.workPhone", "businessphonenumber": "contact.workPhone",
		"workmobilenumber": "contact.mobile", "cellphonenumber": "contact.mobile",
	}
}

// backSource says how a value is made of the account, or why it cannot be.
func (t *translator) backSource(m *Mapping, expression *mapping.Expression) (refusal string) {
	if root := expression.Root(); root.Type == mapping.ConstantNode {
		m.Constant = root.Name
		if m.Constant == "" {
			return "it is an empty text: HR is told nothing"
		}
		return ""
	}
	renamed := expression.Renamed(func(name string) string {
		own, known := t.targets[strings.ToLower(name)]
		if (!known || own == schema.Manager) && refusal == "" {
			refusal = fmt.Sprintf("it reads [%s], which an account does not have for Tenure", name)
		}
		return own
	})
	if name := onlyAttribute(expression); name != "" && refusal == "" {
		m.Attribute = t.targets[strings.ToLower(name)]
		return ""
	}
	m.Expression = renamed
	return refusal
}

// WriteBackFragment is what stands under a webhook feed, as YAML; nil where nothing
// is told to HR.
func (r *Result) WriteBackFragment() ([]byte, error) {
	if len(r.WriteBack) == 0 {
		return nil, nil
	}
	mappings := object()
	for i := range r.WriteBack {
		mappings.put(r.WriteBack[i].To, r.WriteBack[i].node())
	}
	told := object()
	told.put("mapping", mappings.Node)
	root := object()
	root.put("writeBack", told.Node)
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(root.Node); err != nil {
		return nil, fmt.Errorf("write fragment of a feed: %w", err)
	}
	if err := encoder.Close(); err != nil {
		return nil, fmt.Errorf("write fragment of a feed: %w", err)
	}
	return out.Bytes(), nil
}
