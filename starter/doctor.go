package starter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tenure/internal/httpapi"
	"tenure/internal/platform"
	"tenure/internal/store"
)

// Ready implements [httpapi.Journeys].
func (s *service) Ready(ctx context.Context) []string {
	missing := []string{}
	if err := s.engine.healthy(ctx); err != nil {
		missing = append(missing, "temporal does not answer")
	} else if err := s.engine.attributes(ctx); err != nil {
		missing = append(missing, attributesText(err))
	}
	if err := s.db.Ping(ctx); err != nil {
		return append(missing, "the store does not answer")
	}
	switch _, err := s.db.ActivePolicy(ctx); {
	case errors.Is(err, store.ErrNotFound):
		missing = append(missing, "no policy is active")
	case err != nil:
		missing = append(missing, "the active policy cannot be read")
	}
	return missing
}

// attributesText says what is missing, or that it cannot be told.
func attributesText(err error) string {
	if lack, ok := errors.AsType[*platform.MissingSearchAttributesError](err); ok {
		return lack.Error()
	}
	return "search attributes cannot be listed"
}

// checks collects findings.
type checks []httpapi.Check

func (c *checks) add(name string, err error, detail, remedy string) {
	check := httpapi.Check{Name: name, OK: err == nil, State: httpapi.CheckOK, Detail: detail}
	if err != nil {
		check.State, check.Detail, check.Remedy = httpapi.CheckFailed, err.Error(), remedy
	}
	*c = append(*c, check)
}

// Doctor implements [httpapi.Journeys].
func (s *service) Doctor(ctx context.Context) []httpapi.Check {
	var found checks
	found.add("temporal", s.engine.healthy(ctx), "answers, namespace "+s.engine.namespace,
		"start the Temporal server, or correct TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE")
	found.add("search attributes", s.engine.attributes(ctx), "all are registered",
		"register them: temporal operator search-attribute create --name NAME --type TYPE")
	s.checkWorkers(ctx, &found)
	s.checkKeys(ctx, &found)
	s.checkStore(ctx, &found)
	s.checkCredentials(ctx, &found)
	s.checkPolicy(ctx, &found)
	return found
}

const (
	// pollLimit is how long ago the last poll of a working worker may lie: a
	// long poll lasts a minute.
	pollLimit = 90 * time.Second
	// clockLimit is the difference of clocks that is let pass.
	clockLimit = 5 * time.Second
	// targetWithin is how long the inspection of a target may take: one request
	// for each enterprise application that provisions.
	targetWithin = time.Minute
)

// checkWorkers reads when a worker last asked for work, by Temporal's clock:
// that tells about the workers, and about the clock where it lies ahead of ours.
func (s *service) checkWorkers(ctx context.Context, found *checks) {
	at, err := s.engine.polled(ctx)
	ahead := at.Sub(s.now())
	workers := err
	if err == nil && (at.IsZero() || -ahead > pollLimit) {
		workers = errors.New("no worker has asked for work lately: people are taken in, but nothing is done")
	}
	found.add("workers", workers, "a worker asks for work", "start one: tenure worker")
	switch {
	case workers != nil:
		found.add("clock", nil, "cannot be compared with Temporal's: no worker polls", "")
	case ahead > clockLimit:
		found.add("clock", fmt.Errorf("temporal's clock is at least %s ahead of this machine's", ahead.Round(time.Second)), "",
			"synchronise the clocks of both machines (NTP)")
	default:
		found.add("clock", nil, "agrees with Temporal's, as far as polls tell", "")
	}
}

// checkStore looks at the database: whether it answers, whose schema it has, and
// what it does to an effect that was written when the power fails.
func (s *service) checkStore(ctx context.Context, found *checks) {
	condition, err := s.db.Condition(ctx)
	found.add("store", err, fmt.Sprintf("answers: %s, schema %d", condition.Database, condition.Schema),
		"see that the database runs, and that store in the configuration names it")
	if err != nil {
		return
	}
	var newer error
	if condition.Schema > condition.Known {
		newer = fmt.Errorf("schema %d is newer than this program's, %d", condition.Schema, condition.Known)
	}
	found.add("database schema", newer, "is this program's", "upgrade this process too: another one is newer")
	var problems, remedies []string
	for _, setting := range condition.Settings {
		if !setting.Good {
			problems = append(problems, setting.Name+" is "+setting.Value)
			remedies = append(remedies, setting.Name+": "+setting.Remedy)
		}
	}
	var bad error
	if len(problems) > 0 {
		bad = errors.New(strings.Join(problems, ", "))
	}
	found.add("database settings", bad, "are as they must be", strings.Join(remedies, "; "))
}

func (s *service) checkPolicy(ctx context.Context, found *checks) {
	policy, err := s.policies.Active(ctx)
	if err != nil {
		found.add("policy", err, "", "apply one: tenure policy apply FILE")
		return
	}
	found.add("policy", nil, fmt.Sprintf("version %d, applied %s by %s", policy.Stored.Number,
		policy.Stored.AppliedAt.UTC().Format(time.RFC3339), policy.Stored.Actor), "")
	found.add("secrets", errors.Join(s.secretProblems(policy.Policy)...), "every feed's secret can be read",
		"set the environment variable or the file that the reference names")
	for _, feed := range policy.Feeds {
		status, err := s.feedStatus(ctx, feed)
		detail := "nothing received yet"
		if status.LastSuccess != nil {
			age := time.Duration(*status.AgeSeconds) * time.Second
			detail = fmt.Sprintf("last success %s ago, %d people", age, status.People)
		}
		detail = strings.Join(append([]string{detail}, status.Attention...), "; ")
		if err == nil && status.Held {
			err = errors.New(detail)
		}
		found.add("feed "+feed.Name, err, detail, "see tenure feed status and tenure feed rejects")
	}
	if s.target == nil {
		return
	}
	for _, target := range policy.Targets {
		s.checkTarget(ctx, policy.Policy, target, found)
	}
}
