package entra

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models/odataerrors"

	"tenure/internal/directory"
)

// errNoAnswer is a success without the body that it must have.
var errNoAnswer = errors.New("answer is empty")

// errElsewhere is a link of an answer that leads away from the target.
var errElsewhere = errors.New("answer leads to another address")

// errCircle is a list whose pages lead back to one that was read.
var errCircle = errors.New("pages of the list lead in a circle")

// reason is what Graph meant, in our words. Graph's own words are never passed
// on: they quote user names and values.
type reason string

const (
	reasonNone            reason = ""
	reasonAlreadyMember   reason = "is a member already"
	reasonNotMember       reason = "is no member"
	reasonNoSuchLicense   reason = "licence is not held directly"
	reasonNoSeat          reason = "licence has no free seat"
	reasonNoUsageLocation reason = "usage location is missing"
	reasonUnknownLicense  reason = "licence is not known to the tenant"
	reasonConcurrent      reason = "another change is under way"
	reasonQuota           reason = "directory quota is used up"
	reasonSynced          reason = "account or group is mastered on premises"
	reasonMailGroup       reason = "mail-enabled group cannot be changed"
	reasonBadDomain       reason = "domain of the user name is not verified"
	reasonPassword        reason = "password is refused"
	reasonReference       reason = "a value or a referenced object is not known"
	reasonPassLifetime    reason = "lifetime lies outside the tenant's policy"
	reasonSignIn          reason = "sign-in of the application is refused"
)

// pattern reads a message where code and details say nothing.
type pattern struct {
	fragment string // lower case
	reason   reason
	is       error
}

// patterns are tried in order. Graph answers nearly every mistake with
// Request_BadRequest, so that clients must look at the text.
func patterns() []pattern {
	return []pattern{
		{"added object references already exist", reasonAlreadyMember, directory.ErrInvalid},
		{"removed object references do not exist", reasonNotMember, directory.ErrInvalid},
		{"does not have any available licenses", reasonNoSeat, directory.ErrExhausted},
		{"countviolation", reasonNoSeat, directory.ErrExhausted},
		{"invalid usage location", reasonNoUsageLocation, directory.ErrInvalid},
		{"does not correspond to a valid company license", reasonUnknownLicense, directory.ErrInvalid},
		{"does not have a corresponding license", reasonNoSuchLicense, directory.ErrInvalid},
		{"inherited from a group membership", reasonNoSuchLicense, directory.ErrInvalid},
		{"on-premises mastered", reasonSynced, directory.ErrInvalid},
		{"cannot update a mail-enabled", reasonMailGroup, directory.ErrInvalid},
		{"domain portion of the userprincipalname", reasonBadDomain, directory.ErrInvalid},
		{"password complexity", reasonPassword, directory.ErrInvalid},
		{"one or more property values specified are invalid", reasonReference, directory.ErrInvalid},
		{"invalid lifetimeinminutes", reasonPassLifetime, directory.ErrInvalid},
	}
}

// refusalError is an error answer of Graph, translated. It unwraps to a sentinel of
// the directory package.
type refusalError struct {
	status    int
	code      string
	target    string
	requestID string
	reason    reason
	is        error
}

// Error tells what is safe to tell: never a value, never Graph's message.
func (r *refusalError) Error() string {
	facts := []string{fmt.Sprintf("status %d", r.status)}
	for _, f := range []struct{ name, value string }{
		{"code", r.code}, {"attribute", r.target}, {"request", r.requestID},
	} {
		if f.value != "" {
			facts = append(facts, f.name+" "+f.value)
		}
	}
	text := r.is.Error()
	if r.reason != reasonNone {
		text = string(r.reason) + ": " + text
	}
	return fmt.Sprintf("%s (%s)", text, strings.Join(facts, ", "))
}

// Unwrap returns the sentinel.
func (r *refusalError) Unwrap() error { return r.is }

// refusedFor tells whether Graph refused for a reason.
func refusedFor(err error, why reason) bool {
	var r *refusalError
	return errors.As(err, &r) && r.reason == why
}

// translate makes an error of this package's port out of whatever the SDK gave.
func translate(ctx context.Context, verb directory.Verb, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", verb, ctx.Err())
	}
	var known *refusalError
	var odata *odataerrors.ODataError
	var api *abstractions.ApiError
	var auth *azidentity.AuthenticationFailedError
	switch {
	case errors.As(err, &known):
		return err
	case errors.As(err, &odata):
		return fmt.Errorf("%s: %w", verb, newRefusal(odata))
	case errors.As(err, &api):
		r := &refusalError{status: api.ResponseStatusCode}
		r.is = byStatus(r, retryAfter(api.ResponseHeaders))
		return fmt.Errorf("%s: %w", verb, r)
	case errors.As(err, &auth):
		return fmt.Errorf("%s: %w", verb, signInRefusal(auth))
	case errors.Is(err, errElsewhere):
		return fmt.Errorf("%s: %w: %w", verb, errElsewhere, directory.ErrInvalid)
	}
	return fmt.Errorf("%s: %s: %w", verb, cause(err), directory.ErrUnavailable)
}

