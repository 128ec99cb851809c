package fault

import (
	"time"

	"tenure/deploy/devstack/chaos/story"
)

// The names of the tales: stories whose last step meets the fault.
const (
	joiner   = "joiner"
	mover    = "mover"
	leaver   = "leaver"
	rescind  = "rescind"
	rehire   = "rehire"
	returner = "returner"
	deleted  = "deleted"
	restored = "restored"
	anew     = "anew"
)

// tales are all of them, by name.
func tales() map[string]story.Teller {
	return map[string]story.Teller{
		joiner: story.Joiner, mover: story.Mover, leaver: story.Leaver, rescind: story.Rescind,
		rehire: story.Rehire, returner: story.Returner, deleted: story.Deleted, restored: story.Restored, anew: story.Anew,
	}
}

// tell makes a tale for a number.
func tell(name string, number int, today time.Time) story.Story { return tales()[name](number, today) }

// last is the step that meets the fault.
func last(told story.Story) story.Step { return told.Steps[len(told.Steps)-1] }
