package entraschema_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/entraschema"
)

// translate reads a schema of testdata.
func translate(t *testing.T, name string, own map[string]string) *entraschema.Result {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	result, err := entraschema.Translate(content, own)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestTranslate(t *testing.T) {
	t.Parallel()
	got := translate(t, "api-driven.json", nil)
	want := []entraschema.Mapping{
		{To: "displayName", Expression: `Join(" ", [person.legalName.given], [person.legalName.family])`},
		{To: "userPrincipalName", Expression: `SelectUniqueValue(Join("@", NormalizeDiacritics(StripSpaces(Join(".", [person.legalName.given], [person.legalName.family]))), DefaultDomain()), Join("@", NormalizeDiacritics(StripSpaces(Join(".", Mid([person.legalName.given], 1, 1), [person.legalName.family]))), DefaultDomain()))`, OnCreate: true},
		{To: "mailNickname", Expression: `ToLower([contact.userName])`, OnCreate: true},
		{To: "jobTitle", Attribute: "assignment.jobTitle"},
		{To: "department", Attribute: "assignment.department.name", Default: "None"},
		{To: "companyName", Constant: "Contoso"},
		{To: "manager", Reference: "managerRef"},
		{To: "employeeHireDate", Attribute: "employment.hireDate"},
		{To: "onPremisesExtensionAttributes.extensionAttribute3", Attribute: "ext.JobFamily"},
		{To: "employeeLeaveDateTime", Expression: "[ext.LeavesAt]"},
		{To: "showInAddressList", Constant: "true"},
		{To: "onPremisesExtensionAttributes.extensionAttribute5", Expression: "Guid()", OnCreate: true},
	}
	if diff := cmp.Diff(want, got.Mappings); diff != "" {
		t.Errorf("mappings (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]entraschema.Field{
		{Attribute: "ext.JobFamily", Source: "urn:contoso:employee:JobFamily"}, {Attribute: "ext.LeavesAt", Source: "urn:contoso:employee:LeavesAt"},
	}, got.Fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"employeeId"}, got.Match); diff != "" {
		t.Errorf("match (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"userPrincipalName"}, got.Propose); diff != "" {
		t.Errorf("propose (-want +got):\n%s", diff)
	}
}

// What is left out is said, with why.
func TestNotes(t *testing.T) {
	t.Parallel()
	got := translate(t, "api-driven.json", nil)
	said := map[string]entraschema.Note{}
	for _, note := range got.Notes {
		said[note.Part] = note
	}
	for part, want := range map[string]entraschema.Note{
		"accountEnabled":                   {Verdict: entraschema.Refused, Why: "by dates and status"},
		"employeeType":                     {Verdict: entraschema.Refused, Why: "employment.status or employment.kind"},
		"city":                             {Verdict: entraschema.Refused, Why: "column 19"},
		"faxNumber":                        {Verdict: entraschema.Refused, Why: "no property of a user that Tenure writes"},
		"state":                            {Verdict: entraschema.Refused, Why: "AttributeAddOnly has no counterpart"},
		"jobTitle":                         {Verdict: entraschema.Translated, Why: "[title] is [assignment.jobTitle] here"},
		"extensionAttribute5":              {Verdict: entraschema.Translated, Why: "written once"},
		"extensionAttribute6":              {Verdict: entraschema.Refused, Why: "SelectUniqueValue is for userPrincipalName alone"},
		"companyName":                      {Verdict: entraschema.Taken},
		"employeeId":                       {Verdict: entraschema.Taken, Why: "written by itself"},
		"employeeHireDate":                 {Verdict: entraschema.Translated, Why: "a day such as 2026-12-01"},
		"matching by mailNickname":         {Verdict: entraschema.Refused, Why: "accounts link by employeeId"},
		"matching by employeeId":           {Verdict: entraschema.Taken},
		"flowTypes Add,Update":             {Verdict: entraschema.Refused, Why: "leave account.delete out"},
		`rule "Groups", Group to Group`:    {Verdict: entraschema.Refused, Why: "only users"},
		`rule "Writeback", User to Worker`: {Verdict: entraschema.Translated, Why: "under a webhook feed"},
		`rule "Old", User to User`:         {Verdict: entraschema.Refused, Why: "switched off"},
		`rule "Second", User to User`:      {Verdict: entraschema.Refused, Why: "another rule makes users already"},
	} {
		note, found := said[part]
		if !found || note.Verdict != want.Verdict || !strings.Contains(note.Why, want.Why) {
			t.Errorf("%s: %+v, want %s with %q", part, note, want.Verdict, want.Why)
		}
	}
}

// The organisation's own names go before the known ones.
func TestOwnNames(t *testing.T) {
	t.Parallel()
	got := translate(t, "api-driven.json", map[string]string{"URN:contoso:employee:jobfamily": "assignment.jobCode"})
	at := slices.IndexFunc(got.Mappings, func(m entraschema.Mapping) bool { return m.Attribute == "assignment.jobCode" })
	if at < 0 || len(got.Fields) != 1 {
		t.Errorf("mappings %+v with fields %v", got.Mappings, got.Fields)
	}
	_, err := entraschema.Translate([]byte(`{"synchronizationRules":[{}]}`), map[string]string{"x": "assignment.jobcode"})
	if err == nil || !strings.Contains(err.Error(), "the record does not have") {
		t.Errorf("own name without a meaning: %v", err)
	}
}

func TestMalformedSchemas(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"nothing":          "",
		"no JSON":          "synchronizationRules: []",
		"a list":           "[]",
		"no rules":         "{}",
		"null rules":       `{"synchronizationRules": null}`,
		"rules as text":    `{"synchronizationRules": "all"}`,
		"cut":              `{"synchronizationRules": [{"name": "x"`,
		"two documents":    `{"synchronizationRules": [{}]} {}`,
		"something after":  `{"synchronizationRules": [{}]} x`,
		"priority as text": `{"synchronizationRules": [{"objectMappings": [{"attributeMappings": [{"matchingPriority": "first"}]}]}]}`,
	} {
		if result, err := entraschema.Translate([]byte(content), nil); err == nil {
			t.Errorf("%s: %+v, want an error", name, result)
		}
	}
}

