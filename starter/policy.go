package starter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tenure/internal/catalog"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/store"
)

// Policy implements [httpapi.Journeys].
func (s *service) Policy(ctx context.Context) (httpapi.PolicyVersion, error) {
	version, err := s.db.ActivePolicy(ctx)
	if err != nil {
		return httpapi.PolicyVersion{}, fromStore(err, "active policy yet: apply one with tenure policy apply FILE")
	}
	out := versionOf(version, version.Number)
	out.Source = string(version.Source)
	return out, nil
}

// PolicyNumbered implements [httpapi.Journeys].
func (s *service) PolicyNumbered(ctx context.Context, number int) (httpapi.PolicyVersion, error) {
	version, err := s.db.Policy(ctx, number)
	if err != nil {
		return httpapi.PolicyVersion{}, fromStore(err, fmt.Sprintf("version %d of the policy", number))
	}
	active, err := s.db.ActivePolicy(ctx)
	if err != nil {
		return httpapi.PolicyVersion{}, fromStore(err, "active policy")
	}
	out := versionOf(version, active.Number)
	out.Source = string(version.Source)
	return out, nil
}

// Policies implements [httpapi.Journeys].
func (s *service) Policies(ctx context.Context) ([]httpapi.PolicyVersion, error) {
	stored, err := s.db.Policies(ctx)
	if err != nil {
		return nil, fromStore(err, "list of policies")
	}
	out := make([]httpapi.PolicyVersion, 0, len(stored))
	for _, version := range stored {
		out = append(out, versionOf(version, stored[0].Number))
	}
	return out, nil
}

func versionOf(version store.PolicyVersion, active int) httpapi.PolicyVersion {
	return httpapi.PolicyVersion{
		Number: version.Number, Hash: version.Hash, AppliedAt: version.AppliedAt.UTC(), Actor: version.Actor,
		Reason: version.Reason, Active: version.Number == active, Activations: version.Activations,
	}
}

// ValidatePolicy implements [httpapi.Journeys].
func (s *service) ValidatePolicy(_ context.Context, source httpapi.PolicySource) (httpapi.PolicyReport, error) {
	document := lifecycle.Source{Name: source.Name, Content: source.Content}
	policy, err := catalog.Load(document)
	if err == nil {
		return httpapi.PolicyReport{
			Valid: true, Hash: lifecycle.Hash(document), Problems: []httpapi.PolicyProblem{}, Warnings: problemsOf(policy.Warnings),
		}, nil
	}
	var problems lifecycle.Problems
	if !errors.As(err, &problems) {
		return httpapi.PolicyReport{}, fmt.Errorf("load policy: %w", err)
	}
	return httpapi.PolicyReport{Problems: problemsOf(problems), Warnings: []httpapi.PolicyProblem{}}, nil
}

func problemsOf(problems lifecycle.Problems) []httpapi.PolicyProblem {
	out := make([]httpapi.PolicyProblem, 0, len(problems))
	for _, problem := range problems {
		out = append(out, httpapi.PolicyProblem(problem))
	}
	return out
}

// ApplyPolicy implements [httpapi.Journeys].
func (s *service) ApplyPolicy(ctx context.Context, source httpapi.PolicySource, expect string, decision httpapi.Decision) (httpapi.PolicyApplied, error) {
	document := lifecycle.Source{Name: source.Name, Content: source.Content}
	policy, err := s.usable(ctx, document)
	if err != nil {
		return httpapi.PolicyApplied{}, err
	}
	before, err := s.db.ActivePolicy(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return httpapi.PolicyApplied{}, fromStore(err, "active policy")
	}
	if err := expected(expect, before, document); err != nil {
		return httpapi.PolicyApplied{}, err
	}
	now := s.now().UTC()
	version := store.PolicyVersion{
		Number: before.Number + 1, Source: source.Content, Hash: lifecycle.Hash(document), Actor: decision.Actor,
		Reason: decision.Reason, AppliedAt: now,
	}
	var activated []string
	version.Activations, activated = activations(before, policy, now)
	saved, created, err := s.db.SavePolicy(ctx, version)
	if err != nil {
		return httpapi.PolicyApplied{}, fromStore(err, "policy")
	}
	out := httpapi.PolicyApplied{
		Version: versionOf(saved, saved.Number), Created: created, Warnings: problemsOf(policy.Warnings),
		Note: "the same policy is active already: nothing changes",
	}
	if created {
		out.Activated, out.Note = activated, "the journeys are being woken and plan again"
		s.log.InfoContext(ctx, "policy applied", "version", saved.Number, "hash", saved.Hash, "actor", saved.Actor)
	}
	s.wakeJourneys() //nolint:contextcheck // the work outlives the request: it has the process's context
	return out, nil
}

