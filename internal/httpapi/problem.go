package httpapi

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Problem is an RFC 9457 problem: what a client may know of an error.
type Problem struct { //nolint:errname // a problem is RFC 9457's word, and the glossary's
	// Type is "urn:tenure:problem:" and a word of a closed set.
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	// RequestID is in the log beside the cause.
	RequestID string `json:"requestId,omitempty"`
	// Code is the type with which a journey refused an override.
	Code string `json:"code,omitempty"`
	// Errors are all things that are wrong.
	Errors []ProblemError `json:"errors,omitempty"`

	cause error
}

// ProblemError is one thing that is wrong.
type ProblemError struct {
	Detail string `json:"detail"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// problemPrefix begins every problem type.
const problemPrefix = "urn:tenure:problem:"

// Kind is what went wrong: a problem type without its prefix.
type Kind string

// The kinds of problem.
const (
	KindInvalid          Kind = "invalid"
	KindUnauthorized     Kind = "unauthorized"
	KindForbidden        Kind = "forbidden"
	KindNotFound         Kind = "not-found"
	KindMethodNotAllowed Kind = "method-not-allowed"
	KindConflict         Kind = "conflict"
	KindRefused          Kind = "refused"
	KindGone             Kind = "gone"
	KindTooLarge         Kind = "too-large"
	KindTooMany          Kind = "too-many"
	KindUnprocessable    Kind = "unprocessable"
	KindBusy             Kind = "busy"
	KindUnavailable      Kind = "unavailable"
	KindInternal         Kind = "internal"
)

// status and title of a kind.
func (k Kind) status() (int, string) {
	switch k {
	case KindInvalid:
		return http.StatusBadRequest, "The request cannot be understood"
	case KindUnauthorized:
		return http.StatusUnauthorized, "The request is not verified"
	case KindForbidden:
		return http.StatusForbidden, "The request is not allowed"
	case KindNotFound:
		return http.StatusNotFound, "There is no such thing"
	case KindMethodNotAllowed:
		return http.StatusMethodNotAllowed, "There is no such method here"
	case KindConflict:
		return http.StatusConflict, "Something else is in the way"
	case KindRefused:
		return http.StatusConflict, "The journey refused"
	case KindGone:
		return http.StatusGone, "The journey has ended"
	case KindTooLarge:
		return http.StatusRequestEntityTooLarge, "The body is too large"
	case KindTooMany:
		return http.StatusTooManyRequests, "There were too many of these"
	case KindUnprocessable:
		return http.StatusUnprocessableEntity, "The request says something that cannot be"
	case KindBusy:
		return http.StatusServiceUnavailable, "There is no room for this now"
	case KindUnavailable:
		return http.StatusServiceUnavailable, "A part that is needed does not answer"
	default:
		return http.StatusInternalServerError, "Something went wrong inside"
	}
}

// NewProblem makes a problem. The cause may be nil; it is logged and never shown.
func NewProblem(kind Kind, cause error, format string, args ...any) *Problem {
	status, title := kind.status()
	return &Problem{
		Type: problemPrefix + string(kind), Title: title, Status: status, Detail: fmt.Sprintf(format, args...), cause: cause,
	}
}

// Kind is the problem's type without its prefix.
func (p *Problem) Kind() Kind { return Kind(p.Type[min(len(problemPrefix), len(p.Type)):]) }

// With adds things that are wrong.
func (p *Problem) With(errs ...ProblemError) *Problem {
	p.Errors = append(p.Errors, errs...)
	return p
}

// Error is the detail and everything that is wrong.
func (p *Problem) Error() string {
	texts := []string{cmp.Or(p.Detail, p.Title)}
	for _, e := range p.Errors {
		texts = append(texts, e.Detail)
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.cause }

// problemOf is the one place where an error becomes what the client sees.
func problemOf(err error) *Problem {
	if problem, ok := errors.AsType[*Problem](err); ok {
		shown := *problem
		return &shown
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return NewProblem(KindTooLarge, err, "at most %d bytes are allowed", tooLarge.Limit)
	}
	return NewProblem(KindInternal, err, "look for the request ID in the log of the starter")
}
