package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tenure/internal/httpapi"
)

const (
	// answerWithin bounds an ordinary call.
	answerWithin = time.Minute
	// longWithin bounds an upload, and a clock that is moved by years.
	longWithin = 15 * time.Minute
	// maxAnswer bounds what is read of an answer.
	maxAnswer = 256 << 20
)

// client speaks to the starter's API.
type client struct {
	base string
	// token is "" where none is sent.
	token string
	http  *http.Client
}

// client makes a client for the API that the flags and the environment name,
// with the token that there is for it.
func (a *app) client() (*client, error) {
	base, err := a.base()
	if err != nil {
		return nil, err
	}
	token, err := a.token(base)
	if err != nil {
		return nil, err
	}
	return newClient(base, token)
}

// newClient makes a client that follows no redirect: what it carries is for one
// host.
func newClient(base, token string) (*client, error) {
	if token != "" {
		if err := checkWire(base); err != nil {
			return nil, err
		}
	}
	return &client{
		base: base, token: token,
		http: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

// base is the address of the API that the flags and the environment name.
func (a *app) base() (string, error) {
	text, source := a.api, "--api"
	if text == "" {
		text, source = a.env.Getenv("TENURE_API"), "TENURE_API"
	}
	if text == "" {
		text = defaultAPI
	}
	base, err := url.Parse(text)
	if err == nil && base.User != nil {
		return "", usage("%s holds a user name: the API takes none", source)
	}
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" || base.RawQuery != "" {
		return "", usage("%s is %q: want a URL such as %s", source, text, defaultAPI)
	}
	return strings.TrimSuffix(base.String(), "/"), nil
}

// call is one request.
type call struct {
	method, path string
	query        url.Values
	body         io.Reader
	contentType  string
	idempotency  string
	within       time.Duration
}

// do performs a call and decodes the answer. An answer that is no success is a
// [*httpapi.Problem].
func (c *client) do(ctx context.Context, call call, into any) (http.Header, error) {
	if call.within == 0 {
		call.within = answerWithin
	}
	ctx, cancel := context.WithTimeout(ctx, call.within)
	defer cancel()
	request, err := c.request(ctx, call)
	if err != nil {
		return nil, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, c.unreachable(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, c.unreachable(err)
	case len(body) > maxAnswer:
		return nil, fmt.Errorf("read answer of %s: more than %d bytes", c.base, maxAnswer)
	case response.StatusCode/100 != 2:
		return nil, c.refusal(response, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return nil, c.foreign(response, err)
	}
	return response.Header, nil
}

func (c *client) request(ctx context.Context, call call) (*http.Request, error) {
	target := c.base + call.path
	if len(call.query) > 0 {
		target += "?" + call.query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, call.method, target, call.body)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	request.Header.Set("Accept", "application/json, application/problem+json")
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	if call.contentType != "" {
		request.Header.Set("Content-Type", call.contentType)
	}
	if call.idempotency != "" {
		request.Header.Set("Idempotency-Key", call.idempotency)
	}
	return request, nil
}

// refusal reads a problem.
func (c *client) refusal(response *http.Response, body []byte) error {
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	problem := &httpapi.Problem{}
	if kind != "application/problem+json" || json.Unmarshal(body, problem) != nil || problem.Title == "" {
		return c.foreign(response, nil)
	}
	return problem
}

// foreign is an answer that no starter gives.
func (c *client) foreign(response *http.Response, cause error) error {
	return &remedied{
		cause:  errors.Join(fmt.Errorf("%s answered %s with %q, as a starter does not", c.base, response.Status, response.Header.Get("Content-Type")), cause),
		remedy: "check the address (--api URL or TENURE_API), and whether a proxy stands between",
	}
}

// unreachable is no answer at all.
func (c *client) unreachable(err error) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return &remedied{
			cause:  fmt.Errorf("%s did not answer in time", c.base),
			remedy: "look whether it happened all the same before you repeat it; tenure doctor says what is slow or missing",
		}
	}
	if inner, ok := errors.AsType[*url.Error](err); ok {
		err = inner.Err
	}
	return &remedied{
		cause:  fmt.Errorf("no starter answers at %s: %w", c.base, err),
		remedy: "start one (make run, or tenure starter --config FILE), or name another with --api URL or TENURE_API",
	}
}

// get reads a value.
func get[T any](ctx context.Context, c *client, path string, query url.Values) (T, error) {
	var into T
	_, err := c.do(ctx, call{method: http.MethodGet, path: path, query: query}, &into)
	return into, err
}

// show reads a value and writes it: as JSON where that is asked for, else as
// people read it.
func show[T any](ctx context.Context, a *app, path string, query url.Values, write func(T)) error {
	api, err := a.client()
	if err != nil {
		return err
	}
	value, err := get[T](ctx, api, path, query)
	if err != nil {
		return err
	}
	if a.wantsJSON() {
		return a.json(value)
	}
	write(value)
	return nil
}

// post sends a value as JSON and reads the answer.
func post[T any](ctx context.Context, c *client, path string, value any, options call) (T, error) {
	var into T
	body, err := json.Marshal(value)
	if err != nil {
		return into, fmt.Errorf("encode request: %w", err)
	}
	options.method, options.path = http.MethodPost, path
	options.body, options.contentType = bytes.NewReader(body), "application/json"
	_, err = c.do(ctx, options, &into)
	return into, err
}

// people calls a function with every page of people.
func (c *client) people(ctx context.Context, query url.Values, each func([]httpapi.Person) error) error {
	for {
		var page []httpapi.Person
		header, err := c.do(ctx, call{method: http.MethodGet, path: "/v1/people", query: query}, &page)
		if err != nil {
			return err
		}
		if err := each(page); err != nil {
			return err
		}
		cursor := nextCursor(header.Get("Link"))
		if cursor == "" || len(page) == 0 {
			return nil
		}
		query.Set("cursor", cursor)
	}
}

// nextCursor reads the cursor out of a Link header with rel="next".
func nextCursor(link string) string {
	target, rest, found := strings.Cut(strings.TrimPrefix(link, "<"), ">")
	if !found || !strings.Contains(rest, `rel="next"`) {
		return ""
	}
	next, err := url.Parse(target)
	if err != nil {
		return ""
	}
	return next.Query().Get("cursor")
}