// RollbackPolicy implements [httpapi.Journeys].
func (s *service) RollbackPolicy(ctx context.Context, number int, expect string, decision httpapi.Decision) (httpapi.PolicyApplied, error) {
	version, err := s.db.Policy(ctx, number)
	if err != nil {
		return httpapi.PolicyApplied{}, fromStore(err, fmt.Sprintf("version %d of the policy", number))
	}
	decision.Reason = fmt.Sprintf("back to version %d: %s", number, decision.Reason)
	return s.ApplyPolicy(ctx, httpapi.PolicySource{Name: versionName(number), Content: version.Source}, expect, decision)
}

// versionName stands for the file name of a version's document.
func versionName(number int) string { return fmt.Sprintf("version %d", number) }

// expectation is what applying a document must state: which version it was
// compared with, and which document that was.
func expectation(base int, document lifecycle.Source) string {
	const hashShown = 12
	return fmt.Sprintf("%d-%s", base, lifecycle.Hash(document)[:hashShown])
}

// expected refuses a document that nobody has looked at, or that was compared
// with a version which is no longer active.
func expected(expect string, active store.PolicyVersion, document lifecycle.Source) error {
	want := expectation(active.Number, document)
	switch {
	case active.Number == 0 && expect == "", active.Hash == lifecycle.Hash(document), expect == want:
		return nil
	case expect == "":
		return httpapi.NewProblem(httpapi.KindConflict, nil,
			"version %d of the policy is active: look at what this one changes (POST /v1/policy/preview) and state the expect that is printed there", active.Number)
	}
	if base, _, _ := strings.Cut(expect, "-"); base != strconv.Itoa(active.Number) {
		return httpapi.NewProblem(httpapi.KindConflict, nil,
			"it was compared with version %s, and version %d is active: somebody else was first; look at it again", base, active.Number)
	}
	return httpapi.NewProblem(httpapi.KindConflict, nil, "this is another policy than the one that was looked at: look at it again")
}

// activations are those of the version that follows another one.
func activations(before store.PolicyVersion, policy *lifecycle.Policy, now time.Time) (instants map[string]time.Time, activated []string) {
	if before.Number == 0 {
		return nil, nil
	}
	// Of a version that this build can no longer load nothing is unchanged.
	old, _ := catalog.LoadStored(before.Source)
	return lifecycle.Activate(old, before.Activations, policy, now)
}

// usable loads a policy and makes sure of the secrets of its feeds and of its
// task keys.
func (s *service) usable(ctx context.Context, document lifecycle.Source) (*lifecycle.Policy, error) {
	policy, err := catalog.Load(document)
	if err == nil {
		if err := s.checkTriggers(ctx, policy); err != nil {
			return nil, err
		}
		missing := s.secretProblems(policy)
		if len(missing) == 0 {
			return policy, nil
		}
		problem := httpapi.NewProblem(httpapi.KindUnprocessable, errors.Join(missing...), "the policy needs secrets that this starter cannot read")
		for _, one := range missing {
			problem = problem.With(httpapi.ProblemError{Detail: one.Error()})
		}
		return nil, problem
	}
	var problems lifecycle.Problems
	if !errors.As(err, &problems) {
		return nil, fmt.Errorf("load policy: %w", err)
	}
	problem := httpapi.NewProblem(httpapi.KindUnprocessable, nil, "the policy is not valid")
	for _, one := range problems {
		problem = problem.With(httpapi.ProblemError{Detail: one.Message, File: one.File, Line: one.Line, Column: one.Column})
	}
	return nil, problem
}

// checkTriggers refuses a lifecycle workflow whose trigger was once of another
// kind. Its tasks are known by its name, and those of a date and of a change are
// numbered differently: under one name, what is to be done could pass for done.
func (s *service) checkTriggers(ctx context.Context, policy *lifecycle.Policy) error {
	versions, err := s.db.Policies(ctx)
	if err != nil {
		return fromStore(err, "list of policies")
	}
	var wrong []httpapi.ProblemError
	seen := map[string]bool{}
	for _, version := range versions {
		old, err := catalog.LoadStored(version.Source)
		if err != nil {
			continue // it can name no workflow that is known
		}
		for _, workflow := range policy.Workflows {
			i := slices.IndexFunc(old.Workflows, func(w lifecycle.Workflow) bool { return w.Name == workflow.Name })
			if i < 0 || seen[workflow.Name] || triggerKind(old.Workflows[i]) == triggerKind(workflow) {
				continue
			}
			seen[workflow.Name] = true
			wrong = append(wrong, httpapi.ProblemError{Detail: fmt.Sprintf(
				"workflow %q runs on %s, and did on %s in version %d: its tasks are known by its name, so give it another one",
				workflow.Name, triggerKind(workflow), triggerKind(old.Workflows[i]), version.Number)})
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return httpapi.NewProblem(httpapi.KindUnprocessable, nil, "a trigger became one of another kind").With(wrong...)
}

// triggerKind says what a lifecycle workflow runs on.
func triggerKind(workflow lifecycle.Workflow) string {
	switch {
	case workflow.Trigger.Date != nil:
		return "a date"
	case len(workflow.Trigger.Change) > 0:
		return "a change"
	default:
		return "demand"
	}
}
