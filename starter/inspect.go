package starter

import (
	"context"
	"slices"

	"tenure/internal/directory"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
)

// nobody is an employee number that no one has: asking for it reaches the
// target and reads nothing.
const nobody = "tenure-doctor"

// CheckTarget implements [httpapi.Journeys].
func (s *service) CheckTarget(ctx context.Context, name string) (httpapi.TargetCheck, error) {
	rules, err := s.activeTarget(ctx, name)
	if err != nil {
		return httpapi.TargetCheck{}, err
	}
	if s.target == nil {
		return httpapi.TargetCheck{}, httpapi.NewProblem(httpapi.KindUnavailable, nil, "this starter has no connectors: it cannot look at targets")
	}
	policy, err := s.active(ctx)
	if err != nil {
		return httpapi.TargetCheck{}, err
	}
	var found checks
	s.checkTarget(ctx, policy.Policy, rules, &found)
	return httpapi.TargetCheck{Target: name, Kind: rules.Kind, Checks: found}, nil
}

// checkTarget inspects a target for what the policy wants of it (S20).
func (s *service) checkTarget(ctx context.Context, policy *lifecycle.Policy, rules lifecycle.Target, found *checks) {
	within, cancel := context.WithTimeout(ctx, targetWithin)
	defer cancel()
	name := "target " + rules.Name
	findings, err := s.inspect(within, policy, rules)
	found.add(name, err, "answers", "check the credential, its permissions and the network")
	seen := map[string]bool{}
	for _, f := range findings {
		seen[f.Name] = true
		*found = append(*found, judged(name, f, slices.Contains(rules.Acknowledged, f.Name)))
	}
	for _, judgement := range rules.Acknowledged {
		if err == nil && len(findings) > 0 && !seen[judgement] {
			*found = append(*found, httpapi.Check{
				Name: name + ": " + judgement, OK: true, State: httpapi.CheckWarning,
				Detail: "is acknowledged in the policy, and nothing of the name is found", Remedy: "take it out of acknowledge",
			})
		}
	}
}

// inspect asks a target to look at itself; one that cannot is only reached.
func (s *service) inspect(ctx context.Context, policy *lifecycle.Policy, rules lifecycle.Target) ([]directory.Finding, error) {
	target, err := s.target(ctx, policy, rules.Name)
	if err != nil {
		return nil, err
	}
	if target.Inspector == nil {
		_, err := target.AccountsByEmployeeID(ctx, nobody)
		return nil, err
	}
	return target.Inspector.Inspect(ctx, wanted(policy, rules))
}

// judged turns a finding into a check. A conflict, or one that could not be
// ruled out, fails until somebody acknowledges it by name; what could not be
// looked at otherwise does not fail.
func judged(target string, f directory.Finding, acknowledged bool) httpapi.Check {
	check := httpapi.Check{Name: target + ": " + f.Name, OK: true, Detail: f.Detail, Remedy: f.Remedy}
	for _, c := range f.Commands {
		check.Commands = append(check.Commands, httpapi.Command{Tool: c.Tool, Line: c.Line})
	}
	switch {
	case f.State == directory.FindingOK:
		check.State = httpapi.CheckOK
	case f.Conflict && acknowledged:
		check.State, check.Remedy = httpapi.CheckAcknowledged, ""
	case f.Conflict || f.State == directory.FindingFailed:
		check.OK, check.State = false, httpapi.CheckFailed
	case f.State == directory.FindingWarning:
		check.State = httpapi.CheckWarning
	default:
		check.State = httpapi.CheckUnknown
	}
	return check
}
