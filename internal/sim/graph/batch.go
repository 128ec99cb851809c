package graph

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tenure/internal/sim/fault"
)

const batchLimit = 20

// batchItem is one request of a $batch. The SDK writes header names in lower case, "body": null and "dependsOn": [].
type batchItem struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	Body      json.RawMessage   `json:"body"`
	DependsOn []string          `json:"dependsOn"`
}

// batch performs the items one by one, each atomic by itself, and answers them last one first: the order of the
// answers is not promised, so nobody may rely on it.
func (s *Server) batch(q *request) (*reply, error) {
	if q.inBatch {
		return nil, refuse(http.StatusBadRequest, codeParse, "A batch cannot hold a batch.")
	}
	items, err := readBatch(q.body)
	if err != nil {
		return nil, err
	}
	done := map[string]int{}
	answers := []any{}
	for len(done) < len(items) {
		progress := false
		for _, item := range items {
			id := folded(item.ID)
			if _, ok := done[id]; ok || !ready(item, done) {
				continue
			}
			a := s.batchItem(q, item, done)
			done[id] = a.status
			answers = append(answers, itemAnswer(item, a))
			progress = true
		}
		if !progress {
			return nil, refuse(http.StatusBadRequest, codeParse, "The dependencies of the batch requests form a cycle.")
		}
	}
	slices.Reverse(answers)
	return &reply{status: http.StatusOK, header: http.Header{}, body: object{"responses": answers}}, nil
}

func readBatch(body []byte) ([]batchItem, error) {
	bad := func(message string) error { return refuse(http.StatusBadRequest, codeParse, message) }
	var in struct {
		Requests []batchItem `json:"requests"`
	}
	if err := json.Unmarshal(body, &in); err != nil || len(in.Requests) == 0 {
		return nil, bad("Invalid batch payload format.")
	}
	if len(in.Requests) > batchLimit {
		return nil, bad("Number of batch request steps exceeds the maximum value of 20.")
	}
	ids := map[string]bool{}
	for _, item := range in.Requests {
		if item.ID == "" || item.Method == "" || item.URL == "" || ids[folded(item.ID)] {
			return nil, bad("Batch requests need a method, a URL and an ID of their own.")
		}
		ids[folded(item.ID)] = true
	}
	for _, item := range in.Requests {
		for _, dep := range item.DependsOn {
			if !ids[folded(dep)] || strings.EqualFold(dep, item.ID) {
				return nil, bad("A batch request depends on an ID that is not there.")
			}
		}
	}
	return in.Requests, nil
}

func ready(item batchItem, done map[string]int) bool {
	for _, dep := range item.DependsOn {
		if _, ok := done[folded(dep)]; !ok {
			return false
		}
	}
	return true
}

func hasBody(item batchItem) bool {
	return len(item.Body) > 0 && !bytes.Equal(bytes.TrimSpace(item.Body), []byte("null"))
}

func (s *Server) batchItem(outer *request, item batchItem, done map[string]int) *reply {
	q := &request{
		method: strings.ToUpper(item.Method), header: http.Header{}, base: outer.base, app: outer.app,
		requestID: newGUID(), inBatch: true,
	}
	q.clientID = q.requestID
	for name, value := range item.Headers {
		q.header.Set(name, value)
	}
	for _, dep := range item.DependsOn {
		if done[folded(dep)] >= http.StatusBadRequest {
			return s.refusalReply(q, refuse(http.StatusFailedDependency, codeFailedDep, "A request that this one depends on has failed."))
		}
	}
	target, err := url.Parse("/" + strings.TrimPrefix(item.URL, "/"))
	if err != nil || strings.HasPrefix(item.URL, "http") {
		return s.refusalReply(q, refuse(http.StatusBadRequest, codeParse, "The URL of a batch request must be relative."))
	}
	q.path, q.query = target.EscapedPath(), foldQuery(target.Query())
	q.segs, q.odd = splitPath(q.path), unknownOption(target.Query())
	if hasBody(item) {
		if q.header.Get(headerType) == "" {
			return s.refusalReply(q, refuse(http.StatusBadRequest, codeParse, "The Content-Type header is missing for a batch request with a body."))
		}
		q.body = item.Body
	}
	a, hit := s.itemFault(q)
	if hit == "" {
		a = s.perform(q)
	}
	s.recordItem(q, target, a, hit)
	return a
}

