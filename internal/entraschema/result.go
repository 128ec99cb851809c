package entraschema

// Verdict says what became of a part of the schema.
type Verdict string

// The verdicts.
const (
	// Taken is as it was.
	Taken Verdict = "taken"
	// Translated means the same in words of the policy; the note says what differs.
	Translated Verdict = "translated"
	// Refused is not in the result; the note says why and what to do.
	Refused Verdict = "refused"
)

// Note is what became of one part of the schema.
type Note struct {
	Verdict Verdict `json:"verdict"`
	// Part is what the note is about, such as an attribute of the target.
	Part string `json:"part"`
	Why  string `json:"why,omitempty"`
}

// Mapping is how one attribute is made; the members are the keys of a mapping in
// a policy, and exactly one of the first four is set.
type Mapping struct {
	To         string `json:"to"`
	Attribute  string `json:"attribute,omitempty"`
	Constant   string `json:"constant,omitempty"`
	Expression string `json:"expression,omitempty"`
	Reference  string `json:"reference,omitempty"`
	Default    string `json:"default,omitempty"`
	OnCreate   bool   `json:"onCreate,omitempty"`
}

// Field is an attribute that the record lacks: a feed has to state it.
type Field struct {
	Attribute string `json:"attribute"`
	Source    string `json:"source"`
}

// Result is what a schema says in words of a policy.
type Result struct {
	// Match are the attributes by which accounts link by themselves, Propose those
	// that only propose, both in the order of the schema's priorities.
	Match   []string `json:"match,omitempty"`
	Propose []string `json:"propose,omitempty"`
	// Filters are the scoping filters: one of them must hold.
	Filters  []Filter  `json:"scopingFilters,omitempty"`
	Mappings []Mapping `json:"mappings"`
	// WriteBack is what HR is told: To is an attribute of the record, and the values
	// are made of the account.
	WriteBack []Mapping `json:"writeBack,omitempty"`
	Fields    []Field   `json:"fields,omitempty"`
	Notes     []Note    `json:"notes"`
}

// Refused counts the parts that are not in the result.
func (r *Result) Refused() int {
	n := 0
	for _, note := range r.Notes {
		if note.Verdict == Refused {
			n++
		}
	}
	return n
}

func (r *Result) note(verdict Verdict, part, why string) {
	r.Notes = append(r.Notes, Note{Verdict: verdict, Part: part, Why: why})
}
