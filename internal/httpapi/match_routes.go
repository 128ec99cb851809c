package httpapi

import (
	"net/http"
	"slices"
)

const paramKind = "kind"

// Bounds of one call; a larger organisation sends several files.
const (
	maxMatches    = 20_000
	maxMatchBytes = 16 << 20
)

func (a *API) matches(w http.ResponseWriter, r *http.Request) error {
	values, err := query(r, paramKind)
	if err != nil {
		return err
	}
	name, kind := r.PathValue(paramTarget), MatchKind(values.Get(paramKind))
	if err := text(paramTarget, name, maxName, true); err != nil {
		return err
	}
	if kind != "" && !slices.Contains(MatchKinds(), kind) {
		return NewProblem(KindInvalid, nil, "kind is %q: want ambiguous, proposal, unmatched, unowned, match or linked", shorten(string(kind)))
	}
	report, err := a.journeys.Matches(r.Context(), name)
	if err != nil {
		return err
	}
	if kind != "" {
		report.Rows = slices.DeleteFunc(report.Rows, func(row MatchRow) bool { return row.Kind != kind })
	}
	report.Rows = list(report.Rows)
	return answer(w, http.StatusOK, report)
}

func (a *API) acceptMatches(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue(paramTarget)
	_, err := query(r)
	if err := firstOf(err, text(paramTarget, name, maxName, true)); err != nil {
		return err
	}
	var in MatchDecisions
	if err := decodeUpTo(w, r, &in, maxMatchBytes); err != nil {
		return err
	}
	if in.Decision, err = in.by(r); err != nil {
		return err
	}
	if in.ID, err = overrideID(r, in.ID); err != nil {
		return err
	}
	if len(in.Decisions) == 0 || len(in.Decisions) > maxMatches {
		return NewProblem(KindInvalid, nil, "there are %d decisions: want 1 to %d", len(in.Decisions), maxMatches)
	}
	for _, one := range in.Decisions {
		err := firstOf(
			PersonID{Realm: one.Realm, Key: one.Key}.check(),
			text("objectId", one.ObjectID, maxKey, true), text("decision", one.Decision, maxName, true),
		)
		if err != nil {
			return problemOf(err).With(ProblemError{Detail: "of this decision", Line: one.Line})
		}
	}
	done, err := a.journeys.AcceptMatches(r.Context(), name, in)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, done)
}
