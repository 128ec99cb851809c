package lifecycle

import (
	"slices"
	"strings"
	"testing"
)

// TestS20FindingsAreAcknowledgedByName shows which names a policy may judge.
func TestS20FindingsAreAcknowledgedByName(t *testing.T) {
	t.Parallel()
	load := func(line string) (*Policy, error) {
		source := firstPolicy(t)
		content := strings.Replace(string(source.Content), "    domain: contoso.example\n", "    domain: contoso.example\n"+line, 1)
		return Load(Source{Name: source.Name, Content: []byte(content)})
	}
	p, err := load("    acknowledge: [provisioning-jobs, lifecycle-workflow 0f3c]\n")
	if err != nil {
		t.Fatal(err)
	}
	target, _ := p.Target("entra")
	if want := []string{"provisioning-jobs", "lifecycle-workflow 0f3c"}; !slices.Equal(target.Acknowledged, want) {
		t.Errorf("acknowledged = %q, want %q", target.Acknowledged, want)
	}
	for line, want := range map[string]string{
		"    acknowledge: [permission User.Read.All]\n":             `"permission User.Read.All" is no finding that can be acknowledged`,
		"    acknowledge: [provisoning-jobs]\n":                     `did you mean "provisioning-jobs"?`,
		"    acknowledge: [provisioning-jobs, provisioning-jobs]\n": "stands in the list twice",
		"    acknowledge: provisioning-jobs\n":                      "a text found where a list of findings belongs",
	} {
		if _, err := load(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want %q", strings.TrimSpace(line), err, want)
		}
	}
}
