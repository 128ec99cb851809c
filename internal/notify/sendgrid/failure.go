package sendgrid

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sendgrid/rest"

	"tenure/internal/notify"
)

// Bounds of the wait after 429.
const (
	defaultWait = time.Minute
	longestWait = time.Hour
)

// silence is the error of a request without an answer. The library's own error is left out: it repeats the request.
func silence(ctx context.Context, connected bool, err error) error {
	known := notify.ErrUnavailable
	text := "no connection"
	if connected {
		known, text = notify.ErrUnknownDelivery, "no answer"
	}
	if cause := ctx.Err(); cause != nil && err != nil {
		return fmt.Errorf("send mail by sendgrid: %s: %w: %w", text, known, cause)
	}
	return fmt.Errorf("send mail by sendgrid: %s: %w", text, known)
}

// classify reads an answer. 503 is documented as "the API is not available"; the other server errors do not say
// whether the message was queued before something broke, so they are unknown.
func classify(r *rest.Response) error {
	var known error
	switch status := r.StatusCode; {
	case status == http.StatusAccepted:
		return nil
	case status == http.StatusTooManyRequests:
		known = &notify.ThrottledError{After: wait(r)}
	case status == http.StatusServiceUnavailable, status == http.StatusRequestTimeout:
		known = notify.ErrUnavailable
	case status == http.StatusUnauthorized, status == http.StatusForbidden,
		status == http.StatusUnavailableForLegalReasons, status == http.StatusProxyAuthRequired,
		status >= 300 && status < 400:
		known = notify.ErrDenied
	case status >= 400 && status < 500:
		known = notify.ErrRejected
	default:
		known = notify.ErrUnknownDelivery
	}
	return fmt.Errorf("send mail by sendgrid: status %d%s: %w", r.StatusCode, fields(r.Body), known)
}

// wait reads how long to wait: Retry-After in seconds, else X-RateLimit-Reset against the server's own clock.
func wait(r *rest.Response) time.Duration {
	header := http.Header(r.Headers)
	after := defaultWait
	if seconds, err := strconv.ParseInt(header.Get("Retry-After"), 10, 32); err == nil {
		after = time.Duration(seconds) * time.Second
	} else if reset, err := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
		if now, err := http.ParseTime(header.Get("Date")); err == nil {
			after = time.Unix(reset, 0).Sub(now)
		}
	}
	return min(max(after, time.Second), longestWait)
}

// fields names the refused fields of a 400, such as personalizations.0.to.0.email. Their texts repeat what was sent.
func fields(body string) string {
	const most, longest = 5, 80
	var answer struct {
		Errors []struct {
			Field string `json:"field"`
		} `json:"errors"`
	}
	if json.Unmarshal([]byte(body), &answer) != nil {
		return ""
	}
	var names []string
	for _, e := range answer.Errors {
		odd := strings.ContainsFunc(e.Field, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '_'
		})
		if e.Field == "" || odd || len(e.Field) > longest || slices.Contains(names, e.Field) || len(names) == most {
			continue
		}
		names = append(names, e.Field)
	}
	if len(names) == 0 {
		return ""
	}
	return " for " + strings.Join(names, ", ")
}
