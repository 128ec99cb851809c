package httpapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"tenure/internal/hostile"
	"tenure/internal/httpapi"
)

// untouched is journeys of which none may be asked: whoever does panics, which is
// answered 500.
type untouched struct {
	httpapi.Journeys
	httpapi.Dev
}

// hostileRequest is a request that must be refused before anything is asked or
// changed.
type hostileRequest struct {
	name, method, path, body string
	header                   http.Header
	status                   int
	// want stands in the detail of the problem.
	want string
}

const overrideRoute = "/v1/people/main/E-1/overrides/"

// posts is a body that is refused.
func posts(name, path, body, want string) hostileRequest {
	return hostileRequest{name: name, method: http.MethodPost, path: path, body: body, status: http.StatusBadRequest, want: want}
}

// asks is a path or a query that is refused.
func asks(name, path string, status int, want string) hostileRequest {
	return hostileRequest{name: name, method: http.MethodGet, path: path, status: status, want: want}
}

// sends is a good body with hostile headers.
func sends(name string, status int, want string, header ...string) hostileRequest {
	c := hostileRequest{name: name, method: http.MethodPost, path: overrideRoute + "hold", body: holdBody, status: status, want: want, header: http.Header{}}
	for i := 0; i+1 < len(header); i += 2 {
		c.header.Add(header[i], header[i+1])
	}
	return c
}

// hostilePaths are names and IDs that are none.
func hostilePaths() []hostileRequest {
	long := strings.Repeat("x", 5000)
	return []hostileRequest{
		asks("NUL in a person key", "/v1/people/main/E%00", 400, "key holds control characters"),
		asks("NUL in a realm", "/v1/people/ma%00in/E-1", 400, "realm holds control characters"),
		asks("line end in a person key", "/v1/people/main/E%0d%0aSet-Cookie:%20a=b", 400, "key holds control characters"),
		asks("escape code in a person key", "/v1/people/main/%1b%5B2J", 400, "key holds control characters"),
		asks("8-bit escape code in a person key", "/v1/people/main/%c2%9b2J", 400, "key holds control characters"),
		asks("person key written backwards", "/v1/people/main/%e2%80%ae1001", 400, "key holds characters that show nothing"),
		asks("person key with a hidden blank", "/v1/people/main/E%e2%80%8b1", 400, "key holds characters that show nothing"),
		asks("person key that is not UTF-8", "/v1/people/main/%ff%fe", 400, "key is not UTF-8"),
		asks("person key of blanks", "/v1/people/main/%20%20", 400, "key is missing"),
		asks("endless person key", "/v1/people/main/"+long, 400, "key has 5000 bytes: at most 512 are allowed"),
		asks("endless timeline", "/v1/people/main/"+long+"/timeline", 400, "key has 5000 bytes"),
		asks("NUL in an import", "/v1/feeds/hr/imports/%00", 400, "id holds control characters"),
		asks("endless import", "/v1/feeds/hr/imports/"+long, 400, "id has 5000 bytes"),
		asks("NUL in a feed", "/v1/feeds/%00/imports", 400, "feed holds control characters"),
		asks("line end in a gate", "/v1/gates/a%0ab", 400, "id holds control characters"),
		asks("endless gate", "/v1/gates/"+long, 400, "id has 5000 bytes"),
		asks("NUL in a target", "/v1/targets/%00/findings", 400, "target holds control characters"),
		asks("target written backwards", "/v1/targets/%e2%80%ae/matches", 400, "target holds characters that show nothing"),
		asks("a policy of minus one", "/v1/policies/-1", 400, `"-1" is no number of a version`),
		asks("a policy beyond all numbers", "/v1/policies/99999999999999999999", 400, "is no number of a version"),
		asks("a policy in hex", "/v1/policies/0x1", 400, "is no number of a version"),
		asks("up and out", "/v1/people/../../etc/passwd", 404, "there is no such route"),
		asks("up and out, encoded twice", "/v1/%252e%252e/etc", 404, "there is no such route"),
		asks("another host in the path", "//fabrikam.example/v1/people", 404, "there is no such route"),
		asks("a detour with a line end behind it", "/v1/./people?%0d%0aSet-Cookie:a=b\x10", 404, "its path has empty parts or dots"),
		asks("empty parts", "/v1//people", 404, "its path has empty parts or dots"),
		asks("a path without a beginning", "v1/people", 404, "its path has empty parts or dots"),
		asks("backslashes", `/v1\people\main\E-1`, 404, "there is no such route"),
		posts("NUL in the feed of a webhook", "/v1/feeds/%00/events", "{}", "feed holds control characters"),
		posts("NUL in the feed of a file", "/v1/feeds/%00/imports?actor=kim", "id\n", "feed holds control characters"),
		posts("NUL in a paused target", "/v1/targets/%00/pause", holdBody, "target holds control characters"),
		posts("NUL in a gate that is approved", "/v1/gates/%00/approve", holdBody, "id holds control characters"),
		posts("an endless override", overrideRoute+strings.Repeat("h", 4000), holdBody, "name has 4000 bytes"),
		{name: "an override that is none", method: http.MethodPost, path: overrideRoute + "own", body: holdBody, status: 404, want: "there is no override"},
		{name: "an override with a line end", method: http.MethodPost, path: overrideRoute + "hold%0a", body: holdBody, status: 400, want: "name holds control characters"},
	}
}

