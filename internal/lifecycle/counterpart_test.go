package lifecycle

import (
	"testing"
	"time"
)

// TestS17CounterpartTerms: what is stated holds; else a domain of ours is waited
// for less long than somebody else's directory.
func TestS17CounterpartTerms(t *testing.T) {
	t.Parallel()
	stated := Counterpart{Within: 5 * time.Hour, Follows: 2 * time.Hour}
	for name, tt := range map[string]struct {
		lines string
		own   bool
		want  Counterpart
	}{
		"stated":           {"    syncedFrom: ad\n    counterpart: {within: 5h, follows: 2h}\n", false, stated},
		"another's":        {"    syncedFrom: ad\n", false, Counterpart{Within: 24 * time.Hour, Follows: time.Hour}},
		"ours":             {"    syncedFrom: ad\n", true, Counterpart{Within: 3 * time.Hour, Follows: time.Hour}},
		"ours, one stated": {"    syncedFrom: ad\n    counterpart: {follows: 2h}\n", true, Counterpart{Within: 3 * time.Hour, Follows: 2 * time.Hour}},
	} {
		policy := mustLoad(t, Source{Name: "policy.yaml", Content: []byte(withTarget(tt.lines))})
		if tt.own {
			policy.Targets = append(policy.Targets, Target{Name: "ad", Kind: KindAD})
		}
		if got := policy.CounterpartOf(policy.Targets[0]); got != tt.want {
			t.Errorf("%s: terms %+v, want %+v", name, got, tt.want)
		}
	}
}