func newRefusal(e *odataerrors.ODataError) *refusalError {
	r := &refusalError{status: e.ResponseStatusCode}
	message := ""
	if main := e.GetErrorEscaped(); main != nil {
		r.code = token(deref(main.GetCode()))
		message = deref(main.GetMessage())
		if inner := main.GetInnerError(); inner != nil {
			r.requestID = token(deref(inner.GetRequestId()))
		}
		if conflict := conflictTarget(main.GetDetails(), message); conflict != "" && r.status == http.StatusBadRequest {
			r.is = &directory.ConflictError{Attribute: conflict, RequestID: r.requestID}
			return r
		}
		for _, d := range main.GetDetails() {
			r.target = orDefault(r.target, token(deref(d.GetTarget())))
		}
	}
	r.requestID = orDefault(r.requestID, token(header(e.ResponseHeaders, "request-id")))
	r.is = byCode(r, message)
	if r.is == nil {
		r.is = byStatus(r, retryAfter(e.ResponseHeaders))
	}
	return r
}

// conflictTarget names the attribute that is taken, "" where none is.
func conflictTarget(details []odataerrors.ErrorDetailsable, message string) string {
	for _, d := range details {
		switch deref(d.GetCode()) {
		case "ObjectConflict", "ConflictingObjects":
			if target := token(deref(d.GetTarget())); target != "" {
				return target
			}
		}
	}
	// The property's name stands between these words; no value does.
	m := regexp.MustCompile(`(?i)same value for property (\w+) already exists`).FindStringSubmatch(message)
	if m == nil {
		return ""
	}
	return m[1]
}

// byCode knows the codes and messages that say more than their status.
func byCode(r *refusalError, message string) error {
	switch r.code {
	case "Directory_ConcurrencyViolation":
		r.reason = reasonConcurrent
		return directory.ErrConflict
	case "Directory_QuotaExceeded":
		r.reason = reasonQuota
		return directory.ErrExhausted
	case "Directory_ExpiredPageToken":
		return directory.ErrUnavailable
	}
	if r.status != http.StatusBadRequest && r.status != http.StatusForbidden {
		return nil
	}
	message = strings.ToLower(message)
	for _, p := range patterns() {
		if strings.Contains(message, p.fragment) {
			r.reason = p.reason
			return p.is
		}
	}
	return nil
}

func byStatus(r *refusalError, after time.Duration) error {
	switch {
	case r.status == http.StatusTooManyRequests, r.status >= http.StatusInternalServerError && after > 0:
		return &directory.ThrottledError{After: after, RequestID: r.requestID}
	case r.status == http.StatusUnauthorized, r.status == http.StatusForbidden:
		return directory.ErrDenied
	case r.status == http.StatusNotFound:
		return directory.ErrNotFound
	case r.status == http.StatusConflict, r.status == http.StatusPreconditionFailed:
		return directory.ErrConflict
	case r.status == http.StatusRequestTimeout, r.status >= http.StatusInternalServerError:
		return directory.ErrUnavailable
	}
	return directory.ErrInvalid
}

// signInRefusal keeps the code of a failed sign-in (AADSTS...) and nothing of
// its text.
func signInRefusal(e *azidentity.AuthenticationFailedError) error {
	if e.RawResponse == nil {
		return fmt.Errorf("sign-in of the application got no answer in time or none at all: %w", directory.ErrUnavailable)
	}
	r := &refusalError{
		status: e.RawResponse.StatusCode, reason: reasonSignIn,
		code:      regexp.MustCompile(`AADSTS\d+`).FindString(e.Error()),
		requestID: token(e.RawResponse.Header.Get("x-ms-request-id")),
	}
	if r.status >= http.StatusInternalServerError || r.status == http.StatusTooManyRequests {
		headers := abstractions.NewResponseHeaders()
		for _, name := range []string{retryAfterHeader, dateHeader} {
			headers.Add(name, e.RawResponse.Header.Get(name))
		}
		r.is = byStatus(r, retryAfter(headers))
		return r
	}
	r.is = directory.ErrDenied
	return r
}

const (
	retryAfterHeader = "Retry-After"
	dateHeader       = "Date"
)

// retryAfter reads seconds or a date, which it compares with the server's own.
func retryAfter(h *abstractions.ResponseHeaders) time.Duration {
	value := header(h, retryAfterHeader)
	if seconds, err := strconv.Atoi(value); err == nil {
		return max(time.Duration(seconds)*time.Second, 0)
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header(h, dateHeader))
	if err != nil {
		return 0
	}
	return max(at.Sub(now), 0)
}

func header(h *abstractions.ResponseHeaders, name string) string {
	if h == nil {
		return ""
	}
	if values := h.Get(name); len(values) > 0 {
		return values[0]
	}
	return ""
}

// stillThere is a removal of what Graph said it does not know, and shows: parts of
// it may not have heard of an object yet. The next attempt mends it.
func stillThere(verb directory.Verb) error {
	return fmt.Errorf("%s: not known to a part of the target that has not heard of it yet: %w", verb, directory.ErrUnavailable)
}

// cause names what broke on the way. Other texts may quote an address with a
// user name in it, or an answer, and are left out.
func cause(err error) string {
	var status unexpectedStatusError
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case errors.As(err, &status):
		return status.Error()
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return "no answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "connection was lost"
	case errors.As(err, &dns):
		return "host name does not resolve"
	case errors.As(err, &op):
		return op.Op + " failed"
	case errors.Is(err, errNoAnswer):
		return errNoAnswer.Error()
	case errors.Is(err, errCircle):
		return errCircle.Error()
	}
	return "answer cannot be read"
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// token passes an identifier on and nothing else.
func token(s string) string {
	if regexp.MustCompile(`^[A-Za-z0-9_.\-]{1,64}$`).MatchString(s) {
		return s
	}
	return ""
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
