package fault

import (
	"maps"
	"time"

	"tenure/deploy/devstack/chaos/audit"
	"tenure/deploy/devstack/chaos/site"
	"tenure/deploy/devstack/chaos/story"
)

// step is one of a story, or time that passes.
type step struct {
	story.Step

	// alone: HR says nothing, and time passes until something is due.
	alone bool
}

// tale is a story whose last step meets the fault.
type tale struct {
	name  string
	steps []step
}

// The names of the tales.
const (
	joiner   = "joiner"
	mover    = "mover"
	leaver   = "leaver"
	rescind  = "rescind"
	rehire   = "rehire"
	returner = "returner"
	deleted  = "deleted"
	restored = "restored"
)

// tales are all of them, by name.
func tales() map[string]story.Teller {
	return map[string]story.Teller{
		joiner: story.Joiner, mover: story.Mover, leaver: story.Leaver, rescind: story.Rescind,
		rehire: story.Rehire, returner: story.Returner, deleted: story.Leaver, restored: story.Rehire,
	}
}

// returnsIn is the first day of somebody who comes back after the delete: a few
// days after it, so that everything is due at once.
const returnsIn = 35

// tell makes a tale for a number.
func tell(name string, number int, today time.Time) tale {
	told := tale{name: name}
	for _, s := range tales()[name](number, today).Steps {
		told.steps = append(told.steps, step{Step: s})
	}
	if name != deleted && name != restored {
		return told
	}
	// HR must agree that it is over: what it calls active is not deleted.
	told.steps[1].Says.Status = "terminated"
	left := told.steps[1]
	gone := step{Step: story.Step{Name: deleted, Says: left.Says, Want: deletedWant(left.Want)}, alone: true}
	if name == deleted {
		told.steps = append(told.steps, gone)
		return told
	}
	back := told.steps[2]
	back.Says.Start = today.UTC().AddDate(0, 0, returnsIn).Format(time.DateOnly)
	back.Want.Done = maps.Clone(back.Want.Done)
	back.Want.Done[deleteTask]++
	back.Want.Done[createTask]++ // the line of the account brings it back, enabled
	delete(back.Want.Done, enableTask)
	told.steps = append(told.steps[:2], gone, back)
	return told
}

// How the ledger names the account's own tasks.
const (
	createTask = "account:entra/create"
	enableTask = "account:entra/enable"
	deleteTask = "account:entra/delete"
)

func deletedWant(left audit.Want) audit.Want {
	left.Account = audit.DeletedAccount
	left.Done = maps.Clone(left.Done)
	left.Done[deleteTask]++
	return left
}

// last is the step that meets the fault.
func (t tale) last() step { return t.steps[len(t.steps)-1] }

// person is whom the tale is about.
func (t tale) person() site.Employee { return t.steps[0].Says }
