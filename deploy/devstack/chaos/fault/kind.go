package fault

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"tenure/activities"
	simfault "tenure/internal/sim/fault"
)

// kind is one sort of fault.
type kind struct {
	name string
	rule simfault.Rule
	// more are rules beside the call's own, with methods and paths of theirs.
	more []simfault.Rule
	// everywhere makes the rule one about every call of the system.
	everywhere bool
	// stands is how long the fault lasts on the person's clock; 0 means that it
	// wears out by itself.
	stands time.Duration
	fits   func(call) bool
	// shows is the code under which the task must visibly wait, "" where nothing
	// needs to.
	shows func(call) string
}

const (
	// asked is the Retry-After of a 429: longer than Temporal waits by itself.
	asked = 3
	// shortly is an answer that is slow and comes; tooLate is more than any call
	// waits for.
	shortly = 1500
	tooLate = 31_000
	// seatsCome is after how long there are seats again, and down how long a
	// system is away.
	seatsCome = 10 * time.Minute
	down      = 48 * time.Hour
)

// kinds are all sorts of fault.
func kinds() []kind {
	all := []kind{
		{name: "lost after success", rule: simfault.Rule{Kind: simfault.Lost}, fits: succeeds, shows: unknownMail},
		{name: "429 with Retry-After", rule: simfault.Rule{Kind: simfault.Throttled, RetryAfter: asked}, fits: anything},
		{name: "429 without Retry-After", rule: simfault.Rule{Kind: simfault.ThrottledBare, Times: 2}, fits: overHTTP},
		{name: "reset", rule: simfault.Rule{Kind: simfault.Reset, Times: 2}, fits: anything, shows: unknownMail},
		{name: "slow", rule: simfault.Rule{Kind: simfault.Slow, DelayMillis: shortly}, fits: anything},
		{name: "answer after the time-out", rule: simfault.Rule{Kind: simfault.Lost, DelayMillis: tooLate}, fits: timesOut},
		{name: "409 concurrency", rule: simfault.Rule{Kind: simfault.Conflict, Times: 2}, fits: writes, shows: refusedCall},
		{name: "404 of a new object", rule: simfault.Rule{Kind: simfault.NotFound}, fits: ofObject, shows: refusedCall},
		{
			// Whoever has left is found neither by ID nor by number, for as long as it
			// takes to look once for each task that takes something away.
			name: "404 and not listed", rule: simfault.Rule{Kind: simfault.NotFound, Times: 4}, fits: cuts,
			more: []simfault.Rule{{Method: http.MethodGet, Path: graphRoot + "/users", Kind: simfault.Unlisted, Times: 4}},
		},
		{name: "no recipient", rule: simfault.Rule{Kind: simfault.NotFound}, fits: toSomebody, shows: always(activities.CodeMailRejected)},
		{name: "name taken", rule: simfault.Rule{Kind: simfault.Taken}, fits: is(http.MethodPost, "/users")},
		{name: "no seat", rule: simfault.Rule{Kind: simfault.Exhausted, Times: simfault.Forever}, stands: seatsCome, fits: is(http.MethodPost, "/users/*/assignLicense"), shows: always(activities.CodeExhausted)},
		{name: "down for two days", rule: simfault.Rule{Kind: simfault.Unavailable, Times: simfault.Forever}, everywhere: true, stands: down, fits: goesDown, shows: away},
		{
			name: "lost and not replicated", rule: simfault.Rule{Kind: simfault.Lost}, fits: is(http.MethodPost, "/users"),
			more: []simfault.Rule{
				{Method: http.MethodGet, Path: graphRoot + "/users", Kind: simfault.Unlisted, Skip: 1, Times: 2},
				{Method: http.MethodGet, Path: graphRoot + "/users/*", Kind: simfault.NotFound},
			},
		},
	}
	for _, status := range []int{http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable} {
		shows := unknownAPI
		if status == http.StatusServiceUnavailable {
			shows = nil // SendGrid's word for "not taken"
		}
		all = append(all, kind{
			name: http.StatusText(status) + " as HTML", fits: overHTTP, shows: shows,
			rule: simfault.Rule{Kind: simfault.GatewayPage, Status: status, Times: 2},
		})
	}
	return append(all,
		kind{name: "500", rule: simfault.Rule{Kind: simfault.Unavailable, Status: http.StatusInternalServerError}, fits: overHTTP, shows: unknownAPI},
		kind{name: "503", rule: simfault.Rule{Kind: simfault.Unavailable, Times: 2}, fits: anything})
}

// kindOf finds a kind by name.
func kindOf(name string) kind {
	for _, k := range kinds() {
		if k.name == name {
			return k
		}
	}
	return kind{}
}

func anything(call) bool { return true }

// always is a code that any call waits under.
func always(code string) func(call) string { return func(call) string { return code } }

func is(method, path string) func(call) bool {
	return func(c call) bool { return c.server == tenant && c.method == method && c.path == graphRoot+path }
}

func overHTTP(c call) bool { return c.server != smtp }

func ofMail(c call) bool { return c.server == smtp && c.path != smtpConnect || c.server == sendgrid }

// succeeds: of the steps of a mail only the last one makes something whose answer
// can be lost.
func succeeds(c call) bool { return c.server != smtp || c.path == smtpData }

// toSomebody is a mail of one person: a human is told of that one.
func toSomebody(c call) bool { return ofMail(c) && !c.anybodys() && c.path != smtpMail }

// timesOut: SMTP waits for two minutes, SendGrid for one.
func timesOut(c call) bool { return !c.anybodys() && (c.server == tenant || c.server == badges) }

func writes(c call) bool {
	return c.server == tenant && c.method != http.MethodGet && !c.anybodys() || c.server == badges
}

// ofObject: what replicates late is the person's account and what hangs on it.
func ofObject(c call) bool {
	return c.server == badges || c.about == aboutKey && (strings.HasPrefix(c.path, graphRoot+"/users/*") || strings.Contains(c.path, "/members/"))
}

// cuts is the first look at somebody who has left.
func cuts(c call) bool { return c.tale == leaver && c.nth == 0 && is(http.MethodGet, "/users/*")(c) }

// goesDown keeps the outage to one call of each system in a tale.
func goesDown(c call) bool {
	return c.server == tenant && is(http.MethodGet, "/users")(c) || c.server == badges || c.server == smtp && c.path == smtpData
}

// unknownMail: nobody knows whether a mail arrived whose answer was lost. One
// with a pass goes again by itself, with another pass.
func unknownMail(c call) string {
	if c.server == smtp && c.path == smtpData || c.server == sendgrid {
		return unlessPass(c)
	}
	return ""
}

// unknownAPI: over HTTP no answer and most server errors say as little.
func unknownAPI(c call) string {
	if c.server == sendgrid {
		return unlessPass(c)
	}
	return ""
}

func unlessPass(c call) string {
	if c.passMail() {
		return ""
	}
	return activities.CodeDeliveryUnknown
}

// away is the word for a system that does not answer, or says that it cannot.
func away(c call) string { return cmp.Or(refusedCall(c), activities.CodeUnavailable) }

// refusedCall: a system of the organisation that refuses a call is heard.
func refusedCall(c call) string {
	if c.server == badges {
		return activities.CodeExtension
	}
	return ""
}
