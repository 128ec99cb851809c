package httpapi

import (
	"net/http"
	"slices"
)

// maxDecisions bounds the decisions of one call.
const maxDecisions = 200

func (a *API) compareTarget(w http.ResponseWriter, r *http.Request) error {
	decision, err := decisionOf(w, r)
	if err != nil {
		return err
	}
	done, err := a.journeys.CompareTarget(r.Context(), r.PathValue(paramTarget), decision)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, done)
}

func (a *API) checkTarget(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	found, err := a.journeys.CheckTarget(r.Context(), r.PathValue(paramTarget))
	if err != nil {
		return err
	}
	found.Checks = list(found.Checks)
	return answer(w, http.StatusOK, found)
}

func (a *API) findings(w http.ResponseWriter, r *http.Request) error {
	values, err := query(r, paramAll)
	if err != nil {
		return err
	}
	all, err := flag(values, paramAll)
	if err != nil {
		return err
	}
	found, err := a.journeys.Findings(r.Context(), r.PathValue(paramTarget), all)
	if err != nil {
		return err
	}
	found.Findings = list(found.Findings)
	return answer(w, http.StatusOK, found)
}

func (a *API) decideFindings(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	var choices FindingChoices
	if err := decode(w, r, &choices); err != nil {
		return err
	}
	decision, err := choices.by(r)
	if err != nil {
		return err
	}
	if err := checkChoices(choices.Decisions); err != nil {
		return err
	}
	outcomes, err := a.journeys.DecideFindings(r.Context(), r.PathValue(paramTarget), choices.Decisions, decision)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, list(outcomes))
}

// checkChoices refuses decisions that cannot be meant, all or none.
func checkChoices(choices []FindingChoice) error {
	if len(choices) == 0 || len(choices) > maxDecisions {
		return NewProblem(KindInvalid, nil, "decisions has %d entries: want 1 to %d", len(choices), maxDecisions)
	}
	problem := NewProblem(KindInvalid, nil, "the decisions cannot be meant")
	for _, choice := range choices {
		if err := choice.validate(); err != nil {
			problem = problem.With(ProblemError{Detail: shorten(choice.ID) + ": " + err.Error()})
		}
	}
	if len(problem.Errors) > 0 {
		return problem
	}
	return nil
}

func (c FindingChoice) validate() error {
	if err := text(paramID, c.ID, maxName, true); err != nil {
		return err
	}
	switch {
	case !slices.Contains([]string{FindingFix, FindingAdopt, FindingIgnore, FindingShow}, c.Decision):
		return NewProblem(KindInvalid, nil, "decision is %q: want fix, adopt, ignore or show", shorten(c.Decision))
	case (c.Decision == FindingIgnore) != (c.Until != nil):
		return NewProblem(KindInvalid, nil, "until belongs to ignore, which must have one")
	case c.Person != nil && c.Decision != FindingAdopt:
		return NewProblem(KindInvalid, nil, "person belongs to adopt")
	case c.Person != nil:
		return c.Person.check()
	default:
		return nil
	}
}
