package httpapi

import (
	_ "embed"
	"io"
	"net/http"
)

//go:embed openapi.yaml
var document []byte

func (a *API) livez(w http.ResponseWriter, _ *http.Request) error {
	return answer(w, http.StatusOK, Readiness{Ready: true, Missing: []string{}})
}

func (a *API) readyz(w http.ResponseWriter, r *http.Request) error {
	if a.draining.Load() {
		return answer(w, http.StatusServiceUnavailable, Readiness{Missing: []string{"this starter is stopping"}})
	}
	missing := a.journeys.Ready(r.Context())
	if len(missing) > 0 {
		return answer(w, http.StatusServiceUnavailable, Readiness{Missing: missing})
	}
	return answer(w, http.StatusOK, Readiness{Ready: true, Missing: []string{}})
}

func (a *API) openapi(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(document) // a client that went away cannot be told
	return nil
}

func (a *API) eventSchema(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/schema+json")
	_, _ = io.WriteString(w, a.schema) // a client that went away cannot be told
	return nil
}

func (a *API) doctor(w http.ResponseWriter, r *http.Request) error {
	return answer(w, http.StatusOK, list(a.journeys.Doctor(r.Context())))
}

// list keeps an empty list from becoming null.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
