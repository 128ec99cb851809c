package plan

import (
	"time"

	"tenure/internal/person"
)

// Result is the small projection of the lines that a journey records.
type Result struct {
	PolicyVersion int          `json:"policy"`
	Phase         person.Phase `json:"phase"`
	Zone          string       `json:"zone,omitempty"`
	// Due are the batches to start now, in order (S5). Batches on one target
	// follow each other; others may run at the same time.
	Due []Batch `json:"due,omitempty"`
	// Next is the earliest instant at which something may change; zero means
	// sleep without a timer.
	Next time.Time `json:"next,omitzero"`
	// NextWhat names what Next is for, in words for the Temporal UI.
	NextWhat string `json:"nextWhat,omitempty"`
	// Waits are for what another system does by itself, with a term.
	Waits []Wait `json:"waits,omitempty"`
	// Attention is the whole list of questions to a human.
	Attention []Attention `json:"attention,omitempty"`
	// Settled are tasks decided without an effect in this plan.
	Settled []Done `json:"settled,omitempty"`
	// Memory replaces the memory; nil where it stays as it is.
	Memory *Memory `json:"memory,omitempty"`
	// Matches say who may be matched with an account that is there. They are for
	// the people index and are not recorded.
	Matches []Match `json:"-"`
	// Close lists stays whose done tasks can be compacted.
	Close []Through `json:"close,omitempty"`
}

// Wait is a line that waits for what another system does by itself, and until when
// that should be done: past it somebody is told, and the line goes on waiting.
type Wait struct {
	Key string `json:"key"`
	// For is what it waits for, in words.
	For   string    `json:"for"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
}

// Batch is one activity: the tasks of one run on one target, in order.
type Batch struct {
	Activity Activity `json:"activity"`
	Target   string   `json:"target,omitempty"`
	Tasks    []Task   `json:"tasks"`
	// Urgent batches cut access: they never wait for another activity for
	// longer than a minute.
	Urgent bool `json:"urgent,omitempty"`
	// Source is the target from which the accounts of this one come by
	// synchronisation (S17), "" where they do not.
	Source string `json:"source,omitempty"`
	// Counterpart is the target that would lose its account if the one of this target
	// left the synchronisation, "" for none.
	Counterpart string `json:"counterpart,omitempty"`
	// Change is set for tasks of a change workflow: the generation is the
	// change's number.
	Change bool `json:"change,omitempty"`
}

// Task is what an activity needs to know of a line; the rest is in the policy
// version.
type Task struct {
	Key        string    `json:"key"`
	Workflow   string    `json:"workflow,omitempty"`
	Stay       string    `json:"stay"`
	Generation int       `json:"gen"`
	Task       string    `json:"task"`
	Verb       Verb      `json:"verb"`
	Due        time.Time `json:"due"`
	// Enabled says, for create, whether the account is to be enabled already.
	Enabled  bool `json:"enabled,omitempty"`
	Continue bool `json:"continue,omitempty"`
	// Change is the number of the change that started the run, 0 for others.
	Change int `json:"change,omitempty"`
	// Attempt counts earlier parkings.
	Attempt int `json:"attempt,omitempty"`
	// Digest is what Account.Written becomes once a create or update is done,
	// also where no account was found.
	Digest string `json:"digest,omitempty"`
	// Staff is set for people who were here before Tenure: an account that
	// carries their employee number is theirs (S14).
	Staff bool `json:"staff,omitempty"`
	// New is set for a create where a human said that no account which is there
	// is the person's.
	New bool `json:"new,omitempty"`
	// ObjectID is the account that a human named, for link.
	ObjectID string `json:"objectId,omitempty"`
	// Groups are the labels that a task with value maps stands for (S18); empty
	// where the policy says it all.
	Groups []string `json:"groups,omitempty"`
	// Leave is, for a leaver's task, the generation of the leave: what the task takes
	// away is kept until that leave is taken back.
	Leave int `json:"leave,omitempty"`
	// Leaves is set for the disable of somebody who has left or is terminated, in a
	// domain: the password goes too.
	Leaves bool `json:"leaves,omitempty"`
	// Unsyncs is set where a move out of the synchronisation is agreed to.
	Unsyncs bool `json:"unsyncs,omitempty"`
	// Loses is the target whose budget of deletes such a move uses up, "" where the
	// delete line there has taken from it.
	Loses string `json:"loses,omitempty"`
	// Pass says what a pass is to be; nil for other tasks.
	Pass *PassTerms `json:"pass,omitempty"`
}

// PassTerms are the validity of a pass and what it is issued for: the activity
// copies StartDate and Manager into the [Pass], so that a later plan sees when
// they have moved (S6).
type PassTerms struct {
	Start     time.Time   `json:"start"`
	Expires   time.Time   `json:"expires"`
	StartDate person.Date `json:"startDate"`
	Manager   string      `json:"manager,omitempty"`
}

// Attention is a question to a human or a fact somebody should know.
type Attention struct {
	// Code is a word of a closed set (docs/attention.md).
	Code string `json:"code"`
	// Key is the line it is about, "" for the person.
	Key string `json:"key,omitempty"`
	// Text says what is the matter and what to do, without personal data.
	Text string `json:"text"`
	// Asks is set where approve or skip answers it.
	Asks bool `json:"asks,omitempty"`
}
