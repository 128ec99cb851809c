package entraschema

import (
	"fmt"
	"strings"
)

// Filter is a scoping filter: all of its clauses must hold.
type Filter struct {
	Name    string   `json:"name,omitempty"`
	Clauses []Clause `json:"clauses"`
}

// Clause compares an attribute of the record.
type Clause struct {
	Attribute string   `json:"attribute"`
	Operator  string   `json:"operator"`
	Values    []string `json:"values,omitempty"`
}

// scope takes the groups of the scoping filter. A group that cannot be taken whole
// is left out: without one of its clauses it would mean more people.
func (t *translator) scope(f *filter) {
	if f == nil {
		return
	}
	for _, group := range f.Groups {
		part := fmt.Sprintf("scoping filter %q", group.Name)
		own, refusal := t.filter(group)
		if refusal != "" {
			t.note(Refused, part, refusal)
			continue
		}
		t.Filters = append(t.Filters, own)
		t.note(Translated, part, "the attributes are those of the record")
	}
	for _, group := range append(append([]filterGroup{}, f.Input...), f.Category...) {
		t.note(Refused, fmt.Sprintf("scoping filter %q", group.Name), "only groups of the filter itself are taken: write it under scope")
	}
	if len(f.Groups) > 0 && len(t.Filters) == 0 {
		t.note(Refused, "scope", "no scoping filter could be taken, and without a scope everybody is meant: write it by hand before anything is applied")
	}
}

func (t *translator) filter(group filterGroup) (out Filter, refusal string) {
	out.Name = group.Name
	if len(group.Clauses) == 0 {
		return out, "it has no clauses"
	}
	for _, clause := range group.Clauses {
		attribute := t.record(clause.Operand)
		if attribute == "" {
			return out, t.unknown(clause.Operand)
		}
		takes, known := operators()[strings.ToUpper(strings.NewReplacer("_", "", " ", "").Replace(clause.Operator))]
		values := clause.Against.Values
		switch {
		case !known:
			return out, fmt.Sprintf("a policy has no operator %q", clause.Operator)
		case takes == noValue && len(values) > 0, takes == oneValue && len(values) != 1, takes == someValues && len(values) == 0:
			return out, fmt.Sprintf("%s does not go with %d values", clause.Operator, len(values))
		}
		out.Clauses = append(out.Clauses, Clause{Attribute: attribute, Operator: clause.Operator, Values: values})
		t.renaming(clause.Operand, attribute)
	}
	return out, ""
}

// How many values an operator takes.
const (
	noValue = iota
	oneValue
	someValues
)

// operators are those that a policy takes, without blanks and underscores.
func operators() map[string]int {
	return map[string]int{
		"EQUALS": oneValue, "NOTEQUALS": oneValue, "ISTRUE": noValue, "ISFALSE": noValue, "ISNULL": noValue, "ISNOTNULL": noValue,
		"REGEXMATCH": oneValue, "NOTREGEXMATCH": oneValue, "GREATERTHAN": oneValue, "GREATERTHANOREQUALS": oneValue,
		"INCLUDES": oneValue, "ENDSWITH": oneValue, "&": someValues, "!&": someValues,
	}
}
