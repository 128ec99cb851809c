package worker

import (
	"net/http"
	"regexp"
	"strings"
)

// transport stands around the requests of activities.
func (h *hooks) transport(next http.RoundTripper) http.RoundTripper { return requests{h, next} }

type requests struct {
	hooks *hooks
	next  http.RoundTripper
}

// RoundTrip implements http.RoundTripper. A request for a token is everybody's.
func (r requests) RoundTrip(request *http.Request) (*http.Response, error) {
	w := whoOf(request.Context())
	if strings.Contains(request.URL.Path, "/oauth2/") || strings.Contains(request.URL.Path, "/.well-known/") {
		return r.next.RoundTrip(request)
	}
	name := "request " + w.activity + " " + request.Method + " " + route(request.URL.Path)
	r.hooks.pass(w.person, name+before, false)
	response, err := r.next.RoundTrip(request)
	r.hooks.pass(w.person, name+after, false)
	return response, err
}

// identifier is what differs from one object to the next.
var identifier = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)

// route is a path without identifiers.
func route(path string) string { return identifier.ReplaceAllString(path, "*") }
