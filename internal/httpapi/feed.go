package httpapi

import "time"

// FeedStatus is how a feed stands.
type FeedStatus struct {
	Name string `json:"name"`
	// Kind is csv or webhook.
	Kind  string `json:"kind"`
	Realm string `json:"realm"`
	// Mode is full or delta, for files.
	Mode string `json:"mode,omitempty"`
	// OwnsStatus is set for the feed that decides on status and dates.
	OwnsStatus bool `json:"ownsStatus"`
	// LastSuccess is when the last file was accepted, or the last webhook came.
	LastSuccess *time.Time `json:"lastSuccess"`
	// AgeSeconds is the time since then, null before the first.
	AgeSeconds *int64 `json:"ageSeconds"`
	// Rows, Accepted and Rejected are those of the last file.
	Rows     int `json:"rows"`
	Accepted int `json:"accepted"`
	Rejected int `json:"rejected"`
	// Held is set while the last file waits for a human.
	Held bool `json:"held"`
	// People counts who is in the feed, Absent those who no longer are.
	People int `json:"people"`
	Absent int `json:"absent"`
	// Attention says what a human should look at.
	Attention  []string `json:"attention"`
	LastImport *Import  `json:"lastImport"`
}

// The states of an import.
const (
	ImportHeld     = "held"
	ImportRunning  = "running"
	ImportAccepted = "accepted"
	ImportRejected = "rejected"
	ImportDryRun   = "dry-run"
)

// Import is one file of a feed and what came of it.
type Import struct {
	ID       string    `json:"id"`
	Feed     string    `json:"feed"`
	FileName string    `json:"fileName,omitempty"`
	Hash     string    `json:"hash"`
	AsOf     time.Time `json:"asOf"`
	Received time.Time `json:"received"`
	// State is held, running, accepted, rejected or dry-run.
	State    string `json:"state"`
	Rows     int    `json:"rows"`
	Accepted int    `json:"accepted"`
	Rejected int    `json:"rejected"`
	// Unchanged are accepted rows that say what was known: nothing is sent.
	Unchanged int `json:"unchanged"`
	// Missing counts the people of the feed whom a full file lacks.
	Missing int `json:"missing"`
	// Total is what is sent to journeys, Sent how far that is.
	Total       int      `json:"total"`
	Sent        int      `json:"sent"`
	HeldReasons []string `json:"heldReasons"`
	Actor       string   `json:"actor,omitempty"`
	// Rejects, Remarks and Absent stand in the answer to the import itself only.
	Rejects []Reject `json:"rejects,omitempty"`
	Remarks []Remark `json:"remarks,omitempty"`
	Absent  []Absent `json:"absent,omitempty"`
	// Note says in words what happens next.
	Note string `json:"note,omitempty"`
}

// Finished reports whether nothing more happens by itself.
func (i Import) Finished() bool { return i.State != ImportRunning }

// Reject is a row that was not taken; it counts as present.
type Reject struct {
	// Row is the line at which the row begins.
	Row      int      `json:"row"`
	Key      string   `json:"key,omitempty"`
	Problems []string `json:"problems"`
}

// Remark is about a row that was taken, and that somebody should look at.
type Remark struct {
	// Row is the line at which the row begins.
	Row   int      `json:"row"`
	Key   string   `json:"key"`
	Texts []string `json:"texts"`
}

// Absent is a person of the feed whom a full file lacks.
type Absent struct {
	Key string `json:"key"`
	// Files counts the full files in a row without the person, this one included.
	Files int `json:"files"`
	// Since is the date of truth of the first of them.
	Since time.Time `json:"since"`
}
