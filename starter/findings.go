package starter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"

	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/reconcile"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

const (
	// compareWait is how long a caller waits for a comparison that was asked for.
	compareWait = 8 * time.Minute
	// longestIgnore is how far ahead a finding may be ignored: nothing is ignored
	// for good.
	longestIgnore = 366 * 24 * time.Hour
)

// CompareTarget implements [httpapi.Journeys].
func (s *service) CompareTarget(ctx context.Context, name string, decision httpapi.Decision) (httpapi.Comparison, error) {
	if _, err := s.activeTarget(ctx, name); err != nil {
		return httpapi.Comparison{}, err
	}
	s.log.InfoContext(ctx, "comparison asked for", "target", name, "actor", decision.Actor)
	within, cancel := context.WithTimeout(ctx, compareWait)
	defer cancel()
	if err := s.engine.compare(within, name); err != nil {
		return httpapi.Comparison{}, comparisonProblem(err, name)
	}
	done, err := s.db.Comparison(ctx, name)
	if err != nil {
		return httpapi.Comparison{}, fromStore(err, "comparison")
	}
	return comparisonOf(done), nil
}

func comparisonProblem(err error, name string) error {
	var failed *temporal.ApplicationError
	switch {
	case errors.As(err, &failed):
		return httpapi.NewProblem(httpapi.KindUnavailable, err, "target %s could not be compared: %s", name, failed.Message())
	case errors.Is(err, context.DeadlineExceeded):
		return httpapi.NewProblem(httpapi.KindUnavailable, err, "the comparison of %s still runs: read its findings later", name)
	default:
		return httpapi.NewProblem(httpapi.KindUnavailable, err, "target %s could not be compared", name)
	}
}

func (s *service) activeTarget(ctx context.Context, name string) (lifecycle.Target, error) {
	policy, err := s.active(ctx)
	if err != nil {
		return lifecycle.Target{}, err
	}
	target, found := policy.Target(name)
	if found {
		return target, nil
	}
	names := make([]string, 0, len(policy.Targets))
	for _, one := range policy.Targets {
		names = append(names, one.Name)
	}
	problem := httpapi.NewProblem(httpapi.KindNotFound, nil, "the active policy has no target %q", name)
	if near := person.Nearest(name, names); near != "" {
		problem.Detail += fmt.Sprintf("; did you mean %q?", near)
	}
	return target, problem
}

func comparisonOf(done store.Comparison) httpapi.Comparison {
	out := httpapi.Comparison{
		Target: done.Target, At: done.At.UTC(), Accounts: done.Accounts, People: done.People, Unanswered: done.Unanswered, Counts: done.Counts,
	}
	if out.Counts == nil {
		out.Counts = map[string]int{}
	}
	return out
}

// Findings implements [httpapi.Journeys].
func (s *service) Findings(ctx context.Context, name string, all bool) (httpapi.Findings, error) {
	target, err := s.activeTarget(ctx, name)
	if err != nil {
		return httpapi.Findings{}, err
	}
	out := httpapi.Findings{Target: name, Mode: target.Mode, Findings: []httpapi.Finding{}}
	done, err := s.db.Comparison(ctx, name)
	switch {
	case err == nil:
		shown := comparisonOf(done)
		out.Comparison = &shown
	case !errors.Is(err, store.ErrNotFound):
		return out, fromStore(err, "comparison")
	}
	stored, err := s.db.Findings(ctx, name)
	if err != nil {
		return out, fromStore(err, "findings")
	}
	slices.SortStableFunc(stored, func(a, b store.Finding) int {
		return reconcile.Kind(a.Kind).Rank() - reconcile.Kind(b.Kind).Rank()
	})
	for _, finding := range stored {
		if finding.Hidden(s.now()) && !all {
			out.Hidden++
			continue
		}
		out.Findings = append(out.Findings, s.findingOf(finding))
	}
	return out, nil
}

func (s *service) findingOf(f store.Finding) httpapi.Finding {
	out := httpapi.Finding{
		ID: f.ID, Kind: f.Kind, DisplayName: f.DisplayName, ObjectID: f.ObjectID, UserName: f.UserName, Attributes: f.Names,
		Reason: f.Reason, Waits: f.Waits, Protection: f.Protection, Since: f.FirstSeen.UTC(),
	}
	if f.Key != "" {
		id := httpapi.PersonID{Realm: f.Realm, Key: f.Key}
		out.Person, out.Links = &id, s.links(id)
	}
	if d := f.Decided; d.Decision != "" {
		out.Decided = &httpapi.FindingDecided{
			Decision: d.Decision, Until: instant(d.Until), Actor: d.Actor, Reason: d.Reason, At: d.At.UTC(),
		}
	}
	return out
}

