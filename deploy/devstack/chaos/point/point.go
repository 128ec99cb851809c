package point

import (
	"fmt"
	"strings"
)

// Passing is what a worker asks about: somebody's journey is at a moment.
type Passing struct {
	Person, Name string
	// Blocks says that others cannot go on while this one is held, so that the
	// process must be killed at once.
	Blocks bool
}

// Mark names a moment in a story: it was passed so many times in a step.
type Mark struct {
	Step int
	Name string
	Nth  int
	// Blocks is that of the passing.
	Blocks bool
}

// String names the moment.
func (m Mark) String() string { return fmt.Sprintf("step %d %s #%d", m.Step+1, m.Name, m.Nth) }

// Kind is the first word of the name: activity, request, store, workflow, call.
func (m Mark) Kind() string {
	kind, _, _ := strings.Cut(m.Name, " ")
	return kind
}

// Lives reports whether somebody who is held here is in the middle of an activity
// that goes on telling the server that it lives.
func (m Mark) Lives() bool { return m.Kind() == "request" }

// same reports whether two marks name the same moment.
func (m Mark) same(other Mark) bool {
	return m.Step == other.Step && m.Name == other.Name && m.Nth == other.Nth
}
