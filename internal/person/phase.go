package person

// Phase is where a person stands in the life of a stay at an instant.
type Phase string

// The phases. Unknown is a person without a stay, or with a status that is not
// understood.
const (
	PhasePreHire   Phase = "pre-hire"
	PhaseActive    Phase = "active"
	PhaseLeave     Phase = "leave"
	PhaseLeft      Phase = "left"
	PhaseDeleted   Phase = "deleted"
	PhaseRescinded Phase = "rescinded"
	PhaseUnknown   Phase = "unknown"
)
