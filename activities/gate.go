package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// IsBraked reports whether a code is that of a task which a gate or a pause
// stopped before it began.
func IsBraked(code string) bool {
	return code == CodeGated || code == CodeGateRejected || code == CodePaused
}

// admit asks, right before an effect is opened, whether its target is paused
// and whether its budget has room (S15). Nothing is written of a task that is
// refused. A token is the effect's own: a retry takes none, and one that failed
// keeps its token, since its answer may have been lost.
func (j *job) admit(ctx context.Context, task plan.Task, intent store.Effect) error {
	if j.Batch.Target == "" {
		return nil
	}
	effect, err := j.deps.Store.Effect(ctx, intent.Key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return storeError(err)
	}
	if err == nil && effect.Closed() && !j.looksAgain(task, effect) {
		return nil // done already
	}
	_, paused, err := j.deps.Store.Paused(ctx, j.Batch.Target)
	if err != nil {
		return storeError(err)
	}
	if paused {
		return fail(CodePaused, fmt.Sprintf("target %s is paused", j.Batch.Target))
	}
	kind, err := j.budgetOf(ctx, task, intent.Before)
	follows := j.followsLeave(task)
	switch {
	case err != nil:
		return err
	case kind == "" && !follows, (kind == lifecycle.LimitDisable || follows) && j.Terminated:
		return j.admitLoss(ctx, task, intent.Key)
	}
	take := j.takeOf(task, kind, intent.Key)
	take.Follows = follows
	if err := j.take(ctx, take); err != nil {
		return err
	}
	return j.admitLoss(ctx, task, intent.Key)
}

// take asks a budget.
func (j *job) take(ctx context.Context, take store.Take) error {
	verdict, err := j.deps.Store.Take(ctx, take)
	switch {
	case err != nil:
		return storeError(err)
	case verdict.State == store.VerdictFrozen:
		return failForHuman(CodeGated, "gate "+verdict.Gate)
	case verdict.State == store.VerdictRefused:
		return failForHuman(CodeGateRejected, "gate "+verdict.Gate)
	default:
		return nil
	}
}

// notAdmitted is the outcome of a task that must not begin.
func (j *job) notAdmitted(task plan.Task, err error) TaskOutcome {
	outcome := outcomeOf(task.Key, err)
	j.logFailure(task, outcome)
	return outcome
}

// storeError waits for the store: without it nobody can tell whether an effect
// is allowed.
func storeError(err error) error { return failForNow(CodeStore, err.Error()) }

// budgetOf is the kind of limit that a task is about to use up; "" where it
// changes nothing that is limited.
func (j *job) budgetOf(ctx context.Context, task plan.Task, before []byte) (lifecycle.LimitKind, error) {
	kind := plan.LimitOf(task.Verb)
	switch kind {
	case lifecycle.LimitCreate:
		live, err := j.find(ctx)
		switch {
		case asksMatch(err) && j.mayMakeNew(task), err == nil && live == nil:
			if j.rules.SyncedFrom != "" {
				return "", nil // nothing is made there
			}
			return kind, nil
		case err != nil:
			return kind, err
		case task.Enabled && !live.Enabled:
			return kind, nil // by the line's own name, so that the plan knows where it waits
		default:
			return "", nil
		}
	case lifecycle.LimitEnable:
		return j.kindIf(ctx, kind, false)
	case lifecycle.LimitDisable:
		return j.kindIf(ctx, kind, true)
	case lifecycle.LimitDelete:
		if j.account.ID == "" {
			return "", nil
		}
		live, err := accountIfAny(ctx, j.target, j.account.ID)
		if live == nil {
			return "", wrap("read account", err)
		}
		return kind, nil
	case lifecycle.LimitRemoveAll:
		var there accessBefore
		if err := decodeImage(before, &there); err != nil || len(there.Groups)+len(there.Licenses) == 0 {
			return "", err
		}
		return kind, nil
	default:
		return kind, nil
	}
}

// kindIf is the kind where the account is there and enabled, or disabled, as it
// has to be for the task to change that.
func (j *job) kindIf(ctx context.Context, kind lifecycle.LimitKind, enabled bool) (lifecycle.LimitKind, error) {
	live, err := j.find(ctx)
	if err != nil || live == nil || live.Enabled != enabled {
		return "", err
	}
	return kind, nil
}

