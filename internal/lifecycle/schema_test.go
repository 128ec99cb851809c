package lifecycle

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

func compiledSchema(tb testing.TB) *jsonschema.Schema {
	tb.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		tb.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("policy.schema.json", document); err != nil {
		tb.Fatal(err)
	}
	schema, err := compiler.Compile("policy.schema.json")
	if err != nil {
		tb.Fatal(err)
	}
	return schema
}

// plain makes JSON data of a node; what is no number or boolean is text, as it
// is for the loader.
func plain(node *yaml.Node) any {
	switch node.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i < len(node.Content); i += 2 {
			out[node.Content[i].Value] = plain(node.Content[i+1])
		}
		return out
	case yaml.SequenceNode:
		out := make([]any, len(node.Content))
		for i, item := range node.Content {
			out[i] = plain(item)
		}
		return out
	default:
		return plainScalar(node)
	}
}

func plainScalar(node *yaml.Node) any {
	switch node.Tag {
	case "!!int", "!!float":
		if number, err := strconv.ParseFloat(node.Value, 64); err == nil {
			return number
		}
	case "!!bool":
		return node.Value == "true"
	case "!!null":
		return nil
	}
	return node.Value
}

func TestSchemaTakesValidPolicies(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	for _, source := range []Source{firstPolicy(t), {Name: "base", Content: []byte(basePolicy)}, {Name: "rich", Content: []byte(richPolicy)}} {
		root, problems := parse(source)
		if problems != nil {
			t.Fatal(problems)
		}
		if err := schema.Validate(plain(root)); err != nil {
			t.Errorf("%s: %v", source.Name, err)
		}
	}
}

func TestSchemaRefusesWhatItCanTell(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	for _, m := range malformedPolicies() {
		if !m.schema {
			continue
		}
		root, problems := parse(m.source(t))
		if problems != nil {
			t.Fatalf("%s: %v", m.name, problems)
		}
		if err := schema.Validate(plain(root)); err == nil {
			t.Errorf("%s: the schema takes it, the loader does not", m.name)
		}
	}
}

// The schema and the loader know the same objects and keys.
func TestSchemaMatchesLoader(t *testing.T) {
	t.Parallel()
	type definition struct {
		Properties           map[string]any
		Required             []string
		AdditionalProperties *bool
	}
	var document struct {
		Defs map[string]definition `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &document); err != nil {
		t.Fatal(err)
	}
	type keys struct{ Known, Required []string }
	inSchema, inLoader := map[string]keys{}, map[string]keys{}
	for name, d := range document.Defs {
		if d.Properties == nil {
			continue
		}
		if d.AdditionalProperties == nil || *d.AdditionalProperties {
			t.Errorf("%s takes unknown keys in the schema", name)
		}
		slices.Sort(d.Required)
		inSchema[name] = keys{slices.Sorted(maps.Keys(d.Properties)), d.Required}
	}
	for _, s := range shapes() {
		k := keys{Known: s.known()}
		for _, one := range s.keys {
			if one.required {
				k.Required = append(k.Required, one.name)
			}
		}
		if s.name == shapeTask {
			k.Known = append(k.Known, taskNames()...)
		}
		slices.Sort(k.Known)
		slices.Sort(k.Required)
		inLoader[s.name] = k
	}
	if diff := cmp.Diff(inLoader, inSchema); diff != "" {
		t.Errorf("keys (-loader +schema):\n%s", diff)
	}
}
