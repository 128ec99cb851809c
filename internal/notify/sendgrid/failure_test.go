package sendgrid_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tenure/internal/notify"
	"tenure/internal/notify/notifytest"
	"tenure/internal/notify/sendgrid"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	const refusal = `{"errors":[{"message":"bjorn.strasse@contoso.example is bad","field":"personalizations.0.to.0.email"},` +
		`{"message":"x","field":"bjorn@contoso.example"}]}`
	cases := []struct {
		status int
		header map[string]string
		want   error
		after  time.Duration
	}{
		{status: 202},
		{status: 200, want: notify.ErrUnknownDelivery},
		{status: 302, header: map[string]string{"Location": "/elsewhere"}, want: notify.ErrDenied},
		{status: 400, want: notify.ErrRejected},
		{status: 401, want: notify.ErrDenied},
		{status: 403, want: notify.ErrDenied},
		{status: 413, want: notify.ErrRejected},
		{status: 451, want: notify.ErrDenied},
		{status: 429, want: notify.ErrUnavailable, after: time.Minute},
		{status: 429, header: map[string]string{"Retry-After": "7"}, want: notify.ErrUnavailable, after: 7 * time.Second},
		{status: 429, header: map[string]string{"Retry-After": "999999"}, want: notify.ErrUnavailable, after: time.Hour},
		{
			status: 429, header: map[string]string{"X-RateLimit-Reset": "1000000042", "Date": "Sun, 09 Sep 2001 01:46:40 GMT"},
			want: notify.ErrUnavailable, after: 42 * time.Second,
		},
		{status: 500, want: notify.ErrUnknownDelivery},
		{status: 502, want: notify.ErrUnknownDelivery},
		{status: 503, want: notify.ErrUnavailable},
		{status: 504, want: notify.ErrUnknownDelivery},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%d %v", c.status, c.header), func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls.Add(1)
				for k, v := range c.header {
					w.Header().Set(k, v)
				}
				w.Header().Set("X-Message-Id", "sg-1")
				w.WriteHeader(c.status)
				_, _ = fmt.Fprint(w, refusal)
			}))
			t.Cleanup(server.Close)
			receipt, err := newSender(t, apiKey, strings.TrimPrefix(server.URL, "http://")).Send(t.Context(), notifytest.Message())
			if c.want == nil && err != nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("Send error = %v, want %v", err, c.want)
			}
			if c.want == nil && receipt.ProviderID != "sg-1" {
				t.Errorf("receipt = %+v, want provider ID sg-1", receipt)
			}
			if got := calls.Load(); got != 1 {
				t.Errorf("the server was called %d times, want 1", got)
			}
			var throttled *notify.ThrottledError
			if errors.As(err, &throttled); throttled != nil && throttled.After != c.after {
				t.Errorf("After = %v, want %v", throttled.After, c.after)
			}
			if err != nil && (strings.Contains(err.Error(), "bjorn") || strings.Contains(err.Error(), apiKey)) {
				t.Errorf("Send error shows a secret or a recipient: %v", err)
			}
			if c.status == http.StatusBadRequest && !strings.Contains(err.Error(), "personalizations.0.to.0.email") {
				t.Errorf("Send error = %v, want it to name the refused field", err)
			}
		})
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config sendgrid.Config
		want   string
	}{
		"no key":          {sendgrid.Config{}, "api key is missing"},
		"key with a line": {sendgrid.Config{APIKey: "a\nb"}, "api key is missing or has white space"},
		"open on the net": {sendgrid.Config{APIKey: "k", BaseURL: "http://mail.contoso.example"}, "must be https"},
		"with a path":     {sendgrid.Config{APIKey: "k", BaseURL: "https://mail.contoso.example/v3"}, "a scheme and a host"},
		"with a login":    {sendgrid.Config{APIKey: "k", BaseURL: "https://a:b@mail.contoso.example"}, "a scheme and a host"},
		"negative":        {sendgrid.Config{APIKey: "k", Timeout: -1}, "timeout is negative"},
	} {
		if _, err := sendgrid.New(c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: New error = %v, want %q", name, err, c.want)
		}
	}
	if _, err := sendgrid.New(sendgrid.Config{APIKey: "k"}); err != nil {
		t.Errorf("New with a key alone error = %v", err)
	}
}
