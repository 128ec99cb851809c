package worker

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"tenure/activities"
	"tenure/internal/config"
	"tenure/internal/extension"
	"tenure/internal/lifecycle"
)

// extensions calls what the policy names, with secrets resolved per call so
// that a rotated one counts at once.
type extensions struct {
	references config.References
	client     *extension.Client
}

func newExtensions(references config.References, transport http.RoundTripper) *extensions {
	return &extensions{references: references, client: extension.NewClient(transport)}
}

func (e *extensions) call(ctx context.Context, policy *lifecycle.Policy, call activities.ExtensionCall) error {
	rules, found := policy.Extension(call.Name)
	if !found {
		return fmt.Errorf("the policy has no extension %q", call.Name)
	}
	secret, err := e.references.Resolve(rules.Secret)
	if err != nil {
		return err
	}
	url, err := e.references.Resolve(rules.URL)
	if err != nil {
		return err
	}
	return e.client.Do(ctx, extension.Call{
		// Receivers compare the signature's instant with their own clock: it is the
		// attempt's, not the journey's.
		URL: url, Secret: secret, Timeout: rules.Timeout, ID: call.ID, At: time.Now(), Body: call.Body,
	})
}