// DecideFindings implements [httpapi.Journeys].
func (s *service) DecideFindings(ctx context.Context, name string, choices []httpapi.FindingChoice, decision httpapi.Decision) ([]httpapi.FindingOutcome, error) {
	target, err := s.activeTarget(ctx, name)
	if err != nil {
		return nil, err
	}
	outcomes := make([]httpapi.FindingOutcome, 0, len(choices))
	for _, choice := range choices {
		outcome := httpapi.FindingOutcome{ID: choice.ID, Done: true}
		if outcome.Text, err = s.decideFinding(ctx, target, choice, decision); err != nil {
			problem, refused := errors.AsType[*httpapi.Problem](err)
			if !refused || problem.Kind() == httpapi.KindInternal {
				return outcomes, err
			}
			outcome.Done, outcome.Text = false, problem.Error()
		}
		outcomes = append(outcomes, outcome)
	}
	return outcomes, nil
}

// decideFinding carries out one decision and records it.
func (s *service) decideFinding(ctx context.Context, target lifecycle.Target, choice httpapi.FindingChoice, by httpapi.Decision) (string, error) {
	finding, err := s.db.Finding(ctx, choice.ID)
	if err == nil && (finding.Target != target.Name || !finding.ClosedAt.IsZero()) {
		err = store.ErrNotFound
	}
	if err != nil {
		return "", fromStore(err, fmt.Sprintf("finding %q in %s: it may have been closed by the last comparison", choice.ID, target.Name))
	}
	decided := store.FindingDecision{Decision: choice.Decision, Actor: by.Actor, Reason: by.Reason, At: s.now().UTC()}
	var text string
	switch choice.Decision {
	case httpapi.FindingFix:
		text, err = s.fixFinding(ctx, target, finding, by)
	case httpapi.FindingAdopt:
		text, err = s.adoptFinding(ctx, target, finding, choice.Person, by)
	case httpapi.FindingIgnore:
		decided.Until = choice.Until.UTC()
		text, err = s.ignoreFinding(decided.Until)
	default:
		decided, text = store.FindingDecision{}, "shows again"
	}
	if err != nil {
		return "", err
	}
	if err := s.db.DecideFinding(ctx, finding.ID, decided); err != nil {
		return "", fromStore(err, "finding")
	}
	s.log.InfoContext(ctx, "finding decided", "target", target.Name, "finding", finding.ID, "kind", finding.Kind,
		"decision", choice.Decision, "actor", by.Actor)
	return text, nil
}

// fixFinding asks the journey to look at the account again. What follows is the
// journey's line, through plan, hold and gate.
func (s *service) fixFinding(ctx context.Context, target lifecycle.Target, f store.Finding, by httpapi.Decision) (string, error) {
	if f.Kind == string(reconcile.Unowned) {
		return "", httpapi.NewProblem(httpapi.KindUnprocessable, nil, "nobody claims this account: adopt it for a person, ignore it, or end it in the target")
	}
	if target.Mode != lifecycle.ModeEnforce {
		return "", notEnforced(target)
	}
	answer, err := s.Override(ctx, httpapi.PersonID{Realm: f.Realm, Key: f.Key}, contract.ReEvaluate, contract.Override{
		ID: overrideID(f, httpapi.FindingFix), Actor: by.Actor, Reason: by.Reason, Target: target.Name,
	})
	return answer.Text, err
}

// adoptFinding links an unowned account to a person.
func (s *service) adoptFinding(ctx context.Context, target lifecycle.Target, f store.Finding, who *httpapi.PersonID, by httpapi.Decision) (string, error) {
	if f.Kind != string(reconcile.Unowned) {
		return "", httpapi.NewProblem(httpapi.KindUnprocessable, nil, "only an unowned account is adopted: fix this finding, or ignore it")
	}
	if target.Mode == lifecycle.ModeObserve {
		return "", notEnforced(target)
	}
	id := httpapi.PersonID{Realm: f.Realm, Key: f.Key}
	if who != nil {
		id = canonical(*who)
	}
	if id.Key == "" {
		return "", httpapi.NewProblem(httpapi.KindUnprocessable, nil, "nobody is known whose account this may be: name the person")
	}
	answer, err := s.Override(ctx, id, contract.Link, contract.Override{
		ID: overrideID(f, httpapi.FindingAdopt), Actor: by.Actor, Reason: by.Reason, Target: target.Name, ObjectID: f.ObjectID,
	})
	return answer.Text, err
}

func notEnforced(target lifecycle.Target) error {
	return httpapi.NewProblem(httpapi.KindUnprocessable, nil, "target %s is in mode %s: findings are only reported", target.Name, target.Mode)
}

// overrideID is the same for a decision that is repeated before the next
// comparison, so that it counts once.
func overrideID(f store.Finding, decision string) string {
	return fmt.Sprintf("finding-%s-%s-%d", f.ID, decision, f.LastSeen.Unix())
}

func (s *service) ignoreFinding(until time.Time) (string, error) {
	now := s.now()
	if !until.After(now) || until.Sub(now) > longestIgnore {
		return "", httpapi.NewProblem(httpapi.KindUnprocessable, nil, "until is %s: want an instant that lies ahead, at most a year", until.Format(time.RFC3339))
	}
	return "hidden until " + until.Format(time.RFC3339), nil
}
