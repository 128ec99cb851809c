package lifecycle

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func withLimits(limits string) Source {
	return Source{Name: "base", Content: []byte(strings.Replace(basePolicy, "    mode: enforce\n", "    mode: enforce\n    limits: "+limits+"\n", 1))}
}

func TestS15LimitsAreReadAndHaveAStandard(t *testing.T) {
	t.Parallel()
	policy, err := Load(withLimits("{disable: {count: 40, percent: 5%, window: 2h, approvals: 2}, delete: {count: unlimited}, pass: {percent: 1%}}"))
	if err != nil {
		t.Fatal(err)
	}
	target := policy.Targets[0]
	for _, want := range []Limit{
		{Kind: LimitCreate, Count: 500, Window: time.Hour, Approvals: 1},
		{Kind: LimitEnable, Count: 500, Window: time.Hour, Approvals: 1},
		{Kind: LimitPass, Count: 50, Percent: 1, Window: time.Hour, Approvals: 1},
		{Kind: LimitDisable, Count: 40, Percent: 5, Window: 2 * time.Hour, Approvals: 2},
		{Kind: LimitRemoveAll, Count: 25, Window: time.Hour, Approvals: 1},
		{Kind: LimitDelete, Count: 10, Unlimited: true, Window: time.Hour, Approvals: 1},
	} {
		if diff := cmp.Diff(want, target.Limit(want.Kind)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.Kind, diff)
		}
	}
	if len(policy.Warnings) != 1 || !strings.Contains(policy.Warnings[0].Message, "delete is unlimited") {
		t.Errorf("warnings = %v, want one about the unlimited delete", policy.Warnings)
	}
}

// Of count and percent the lower allows; in a tiny organisation a share is one
// person at least.
func TestS15TheLowerOfCountAndPercentAllows(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		limit    Limit
		accounts int
		want     int
		bounded  bool
	}{
		{"count alone", Limit{Count: 25}, 10, 25, true},
		{"percent is lower", Limit{Count: 25, Percent: 5}, 300, 15, true},
		{"count is lower", Limit{Count: 25, Percent: 5}, 5000, 25, true},
		{"a tiny organisation", Limit{Count: 25, Percent: 5}, 7, 1, true},
		{"nobody yet", Limit{Count: 25, Percent: 5}, 0, 1, true},
		{"none at all", Limit{Count: 0, Percent: 5}, 300, 0, true},
		{"percent bounds what has no count", Limit{Unlimited: true, Percent: 10}, 50, 5, true},
		{"unlimited", Limit{Unlimited: true}, 50, 0, false},
	} {
		got, bounded := tt.limit.Allowed(tt.accounts)
		if bounded != tt.bounded || bounded && got != tt.want {
			t.Errorf("%s: %d, %t; want %d, %t", tt.name, got, bounded, tt.want, tt.bounded)
		}
	}
}
