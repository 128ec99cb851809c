package mail

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"tenure/internal/sim/fault"
)

// sendPath is the one operation of SendGrid's API that is simulated.
const sendPath = "/v3/mail/send"

const (
	typeJSON            = "application/json"
	maxSendBytes        = 30 << 20
	maxRecipients       = 1000
	maxCustomArgs       = 10000
	helpPage            = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#message."
	fieldPersonalizing  = "personalizations"
	fieldContent        = "content"
	messageIDHeader     = "Message-ID"
	defaultRetrySeconds = 1
)

// sendRequest is the part of SendGrid's body that the simulator understands.
type sendRequest struct {
	From             *Address          `json:"from"`
	Subject          string            `json:"subject"`
	Personalizations []personalization `json:"personalizations"`
	Content          []content         `json:"content"`
	Headers          map[string]string `json:"headers"`
	CustomArgs       map[string]string `json:"custom_args"`
}

type personalization struct {
	To         []Address         `json:"to"`
	Cc         []Address         `json:"cc"`
	Bcc        []Address         `json:"bcc"`
	Subject    string            `json:"subject"`
	Headers    map[string]string `json:"headers"`
	CustomArgs map[string]string `json:"custom_args"`
}

type content struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type apiError struct {
	Message string  `json:"message"`
	Field   *string `json:"field"`
	Help    *string `json:"help"`
}

func writeAPIErrors(w http.ResponseWriter, status int, list ...apiError) {
	w.Header().Set(headContent, typeJSON)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string][]apiError{"errors": list})
}

func fieldError(field, message string) apiError {
	help := helpPage + field
	return apiError{Message: message, Field: &field, Help: &help}
}

// sendGrid returns the API behind the fault schedule.
func (s *Server) sendGrid() http.Handler {
	next := fault.Handler{Schedule: s.faults, Next: http.HandlerFunc(s.send), Error: apiFault, About: sendAbout}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Read in full first: net/http notices that a client has gone only once nothing is left to read.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSendBytes))
		if err != nil {
			writeAPIErrors(w, http.StatusRequestEntityTooLarge, apiError{Message: "The payload is too large."})
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// sendAbout finds words anywhere in the body. The handler has read it from memory, and it is put back.
func sendAbout(r *http.Request) func(string) bool {
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return func(words string) bool { return err == nil && bytes.Contains(body, []byte(words)) }
}

func apiFault(w http.ResponseWriter, _ *http.Request, rule fault.Rule) {
	switch rule.Kind {
	case fault.Throttled:
		w.Header().Set("Retry-After", strconv.Itoa(max(rule.RetryAfter, defaultRetrySeconds)))
		writeAPIErrors(w, http.StatusTooManyRequests, apiError{Message: "too many requests"})
	case fault.ThrottledBare:
		writeAPIErrors(w, http.StatusTooManyRequests, apiError{Message: "too many requests"})
	case fault.NotFound:
		writeAPIErrors(w, http.StatusBadRequest,
			fieldError(fieldPersonalizing+".0.to.0.email", "Does not contain a valid address."))
	default:
		writeAPIErrors(w, rule.StatusOr(http.StatusServiceUnavailable), apiError{Message: "service not available"})
	}
}

func (s *Server) send(w http.ResponseWriter, r *http.Request) {
	if !s.keyAccepted(r.Header.Get("Authorization")) {
		writeAPIErrors(w, http.StatusUnauthorized,
			apiError{Message: "The provided authorization grant is invalid, expired, or revoked"})
		return
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get(headContent)); err != nil || kind != typeJSON {
		writeAPIErrors(w, http.StatusUnsupportedMediaType,
			apiError{Message: "Content-Type should be application/json."})
		return
	}
	var req sendRequest
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		writeAPIErrors(w, http.StatusBadRequest, apiError{Message: "Bad Request"})
		return
	}
	if problems := req.check(); len(problems) > 0 {
		writeAPIErrors(w, http.StatusBadRequest, problems...)
		return
	}
	var id int64
	for _, p := range req.Personalizations {
		kept, err := s.store.add(req.message(s, p))
		if err != nil {
			s.log.Error("message not kept", "error", err)
			writeAPIErrors(w, http.StatusInternalServerError, apiError{Message: "internal error"})
			return
		}
		id = kept.ID
	}
	w.Header().Set("X-Message-Id", fmt.Sprintf("sim-%d", id))
	w.WriteHeader(http.StatusAccepted)
}

func (s *Server) keyAccepted(header string) bool {
	key, ok := strings.CutPrefix(header, "Bearer ")
	if !ok || key == "" {
		return false
	}
	return s.opts.APIKey == "" || subtle.ConstantTimeCompare([]byte(key), []byte(s.opts.APIKey)) == 1
}

