package story_test

import (
	"slices"
	"testing"
	"time"

	"tenure/deploy/devstack/chaos/audit"
	"tenure/deploy/devstack/chaos/story"
)

// TestTellers: everybody has a number of its own, HR says what the step says
// while time passes, and nobody is wanted to have less done than before.
func TestTellers(t *testing.T) {
	t.Parallel()
	var names, ageing []string
	for _, tell := range append(story.Tellers(), story.Deleted) {
		told := tell(7, time.Now())
		names = append(names, told.Name)
		if told.Ages() {
			ageing = append(ageing, told.Name)
		}
		said := 0
		for i, step := range told.Steps {
			if step.Says.Key != "000007" {
				t.Errorf("%s %s is about %q", told.Name, step.Name, step.Says.Key)
			}
			if step.Passes == story.NoTime {
				said++
			} else if i == 0 || step.Says != told.Steps[i-1].Says {
				t.Errorf("%s %s: HR says something while time passes", told.Name, step.Name)
			}
			if step.Want.Said != said {
				t.Errorf("%s %s wants %d statements, want %d", told.Name, step.Name, step.Want.Said, said)
			}
			if i == 0 {
				continue
			}
			for task, count := range told.Steps[i-1].Want.Done {
				if step.Want.Done[task] < count {
					t.Errorf("%s %s wants %s %d times, and %d times before", told.Name, step.Name, task, step.Want.Done[task], count)
				}
			}
		}
	}
	if slices.Sort(names); len(slices.Compact(names)) != len(story.Tellers())+1 {
		t.Errorf("stories are %v", names)
	}
	if want := []string{"restored", "anew", "deleted"}; !slices.Equal(ageing, want) {
		t.Errorf("time passes in %v, want %v", ageing, want)
	}
}

// TestAfterADelete: one account comes back, and the other is forgotten first.
func TestAfterADelete(t *testing.T) {
	t.Parallel()
	var got []audit.Presence
	for _, told := range []story.Story{story.Restored(7, time.Now()), story.Anew(8, time.Now())} {
		for _, step := range told.Steps[2:] {
			got = append(got, step.Want.Account)
		}
	}
	want := []audit.Presence{audit.DeletedAccount, audit.OneAccount, audit.DeletedAccount, audit.NoAccount, audit.OneAccount}
	if !slices.Equal(got, want) {
		t.Errorf("accounts are %v, want %v", got, want)
	}
}
