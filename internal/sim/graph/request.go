package graph

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	headerConsistency = "ConsistencyLevel"
	headerClientID    = "client-request-id"
	headerRequestID   = "request-id"
	typeJSON          = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
)

// request is one operation asked of the tenant: an HTTP request or an item of a $batch.
type request struct {
	method    string
	path      string
	segs      []string
	query     url.Values // names with $ and in lower case
	header    http.Header
	body      []byte
	base      string // https://host/v1.0
	app       *App
	requestID string
	clientID  string
	params    map[string]string
	route     *route
	inBatch   bool
	odd       string // a system query option that does not exist
}

// reply is the answer to a request.
type reply struct {
	status int
	header http.Header
	body   any    // JSON, unless nil
	text   string // plain text when body is nil
}

func newRequest(r *http.Request, body []byte) *request {
	scheme := "https://"
	if r.TLS == nil {
		scheme = "http://"
	}
	q := &request{
		method: r.Method, path: strings.TrimPrefix(r.URL.EscapedPath(), apiRoot), query: foldQuery(r.URL.Query()),
		header: r.Header, body: body, base: scheme + r.Host + apiRoot, requestID: newGUID(),
	}
	q.segs = splitPath(q.path)
	q.odd = unknownOption(r.URL.Query())
	q.clientID = r.Header.Get(headerClientID)
	if q.clientID == "" {
		q.clientID = q.requestID
	}
	return q
}

// foldQuery spells the names of system query options with their dollar and in lower case: the service accepts both.
func foldQuery(in url.Values) url.Values {
	out := url.Values{}
	for name, values := range in {
		name = strings.ToLower(name)
		if !strings.HasPrefix(name, "$") && !strings.HasPrefix(name, "@") {
			name = "$" + name
		}
		out[name] = append(out[name], values...)
	}
	return out
}

// unknownOption finds a name that claims to be a system query option and is none: the service refuses it. Names without
// the dollar are options of the caller's own, which it ignores.
func unknownOption(in url.Values) string {
	known := []string{
		optSelect, optFilter, optTop, optExpand, optSearch, optOrderBy, optSkipToken, optDeltaToken, optCount, "$skip", "$format",
	}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if strings.HasPrefix(name, "$") && !slices.Contains(known, strings.ToLower(name)) {
			return name
		}
	}
	return ""
}

// splitPath cuts a path into segments and takes keys in parentheses apart: users('x') is users, x and delta() is delta.
func splitPath(p string) []string {
	var out []string
	for seg := range strings.SplitSeq(strings.Trim(p, "/"), "/") {
		if s, err := url.PathUnescape(seg); err == nil {
			seg = s
		}
		name, rest, ok := strings.Cut(seg, "(")
		if !ok || !strings.HasSuffix(rest, ")") {
			out = append(out, seg)
			continue
		}
		out = append(out, strings.TrimPrefix(name, "microsoft.graph."))
		if key := strings.TrimSuffix(rest, ")"); key != "" {
			key = strings.TrimSuffix(strings.TrimPrefix(key, "'"), "'")
			out = append(out, strings.ReplaceAll(key, "''", "'"))
		}
	}
	return out
}

// option returns a system query option by its lower-case name with the dollar.
func (q *request) option(name string) string { return q.query.Get(name) }

func (q *request) has(name string) bool { return len(q.query[name]) > 0 }

// eventual reports the header half of an advanced query.
func (q *request) eventual() bool {
	return strings.EqualFold(q.header.Get(headerConsistency), "eventual")
}

// advanced reports a whole advanced query.
func (q *request) advanced() bool {
	return q.eventual() && strings.EqualFold(q.option(optCount), "true")
}

// object decodes the body as a JSON object.
func (q *request) object() (object, error) {
	var out object
	if err := json.Unmarshal(q.body, &out); err != nil || out == nil {
		return nil, refuse(http.StatusBadRequest, codeParse, "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
	}
	return out, nil
}

// optionalObject is object for actions that may have no body.
func (q *request) optionalObject() (object, error) {
	if len(q.body) == 0 {
		return object{}, nil
	}
	return q.object()
}

// field finds a key of a JSON object without regard to case.
func field(o object, name string) (any, bool) {
	if v, ok := o[name]; ok {
		return v, true
	}
	for k, v := range o {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	return nil, false
}

// reference reads the ID at the end of an @odata.id or @odata.bind URL.
func reference(v any) string {
	s, _ := v.(string)
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	segs := splitPath(u.EscapedPath())
	return segs[len(segs)-1]
}

// write sends an answer and notes it in the exchange.
func (s *Server) write(w http.ResponseWriter, r *http.Request, q *request, a *reply) {
	ex := exchangeOf(r)
	ex.Status = a.status
	if q.route != nil {
		ex.Route = q.route.pattern
	}
	if q.app != nil {
		ex.App = q.app.ID
	}
	h := w.Header()
	maps.Copy(h, a.header)
	h.Set(headerRequestID, q.requestID)
	h.Set(headerClientID, q.clientID)
	h.Set("x-ms-ags-diagnostic", `{"ServerInfo":{"DataCenter":"Simulator","Slice":"E","Ring":"0","ScaleUnit":"000","RoleInstance":"SIM"}}`)
	h.Set("Cache-Control", "no-cache")
	h.Set("Strict-Transport-Security", "max-age=31536000")
	body := []byte(a.text)
	switch {
	case a.body != nil:
		h.Set(headerType, typeJSON)
		h.Set("OData-Version", "4.0")
		encoded, err := json.Marshal(a.body)
		if err != nil {
			s.log.Error("cannot encode answer", "error", err)
		}
		body = encoded
	case a.text != "":
		h.Set(headerType, "text/plain")
	}
	if len(body) > 0 {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	ex.ResponseHeader, ex.ResponseBody = h.Clone(), body
	s.note(ex)
	w.WriteHeader(a.status)
	_, _ = w.Write(body) //nolint:gosec // G705: answers are JSON or plain text, never HTML
}
