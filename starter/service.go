package starter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"

	"tenure/activities"
	"tenure/internal/catalog"
	"tenure/internal/config"
	"tenure/internal/directory"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/metrics"
	"tenure/internal/platform"
	"tenure/internal/store"
)

// service is the starter's side of the API.
type service struct {
	db         *store.Store
	engine     *engine
	policies   *activities.Policies
	references config.References
	log        *slog.Logger
	now        func() time.Time
	ui         string
	// dev lets HR speak of days ahead of the real clock.
	dev         bool
	target      func(ctx context.Context, policy *lifecycle.Policy, name string) (directory.Target, error)
	credentials credentials
	codec       *platform.Codec
	// metrics are nil where nobody looks.
	metrics *metrics.Metrics

	background background
	// wakeEvery is the pause between two journeys that are woken.
	wakeEvery time.Duration

	mu       sync.Mutex
	sendings map[string]*sending    // by import ID
	feeds    map[string]*sync.Mutex // one import of a feed at a time
	// waking is set while journeys are woken, wakeAgain where that was asked for
	// once more meanwhile.
	waking, wakeAgain bool
}

var _ httpapi.Journeys = (*service)(nil)

// wakesPerSecond leaves room for HR and operators.
const wakesPerSecond = 50

func newService(o Options, db *store.Store, e *engine) *service {
	return &service{
		db: db, engine: e, policies: activities.NewPolicies(db, catalog.LoadStored), references: o.References, log: o.Log,
		credentials: newCredentials(o.Config.API, time.Now),
		now:         time.Now, ui: strings.TrimSuffix(o.Config.TemporalUI, "/"), dev: o.Dev != nil, target: o.Target,
		wakeEvery: time.Second / wakesPerSecond,
		sendings:  map[string]*sending{}, feeds: map[string]*sync.Mutex{},
	}
}

// carryOn picks up what an earlier process left behind.
func (s *service) carryOn() {
	s.background.do(s.resumeImports)
	s.background.do(s.wakeStopped)
	s.wakeJourneys()
}

// active is the active policy. Without one nothing can be decided.
func (s *service) active(ctx context.Context) (activities.LoadedPolicy, error) {
	policy, err := s.policies.Active(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return policy, httpapi.NewProblem(httpapi.KindUnavailable, err, "no policy is active: apply one with tenure policy apply FILE")
	}
	if err != nil {
		return policy, httpapi.NewProblem(httpapi.KindUnavailable, err, "the active policy cannot be read from the store")
	}
	return policy, nil
}

// checkActive refuses to start with an active policy whose secrets are missing.
func (s *service) checkActive(ctx context.Context) error {
	policy, err := s.policies.Active(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("check active policy: %w", err)
	}
	return errors.Join(s.secretProblems(policy.Policy)...)
}

// secretProblems are the secrets of feeds that are missing or unusable.
func (s *service) secretProblems(policy *lifecycle.Policy) []error {
	var problems []error
	for _, feed := range policy.Feeds {
		if feed.Kind == lifecycle.FeedWebhook {
			if _, err := s.verifier(feed); err != nil {
				problems = append(problems, err)
			}
		}
		if feed.KeyHMAC != "" {
			if _, err := s.keySecret(feed); err != nil {
				problems = append(problems, err)
			}
		}
	}
	return problems
}

// keySecret is the secret with which a feed's keys are hashed.
func (s *service) keySecret(feed lifecycle.Feed) ([]byte, error) {
	if feed.KeyHMAC == "" {
		return nil, nil
	}
	if !config.IsReference(feed.KeyHMAC) {
		return nil, fmt.Errorf("feed %s: the key secret is no reference", feed.Name)
	}
	secret, err := s.references.Bytes(feed.KeyHMAC)
	if err != nil {
		return nil, fmt.Errorf("feed %s: %w", feed.Name, err)
	}
	return secret, nil
}

// exclusive locks a feed for one import at a time.
func (s *service) exclusive(feed string) (unlock func()) {
	s.mu.Lock()
	lock, found := s.feeds[feed]
	if !found {
		lock = &sync.Mutex{}
		s.feeds[feed] = lock
	}
	s.mu.Unlock()
	lock.Lock()
	return lock.Unlock
}

// canonical is a person's ID in the form in which keys are kept.
func canonical(id httpapi.PersonID) httpapi.PersonID {
	return httpapi.PersonID{Realm: id.Realm, Key: norm.NFC.String(id.Key)}
}

// notFound is the problem of a person nobody knows.
func notFound(id httpapi.PersonID) error {
	return httpapi.NewProblem(httpapi.KindNotFound, nil, "there is no person %q in realm %q", id.Key, id.Realm)
}

// fromStore makes a problem of a store's error where the client caused it.
func fromStore(err error, what string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrNotFound):
		return httpapi.NewProblem(httpapi.KindNotFound, err, "there is no %s", what)
	case errors.Is(err, store.ErrConflict):
		return httpapi.NewProblem(httpapi.KindConflict, err, "%s: somebody else was first", what)
	case errors.Is(err, store.ErrInvalid):
		return httpapi.NewProblem(httpapi.KindInvalid, err, "%s cannot be read", what)
	default:
		return httpapi.NewProblem(httpapi.KindUnavailable, err, "the store does not answer")
	}
}
