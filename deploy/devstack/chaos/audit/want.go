package audit

// Presence says how many accounts somebody has.
type Presence string

// The presences.
const (
	NoAccount      Presence = "none"
	OneAccount     Presence = "one"
	DeletedAccount Presence = "deleted"
)

// Want is what must be true of a person.
type Want struct {
	Account Presence
	Enabled bool
	// Groups and Licences are object IDs: these and no others.
	Groups, Licences []string
	// Manager is the object ID that the account's manager must have, "" where
	// that does not matter.
	Manager string
	// Passes are those that may still be used.
	Passes int
	// Mails counts by template what must have been sent so far, Calls the calls
	// of extensions.
	Mails map[string]int
	Calls int
	// Done counts by "workflow/task" what the ledger must show as done.
	Done map[string]int
	// Said are the statements of HR that the ledger must show.
	Said int
	// Attributes of the account, by name.
	Attributes map[string]string
}
