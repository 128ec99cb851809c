package oidc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Bounds of what is asked of an issuer.
const (
	answerWithin = 10 * time.Second
	maxDocument  = 1 << 20
	// askEvery is the least time between two looks at one document: a stream of
	// tokens with unknown keys must not become a stream of calls.
	askEvery = 10 * time.Second
)

// fetchKey is where a failed fetch of keys is noted in a context: the library
// hands on its text only.
type fetchKey struct{}

// keySet tells a wrong signature from keys that could not be had.
type keySet struct{ remote oidc.KeySet }

// VerifySignature implements [oidc.KeySet].
func (k keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, err := k.remote.VerifySignature(ctx, token)
	var failed *url.Error
	if note, is := ctx.Value(fetchKey{}).(*error); is && errors.As(err, &failed) {
		*note = failed
	}
	return payload, err
}

// newClient makes the client for an issuer: no redirects, bounded answers.
func newClient(through http.RoundTripper, now func() time.Time) *http.Client {
	if through == nil {
		through = http.DefaultTransport
	}
	return &http.Client{
		Timeout:       answerWithin,
		Transport:     &recent{through: through, now: now, kept: map[string]kept{}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("the issuer redirects") },
	}
}

// recent answers the same question from memory for a while, failures too.
type recent struct {
	through http.RoundTripper
	now     func() time.Time

	mu   sync.Mutex
	kept map[string]kept // by URL: the discovery document and the keys
}

// kept is an answer and when it came.
type kept struct {
	at   time.Time
	body []byte
	kind string
	err  error
}

// RoundTrip implements [http.RoundTripper].
func (c *recent) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	last, asked := c.kept[r.URL.String()]
	if age := c.now().Sub(last.at); !asked || age < 0 || age >= askEvery {
		last = c.fetch(r)
		c.kept[r.URL.String()] = last
	}
	if last.err != nil {
		return nil, last.err
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {last.kind}}, Body: io.NopCloser(bytes.NewReader(last.body)), ContentLength: int64(len(last.body)),
	}, nil
}

// fetch asks the issuer.
func (c *recent) fetch(r *http.Request) kept {
	out := kept{at: c.now()}
	response, err := c.through.RoundTrip(r)
	if err != nil {
		out.err = err
		return out
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		out.err = fmt.Errorf("the issuer answers %d", response.StatusCode)
		return out
	}
	out.kind = response.Header.Get("Content-Type")
	out.body, out.err = io.ReadAll(io.LimitReader(response.Body, maxDocument+1))
	if len(out.body) > maxDocument {
		out.err = fmt.Errorf("the issuer answers with more than %d bytes", maxDocument)
	}
	return out
}