// hostileQueries mean nothing, or two things.
func hostileQueries() []hostileRequest {
	return []hostileRequest{
		asks("unknown parameter", "/v1/people?sort=name", 400, "the query is wrong"),
		asks("parameter twice", "/v1/people?limit=1&limit=1000", 400, "the query is wrong"),
		asks("a hundred thousand parameters", "/v1/people?"+manyParameters(100_000), 400, "the query cannot be read"),
		asks("five thousand parameters", "/v1/people?"+manyParameters(5000), 400, "the query is wrong"),
		asks("semicolons", "/v1/people?limit=1;realm=main", 400, "the query cannot be read"),
		asks("half an escape", "/v1/people?search=%e", 400, "the query cannot be read"),
		asks("a limit of everything", "/v1/people?limit=-1", 400, `limit is "-1": want 1 to 1000`),
		asks("a limit that overflows", "/v1/people?limit=18446744073709551617", 400, "want 1 to 1000"),
		asks("a limit in other digits", "/v1/people?limit=%d9%a1", 400, "want 1 to 1000"),
		asks("a flag that is none", "/v1/people?held=maybe", 400, `held is "maybe": want true or false`),
		asks("SQL in a phase", "/v1/people?phase='%20OR%201=1--", 400, "want pre-hire, active"),
		asks("NUL in a search", "/v1/people?search=%00", 400, "search holds control characters"),
		asks("endless search", "/v1/people?search="+strings.Repeat("x", 4000), 400, "search has 4000 bytes"),
		asks("endless cursor", "/v1/people?cursor="+strings.Repeat("x", 4000), 400, "cursor has 4000 bytes"),
		asks("escape code in a task key", "/v1/people/main/E-1/explain?key=%1b%5B31m", 400, "key holds control characters"),
		posts("actor written backwards", "/v1/policy?actor=%e2%80%aemik&reason=r", "version: 1\n", "actor holds characters that show nothing"),
		posts("line end in a reason", "/v1/policy?actor=kim&reason=a%0ab", "version: 1\n", "reason holds control characters"),
		posts("file name that climbs with a line end", "/v1/feeds/hr/imports?actor=kim&fileName=..%2f%0aetc", "id\n", "fileName holds control characters"),
		posts("a dry run that is none", "/v1/feeds/hr/imports?actor=kim&dryrun=true", "id\n", "the query is wrong"),
	}
}

