package starter

import (
	"context"
	"slices"

	"tenure/activities"
	"tenure/internal/access"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/plan"
	"tenure/workflows/contract"
)

// Override implements [httpapi.Journeys]. What the override names is looked for
// in the plan before anything is sent: a typing error must not be in force.
func (s *service) Override(ctx context.Context, id httpapi.PersonID, kind contract.Kind, o contract.Override) (contract.Answer, error) {
	c, err := s.chronicle(ctx, id)
	if err != nil {
		return contract.Answer{}, err
	}
	if c.closed && kind == contract.Erase {
		return s.forget(ctx, c.id)
	}
	if c.closed {
		return contract.Answer{}, httpapi.NewProblem(httpapi.KindGone, nil, "the journey of this person has ended: it takes no more overrides")
	}
	if !c.live {
		return contract.Answer{}, httpapi.NewProblem(httpapi.KindUnavailable, nil, "no worker answers for this journey: nothing was sent")
	}
	if kind == contract.Release && o.HoldKind == "" {
		o.HoldKind = c.onlyHold()
	}
	if err := httpapi.Permit(ctx, httpapi.OverrideRole(kind, o)); err != nil {
		return contract.Answer{}, err
	}
	if err := c.checkOverride(ctx, kind, o); err != nil {
		return contract.Answer{}, err
	}
	if err := httpapi.Permit(ctx, c.lineRole(kind, o.Key)); err != nil {
		return contract.Answer{}, err
	}
	given, err := s.engine.update(ctx, c.id, kind, o)
	if err != nil {
		return contract.Answer{}, err
	}
	s.log.InfoContext(ctx, "override applied", "kind", kind, "realm", c.id.Realm, "person", c.id.Key, "actor", o.Actor, "id", o.ID)
	if kind == contract.Erase {
		return s.awaitErasure(ctx, c.id, given)
	}
	return given, nil
}

// checkOverride refuses names that mean nothing for this person.
func (c *chronicle) checkOverride(ctx context.Context, kind contract.Kind, o contract.Override) error {
	for _, one := range overridesOf(c.view.Facts.Overrides) {
		if o.ID != "" && one.ID == o.ID {
			return nil // a repeated call: what it named may be gone by now
		}
	}
	if o.Workflow != "" {
		return c.checkDemand(ctx, o.Workflow)
	}
	// An account may be let go of where the policy names the target no more.
	if o.Target != "" && kind != contract.Unlink {
		return c.checkTarget(o.Target)
	}
	if o.Key == "" {
		return nil
	}
	var more []string
	switch kind {
	case contract.Approve:
		// Attention is acknowledged by its code or its own key.
		for _, question := range c.questions() {
			more = append(more, question.Code, question.Key)
		}
	case contract.Retry:
		for _, parked := range c.view.Facts.Parked {
			more = append(more, parked.Key)
		}
	default:
	}
	for _, name := range more {
		if name != "" && covers(o.Key, name) {
			return nil
		}
	}
	if kind != contract.Retry {
		return c.checkKey(o.Key)
	}
	if err := c.checkKey(o.Key); err != nil {
		return err
	}
	return httpapi.NewProblem(httpapi.KindUnprocessable, errUnknownKey, "%q is not parked: there is nothing to try again", o.Key)
}

// lineRole is the least role that may run or try again what a key names. Where
// that answers a question, passes a gate, goes past a check that asks for a
// human, or cuts access or deletes before its time, it is that of whoever may
// answer (S19).
func (c *chronicle) lineRole(kind contract.Kind, key string) access.Role {
	if key == "" || kind != contract.RunNow && kind != contract.Retry {
		return access.Operator
	}
	decides := slices.ContainsFunc(c.lines, func(line plan.Line) bool {
		return covers(key, line.Key) && isDecision(kind, key, line)
	})
	decides = decides || slices.ContainsFunc(c.view.Facts.Parked, func(parked plan.Parked) bool {
		return covers(key, parked.Key) && insists(parked.Code)
	})
	if decides {
		return access.Approver
	}
	return access.Operator
}

// isDecision reports whether to run a line, or to try it again, is a decision.
func isDecision(kind contract.Kind, key string, line plan.Line) bool {
	switch {
	case line.Verb == plan.Delete:
		return true
	case lifecycle.TaskKind(line.Verb).IsPass():
		return key == line.Key // the key of its run agrees to nothing (S6)
	case kind == contract.Retry:
		return false
	default:
		return line.State == plan.Asks || line.Verb == plan.Cut ||
			line.Code == plan.AttentionGated || line.Code == plan.AttentionGateRejected
	}
}

// insists reports whether to try a task again that is parked with this code
// goes past what a check found.
func insists(code string) bool {
	return slices.Contains([]string{
		activities.CodeDeleteRefused, activities.CodeLinkDiffers, activities.CodePassRefused, activities.CodeTooMany,
	}, code)
}

// demandRole is the least role that may start a workflow on demand: the least
// one that the policy names, else that of the override.
func demandRole(demand *lifecycle.Demand) access.Role {
	least := access.Operator
	for i, text := range demand.Roles {
		if role, err := access.ParseRole(text); err == nil && (i == 0 || role < least) {
			least = role
		}
	}
	return least
}

// checkTarget refuses a target that the policy does not name: nothing would ever
// be done there.
func (c *chronicle) checkTarget(name string) error {
	names := make([]string, 0, len(c.policy.Targets))
	for _, target := range c.policy.Targets {
		names = append(names, target.Name)
	}
	if slices.Contains(names, name) {
		return nil
	}
	return unknownKey("target", name, names)
}

// onlyHold is the kind of the one hold in force, "" where there is none or more
// than one: then the journey says so.
func (c *chronicle) onlyHold() string {
	if kinds := c.view.Facts.Overrides.HoldKinds(); len(kinds) == 1 {
		return string(kinds[0])
	}
	return ""
}

// checkDemand refuses a workflow that cannot be started on demand.
func (c *chronicle) checkDemand(ctx context.Context, name string) error {
	var names []string
	for _, workflow := range c.policy.Workflows {
		if workflow.Trigger.Demand == nil {
			continue
		}
		if workflow.Name == name {
			return httpapi.Permit(ctx, demandRole(workflow.Trigger.Demand))
		}
		names = append(names, workflow.Name)
	}
	if _, found := c.policy.Workflow(name); found {
		return httpapi.NewProblem(httpapi.KindUnprocessable, errUnknownKey,
			"lifecycle workflow %q is not started on demand; name one of its tasks or runs by key instead", name)
	}
	return unknownKey("on-demand workflow", name, names)
}
