package schema_test

import (
	"testing"

	"tenure/internal/directory"
	"tenure/internal/directory/entra/schema"
)

func TestNamesAreUniqueAndTheSliceIsTheCallersOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]directory.Attribute{}
	for _, a := range schema.Attributes() {
		if _, twice := seen[a.Name]; twice {
			t.Errorf("attribute %s is listed twice", a.Name)
		}
		if a.Name == "" || a.Kind == "" {
			t.Errorf("attribute %+v lacks a name or a kind", a)
		}
		seen[a.Name] = a
	}
	for _, name := range []string{
		directory.UserNameAttribute, directory.EmployeeIDAttribute, schema.Manager, schema.Division,
		"onPremisesExtensionAttributes.extensionAttribute1", "onPremisesExtensionAttributes.extensionAttribute15",
	} {
		if !seen[name].Writable {
			t.Errorf("attribute %s cannot be mapped, want it writable", name)
		}
	}
	if seen[schema.AccountEnabled].Writable {
		t.Error("accountEnabled can be mapped, want it to follow the account lines")
	}
	schema.Attributes()[0].Name = "changed"
	if got := schema.Attributes()[0].Name; got != directory.UserNameAttribute {
		t.Errorf("first attribute = %q after a caller changed its copy", got)
	}
}