// hostileJSON are bodies that are no JSON, too much of it, or JSON that two
// readers understand in two ways.
func hostileJSON() []hostileRequest {
	const hold = overrideRoute + "hold"
	return []hostileRequest{
		posts("nothing", hold, "", "the body is empty: want a JSON object"),
		posts("null", hold, "null", "the body is no JSON object"),
		posts("a list of bodies", hold, "["+holdBody+"]", "the body is no JSON object"),
		posts("cut", hold, holdBody[:20], "the body ends too early"),
		posts("something behind", hold, holdBody+"x", "the body goes on after its JSON object, at byte"),
		posts("two bodies", hold, holdBody+holdBody, "the body goes on after its JSON object, at byte"),
		posts("byte order mark", hold, "\ufeff"+holdBody, "the body is no JSON at byte 0"),
		posts("not UTF-8", hold, `{"actor":"kim","reason":"`+"\xff"+`"}`, "the body is not UTF-8"),
		posts("UTF-16", hold, "\xff\xfe{\x00}\x00", "the body is not UTF-8"),
		posts("name twice", hold, `{"actor":"kim","reason":"a","actor":"lea"}`, `the name "actor" stands twice in one object, at byte 35`),
		posts("name twice in other letters", hold, `{"actor":"kim","reason":"a","Actor":"lea"}`, `the name "Actor" stands twice`),
		posts("name twice deep inside", "/v1/policy/preview", `{"to":{"version":1,"version":2}}`, `the name "version" stands twice`),
		posts("unknown name", hold, `{"actor":"kim","reason":"a","admin":true}`, `unknown name "admin"`),
		posts("a prototype", hold, `{"actor":"kim","reason":"a","__proto__":{}}`, `unknown name "__proto__"`),
		posts("name with escape codes", hold, `{"\u001b[2J":1}`, "unknown name"),
		posts("actor that is an object", hold, `{"actor":{"name":"kim"},"reason":"a"}`, "actor: found a JSON object"),
		posts("reason that is a list", hold, `{"actor":"kim","reason":["a"]}`, "reason: found a JSON array"),
		posts("instant that is a number", overrideRoute+"postpone", `{"actor":"kim","reason":"a","to":1}`, "no JSON of the form in GET /v1/openapi.yaml"),
		posts("number that overflows", "/v1/policy/preview", `{"to":{"version":99999999999999999999}}`, "to.version: found a JSON number"),
		posts("number with a fraction", "/v1/gates/g/approve", `{"actor":"kim","reason":"a","through":1.5}`, "through: found a JSON number"),
		posts("a tower of lists", "/v1/policy/answers", `{"lines":`+strings.Repeat("[", 500_000), "nested deeper than 16 levels"),
		posts("a tower of objects", "/v1/policy/answers", strings.Repeat(`{"a":`, 150_000), "nested deeper than 16 levels"),
		posts("a million numbers", "/v1/policy/answers", `{"lines":[`+strings.Repeat("1,", 450_000)+`1]}`, "the body holds more than 200000 values"),
		posts("numbers for lines", "/v1/policy/answers", `{"lines":[1]}`, "lines: found a JSON number"),
		posts("empty decisions", "/v1/targets/entra/matches", `{"actor":"kim","reason":"a","decisions":[]}`, "there are 0 decisions: want 1 to 20000"),
		posts("NUL in a matched person", "/v1/targets/entra/matches", `{"actor":"kim","reason":"a","decisions":[{"realm":"main","key":"\u0000","objectId":"o","decision":"accept","line":3}]}`, "key holds control characters"),
		posts("NUL in an account", "/v1/targets/entra/matches", `{"actor":"kim","reason":"a","decisions":[{"realm":"main","key":"1","objectId":"o\u0000","decision":"accept"}]}`, "objectId holds control characters"),
		posts("NUL in an exception", "/v1/gates/g/approve", `{"actor":"kim","reason":"a","except":[{"realm":"main","key":"\u0000"}]}`, "key holds control characters"),
		posts("201 answers", "/v1/policy/answers", `{"actor":"kim","reason":"a","id":"1","answer":"skip","lines":[`+strings.Repeat(`{},`, 200)+`{}]}`, "there are 201 lines: want 1 to 200"),
		posts("a reason of blanks", hold, `{"actor":"kim","reason":" \t "}`, "reason is missing"),
		posts("a reason with escape codes", hold, `{"actor":"kim","reason":"\u001b]0;owned\u0007"}`, "reason holds control characters"),
		posts("a reason of two lines", hold, `{"actor":"kim","reason":"a\u2028b"}`, "reason holds characters that show nothing"),
		posts("a line end in an account", overrideRoute+"link", `{"actor":"kim","reason":"a","target":"entra","objectId":"o\n"}`, "objectId holds control characters"),
		{name: "a reason of a kilobyte", method: http.MethodPost, path: hold, body: `{"actor":"kim","reason":"` + strings.Repeat("a", 1001) + `"}`, status: 422, want: "the override hold cannot be sent"},
		{name: "a body of 65 KB", method: http.MethodPost, path: hold, body: `{"actor":"` + strings.Repeat("x", 65<<10) + `"}`, status: 413, want: "at most 65536 bytes are allowed"},
		{name: "a hold of another kind", method: http.MethodPost, path: hold, body: `{"actor":"kim","reason":"a","kind":"` + strings.Repeat("x", 50_000) + `"}`, status: 422, want: "cannot be sent"},
		{name: "a date beyond all", method: http.MethodPost, path: overrideRoute + "set-date", body: `{"actor":"kim","reason":"a","on":"startDate","date":"9999-12-31"}`, status: 422, want: "cannot be sent"},
		{name: "an instant before time", method: http.MethodPost, path: overrideRoute + "postpone", body: `{"actor":"kim","reason":"a","to":"0001-01-02T00:00:00Z"}`, status: 422, want: "cannot be sent"},
		posts("a million years ahead", "/v1/dev/people/main/E-1/fast-forward", `{"duration":"99999999999999w"}`, "at most 20 years"),
		posts("back in time", "/v1/dev/people/main/E-1/fast-forward", `{"duration":"-1h"}`, "want more than nothing"),
	}
}

