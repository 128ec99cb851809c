package httpapi

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"tenure/internal/access"
)

// MaxDecodeBytes bounds the payloads of one call, as JSON: Temporal hands out no
// more than 4 MiB at once, and base64 makes them longer by a third.
const MaxDecodeBytes = 6 << 20

// The routes of the remote codec protocol. The path's end is the protocol's.
const (
	decodePath       = "/v1/codec/decode"
	decodePattern    = "POST " + decodePath
	preflightPattern = "OPTIONS " + decodePath
)

// headerNamespace is where the Temporal Web UI and command line name the
// namespace whose payloads they send.
const headerNamespace = "X-Namespace"

// Decoded is what was in payloads, for the eyes of the caller alone.
type Decoded struct {
	// Text is JSON in the form in which the payloads came.
	Text []byte
	// Workflows are those whose payloads were decrypted; "" stands for those that
	// do not say. It is empty where nothing was encrypted.
	Workflows []string
}

// decode opens payloads for the Temporal Web UI and command line.
func (a *API) decode(w http.ResponseWriter, r *http.Request) error {
	decoded, err := a.decoded(w, r)
	if err != nil {
		// Who tries what cannot be opened is recorded as one look.
		decoded.Workflows = []string{""}
	}
	a.recordDecode(r, decoded.Workflows, outcomeOf(err))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(decoded.Text) // a client that went away cannot be told
	return nil
}

func (a *API) decoded(w http.ResponseWriter, r *http.Request) (Decoded, error) {
	if !a.decodes {
		return Decoded{}, NewProblem(KindNotFound, nil, "payloads are not decoded here: api.decode is off in the configuration")
	}
	body, err := readBody(w, r, MaxDecodeBytes)
	if err != nil {
		return Decoded{}, err
	}
	return a.journeys.Decode(r.Context(), r.Header.Get(headerNamespace), body)
}

// preflight answers a browser that asks whether a page may call decode; the
// headers that say so are those of [API.shareWithUI].
func (a *API) preflight(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// shareWithUI lets pages of the Temporal Web UI, and of nobody else, read what
// decode answers. It reports whether the request is one of theirs.
func (a *API) shareWithUI(w http.ResponseWriter, r *http.Request, pattern string) bool {
	if pattern != decodePattern && pattern != preflightPattern {
		return false
	}
	header := w.Header()
	header.Add("Vary", "Origin")
	origins := r.Header.Values("Origin")
	if !a.decodes || a.uiOrigin == "" || len(origins) != 1 || origins[0] != a.uiOrigin {
		return false
	}
	header.Set("Access-Control-Allow-Origin", a.uiOrigin)
	if pattern == preflightPattern {
		header.Set("Access-Control-Allow-Methods", http.MethodPost)
		// The Web UI sends a second token along, which is not looked at.
		header.Set("Access-Control-Allow-Headers", "Authorization, Authorization-Extras, Content-Type, "+headerNamespace)
		header.Set("Access-Control-Max-Age", "600")
	}
	return true
}

// recordDecode keeps who opened whose payloads. The log has each call; the
// ledger has a look once in a while, since one page of the Web UI makes a
// hundred calls.
func (a *API) recordDecode(r *http.Request, workflows []string, outcome string) {
	caller := access.From(r.Context())
	if len(workflows) == 0 {
		return
	}
	a.log.InfoContext(r.Context(), "payloads decoded", "actor", nameOf(caller), "workflows", strings.Join(workflows, ","),
		"outcome", outcome, "request_id", requestID(r.Context()))
	if a.recorder == nil {
		return
	}
	for _, workflow := range workflows {
		if !a.looks.fresh(caller.Name+"\n"+workflow+"\n"+outcome, a.now()) {
			continue
		}
		a.recorder(context.WithoutCancel(r.Context()), Record{
			Kind: RecordRead, Caller: caller, Route: decodePattern, Workflow: workflow, Outcome: outcome, RequestID: requestID(r.Context()),
		})
	}
}

// nameOf is a caller in the log.
func nameOf(caller access.Caller) string {
	if caller.Verified {
		return caller.Name
	}
	return access.UnverifiedPrefix + "somebody"
}

const (
	// lookLasts is for how long looks of one caller at one workflow are one.
	lookLasts = 10 * time.Minute
	// maxLooks bounds what is remembered of looks; beyond it one may be recorded
	// twice.
	maxLooks = 10_000
)

// looks remembers which looks were recorded lately.
type looks struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// fresh reports whether a look is to be recorded.
func (l *looks) fresh(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if last, seen := l.last[key]; seen && now.Sub(last) < lookLasts {
		return false
	}
	if l.last == nil || len(l.last) >= maxLooks {
		l.last = map[string]time.Time{}
	}
	l.last[key] = now
	return true
}
