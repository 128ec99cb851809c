package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"tenure/internal/access"
)

// headerRequestID names a request in the answer and in the log.
const headerRequestID = "X-Request-Id"

// requestKey is the key of a request's ID in a context.
type requestKey struct{}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// ServeHTTP implements [http.Handler].
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began, noted := time.Now(), &notedWriter{ResponseWriter: w}
	route := a.serve(noted, r)
	a.seen(route, noted.status, time.Since(began))
}

// serve answers a request and returns the pattern of its route, or noRoute.
func (a *API) serve(w http.ResponseWriter, r *http.Request) (route string) {
	id := rand.Text()[:16]
	r = r.WithContext(context.WithValue(r.Context(), requestKey{}, id))
	w.Header().Set(headerRequestID, id)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if a.draining.Load() {
		w.Header().Set("Connection", "close")
	}
	chosen, pattern := a.mux.Handler(r)
	if pattern != "" && !isClean(r.URL.EscapedPath()) {
		a.answerError(w, r, NewProblem(KindNotFound, nil, "there is no such route: its path has empty parts or dots"))
		return noRoute
	}
	if pattern == "" {
		a.answerError(w, r, unrouted(chosen, w, r))
		return noRoute
	}
	if err := a.guard(r, pattern, a.shareWithUI(w, r, pattern)); err != nil {
		a.answerError(w, r, err)
		return pattern
	}
	a.mux.ServeHTTP(w, r)
	return pattern
}

// noRoute stands for what leads nowhere.
const noRoute = "none"

// notedWriter keeps the status of an answer.
type notedWriter struct {
	http.ResponseWriter

	status int
}

// WriteHeader notes the first status that is no interim one.
func (n *notedWriter) WriteHeader(status int) {
	if n.status < http.StatusOK {
		n.status = status
	}
	n.ResponseWriter.WriteHeader(status)
}

// Write sends 200 where nothing was said before.
func (n *notedWriter) Write(content []byte) (int, error) {
	if n.status < http.StatusOK {
		n.status = http.StatusOK
	}
	return n.ResponseWriter.Write(content)
}

// Unwrap lets [http.ResponseController] reach what is below.
func (n *notedWriter) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// isClean reports whether a path names a route as it stands. The mux would lead
// others to the clean one, with a header that repeats what the client sent.
func isClean(path string) bool {
	parts := strings.Split(path, "/")
	return len(parts) > 1 && parts[0] == "" && !slices.ContainsFunc(parts[1:], func(part string) bool {
		return part == "" || part == "." || part == ".."
	})
}

// guard refuses what a web page of another site makes a browser ask for. Where
// there are credentials, no browser has them, and any host name may lead here.
// Pages of the Temporal Web UI may call what is shared with them.
func (a *API) guard(r *http.Request, pattern string, shared bool) error {
	if a.access == nil && pattern != eventsPattern && !isLoopback(r.Host) {
		return NewProblem(KindForbidden, nil, "the host %q is not this machine: use localhost or 127.0.0.1", r.Host)
	}
	if err := a.browsers.Check(r); err != nil && !shared {
		return NewProblem(KindForbidden, err, "a web page of another site may not do this")
	}
	return nil
}

func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// unrouted says why no route fits; the mux knows the methods that would.
func unrouted(mux http.Handler, w http.ResponseWriter, r *http.Request) error {
	probe := &probe{header: http.Header{}}
	mux.ServeHTTP(probe, r)
	if probe.status != http.StatusMethodNotAllowed {
		return NewProblem(KindNotFound, nil, "there is no such route; GET /v1/openapi.yaml lists them")
	}
	allow := probe.header.Get("Allow")
	w.Header().Set("Allow", allow)
	return NewProblem(KindMethodNotAllowed, nil, "allowed is %s", allow)
}

// probe keeps status and header of an answer, and drops the body.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
func (p *probe) WriteHeader(status int)      { p.status = status }

// handle makes an [http.Handler] of a route: whoever lacks its role is refused,
// errors and panics become problems, and every request one line in the log.
func (a *API) handle(route route) http.Handler {
	names := wildcards(route.pattern)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		ctx, err := a.admit(r, route)
		r = r.WithContext(ctx) //nolint:contextcheck // it is the request's own, with the caller added
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		err = firstOf(plainPath(r, names), plainBody(r))
		if err == nil {
			err = safely(route.handler, w, r)
		}
		if problem, is := errors.AsType[*Problem](err); is && problem.Kind() == KindForbidden {
			a.refuse(w, r, err)
			return
		}
		a.record(r, recordKind(route, r), outcomeOf(err))
		if err != nil {
			a.answerError(w, r, err)
			return
		}
		a.log.DebugContext(ctx, "request answered", "route", r.Pattern, //nolint:contextcheck // as above
			"request_id", w.Header().Get(headerRequestID), "took", time.Since(started))
	})
}

// wildcards are the names of a pattern's variable parts.
func wildcards(pattern string) []string {
	var names []string
	for part := range strings.SplitSeq(pattern, "/") {
		if name, found := strings.CutPrefix(part, "{"); found {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// plainPath refuses what no name or ID in a path can be, before a store or a
// server is asked for it.
func plainPath(r *http.Request, names []string) error {
	for _, name := range names {
		if err := text(name, r.PathValue(name), maxKey, true); err != nil {
			return err
		}
	}
	return nil
}

// plainBody refuses bodies that are wrapped into something: they would be read as
// what they are not.
func plainBody(r *http.Request) error {
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return NewProblem(KindInvalid, nil, "the body is encoded as %q: send it as it is", shorten(encoding))
	}
	if kind := r.Header.Get("Content-Type"); strings.HasPrefix(strings.ToLower(kind), "multipart/") {
		return NewProblem(KindInvalid, nil, "the body is a form of several parts: send what is meant as the body itself")
	}
	return nil
}

// admit finds out who calls, and whether that role may call the route. The
// context it returns, in either case, knows the caller.
func (a *API) admit(r *http.Request, route route) (context.Context, error) {
	ctx := context.WithValue(r.Context(), notedKey{}, &noted{})
	if route.role == access.Open {
		return ctx, nil
	}
	caller, err := a.identify(r)
	ctx = access.With(ctx, caller)
	if err == nil {
		err = permit(ctx, route.role)
	}
	return ctx, err
}

func safely(h handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		switch cause := recover(); cause {
		case nil:
		case http.ErrAbortHandler:
			panic(cause)
		default:
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return h(w, r)
}

// answerError writes the problem and logs the cause beside the request ID.
func (a *API) answerError(w http.ResponseWriter, r *http.Request, err error) {
	problem := problemOf(err)
	problem.RequestID = w.Header().Get(headerRequestID)
	level := slog.LevelInfo
	switch {
	case problem.Kind() == KindBusy:
		level = slog.LevelWarn
	case problem.Status >= http.StatusInternalServerError:
		level = slog.LevelError
	}
	cause := err
	if inner := errors.Unwrap(problem); inner != nil {
		cause = inner
	}
	a.log.Log(r.Context(), level, "request refused", "route", r.Pattern, "status", problem.Status,
		"type", problem.Kind(), "request_id", problem.RequestID, "error", cause)
	comeAgain(w.Header(), problem)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(problem.Status)
	// A client that went away cannot be told.
	_ = json.NewEncoder(w).Encode(problem)
}

// answer writes a value as JSON.
func answer(w http.ResponseWriter, status int, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // a client that went away cannot be told
	return nil
}
