package httpapi

import (
	"net/http"
	"net/url"
)

func (a *API) policy(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	version, err := a.journeys.Policy(r.Context())
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, version)
}

func (a *API) policies(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	versions, err := a.journeys.Policies(r.Context())
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, list(versions))
}

func (a *API) validatePolicy(w http.ResponseWriter, r *http.Request) error {
	values, err := query(r, paramName)
	if err != nil {
		return err
	}
	source, err := policySource(w, r, values)
	if err != nil {
		return err
	}
	report, err := a.journeys.ValidatePolicy(r.Context(), source)
	if err != nil {
		return err
	}
	report.Problems, report.Warnings = list(report.Problems), list(report.Warnings)
	return answer(w, http.StatusOK, report)
}

func (a *API) applyPolicy(w http.ResponseWriter, r *http.Request) error {
	values, err := query(r, paramName, paramActor, paramReason, paramExpect)
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
	source, err := policySource(w, r, values)
	if err != nil {
		return err
	}
	applied, err := a.journeys.ApplyPolicy(r.Context(), source, values.Get(paramExpect), decision)
	if err != nil {
		return err
	}
	return answerApplied(w, applied)
}

func policySource(w http.ResponseWriter, r *http.Request, values url.Values) (PolicySource, error) {
	source := PolicySource{Name: values.Get(paramName)}
	if source.Name == "" {
		source.Name = "policy.yaml"
	}
	if err := text(paramName, source.Name, maxName, true); err != nil {
		return PolicySource{}, err
	}
	var err error
	if source.Content, err = readBody(w, r, MaxPolicyBytes); err != nil {
		return PolicySource{}, err
	}
	if len(source.Content) == 0 {
		return PolicySource{}, NewProblem(KindInvalid, nil, "the body is empty: want a policy")
	}
	return source, nil
}
