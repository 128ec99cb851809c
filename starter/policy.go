package starter

import (
	"context"
	"errors"
	"fmt"

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
func (s *service) ApplyPolicy(ctx context.Context, source httpapi.PolicySource, decision httpapi.Decision) (httpapi.PolicyApplied, error) {
	document := lifecycle.Source{Name: source.Name, Content: source.Content}
	policy, err := s.usable(document)
	if err != nil {
		return httpapi.PolicyApplied{}, err
	}
	before, err := s.db.ActivePolicy(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return httpapi.PolicyApplied{}, fromStore(err, "active policy")
	}
	now := s.now().UTC()
	version := store.PolicyVersion{
		Number: before.Number + 1, Source: source.Content, Hash: lifecycle.Hash(document), Actor: decision.Actor,
		Reason: decision.Reason, AppliedAt: now,
	}
	var activated []string
	if before.Number > 0 {
		// Of a version that this build can no longer load nothing is unchanged.
		old, _ := catalog.LoadStored(before.Source)
		version.Activations, activated = lifecycle.Activate(old, before.Activations, policy, now)
	}
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

// usable loads a policy and makes sure of the secrets of its feeds.
func (s *service) usable(document lifecycle.Source) (*lifecycle.Policy, error) {
	policy, err := catalog.Load(document)
	if err == nil {
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