// followsLeave reports whether a task takes something away because somebody
// leaves and has no budget of its own: a wrong file must not sign sixty people
// out either. What a human runs is not about the file.
func (j *job) followsLeave(task plan.Task) bool {
	workflow, found := j.policy.Workflow(task.Workflow)
	return found && workflow.Category == lifecycle.Leaver && workflow.Trigger.Date != nil && !j.ByHand && plan.LimitOf(task.Verb) == ""
}

// takeOf is what a task asks of its budget.
func (j *job) takeOf(task plan.Task, kind lifecycle.LimitKind, key string) store.Take {
	take := store.Take{
		Budget: budgetIn(j.rules, kind), Key: key, Journey: j.Journey, Line: plan.LineOf(task.Key, task.Verb), Due: task.Due, At: j.Now,
		Reason: j.why(task), ByHand: j.ByHand, Actor: j.Actor,
	}
	if kind == lifecycle.LimitRemoveAll || kind == "" {
		take.Leave = &store.Leave{Budget: budgetIn(j.rules, lifecycle.LimitDisable), Line: plan.LeaveLine(j.rules.Name, task.Stay)}
	}
	return take
}

func budgetIn(target lifecycle.Target, kind lifecycle.LimitKind) store.Budget {
	limit := target.Limit(kind)
	return store.Budget{
		Target: target.Name, Kind: string(kind), Window: limit.Window, Allows: limit.Allowed, Approvals: limit.Approvals,
	}
}

// why says of a line that was not announced by a plan what it hangs on.
func (j *job) why(task plan.Task) string {
	stay := j.stay(task)
	switch {
	case !stay.LastDay.IsZero():
		return "last day " + stay.LastDay.String()
	case !stay.Start.IsZero():
		return "start date " + stay.Start.String()
	default:
		return task.Task
	}
}

// brakes reads what gates and pauses say, where a line of this person waits for
// them.
func (p *Planner) brakes(ctx context.Context, in PlanInput) plan.Brakes {
	waits := false
	for _, parked := range in.Facts.Parked {
		waits = waits || IsBraked(parked.Code)
	}
	if !waits {
		return plan.Brakes{}
	}
	members, err := p.store.Standing(ctx, in.Journey)
	if err == nil {
		var pauses []store.Pause
		if pauses, err = p.store.Pauses(ctx); err == nil {
			return brakesOf(members, pauses)
		}
	}
	p.log.Warn("gates cannot be read", "journey", in.Journey, "error", err)
	return plan.Brakes{}
}

func brakesOf(members []store.GateMember, pauses []store.Pause) plan.Brakes {
	brakes := plan.Brakes{Known: true}
	for _, pause := range pauses {
		brakes.Paused = append(brakes.Paused, pause.Target)
	}
	for _, m := range members {
		if m.State == store.MemberApproved {
			continue
		}
		brakes.Gates = append(brakes.Gates, plan.GateLine{
			Target: m.Target, Kind: lifecycle.LimitKind(m.Kind), Line: m.Line, Rejected: m.State == store.MemberRejected,
		})
	}
	return brakes
}

// settleDemand tells the gate what this person's plan is going to take.
func (p *Planner) settleDemand(ctx context.Context, in PlanInput, budget []plan.BudgetLine) error {
	settlement := store.Settlement{
		Journey: in.Journey, Now: in.Now, InFlight: len(in.Facts.Running) > 0,
		Wanted: make([]store.Wanted, 0, len(budget)), Heard: make(map[string]time.Time, len(in.Facts.Person.Feeds)),
	}
	for _, line := range budget {
		settlement.Wanted = append(settlement.Wanted, store.Wanted{
			Target: line.Target, Kind: string(line.Kind), Line: line.Line, Due: line.Due, Reason: line.Reason, Counts: line.Counts,
		})
	}
	for _, feed := range in.Facts.Person.Feeds {
		settlement.Heard[feed.Feed] = feed.Latest.AsOf
	}
	if err := p.store.SettleDemand(ctx, settlement); err != nil {
		return fmt.Errorf("write demand: %w", err)
	}
	return nil
}
