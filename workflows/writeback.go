package workflows

import (
	"strings"

	"tenure/internal/plan"
)

// toldOf is what the feed of a write-back was told of the task's stay; nil where
// that is nothing.
func toldOf(facts *plan.Facts, task plan.Task) *plan.WrittenBack {
	told, found := facts.Back(strings.TrimPrefix(task.Workflow, plan.WriteBackWorkflow))
	if !found || told.Stay != task.Stay {
		return nil
	}
	return &told
}

// putTold remembers what a feed was told; what was said of an earlier look is over.
func (s *State) putTold(told plan.WrittenBack) {
	s.lower(func(a plan.Attention) bool {
		return a.Code == plan.AttentionMapping && a.Key == plan.WriteBackKey(told.Feed, told.Stay)
	})
	for i := range s.Facts.WrittenBack {
		if s.Facts.WrittenBack[i].Feed == told.Feed {
			s.Facts.WrittenBack[i] = told
			return
		}
	}
	s.Facts.WrittenBack = append(s.Facts.WrittenBack, told)
}
