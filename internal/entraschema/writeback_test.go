package entraschema_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/catalog"
	"tenure/internal/entraschema"
	"tenure/internal/lifecycle"
)

// writeback is a schema that only tells HR of users.
func writeback(attributes string) []byte {
	return []byte(`{"synchronizationRules": [{"sourceDirectoryName": "Azure Active Directory", "targetDirectoryName": "Workday", "objectMappings": [
		{"name": "Writeback", "sourceObjectName": "User", "targetObjectName": "Worker", "attributeMappings": [` + attributes + `]}]}]}`)
}

func back(target, expression, more string) string {
	return `{"targetAttributeName": "` + target + `", "source": {"expression": "` + strings.ReplaceAll(expression, `"`, `\"`) + `"}` + more + `}`
}

func TestWriteBackIsTranslated(t *testing.T) {
	t.Parallel()
	result, err := entraschema.Translate(writeback(strings.Join([]string{
		back("WorkerID", "[employeeId]", `, "matchingPriority": 1`),
		back("EmailAddress", "[mail]", ""),
		back("UserID", `ToLower(Coalesce([mail], [userPrincipalName]))`, `, "flowType": "Always"`),
		back("businessPhoneNumber", "[telephoneNumber]", ""),
		back("emailIsPrimary", `"true"`, ""),
		back("email", "[mail]", ""),
		back("hireDate", "[employeeHireDate]", ""),
		back("cellPhoneNumber", "[mobile]", `, "flowType": "ObjectAddOnly"`),
		back("nickname2", "[unheardOf]", ""),
		back("picture", "Guid()", ""),
		back("link", "[manager]", ""),
	}, ",")), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []entraschema.Mapping{
		{To: "contact.workEmail", Attribute: "mail"},
		{To: "contact.userName", Expression: "ToLower(Coalesce([mail], [userPrincipalName]))"},
		{To: "contact.workPhone", Attribute: "businessPhones"},
		{To: "ext.emailIsPrimary", Constant: "true"},
	}
	if diff := cmp.Diff(want, result.WriteBack); diff != "" {
		t.Errorf("write-back (-want +got):\n%s", diff)
	}
	said := map[string]entraschema.Note{}
	for _, note := range result.Notes {
		said[note.Part] = note
	}
	for part, why := range map[string]string{
		"email": "mapped twice", "hireDate": "for HR to say", "cellPhoneNumber": "ObjectAddOnly has no counterpart",
		"nickname2": "[unheardOf], which an account does not have", "picture": "changes by itself", "link": "[manager], which an account does not have",
	} {
		if note := said["write-back of "+part]; note.Verdict != entraschema.Refused || !strings.Contains(note.Why, why) {
			t.Errorf("%s: %+v, want it refused with %q", part, note, why)
		}
	}
	if note := said["write-back of WorkerID"]; note.Verdict != entraschema.Taken {
		t.Errorf("WorkerID: %+v, want it taken", note)
	}
	tellsInPolicy(t, result)
}

// tellsInPolicy loads the shipped policy with a feed that is told what was imported.
func tellsInPolicy(t *testing.T, result *entraschema.Result) {
	t.Helper()
	fragment, err := result.WriteBackFragment()
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := os.ReadFile("../../deploy/policy/first.yaml")
	if err != nil {
		t.Fatal(err)
	}
	feed := "\n  payroll:\n    kind: webhook\n    realm: main\n    owns: [contact.userName]\n" +
		"    signature: {scheme: standard-webhooks, secrets: [env:PAYROLL]}\n    " +
		strings.ReplaceAll(strings.TrimSpace(string(fragment)), "\n", "\n    ") + "\n\nzones:"
	text := strings.Replace(string(shipped), "\nzones:", feed, 1)
	policy, err := catalog.Load(lifecycle.Source{Name: "policy.yaml", Content: []byte(text)})
	if err != nil {
		t.Fatalf("%v\n%s", err, fragment)
	}
	told, _ := policy.Feed("payroll")
	if told.WriteBack == nil || len(told.WriteBack.Mapping) != len(result.WriteBack) {
		t.Errorf("the policy tells %+v, want %d attributes", told.WriteBack, len(result.WriteBack))
	}
}

func TestASchemaWithoutWriteBackTellsNobody(t *testing.T) {
	t.Parallel()
	result, err := entraschema.Translate([]byte(`{"synchronizationRules": [{}]}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if fragment, err := result.WriteBackFragment(); err != nil || fragment != nil {
		t.Errorf("fragment: %s, %v; want none", fragment, err)
	}
}
