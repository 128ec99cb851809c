package httpapi

import (
	"net/http"
	"strconv"
	"time"
)

// PolicyPreviewRequest asks what another policy would change. Of From and To each
// is a version or a document; without From it is the active version.
type PolicyPreviewRequest struct {
	From *PolicyChoice `json:"from,omitempty"`
	To   PolicyChoice  `json:"to"`
	// People asks for what changes for whom, a page of people at a time.
	People bool   `json:"people,omitempty"`
	Cursor string `json:"cursor,omitempty"`
	Limit  int    `json:"limit,omitempty"`
	// Base is the active version that the first page was computed with; another
	// one meanwhile is a conflict. 0 takes whichever is active.
	Base int `json:"base,omitempty"`
}

// PolicyChoice is a version of the policy, or a document.
type PolicyChoice struct {
	Version int    `json:"version,omitempty"`
	Name    string `json:"name,omitempty"`
	Source  string `json:"source,omitempty"`
}

// PolicyPreview says what another policy changes.
type PolicyPreview struct {
	// Base is the active version, 0 for none; From and To are the versions that
	// were compared, 0 for a document.
	Base int `json:"base"`
	From int `json:"from"`
	To   int `json:"to"`
	// Expect is what applying this policy must state, so that what was looked at
	// is what is applied.
	Expect string `json:"expect"`
	// Same is set where both are the same document.
	Same bool `json:"same"`
	// Differences are those of the documents.
	Differences []PolicyDifference `json:"differences"`
	// Activated names the lifecycle workflows and account lines that are new or
	// changed.
	Activated []string        `json:"activated"`
	Notes     []string        `json:"notes"`
	Warnings  []PolicyProblem `json:"warnings"`
	// People are those of this page for whom a line changes, Unread those whose
	// journey did not answer. Looked counts the page, Total everybody.
	People []PersonChanges `json:"people"`
	Unread []UnreadPerson  `json:"unread"`
	Looked int             `json:"looked"`
	Total  int             `json:"total"`
	// Next is the cursor of the next page, "" on the last.
	Next string `json:"next,omitempty"`
}

// PolicyDifference is one thing that differs between two documents.
type PolicyDifference struct {
	Section string `json:"section"`
	Name    string `json:"name,omitempty"`
	Path    string `json:"path,omitempty"`
	Before  string `json:"before,omitempty"`
	After   string `json:"after,omitempty"`
	// Text says it in a line.
	Text string `json:"text"`
}

// PersonChanges are the lines that another policy changes for a person.
type PersonChanges struct {
	PersonID
	DisplayName string       `json:"displayName"`
	Lines       []LineChange `json:"lines"`
}

// LineChange is what becomes of a line.
type LineChange struct {
	// Change is newly due, now deletes, now asks, added, moved or dropped.
	Change   string     `json:"change"`
	Key      string     `json:"key"`
	Workflow string     `json:"workflow"`
	Task     string     `json:"task"`
	Target   string     `json:"target,omitempty"`
	Zone     string     `json:"zone,omitempty"`
	OldDue   *time.Time `json:"oldDue,omitempty"`
	NewDue   *time.Time `json:"newDue,omitempty"`
	// Asks is set where a human is asked before it runs.
	Asks bool `json:"asks"`
	// Deletes is the target in which the line deletes the account though it works on
	// another.
	Deletes string `json:"deletes,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// UnreadPerson is somebody of whom nothing can be said.
type UnreadPerson struct {
	PersonID
	Reason string `json:"reason"`
}

// maxPreviewPage is how many people one answer speaks of.
const maxPreviewPage = 200

func (a *API) previewPolicy(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	var request PolicyPreviewRequest
	if err := decodeUpTo(w, r, &request, 4*MaxPolicyBytes); err != nil {
		return err
	}
	choices := []PolicyChoice{request.To}
	if request.From != nil {
		choices = append(choices, *request.From)
	}
	for _, choice := range choices {
		if err := choice.validate(); err != nil {
			return err
		}
	}
	if request.Limit < 0 || request.Limit > maxPreviewPage {
		return NewProblem(KindInvalid, nil, "limit is %d: want 1 to %d", request.Limit, maxPreviewPage)
	}
	if err := text(paramCursor, request.Cursor, maxText, false); err != nil {
		return err
	}
	preview, err := a.journeys.PreviewPolicy(r.Context(), request)
	if err != nil {
		return err
	}
	preview.Differences, preview.Activated, preview.Notes = list(preview.Differences), list(preview.Activated), list(preview.Notes)
	preview.Warnings, preview.People, preview.Unread = list(preview.Warnings), list(preview.People), list(preview.Unread)
	return answer(w, http.StatusOK, preview)
}

func (c PolicyChoice) validate() error {
	if (c.Version > 0) == (c.Source != "") || c.Version < 0 {
		return NewProblem(KindInvalid, nil, "a policy is either the number of a version or a source")
	}
	if len(c.Source) > MaxPolicyBytes {
		return NewProblem(KindTooLarge, nil, "the source has %d bytes: at most %d are allowed", len(c.Source), MaxPolicyBytes)
	}
	return text(paramName, c.Name, maxName, false)
}

// policyVersion reads the version that a path names.
func policyVersion(r *http.Request) (int, error) {
	number, err := strconv.Atoi(r.PathValue(paramNumber))
	if err != nil || number < 1 {
		return 0, NewProblem(KindInvalid, nil, "%q is no number of a version", shorten(r.PathValue(paramNumber)))
	}
	return number, nil
}

func (a *API) policyNumbered(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	number, err := policyVersion(r)
	if err != nil {
		return err
	}
	version, err := a.journeys.PolicyNumbered(r.Context(), number)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, version)
}

func (a *API) rollbackPolicy(w http.ResponseWriter, r *http.Request) error {
	values, err := query(r, paramActor, paramReason, paramExpect)
	if err != nil {
		return err
	}
	number, err := policyVersion(r)
	if err != nil {
		return err
	}
	decision, err := Decision{Actor: values.Get(paramActor), Reason: values.Get(paramReason)}.by(r)
	if err != nil {
		return err
	}
	if err := text(paramExpect, values.Get(paramExpect), maxName, false); err != nil {
		return err
	}
	applied, err := a.journeys.RollbackPolicy(r.Context(), number, values.Get(paramExpect), decision)
	if err != nil {
		return err
	}
	return answerApplied(w, applied)
}

func answerApplied(w http.ResponseWriter, applied PolicyApplied) error {
	applied.Activated, applied.Warnings = list(applied.Activated), list(applied.Warnings)
	return answer(w, http.StatusOK, applied)
}
