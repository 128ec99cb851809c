package sample_test

import (
	"strings"
	"testing"
	"time"

	"tenure/deploy/devstack/sample"
	"tenure/deploy/policy"
	"tenure/internal/catalog"
	"tenure/internal/lifecycle"
)

// TestHybrid loads the shipped policy with its domain, and finds a change of the
// shipped one that the domain would get wrong.
func TestHybrid(t *testing.T) {
	t.Parallel()
	shipped, err := sample.Policy(policy.First(), time.Now(), "env:TENURE_BADGE_URL")
	if err != nil {
		t.Fatal(err)
	}
	text, err := sample.Hybrid(shipped, "8ab31cac-66b9-4cc2-ba71-11063c3a360a")
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := catalog.Load(lifecycle.Source{Name: "policy.yaml", Content: text})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(loaded.Targets); n != 3 {
		t.Errorf("%d targets, want three", n)
	}
	for _, old := range []string{"revokeAllRefreshTokens", "\nextensions:", "create:  {on: startDate"} {
		if _, err := sample.Hybrid([]byte(strings.Replace(string(shipped), old, "x", 1)), "x"); err == nil {
			t.Errorf("without %q the domain was added nevertheless", old)
		}
	}
}
