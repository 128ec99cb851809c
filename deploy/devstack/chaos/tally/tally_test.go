package tally_test

import (
	"testing"

	"tenure/deploy/devstack/chaos/tally"
)

func TestTally(t *testing.T) {
	t.Parallel()
	sum := tally.Tally{Points: 40, Lost: 1}.Add(tally.Tally{Faults: 12, Events: 500, Doubled: 2, Unknown: 3})
	if want := "points=40 faults=12 events=500 lost=1 doubled=2"; sum.String() != want || sum.Unknown != 3 || !sum.Wrong() {
		t.Errorf("sum = %s with %d unknown, want %s with 3", sum, sum.Unknown, want)
	}
	if err := sum.Short(tally.Tally{Points: 40, Faults: 12, Events: 500}); err != nil {
		t.Errorf("enough is called too few: %v", err)
	}
	for _, least := range []tally.Tally{{Points: 41}, {Faults: 13}, {Events: 501}} {
		if sum.Short(least) == nil {
			t.Errorf("%s passes for %s", sum, least)
		}
	}
	if (tally.Tally{Points: 1, Unknown: 1}).Wrong() {
		t.Error("a delivery that is unknown counts as lost or doubled")
	}
}
