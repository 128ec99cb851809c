package httpapi

// MatchKind says how a person and an account stand to each other.
type MatchKind string

// The kinds of row of a match report, in its order: questions first.
const (
	MatchAmbiguous MatchKind = "ambiguous"
	MatchProposal  MatchKind = "proposal"
	MatchUnmatched MatchKind = "unmatched"
	MatchUnowned   MatchKind = "unowned"
	MatchCertain   MatchKind = "match"
	MatchLinked    MatchKind = "linked"
)

// MatchKinds lists the kinds of row.
func MatchKinds() []MatchKind {
	return []MatchKind{MatchAmbiguous, MatchProposal, MatchUnmatched, MatchUnowned, MatchCertain, MatchLinked}
}

// The words of confidence.
const (
	ConfidenceCertain  = "certain"
	ConfidenceLikely   = "likely"
	ConfidencePossible = "possible"
)

// MatchAccept is the decision that links the account of a row.
const MatchAccept = "accept"

// MatchReport compares the people of the index with the accounts of a target.
type MatchReport struct {
	Target   string     `json:"target"`
	Mode     string     `json:"mode"`
	People   int        `json:"people"`
	Accounts int        `json:"accounts"`
	Rows     []MatchRow `json:"rows"`
}

// MatchRow is one person, one account, or the two together.
type MatchRow struct {
	Kind MatchKind `json:"kind"`
	// Realm and Key are "" for an account that is nobody's.
	Realm      string `json:"realm,omitempty"`
	Key        string `json:"key,omitempty"`
	Name       string `json:"name,omitempty"`
	EmployeeID string `json:"employeeId,omitempty"`
	// ObjectID and what follows are "" for a person without an account.
	ObjectID      string `json:"objectId,omitempty"`
	UserName      string `json:"userName,omitempty"`
	AccountName   string `json:"accountName,omitempty"`
	AccountNumber string `json:"accountNumber,omitempty"`
	// Account is enabled or disabled.
	Account string `json:"account,omitempty"`
	Synced  bool   `json:"synced,omitempty"`
	// By names what leads from one to the other: employeeId, userPrincipalName,
	// mail, displayName or human.
	By         string `json:"by,omitempty"`
	Confidence string `json:"confidence,omitempty"`
	Reason     string `json:"reason"`
	// Decision is accept where a human has linked the account and that is still
	// to be carried out.
	Decision string `json:"decision,omitempty"`
}

// MatchDecision links one account with one person.
type MatchDecision struct {
	Realm    string `json:"realm"`
	Key      string `json:"key"`
	ObjectID string `json:"objectId"`
	// Decision is accept.
	Decision string `json:"decision"`
	// Line is where it stands in the client's file, for messages.
	Line int `json:"line,omitempty"`
}

// MatchDecisions are decisions that are taken whole or not at all.
type MatchDecisions struct {
	Decision
	// ID makes a repeated call count once.
	ID        string          `json:"id,omitempty"`
	Decisions []MatchDecision `json:"decisions"`
}

// MatchAccepted is what became of decisions.
type MatchAccepted struct {
	Accepted int    `json:"accepted"`
	Note     string `json:"note"`
}
