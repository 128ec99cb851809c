package starter

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"tenure/internal/config"
	"tenure/internal/hr/webhook"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/store"
)

// verifier checks the signatures of a feed. Secrets are resolved per call, so
// that a rotated one counts at once.
func (s *service) verifier(feed lifecycle.Feed) (*webhook.Verifier, error) {
	secrets := make([]string, 0, len(feed.Signature.Secrets))
	for _, reference := range feed.Signature.Secrets {
		if !config.IsReference(reference) {
			return nil, fmt.Errorf("feed %s: a webhook secret is no reference", feed.Name)
		}
		secret, err := s.references.Resolve(reference)
		if err != nil {
			return nil, fmt.Errorf("feed %s: %w", feed.Name, err)
		}
		secrets = append(secrets, secret)
	}
	verifier, err := webhook.NewVerifier(secrets, feed.Signature.Tolerance)
	if err != nil {
		return nil, fmt.Errorf("feed %s: %w", feed.Name, err)
	}
	return verifier, nil
}

// Receive implements [httpapi.Journeys]. The journey drops duplicates and stale
// events; what the store remembers only saves work, so the store may be away.
func (s *service) Receive(ctx context.Context, name string, header http.Header, body []byte) (httpapi.PersonID, error) {
	var none httpapi.PersonID
	policy, err := s.active(ctx)
	if err != nil {
		return none, err
	}
	feed, found := policy.Feed(name)
	if !found || feed.Kind != lifecycle.FeedWebhook {
		return none, unverified(errors.New("no such webhook feed"))
	}
	verifier, err := s.verifier(feed)
	if err != nil {
		return none, httpapi.NewProblem(httpapi.KindUnavailable, err, "the feed's secret cannot be read")
	}
	now := s.now()
	message, err := verifier.Verify(header, body, now)
	if err != nil {
		return none, unverified(err)
	}
	decoder, err := webhook.NewDecoder(feed)
	if err != nil {
		return none, fmt.Errorf("receive: %w", err)
	}
	latest := now
	if s.dev {
		latest = latest.AddDate(maxAhead, 0, 0)
	}
	statement, err := decoder.Decode(message, body, latest)
	if err != nil {
		return none, invalidEvent(err)
	}
	id := httpapi.PersonID{Realm: feed.Realm, Key: statement.Key}
	if known, err := s.db.Webhook(ctx, name, message); err == nil {
		return id, s.repeated(ctx, verifier, known, body)
	}
	if err := s.engine.send(ctx, id, statement.Event); err != nil {
		return none, httpapi.NewProblem(httpapi.KindUnavailable, err, "the event could not be made durable: send it again")
	}
	kept := s.remember(ctx, store.Webhook{Feed: name, ID: message, Digest: verifier.Digest(body), Received: now},
		store.FeedPerson{Feed: name, Key: id.Key, Hash: statement.Event.ID, AsOf: statement.Event.AsOf})
	if err := s.repeated(ctx, verifier, kept, body); err != nil {
		return none, err
	}
	s.log.InfoContext(ctx, "hr event received", "feed", name, "realm", id.Realm, "person", id.Key, "event", message)
	return id, nil
}

// maxAhead is how many years ahead of the real clock HR may speak in a
// development stack, where a person's clock can be moved.
const maxAhead = 100

// remember notes the delivery and the presence of the person, best effort. It
// returns the delivery that is known under the ID.
func (s *service) remember(ctx context.Context, delivery store.Webhook, seen store.FeedPerson) store.Webhook {
	kept, err := s.db.RecordWebhook(ctx, delivery)
	if err == nil {
		err = s.db.UpdateFeedPeople(ctx, delivery.Feed, []store.FeedPerson{seen})
	}
	if err != nil {
		s.log.WarnContext(ctx, "webhook delivery could not be recorded", "feed", delivery.Feed, "error", err)
	}
	return kept
}

// repeated refuses a message whose ID was another one's: the journey would drop it
// as a repeat, and its sender would take it for done.
func (s *service) repeated(ctx context.Context, verifier *webhook.Verifier, known store.Webhook, body []byte) error {
	if !verifier.Differs(known.Digest, body) {
		return nil
	}
	s.log.WarnContext(ctx, "webhook id was used for another message", "feed", known.Feed, "event", known.ID)
	if err := s.db.CountReusedWebhook(ctx, known.Feed, known.ID); err != nil {
		s.log.WarnContext(ctx, "reused webhook id could not be counted", "feed", known.Feed, "error", err)
	}
	return httpapi.NewProblem(httpapi.KindConflict, nil,
		"this webhook-id was used for another message, and this one was not taken in: send it with a webhook-id of its own; only a repeat keeps its ID")
}

// unverified answers an unknown feed and a wrong signature alike.
func unverified(cause error) error {
	return httpapi.NewProblem(httpapi.KindUnauthorized, cause, "the feed is unknown or the signature does not fit")
}

func invalidEvent(err error) error {
	var invalid *webhook.InvalidError
	if !errors.As(err, &invalid) {
		return fmt.Errorf("receive: %w", err)
	}
	problem := httpapi.NewProblem(httpapi.KindUnprocessable, err, "the event cannot be used")
	for _, text := range invalid.Problems {
		problem = problem.With(httpapi.ProblemError{Detail: text})
	}
	return problem
}
