package plan_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"tenure/internal/plan"
)

// TestAttentionIsDocumented keeps docs/attention.md and the table together.
func TestAttentionIsDocumented(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../docs/attention.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for _, info := range plan.Attentions() {
		answer := "correct the cause"
		if info.Asks {
			answer = "approve or skip"
		}
		fmt.Fprintf(&want, "| `%s` | %s | %s |\n", info.Code, info.Text, answer)
	}
	if !strings.Contains(string(raw), want.String()) {
		t.Errorf("docs/attention.md lacks the table of the planner's codes; it is:\n%s", want.String())
	}
}
