package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"tenure/internal/access"
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
	// Access verifies bearer tokens. Nil is an API without credentials, which
	// must be listened to on loopback only.
	Access access.Authenticator
	// Recorder keeps what the ledger must know of a call; nil keeps nothing. It
	// returns once the record is kept, and says itself where that failed.
	Recorder func(ctx context.Context, record Record)
	// Decode serves the remote codec protocol.
	Decode bool
	// UIOrigin, where it is set, is the origin of the Temporal Web UI, whose pages
	// may call decode.
	UIOrigin string
	// Doors bound what is in hand at a time.
	Doors Doors
	// Seen, where it is set, is told of each answer: the pattern of the route, or
	// "none".
	Seen func(route string, status int, took time.Duration)
	// Now is the clock; nil is the machine's.
	Now func() time.Time
	Log *slog.Logger
}

// API is the HTTP surface. It is safe for concurrent use.
type API struct {
	journeys Journeys
	dev      Dev
	schema   string
	access   access.Authenticator
	recorder func(ctx context.Context, record Record)
	seen     func(route string, status int, took time.Duration)
	// strangers and refusals bound what is refused to whom nobody knows, and to
	// callers with a token.
	strangers, refusals *rate.Limiter
	decodes             bool
	uiOrigin            string
	looks               looks
	events, imported    door
	draining            atomic.Bool
	now                 func() time.Time
	log                 *slog.Logger
	mux                 *http.ServeMux
	browsers            *http.CrossOriginProtection
}

// New makes the handler of all routes.
func New(o Options) (*API, error) {
	if o.Journeys == nil || o.Log == nil {
		return nil, errors.New("make API: journeys and a log are needed")
	}
	a := &API{
		journeys: o.Journeys, dev: o.Dev, schema: o.EventSchema, log: o.Log,
		access: o.Access, recorder: o.Recorder, strangers: newRefusals(), refusals: newRefusals(), now: o.Now,
		decodes: o.Decode, uiOrigin: o.UIOrigin, seen: o.Seen,
		events: newDoor(o.Doors.Events, defaultEvents), imported: newDoor(o.Doors.Imports, defaultImports),
		mux: http.NewServeMux(), browsers: http.NewCrossOriginProtection(),
	}
	if a.now == nil {
		a.now = time.Now
	}
	if a.seen == nil {
		a.seen = func(string, int, time.Duration) {}
	}
	for _, route := range a.routes() {
		if !route.role.Valid() {
			return nil, fmt.Errorf("make API: route %s names no role", route.pattern)
		}
		a.mux.Handle(route.pattern, a.handle(route))
	}
	return a, nil
}

// handler answers a request, or returns why it does not.
type handler func(w http.ResponseWriter, r *http.Request) error

// route is one method on one path, and the least role that may call it. Where
// the role hangs on more than the path, this is the least of them, and the
// handler asks for more.
type route struct {
	pattern string
	role    access.Role
	handler handler
}

// eventsPattern is the only route that others than operators call: whatever
// host name leads to it, the signature decides.
const eventsPattern = "POST /v1/feeds/{feed}/events"

// overridePattern is the route whose role hangs on the kind of the override.
const (
	overridePath    = "POST /v1/people/{realm}/{key}/overrides/"
	overridePattern = overridePath + "{name}"
)

func (a *API) routes() []route {
	return []route{
		{"GET /livez", access.Open, a.livez},
		{"GET /readyz", access.Open, a.readyz},
		{"GET /v1/openapi.yaml", access.Open, a.openapi},
		{"GET /v1/schemas/event.json", access.Open, a.eventSchema},
		{"GET /v1/whoami", access.Viewer, a.whoami},
		{"GET /v1/doctor", access.Viewer, a.doctor},
		{decodePattern, access.Operator, a.decode},
		{preflightPattern, access.Open, a.preflight},
		{"GET /v1/feeds", access.Viewer, a.feeds},
		{eventsPattern, access.Open, a.receive},
		{"GET /v1/feeds/{feed}/imports", access.Viewer, a.imports},
		{"POST /v1/feeds/{feed}/imports", access.Operator, a.importFile},
		{"GET /v1/feeds/{feed}/imports/{id}", access.Viewer, a.importStatus},
		{"GET /v1/feeds/{feed}/imports/{id}/rejects", access.Viewer, a.rejects},
		{"POST /v1/feeds/{feed}/imports/{id}/release", access.Approver, a.releaseImport},
		{"GET /v1/people", access.Viewer, a.people},
		{"GET /v1/people/{realm}/{key}", access.Viewer, a.person},
		{"GET /v1/people/{realm}/{key}/timeline", access.Viewer, a.timeline},
		{"GET /v1/people/{realm}/{key}/explain", access.Viewer, a.explain},
		{"GET /v1/people/{realm}/{key}/mapping", access.Viewer, a.mappingPreview},
		{"GET /v1/people/{realm}/{key}/evidence", access.Viewer, a.evidence},
		{overridePattern, access.Operator, a.override},
		{"GET /v1/targets/{target}/matches", access.Operator, a.matches},
		{"POST /v1/targets/{target}/matches", access.Approver, a.acceptMatches},
		{"GET /v1/policy", access.Viewer, a.policy},
		{"POST /v1/policy", access.Admin, a.applyPolicy},
		{"POST /v1/policy/validate", access.Viewer, a.validatePolicy},
		{"POST /v1/policy/preview", access.Viewer, a.previewPolicy},
		{"GET /v1/policy/questions", access.Viewer, a.policyQuestions},
		{"POST /v1/policy/answers", access.Approver, a.answerPolicyQuestions},
		{"GET /v1/policies", access.Viewer, a.policies},
		{"GET /v1/policies/{number}", access.Viewer, a.policyNumbered},
		{"POST /v1/policies/{number}/rollback", access.Admin, a.rollbackPolicy},
		{"GET /v1/targets/{target}/check", access.Viewer, a.checkTarget},
		{"GET /v1/targets/{target}/findings", access.Viewer, a.findings},
		{"POST /v1/targets/{target}/findings/decisions", access.Approver, a.decideFindings},
		{"POST /v1/targets/{target}/reconcile", access.Operator, a.compareTarget},
		{"GET /v1/gates", access.Viewer, a.gates},
		{"GET /v1/gates/{id}", access.Viewer, a.gate},
		{"POST /v1/gates/{id}/approve", access.Approver, a.approveGate},
		{"POST /v1/gates/{id}/reject", access.Approver, a.rejectGate},
		{"GET /v1/targets", access.Viewer, a.targets},
		{"POST /v1/targets/{target}/pause", access.Operator, a.pauseTarget},
		{"POST /v1/targets/{target}/resume", access.Approver, a.resumeTarget},
		{"POST /v1/dev/people/{realm}/{key}/fast-forward", access.Admin, a.fastForward},
	}
}
