package lifecycle

import (
	_ "embed"
	"slices"
)

//go:embed policy.schema.json
var schemaText []byte

// Schema returns the JSON Schema of a policy, for editors. It knows every key;
// what the parts of a policy mean together only the loader checks.
func Schema() []byte { return slices.Clone(schemaText) }