// hostileHeaders are good bodies that come in a hostile way.
func hostileHeaders() []hostileRequest {
	return []hostileRequest{
		sends("compressed", 400, `the body is encoded as "gzip": send it as it is`, "Content-Encoding", "gzip"),
		sends("a form with a file", 400, "the body is a form of several parts", "Content-Type", "multipart/form-data; boundary=x"),
		sends("a page of another site", 403, "a web page of another site may not do this", "Sec-Fetch-Site", "cross-site"),
		sends("another origin", 403, "a web page of another site may not do this", "Origin", "https://fabrikam.example"),
		sends("another host", 403, `the host "fabrikam.example" is not this machine`, "Host", "fabrikam.example"),
		sends("a host that looks like this machine", 403, "is not this machine", "Host", "127.0.0.1.fabrikam.example"),
		sends("two keys for one request", 400, "Idempotency-Key has 300 bytes", "Idempotency-Key", strings.Repeat("k", 300)),
		sends("a key with an escape code", 400, "Idempotency-Key holds control characters", "Idempotency-Key", "\x1b[2J"),
		{name: "a method that is none", method: "PROPFIND", path: "/v1/people", status: 405, want: "allowed is GET, HEAD"},
		{name: "a delete", method: http.MethodDelete, path: "/v1/people/main/E-1", status: 405, want: "allowed is GET, HEAD"},
		{name: "another method by header", method: http.MethodGet, path: overrideRoute + "hold", header: http.Header{"X-Http-Method-Override": {"POST"}}, status: 405, want: "allowed is POST"},
		{name: "a trace", method: http.MethodTrace, path: "/v1/people", status: 405, want: "allowed is GET, HEAD"},
	}
}

func manyParameters(n int) string {
	var out strings.Builder
	for i := range n {
		out.WriteString("&p" + strconv.Itoa(i) + "=1")
	}
	return out.String()
}

