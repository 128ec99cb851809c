package arch

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tenure/internal/config"
)

// TestExampleConfiguration: the annotated configuration loads, and leaves no key
// out.
func TestExampleConfiguration(t *testing.T) {
	t.Parallel()
	const name = "deploy/config.example.yaml"
	content, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatalf("read the example: %v", err)
	}
	loaded, err := config.Load(name, bytes.NewReader(content))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if loaded.Codec == config.CodecNone {
		t.Errorf("%s keeps histories in the clear: an example for production must not", name)
	}
	for _, key := range configKeys(reflect.TypeFor[config.Config]()) {
		if !strings.Contains(string(content), "\n"+key+":") && !strings.Contains(string(content), " "+key+":") {
			t.Errorf("%s does not show the key %s", name, key)
		}
	}
	operations, err := os.ReadFile(filepath.Join(root, "docs", "operations.md"))
	if err != nil {
		t.Fatalf("read operations.md: %v", err)
	}
	for _, key := range configKeys(reflect.TypeFor[config.Config]()) {
		if !strings.Contains(string(operations), "`"+key+"`") && !strings.Contains(string(operations), "."+key+"`") {
			t.Errorf("docs/operations.md does not explain the key %s", key)
		}
	}
}

// configKeys are the names of the keys, those below other keys included.
func configKeys(of reflect.Type) []string {
	var out []string
	for field := range of.Fields() {
		out = append(out, field.Tag.Get("yaml"))
		inner := field.Type
		if inner.Kind() == reflect.Map {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			out = append(out, configKeys(inner)...)
		}
	}
	return out
}
