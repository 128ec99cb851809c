package hr

import "tenure/internal/person"

// Statement is one event and the person it speaks of.
type Statement struct {
	// Key is the person key in clear form; IDs use person.EncodeKey.
	Key string
	// Line is where the statement stands in a file; 0 outside files.
	Line  int
	Event person.Event
}

// Reject is a row that was not taken. It counts as present (S11).
type Reject struct {
	// Line is where the row begins in the file.
	Line int `json:"line"`
	// Key is "" where the row has none that may be shown.
	Key string `json:"key,omitempty"`
	// Problems are all that were found, free of values about the person.
	Problems []string `json:"problems"`
}

// Remark is about a row that was taken, and that somebody should look at.
type Remark struct {
	// Line is where the row begins in the file.
	Line int    `json:"line"`
	Key  string `json:"key"`
	// Texts are free of values about the person.
	Texts []string `json:"texts"`
}

// HoldReason says why a file is held whole until a human releases it (S11).
type HoldReason string

// The reasons to hold a file.
const (
	HoldFewerPeople HoldReason = "fewer-people"
	HoldRejects     HoldReason = "rejects"
	HoldEmpty       HoldReason = "no-rows"
	HoldAsOf        HoldReason = "as-of-not-newer"
	HoldFuture      HoldReason = "as-of-in-the-future"
)

// Hold is one reason with its figures.
type Hold struct {
	Reason HoldReason `json:"reason"`
	Detail string     `json:"detail"`
}

// Report is the outcome of reading a file.
type Report struct {
	// Rows counts the rows after the header; Accepted and Rejected add up to it.
	Rows     int `json:"rows"`
	Accepted int `json:"accepted"`
	Rejected int `json:"rejected"`
	// Rejects are in the order of the file.
	Rejects []Reject `json:"rejects,omitempty"`
	// Remarks are in the order of the file.
	Remarks []Remark `json:"remarks,omitempty"`
	// Held is empty where the file may be applied.
	Held []Hold `json:"held,omitempty"`
	// Absent are the keys of the previous file that this one lacks, sorted.
	Absent []string `json:"absent,omitempty"`
}
