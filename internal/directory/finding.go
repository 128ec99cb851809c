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
}

// Wanted is what the policy will ask of the target.
type Wanted struct {
	// Verbs are the calls it may make.
	Verbs []Verb
	// Attributes are those it maps.
	Attributes []string
	// Licenses are the SKU IDs it assigns, Groups the group IDs it uses.
	Licenses, Groups []string
	// Domain is the one user names are made in.
	Domain string
	// Pass is the longest-lived pass it issues; zero where it issues none.
	Pass PassRequest
}
