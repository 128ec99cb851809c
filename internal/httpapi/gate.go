package httpapi

import "time"

// CodeGateRefused is the code of a problem by which a gate refuses a decision:
// it is decided already, or the same person approves twice.
const CodeGateRefused = "GateRefused"

// Gate is one trip of a budget: people whose lines were due when it would have
// been exceeded, and who wait for a human.
type Gate struct {
	ID       string    `json:"id"`
	Target   string    `json:"target"`
	Kind     string    `json:"kind"`
	Open     bool      `json:"open"`
	OpenedAt time.Time `json:"openedAt"`
	// Counted is how many people it was about when it opened, Allowed how many
	// the budget allowed within the window.
	Counted       int   `json:"counted"`
	Allowed       int   `json:"allowed"`
	WindowSeconds int64 `json:"windowSeconds"`
	// Approvals is how many different people must agree.
	Approvals int `json:"approvals"`
	// How many of its people are in each state.
	Frozen   int `json:"frozen"`
	Approved int `json:"approved"`
	Rejected int `json:"rejected"`
	Passed   int `json:"passed"`
	Closed   int `json:"closed"`
}

// GateDetail is a gate with everybody at it.
type GateDetail struct {
	Gate

	Members   []GateMember   `json:"members"`
	Decisions []GateDecision `json:"decisions"`
}

// GateMember is one person at a gate.
type GateMember struct {
	PersonID

	// Number counts the members in the order in which they joined.
	Number      int    `json:"number"`
	DisplayName string `json:"displayName,omitempty"`
	// Line is what waits, "" until the person's journey has planned it.
	Line   string    `json:"line,omitempty"`
	Due    time.Time `json:"due"`
	Reason string    `json:"reason"`
	// State is frozen, approved, rejected, passed (it happened) or closed (there
	// is no such line any more).
	State     string     `json:"state"`
	Approvers []string   `json:"approvers"`
	DecidedBy string     `json:"decidedBy,omitempty"`
	DecidedAt *time.Time `json:"decidedAt,omitempty"`
	Why       string     `json:"why,omitempty"`
}

// GateDecision is what somebody decided at a gate.
type GateDecision struct {
	At      time.Time `json:"at"`
	Verdict string    `json:"verdict"`
	Actor   string    `json:"actor"`
	Reason  string    `json:"reason"`
	// People is how many it was about, those in Except too.
	People int        `json:"people"`
	Except []PersonID `json:"except"`
}

// GateVerdict is a decision on its way to a gate.
type GateVerdict struct {
	Decision

	// Except are people who are rejected though the others are approved.
	Except []PersonID `json:"except,omitempty"`
	// Through bounds the decision to members up to a number: who joined while
	// somebody looked stays frozen. 0 means everybody.
	Through int `json:"through,omitempty"`
	// Approve is said by the path.
	Approve bool `json:"-"`
}

// GateOutcome is the answer to a decision.
type GateOutcome struct {
	Gate Gate `json:"gate"`
	// Approved and Rejected are how many this decision let go on and stopped.
	Approved int `json:"approved"`
	Rejected int `json:"rejected"`
	// Missing is how many more people must approve before anybody goes on.
	Missing int    `json:"missing"`
	Text    string `json:"text"`
}

// Pause is a target in which nothing happens.
type Pause struct {
	Target string    `json:"target"`
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"`
	Reason string    `json:"reason"`
}

// TargetState is a target and whether it is paused.
type TargetState struct {
	Target string `json:"target"`
	// Mode is observe, adopt or enforce; "" for a target that the active policy
	// does not have.
	Mode   string `json:"mode"`
	Paused bool   `json:"paused"`
	// Pause is the one in force, or the one that was just ended.
	Pause *Pause `json:"pause,omitempty"`
	// Waiting is how many people wait for it.
	Waiting int    `json:"waiting"`
	Text    string `json:"text,omitempty"`
}
