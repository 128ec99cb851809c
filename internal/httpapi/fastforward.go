package httpapi

import "time"

// FastForwardReport is what came of moving a person's clock.
type FastForwardReport struct {
	PersonID
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Skips counts the timers that were skipped.
	Skips int `json:"skips"`
	// Parked are the tasks that were parked at the end.
	Parked []Parked `json:"parked"`
	// Note says in words why it ended where that is not To.
	Note string `json:"note,omitempty"`
}

// fastForwardRequest is the body of a fast-forward.
type fastForwardRequest struct {
	// Duration is a Go duration, or days and weeks: 36h, 30d, 2w.
	Duration string `json:"duration"`
}
