package entra

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	maxIdleConnections = 16
	idleTimeout        = 90 * time.Second
	handshakeTimeout   = 10 * time.Second

	// maxErrorBody is more than Graph's longest error and less than a page
	// that a proxy might send without end.
	maxErrorBody = 64 << 10
)

// normalizer makes of every refusal one that the SDK can read: a gateway's HTML
// page or an empty body loses its status there otherwise.
type normalizer struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (n normalizer) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := n.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	switch {
	case resp.StatusCode >= http.StatusBadRequest:
		err = normalize(resp)
	case resp.StatusCode >= http.StatusMultipleChoices:
		// kiota would take a redirect that nobody follows for a success.
		err = unexpectedStatusError(resp.StatusCode)
	}
	if err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	return resp, nil
}

// unexpectedStatusError is a status that is neither success nor refusal.
type unexpectedStatusError int

func (e unexpectedStatusError) Error() string { return fmt.Sprintf("unexpected status %d", int(e)) }

// normalize replaces a body that is no error in Graph's form by one that says
// nothing but the status.
func normalize(resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	if err != nil {
		return fmt.Errorf("read refusal: %w", err)
	}
	if err := resp.Body.Close(); err != nil {
		return fmt.Errorf("read refusal: %w", err)
	}
	var known struct {
		Error *struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &known) != nil || known.Error == nil {
		body = []byte(`{"error":{"code":"","message":""}}`)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	resp.Header.Set("Content-Type", jsonContent)
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	resp.Header.Del("Content-Encoding")
	return nil
}
