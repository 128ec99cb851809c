package httpapi

import (
	"net/http"
	"time"
)

// MappingPreview says what the mappings of a target would write to the account of
// a person now. Nothing is sent to find out but reads.
type MappingPreview struct {
	PersonID
	Target        string    `json:"target"`
	Mode          string    `json:"mode"`
	Now           time.Time `json:"now"`
	PolicyVersion int       `json:"policyVersion"`
	// ObjectID is that of the account, "" where there is none: then the rows are
	// what it would be made with.
	ObjectID string `json:"objectId,omitempty"`
	// Note says what else decides whether something is written.
	Note string       `json:"note,omitempty"`
	Rows []MappingRow `json:"rows"`
}

// MappingRow is what one mapping would do.
type MappingRow struct {
	Attribute string `json:"attribute"`
	// Before is what the account holds, After what it would hold.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Change is set, clear, none, create-only, drawn, left-out, link or failed.
	Change MappingChange `json:"change"`
	// Candidates are the names that are tried in order, the first of them.
	Candidates []string `json:"candidates,omitempty"`
	// Why says why there is no value.
	Why string `json:"why,omitempty"`
}

// MappingChange says what a mapping would do.
type MappingChange string

// The changes of a mapping.
const (
	MappingSets  MappingChange = "set"
	MappingClear MappingChange = "clear"
	MappingNone  MappingChange = "none"
	// MappingCreateOnly is written when the account is made, and stays.
	MappingCreateOnly MappingChange = "create-only"
	// MappingDrawn is drawn when it is written.
	MappingDrawn   MappingChange = "drawn"
	MappingLeftOut MappingChange = "left-out"
	// MappingLink is the link to the manager, which the account line resolves.
	MappingLink MappingChange = "link"
	// MappingFailed has no value: the attribute stays as it is.
	MappingFailed MappingChange = "failed"
)

func (a *API) mappingPreview(w http.ResponseWriter, r *http.Request) error {
	id, err := personID(r)
	values, wrong := query(r, paramTarget)
	if err != nil || wrong != nil {
		return firstOf(err, wrong)
	}
	if err := text(paramTarget, values.Get(paramTarget), maxName, false); err != nil {
		return err
	}
	preview, err := a.journeys.MappingPreview(r.Context(), id, values.Get(paramTarget))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, preview)
}