// check reports the refusals documented for mail send that a sender of one-person mails can meet.
func (q sendRequest) check() []apiError {
	var problems []apiError
	add := func(field, message string) { problems = append(problems, fieldError(field, message)) }
	if q.From == nil || !validEmail(q.From.Email) {
		add("from.email", "The from email does not contain a valid address.")
	}
	if len(q.Personalizations) == 0 {
		add(fieldPersonalizing, "The personalizations field is required and must have at least one personalization.")
	}
	recipients := 0
	for i, p := range q.Personalizations {
		field := fmt.Sprintf("%s.%d", fieldPersonalizing, i)
		problems = append(problems, p.check(field)...)
		recipients += len(p.To) + len(p.Cc) + len(p.Bcc)
		if q.Subject == "" && p.Subject == "" {
			add("subject", "The subject is required. You can get around this requirement if you use a template with a "+
				"subject defined or if every personalization has a subject defined.")
		}
		problems = append(problems, checkHeaders(field+".headers", p.Headers)...)
	}
	if recipients > maxRecipients {
		add(fieldPersonalizing, "There is a limit of 1000 total recipients (to + cc + bcc) per request.")
	}
	problems = append(problems, checkContent(q.Content)...)
	problems = append(problems, checkHeaders("headers", q.Headers)...)
	size := 0
	for k, v := range q.CustomArgs {
		size += len(k) + len(v)
	}
	if size > maxCustomArgs {
		add("custom_args", "The custom_args may not exceed 10000 bytes.")
	}
	return problems
}

func (p personalization) check(field string) []apiError {
	var problems []apiError
	if len(p.To) == 0 {
		problems = append(problems, fieldError(field+".to", "The to array is required for all personalization objects, "+
			"and must have at least one email object with a valid email address."))
	}
	seen := map[string]bool{}
	for kind, list := range map[string][]Address{"to": p.To, "cc": p.Cc, "bcc": p.Bcc} {
		for i, a := range list {
			if !validEmail(a.Email) {
				problems = append(problems, fieldError(fmt.Sprintf("%s.%s.%d.email", field, kind, i),
					"Does not contain a valid address."))
			}
			key := strings.ToLower(a.Email)
			if seen[key] {
				problems = append(problems, fieldError(field,
					"Each email address in the personalization block should be unique between to, cc, and bcc."))
			}
			seen[key] = true
		}
	}
	return problems
}

func checkContent(list []content) []apiError {
	if len(list) == 0 {
		return []apiError{fieldError(fieldContent,
			"Unless a valid template_id is provided, the content parameter is required. "+
				"There must be at least one defined content block.")}
	}
	var problems []apiError
	for i, c := range list {
		if c.Value == "" {
			problems = append(problems, fieldError(fmt.Sprintf("%s.%d.value", fieldContent, i),
				"The content value must be a string at least one character in length."))
		}
		if c.Type == typeText && i > 0 {
			problems = append(problems, fieldError(fieldContent,
				"If present, text/plain and text/html may only be provided once, and text/plain must be first."))
		}
	}
	return problems
}

// checkHeaders refuses the header names that SendGrid keeps to itself.
func checkHeaders(field string, headers map[string]string) []apiError {
	reserved := []string{
		"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from",
		"subject", "reply-to", "cc", "bcc",
	}
	var problems []apiError
	for name, value := range headers {
		if slices.Contains(reserved, strings.ToLower(name)) {
			problems = append(problems, fieldError(field, "Header can not be one of the reserved keys."))
		}
		if strings.ContainsAny(name+value, "\r\n") {
			problems = append(problems, fieldError(field, "Header must not contain line breaks."))
		}
	}
	return problems
}

func validEmail(s string) bool {
	a, err := mail.ParseAddress("<" + s + ">")
	return err == nil && a.Address == s
}

func (q sendRequest) message(s *Server, p personalization) Message {
	m := Message{
		Received: s.opts.Now().UTC(), Via: ViaSendGrid, From: *q.From, To: p.To, Cc: p.Cc, Subject: q.Subject,
		Headers: map[string][]string{}, CustomArgs: q.CustomArgs,
	}
	if p.Subject != "" {
		m.Subject = p.Subject
	}
	for _, list := range [][]Address{p.To, p.Cc, p.Bcc} {
		for _, a := range list {
			m.Recipients = append(m.Recipients, a.Email)
		}
	}
	for _, headers := range []map[string]string{q.Headers, p.Headers} {
		for name, value := range headers {
			m.Headers[name] = []string{value}
			if strings.EqualFold(name, messageIDHeader) {
				m.MessageID = value
			}
		}
	}
	for _, c := range q.Content {
		switch c.Type {
		case typeText:
			m.Text = c.Value
		case typeHTML:
			m.HTML = c.Value
		}
	}
	return m
}
