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
}

// Readiness is the answer of /readyz.
type Readiness struct {
	Ready bool `json:"ready"`
	// Missing names what keeps the starter from working.
	Missing []string `json:"missing"`
}
