package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tenure/internal/lifecycle"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// Remembered is what a journey knows that the store should, for a store that was
// lost or is older than the journey. It is pure.
func Remembered(in PlanInput, policy *lifecycle.Policy, reason string) store.Restored {
	facts := in.Facts
	out := store.Restored{
		Journey: in.Journey, Witness: store.LedgerHead{Seq: in.LedgerSeq, Hash: in.LedgerHash}, At: in.Now, Reason: reason,
	}
	for _, done := range facts.Done {
		outcome := string(done.Outcome)
		if done.Code != "" {
			outcome += ": " + done.Code
		}
		out.Decided = append(out.Decided, store.AttributeChange{Attribute: done.Key, After: outcome})
	}
	for _, account := range facts.Accounts {
		out.Claims = append(out.Claims, claimsOf(in, account, policy)...)
	}
	for _, feed := range facts.Person.Feeds {
		out.Feeds = append(out.Feeds, store.FeedPerson{Feed: feed.Feed, Key: facts.Key, AsOf: feed.Latest.AsOf})
	}
	for _, key := range facts.Running {
		begun(&out, in, key, policy, true)
	}
	for _, parked := range facts.Parked {
		if !IsBraked(parked.Code) && !slices.Contains(facts.Running, parked.Key) {
			begun(&out, in, parked.Key, policy, !surelyNotSent(parked.Code))
		}
	}
	return out
}

// claimsOf are the account itself and its user name. Names that the person had
// before, or only reserved, are not known any more.
func claimsOf(in PlanInput, account plan.Account, policy *lifecycle.Policy) []store.Claim {
	claim := store.Claim{Target: account.Target, Owner: in.Journey, State: store.ClaimHeld, At: in.Now}
	named := claim
	if account.State == plan.AccountDeleted {
		claim.State, named.State = store.ClaimQuarantined, store.ClaimQuarantined
		if rules, found := policy.Target(account.Target); found && !rules.Names.QuarantineNever {
			named.Until = account.DeletedAt.AddDate(0, 0, rules.Names.Quarantine.Days).Add(rules.Names.Quarantine.Instant)
		}
	}
	var out []store.Claim
	if account.ID != "" {
		claim.Attribute, claim.Value = store.ObjectIDAttribute, account.ID
		out = append(out, claim)
	}
	if account.ID != "" && account.UserName != "" {
		named.Attribute, named.Value = userNameAttribute, account.UserName
		out = append(out, named)
	}
	return out
}

// begun adds a task whose call may have been made: its effect is open, so that
// the next attempt looks first, and a mail may have been sent.
func begun(out *store.Restored, in PlanInput, key string, policy *lifecycle.Policy, maySent bool) {
	parsed, err := plan.ParseKey(key)
	if err != nil {
		return
	}
	target, _ := strings.CutPrefix(parsed.Workflow, plan.AccountWorkflow)
	if target == parsed.Workflow {
		target = ""
	}
	out.Open = append(out.Open, store.Effect{
		Key: in.Journey + "/" + key, Journey: in.Journey, TaskKey: key, Target: target, Kind: parsed.Task, OpenedAt: in.Now,
	})
	if maySent && isMail(policy, parsed) {
		out.Unknown = append(out.Unknown, in.Journey+"/"+key)
	}
}

func isMail(policy *lifecycle.Policy, key plan.Key) bool {
	workflow, _ := policy.Workflow(key.Workflow)
	return slices.ContainsFunc(workflow.Tasks, func(task lifecycle.Task) bool {
		info, known := task.Kind.Info()
		return task.Name == key.Task && known && info.Class == lifecycle.ClassMail
	})
}

// surelyNotSent reports whether a mail that is parked with this code never left.
func surelyNotSent(code string) bool {
	return slices.Contains([]string{
		CodeNoRecipient, CodeMailRejected, CodeMailDenied, CodePolicy, CodeHeld, CodeObserved, CodeNoAccount, CodeInvalid, CodeDenied,
	}, code)
}

// Reindex writes a person's row of the people index, and what the plan wants of
// budgets, as planning does, without a journey that waits for it.
func Reindex(ctx context.Context, p *Planner, in PlanInput) error {
	policy, err := p.policies.Active(ctx)
	if err != nil {
		return fmt.Errorf("reindex: %w", err)
	}
	input := policy.Input(in.Facts, in.Now)
	input.Verified = p.callers.Verified
	result, budget := plan.BuildWithBudget(input)
	if _, err := p.store.UpsertPerson(ctx, indexRow(in, result, policy.Policy)); err != nil {
		return fmt.Errorf("reindex: %w", err)
	}
	if err := p.settleDemand(ctx, in, budget); err != nil {
		return fmt.Errorf("reindex: %w", err)
	}
	return nil
}
