package policy

import _ "embed" // for the shipped policy

//go:embed first.yaml
var first []byte

// First returns the first policy as it ships. The slice is the caller's own.
func First() []byte { return append([]byte(nil), first...) }
