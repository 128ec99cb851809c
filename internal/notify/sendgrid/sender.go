package sendgrid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sendgrid/rest"
	"github.com/sendgrid/sendgrid-go"
	"github.com/sendgrid/sendgrid-go/helpers/mail"

	"tenure/internal/notify"
)

// Name is what Sender.Name returns.
const Name = "sendgrid"

const (
	defaultBaseURL = "https://api.sendgrid.com"
	sendPath       = "/v3/mail/send"
	defaultTimeout = time.Minute
)

// Config describes the SendGrid account.
type Config struct {
	// APIKey needs the permission Mail Send and nothing else.
	APIKey string
	// BaseURL is another region (https://api.eu.sendgrid.com) or a simulator; empty means the global region. Plain http
	// is only allowed to a loopback address.
	BaseURL string
	// Timeout bounds one Send; 0 means a minute. A short one makes more deliveries unknown.
	Timeout time.Duration
}

func (c Config) validate() error {
	var problems []error
	if c.APIKey == "" || strings.ContainsAny(c.APIKey, " \r\n\t") {
		problems = append(problems, errors.New("api key is missing or has white space in it"))
	}
	u, err := url.Parse(c.BaseURL)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") != "":
		problems = append(problems, errors.New("base url must be a scheme and a host"))
	case u.Scheme == "https":
	case u.Scheme != "http" || !notify.IsLoopback(u.Hostname()):
		problems = append(problems, errors.New("base url must be https, or http to a loopback address"))
	}
	if c.Timeout < 0 {
		problems = append(problems, errors.New("timeout is negative"))
	}
	return errors.Join(problems...)
}

// Sender sends through SendGrid. It is safe for concurrent use.
type Sender struct {
	request rest.Request
	client  *rest.Client
	timeout time.Duration
}

var _ notify.Sender = (*Sender)(nil)

// New checks the configuration; it does not connect.
func New(config Config) (*Sender, error) {
	if config.BaseURL == "" {
		config.BaseURL = defaultBaseURL
	}
	if err := config.validate(); err != nil {
		return nil, fmt.Errorf("configure sendgrid: %w", err)
	}
	if config.Timeout == 0 {
		config.Timeout = defaultTimeout
	}
	request := sendgrid.GetRequest(config.APIKey, sendPath, strings.TrimRight(config.BaseURL, "/"))
	request.Method = rest.Post
	return &Sender{
		request: request,
		timeout: config.Timeout,
		client: &rest.Client{HTTPClient: &http.Client{
			Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, ForceAttemptHTTP2: false},
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		}},
	}, nil
}

// Name implements notify.Sender.
func (s *Sender) Name() string { return Name }

// Send implements notify.Sender.
func (s *Sender) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	if err := m.Validate(); err != nil {
		return notify.Receipt{}, fmt.Errorf("send mail by sendgrid: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	request := s.request
	request.Body = mail.GetRequestBody(compose(m))
	response, err := s.client.SendWithContext(ctx, request)
	if response == nil || response.StatusCode == 0 {
		return notify.Receipt{}, silence(ctx, connected.Load(), err)
	}
	if err := classify(response); err != nil {
		return notify.Receipt{}, err
	}
	return notify.Receipt{MessageID: m.MessageID(), ProviderID: providerID(response)}, nil
}

func providerID(r *rest.Response) string {
	const longest = 100
	id := http.Header(r.Headers).Get("X-Message-Id")
	if len(id) > longest {
		return ""
	}
	return id
}
