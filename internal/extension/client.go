package extension

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Call is one call of an extension.
type Call struct {
	URL string
	// Secret is a Standard Webhooks secret (whsec_ and base64).
	Secret  string
	Timeout time.Duration
	ID      string
	At      time.Time
	Body    []byte
}

// StatusError is an answer that is no success.
type StatusError struct {
	Status int
	// After is the Retry-After of the answer in seconds form; zero without one.
	After time.Duration
}

// Error tells the status, never the body.
func (e *StatusError) Error() string { return fmt.Sprintf("the extension answered %d", e.Status) }

// Retryable reports whether the same call may succeed later.
func (e *StatusError) Retryable() bool {
	return e.Status == http.StatusTooManyRequests || e.Status == http.StatusRequestTimeout || e.Status >= http.StatusInternalServerError
}

// ErrUnreachable says that no answer came; the call may have been received.
var ErrUnreachable = errors.New("extension unreachable")

// Client makes calls. It is safe for concurrent use.
type Client struct{ http *http.Client }

// NewClient returns a client over a transport; nil is the default one.
func NewClient(transport http.RoundTripper) *Client {
	return &Client{http: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Do makes one call. Any 2xx is a success.
func (c *Client) Do(ctx context.Context, call Call) error {
	ctx, cancel := context.WithTimeout(ctx, call.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, call.URL, bytes.NewReader(call.Body))
	if err != nil {
		return errors.New("make request: the URL of the extension is not valid")
	}
	signer, err := standardwebhooks.NewWebhook(call.Secret)
	if err != nil {
		return errors.New("sign call: the secret of the extension is not a Standard Webhooks secret (whsec_ and base64)")
	}
	signature, err := signer.Sign(call.ID, call.At, call.Body)
	if err != nil {
		return fmt.Errorf("sign call: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "tenure")
	request.Header.Set(standardwebhooks.HeaderWebhookID, call.ID)
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(call.At.Unix(), 10))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return c.send(request)
}

const maxDrained = 64 << 10

func (c *Client) send(request *http.Request) error {
	response, err := c.http.Do(request)
	if err != nil {
		if ctxErr := request.Context().Err(); ctxErr != nil {
			return fmt.Errorf("%w: %w", ErrUnreachable, ctxErr)
		}
		return ErrUnreachable // the cause would name the URL's query
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, maxDrained) // so that the connection can be used again
	if response.StatusCode >= http.StatusOK && response.StatusCode < http.StatusMultipleChoices {
		return nil
	}
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
	return &StatusError{Status: response.StatusCode, After: time.Duration(max(seconds, 0)) * time.Second}
}
