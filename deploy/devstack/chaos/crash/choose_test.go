package crash

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tenure/deploy/devstack/chaos/point"
	"tenure/deploy/devstack/chaos/story"
)

// TestChoose wants a whole run to take every point, and a short one one of each
// name, with those around a mail in any case.
func TestChoose(t *testing.T) {
	t.Parallel()
	trails := map[int][]point.Mark{}
	for story := range 2 {
		for i := range 40 {
			trails[story] = append(trails[story],
				point.Mark{Name: fmt.Sprintf("request %d before", i), Nth: 1}, point.Mark{Name: "activity SendMail after", Nth: i + 1},
				point.Mark{Name: fmt.Sprintf("store ChangeAccount writes t%d before", i), Nth: 1, Blocks: true})
		}
		trails[story] = append(trails[story], point.Mark{Name: "store SendMail writes deliveries before", Nth: 2, Blocks: true})
	}
	random := func() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
	if all := choose(trails, false, random()); len(all) != 2*121 {
		t.Errorf("a whole run has %d kills, want all 242", len(all))
	}
	chosen := choose(trails, true, random())
	names, blocking := map[string]int{}, 0
	for _, c := range chosen {
		names[c.mark.Name]++
		if c.mark.Blocks {
			blocking++
		}
	}
	for name, count := range names {
		if count != 1 {
			t.Errorf("%s is chosen %d times", name, count)
		}
	}
	if names["store SendMail writes deliveries before"] != 1 || blocking != shortBlocking || len(chosen) != 41+shortBlocking {
		t.Errorf("%d chosen, %d of them block: %v", len(chosen), blocking, names)
	}
}

// TestUnlike wants a step that was told before to be killed in once.
func TestUnlike(t *testing.T) {
	t.Parallel()
	var trail []point.Mark
	for step := range 3 {
		trail = append(trail, point.Mark{Step: step, Name: "activity before", Nth: 1})
	}
	told := map[string]bool{}
	today := time.Now()
	var steps [][]int
	for _, tell := range []story.Teller{story.Joiner, story.Leaver, story.Rescind, story.Rehire} {
		s := tell(7, today)
		var own []int
		for _, mark := range unlike(told, s, slices.Clone(trail[:len(s.Steps)])) {
			own = append(own, mark.Step)
		}
		steps = append(steps, own)
	}
	if want := [][]int{{0}, {0, 1}, {1}, {2}}; !slices.EqualFunc(steps, want, slices.Equal[[]int]) {
		t.Errorf("steps to be killed in: %v, want %v", steps, want)
	}
}
