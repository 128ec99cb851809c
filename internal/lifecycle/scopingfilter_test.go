package lifecycle

import (
	"strings"
	"testing"
)

func withFilters(lines string) Source {
	text := withTarget("    scopingFilters:\n" + lines)
	return Source{Name: "policy.yaml", Content: []byte(strings.Replace(text, "      ext.badge: Badge\n", `      ext.badge: Badge
      ext.level: Level
      employment.rehireEligible: Rehire
      assignment.fte: FTE
`, 1))}
}

// holds evaluates the scope of the only target.
func holds(t *testing.T, policy *Policy, values map[string]string) (bool, error) {
	t.Helper()
	return policy.Targets[0].Scope.Holds(Scope{Attributes: func(name string) (string, bool) {
		value, found := values[name]
		return value, found
	}})
}

// The operators mean what they mean in Entra: letters count, and of an attribute
// without a value no clause holds but IS NULL.
func TestScopingFilterOperators(t *testing.T) {
	t.Parallel()
	const dept, level, rehire, fte = "assignment.department.name", "ext.level", "employment.rehireEligible", "assignment.fte"
	for _, tt := range []struct {
		clause    string
		attribute string
		yes, no   []string
		ofNothing bool
	}{
		{clause: "{attribute: department, operator: EQUALS, value: Sales}", attribute: dept, yes: []string{"Sales"}, no: []string{"sales", "Sales "}},
		{clause: "{attribute: department, operator: not equals, value: Sales}", attribute: dept, yes: []string{"IT", "sales"}, no: []string{"Sales"}},
		{clause: "{attribute: '[department]', operator: IS NULL}", attribute: dept, no: []string{"Sales"}, ofNothing: true},
		{clause: "{attribute: department, operator: IS NOT NULL}", attribute: dept, yes: []string{"Sales"}},
		{clause: "{attribute: employment.rehireEligible, operator: IS TRUE}", attribute: rehire, yes: []string{"true"}, no: []string{"false"}},
		{clause: "{attribute: employment.rehireEligible, operator: IS FALSE}", attribute: rehire, yes: []string{"false"}, no: []string{"true"}},
		{clause: "{attribute: ext.level, operator: IS TRUE}", attribute: level, yes: []string{"True", "TRUE"}, no: []string{"yes", "1"}},
		{clause: "{attribute: employment.rehireEligible, operator: EQUALS, value: True}", attribute: rehire, yes: []string{"true"}, no: []string{"false"}},
		{clause: "{attribute: department, operator: REGEX MATCH, value: '(?<=^S)ales|[1-9][0-9]'}", attribute: dept, yes: []string{"Sales", "12", "x99"}, no: []string{"Bales", "7"}},
		{clause: "{attribute: department, operator: NOT REGEX MATCH, value: '^S'}", attribute: dept, yes: []string{"IT"}, no: []string{"Sales"}},
		{clause: "{attribute: ext.level, operator: Greater_Than, value: 9}", attribute: level, yes: []string{"10", "100"}, no: []string{"9", "2", "-10"}},
		{clause: "{attribute: assignment.fte, operator: greater than or equals, value: '0.5'}", attribute: fte, yes: []string{"0.5", "1"}, no: []string{"0.4"}},
		{clause: "{attribute: assignment.fte, operator: EQUALS, value: 0.50}", attribute: fte, yes: []string{"0.5"}, no: []string{"0.6"}},
		{clause: "{attribute: department, operator: INCLUDES, value: ale}", attribute: dept, yes: []string{"Sales"}, no: []string{"SALES"}},
		{clause: "{attribute: department, operator: ENDS_WITH, value: les}", attribute: dept, yes: []string{"Sales"}, no: []string{"Salesx"}},
		{clause: "{attribute: department, operator: '&', values: [Sales, IT]}", attribute: dept, yes: []string{"Sales", "IT"}, no: []string{"Sal"}},
		{clause: "{attribute: department, operator: '&', value: Sales and IT}", attribute: dept, yes: []string{"Sales", "and"}, no: []string{"HR"}},
		{clause: "{attribute: department, operator: '!&', values: [Sales, IT]}", attribute: dept, yes: []string{"HR"}, no: []string{"IT"}},
	} {
		t.Run(tt.clause, func(t *testing.T) {
			t.Parallel()
			policy := mustLoad(t, withFilters("      - clauses: ["+tt.clause+"]\n"))
			for want, values := range map[bool][]string{true: tt.yes, false: tt.no} {
				for _, value := range values {
					if got, err := holds(t, policy, map[string]string{tt.attribute: value}); err != nil || got != want {
						t.Errorf("%q: %t, %v; want %t", value, got, err, want)
					}
				}
			}
			for _, nothing := range []map[string]string{{}, {tt.attribute: ""}} {
				if got, err := holds(t, policy, nothing); err != nil || got != tt.ofNothing {
					t.Errorf("without a value: %t, %v; want %t", got, err, tt.ofNothing)
				}
			}
		})
	}
}

