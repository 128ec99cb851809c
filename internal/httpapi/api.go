package httpapi

import (
	"errors"
	"log/slog"
	"net/http"
)

// Limits on bodies, in bytes.
const (
	MaxEventBytes  = 1 << 20
	MaxImportBytes = 64 << 20
	MaxPolicyBytes = 1 << 20
	maxBodyBytes   = 64 << 10
)

// Options say what the API works with.
type Options struct {
	Journeys Journeys
	// Dev is nil outside a development stack.
	Dev Dev
	// EventSchema is the JSON Schema of the bodies of webhooks.
	EventSchema string
	Log         *slog.Logger
}

// API is the HTTP surface. It is safe for concurrent use.
type API struct {
	journeys Journeys
	dev      Dev
	schema   string
	log      *slog.Logger
	mux      *http.ServeMux
	browsers *http.CrossOriginProtection
}

// New makes the handler of all routes.
func New(o Options) (*API, error) {
	if o.Journeys == nil || o.Log == nil {
		return nil, errors.New("make API: journeys and a log are needed")
	}
	a := &API{
		journeys: o.Journeys, dev: o.Dev, schema: o.EventSchema, log: o.Log,
		mux: http.NewServeMux(), browsers: http.NewCrossOriginProtection(),
	}
	for _, route := range a.routes() {
		a.mux.Handle(route.pattern, a.handle(route.handler))
	}
	return a, nil
}

// handler answers a request, or returns why it does not.
type handler func(w http.ResponseWriter, r *http.Request) error

// route is one method on one path.
type route struct {
	pattern string
	handler handler
}

// eventsPattern is the only route that others than operators call: whatever
// host name leads to it, the signature decides.
const eventsPattern = "POST /v1/feeds/{feed}/events"

func (a *API) routes() []route {
	return []route{
		{"GET /livez", a.livez},
		{"GET /readyz", a.readyz},
		{"GET /v1/openapi.yaml", a.openapi},
		{"GET /v1/schemas/event.json", a.eventSchema},
		{"GET /v1/doctor", a.doctor},
		{"GET /v1/feeds", a.feeds},
		{eventsPattern, a.receive},
		{"GET /v1/feeds/{feed}/imports", a.imports},
		{"POST /v1/feeds/{feed}/imports", a.importFile},
		{"GET /v1/feeds/{feed}/imports/{id}", a.importStatus},
		{"GET /v1/feeds/{feed}/imports/{id}/rejects", a.rejects},
		{"POST /v1/feeds/{feed}/imports/{id}/release", a.releaseImport},
		{"GET /v1/people", a.people},
		{"GET /v1/people/{realm}/{key}", a.person},
		{"GET /v1/people/{realm}/{key}/timeline", a.timeline},
		{"GET /v1/people/{realm}/{key}/explain", a.explain},
		{"POST /v1/people/{realm}/{key}/overrides/{name}", a.override},
		{"GET /v1/policy", a.policy},
		{"POST /v1/policy", a.applyPolicy},
		{"POST /v1/policy/validate", a.validatePolicy},
		{"GET /v1/policies", a.policies},
		{"POST /v1/dev/people/{realm}/{key}/fast-forward", a.fastForward},
	}
}
