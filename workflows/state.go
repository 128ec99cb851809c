package workflows

import (
	"fmt"
	"slices"

	"tenure/activities"
	"tenure/internal/plan"
)

// Schema is the version of State this code writes. A worker that meets a higher
// one panics, so that the workflow task waits for a newer worker.
const Schema = 1

// Bounds of what a state remembers.
const (
	maxOverrideIDs = 200
	maxNotes       = 500
	maxRaised      = 50
)

// State is the whole truth about a journey and its only argument.
type State struct {
	Schema int        `json:"schema"`
	Facts  plan.Facts `json:"facts"`
	// Raised is the attention that the journey and its activities raised; what
	// a plan raises is computed anew each time.
	Raised []plan.Attention `json:"raised,omitempty"`
	// OverrideIDs are those already applied, oldest first.
	OverrideIDs []string `json:"overrideIds,omitempty"`
	// Notes wait to be written to the ledger.
	Notes []activities.Note `json:"notes,omitempty"`
	// NextNote numbers the notes.
	NextNote int64 `json:"nextNote,omitempty"`
	// LedgerSeq and LedgerHash are the head of the person's chain when it was
	// last written, so that a cut tail is seen.
	LedgerSeq  int64  `json:"ledgerSeq,omitempty"`
	LedgerHash string `json:"ledgerHash,omitempty"`
	// Revision grows with every plan and orders the rows of the people index.
	Revision int64 `json:"revision,omitempty"`
	// Steer says that signals may steer, as the configuration was at the last
	// plan.
	Steer bool `json:"steer,omitempty"`
	// Erasing is the order to erase the person: the journey ends once it is carried
	// out. Erased is what an earlier chain of the same person left behind.
	Erasing *plan.By           `json:"erasing,omitempty"`
	Erased  *activities.Erased `json:"erased,omitempty"`
	// PolicyVersion is that of the last plan.
	PolicyVersion int `json:"policy,omitempty"`
}

// NewState is the state of a journey that has heard nothing yet.
func NewState(realm, key string) State {
	return State{Schema: Schema, Facts: plan.Facts{Realm: realm, Key: key}}
}

// checkSchema panics on a state of the future.
func (s *State) checkSchema() {
	if s.Schema > Schema {
		panic(fmt.Sprintf("read state: schema %d is newer than this worker's %d", s.Schema, Schema))
	}
	s.Schema = Schema
}

// note queues a decision for the ledger. The newest are dropped when the store
// has been away for so long that the bound is reached; the last one says so.
func (s *State) note(note activities.Note) {
	if len(s.Notes) >= maxNotes {
		s.Notes[maxNotes-1].Outcome = "more were dropped: the store was away"
		return
	}
	s.NextNote++
	note.Number, note.Key = s.NextNote, fmt.Sprintf("note/%d", s.NextNote)
	s.Notes = append(s.Notes, note)
}

// raise adds attention once per code and key.
func (s *State) raise(attention plan.Attention) {
	for i := range s.Raised {
		if s.Raised[i].Code == attention.Code && s.Raised[i].Key == attention.Key {
			s.Raised[i] = attention
			return
		}
	}
	if len(s.Raised) < maxRaised {
		s.Raised = append(s.Raised, attention)
	}
}

// lower removes raised attention of a code, or of a key.
func (s *State) lower(match func(plan.Attention) bool) bool {
	before := len(s.Raised)
	s.Raised = slices.DeleteFunc(s.Raised, match)
	return len(s.Raised) != before
}

// seen reports whether an override was applied before. One that was refused may
// be sent again under its ID.
func (s *State) seen(id string) bool { return id != "" && slices.Contains(s.OverrideIDs, id) }

// remember keeps the ID of an override that is in force.
func (s *State) remember(id string) {
	if id == "" {
		return
	}
	s.OverrideIDs = append(s.OverrideIDs, id)
	if len(s.OverrideIDs) > maxOverrideIDs {
		s.OverrideIDs = s.OverrideIDs[len(s.OverrideIDs)-maxOverrideIDs:]
	}
}

// attention is everything somebody should look at, raised and planned.
func (s *State) attention(planned []plan.Attention) []plan.Attention {
	return append(slices.Clone(s.Raised), planned...)
}
