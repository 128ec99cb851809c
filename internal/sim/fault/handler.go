package fault

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

const gatewayPage = `<html>
<head><title>Bad Gateway</title></head>
<body><center><h1>The service is temporarily unavailable.</h1></center><hr><center>gateway</center></body>
</html>
`

// Sleeper waits for d or until the context ends, whichever is first.
type Sleeper func(ctx context.Context, d time.Duration) error

// Sleep is the Sleeper on the machine's clock.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Handler puts a schedule before a simulator. It is an http.Handler.
type Handler struct {
	// Schedule decides. Required.
	Schedule *Schedule
	// Next is the simulator. Required.
	Next http.Handler
	// Error writes the vendor's own answer for Throttled, ThrottledBare, Unavailable, Conflict, NotFound and Exhausted,
	// and carries out Unlisted and Taken, where the vendor knows lists and names. Required.
	Error func(w http.ResponseWriter, r *http.Request, rule Rule)
	// About tells whether a request is about a subject; nil means that no request is about anybody.
	About func(r *http.Request) func(subject string) bool
	// Sleep waits for Slow and Lost; nil means Sleep.
	Sleep Sleeper
	// Hit, when set, is told of each rule that hit before it is carried out.
	Hit func(r *http.Request, rule Rule)
}

// ServeHTTP carries out the rule that is due, or passes the request on.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := Request{Method: r.Method, Path: r.URL.Path}
	if h.About != nil {
		q.About = h.About(r)
	}
	rule, ok := h.Schedule.Next(q)
	if !ok {
		h.Next.ServeHTTP(w, r)
		return
	}
	if h.Hit != nil {
		h.Hit(r, rule)
	}
	switch rule.Kind {
	case Lost:
		h.Next.ServeHTTP(&unheard{header: http.Header{}}, r)
		_ = h.wait(r, rule) // who has gone by then hears as little
		drop(w, r, false)
	case Silent:
		h.Next.ServeHTTP(&unheard{header: http.Header{}}, r)
		<-r.Context().Done()
	case Reset:
		drop(w, r, true)
	case Slow:
		h.slow(w, r, rule)
	case GatewayPage:
		drain(r)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(rule.StatusOr(http.StatusBadGateway))
		_, _ = io.WriteString(w, gatewayPage)
	case Echo:
		echo(w, r, rule)
	default:
		drain(r)
		h.Error(w, r, rule)
	}
}

// StatusOr returns the rule's status, or the given one when it names none.
func (r Rule) StatusOr(status int) int {
	if r.Status != 0 {
		return r.Status
	}
	return status
}

func (h Handler) slow(w http.ResponseWriter, r *http.Request, rule Rule) {
	if err := h.wait(r, rule); err != nil {
		// The client has gone: the request was never performed.
		panic(http.ErrAbortHandler)
	}
	h.Next.ServeHTTP(w, r)
}

func (h Handler) wait(r *http.Request, rule Rule) error {
	sleep := h.Sleep
	if sleep == nil {
		sleep = Sleep
	}
	return sleep(r.Context(), time.Duration(rule.DelayMillis)*time.Millisecond)
}

// echo repeats the request in an error of the shape that most services use.
func echo(w http.ResponseWriter, r *http.Request, rule Rule) {
	var said strings.Builder
	_ = r.Header.Write(&said)
	_, _ = io.Copy(&said, r.Body) // what could not be read is not repeated
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(rule.StatusOr(http.StatusInternalServerError))
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{
		"code": "badGateway", "message": "cannot forward " + r.Method + " " + r.URL.String() + ": " + said.String(),
	}})
}

// drain reads the body so that the connection stays usable for the answer.
func drain(r *http.Request) {
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, 1<<20))
}

// drop ends the connection without an answer: with a reset (RST) when hard, else by closing it.
func drop(w http.ResponseWriter, r *http.Request, hard bool) {
	hj, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	drain(r)
	conn, _, err := hj.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if hard {
		linger(conn)
	}
	_ = conn.Close()
}

func linger(conn net.Conn) {
	if c, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = c.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
		_ = tcp.Close()
	}
}

// unheard is where the answer goes that nobody hears.
type unheard struct {
	header http.Header
}

func (u *unheard) Header() http.Header         { return u.header }
func (u *unheard) Write(p []byte) (int, error) { return len(p), nil }
func (u *unheard) WriteHeader(int)             {}
