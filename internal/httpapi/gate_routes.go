package httpapi

import (
	"net/http"
)

func (a *API) gates(w http.ResponseWriter, r *http.Request) error {
	values, err := query(r, paramOpen)
	if err != nil {
		return err
	}
	open, err := flag(values, paramOpen)
	if err != nil {
		return err
	}
	gates, err := a.journeys.Gates(r.Context(), open)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, list(gates))
}

func (a *API) gate(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	detail, err := a.journeys.Gate(r.Context(), r.PathValue(paramID))
	if err != nil {
		return err
	}
	detail.Members, detail.Decisions = list(detail.Members), list(detail.Decisions)
	return answer(w, http.StatusOK, detail)
}

func (a *API) approveGate(w http.ResponseWriter, r *http.Request) error {
	return a.decideGate(w, r, true)
}

func (a *API) rejectGate(w http.ResponseWriter, r *http.Request) error {
	return a.decideGate(w, r, false)
}

func (a *API) decideGate(w http.ResponseWriter, r *http.Request, approve bool) error {
	if _, err := query(r); err != nil {
		return err
	}
	var verdict GateVerdict
	if err := decode(w, r, &verdict); err != nil {
		return err
	}
	var err error
	if verdict.Decision, err = verdict.by(r); err != nil {
		return err
	}
	switch {
	case !approve && len(verdict.Except) > 0:
		return NewProblem(KindInvalid, nil, "except belongs to approve: whom nobody rejects stays frozen")
	case verdict.Through < 0:
		return NewProblem(KindInvalid, nil, "through is %d: want the number of a member, or 0 for everybody", verdict.Through)
	}
	for _, one := range verdict.Except {
		if err := one.check(); err != nil {
			return err
		}
	}
	verdict.Approve = approve
	outcome, err := a.journeys.DecideGate(r.Context(), r.PathValue(paramID), verdict)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, outcome)
}

func (a *API) targets(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	targets, err := a.journeys.Targets(r.Context())
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, list(targets))
}

func (a *API) pauseTarget(w http.ResponseWriter, r *http.Request) error { return a.brake(w, r, true) }

func (a *API) resumeTarget(w http.ResponseWriter, r *http.Request) error { return a.brake(w, r, false) }

// brake pauses or resumes a target.
func (a *API) brake(w http.ResponseWriter, r *http.Request, pause bool) error {
	decision, err := decisionOf(w, r)
	if err != nil {
		return err
	}
	state, err := a.journeys.BrakeTarget(r.Context(), r.PathValue(paramTarget), pause, decision)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, state)
}