// itemFault hits one item with a fault that is a plain answer.
func (s *Server) itemFault(q *request) (*reply, fault.Kind) {
	rule, ok := s.faults.Next(fault.Request{Method: q.method, Path: apiRoot + q.path, About: s.about(q).is},
		fault.Throttled, fault.ThrottledBare, fault.Unavailable, fault.Conflict, fault.NotFound)
	if !ok {
		return nil, ""
	}
	return s.refusalReply(q, s.faultRefusal(rule, q)), rule.Kind
}

func (s *Server) recordItem(q *request, target *url.URL, a *reply, hit fault.Kind) {
	body, err := json.Marshal(a.body)
	if err != nil {
		s.log.Error("cannot encode batch answer", "error", err)
	}
	if a.body == nil {
		body = nil
	}
	at := *target
	at.Path = apiRoot + at.Path
	header := a.header.Clone()
	if a.body != nil {
		header.Set(headerType, typeJSON)
	}
	ex := &Exchange{
		At: s.opts.Now(), Method: q.method, URL: &at, App: q.app.ID, RequestHeader: q.header, RequestBody: q.body,
		Status: a.status, ResponseHeader: header, ResponseBody: body, Batch: true, Fault: string(hit),
	}
	if q.route != nil {
		ex.Route = q.route.pattern
	}
	s.note(ex)
}

func itemAnswer(item batchItem, a *reply) object {
	headers := map[string]string{"Cache-Control": "no-cache"}
	for name := range a.header {
		headers[name] = a.header.Get(name)
	}
	out := object{"id": item.ID, "status": a.status, "headers": headers}
	if a.body != nil {
		headers[headerType] = "application/json"
		out["body"] = a.body
	} else if a.text != "" {
		out["body"] = a.text
	}
	return out
}

// faultAnswer writes the answer of a fault that hit a whole request.
func (s *Server) faultAnswer(w http.ResponseWriter, r *http.Request, rule fault.Rule) {
	if rule.Kind == fault.Taken {
		s.takeName(exchangeOf(r).RequestBody)
		s.serve(w, r)
		return
	}
	q := newRequest(r, nil)
	if rule.Kind == fault.Unlisted {
		s.write(w, r, q, &reply{status: http.StatusOK, header: http.Header{}, body: object{
			keyContext: q.base + metadata + "Collection(directoryObject)", keyValue: []any{},
		}})
		return
	}
	s.write(w, r, q, s.refusalReply(q, s.faultRefusal(rule, q)))
}

// faultRefusal is the service's own error for a fault.
func (s *Server) faultRefusal(rule fault.Rule, q *request) *refusal {
	switch rule.Kind {
	case fault.Throttled, fault.ThrottledBare:
		e := tooMany("application", s.t.TenantID, limitWrites, 0)
		if rule.Kind == fault.Throttled {
			e.header.Set(headerRetry, strconv.Itoa(max(rule.RetryAfter, 1)))
		}
		return e
	case fault.Conflict:
		return refuse(http.StatusConflict, codeConflict, messageConcurrent)
	case fault.Exhausted:
		return noSeat("a subscription")
	case fault.NotFound:
		return notFound(q.segs[min(1, len(q.segs)-1)])
	default:
		status := rule.StatusOr(http.StatusServiceUnavailable)
		code := "serviceNotAvailable"
		if status == http.StatusInternalServerError {
			code = codeInternal
		}
		return refuse(status, code, "The service is temporarily unavailable. Please try again.")
	}
}
