package worker

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"tenure/activities"
	"tenure/internal/config"
	"tenure/internal/extension"
)

const hrSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func TestFeedsAreToldSigned(t *testing.T) {
	t.Parallel()
	verifier, err := standardwebhooks.NewWebhook(hrSecret)
	if err != nil {
		t.Fatal(err)
	}
	var id string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = verifier.Verify(body, r.Header)
		}
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		id = r.Header.Get(standardwebhooks.HeaderWebhookID)
	}))
	t.Cleanup(server.Close)
	told := newWriteBacksOver(
		map[string]config.Receiver{"hris": {URL: "env:URL", Secret: "env:SECRET"}, "wrong": {URL: server.URL, Secret: "env:OTHER"}},
		config.Fixed(map[string]string{"URL": server.URL, "SECRET": hrSecret, "OTHER": "whsec_" + strings.Repeat("QUJD", 8)}), nil)
	if err := told.Tell(t.Context(), activities.WriteBackCall{Feed: "hris", ID: "wb_1", Body: []byte("{}")}); err != nil || id != "wb_1" {
		t.Errorf("Tell() = %v, heard as %q; want wb_1", err, id)
	}
	var answer *extension.StatusError
	if err := told.Tell(t.Context(), activities.WriteBackCall{Feed: "wrong", ID: "wb_2", Body: []byte("{}")}); !errors.As(err, &answer) {
		t.Errorf("Tell() with another secret = %v, want the refusal", err)
	}
	if err := told.Tell(t.Context(), activities.WriteBackCall{Feed: "unknown"}); err == nil || !strings.Contains(err.Error(), "writeBack.unknown") {
		t.Errorf("Tell() of a feed that the configuration lacks = %v", err)
	}
	a, errA := told.Key("hris")
	b, errB := told.Key("wrong")
	if errA != nil || errB != nil || bytes.Equal(a, b) || strings.Contains(string(a), hrSecret) {
		t.Errorf("keys: %v %v; want one for each secret, and not the secret", errA, errB)
	}
}