// A schema that is read never panics, and says something of all it leaves out.
func FuzzTranslate(f *testing.F) {
	for _, name := range []string{"api-driven.json"} {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Add([]byte(`{"synchronizationRules":[{"targetDirectoryName":"Azure Active Directory","objectMappings":[{"targetObjectName":"User","attributeMappings":[{"targetAttributeName":"city","source":{"type":"Attribute","name":"a]b"}}]}]}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		result, err := entraschema.Translate(content, nil)
		if err != nil {
			return
		}
		if _, err := result.Fragment(); err != nil {
			t.Errorf("write fragment: %v", err)
		}
		if len(result.Notes) == 0 {
			t.Error("nothing is said of the schema")
		}
	})
}

func TestScopingFiltersAreTaken(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("testdata", "api-driven.json"))
	if err != nil {
		t.Fatal(err)
	}
	scoped := func(scope string) *entraschema.Result {
		t.Helper()
		if !strings.Contains(string(content), `"scope": null`) {
			t.Fatal("the schema has a scope already")
		}
		result, err := entraschema.Translate([]byte(strings.Replace(string(content), `"scope": null`, `"scope": `+scope, 1)), nil)
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	const sales = `{"name": "Sales", "clauses": [
		{"operatorName": "EQUALS", "sourceOperandName": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "targetOperand": {"values": ["Sales"]}},
		{"operatorName": "IS NOT NULL", "sourceOperandName": "title", "targetOperand": {"values": []}}]}`
	const odd = `{"name": "Odd", "clauses": [{"operatorName": "EQUALS", "sourceOperandName": "title", "targetOperand": {"values": ["a", "b"]}}]}`
	got := scoped(`{"groups": [` + sales + `,` + odd + `]}`)
	want := []entraschema.Filter{{Name: "Sales", Clauses: []entraschema.Clause{
		{Attribute: "assignment.department.name", Operator: "EQUALS", Values: []string{"Sales"}},
		{Attribute: "assignment.jobTitle", Operator: "IS NOT NULL", Values: []string{}},
	}}}
	if diff := cmp.Diff(want, got.Filters); diff != "" {
		t.Errorf("filters (-want +got):\n%s", diff)
	}
	noted := func(r *entraschema.Result, part, why string) bool {
		return slices.ContainsFunc(r.Notes, func(n entraschema.Note) bool {
			return n.Verdict == entraschema.Refused && n.Part == part && strings.Contains(n.Why, why)
		})
	}
	if !noted(got, `scoping filter "Odd"`, "EQUALS does not go with 2 values") {
		t.Errorf("notes of a filter that cannot be taken: %+v", got.Notes)
	}
	inPolicy(t, got)
	// A scope that is lost would mean everybody.
	if lost := scoped(`{"groups": [` + odd + `]}`); !noted(lost, "scope", "everybody is meant") || len(lost.Filters) > 0 {
		t.Errorf("notes of a scope that is lost: %+v", lost.Notes)
	}
}
