package lifecycle

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// withMapping adds lines to the mappings of the base policy, and lets feeds state
// what the tests read.
func withMapping(lines string) Source {
	text := strings.Replace(basePolicy, "      displayName: {attribute: person.displayName}\n", "      displayName: {attribute: person.displayName}\n"+lines, 1)
	text = strings.Replace(text, "      ext.badge: Badge\n", `      ext.badge: Badge
      person.legalName.family: LastName
      contact.workPhone: Phone
      contact.mobile: Mobile
      employment.rehireEligible: Rehire
`, 1)
	return Source{Name: "policy.yaml", Content: []byte(text)}
}

// targetKinds is a target that knows one attribute of each kind.
func targetKinds() LoadOptions {
	return LoadOptions{Catalog: map[string][]AttributeInfo{"entra": {
		{Name: "displayName", Type: "string"},
		{Name: "department", Type: "string"},
		{Name: "employeeHireDate", Type: targetDateTime},
		{Name: "showInAddressList", Type: targetBool},
		{Name: "otherMails", Type: targetList, Multiple: true},
		{Name: "businessPhones", Type: targetList},
		{Name: "manager", Type: targetReference},
	}}}
}

func expressionScope(t testing.TB, values map[string]string) ExpressionScope {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return ExpressionScope{
		Attributes: func(name string) (string, bool) { value, found := values[name]; return value, found },
		Now:        time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC), Zone: berlin, Domain: "contoso.example",
	}
}

// loadMapping is the mapping of one attribute, as it is written in a policy.
func loadMapping(t *testing.T, to, text string) Mapping {
	t.Helper()
	policy, err := targetKinds().Load(withMapping("      " + to + ": " + text + "\n"))
	if err != nil {
		t.Fatalf("load %s: %v", text, err)
	}
	at := slices.IndexFunc(policy.Targets[0].Mapping, func(m Mapping) bool { return m.To == to })
	return policy.Targets[0].Mapping[at]
}

func TestMappingExpressionsAreMade(t *testing.T) {
	t.Parallel()
	zoe := map[string]string{
		"person.legalName.given": "Zoë", "person.legalName.family": "Ångström", "employment.startDate": "2026-12-01",
		"employment.rehireEligible": "true", "contact.mobile": "", "contact.workPhone": "+46 8 555", "ext.badge": "a;b",
	}
	for _, tt := range []struct {
		name, to, expression string
		want                 Made
		err                  string
	}{
		{name: "Entra's names", to: "department", expression: `Join(" ", [givenName], [surname])`, want: Made{Value: "Zoë Ångström"}},
		{name: "the record's names", to: "department", expression: `Left([person.legalName.family], 3) & "-" & [PERSON.legalname.GIVEN]`, want: Made{Value: "Ång-Zoë"}},
		{name: "domain and clock", to: "department", expression: `DefaultDomain() & " " & Now()`, want: Made{Value: "contoso.example 12/1/2026 9:00:00 AM"}},
		{name: "a civil date begins for the person", to: "employeeHireDate", expression: `[employment.startDate]`, want: Made{Value: "2026-11-30T23:00:00Z"}},
		{name: "an instant stays", to: "employeeHireDate", expression: `DateAdd("d", 1, [employment.startDate])`, want: Made{Value: "2026-12-02T00:00:00Z"}},
		{name: "no date", to: "employeeHireDate", expression: `[surname]`, err: "no date"},
		{name: "true or false", to: "showInAddressList", expression: `Not([employment.rehireEligible])`, want: Made{Value: "false"}},
		{name: "neither", to: "showInAddressList", expression: `"yes"`, err: "neither True nor False"},
		{name: "a list", to: "otherMails", expression: `Split("a@x.example, b@x.example", ",")`, want: Made{Value: "a@x.example;b@x.example"}},
		{name: "a list of one that holds the separator", to: "otherMails", expression: `[ext.badge]`, err: "holds a ;"},
		{name: "a list where one is needed", to: "department", expression: `Split("a,b", ",")`, err: "2 values"},
		{name: "stated as empty", to: "department", expression: `[mobilePhone]`, want: Made{}},
		{name: "never stated", to: "department", expression: `Coalesce([mobilePhone], [assignment.jobTitle])`, want: Made{Unknown: true}},
		{name: "left out", to: "department", expression: `IgnoreFlowIfNullOrEmpty([mobilePhone])`, want: Made{Left: true}},
		{name: "the whole account left out", to: "department", expression: `IIF([givenName] = "Zoë", IgnoreObjectFlow, "x")`, want: Made{Left: true, LeftObject: true}},
		{name: "an error", to: "department", expression: `Item([surname], 3)`, err: "line 1, column 1: Item"},
		{name: "an error of the policy", to: "department", expression: `Error("badge missing")`, err: "badge missing"},
		{name: "an error that would tell a name", to: "department", expression: `Error([surname])`, err: "an error of its own"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := loadMapping(t, tt.to, "{expression: '"+tt.expression+"'}")
			got, err := m.Expression.Make(expressionScope(t, zoe), m.Kind)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), "Ångström") {
					t.Fatalf("error = %v, want one with %q and without the name", err, tt.err)
				}
				return
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("made (-want +got):\n%s, %v", diff, err)
			}
		})
	}
}

