package directory

// FindingState says how a thing that was looked at stands.
type FindingState string

// The finding states.
const (
	FindingOK      FindingState = "ok"
	FindingWarning FindingState = "warning"
	FindingFailed  FindingState = "failed"
	// FindingUnknown: it could not be looked at; Detail says why.
	FindingUnknown FindingState = "unknown"
)

// Finding is one thing an [Inspector] looked at.
type Finding struct {
	// Name is stable, so that a finding can be acknowledged by it, such as
	// "permission User.ReadWrite.All" or "provisioning-job <id>".
	Name  string
	State FindingState
	// Detail says what was found, Remedy what to do; neither names a person.
	Detail, Remedy string
	// Conflict is set where another system acts on the same people: only an
	// acknowledgement by name makes it pass.
	Conflict bool
	// Commands give exactly the right that the finding is about, whether it is
	// there or not. Each one does it alone: they are for different tools.
	Commands []Command
}

// Command is a line that an administrator can run.
type Command struct {
	// Tool is whose language it is, such as "dsacls".
	Tool string
	Line string
}

// Wanted is what the policy will ask of the target.
type Wanted struct {
	// Verbs are the calls it may make.
	Verbs []Verb
	// Attributes are those it maps.
	Attributes []string
	// Licenses are the SKU IDs it assigns, Groups the group IDs it uses.
	Licenses, Groups []string
	// Containers are the places that accounts are made in or moved to.
	Containers []string
	// Domain is the one user names are made in.
	Domain string
	// Pass is the longest-lived pass it issues; zero where it issues none.
	Pass PassRequest
}