func hostileRequests() []hostileRequest {
	var all []hostileRequest
	for _, some := range [][]hostileRequest{hostilePaths(), hostileQueries(), hostileJSON(), hostileHeaders()} {
		all = append(all, some...)
	}
	return all
}

func TestHostileRequestsAreMany(t *testing.T) {
	var names []string
	for _, c := range hostileRequests() {
		names = append(names, c.name)
	}
	hostile.Count(t, names)
}

// send asks an API over journeys that nobody may ask.
func (c hostileRequest) send(t *testing.T, log *bytes.Buffer) *httptest.ResponseRecorder {
	t.Helper()
	api, err := httpapi.New(httpapi.Options{Journeys: untouched{}, Dev: untouched{}, Log: slog.New(slog.NewJSONHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), c.method, host, strings.NewReader(c.body))
	path, query, _ := strings.Cut(c.path, "?")
	r.URL.RawPath, r.URL.RawQuery = path, query
	if r.URL.Path, err = url.PathUnescape(path); err != nil {
		t.Fatal(err)
	}
	maps.Copy(r.Header, c.header)
	if host := c.header.Get("Host"); host != "" {
		r.Host = host
	}
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	return w
}

func TestHostileRequests(t *testing.T) {
	for _, c := range hostileRequests() {
		t.Run(c.name, func(t *testing.T) {
			hostile.Bounded(t, len(c.body)+len(c.path), func() {
				var log bytes.Buffer
				w := c.send(t, &log)
				var problem httpapi.Problem
				if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil {
					t.Fatalf("answered %d %.300q, which is no problem: %v", w.Code, w.Body, err)
				}
				if w.Code != c.status || problem.Status != c.status || !strings.Contains(problem.Detail, c.want) {
					t.Errorf("answered %d %.300q, want %d with %q", w.Code, problem.Error(), c.status, c.want)
				}
				hostile.OneLine(t, problem.Error())
				for name, values := range w.Header() {
					hostile.OneLine(t, name+strings.Join(values, ""))
				}
				if lines := strings.Count(log.String(), "\n"); lines != 1 || log.Len() > 4<<10 {
					t.Errorf("the log has %d lines and %d bytes, want one short line", lines, log.Len())
				}
			})
		})
	}
}

// FuzzRequest asks any route anything: whatever comes is answered, by a problem
// where nothing could be done.
func FuzzRequest(f *testing.F) {
	for _, c := range goodRequests() {
		f.Add(c.method, c.path, c.body)
	}
	for _, c := range hostileRequests() {
		if len(c.body)+len(c.path) < 2000 {
			f.Add(c.method, c.path, c.body)
		}
	}
	api, err := httpapi.New(httpapi.Options{Journeys: &fake{}, Dev: &fakeDev{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, path, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, host, strings.NewReader(body))
		rest, query, _ := strings.Cut(path, "?")
		plain, err := url.PathUnescape(rest)
		if err != nil {
			return
		}
		r.Method, r.URL.Path, r.URL.RawPath, r.URL.RawQuery = method, plain, rest, query
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("answered %d %s", w.Code, w.Body)
		}
		if kind := w.Header().Get("Content-Type"); w.Code >= 400 && kind != "application/problem+json" {
			t.Fatalf("answered %d as %q, want a problem", w.Code, kind)
		}
		for name, values := range w.Header() {
			hostile.OneLine(t, name+strings.Join(values, ""))
		}
	})
}

// TestSlowRequestsEnd: a body that comes a byte at a time, and never to its end,
// holds one connection and nothing else.
func TestSlowRequestsEnd(t *testing.T) {
	t.Parallel()
	api, err := httpapi.New(httpapi.Options{Journeys: untouched{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(api)
	server.Config.ReadTimeout = 300 * time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, "POST "+overrideRoute+"hold HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{\"actor\""); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(answer), "the body ended early") {
		t.Errorf("answered %.300q, %v; want the connection closed with a problem", answer, err)
	}
}
