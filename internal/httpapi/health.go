package httpapi

// CheckState says how a check came out.
type CheckState string

// The states of a check. The last two do not fail: one could not be looked at,
// the other was judged by name in the policy.
const (
	CheckOK           CheckState = "ok"
	CheckWarning      CheckState = "warning"
	CheckFailed       CheckState = "failed"
	CheckUnknown      CheckState = "unknown"
	CheckAcknowledged CheckState = "acknowledged"
)

// Check is one finding of the doctor.
type Check struct {
	Name string `json:"name"`
	// OK is false where the check fails.
	OK     bool       `json:"ok"`
	State  CheckState `json:"state"`
	Detail string     `json:"detail"`
	// Remedy says what to do, "" where all is well.
	Remedy string `json:"remedy,omitempty"`
	// Commands give exactly the right that the check is about, whether it is there
	// or not; one of them is enough.
	Commands []Command `json:"commands,omitempty"`
}

// Command is a line for an administrator of the target.
type Command struct {
	// Tool is whose language it is.
	Tool string `json:"tool"`
	Line string `json:"line"`
}

// TargetCheck is what the inspection of one target found.
type TargetCheck struct {
	Target string  `json:"target"`
	Kind   string  `json:"kind"`
	Checks []Check `json:"checks"`
}

// Readiness is the answer of /readyz.
type Readiness struct {
	Ready bool `json:"ready"`
	// Missing names what keeps the starter from working.
	Missing []string `json:"missing"`
}
