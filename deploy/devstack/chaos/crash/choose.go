package crash

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"

	"tenure/deploy/devstack/chaos/point"
	"tenure/deploy/devstack/chaos/story"
)

// target is one kill: a story, told to one person, and the point in it.
type target struct {
	story int
	mark  point.Mark
}

// choose picks the kills from what people passed who were left alone, by story.
// A whole run takes every point of them; a short one each kind of moment once, and of
// those that keep others waiting a few.
func choose(trails map[int][]point.Mark, short bool, random *rand.Rand) []target {
	var all []target
	for _, story := range slices.Sorted(maps.Keys(trails)) {
		for _, mark := range trails[story] {
			all = append(all, target{story, mark})
		}
	}
	if !short {
		return all
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	slices.SortStableFunc(all, func(a, b target) int { return cmp.Compare(rank(a.mark), rank(b.mark)) })
	seen := map[string]bool{}
	blocking := 0
	var out []target
	for _, t := range all {
		if seen[t.mark.Name] || t.mark.Blocks && blocking == shortBlocking || !t.mark.Blocks && len(out)-blocking == shortPoints {
			continue
		}
		seen[t.mark.Name] = true
		if t.mark.Blocks {
			blocking++
		}
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b target) int { return cmp.Compare(a.story, b.story) })
	return out
}

// unlike leaves out the steps that a story has in common with those told before.
func unlike(told map[string]bool, s story.Story, trail []point.Mark) []point.Mark {
	own := map[int]bool{}
	for step := range s.Steps {
		own[step] = !told[s.Path(step)]
		told[s.Path(step)] = true
	}
	return slices.DeleteFunc(trail, func(mark point.Mark) bool { return !own[mark.Step] })
}

// unrepeatable are the writes around what a second time cannot be taken back: a
// mail, and a pass with its mail.
var unrepeatable = regexp.MustCompile(`^store (SendMail|IssueAccessPass) .*(deliveries|effects)`)

// rank puts first what no short run leaves out.
func rank(mark point.Mark) int {
	if unrepeatable.MatchString(mark.Name) {
		return 0
	}
	return 1
}

const (
	// shortBlocking bounds those that must be killed one by one.
	shortBlocking = 14
	shortPoints   = 60
)