func TestScopingFiltersAreOredAndTheirClausesAnded(t *testing.T) {
	t.Parallel()
	policy := mustLoad(t, withFilters(`      - name: Berlin sales
        clauses:
          - {attribute: department, operator: EQUALS, value: Sales}
          - {attribute: country, operator: EQUALS, value: DE}
      - clauses: [{attribute: ext.level, operator: Greater_Than, value: 5}]
    scope: 'employment.kind == "employee"'
`))
	const dept, country, level, kind = "assignment.department.name", "assignment.location.country", "ext.level", "employment.kind"
	for _, tt := range []struct {
		values map[string]string
		want   bool
		fails  bool
	}{
		{values: map[string]string{kind: "employee", dept: "Sales", country: "DE"}, want: true},
		{values: map[string]string{kind: "employee", dept: "Sales", country: "BE"}},
		{values: map[string]string{kind: "employee", dept: "Sales", country: "BE", level: "6"}, want: true},
		{values: map[string]string{kind: "intern", dept: "Sales", country: "DE", level: "6"}},
		// What cannot be told is an error, unless another group decides (S10).
		{values: map[string]string{kind: "employee", dept: "Sales", country: "DE", level: "high"}, want: true},
		{values: map[string]string{kind: "employee", dept: "IT", country: "DE", level: "high"}, fails: true},
	} {
		got, err := holds(t, policy, tt.values)
		if got != tt.want || (err != nil) != tt.fails || err != nil && strings.Contains(err.Error(), "high") {
			t.Errorf("%v: %t, %v; want %t, error %t", tt.values, got, err, tt.want, tt.fails)
		}
	}
	const want = `employment.kind == "employee", and (assignment.department.name EQUALS "Sales" AND assignment.location.country EQUALS "DE") OR (ext.level Greater_Than "5")`
	if got := policy.Targets[0].Scope.Source; got != want {
		t.Errorf("source:\n got %s\nwant %s", got, want)
	}
	// Another filter is another form of the create line (S15).
	other := mustLoad(t, withFilters("      - clauses: [{attribute: ext.level, operator: Greater_Than, value: 6}]\n"))
	if AccountForm(policy) == AccountForm(other) {
		t.Error("two filters give the same form of account lines")
	}
}

func TestScopingFiltersThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	for clause, want := range map[string]string{
		"{attribute: departmnt, operator: IS NULL}":                            "did you mean [assignment.department.name]?",
		"{attribute: department, operator: EQUAL, value: x}":                   `unknown operator "EQUAL"; did you mean "EQUALS"?`,
		"{attribute: department, operator: EQUALS}":                            "EQUALS takes one value; 0 are written",
		"{attribute: department, operator: IS NULL, value: x}":                 "IS NULL takes no value; 1 are written",
		"{attribute: department, operator: Includes, values: [a, b]}":          "Includes takes one value; 2 are written",
		"{attribute: department, operator: REGEX MATCH, value: '('}":           "the pattern is no regular expression",
		"{attribute: ext.level, operator: Greater_Than, value: many}":          `"many" is no number`,
		"{attribute: employment.startDate, operator: Greater_Than, value: 20}": "write a condition under scope, in which dates compare",
		"{attribute: employment.kind, operator: EQUALS, value: Employee}":      `employment.kind is never "Employee"; did you mean "employee"?`,
		"{attribute: assignment.fte, operator: IS TRUE}":                       "is neither true nor false",
		"{operator: IS NULL}": "attribute is missing in a filter clause",
	} {
		_, err := Load(withFilters("      - clauses: [" + clause + "]\n"))
		if got := problemsOf(t, err); !strings.Contains(got, want) {
			t.Errorf("%s: problems:\n%s\nwant %q", clause, got, want)
		}
	}
}

// Without a create line nobody gets an account.
func TestAccountNeedsNoCreateLine(t *testing.T) {
	t.Parallel()
	text := strings.Replace(basePolicy, "      create: {on: startDate, offset: -14d, at: \"06:00\"}\n", "", 1)
	if policy := mustLoad(t, Source{Name: "policy.yaml", Content: []byte(text)}); policy.Targets[0].Account.Create != nil {
		t.Errorf("create = %v, want none", policy.Targets[0].Account.Create)
	}
}
