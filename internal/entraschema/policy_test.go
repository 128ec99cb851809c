package entraschema_test

import (
	"os"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"

	"tenure/internal/catalog"
	"tenure/internal/entraschema"
	"tenure/internal/lifecycle"
)

// What is printed works in a policy as it is.
func TestFragmentIsAPolicy(t *testing.T) {
	t.Parallel()
	inPolicy(t, translate(t, "api-driven.json", nil))
}

// inPolicy loads the shipped policy with what was imported.
func inPolicy(t *testing.T, result *entraschema.Result) {
	t.Helper()
	fragment, err := result.Fragment()
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := os.ReadFile("../../deploy/policy/first.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var policy, target yaml.Node
	if err := yaml.Unmarshal(shipped, &policy); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(fragment, &target); err != nil {
		t.Fatal(err)
	}
	entra := below(t, policy.Content[0], "targets", "entra")
	for i := 0; i < len(target.Content[0].Content); i += 2 {
		key, value := target.Content[0].Content[i], target.Content[0].Content[i+1]
		if at := slices.IndexFunc(entra.Content, func(n *yaml.Node) bool { return n.Value == key.Value }); at >= 0 {
			entra.Content = slices.Delete(entra.Content, at, at+2)
		}
		entra.Content = append(entra.Content, key, value)
	}
	fields := below(t, policy.Content[0], "feeds", "hr", "fields")
	for _, field := range result.Fields {
		fields.Content = append(fields.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: field.Attribute}, &yaml.Node{Kind: yaml.ScalarNode, Value: field.Source})
	}
	content, err := yaml.Marshal(&policy)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := catalog.Load(lifecycle.Source{Name: "policy.yaml", Content: content})
	if err != nil {
		t.Fatalf("%v\n%s", err, fragment)
	}
	if got := len(loaded.Targets[0].Mapping); got != len(result.Mappings) {
		t.Errorf("the policy has %d mappings, want %d", got, len(result.Mappings))
	}
	if got := loaded.Targets[0].Scope.Source; (got != "") != (len(result.Filters) > 0) {
		t.Errorf("the policy has the scope %q, want that of %d filters", got, len(result.Filters))
	}
}

// below is the value at a path of keys.
func below(t *testing.T, node *yaml.Node, keys ...string) *yaml.Node {
	t.Helper()
	for _, key := range keys {
		at := slices.IndexFunc(node.Content, func(n *yaml.Node) bool { return n.Value == key })
		if at < 0 {
			t.Fatalf("the policy has no %s", key)
		}
		node = node.Content[at+1]
	}
	return node
}
