package worker

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"tenure/activities"
	"tenure/internal/config"
	"tenure/internal/lifecycle"
)

// refused answers no request and counts them.
type refused struct{ seen *[]string }

var errRefused = errors.New("no request leaves this test")

func (r refused) RoundTrip(request *http.Request) (*http.Response, error) {
	*r.seen = append(*r.seen, request.URL.Host)
	return nil, errRefused
}

// TestAroundSeesRequests wants what stands around the doors to see the requests
// of targets and of extensions.
func TestAroundSeesRequests(t *testing.T) {
	t.Parallel()
	var seen []string
	around := Around{HTTP: func(http.RoundTripper) http.RoundTripper { return refused{&seen} }}
	policy := &lifecycle.Policy{
		Targets: []lifecycle.Target{entraTarget()},
		Extensions: []lifecycle.Extension{{
			Name: "badge-office", URL: "https://badges.contoso.example/tenure", Secret: "env:BADGE", Timeout: time.Minute,
		}},
	}
	values := credentials()
	values["BADGE"] = "whsec_c2ltdWxhdGVkLWJhZGdlLW9mZmljZS1zZWNyZXQ="
	targets := opened(values, config.Config{})
	targets.around = around.HTTP
	target, err := targets.Target(t.Context(), policy, "entra")
	if err != nil {
		t.Fatalf("Target: %v", err)
	}
	if _, err := target.Account(t.Context(), "7e57c11e-0000-4000-8000-000000000003"); err == nil {
		t.Error("the target answered")
	}
	extensions := newExtensions(config.Fixed(values), around.transport())
	if err := extensions.call(t.Context(), policy, activities.ExtensionCall{Name: "badge-office", Body: []byte("{}")}); err == nil {
		t.Error("the extension answered")
	}
	if hosts := strings.Join(seen, " "); !strings.Contains(hosts, "login.microsoftonline.com") || !strings.Contains(hosts, "badges.contoso.example") {
		t.Errorf("requests seen: %q, want those of the target and of the extension", hosts)
	}
	if (Around{}).transport() != nil || (Around{}).work() != nil {
		t.Error("something stands around a worker that nobody asked for")
	}
}