func TestMappingExpressionsProposeNames(t *testing.T) {
	t.Parallel()
	source := withMapping("")
	old := "{unique: [given.family, given.family#], apply: create}"
	text := `{expression: 'SelectUniqueValue(Join("@", Join(".", [givenName], [surname]), DefaultDomain()), [contact.mobile], Join("@", [surname], DefaultDomain()), Item([surname], 2))', apply: create}`
	source.Content = []byte(strings.Replace(string(source.Content), old, text, 1))
	policy, err := targetKinds().Load(source)
	if err != nil {
		t.Fatal(err)
	}
	e := policy.Targets[0].Mapping[0].Expression
	got, err := e.Candidates(expressionScope(t, map[string]string{"person.legalName.given": "Ada", "person.legalName.family": "Li"}))
	if diff := cmp.Diff([]string{"Ada.Li@contoso.example", "Li@contoso.example"}, got); diff != "" {
		t.Errorf("candidates (-want +got):\n%s", diff)
	}
	if err == nil || !strings.Contains(err.Error(), "Item") {
		t.Errorf("error of the last rule = %v, want that of Item", err)
	}
	if diff := cmp.Diff([]string{"person.legalName.given", "person.legalName.family", "contact.mobile"}, e.Reads()); diff != "" {
		t.Errorf("reads (-want +got):\n%s", diff)
	}
}

// Everything that is wrong is told at once, at its place in the file.
func TestMappingExpressionProblemsHaveTheirPlace(t *testing.T) {
	t.Parallel()
	source := withMapping(`      department: {expression: 'Join("", [givenNam], ''x'')'}
      companyName: {expression: "Trim([\"a\"] & [x y])"}
      city:
        expression: |
          IIF([givenName] = "Zoë",
            Lef("x", 1),
            [surnam])
      state:
        expression: >-
          Join(" ", [givenName],
          [surnam])
      country: {expression: 'Mid([surname])'}
      officeLocation: {expression: '[employeeHireDate]'}
`)
	_, err := Load(source)
	want := []string{
		`''x'')'} | a single quote begins nothing: put texts between straight double quotes, "like this"`,
		`[\"a\"] &  | the record has no attribute ["a"]; docs/policy.md lists them`,
		`[x y])"} | the record has no attribute [x y]; docs/policy.md lists them`,
		`Lef("x", 1 | there is no function "Lef": did you mean Left?`,
		`[surnam]) | the record has no attribute [surnam]; did you mean [person.legalName.family]?`,
		`[surnam]) | the record has no attribute [surnam]; did you mean [person.legalName.family]?`,
		`Mid([surna | Mid has 1 arguments, 2 to 3 are needed`,
		`[employeeH | [employeeHireDate] can mean several things in the record: write [employment.startDate], the first day, or [employment.hireDate]`,
	}
	lines := strings.Split(string(source.Content), "\n")
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("error is a %T, want Problems", err)
	}
	var got []string
	for _, p := range problems {
		rest := []rune(lines[p.Line-1])[p.Column-1:]
		got = append(got, string(rest[:min(len(rest), 10)])+" | "+p.Message)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems at their places (-want +got):\n%s", diff)
	}
}

