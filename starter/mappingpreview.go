package starter

import (
	"context"
	"errors"
	"strings"

	"tenure/activities"
	"tenure/internal/directory"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/plan"
)

// shownNames is how many candidates of a user name a preview shows.
const shownNames = 5

// MappingPreview implements [httpapi.Journeys].
func (s *service) MappingPreview(ctx context.Context, id httpapi.PersonID, name string) (httpapi.MappingPreview, error) {
	c, err := s.chronicle(ctx, id)
	if err != nil {
		return httpapi.MappingPreview{}, err
	}
	if !c.live {
		return httpapi.MappingPreview{}, httpapi.NewProblem(httpapi.KindUnavailable, nil, "the journey does not answer, so nobody knows what it would write: %s", c.note)
	}
	rules, err := s.onlyTarget(ctx, c.policy.Policy, name)
	if err != nil {
		return httpapi.MappingPreview{}, err
	}
	out := httpapi.MappingPreview{
		PersonID: c.id, Target: rules.Name, Mode: rules.Mode, Now: c.now, PolicyVersion: c.policy.Stored.Number, Rows: []httpapi.MappingRow{},
	}
	want, _ := plan.AccountWanted(c.policy.Input(c.view.Facts, c.now), rules.Name)
	if want.Stay == "" {
		out.Note = "HR states no employment that counts now: nothing would be written"
		return out, nil
	}
	live, err := s.liveAccount(ctx, c, rules)
	if err != nil {
		return httpapi.MappingPreview{}, err
	}
	out.ObjectID = live.ID
	out.Note = previewNote(rules, want, live)
	scope := plan.MappingScope{View: want.View, Zone: want.Zone, Now: c.now, Creating: live.ID == ""}
	for _, row := range plan.MappingRows(&rules, scope) {
		out.Rows = append(out.Rows, mappingRow(row, rules, scope, live))
	}
	return out, nil
}

// onlyTarget is a target of the policy by name; it needs none where there is one
// target.
func (s *service) onlyTarget(ctx context.Context, policy *lifecycle.Policy, name string) (lifecycle.Target, error) {
	switch {
	case name != "":
		return s.activeTarget(ctx, name)
	case len(policy.Targets) == 1:
		return policy.Targets[0], nil
	}
	names := make([]string, 0, len(policy.Targets))
	for _, target := range policy.Targets {
		names = append(names, target.Name)
	}
	return lifecycle.Target{}, httpapi.NewProblem(httpapi.KindInvalid, nil, "the policy has several targets: name one of %s", strings.Join(names, ", "))
}

// liveAccount reads the person's account; the zero account is none.
func (s *service) liveAccount(ctx context.Context, c *chronicle, rules lifecycle.Target) (directory.Account, error) {
	for _, account := range c.view.Facts.Accounts {
		if account.Target != rules.Name || account.ID == "" {
			continue
		}
		within, cancel := context.WithTimeout(ctx, targetWithin)
		defer cancel()
		target, err := s.reach(within, c.policy.Policy, rules.Name)
		if err != nil {
			return directory.Account{}, err
		}
		live, err := target.Account(within, account.ID)
		switch {
		case errors.Is(err, directory.ErrNotFound):
			return directory.Account{}, nil
		case err != nil:
			return directory.Account{}, httpapi.NewProblem(httpapi.KindUnavailable, err, "target %s does not answer", rules.Name)
		default:
			return live, nil
		}
	}
	return directory.Account{}, nil
}

// previewNote says what keeps a difference from being written.
func previewNote(rules lifecycle.Target, want plan.WantedAccount, live directory.Account) string {
	var notes []string
	if rules.Mode == lifecycle.ModeObserve {
		notes = append(notes, "the target is only observed, so nothing is written")
	}
	if !want.Exists {
		notes = append(notes, "by the policy the person has no account now")
	}
	if live.Synced {
		notes = append(notes, "the account is mastered on premises, which refuses most attributes")
	}
	if want.Attributes.LeftOut != "" {
		notes = append(notes, "the expression of "+want.Attributes.LeftOut+" leaves the whole account out of the change")
	}
	return strings.Join(notes, "; ")
}

// mappingRow compares one mapping with what the account holds.
func mappingRow(row plan.MappingRow, rules lifecycle.Target, scope plan.MappingScope, live directory.Account) httpapi.MappingRow {
	out := httpapi.MappingRow{Attribute: row.To, Before: live.Attributes[row.To], Change: httpapi.MappingNone, Why: row.Why}
	switch row.State {
	case plan.MappingWrites:
		if out.After = row.Value; out.After != out.Before {
			out.Change = httpapi.MappingSets
		}
	case plan.MappingClears:
		if out.Before != "" {
			out.Change = httpapi.MappingClear
		}
	case plan.MappingEmpty:
		out.After = out.Before
	case plan.MappingLeftOut, plan.MappingLeavesAll:
		out.After, out.Change = out.Before, httpapi.MappingLeftOut
	case plan.MappingOnce:
		out.Change = httpapi.MappingCreateOnly
		if row.To == directory.UserNameAttribute {
			out.Before = live.UserName
		}
		out.After = out.Before
	case plan.MappingDrawn:
		out.Change = httpapi.MappingDrawn
	case plan.MappingNames:
		out.Change = httpapi.MappingSets
		names := activities.PlainNames(rules, scope)
		out.Candidates = names[:min(len(names), shownNames)]
	case plan.MappingLinks:
		out.Before, out.Change = live.ManagerID, httpapi.MappingLink
	case plan.MappingFailed:
		out.After, out.Change = out.Before, httpapi.MappingFailed
	}
	return out
}
