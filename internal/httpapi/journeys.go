package httpapi

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"tenure/workflows/contract"
)

// Journeys is everything the API does. The starter implements it. Methods are
// safe for concurrent use; an error the client may see is a [*Problem].
type Journeys interface {
	// Ready names everything that keeps the starter from working; empty means
	// ready.
	Ready(ctx context.Context) []string
	// Doctor runs every check; a failing check is no error.
	Doctor(ctx context.Context) []Check
	// CheckTarget runs the doctor's checks of one target of the active policy.
	CheckTarget(ctx context.Context, target string) (TargetCheck, error)

	// Decode decrypts payloads of the given namespace, where it is not "", in the
	// JSON of Temporal's remote codec protocol.
	Decode(ctx context.Context, namespace string, payloads []byte) (Decoded, error)

	// Receive verifies and takes in one webhook. It returns once the event is
	// durable, and the person it speaks of. An unknown feed and a bad signature
	// answer alike.
	Receive(ctx context.Context, feed string, header http.Header, body []byte) (PersonID, error)

	// Feeds lists how every feed of the active policy stands.
	Feeds(ctx context.Context) ([]FeedStatus, error)
	// Import reads a file; sending goes on after it returns.
	Import(ctx context.Context, request ImportRequest) (Import, error)
	// Imports lists a feed's imports, the newest first, without rejects.
	Imports(ctx context.Context, feed string) ([]Import, error)
	// ImportStatus reads one import without its rejects.
	ImportStatus(ctx context.Context, feed, id string) (Import, error)
	// Rejects lists the rows of an import that were not taken.
	Rejects(ctx context.Context, feed, id string) ([]Reject, error)
	// ReleaseImport lets a held file go on.
	ReleaseImport(ctx context.Context, feed, id string, decision Decision) (Import, error)

	// People lists a page, and the cursor of the next one, "" on the last.
	People(ctx context.Context, filter PeopleFilter) (people []Person, next string, err error)
	Person(ctx context.Context, id PersonID) (PersonDetail, error)
	Timeline(ctx context.Context, id PersonID) (Timeline, error)
	// Explain explains one task, all tasks of a run, or with key "" every task
	// that is not decided.
	Explain(ctx context.Context, id PersonID, key string) (Explanation, error)
	// MappingPreview says what the mappings of a target would write now; target ""
	// is the only one of the policy. It writes nothing.
	MappingPreview(ctx context.Context, id PersonID, target string) (MappingPreview, error)
	// Evidence reads one person's ledger with all that is needed to verify it.
	Evidence(ctx context.Context, id PersonID) (json.RawMessage, error)
	// Override applies an override and returns once it is in force. The
	// override's ID is the idempotency key.
	Override(ctx context.Context, id PersonID, kind contract.Kind, override contract.Override) (contract.Answer, error)

	// CompareTarget compares a target with what the journeys want and returns
	// once that is done. It mends nothing.
	CompareTarget(ctx context.Context, target string, decision Decision) (Comparison, error)
	// Findings lists what the newest comparison found; all shows what is ignored
	// too.
	Findings(ctx context.Context, target string, all bool) (Findings, error)
	// DecideFindings carries out decisions one by one; a refused one is no error.
	DecideFindings(ctx context.Context, target string, choices []FindingChoice, decision Decision) ([]FindingOutcome, error)

	// Policy reads the active version with its source.
	Policy(ctx context.Context) (PolicyVersion, error)
	// Policies lists all versions, the newest first, without sources.
	Policies(ctx context.Context) ([]PolicyVersion, error)
	ValidatePolicy(ctx context.Context, source PolicySource) (PolicyReport, error)
	// PolicyNumbered reads one version with its source.
	PolicyNumbered(ctx context.Context, number int) (PolicyVersion, error)
	// PreviewPolicy says what another policy would change, and for a page of
	// people for whom. It changes nothing.
	PreviewPolicy(ctx context.Context, request PolicyPreviewRequest) (PolicyPreview, error)
	// Matches compares the people of the index with the accounts of a target.
	Matches(ctx context.Context, target string) (MatchReport, error)
	// AcceptMatches links accounts as a human decided: all of them, or none where
	// one cannot be.
	AcceptMatches(ctx context.Context, target string, decisions MatchDecisions) (MatchAccepted, error)

	// ApplyPolicy activates a version and wakes the journeys in the background.
	// Once there is an active version, expect must be what a preview of this very
	// document said, and the active version still the one it was compared with.
	ApplyPolicy(ctx context.Context, source PolicySource, expect string, decision Decision) (PolicyApplied, error)
	// PolicyQuestions lists a page of the lines that wait for an answer since the
	// policy made them due.
	PolicyQuestions(ctx context.Context, cursor string, limit int) (PolicyQuestions, error)
	// AnswerPolicyQuestions answers those that are named, each as an override of
	// that person; what did not work for one stops no other.
	AnswerPolicyQuestions(ctx context.Context, answers PolicyAnswers) ([]PolicyAnswered, error)
	// RollbackPolicy applies the document of an earlier version as the next one.
	RollbackPolicy(ctx context.Context, number int, expect string, decision Decision) (PolicyApplied, error)

	// Gates lists gates, the newest first; only the open ones where open is set.
	Gates(ctx context.Context, open bool) ([]Gate, error)
	Gate(ctx context.Context, id string) (GateDetail, error)
	// DecideGate decides about the frozen people of a gate and wakes them in the
	// background.
	DecideGate(ctx context.Context, id string, verdict GateVerdict) (GateOutcome, error)
	// Targets lists the targets of the active policy and whether they are paused.
	Targets(ctx context.Context) ([]TargetState, error)
	// BrakeTarget pauses a target, or resumes it and wakes who waits for it in the
	// background.
	BrakeTarget(ctx context.Context, target string, pause bool, decision Decision) (TargetState, error)
}

// Dev is what only a development stack can do.
type Dev interface {
	// FastForward moves one person's clock ahead.
	FastForward(ctx context.Context, realm, key string, by time.Duration) (FastForwardReport, error)
}

// PersonID names a person.
type PersonID struct {
	Realm string `json:"realm"`
	Key   string `json:"key"`
}

// Path is the person's place in the API.
func (id PersonID) Path() string {
	return "/v1/people/" + contract.EncodeKey(id.Realm) + "/" + contract.EncodeKey(id.Key)
}

// Decision is who decided something, and why. Both are mandatory.
type Decision struct {
	Actor  string `json:"actor"`
	Reason string `json:"reason"`
}

// ImportRequest is a file and what is said about it.
type ImportRequest struct {
	Feed     string
	FileName string
	// AsOf is the date of truth as it was stated: an instant, a date, or "" where
	// the feed declares where it stands.
	AsOf   string
	DryRun bool
	Actor  string
	// Content is read to its end before the method returns.
	Content io.Reader
}

// PolicySource is a policy document.
type PolicySource struct {
	// Name stands in the messages of problems.
	Name    string
	Content []byte
}
