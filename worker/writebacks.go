package worker

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"time"

	"tenure/activities"
	"tenure/internal/config"
	"tenure/internal/extension"
)

// writeBackTimeout is how long the system of a feed may take for an answer.
const writeBackTimeout = 30 * time.Second

// writeBacks call the systems that the configuration names, with secrets resolved
// per call so that a rotated one counts at once.
type writeBacks struct {
	receivers  map[string]config.Receiver
	references config.References
	client     *extension.Client
}

func newWriteBacks(o Options) *writeBacks {
	return newWriteBacksOver(o.Config.WriteBack, o.References, o.Around.transport())
}

func newWriteBacksOver(receivers map[string]config.Receiver, references config.References, transport http.RoundTripper) *writeBacks {
	return &writeBacks{receivers: receivers, references: references, client: extension.NewClient(transport)}
}

// Key is derived from the secret that calls are signed with: after a rotation HR is
// told once more.
func (w *writeBacks) Key(feed string) ([]byte, error) {
	_, secret, err := w.receiver(feed)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte("tenure write-back digest")) // it never fails
	return mac.Sum(nil), nil
}

// Tell makes one signed call.
func (w *writeBacks) Tell(ctx context.Context, call activities.WriteBackCall) error {
	url, secret, err := w.receiver(call.Feed)
	if err != nil {
		return err
	}
	return w.client.Do(ctx, extension.Call{
		// Receivers compare the signature's instant with their own clock: it is the
		// attempt's, not the journey's.
		URL: url, Secret: secret, Timeout: writeBackTimeout, ID: call.ID, At: time.Now(), Body: call.Body,
	})
}

func (w *writeBacks) receiver(feed string) (url, secret string, err error) {
	receiver, found := w.receivers[feed]
	if !found {
		return "", "", fmt.Errorf("the configuration does not say where feed %s is told: write writeBack.%s", feed, feed)
	}
	if url, err = w.references.Resolve(receiver.URL); err != nil {
		return "", "", err
	}
	secret, err = w.references.Resolve(receiver.Secret)
	return url, secret, err
}
