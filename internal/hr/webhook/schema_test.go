package webhook_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"tenure/internal/hr/webhook"
	"tenure/internal/person"
)

var update = flag.Bool("update", false, "write event.schema.json from the record's catalog")

const (
	dayPattern  = `^(19(0[1-9]|[1-9]\d)|2[01]\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`
	maxListed   = 50
	typeName    = "type"
	descr       = "description"
	objectType  = "object"
	stringType  = "string"
	closedName  = "additionalProperties"
	namesOfThis = "properties"
)

type m = map[string]any

// expected builds the schema from the catalog, so that an attribute that is
// added to the record cannot be forgotten in the schema.
func expected() m {
	record := m{typeName: objectType, closedName: false, namesOfThis: m{}}
	lists := map[person.Layer]m{
		person.PersonLayer:     record,
		person.EmploymentLayer: {typeName: objectType, closedName: false, namesOfThis: m{}},
		person.AssignmentLayer: {typeName: objectType, closedName: false, namesOfThis: m{}},
	}
	for _, d := range person.Catalog() {
		parts := strings.Split(d.Name, ".")
		if d.Layer != person.PersonLayer {
			parts = parts[1:]
		}
		at := lists[d.Layer]
		for i, part := range parts[:len(parts)-1] {
			names := at[namesOfThis].(m)
			if names[part] == nil {
				names[part] = m{typeName: objectType, closedName: false, namesOfThis: m{}}
				if d.Layer != person.PersonLayer || i > 0 || part == "managerRef" {
					names[part].(m)[typeName] = []any{objectType, "null"}
				}
			}
			at = names[part].(m)
		}
		at[namesOfThis].(m)[parts[len(parts)-1]] = leaf(d)
	}
	names := record[namesOfThis].(m)
	names["ext"] = m{
		typeName: objectType, descr: "Extra attributes under names that the policy uses as ext.NAME.",
		"propertyNames": m{"pattern": "^[A-Za-z][A-Za-z0-9_]{0,63}$"},
		closedName:      m{typeName: []any{stringType, "null"}, "maxLength": 1024},
	}
	names["employments"] = m{typeName: "array", "maxItems": maxListed, "items": lists[person.EmploymentLayer]}
	names["assignments"] = m{typeName: "array", "maxItems": maxListed, "items": lists[person.AssignmentLayer]}
	data := m{
		typeName: objectType, closedName: false, "required": []any{"key", "asOf", "completeness", "record"},
		namesOfThis: m{
			"key":          m{typeName: stringType, "minLength": 1, "maxLength": person.MaxKeyBytes, "pattern": "^[^@]*$", descr: "Person key: stable over rehires, no mail address and no name."},
			"asOf":         m{typeName: stringType, "format": "date-time", descr: "The moment for which the record is true."},
			"sequence":     m{typeName: "integer", "minimum": 1, "maximum": 1 << 53, descr: "Orders the events of the feed for this person; goes before asOf."},
			"completeness": m{"enum": []any{"full", "partial"}, descr: "In a full record an absent attribute counts as cleared; a partial one never clears."},
			"record":       record,
		},
	}
	return m{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "HR event of Tenure",
		descr:    "Body of POST /v1/feeds/{feed}/events, signed as Standard Webhooks says. null is an explicit empty value.",
		typeName: objectType, closedName: false, "required": []any{typeName, "timestamp", "data"},
		namesOfThis: m{
			typeName:    m{"const": webhook.EventType},
			"timestamp": m{typeName: stringType, "format": "date-time", descr: "When the message was made."},
			"data":      data,
		},
	}
}

func leaf(d person.Definition) m {
	if d.Name == person.EmploymentIDAttribute || d.Name == person.AssignmentIDAttribute {
		return m{typeName: stringType, "minLength": 1, "maxLength": person.MaxKeyBytes, descr: d.Description}
	}
	switch d.Type {
	case person.Day:
		return m{typeName: []any{stringType, "null"}, "pattern": dayPattern, descr: d.Description}
	case person.Bool:
		return m{typeName: []any{"boolean", "null"}, descr: d.Description}
	case person.Number:
		return m{typeName: []any{"number", "null"}, descr: d.Description}
	case person.Enum:
		var values []any
		for _, value := range d.Values {
			values = append(values, value)
		}
		return m{"enum": append(values, nil), descr: d.Description}
	case person.Text:
	}
	return m{typeName: []any{stringType, "null"}, "maxLength": 1024, descr: d.Description}
}

func TestSchemaFollowsTheCatalog(t *testing.T) {
	want, err := json.MarshalIndent(expected(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile("event.schema.json", want, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), webhook.Schema()); diff != "" {
		t.Errorf("event.schema.json differs from the catalog; run go test ./internal/hr/webhook -update (-want +got):\n%s", diff)
	}
}

func compile(t testing.TB) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(webhook.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("event.schema.json", document); err != nil {
		t.Fatal(err)
	}
	out, err := compiler.Compile("event.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return out
}