func TestMappingExpressionsAreRefusedWhereTheyCannotWork(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ lines, want string }{
		{"department: {expression: 'Guid()'}", "Guid and RandomString give another value each time: write apply: create"},
		{"department: {expression: 'SelectUniqueValue([surname], [givenName])', apply: create}", "SelectUniqueValue is for userPrincipalName alone in this version"},
		{"manager: {expression: '[managerRef.value]'}", "manager is a link to another account: write {reference: managerRef}"},
		{"employeeId: {expression: '[employeeId]'}", "employeeId is written by itself"},
		{"department: {expression: '[surname]', numbered: true}", "numbered is for an expression that makes userPrincipalName: remove it"},
		{"department: {expression: '[surname]', attribute: person.displayName}", "exactly one of attribute, constant, expression, unique and reference"},
		{"department: {constant: x, default: y}", "a default stands beside an attribute of the record or an expression"},
		{"otherMails: {expression: '[mail]', clear: true}", "otherMails takes several values, and only single ones are cleared"},
		{"employeeHireDate: {attribute: employment.startDate, default: soon}", "employeeHireDate takes a date; the default is none"},
		{"department: {expression: 5}", "a number found where an expression belongs: write it in quotes"},
		{"department: {expression: '[ext.nothing]'}", `no feed states "ext.nothing"`},
		{"department: {expression: ''}", "an expression is empty"},
	} {
		t.Run(tt.lines, func(t *testing.T) {
			t.Parallel()
			_, err := targetKinds().Load(withMapping("      " + tt.lines + "\n"))
			if got := problemsOf(t, err); !strings.Contains(got, tt.want) {
				t.Errorf("problems:\n%s\nwant %q", got, tt.want)
			}
		})
	}
}

func TestMappingExpressionsAreWarnedAbout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ lines, want string }{
		{"department: {expression: 'IIF(Not([employment.rehireEligible]) = \"True\", \"a\", \"b\")'}", "L14"},
		{"department: {expression: 'FormatDateTime(Now(), , \"M/d/yyyy h:mm:ss tt\", \"yyyy\")'}", "nothing wakes it when the answer changes"},
		{"department: {expression: '[jobTitle]'}", "no feed states assignment.jobTitle, which the expression of department reads"},
	} {
		policy, err := Load(withMapping("      " + tt.lines + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := policy.Warnings.Error(); !strings.Contains(got, tt.want) {
			t.Errorf("%s: warnings:\n%s\nwant %q", tt.lines, got, tt.want)
		}
	}
	quiet, err := Load(withMapping("      department: {expression: 'Trim([surname])', default: none, clear: true}\n"))
	if err != nil || len(quiet.Warnings) > 0 {
		t.Errorf("a sound mapping: %v, warnings:\n%v", err, quiet.Warnings)
	}
}

// The example of docs/policy.md is a sound mapping.
func TestMappingExampleOfTheReferenceIsSound(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("..", "..", "docs", "policy.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), "```yaml\nmapping:\n")
	example, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("docs/policy.md has no example of mappings")
	}
	_, before, _ := strings.Cut(basePolicy, "    mapping:\n")
	old, _, _ := strings.Cut(before, "workflows:")
	text := strings.Replace(basePolicy, old, "    "+strings.ReplaceAll(strings.TrimSuffix(example, "\n"), "\n", "\n    ")+"\n", 1)
	policy, err := Load(Source{Name: "policy.yaml", Content: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	name := policy.Targets[0].Mapping[0]
	got, err := name.Expression.Candidates(expressionScope(t, map[string]string{"person.legalName.given": "Zoë", "person.legalName.family": "Ångström"}))
	if diff := cmp.Diff([]string{"zoe.angstrom@contoso.example", "z.angstrom@contoso.example"}, got); diff != "" || err != nil || !name.Numbered {
		t.Errorf("names of the example (-want +got):\n%s, %v, numbered %t", diff, err, name.Numbered)
	}
}
