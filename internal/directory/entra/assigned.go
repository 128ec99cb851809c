package entra

import (
	"sync"
	"time"

	"tenure/internal/directory"
)

const (
	// assignedFor is how long a group counts as one whose members are assigned. A
	// group that is made dynamic in that time refuses its members itself.
	assignedFor = time.Minute
	// assignedMost bounds what is kept: a policy names fewer groups.
	assignedMost = 1000
)

// assigned are the groups that were read not long ago, and whose members are
// assigned: many people get the same groups at once. A group of another kind is
// not kept, so that somebody who mends it is believed at once. It is safe for
// concurrent use.
type assigned struct {
	mu   sync.Mutex
	seen map[string]seenGroup
}

type seenGroup struct {
	group directory.Group
	at    time.Time
}

// get returns a group that was read within the last minute.
func (a *assigned) get(id string, now time.Time) (directory.Group, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	kept, found := a.seen[id]
	return kept.group, found && now.Sub(kept.at) < assignedFor
}

// keep keeps a group under the ID by which it was asked for.
func (a *assigned) keep(id string, group directory.Group, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if group.Kind != directory.GroupAssigned {
		delete(a.seen, id)
		return
	}
	if a.seen == nil || len(a.seen) >= assignedMost {
		a.seen = map[string]seenGroup{}
	}
	a.seen[id] = seenGroup{group: group, at: now}
}
