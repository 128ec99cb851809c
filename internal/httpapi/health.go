package httpapi

// Check is one finding of the doctor.
type Check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	// Remedy says what to do, "" where all is well.
	Remedy string `json:"remedy,omitempty"`
}

// Readiness is the answer of /readyz.
type Readiness struct {
	Ready bool `json:"ready"`
	// Missing names what keeps the starter from working.
	Missing []string `json:"missing"`
}
